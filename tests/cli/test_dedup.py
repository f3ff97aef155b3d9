"""`corpusforge dedup` on anyone's rows: clusters, kept rows, a summary, and clear failures."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from tests.cli.conftest import letter


def rows(n=6):
    """Rows with an exact copy, a re-cased copy and a longer near copy of the first."""
    made = [{"id": f"doc-{i}", "text": letter(i), "extra": {"n": i}} for i in range(n)]
    made.append({"id": "copy", "text": letter(0), "extra": None})
    made.append({"id": "cased", "text": letter(0).upper()})
    made.append({"id": "longer", "text": letter(0) + " And so it was told."})
    return made


def clusters(folder):
    return {row["doc_id"]: (row["cluster_id"], row["keep"]) for row in table(folder).to_pylist()}


def table(folder):
    return pq.read_table(folder / "clusters.parquet")


def test_jsonl_gives_clusters_kept_rows_and_a_summary(corpusforge, jsonl, tmp_path):
    path = jsonl(*rows())
    done = corpusforge("dedup", path, "--output", tmp_path / "out")
    assert done.status == 0, done.err
    assert table(tmp_path / "out").schema.names == ["doc_id", "cluster_id", "keep"]
    found = clusters(tmp_path / "out")
    assert len(found) == 9
    assert {name for name, (_, keep) in found.items() if not keep} == {"doc-0", "copy", "cased"}
    assert {found[name][0] for name in ("doc-0", "copy", "cased", "longer")} == {"longer"}
    assert found["doc-3"] == ("doc-3", True)
    kept = (tmp_path / "out" / "kept" / "rows.jsonl").read_text().splitlines()
    assert kept == [line for line in path.read_text().splitlines() if found[json.loads(line)["id"]][1]]
    assert "rows kept" in done.out
    assert not (tmp_path / "out" / ".work").exists()


def test_the_summary_is_json_where_asked(corpusforge, jsonl, tmp_path):
    done = corpusforge("dedup", jsonl(*rows()), "-o", tmp_path / "out", "--json")
    summary = json.loads(done.out)
    assert summary == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["rows"], summary["kept"], summary["removed"], summary["clusters"]) == (9, 6, 3, 1)
    assert summary["exact"] + summary["near"] == 3
    assert summary["largest"][0]["documents"] == 4


def told(n=0, **of):
    return {"text": letter(n), **of}


ORIGINS = [
    told(0, id="scraped", url="https://mirror2.example.org/a", date="2013-01-01"),
    told(0, id="page", url="https://example.org/a", date="2019-05-06"),
    told(0, id="letter", url="https://example.org/a?utm_source=letter", date="2019-01-06"),
    told(1, id="fork", repo="b/tool", path="tool.py", is_fork=True, stars=9),
    told(1, id="project", repo="a/tool", path="tool.py", is_fork=False, stars=3),
    told(2, id="later", url="https://a.example/x", published_date="2018-01-01", date="2020-01-01"),
    told(2, id="earlier", url="https://b.example/x", published_date="2014-01-01", date="2021-01-01"),
    told(3, id="web", url="https://c.example/x", date="2010-01-01"),
    told(3, id="encyclopedia", url="https://w.example/x", date="2024-01-01", source="wikipedia"),
    told(4, id="odd", url=["no", "address"], date={}, stars="many", repo=[1]),
    told(4, id="plain"),
]
for number, row in enumerate(ORIGINS):  # what is no original is longer
    if row["id"] not in ("page", "project", "earlier", "encyclopedia", "plain"):
        row["text"] += f" And so it was told, {number} times."


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_columns_tell_which_row_is_the_original(corpusforge, jsonl, tmp_path, kind):
    path = jsonl(*ORIGINS)
    if kind == "parquet":
        names = sorted({name for row in ORIGINS for name in row})
        plain = [{**row, "url": None, "stars": None} if row["id"] == "odd" else row for row in ORIGINS]
        plain = [{**row, "repo": None, "date": None} if row["id"] == "odd" else row for row in plain]
        rows = [{name: row.get(name) for name in names} for row in plain]
        path = tmp_path / "rows.parquet"
        pq.write_table(pa.Table.from_pylist(rows), path)
    done = corpusforge("dedup", path, "--output", tmp_path / "out")
    assert done.status == 0, done.err
    stays = {name for name, (_, keep) in clusters(tmp_path / "out").items() if keep}
    assert stays == {"page", "project", "earlier", "encyclopedia", "odd"}


def test_parquet_keeps_its_columns_and_its_schema(corpusforge, tmp_path):
    columns = {
        "key": [str(row["id"]) for row in rows()],
        "body": [row["text"] for row in rows()],
        "n": range(9),
    }
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    arguments = ["--text-field", "body", "--id-field", "key"]
    done = corpusforge("dedup", tmp_path / "in.parquet", "-o", tmp_path / "out", *arguments)
    assert done.status == 0, done.err
    kept = pq.read_table(tmp_path / "out" / "kept" / "in.parquet")
    assert kept.schema == pq.read_table(tmp_path / "in.parquet").schema
    assert kept["n"].to_pylist() == [1, 2, 3, 4, 5, 8]
    assert clusters(tmp_path / "out")["copy"] == ("longer", False)


@pytest.mark.parametrize("kind", [pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_text_of_any_type_is_kept_as_it_was(corpusforge, tmp_path, kind):
    texts = pa.array([letter(0), letter(1), letter(0)], kind)
    pq.write_table(pa.table({"id": pa.array(["a", "b", "c"], kind), "text": texts}), tmp_path / "in.parquet")
    done = corpusforge("dedup", tmp_path / "in.parquet", "-o", tmp_path / "out")
    assert done.status == 0, done.err
    kept = pq.read_table(tmp_path / "out" / "kept" / "in.parquet")
    assert kept.schema.types == [kind, kind] and kept["id"].to_pylist() == ["a", "b"]


def test_rows_without_an_id_are_called_by_their_place(corpusforge, jsonl, tmp_path):
    path = jsonl({"text": letter(0)}, {"text": letter(1)}, {"text": letter(0)})
    corpusforge("dedup", path, "-o", tmp_path / "out")
    found = clusters(tmp_path / "out")
    assert found["rows.jsonl#line=3"] == ("rows.jsonl#line=1", False)
    assert found["rows.jsonl#line=2"] == ("rows.jsonl#line=2", True)


def test_folders_compression_and_formats_go_together(corpusforge, tmp_path):
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    with gzip.open(folder / "a.jsonl.gz", "wt") as out:
        out.writelines(json.dumps(row) + "\n" for row in rows())
    pq.write_table(pa.table({"id": ["p"], "text": [letter(0)]}), folder / "deep" / "b.parquet")
    (folder / "notes.txt").write_text("not rows")
    done = corpusforge("dedup", folder, "-o", tmp_path / "out")
    assert done.status == 0, done.err
    with gzip.open(tmp_path / "out" / "kept" / "a.jsonl.gz", "rt") as lines:
        assert len(list(lines)) == 6
    assert pq.read_table(tmp_path / "out" / "kept" / "deep" / "b.parquet").num_rows == 0
    assert clusters(tmp_path / "out")["p"] == ("longer", False)


def test_zstd_and_globs(corpusforge, tmp_path):
    for name in ("a", "b"):
        lines = "".join(json.dumps({**row, "id": f"{name}-{row['id']}"}) + "\n" for row in rows())
        (tmp_path / f"{name}.jsonl.zst").write_bytes(zstandard.compress(lines.encode()))
    (tmp_path / "c.txt").write_text("not asked for")
    done = corpusforge("dedup", f"{tmp_path}/*.zst", "-o", tmp_path / "out")
    assert done.status == 0, done.err
    kept = [zstandard.open(tmp_path / "out" / "kept" / f"{name}.jsonl.zst").read() for name in ("a", "b")]
    assert [len(text.splitlines()) for text in kept] == [6, 0]
    assert len(clusters(tmp_path / "out")) == 18


def test_ids_of_any_kind_are_those_of_the_clusters(corpusforge, jsonl, tmp_path):
    ids = ["naïve 漢字", "", 12, "a\nb", "x" * 300]
    path = jsonl(*({"id": row_id, "text": letter(0)} for row_id in ids), {"id": "alone", "text": letter(1)})
    assert corpusforge("dedup", path, "-o", tmp_path / "out").status == 0
    found = table(tmp_path / "out").to_pydict()
    assert found["doc_id"] == [*map(str, ids), "alone"]
    assert len(set(found["cluster_id"][:5])) == 1 and found["cluster_id"][0] in found["doc_id"]
    assert sum(found["keep"]) == 2


def test_stdin_and_a_second_run_into_the_same_folder(corpusforge, jsonl, tmp_path):
    body = jsonl(*rows()).read_bytes()
    for _ in range(2):
        assert corpusforge("dedup", "-", "-o", tmp_path / "out", stdin=body).status == 0
    assert len((tmp_path / "out" / "kept" / "stdin.jsonl").read_text().splitlines()) == 6


def test_an_id_given_twice_does_not_make_two_texts_one(corpusforge, jsonl, tmp_path):
    path = jsonl({"id": 7, "text": letter(0)}, {"id": 7, "text": letter(1)})
    corpusforge("dedup", path, "-o", tmp_path / "out")
    assert table(tmp_path / "out")["keep"].to_pylist() == [True, True]


def test_the_order_of_rows_changes_no_decision(corpusforge, jsonl, tmp_path):
    made = [{"id": n, "text": f"{letter(n % 5)} {letter(n % 3)} tail {n % 4}"} for n in range(60)]
    results = []
    for shuffle in range(5):
        order = np.random.RandomState(shuffle).permutation(len(made))
        path = jsonl(*(made[place] for place in order), name=f"{shuffle}.jsonl")
        corpusforge("dedup", path, "-o", tmp_path / str(shuffle))
        results.append(clusters(tmp_path / str(shuffle)))
    assert any(not keep for _, keep in results[0].values())
    assert all(result == results[0] for result in results)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "bad.jsonl, line 2: not JSON"),
        ("[1]", "bad.jsonl, line 2: expected a JSON object, got list"),
        ('{"id": 1}', "bad.jsonl, line 2: no field 'text'"),
        ('{"text": 5}', "bad.jsonl, line 2: field 'text': expected text, got int"),
    ],
)
def test_a_bad_row_is_named_and_may_be_left_out(corpusforge, jsonl, tmp_path, line, said):
    path = jsonl({"id": "a", "text": letter(0)}, line, {"id": "b", "text": letter(0)}, name="bad.jsonl")
    done = corpusforge("dedup", path, "-o", tmp_path / "out")
    assert done.status == 1
    assert said in done.err
    assert "--skip-bad-rows" in done.err
    assert not (tmp_path / "out" / "clusters.parquet").exists()
    done = corpusforge("dedup", path, "-o", tmp_path / "out", "--skip-bad-rows")
    assert done.status == 0
    assert said in done.err
    assert clusters(tmp_path / "out") == {"a": ("a", True), "b": ("a", False)}
    assert len((tmp_path / "out" / "kept" / "bad.jsonl").read_text().splitlines()) == 1


def test_wrong_usage_is_told(corpusforge, jsonl, tmp_path):
    path = jsonl(*rows())
    for arguments, said in [
        ([tmp_path / "none.jsonl"], "none.jsonl"),
        ([path, "--bands", "20"], "--rows"),
        ([path, "--bands", "20", "--rows", "20"], "400"),
    ]:
        done = corpusforge("dedup", *arguments, "-o", tmp_path / "out")
        assert done.status == 2
        assert said in done.err
    (tmp_path / "cut.parquet").write_bytes(b"PAR1" + b"x" * 50)
    done = corpusforge("dedup", tmp_path / "cut.parquet", "-o", tmp_path / "out")
    assert done.status == 1
    assert "damaged" in done.err


def test_no_rows_are_no_failure(corpusforge, tmp_path):
    (tmp_path / "empty.jsonl").write_text("")
    done = corpusforge("dedup", tmp_path / "empty.jsonl", "-o", tmp_path / "out")
    assert done.status == 0, done.err
    assert table(tmp_path / "out").num_rows == 0


def test_true_similarity_and_other_settings(corpusforge, jsonl, tmp_path):
    for options in (
        ["--check", "jaccard"],
        ["--threshold", "0.5"],
        ["--method", "exact"],
        ["--unit", "tokens"],
    ):
        done = corpusforge("dedup", jsonl(*rows()), "-o", tmp_path / "out", *options)
        assert done.status == 0, done.err
        keep = {name for name, (_, stays) in clusters(tmp_path / "out").items() if stays}
        assert ("longer" in keep) and ("copy" not in keep)


FOOTER = "Subscribe to our newsletter and never miss another letter from the harbour."


def footed(n=5):
    """Letters with one last line, and a row that is nothing else."""
    return [{"id": f"doc-{i}", "text": f"{letter(i)}\n{FOOTER}", "n": i} for i in range(n)]


def test_a_line_of_many_rows_is_cut_from_all_but_one(corpusforge, jsonl, tmp_path):
    made = [*footed(), {"id": "only", "text": FOOTER}]
    path = jsonl(*made)
    done = corpusforge("dedup", path, "-o", tmp_path / "out", "--repeats", "lines", "--max-documents", 3)
    assert done.status == 0, done.err
    kept = [json.loads(line) for line in (tmp_path / "out" / "kept" / "rows.jsonl").read_text().splitlines()]
    assert [row["id"] for row in kept] == [f"doc-{i}" for i in range(5)]
    longest = max(made, key=lambda row: len(row["text"]))["id"]
    for i, row in enumerate(kept):
        assert row == {"id": f"doc-{i}", "text": letter(i) + f"\n{FOOTER}" * (row["id"] == longest), "n": i}
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert summary["repeats"] == {
        "level": "lines",
        "max_documents": 3,
        "documents_cut": 4,
        "spans": 4,
        "bytes": 4 * len(f"\n{FOOTER}"),
        "documents_gone": 1,
    }
    assert (summary["kept"], summary["removed"]) == (5, 0)
    assert clusters(tmp_path / "out")["only"] == ("only", False)
    assert "Cut 4 lines of more than 3" in done.out


def test_rows_of_parquet_are_cut_and_what_is_no_document_is_passed_over(corpusforge, tmp_path):
    texts = [None, *(row["text"] for row in footed())]
    before = pa.table({"id": [f"p{i}" for i in range(6)], "text": pa.array(texts, pa.large_string())})
    pq.write_table(before, tmp_path / "in.parquet")
    options = ["--repeats", "paragraphs", "--max-documents", 1, "--skip-bad-rows"]
    letters = [f"{letter(i)}\n\n{FOOTER}" for i in range(5)]
    pq.write_table(
        before.set_column(1, "text", pa.array([None, *letters], pa.large_string())), tmp_path / "in.parquet"
    )
    done = corpusforge("dedup", tmp_path / "in.parquet", "-o", tmp_path / "out", *options)
    assert done.status == 0, done.err
    kept = pq.read_table(tmp_path / "out" / "kept" / "in.parquet")
    assert kept.schema == before.schema
    assert sum(FOOTER in text for text in kept.column("text").to_pylist()) == 1
    assert kept.column("id").to_pylist() == [f"p{i}" for i in range(1, 6)]
    assert all(text.startswith(letter(i)[:40]) for i, text in enumerate(kept.column("text").to_pylist()))


def test_without_a_repeat_rows_keep_their_bytes(corpusforge, jsonl, tmp_path):
    path = jsonl(*rows())
    corpusforge("dedup", path, "-o", tmp_path / "plain")
    corpusforge("dedup", path, "-o", tmp_path / "cut", "--repeats", "lines")
    kept = [(tmp_path / name / "kept" / "rows.jsonl").read_bytes() for name in ("plain", "cut")]
    assert kept[0] == kept[1]
