"""Samples of marks, of shared endings and of new syntax, each read as what it is; source kept to the byte."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path

import pytest

from corpusforge.cli import main
from corpusforge.code import CodeConfig, judge_text
from corpusforge.document import DropReason
from corpusforge.domains import Domain

CONFIG = CodeConfig()
SAMPLES = tomllib.loads((Path(__file__).parent / "fresh_samples.toml").read_text("utf-8"))["sample"]
KINDS = sorted({sample["kind"] for sample in SAMPLES})


@pytest.mark.parametrize("kind", KINDS)
def test_each_sample_of_a_kind_is_read_as_what_it_is(kind: str) -> None:
    wrong: list[str] = []
    for sample in SAMPLES:
        if sample["kind"] != kind:
            continue
        verdict = judge_text(sample["text"], sample.get("path"), CONFIG)
        if sample["want"] in ("code", "code?"):
            right = verdict.domain is Domain.CODE
        elif sample["want"] in ("drop", "document"):
            right = verdict.domain is None and (verdict.drop is not None) == (sample["want"] == "drop")
        else:
            right = verdict.domain is not None and verdict.language == sample["want"]
        if not right:
            wrong.append(f"{sample.get('path')}: {verdict.language}, {verdict.reason}")
    assert wrong == []


@pytest.mark.parametrize(
    ("path", "text", "drop"),
    [
        ("coverage/lcov.info", "TN:\nSF:src/a.js\nDA:1,1\nend_of_record\n", DropReason.DATA),
        ("coverage/lcov-report/index.html", "<!doctype html>\n<html><body></body></html>\n", DropReason.MARKUP),
        ("coverage/lcov-report/sorter.js", "var addSorting = (function() { return 1; })();\n" * 5, DropReason.VENDORED),
        ("a.js.map", '{"version":3,"sources":["a.ts"],"mappings":"AAAA"}', DropReason.DATA),
        ("a.js", "const RAW_RUNTIME_STATE =\n'{}';\nfunction f(a) { return a; }\n" * 3, DropReason.VENDORED),
    ],
)  # fmt: skip
def test_what_tools_write_goes_for_what_it_is(path: str, text: str, drop: DropReason) -> None:
    assert judge_text(text, path, CONFIG).drop is drop


SOURCE = (
    '# caf\u0065\u0301\r\nx = \'a\u2028b\u0065\u0301\t\'\r\n\x0c\r\ny = """a  \r\n\r\n\r\n\r\nb\t\r\n"""\r\n'
    "z = 'a\u00a0b\ufeff\u200b'\r\n\r\n\r\ndef f(n):\r\n\treturn n + 1\r\n\r\n\r\nprint(f(x + y + z))  \r\n"
)


def test_extract_prints_a_program_to_the_byte(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(SOURCE.encode())
    with pytest.raises(SystemExit) as ended:
        main(["extract", str(path)])
    assert ended.value.code == 0
    printed = capsysbinary.readouterr().out
    assert printed == SOURCE.encode()
    assert ast.dump(ast.parse(printed)) == ast.dump(ast.parse(SOURCE.encode()))
