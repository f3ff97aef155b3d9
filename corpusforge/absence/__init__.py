"""Proof that documents are in no file of a corpus, nor of its exports.

`query` says which rows are asked for, `shards`, `tables`, `exports` look into files of a kind, `proof` at all
of them, by workers, and sums what was found and what cannot be told.
"""
