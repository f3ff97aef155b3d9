"""Signatures are datasketch's, whatever the script, and alike for like texts."""

import datasketch
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.signature import EMPTY, permutations, signatures

CONFIG = SignatureConfig()
WORDS = [f"word{number}" for number in range(400)]


def document(seed, count=300):
    return " ".join(np.random.RandomState(seed).choice(WORDS, count))


def test_permutations_are_datasketch_s():
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32").permutations
    ours = permutations(128, 1)
    assert np.array_equal(theirs[0], ours[0])
    assert np.array_equal(theirs[1], ours[1])


def test_datasketch_accepts_the_rows_and_agrees_on_similarity():
    left, right = signatures([document(0), document(0)[:1500] + document(1)[:400]], CONFIG)
    theirs = [datasketch.MinHash(num_perm=128, hashvalues=row, scheme="affine32") for row in (left, right)]
    assert theirs[0].jaccard(theirs[1]) == (left == right).mean()


def test_estimate_is_near_the_true_jaccard_of_the_shingles():
    for share in (0.2, 0.5, 0.8):
        a = document(3, 1000).split()
        cut = int(len(a) * share)
        b = a[:cut] + document(4, 1000 - cut).split()
        shingles = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in (a, b)]
        true = len(shingles[0] & shingles[1]) / len(shingles[0] | shingles[1])
        left, right = signatures([" ".join(a), " ".join(b)], SignatureConfig(permutations=512))
        assert abs((left == right).mean() - true) < 0.1


def test_case_and_spacing_do_not_matter_and_words_do():
    a, b, c = signatures(["The  Quick\nbrown fox", "the quick BROWN fox", "the quick brown cat"], CONFIG)
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)


def test_scripts_without_spaces_are_compared_by_character():
    text = "漢字仮名交じり文を書く人は毎日新しい言葉を学びます"
    left, right = signatures([text, text[:-1]], CONFIG)
    assert (left == right).mean() > 0.8


def test_a_text_without_words_has_the_empty_signature():
    assert (signatures(["", "!!! --- ???"], CONFIG) == EMPTY).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=200), max_size=6))
def test_a_document_s_signature_does_not_depend_on_its_batch(texts):
    together = signatures(texts, CONFIG)
    alone = [signatures([text], CONFIG)[0] for text in texts]
    assert together.shape == (len(texts), 128)
    assert all(np.array_equal(a, b) for a, b in zip(together, alone, strict=True))
