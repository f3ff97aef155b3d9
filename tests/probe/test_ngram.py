"""The byte model: probabilities sum to one, and made text costs what its source says it must."""

import lzma
import math
import zlib
from random import Random

import numpy as np
import pytest

from corpusforge.probe.ngram import ORDER, n_grams, prepare, train


def made(alphabet: bytes, weights: list[float], length: int, seed: int) -> bytes:
    return bytes(Random(seed).choices(alphabet, weights, k=length))


def per_byte(trained_on: bytes, read: bytes) -> float:
    return train([trained_on]).bits(prepare([read])) / len(read)


@pytest.mark.parametrize("weights", [[1, 1, 1, 1], [8, 4, 2, 1], [97, 1, 1, 1]])
def test_independent_letters_cost_their_entropy(weights: list[float]) -> None:
    shares = [weight / sum(weights) for weight in weights]
    entropy = -sum(share * math.log2(share) for share in shares)
    found = per_byte(made(b"abcd", weights, 60_000, 1), made(b"abcd", weights, 20_000, 2))
    assert entropy - 0.03 < found < entropy * 1.05 + 0.05


def test_letters_that_follow_from_two_before_cost_the_entropy_of_their_rule() -> None:
    def text(seed: int) -> bytes:
        random, out = Random(seed), bytearray(b"ab")
        while len(out) < 40_000:
            sure = (out[-1] * 7 + out[-2] * 3) % 8
            out.append(97 + (sure if random.random() < 0.9 else random.randrange(8)))
        return bytes(out)

    # 0.9 + 0.1 / 8 for one letter, 0.1 / 8 for each of seven.
    sure, other = 0.9125, 0.0125
    entropy = -sure * math.log2(sure) - 7 * other * math.log2(other)
    assert entropy - 0.03 < per_byte(text(1), text(2)) < entropy * 1.1


def test_probabilities_of_all_bytes_sum_to_one_after_any_context() -> None:
    model = train([b"the cat sat on the mat; the dog sat on the log. " * 3, "naïve café".encode()])
    for context in (b"", b"the ", b"sat on the", b"zzzz", b"\0\xff"):
        texts = [n_grams([context + bytes([byte])])[-1:] for byte in range(256)]
        grams = np.concatenate(texts)
        read = prepare([])
        read = type(read)(
            np.ones(256, np.int64),
            tuple(
                np.unique(grams & np.uint64((1 << (8 * length)) - 1), return_inverse=True)
                for length in range(1, ORDER + 1)
            ),
        )
        assert model.probabilities(read).sum() == pytest.approx(1, abs=1e-9)


def test_it_beats_gzip_and_xz_on_text_of_its_own_domain() -> None:
    words = [
        made(b"etaoinshrdlu", [12, 9, 8, 8, 7, 7, 6, 6, 6, 4, 4, 3], 2 + n % 6, n).decode()
        for n in range(400)
    ]
    random = Random(3)

    def text(n: int) -> bytes:
        return " ".join(random.choices(words, [1 / (1 + place) for place in range(400)], k=n)).encode()

    trained_on, read = text(20_000), text(4_000)
    bits = train([trained_on]).bits(prepare([read]))
    assert bits < 8 * len(zlib.compress(read, 9)) and bits < 8 * len(lzma.compress(read, preset=9))
    with_sample = len(lzma.compress(trained_on + read, preset=9)) - len(lzma.compress(trained_on, preset=9))
    assert bits < 8 * with_sample


def test_nothing_to_train_on_is_said() -> None:
    with pytest.raises(ValueError, match="no text"):
        train([b""])
    assert train([b"a"]).bits(prepare([b"a"])) > 0
