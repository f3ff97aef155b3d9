import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from corpusforge.verdicts import Kind, Stratum, Verdict, append_verdict, latest, read_verdicts

ROW = {
    "doc_id": "7c" * 16,
    "snapshot": "91" * 16,
    "stratum": {"domain": "math", "subset": "scaffold", "language": "en", "source": "forum"},
    "seed": 7,
    "verdict": "wrong_domain",
    "right_domain": "math/generic",
    "reader": "Ä\u202e<b>",
    "time": "2026-01-31T09:30:00Z",
}


def of(**values):
    return Verdict.model_validate_json(json.dumps({**ROW, **values}))


def test_what_was_appended_is_read(tmp_path):
    path = str(tmp_path / "verdicts.jsonl")
    given = [of(), of(verdict="right", right_domain=None, reader="", stratum={}, seed=None)]
    for verdict in given:
        append_verdict(path, verdict)
    assert read_verdicts(path) == (given, [])
    first, second = (json.loads(line) for line in open(path, encoding="ascii"))
    assert first == ROW
    assert second == {
        **{name: ROW[name] for name in ("doc_id", "snapshot", "time")},
        "seed": None,
        "stratum": {},
        "verdict": "right",
    }


def test_a_verdict_knows_when_it_was_given(tmp_path):
    path = str(tmp_path / "verdicts.jsonl")
    append_verdict(
        path, Verdict(doc_id="0" * 32, snapshot="1" * 32, stratum=Stratum(), seed=0, verdict=Kind.RIGHT)
    )
    (read,), _ = read_verdicts(path)
    assert abs(datetime.now(UTC) - read.time) < timedelta(minutes=5)


def test_a_line_that_was_cut_off_costs_no_other(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    append_verdict(str(path), of())
    whole = path.read_bytes()
    path.write_bytes(whole + whole[: len(whole) // 2])
    assert read_verdicts(str(path)) == ([of()], [f"{path}: line 2: cut off: whoever wrote it was stopped"])
    append_verdict(str(path), of(seed=8))
    verdicts, faults = read_verdicts(str(path))
    assert verdicts == [of(), of(seed=8)] and len(faults) == 1 and "line 2" in faults[0]


def test_a_last_line_that_lacks_its_line_feed_only_is_whole(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    path.write_text(json.dumps(ROW))
    append_verdict(str(path), of(seed=8))
    assert read_verdicts(str(path)) == ([of(), of(seed=8)], [])


def test_many_who_append_at_once_lose_nothing(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    program = (
        "import sys\nfrom corpusforge.verdicts import Verdict, append_verdict\n"
        "for n in range(50):\n"
        "    append_verdict(sys.argv[1], Verdict(doc_id='0' * 32, snapshot='1' * 32, stratum={}, seed=n,"
        " verdict='right', reader=sys.argv[2] * 150))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, path, name]) for name in "ABCD"]
    assert [writer.wait(60) for writer in writers] == [0] * 4
    verdicts, faults = read_verdicts(str(path))
    assert not faults
    assert sorted((v.reader[0], v.seed) for v in verdicts) == [
        (name, n) for name in "ABCD" for n in range(50)
    ]


def test_a_full_disk_leaves_nothing_of_a_line(tmp_path, monkeypatch):
    path = tmp_path / "verdicts.jsonl"
    append_verdict(str(path), of())
    whole = path.read_bytes()
    import os

    write = os.write
    monkeypatch.setattr("os.write", lambda handle, data: write(handle, data[:20]))
    with pytest.raises(OSError, match=str(path)):
        append_verdict(str(path), of(seed=8))
    assert path.read_bytes() == whole


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**ROW, "verdict": "good"}, "verdict: 'good': expected 'right', 'wrong_domain' or 'bad_text'"),
        ({**ROW, "doc_id": "7c"}, "doc_id: '7c': expected "),
        ({**ROW, "seed": True}, "seed: 'True': expected "),
        ({**ROW, "seed": -1}, "seed: '-1': expected "),
        ({**ROW, "time": "yesterday"}, "time: 'yesterday': expected "),
        ({**ROW, "readr": "AB"}, "readr: unknown field"),
        ({n: v for n, v in ROW.items() if n != "snapshot"}, "snapshot: missing"),
        ({**ROW, "stratum": {"domain": "sports"}}, "stratum.domain: 'sports': expected 'web', 'code'"),
        ({**ROW, "stratum": {"domain": "web", "subset": "scaffold"}}, "stratum: web has no subset scaffold"),
        ({**ROW, "verdict": "right"}, "right_domain goes with wrong_domain, not with right"),
        ({**ROW, "right_domain": "sports"}, "right_domain: one of web, code, code_nl, math, math/scaffold"),
        ([ROW], "expected "),
        ("\ud800", "no JSON"),
        (7, "expected "),
    ],
)
def test_a_bad_row_is_one_line_that_says_which_and_why(tmp_path, row, said):
    path = tmp_path / "verdicts.jsonl"
    path.write_text(f"{json.dumps(ROW)}\n{json.dumps(row)}\n\n{json.dumps(ROW)}\n")
    verdicts, (fault,) = read_verdicts(str(path))
    assert verdicts == [of(), of()]
    assert fault.startswith(f"{path}: line 2: ") and said in fault and "\n" not in fault


def test_bytes_that_are_no_text_are_one_bad_row(tmp_path):
    path = tmp_path / "verdicts.jsonl"
    path.write_bytes(b"\xff\x00\xfe\n" + json.dumps(ROW).encode() + b"\n")
    verdicts, (fault,) = read_verdicts(str(path))
    assert verdicts == [of()] and "line 1: no JSON" in fault


def test_what_a_reader_says_later_replaces_what_they_said(tmp_path):
    early, late = "2026-01-31T09:30:00Z", "2026-01-31T11:00:00+01:00"
    first, other = of(verdict="bad_text", right_domain=None, time=early), of(reader="B", time=early)
    last = of(verdict="right", right_domain=None, time=late)
    assert latest([last, other, first]) == [other, last]  # files of two readers, in any order
    same_second = of(verdict="right", right_domain=None, time=early)
    assert latest([first, same_second]) == [same_second]
    assert len(latest([first, of(snapshot="0" * 32)])) == 2
