"""What Beam is told from memory is what it would have found out."""

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import DirectOptions, PipelineOptions, StandardOptions, TypeOptions
from apache_beam.transforms import core, userstate

from corpusforge_pipelines.remembered import arguments_of, specs_of, view_as
from corpusforge_pipelines.work import Work

COUNT = beam.DoFn.StateParam(beam.transforms.userstate.CombiningValueStateSpec("count", sum))
FOUND_BY_BEAM = core.get_function_args_defaults
SPECS_FOUND_BY_BEAM = userstate.get_dofn_specs


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


def test_options_of_each_kind_are_those_of_the_options_asked():
    first, second = PipelineOptions(["--direct_num_workers=3"]), PipelineOptions(["--runner=FnApiRunner"])
    for _ in range(2):
        for options, n_workers, runner in ((first, 3, None), (second, 1, "FnApiRunner")):
            assert view_as(options, DirectOptions).direct_num_workers == n_workers
            assert view_as(options, StandardOptions).runner == runner


def test_no_flags_are_not_those_that_the_process_was_begun_with(monkeypatch):
    monkeypatch.setattr("sys.argv", ["corpusforge", "--direct_num_workers=5"])
    for flags, n_workers in ((None, 5), ([], 1)):
        assert view_as(PipelineOptions(flags), DirectOptions).direct_num_workers == n_workers


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


@pytest.mark.parametrize("dofn", [Stateful(), Other(), core.CallableWrapperDoFn(len), beam.DoFn(), Work(len)])
def test_states_and_timers_are_those_that_beam_finds(dofn):
    for _ in range(2):
        assert specs_of(dofn) == SPECS_FOUND_BY_BEAM(dofn)
        specs_of(dofn)[0].clear()


def test_a_method_of_another_object_is_asked_itself():
    keeps_state, keeps_none = core.CallableWrapperDoFn(Stateful().process), core.CallableWrapperDoFn(len)
    assert specs_of(keeps_none) == (set(), set())
    assert specs_of(keeps_state) == SPECS_FOUND_BY_BEAM(keeps_state) != (set(), set())
