"""What a part rests on beside its dump is in its identity, and may not change while it is read."""

import ast
from pathlib import Path

import pyarrow.parquet as pq
import pytest

import corpusforge.ingest
from corpusforge.config import load_config
from corpusforge.document import SourceKind
from corpusforge.files import InputChanged, InputGuard
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.opening import opened
from corpusforge.ingest.tables import jsonl
from corpusforge.parts import surveys
from corpusforge.parts.planning import check_unchanged, plan_parts
from corpusforge_pipelines.build import build
from tests.ingest.test_github import bigquery, write_rows
from tests.ingest.test_stackexchange import posts, question
from tests.pipelines.conftest import program


def config_of(folder, kind, *paths, ingest=""):
    listed = ", ".join(f'"{path}"' for path in paths)
    text = f'name = "t"\noutput = "corpus"\n[[sources]]\nname = "s"\nkind = "{kind}"\npaths = [{listed}]\n'
    (folder / "t.toml").write_text(text + ingest)
    return load_config(str(folder / "t.toml"))


def tables(folder, licence="mit"):
    """A dump of BigQuery whose one program is long enough to be kept."""
    folder.mkdir(exist_ok=True)
    bigquery(folder)
    row = {"id": "1" * 40, "size": 900, "content": program(1), "binary": False, "copies": 3}
    write_rows(folder / "contents.parquet", [row])
    licensed(folder, licence)


def licensed(folder, licence):
    write_rows(folder / "licenses.parquet", [{"repo_name": "b/b", "license": licence}])


def contents_part(config):
    return next(spec for spec in plan_parts(config) if spec.name == "s/contents.parquet")


def licences_kept(corpus):
    paths = Path(corpus).glob("shards/*/*/*.docs.parquet")
    return {row["licence"] for path in paths for row in pq.read_table(path).to_pylist()}


def test_a_changed_licence_table_makes_another_part(tmp_path):
    tables(tmp_path / "bq")
    config = config_of(tmp_path, "github", "bq/*.parquet")
    build(config)
    before = contents_part(config)
    assert licences_kept(config.output) == {"MIT"} and before.beside
    licensed(tmp_path / "bq", "apache-2.0")
    after = contents_part(config)
    assert after.part_id != before.part_id and after.digest == before.digest
    build(config)
    kept = pq.read_table(Path(config.output) / "parts" / f"{after.part_id}.documents.parquet")
    assert kept["licence"].to_pylist() == ["Apache-2.0"]


@pytest.mark.parametrize("name", ["files.parquet", "licenses.parquet"])
def test_a_table_that_goes_makes_another_part_and_a_stranger_does_not(tmp_path, name):
    tables(tmp_path / "bq")
    config = config_of(tmp_path, "github", "bq/contents.parquet")
    before = contents_part(config)
    write_rows(tmp_path / "bq" / "stranger.parquet", [{"path": "/a", "content": "b"}])
    assert contents_part(config).part_id == before.part_id
    (tmp_path / "bq" / name).unlink()
    assert contents_part(config).part_id != before.part_id


def test_a_table_that_changes_between_plan_and_end_makes_no_part(tmp_path):
    tables(tmp_path / "bq")
    [spec] = plan_parts(config_of(tmp_path, "github", "bq/contents.parquet"))
    guard = InputGuard(spec.path)
    (tmp_path / "bq" / "licenses.parquet").touch()  # touched is not changed
    check_unchanged(spec, guard, IngestConfig())
    licensed(tmp_path / "bq", "apache-2.0")
    with pytest.raises(InputChanged, match="beside it changed"):
        check_unchanged(spec, guard, IngestConfig())


def test_the_folder_that_tells_a_site_is_part_of_the_part(tmp_path):
    ids = set()
    for folder in ("math.stackexchange.com", "physics.stackexchange.com"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "Posts.xml").write_bytes(posts(question(5)))
        [spec] = plan_parts(config_of(tmp_path, "stackexchange", f"{folder}/Posts.xml"))
        ids.add(spec.part_id)
    assert len(ids) == 2


