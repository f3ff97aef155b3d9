"""WARC files -> JSON lines, filtered and deduplicated: datatrove 0.10.1. Arguments: CRAWL OUT, folders."""

import sys

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.extractors import Trafilatura
from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
from datatrove.pipeline.readers import JsonlReader, WarcReader
from datatrove.pipeline.writers import JsonlWriter

crawl, out = sys.argv[1:]
config = MinhashConfig(num_buckets=14, hashes_per_bucket=8)
stages = [
    [
        WarcReader(crawl, glob_pattern="*.warc.gz"),
        Trafilatura(favour_precision=True),
        GopherRepetitionFilter(exclusion_writer=JsonlWriter(f"{out}/removed/repetition")),
        GopherQualityFilter(exclusion_writer=JsonlWriter(f"{out}/removed/quality")),
        JsonlWriter(f"{out}/filtered"),
    ],
    [JsonlReader(f"{out}/filtered"), MinhashDedupSignature(f"{out}/signatures", config=config)],
    [MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config)],
    [MinhashDedupCluster(f"{out}/buckets", f"{out}/remove", config=config)],
    [
        JsonlReader(f"{out}/filtered"),
        MinhashDedupFilter(f"{out}/remove", exclusion_writer=JsonlWriter(f"{out}/removed/duplicates")),
        JsonlWriter(f"{out}/kept"),
    ],
]
if __name__ == "__main__":
    for number, pipeline in enumerate(stages):
        tasks = config.num_buckets if number == 2 else 1
        LocalPipelineExecutor(pipeline, tasks=tasks, logging_dir=f"{out}/logs/{number}").run()
