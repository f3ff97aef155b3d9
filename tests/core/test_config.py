"""A wrong configuration costs one clear line: the file, the key, what was expected, the nearest key."""

import pytest

from corpusforge.config import BuildConfig, ConfigError, load_config
from tests.pipelines.conftest import run_command

GOOD = """
name = "tiny"
output = "corpus"
[[sources]]
name = "ready"
kind = "jsonl"
paths = ["dumps/*.jsonl"]
"""


@pytest.fixture
def written(tmp_path):
    (tmp_path / "dumps").mkdir()
    (tmp_path / "dumps" / "a.jsonl").write_text('{"id": "1", "text": "hello"}\n')

    def write(text):
        path = tmp_path / "c.toml"
        path.write_text(text)
        return str(path)

    return write


CASES = {
    "unknown table": (GOOD + "[labels]\n", r"c\.toml: labels: unknown key; did you mean 'label'\?"),
    "unknown key": (
        GOOD + "[dedup]\nbandz = 3\n",
        r"c\.toml: dedup\.bandz: unknown key; did you mean 'bands'\?",
    ),
    "wrong type": (
        GOOD + '[dedup]\nbands = "many"\n',
        r"c\.toml: dedup\.bands: must be a whole number.*'many'",
    ),
    "out of bounds": (
        GOOD + "[dedup]\nthreshold = 1.5\n",
        r"c\.toml: dedup\.threshold: .*less than or equal to 1",
    ),
    "missing": (GOOD.replace('output = "corpus"', ""), r"c\.toml: output: missing"),
    "wrong kind": (GOOD.replace('"jsonl"', '"json"'), r"c\.toml: sources\.0\.kind: .*'jsonl'"),
    "no such path": (GOOD.replace("dumps/", "dump/"), r"c\.toml: sources\.ready\.paths: nothing at 'dump/"),
    "same name twice": (GOOD + GOOD[GOOD.index("[[") :], r"c\.toml: sources: two sources are named 'ready'"),
    "bands do not fit": (GOOD + "[dedup]\nbands = 20\n", r"c\.toml: .*dedup\.bands x dedup\.rows = 160"),
    "not TOML": (GOOD + "[dedup\n", r"c\.toml: not valid TOML: .*line 8"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fault_is_one_line_that_says_what_to_do(written, case):
    text, pattern = CASES[case]
    with pytest.raises(ConfigError, match=pattern) as caught:
        load_config(written(text))
    assert len(str(caught.value).splitlines()) == 1


def test_every_fault_gets_its_line(written):
    with pytest.raises(ConfigError) as caught:
        load_config(written(GOOD + "[dedup]\nbandz = 3\nrowz = 4\n[sandbox]\nmemory = 1\n"))
    assert len(str(caught.value).splitlines()) == 3


def test_the_command_prints_the_line_and_exits_2(written):
    done = run_command("build", written(GOOD + "[dedup]\nbandz = 3\n"), check=False)
    assert done.returncode == 2
    assert "dedup.bandz: unknown key; did you mean 'bands'?" in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_paths_are_relative_to_the_file_and_leave_no_trace(written, tmp_path, monkeypatch):
    config = load_config(written(GOOD))
    monkeypatch.chdir("/")
    assert config.output == str(tmp_path / "corpus")
    assert config.sources[0].paths == (str(tmp_path / "dumps" / "*.jsonl"),)
    assert str(tmp_path) not in str(config.corpus_settings())


def test_only_what_bears_on_a_part_changes_its_fingerprint(written):
    config = load_config(written(GOOD))

    def changed(**values):
        return BuildConfig.model_validate({**config.model_dump(), **values}).part_fingerprint()

    same = config.part_fingerprint()
    assert changed(output="elsewhere", seed=3, dedup={"bands": 7}, shards={"shard_tokens": 99}) == same
    assert changed(dedup={"signature": {"shingles": {"web": {"length": 3}}}}) != same
    assert changed(sandbox={"deadline_s": 3.0}) != same


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (
            '[shards]\ntokenizer_json = "none.json"',
            r"c\.toml: shards\.tokenizer_json: .*none\.json: no such file$",
        ),
        (
            '[filter]\nblock_lists = ["none.txt"]',
            r"c\.toml: filter\.block_lists: list .*none\.txt: No such file[^(]*$",
        ),
    ],
)
def test_a_file_that_is_missing_is_told_under_the_key_that_names_it(tmp_path, table, says):
    path = tmp_path / "c.toml"
    path.write_text(f'name = "t"\noutput = "o"\n{table}\n[[sources]]\nname = "s"\npaths = ["*"]\n')
    with pytest.raises(ConfigError, match=says):
        load_config(str(path))
