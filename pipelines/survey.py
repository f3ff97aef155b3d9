"""survey: what the parts of one split input need of each other, before they are made."""

from __future__ import annotations

import apache_beam as beam

from corpusforge.config import BuildConfig
from corpusforge.parts.plan import Plan
from corpusforge.parts.surveys import join_surveys, ranges_to_survey, survey_one
from corpusforge_pipelines.plan import MissingParts
from corpusforge_pipelines.runs import Run
from corpusforge_pipelines.spread import Spread
from corpusforge_pipelines.work import Work


def add_survey(pipeline: beam.Pipeline, plan: Plan, config: BuildConfig) -> beam.PCollection[int]:
    """Return the number of ranges of each input whose parts need them, once what they tell is written."""
    return (
        pipeline
        | "Parts" >> MissingParts(plan, config)  # (PartSpec, is there: bool)
        | "Split inputs" >> beam.Filter(lambda part: part[0].form and not part[1])  # (PartSpec, False)
        | "By input" >> beam.Map(lambda part: (part[0].name, part[0]))  # (name: str, PartSpec)
        | "Of an input" >> beam.GroupByKey()  # (name: str, [PartSpec])
        | "Ranges" >> beam.ParDo(Work(ranges_to_survey, config))  # Range of an input
        | "Spread ranges" >> Spread()  # Range of an input
        | "Survey" >> beam.ParDo(Work(survey_one, config))  # (folder: str, (number, PartSpec, bytes))
        | "Of all ranges" >> beam.GroupByKey()  # (folder: str, [(number, PartSpec, bytes)])
        | "Join surveys" >> beam.ParDo(Work(join_surveys, config))  # ranges: int
    )


def run_survey(run: Run, plan: Plan, config: BuildConfig) -> bool:
    """Return False on a dry run; else what the parts of split inputs share lies ready for them."""
    return not plan.n_shared or run(lambda pipeline: add_survey(pipeline, plan, config))
