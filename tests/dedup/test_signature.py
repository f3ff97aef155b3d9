"""Signatures are datasketch's, whatever the script, and alike for like texts."""

import itertools
import re

import datasketch
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge import unicode
from corpusforge.dedup.config import SignatureConfig
from corpusforge.dedup.normal import normalised_bytes
from corpusforge.dedup.signature import EMPTY, permutations, shingle_sets, signatures
from corpusforge.text import normalised

CONFIG = SignatureConfig()
WORDS = [f"word{number}" for number in range(400)]


def document(seed, count=300):
    return " ".join(np.random.RandomState(seed).choice(WORDS, count))


def test_permutations_are_datasketch_s():
    theirs = datasketch.MinHash(num_perm=128, seed=1, scheme="affine32").permutations
    ours = permutations(128, 1)
    assert np.array_equal(theirs[0], ours[0])
    assert np.array_equal(theirs[1], ours[1])


M, MASK = 0x9E3779B97F4A7C15, 2**64 - 1
UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def words_of(text, *, tokens=False):
    """The words (or tokens) of a normalised text, found without the compiled code."""
    found = []
    for character in normalised(text):
        kind = unicode.category(character)[0]
        if kind in "LNM" or character == "_":
            alone = bool(UNSPACED.match(character))
        elif tokens and kind in "PS":
            alone = True
        else:
            found.append("")
            continue
        if alone:
            found += [character, ""]
        elif found and found[-1]:
            found[-1] += character
        else:
            found.append(character)
    return [word for word in found if word]


def word_hash(word):
    pieces, run = [], b""
    for character in word:
        if ord(character) < 128 and (character.isalnum() or character == "_"):
            run += character.encode()
            if len(run) == 8:
                pieces.append(int.from_bytes(run))
                run = b""
            continue
        pieces += [int.from_bytes(run)] if run else []
        pieces.append((1 << 40) + ord(character))
        run = b""
    pieces += [int.from_bytes(run)] if run else []
    value = 0
    for piece in pieces:
        value = (value ^ piece) * M & MASK
        value ^= value >> 32
    return value


def shingle_hashes(text, length=5, *, tokens=False):
    """The 32-bit hashes that the documentation of `shingles` describes, before datasketch's pre-mix."""
    hashes = [word_hash(word) for word in words_of(text, tokens=tokens)]
    runs = [hashes[i : i + length] for i in range(max(1, len(hashes) - length + 1))] if hashes else []
    for run in runs:
        value = sum(h * pow(M, len(run) - 1 - i, 2**64) for i, h in enumerate(run)) & MASK
        yield (value ^ value >> 32) & 0xFFFFFFFF


SCRIPTS = {
    "english": "The quick brown fox jumps over the lazy dog, and nobody in the harbour minds it at all.",
    "code": "def add_one(value: int) -> int:\n    return value + 1  # one more\n\nprint(add_one(41))\n",
    "chinese": "漢字仮名交じり文を書く人は毎日新しい言葉を学びます。数学は美しい。",
    "thai": "ภาษาไทยไม่มีช่องว่างระหว่างคำ",
    "lao": "ພາສາລາວບໍ່ມີຊ່ອງຫວ່າງ",
    "khmer": "ភាសាខ្មែរមិនមានចន្លោះ",
    "myanmar": "မြန်မာဘာသာစကား",
    "russian": "Быстрая бурая лиса прыгает через ленивую собаку",
    "hindi": "तेज़ भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है",
    "korean": "빠른 갈색 여우가 게으른 개를 뛰어넘는다 그리고 달린다",
    "mixed": "Ｆｕｌｌｗｉｄｔｈ ﬁne ½ cup “quoted” ÉCOLE straße ﷺ naïve… 한국어와 漢字 x₁²",
    "short": "two words",
}


@pytest.mark.parametrize("name", SCRIPTS)
@pytest.mark.parametrize("domain", ["web", "code"])
def test_signatures_are_datasketch_s_bit_for_bit(name, domain):
    text, shape = SCRIPTS[name], CONFIG.shingle(domain)
    theirs = datasketch.MinHash(
        num_perm=128, seed=1, scheme="affine32", hashfunc=lambda data: int.from_bytes(data, "little")
    )
    for value in shingle_hashes(text, shape.length, tokens=shape.unit == "tokens"):
        theirs.update(value.to_bytes(4, "little"))
    assert np.array_equal(theirs.hashvalues, signatures([text], CONFIG, [domain])[0])


def test_datasketch_s_lsh_finds_like_rows():
    base = document(0)
    rows = signatures([base, base + " and a tail", document(1)], CONFIG)
    hashes = [datasketch.MinHash(num_perm=128, hashvalues=row, scheme="affine32") for row in rows]
    index = datasketch.MinHashLSH(threshold=0.75, num_perm=128)
    for number, value in enumerate(hashes):
        index.insert(str(number), value)
    assert sorted(index.query(hashes[0])) == ["0", "1"]


def test_identifiers_and_operators_count_in_code_and_operators_not_in_words():
    left, right = "a = b + c * d - e / f % g", "a = b * c + d / e - f % g"
    assert np.array_equal(*signatures([left, right], CONFIG, ["web", "web"]))
    assert not np.array_equal(*signatures([left, right], CONFIG, ["code", "code"]))
    renamed = left.replace("c", "other")
    assert not np.array_equal(*signatures([left, renamed], CONFIG, ["code", "code"]))


def test_shingle_sets_give_the_true_similarity():
    a = document(3, 1000).split()
    b = a[:600] + document(4, 400).split()
    sets = [{tuple(words[i : i + 5]) for i in range(len(words) - 4)} for words in (a, b)]
    left, right = shingle_sets([" ".join(a), " ".join(b)], CONFIG)
    assert (len(left), len(right)) == (len(sets[0]), len(sets[1]))
    assert len(np.intersect1d(left, right)) == len(sets[0] & sets[1])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5))
def test_the_compiled_normal_form_is_that_of_the_library(texts):
    data, ends = normalised_bytes(texts)
    assert data.tobytes() == b"".join(normalised(text).encode() for text in texts)
    assert ends.tolist() == list(itertools.accumulate(len(normalised(text).encode()) for text in texts))


def test_every_character_has_its_normal_form():
    texts = [f"a {chr(p)}b{chr(p)}" for p in range(0x110000) if not 0xD800 <= p < 0xE000]
    data, _ = normalised_bytes(texts)
    assert data.tobytes() == "".join(map(normalised, texts)).encode()


def test_an_unpaired_surrogate_is_no_failure():
    assert signatures(["one two \ud800 three four five"], CONFIG).shape == (1, 128)


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
