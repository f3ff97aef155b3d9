"""What Beam is told from memory is what it would have found out."""

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions, StandardOptions, TypeOptions
from apache_beam.transforms import core

from corpusforge_pipelines.remembered import arguments_of, view_as
from corpusforge_pipelines.work import Work

COUNT = beam.DoFn.StateParam(beam.transforms.userstate.CombiningValueStateSpec("count", sum))
FOUND_BY_BEAM = core.get_function_args_defaults


class Stateful(beam.DoFn):
    def process(self, element, seen=COUNT, *others, only=1):
        yield element


class Other(Stateful):
    def process(self, element, mark=beam.DoFn.TimestampParam):
        yield element


@pytest.mark.parametrize("dofn", [Stateful(), Other(), core.CallableWrapperDoFn(len), beam.DoFn(), Work(len)])
def test_arguments_are_those_that_beam_finds(dofn):
    methods = [getattr(dofn, name) for name in dir(dofn) if callable(getattr(dofn, name))]
    for method in methods:
        for _ in range(2):
            try:
                expected = FOUND_BY_BEAM(method)
            except (TypeError, ValueError):
                continue
            assert arguments_of(method) == expected


def test_what_is_done_to_an_answer_stays_with_who_asked():
    names, _ = arguments_of(Stateful().process)
    names.clear()
    assert arguments_of(Stateful().process)[0] == ["element", "seen"]


def test_options_for_types_are_those_of_the_options_asked():
    first, second = PipelineOptions(["--no_pipeline_type_check"]), PipelineOptions([])
    for _ in range(2):
        for options, is_checked in ((first, False), (second, True)):
            assert view_as(options, TypeOptions).pipeline_type_check is is_checked
            assert view_as(options, TypeOptions).pipeline_type_check is is_checked
    assert isinstance(view_as(first, StandardOptions), StandardOptions)


def test_what_is_set_in_one_view_is_seen_in_the_next():
    options = PipelineOptions([])
    view_as(options, TypeOptions).runtime_type_check = True
    assert view_as(options, TypeOptions).runtime_type_check
    assert options.view_as(TypeOptions).runtime_type_check
    options.view_as(TypeOptions).runtime_type_check = False
    assert not view_as(options, TypeOptions).runtime_type_check
