"""WARC files -> JSON lines, filtered: NeMo Curator 1.4.0. Arguments: CRAWL OUT, folders."""

import sys

from nemo_curator.backends.xenna import XennaExecutor
from nemo_curator.core.client import RayClient
from nemo_curator.pipeline import Pipeline
from nemo_curator.stages.file_partitioning import FilePartitioningStage
from nemo_curator.stages.text.download.base.iterator import DocumentIterateExtractStage
from nemo_curator.stages.text.download.common_crawl.extract import CommonCrawlHTMLExtractor
from nemo_curator.stages.text.download.common_crawl.warc_iterator import CommonCrawlWarcIterator
from nemo_curator.stages.text.filters import ScoreFilter
from nemo_curator.stages.text.filters.heuristic import MeanWordLengthFilter, WordCountFilter
from nemo_curator.stages.text.io.writer import JsonlWriter

crawl, out = sys.argv[1:]
if __name__ == "__main__":
    client = RayClient(num_cpus=2)
    client.start()
    pipeline = Pipeline(
        name="crawl",
        stages=[
            FilePartitioningStage(crawl, files_per_partition=1, file_extensions=[".gz"]),
            DocumentIterateExtractStage(CommonCrawlWarcIterator(), CommonCrawlHTMLExtractor("resiliparse")),
            ScoreFilter(WordCountFilter(min_words=50)),
            ScoreFilter(MeanWordLengthFilter()),
            JsonlWriter(f"{out}/kept"),
        ],
    )
    pipeline.run(XennaExecutor({"execution_mode": "batch"}))  # streaming wants a CPU for each stage
    client.stop()
