"""Any tokenizer.json makes the tokens of a corpus, and its file and its end-of-document token are pinned."""

import hashlib
import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

tokenizers = pytest.importorskip("tokenizers")

from corpusforge.config import ConfigError, load_config  # noqa: E402
from corpusforge.mixture.plan import make_plan, write_plan  # noqa: E402
from corpusforge.mixture.recipe import parse_recipe  # noqa: E402
from corpusforge.reader import open_plan  # noqa: E402
from corpusforge.shards.config import ShardsConfig  # noqa: E402
from corpusforge.shards.documents import read_rows  # noqa: E402
from corpusforge.shards.format import shard_path, tokenizer_path  # noqa: E402
from corpusforge.shards.snapshot import read_index  # noqa: E402
from corpusforge.shards.tokenizer import PROBE, Tokenizer, ids_sha256  # noqa: E402
from corpusforge.shards.tokenizer_choice import configured_tokenizer, open_tokenizer  # noqa: E402
from corpusforge.shards.verify import verify_snapshot  # noqa: E402
from tests.shards.corpus import build_corpus  # noqa: E402
from tests.shards.train_tokenizer import train  # noqa: E402

TEXTS = ["", "a <|endoftext|> b<|pad|>", PROBE, "let x = 42\n" * 50, "你好 émile 🙂"]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(tmp_path_factory.mktemp("tokenizer") / "tokenizer.json")


def load(path: Path, corpus: Path, **settings: str) -> Tokenizer:
    return configured_tokenizer(ShardsConfig(tokenizer_json=str(path), **settings), str(corpus))


def test_ids_are_the_library_s_and_special_tokens_stay_text(path: Path, tmp_path: Path) -> None:
    tokenizer = load(path, tmp_path)
    library = tokenizers.Tokenizer.from_file(str(path))
    library.no_truncation()
    library.encode_special_tokens = True
    ids, offsets = tokenizer.encode_batch(TEXTS)
    for text, (start, stop) in zip(TEXTS, pairwise(offsets), strict=True):
        found = ids[start:stop].tolist()
        assert found == library.encode(text, add_special_tokens=False).ids
        assert tokenizer.decode(found) == text
    assert not set(ids.tolist()) & {0, 1} and tokenizer.eos_id == 0
    assert len(ids) > 8 * len(TEXTS)  # the file's truncation is not ours


