"""Making parts in one process: by several threads at a time, and again after a fault."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from corpusforge.config import load_config
from corpusforge.parts import tasks, writer
from corpusforge.parts.planning import plan_parts
from corpusforge.parts.tasks import close_sandbox, prepare_part
from corpusforge.workers import tried
from tests.pipelines.conftest import write_config


@pytest.fixture(autouse=True)
def no_sandbox_left():
    yield
    close_sandbox()
    assert multiprocessing.active_children() == []


def configuration(tmp_path, name):
    return load_config(str(write_config(tmp_path, tmp_path / name)))


def files_below(folder: Path):
    found = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.parent.name != "costs"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def make_all(config, threads):
    elements = [(spec, False) for spec in plan_parts(config)]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda element: list(prepare_part(config, element)), elements))


def test_threads_of_one_process_make_the_same_parts(tiny, tmp_path):
    one = make_all(configuration(tmp_path, "one"), 1)
    many = make_all(configuration(tmp_path, "many"), 3)
    assert [sums["sources"] for (sums,) in one] == [sums["sources"] for (sums,) in many]
    assert files_below(tmp_path / "one") == files_below(tmp_path / "many")
    waiting = [sandbox for mine in tasks._idle.values() for sandbox in mine]
    assert 1 <= len(waiting) <= 3  # one a thread, not one a part


def test_a_part_made_again_after_a_fault_takes_no_record_of_the_first_try(tiny, tmp_path, monkeypatch):
    whole = configuration(tmp_path, "whole")
    spec = next(spec for spec in plan_parts(whole) if spec.name == "crawl/crawl.warc.gz")
    list(prepare_part(whole, (spec, False)))
    faulty = configuration(tmp_path, "faulty")
    few = faulty.sandbox.model_copy(update={"batch_items": 4})
    faulty = faulty.model_copy(update={"sandbox": few})
    read, faults = writer.records_of, iter([True])

    def read_with_a_fault(*arguments):
        for count, record in enumerate(read(*arguments)):
            if count == 9 and next(faults, False):
                raise OSError(5, "Input/output error", spec.path)
            yield record

    monkeypatch.setattr(writer, "records_of", read_with_a_fault)
    (sums,) = tried(lambda element: prepare_part(faulty, element), (spec, False))
    assert next(faults, None) is None
    assert sums["sources"]["crawl"]["kept"] == 15
    assert files_below(tmp_path / "faulty") == files_below(tmp_path / "whole")


def test_a_sandbox_of_other_steps_is_ended(tiny, tmp_path):
    config = configuration(tmp_path, "corpus")
    spec = plan_parts(config)[0]
    list(prepare_part(config, (spec, False)))
    other = config.model_copy(update={"filter": config.filter.model_copy(update={"min_chars": 1})})
    list(prepare_part(other.model_copy(update={"output": str(tmp_path / "other")}), (spec, False)))
    assert [len(mine) for mine in tasks._idle.values()] == [1]
