"""A look at all records: which are alike, a draw that is fair, and duplicates of the whole told from a part."""

import json
import random
from collections import Counter

import numpy as np
import pytest

from corpusforge.config import load_config
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import signatures
from corpusforge.document import Document, SourceKind, stable_id
from corpusforge.parts import alike
from corpusforge.parts.planning import plan_parts
from corpusforge.parts.sampling import sample
from corpusforge.parts.tasks import close_sandbox, lent_sandbox
from corpusforge.parts.windows import strata_of
from corpusforge_pipelines.survivors import _Document, count_like
from tests.pipelines.conftest import article, write_config, write_dumps


def looked(tmp_path, **limits):
    write_dumps(tmp_path / "dumps", scale=8)
    config = load_config(str(write_config(tmp_path, tmp_path / "corpus")))
    strata = strata_of(plan_parts(config))
    return strata, alike.look(strata, config, limits.get("seconds", 60.0))


def test_copies_and_near_copies_are_one_group_in_whatever_dump(tmp_path):
    strata, found = looked(tmp_path)
    assert sum(stratum.records for stratum in strata) == len(found.group_of) == sum(found.sizes.values())
    sizes = Counter(found.sizes.values())
    assert sizes[4] == 2  # a text and its copy in each of three dumps; another and its near copies
    assert sum(stratum.raw_bytes for stratum in strata) > 0
    assert all(stratum.passes >= 1 for stratum in strata)


def test_of_dumps_that_take_too_long_nothing_is_told(tmp_path, monkeypatch):
    strata, found = looked(tmp_path, seconds=0.0)
    assert found is None and not any(stratum.records or stratum.is_drawn for stratum in strata)
    monkeypatch.setattr(alike, "LOOKED_BYTES", 10)
    assert looked(tmp_path)[1] is None


def test_rows_without_a_word_are_like_nothing():
    made = signatures(["", "", "one two three four five six"] * 2, SignatureConfig(permutations=32))
    assert Counter(alike.grouped(made, 24).tolist()).most_common(1) == [(2, 2)]
    assert alike.grouped(made, 24, [(0, 1)]).tolist()[:2] == [0, 0]


def test_a_draw_holds_so_many_bytes_and_prefers_nobody():
    records = [record(number) for number in range(2000)]
    draw = alike._Draw(200 * alike.weight_of(records[0]))
    for one in records:
        draw.add(one)
    held = draw.records()
    assert 90 <= len(held) <= 200 and draw.all_weight == sum(map(alike.weight_of, records))
    places = sorted(int(one.locator) for one in held)
    assert places[len(places) // 2] == pytest.approx(1000, abs=250)
    again = alike._Draw(200 * alike.weight_of(records[0]))
    for one in reversed(records):
        again.add(one)
    first = min(len(held), len(again.records()))
    assert again.records()[:first] == held[:first]


def record(number):
    name = str(number)
    return Document(
        doc_id=stable_id(SourceKind.JSONL, name), source="s", source_kind=SourceKind.JSONL, locator=name,
        text="A text of some words.",
    )  # fmt: skip


@pytest.mark.parametrize("share", [0.5, 0.2, 0.1])
@pytest.mark.parametrize("are_duplicates", [True, False])
def test_how_many_of_the_whole_stay_is_told_from_a_few(share, are_duplicates):
    """Dumps that hold the same files in one order, sampled alike; dedup removes what is alike, or does not."""
    rng = random.Random(5)
    groups = [number for number in range(3000) for _ in range(1 + (number % 5 == 0) * 2)]
    sizes = Counter(groups)
    held = []
    for stratum in range(2):  # the same windows of both: drawn together
        for place, group in enumerate(groups[stratum::2]):
            window = place // 30
            if random.Random(window).random() < share:
                name = f"{group}" if are_duplicates else f"{group}/{stratum}/{place}"
                held.append(_Document(stratum, window, window, name, group, 1, True))
    rng.shuffle(held)
    count_like(held, sizes, [1 / share, 1 / share])
    stay = sum(1 / one.n_like for one in held) / len(held)
    assert stay == pytest.approx(3000 / len(groups) if are_duplicates else 1.0, rel=0.1)


def test_what_only_its_text_shows_to_be_a_duplicate_counts_for_what_it_stands_for():
    two = [_Document(0, 0, 0, "c", 1, 9, True), _Document(1, 0, 0, "c", 2, 9, False)]
    count_like(two, {1: 1, 2: 1}, [1.0, 4.0])
    assert [one.n_like for one in two] == [5.0, 2.0]


def test_groups_do_not_depend_on_how_dumps_are_split(tmp_path):
    text = "".join(json.dumps({"id": str(n), "text": article(f"a{n % 40}")}) + "\n" for n in range(200))
    (tmp_path / "rows.jsonl").write_text(text)
    told = []
    for split in (1 << 30, 20_000):
        config = tmp_path / f"{split}.toml"
        config.write_text(
            f'name = "x"\noutput = "{tmp_path}/o"\n[ingest]\nsplit_bytes = {split}\n'
            f'[[sources]]\nname = "s"\npaths = ["{tmp_path}/rows.jsonl"]\n'
        )
        loaded = load_config(str(config))
        strata = strata_of(plan_parts(loaded))
        found = alike.look(strata, loaded, 60.0)
        told.append((sorted(found.sizes.values()), sum(len(stratum.specs) for stratum in strata)))
    assert told[0][0] == told[1][0] == [5] * 40 and told[1][1] > told[0][1]


def test_values_of_a_signature_that_are_too_few_do_not_join():
    values = np.arange(64, dtype=np.uint32).reshape(2, 32)
    values[1, :20] = values[0, :20]
    assert alike.grouped(values, 24).tolist() == [0, 1] and alike.grouped(values, 20).tolist() == [0, 0]


def test_records_that_were_drawn_stand_for_all_of_a_long_part(tmp_path):
    rows = (json.dumps({"id": str(n), "text": article(f"long-{n}", 80)}) + "\n" for n in range(120))
    (tmp_path / "rows.jsonl").write_text("".join(rows))
    config = tmp_path / "c.toml"
    config.write_text(
        f'name = "x"\noutput = "{tmp_path}/o"\n[[sources]]\nname = "s"\npaths = ["{tmp_path}/rows.jsonl"]\n'
    )
    loaded = load_config(str(config))
    strata = strata_of(plan_parts(loaded))
    (one,) = strata
    found = alike.look(strata, loaded, 60.0)
    assert one.is_drawn and len(found.drawn[0]) == one.records == 120
    with lent_sandbox(loaded.steps()) as sandbox:
        sample(strata, loaded, sandbox, 300.0, found.drawn, lambda strata, left: 0 if left[0] else None)
    close_sandbox()
    assert one.is_all and one.seen_bytes == pytest.approx(one.n_bytes)
    assert sum(each.records for each in one.observations) == 120 >= one.kept > 0
    assert sum(each.documents for each in one.observations) == one.kept
    assert sum(each.raw_bytes for each in one.observations) == one.raw_bytes
    read_bytes = sum(each.cost.read_bytes for each in one.observations)
    assert read_bytes == pytest.approx(one.reading.read_bytes, abs=len(one.observations))
