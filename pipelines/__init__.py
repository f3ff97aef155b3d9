"""The Beam pipelines, and the only place that imports apache_beam.

prepare (dumps -> parts), dedup (signatures -> which documents go), shard (parts -> token
shards -> snapshot); build chains them.
"""
