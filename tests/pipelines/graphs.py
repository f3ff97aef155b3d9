"""Every pipeline of a build over a plan of any size, wired and not run: what a service is sent."""

from dataclasses import replace

import apache_beam as beam
from apache_beam.portability.api import beam_runner_api_pb2 as api

from corpusforge.dedup.sizes import sizes_of
from corpusforge.document import SourceKind
from corpusforge.parts.clustered import ClusterRound
from corpusforge.parts.compared import DEDUP, LEAKAGE, DedupRun
from corpusforge.parts.plan import write_plan
from corpusforge.parts.repeated import RepeatsRun, repeats_folder
from corpusforge.parts.spec import PartSpec, part_id
from corpusforge.parts.waves import waves
from corpusforge.shards.index import Sums
from corpusforge.shards.levels import BUCKET, choose_shape
from corpusforge.shards.spill import Count
from corpusforge.shards.writer import plan_shards
from corpusforge_pipelines.clusters import add_clusters
from corpusforge_pipelines.edges import add_edges
from corpusforge_pipelines.options import make_options
from corpusforge_pipelines.plan import add_plan
from corpusforge_pipelines.prepare import add_prepare
from corpusforge_pipelines.repeats import add_repeats
from corpusforge_pipelines.shard import add_shards, add_spills, shard_work
from corpusforge_pipelines.stars import add_stars
from corpusforge_pipelines.survey import add_survey

DOCUMENTS_EACH, TOKENS_EACH = 30_000, 100_000_000
"""Of one part of the large build."""


def synthetic_specs(config, count):
    """Yield so many parts of the first source, as a plan of WARC files has them; nothing lies behind them."""
    source = config.ordered_sources()[0].name
    for number in range(count):
        name = f"{source}/crawl-data/CC-MAIN-2026-05/segments/{number:09d}/warc/{number:05d}.warc.gz"
        digest = f"{number:032x}"
        yield PartSpec(
            part_id=part_id(name, SourceKind.WARC, digest, (0, None), "", "fingerprint"),
            source=source,
            kind=SourceKind.WARC,
            path=f"gs://commoncrawl/{name}",
            name=name,
            digest=digest,
            size_bytes=1_000_000_000,
            start=0,
            stop=None,
        )


def synthetic_plan(config, count):
    """Return the plan of so many parts, its table written under the corpus."""
    names = [source.name for source in config.ordered_sources()]
    return write_plan(config.output, names, synthetic_specs(config, count))


def synthetic_sums(plan):
    """Return what the spills of such a plan would hold."""
    n = plan.n_parts
    counts = tuple(
        Count(
            source=source.name,
            domain="web",
            subset="all",
            documents=source.count * DOCUMENTS_EACH,
            tokens=source.count * TOKENS_EACH,
            bytes=source.count * TOKENS_EACH * 4,
        )
        for source in plan.sources
        if source.count
    )
    return Sums(
        dtype="<u4", n_spills=n, n_runs=n, n_blocks=n * 64, n_bytes=n * TOKENS_EACH * 8, counts=counts
    )


def wires(config, plan):
    """Return {name: wire} of every pipeline that a build may run."""
    wave = waves(plan, config)[-1]
    sizes = sizes_of(plan.n_parts * DOCUMENTS_EACH, plan.n_parts, config.dedup)
    dedup = DedupRun(config=config, plan=plan, wave=wave, sizes=sizes, kinds=(DEDUP, LEAKAGE))
    one = ClusterRound(run=dedup, kind=DEDUP, step=0, are_stars=True, tasks=2, has_giants=True)
    leaks = replace(one, kind=LEAKAGE)
    repeats = RepeatsRun(config=config, plan=plan, sizes=sizes, folder=repeats_folder(plan, config))
    work, sums = shard_work(plan, config), synthetic_sums(plan)
    shape = choose_shape(sums, plan_shards(sums.by_group(), config.shards.shard_tokens), BUCKET, n_levels=2)
    return {
        "plan": lambda p: add_plan(p, config, f"{config.output}/plan/new"),
        "survey": lambda p: add_survey(p, plan, config),
        "prepare": lambda p: add_prepare(p, plan, config),
        "edges": lambda p: add_edges(p, dedup),
        "stars": lambda p: add_stars(p, wave.folder, 0, 8192, config.dedup.star_rounds),
        "clusters": lambda p: add_clusters(p, one),
        "leakage": lambda p: add_clusters(p, leaks),
        "repeats": lambda p: add_repeats(p, repeats),
        "tokenise": lambda p: add_spills(p, plan, config, work),
        "shard": lambda p: add_shards(p, work, shape, sums),
    }


def graph_of(wire, flags, runner="DataflowRunner"):
    """Return (the graph that a dry run makes, its job or None)."""
    pipeline = beam.Pipeline(options=make_options(runner, flags))
    wire(pipeline)
    if runner != "DataflowRunner":
        return pipeline.to_runner_api(), None
    result = pipeline.run()
    return result.job.proto_pipeline, result.job


def functions_of(graph):
    """Return the pickled functions of our steps."""
    payloads = []
    for transform in graph.components.transforms.values():
        if transform.spec.urn == "beam:transform:pardo:v1":
            payload = api.ParDoPayload.FromString(transform.spec.payload)
            if payload.do_fn.urn == "beam:dofn:pickled_python_info:v1":  # others are Beam's own
                payloads.append(payload.do_fn.payload)
    return payloads