def test_a_folder_of_files_that_changes_makes_no_part(tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.py").write_text(program(1))
    config = config_of(tmp_path, "github", "tree")
    [spec] = plan_parts(config)
    guard = InputGuard(spec.path)
    check_unchanged(spec, guard, IngestConfig())
    (tmp_path / "tree" / "b.py").write_text(program(2))
    with pytest.raises(InputChanged):
        check_unchanged(spec, guard, IngestConfig())


def test_a_file_written_over_within_a_tick_is_found(tmp_path):
    path = tmp_path / "a.jsonl"
    config = config_of_lines(tmp_path, path, "one")
    for word in ("two", "six", "ten"):
        [spec] = plan_parts(config)
        guard = InputGuard(spec.path)
        path.write_text(f'{{"text": "{word}"}}\n')  # as long as before, at once
        with pytest.raises(InputChanged):
            check_unchanged(spec, guard, IngestConfig())


def config_of_lines(folder, path, word):
    path.write_text(f'{{"text": "{word}"}}\n')
    return config_of(folder, "jsonl", path.name)


def test_a_survey_of_an_input_that_changed_is_not_kept(tmp_path, monkeypatch):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(f'{{"text": "line {n}"}}\n' for n in range(400)))
    config = config_of(tmp_path, "jsonl", "a.jsonl", ingest="[ingest]\nsplit_bytes = 1024\n")
    spec = plan_parts(config)[0]
    [first, *_] = surveys.ranges_to_survey(config, (spec.name, [spec]))
    list(surveys.survey_one(config, first))
    path.write_text(path.read_text().replace("line 7", "line 8"))
    with pytest.raises(InputChanged, match="changed"):
        list(surveys.survey_one(config, first))


def test_a_reader_cannot_open_what_it_did_not_declare(tmp_path, monkeypatch):
    (tmp_path / "a.jsonl").write_text('{"text": "a"}\n')
    (tmp_path / "other").write_text("b")

    def curious(input, *arguments, **options):
        with opened(input.path) as own, opened(str(tmp_path / "other")) as other:
            yield own.read() + other.read()

    monkeypatch.setattr(jsonl, "read_jsonl", curious)
    input = InputFile(str(tmp_path / "a.jsonl"), "s/a.jsonl", "s", SourceKind.JSONL)
    with pytest.raises(RuntimeError, match=r"other is read for s/a\.jsonl and not declared"):
        list(read(input, IngestConfig()))


MAY_TOUCH_STORAGE = {
    "opening.py": {"open_input"},
    "beside.py": {"list_entries"},
    "repositories/bigquery.py": {"list_entries"},  # declares
    "stackexchange/scatter.py": {"open_input", "size_bytes"},  # what it wrote itself
    "detect.py": {"read_range"},  # the end of the dump that is told
    "registry.py": {"list_files", "size_bytes"},  # sizes alone
    "repositories/github.py": {"list_files", "size_bytes"},  # sizes alone
    "repositories/folders.py": {"content_digest", "special_kind"},  # of files of the dump
    "repositories/git/folder.py": {"StorageMissing", "open_input", "read_bytes"},  # the repository's own
    "repositories/git/objects.py": {"StorageMissing", "read_range"},
    "repositories/git/packs.py": {"read_bytes"},
}
HARMLESS = {"base_name", "is_remote", "join", "publishing", "Entry"}


def test_ingest_touches_storage_through_what_checks_it():
    root = Path(corpusforge.ingest.__file__).parent
    for path in sorted(root.rglob("*.py")):
        name = str(path.relative_to(root))
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "") == "corpusforge.files":
                used = {alias.name for alias in node.names} - HARMLESS
                assert used <= MAY_TOUCH_STORAGE.get(name, set()), f"{name} reads past opening.opened: {used}"
