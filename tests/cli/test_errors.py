"""Failures: one clear line that says where and what to do, and the right exit status."""

import json

import pytest

import corpusforge.commands.label as label_command
from corpusforge.commands.errors import explain
from tests.cli.conftest import PROGRAM

CONFIG = 'name = "x"\noutput = "out"\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'


def one_line(result, status):
    assert result.status == status
    assert "Traceback" not in result.err and "Traceback" not in result.out
    lines = result.err.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_unknown_key_names_file_key_and_nearest(corpusforge, tmp_path):
    (tmp_path / "in.jsonl").write_text("{}\n")
    config = tmp_path / "c.toml"
    config.write_text(CONFIG + "[label]\nmath_treshold = 0.5\n")
    line = one_line(corpusforge("build", config), 2)
    assert str(config) in line and "label.math_treshold" in line and "math_threshold" in line


def test_missing_input_names_the_path(corpusforge, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text(CONFIG)
    assert "in.jsonl" in one_line(corpusforge("build", config), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("build", "{missing}.toml"),
        ("label", "{missing}"),
        ("label", "--config", "{missing}.toml", "-"),
        ("extract", "{missing}"),
        ("trace", "{missing}"),
        ("trace", "0" * 32),
        ("trace", "0" * 32, "--corpus", "{missing}"),
        ("inspect", "{missing}"),
        ("verify", "{missing}"),
        ("report", "{missing}"),
        ("mix", "{missing}", "--recipe", "{missing}.toml"),
        ("mix", "--recipe", "{missing}.toml"),
    ],
)
def test_what_is_not_there_is_a_usage_error(corpusforge, tmp_path, arguments):
    given = [word.format(missing=tmp_path / "missing") for word in arguments]
    assert one_line(corpusforge(*given, stdin=b""), 2)


def test_a_fault_of_ours_is_one_line_unless_debug(corpusforge, jsonl, monkeypatch):
    def fail(*_):
        raise KeyError("a bug")

    monkeypatch.setattr(label_command, "label", fail)
    line = one_line(corpusforge("label", jsonl({"text": "x"})), 1)
    assert "KeyError" in line and "--debug" in line
    with pytest.raises(KeyError):
        corpusforge("label", jsonl({"text": "x"}), "--debug")


def test_the_error_of_a_worker_is_its_last_line():
    text = "bundle 3 failed: Traceback (most recent call last):\n  File x, line 1\nOSError: disk full [while running 'Make parts']\n"
    assert str(explain(RuntimeError(text))).startswith("OSError: disk full")


def test_ready_text_is_a_program_only_beyond_doubt(corpusforge, jsonl):
    prose = (
        "Let $R$ be a ring; then $(n + 1) \\cdot x = n \\cdot x + x$ for $x$ in $R$, and $R$ is an algebra.\n"
        * 2
    )
    result = corpusforge("label", jsonl({"text": PROGRAM}, {"text": prose}))
    assert [json.loads(line)["domain"] for line in result.out.splitlines()] == ["code", "math"]