def test_identity_pins_file_probe_and_vocabulary(path: Path, tmp_path: Path) -> None:
    identity = load(path, tmp_path).identity()
    assert identity["file_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert identity["probe_sha256"] == ids_sha256(load(path, tmp_path).encode_batch([PROBE])[0])
    assert identity["special_ids"] == {"<|endoftext|>": 0, "<|pad|>": 1}
    assert str(tmp_path) not in json.dumps(identity)
    other = train(tmp_path / "other.json", vocabulary=300)
    assert load(other, tmp_path).identity()["vocabulary_sha256"] != identity["vocabulary_sha256"]


def test_end_of_document_token_is_named_or_found_or_asked_for(path: Path, tmp_path: Path) -> None:
    assert load(path, tmp_path, eos_token="<|pad|>").eos_id == 1
    with pytest.raises(ValueError, match=r"shards\.eos_token '</s>' is no special token of it: <\|endoftext"):
        load(path, tmp_path, eos_token="</s>")
    strange = train(tmp_path / "strange.json", special=("<|fin|>",))
    with pytest.raises(
        ValueError, match=r"no special token is known to end a document: name one with shards"
    ):
        load(strange, tmp_path)
    assert load(strange, tmp_path, eos_token="<|fin|>").eos_id == 0
    two = train(tmp_path / "two.json", special=("</s>", "<|endoftext|>"))
    with pytest.raises(ValueError, match=r"<\|endoftext\|> and </s> may each end a document"):
        load(two, tmp_path)


def test_a_missing_or_changed_file_is_one_clear_line(path: Path, tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text('{"text": "x"}\n')
    config = tmp_path / "c.toml"
    head = 'name="c"\noutput="out"\n[[sources]]\nname="s"\npaths=["a.jsonl"]\n[shards]\n'
    config.write_text(head + 'tokenizer_json="none.json"\n')
    with pytest.raises(ConfigError, match=r"c\.toml: .*none\.json: no such file"):
        load_config(str(config))
    (tmp_path / "none.json").write_bytes(path.read_bytes())
    loaded = load_config(str(config))  # relative to the configuration, pinned by content
    assert loaded.shards.tokenizer_json_sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert str(tmp_path) not in json.dumps(loaded.corpus_settings())
    config.write_text(head + f'tokenizer_json="none.json"\ntokenizer_json_sha256="{"0" * 64}"\n')
    with pytest.raises(ConfigError, match="not the one that is pinned"):
        load_config(str(config))
    (tmp_path / "none.json").write_text("{}")
    with pytest.raises(ValueError, match=r"none\.json: changed: its sha256 is .*, expected"):
        configured_tokenizer(loaded.shards, str(tmp_path / "corpus"))
    (tmp_path / "none.json").unlink()
    with pytest.raises(ValueError, match=r"shards\.tokenizer_json: .*none\.json: no such file"):
        configured_tokenizer(loaded.shards, str(tmp_path / "corpus"))
    broken = tmp_path / "broken.json"
    broken.write_text("{}")
    with pytest.raises(ValueError, match=r"broken\.json: no tokenizer\.json: ") as error:
        load(broken, tmp_path)
    assert "\n" not in str(error.value)


def test_a_file_whose_text_can_spell_the_end_is_refused(path: Path, tmp_path: Path) -> None:
    value = json.loads(path.read_bytes())
    value["model"] = {
        "type": "WordLevel",
        "vocab": {"<|endoftext|>": 0, "<|pad|>": 1, "?": 2},
        "unk_token": "?",
    }
    value["pre_tokenizer"] = {"type": "WhitespaceSplit"}
    bad = tmp_path / "bad.json"
    bad.write_text(json.dumps(value))
    with pytest.raises(ValueError, match=r"text that spells '<\|endoftext\|>' becomes that token"):
        load(bad, tmp_path)


def test_ids_beyond_31_bits_are_refused(path: Path, tmp_path: Path) -> None:
    value = json.loads(path.read_bytes())
    value["model"] = {"type": "WordLevel", "vocab": {"x": 2**31, "?": 2}, "unk_token": "?"}
    bad = tmp_path / "large.json"
    bad.write_text(json.dumps(value))
    with pytest.raises(ValueError, match=f"has ids up to {2**31}: more than 31 bits"):
        load(bad, tmp_path)


@pytest.fixture(scope="module")
def corpus(path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("small")
    return build_corpus(folder, 200, target_tokens=9000, tokenizer=load(path, folder / "corpus"))


def test_a_small_vocabulary_takes_two_bytes_a_token(corpus: Path) -> None:
    index = read_index(str(corpus))
    assert index.header["dtype"] == "<u2" and verify_snapshot(str(corpus)) == []
    tokenizer = open_tokenizer(str(corpus), index.header["tokenizer"])
    for row in index.rows:
        assert row.bytes == 2 * row.n_tokens
        tokens = np.fromfile(corpus / shard_path(row.domain, row.subset, row.id, "tokens"), "<u2")
        paths = [str(corpus / shard_path(row.domain, row.subset, row.id, kind)) for kind in ("docs", "text")]
        docs, texts = (read_rows(path, range(row.n_docs)) for path in paths)
        for doc, text in zip(docs, texts, strict=True):
            ids = tokens[doc["start"] : doc["start"] + doc["length"]].tolist()
            assert ids[-1] == tokenizer.eos_id and tokenizer.decode(ids[:-1]) == text["text"]


def test_the_reader_hands_out_the_same_kind_of_tokens(corpus: Path) -> None:
    recipe = 'name="r"\nbudget_tokens=6400\nsequence_length=64\nmax_epochs=9\n[weights]\nweb=0.5\nmath=0.5\n'
    for packing in ("concat", "best_fit"):
        toml = recipe.replace("[weights]", f'packing="{packing}"\n[weights]')
        reader = open_plan(
            str(corpus), write_plan(str(corpus), make_plan(str(corpus), parse_recipe(toml, "r")))
        )
        for sample in reader:
            assert sample.tokens.dtype == np.uint32
            ends = {*(np.flatnonzero(sample.tokens[: sample.n_tokens] == 0) + 1).tolist(), sample.n_tokens}
            assert set(sample.cu_seqlens[1:].tolist()) - {64} <= ends


def test_a_corpus_keeps_its_tokenizer_and_misses_it_by_name(corpus: Path) -> None:
    identity = read_index(str(corpus)).header["tokenizer"]
    kept = corpus / tokenizer_path(identity["file_sha256"])
    good = kept.read_bytes()
    kept.write_bytes(good.replace(b"endoftext", b"endoftexx"))
    assert [problem.path for problem in verify_snapshot(str(corpus))] == [str(kept.relative_to(corpus))]
    with pytest.raises(ValueError, match="changed: its sha256 is"):
        open_tokenizer(str(corpus), identity)
    kept.unlink()
    assert [str(problem) for problem in verify_snapshot(str(corpus))] == [
        f"{kept.relative_to(corpus)}: file is missing"
    ]
    with pytest.raises(ValueError, match=r"missing: copy the tokenizer\.json with this sha256 there"):
        open_tokenizer(str(corpus), identity)
    kept.write_bytes(good)
