"""A share of every build's documents is tokenised by a second implementation, and a difference stops it."""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from corpusforge.document import documents_to_batch
from corpusforge.shards import tokenizer as tokenizer_module
from corpusforge.shards.named import PROBE_SHA256, NamedEngine
from corpusforge.shards.oracle import TokensDiffer, check_sample, is_sampled, load_oracle
from corpusforge.shards.spill import write_spill
from corpusforge.shards.tokenizer import Tokenizer
from corpusforge.shards.tokenizer_choice import load_tokenizer
from tests.shards.corpus import make_documents
from tests.shards.test_tokenizer import HARD

DOCUMENTS = make_documents(400, seed=2)


@pytest.mark.parametrize("name", PROBE_SHA256)
def test_every_encoding_equals_its_oracle(name: str) -> None:
    tokenizer = load_tokenizer(name)
    oracle = load_oracle(tokenizer)
    assert oracle is not None
    texts = [*HARD, *(document.text for document in DOCUMENTS)]
    ids, offsets = tokenizer.encode_batch(texts)
    assert [ids[a:b].tolist() for a, b in pairwise(offsets)] == [list(oracle(t)) for t in texts]


def test_the_sample_is_a_share_fixed_by_the_documents_ids() -> None:
    ids = [document.doc_id for document in make_documents(5000)]
    sampled = {doc_id for doc_id in ids if is_sampled(doc_id, 0.1)}
    assert 400 < len(sampled) < 600
    assert sampled < {doc_id for doc_id in ids if is_sampled(doc_id, 0.2)}
    assert not any(is_sampled(doc_id, 0) for doc_id in ids) and all(is_sampled(doc_id, 1) for doc_id in ids)


class _WrongAbout(NamedEngine):
    """Gives another id for the first token of one text."""

    text = b""

    def encode(self, texts: Sequence[bytes]) -> tokenizer_module.Batch:
        ids, offsets = super().encode(texts)
        ids = ids.copy()
        for place, text in enumerate(texts):
            if text == self.text:
                ids[offsets[place]] += np.uint32(1)
        return ids, offsets


def test_a_difference_stops_the_build_and_names_the_document(tmp_path: Path) -> None:
    good = load_tokenizer("cl100k_base")
    assert isinstance(good.engine, NamedEngine)
    engine = _WrongAbout(good.engine.native)
    victim = next(document for document in DOCUMENTS if is_sampled(document.doc_id, 0.05))
    engine.text = victim.text.encode()
    wrong = Tokenizer(name=good.name, eos_id=good.eos_id, max_id=good.max_id, facts=good.facts, engine=engine)
    batches = [documents_to_batch(DOCUMENTS)]
    with pytest.raises(TokensDiffer) as error:
        write_spill(batches, wrong, 7, str(tmp_path), 0, 0.05)
    line = str(error.value)
    assert line.startswith(f"{victim.doc_id} ({victim.locator}): quicktok-v1 ") and "at token 0: [" in line
    assert "\n" not in line and not list(tmp_path.iterdir())
    info = write_spill(batches, good, 7, str(tmp_path), 0, 0.05)
    assert info.n_checked == sum(is_sampled(document.doc_id, 0.05) for document in DOCUMENTS) > 0
    assert write_spill(batches, good, 7, str(tmp_path), 1).n_checked == 0


@pytest.mark.parametrize("name", ["cl100k_base", "qwen3"])
def test_a_difference_of_unicode_versions_is_told_and_stops_nothing(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    tokenizer = load_tokenizer(name)
    oracle = load_oracle(tokenizer)
    assert oracle is not None
    texts = ["plain words", "a letter of Unicode 17 \U00016ea0's end", "more words"]
    found = tokenizer.encode_batch(texts)
    data = [text.encode() for text in texts]
    n_alike = sum(oracle(text) == tokenizer.encode_batch([text])[0].tolist() for text in texts)
    assert check_sample(tokenizer, data, {0: "a", 1: "b", 2: "c"}, found) == n_alike >= 2
    assert (n_alike == 3) != ("1 documents hold characters newer" in caplog.text)


def test_a_fault_beside_new_characters_is_still_a_fault() -> None:
    good = load_tokenizer("cl100k_base")
    assert isinstance(good.engine, NamedEngine)
    text = "words \U00016ea0's end"
    ids, offsets = good.encode_batch([text, "plain"])
    ids = ids.copy()
    ids[offsets[1]] += np.uint32(1)
    with pytest.raises(TokensDiffer):
        check_sample(good, [text.encode(), b"plain"], {0: "a", 1: "b"}, (ids, offsets))
