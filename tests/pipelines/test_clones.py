"""A folder of clones: each repository is one input, named as its origin says, whatever lies beside it."""

import json
import shutil
import tarfile

import pytest

from corpusforge.config import ConfigError, load_config
from corpusforge.ingest import IngestConfig
from corpusforge.ingest.registry import read
from corpusforge.parts.planning import plan_parts
from tests.pipelines.conftest import program
from tests.pipelines.test_plan import config_of, git, write_programs

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="makes its repositories by git")


def write_clone(folder, origin=None):
    write_programs(folder, 1)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    if origin:
        git(folder, "remote", "add", "origin", origin)


@pytest.fixture(scope="module")
def clones(tmp_path_factory):
    """Return a folder with two clones, a bare one, one in a folder of its owner, and an archive."""
    folder = tmp_path_factory.mktemp("of_clones")
    root = folder / "clones"
    write_clone(root / "alpha", "https://example.org/acme/rocket.git")
    write_clone(root / "beta")
    write_clone(root / "owner" / "deep")
    git(folder, "clone", "-q", "--bare", root / "beta", root / "gamma.git")
    git(root / "gamma.git", "remote", "remove", "origin")
    write_programs(folder / "packed", 1)
    with tarfile.open(root / "packed.tar.gz", "w:gz") as archive:
        archive.add(folder / "packed", "packed")
    return folder


ALL = ["alpha", "beta", "gamma.git", "owner/deep", "packed.tar.gz"]
PATHS = {
    "the folder": ("clones", ALL),
    "its name with a slash": ("clones/", ALL),
    "what it holds": ("clones/*", ALL),
    "its folders": ("clones/*/", ALL),
    "the folders of owners": ("clones/owner/*/", ["deep"]),
    "bare ones": ("clones/*.git", ["gamma.git"]),
    "any depth": ("clones/**/deep", ["owner/deep"]),
}


@pytest.mark.parametrize("kind", [None, "github"])
@pytest.mark.parametrize("path", PATHS)
def test_each_repository_of_a_folder_is_one_part(clones, path, kind):
    pattern, names = PATHS[path]
    specs = plan_parts(config_of(clones, (kind, pattern)))
    assert [spec.name for spec in specs] == [f"s0/{name}" for name in names]
    assert {spec.kind.value for spec in specs} == {"github"}


def test_a_repository_of_a_folder_has_its_name_commit_and_date(clones):
    found = {}
    for spec in plan_parts(config_of(clones, (None, "clones"))):
        for document in read(spec.input_file(), IngestConfig()):
            found[spec.name] = (document.repo, document.locator.partition(":")[0], document.date)
    repo, place, date = found["s0/alpha"]
    assert repo == "acme/rocket" and place.startswith("acme/rocket@") and date.startswith("2026-01-01")
    assert len(place.partition("@")[2]) == 40
    assert found["s0/beta"][0] == "beta" and found["s0/gamma.git"][0] == "gamma"
    assert found["s0/owner/deep"][0] == "owner/deep"
    assert all(date for name, (_, _, date) in found.items() if "packed" not in name)


def test_a_plain_folder_beside_clones_is_read_too(clones, tmp_path):
    write_clone(tmp_path / "clones" / "one")
    write_programs(tmp_path / "clones" / "plain", 2)
    by_path = plan_parts(config_of(tmp_path, (None, "clones")))
    assert [spec.name for spec in by_path] == ["s0/one", "s0/plain/tool_0.py", "s0/plain/tool_1.py"]
    assert [s.name for s in plan_parts(config_of(tmp_path, (None, "clones/*")))] == [s.name for s in by_path]
    trees = plan_parts(config_of(tmp_path, ("github", "clones/*")))
    assert [spec.name for spec in trees] == ["s0/one", "s0/plain"]


def test_tables_of_a_cloned_data_set_are_its_files_where_told(tmp_path):
    write_clone(tmp_path / "sets" / "one")
    (tmp_path / "sets" / "one" / "rows.jsonl").write_text(json.dumps({"text": "word " * 50}) + "\n")
    specs = plan_parts(config_of(tmp_path, ("jsonl", "sets/*/*.jsonl"), ("jsonl", "sets")))
    assert [spec.name for spec in specs if spec.name.endswith("jsonl")] == [
        "s0/one/rows.jsonl",
        "s1/one/rows.jsonl",
    ]


@pytest.mark.parametrize(
    "pattern", ["d[1]", "d[1]/a[b].jsonl", "d[1]/*.jsonl", "d[1]/a[b]*", "d[1]/a[[]b].jsonl"]
)
def test_a_bracket_in_a_path_that_exists_is_no_pattern(tmp_path, pattern):
    (tmp_path / "d[1]").mkdir()
    (tmp_path / "d1").mkdir()
    for name in ("d[1]/a[b].jsonl", "d1/ab.jsonl", "d[1]/.hidden"):
        (tmp_path / name).write_text(json.dumps({"text": "word " * 50}) + "\n")
    if pattern == "d[1]/a[b]*":  # a pattern, by its star: nothing is called `ab…` there
        with pytest.raises(ConfigError, match="nothing at 'd\\[1\\]/a\\[b\\]\\*'"):
            config_of(tmp_path, (None, pattern))
        return
    assert [spec.name for spec in plan_parts(config_of(tmp_path, (None, pattern)))] == ["s0/a[b].jsonl"]


def test_a_bracket_is_a_pattern_where_nothing_is_called_so(tmp_path):
    for name in ("a1.jsonl", "a2.jsonl", "a3.jsonl"):
        (tmp_path / name).write_text(json.dumps({"text": "word " * 50}) + "\n")
    assert len(plan_parts(config_of(tmp_path, (None, "a[12].jsonl")))) == 2


@pytest.mark.parametrize("form", ["plain", "github", "clone"])
def test_a_bracket_in_the_name_of_a_tree(tmp_path, form):
    if form == "clone":
        write_clone(tmp_path / "x[1]" / "y[2]")
    else:
        write_programs(tmp_path / "x[1]" / "y[2]", 1)
    kind = "github" if form == "github" else None
    names = [spec.name for spec in plan_parts(config_of(tmp_path, (kind, "x[1]/y[2]"), (kind, "x[1]/*")))]
    assert (
        names
        == {
            "plain": ["s0/tool_0.py", "s1/y[2]/tool_0.py"],
            "github": ["s0/y[2]", "s1/y[2]"],
            "clone": ["s0/y[2]", "s1/y[2]"],
        }[form]
    )


def test_an_output_beside_a_bracket_is_no_overlap(tmp_path):
    (tmp_path / "in[1]").mkdir()
    (tmp_path / "in[1]" / "tool.py").write_text(program("tool"))
    config = tmp_path / "c.toml"
    text = 'name = "x"\noutput = "{}"\n[[sources]]\nname = "s"\npaths = ["in[1]"]\n'
    config.write_text(text.format("in1/out"))
    assert load_config(str(config)).output.endswith("in1/out")
    config.write_text(text.format("in[1]/out"))
    with pytest.raises(ConfigError, match="lies in the source"):
        load_config(str(config))
