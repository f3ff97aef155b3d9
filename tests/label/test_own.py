"""Classifiers of one's own: any fastText file by its sha256, prepared and windowed as the settings say."""

import hashlib

import pytest
from pydantic import ValidationError

from corpusforge.label.fasttext_file import load_classifier, probability
from corpusforge.label.own import OwnModel, own_score, prepared_line
from corpusforge.label.own_config import ClassifierConfig

CODE = "def f(x): return x + 1 for y in range(10): print(y)"
TEXT = "the harbour was quiet in the evening and nobody spoke of the war"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    import fasttext

    place = tmp_path_factory.mktemp("models")
    (place / "rows.txt").write_text(f"__label__code {CODE}\n__label__text {TEXT}\n" * 40)
    options = {"dim": 4, "bucket": 300, "minn": 2, "maxn": 3, "thread": 1, "verbose": 0, "epoch": 20}
    for loss in ("softmax", "ova", "hs"):
        model = fasttext.train_supervised(str(place / "rows.txt"), loss=loss, **options)
        model.save_model(str(place / f"{loss}.bin"))
    model = fasttext.train_supervised(str(place / "rows.txt"), **options)
    model.quantize(str(place / "rows.txt"), thread=1, verbose=0)
    model.save_model(str(place / "quantised.ftz"))
    fasttext.train_unsupervised(str(place / "rows.txt"), **options).save_model(str(place / "vectors.bin"))
    (place / "short.bin").write_bytes((place / "softmax.bin").read_bytes()[:150])
    return place


def settings(path, **more):
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "0" * 64
    return ClassifierConfig(**{"name": "c", "path": str(path), "sha256": sha256, "label": "code", **more})


@pytest.mark.parametrize("name", ["softmax.bin", "ova.bin", "hs.bin", "quantised.ftz"])
def test_every_kind_of_model_says_what_the_library_says(folder, name):
    import fasttext

    config = settings(folder / name)
    model = load_classifier(config.path, config.sha256)
    library = fasttext.load_model(config.path)
    for text in (CODE, TEXT):
        told = dict((label, p) for p, label in library.f.predict(text + "\n", 2, 0.0, "strict"))
        assert probability(model, text, "code") == pytest.approx(min(1.0, told["__label__code"]))
        assert probability(model, text, "__label__text") == pytest.approx(min(1.0, told["__label__text"]))
    assert probability(model, CODE, "code") > 0.5 > probability(model, TEXT, "code")


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("gone.bin", "model file missing or unreadable"),
        ("rows.txt", "no fastText model"),
        ("vectors.bin", "of word vectors, not a classifier"),
        ("short.bin", "cut short"),
    ],
)
def test_what_is_no_classifier_is_told_as_it_is_configured(folder, name, line):
    with pytest.raises(ValidationError, match=line):
        settings(folder / name)


def test_windows_are_scored_as_the_settings_say(folder):
    path = folder / "softmax.bin"
    text = TEXT + "\n" + CODE * 3 + "\n" + TEXT * 3

    def score(**more):
        config = settings(path, window_chars=60, windows=9, **more)
        return own_score(text, OwnModel(config, load_classifier(config.path, config.sha256)))

    assert score(windowing="max") > score(windowing="mean") > score(windowing="first")
    assert 0 < score(windowing="whole") < 1


def test_preparations():
    assert prepared_line("One\n\n two\t$x^2$ ", "plain") == "One two $x^2$"
    prepared = prepared_line("One\n\n TWO, $x^2$.\n```python\nsecret = 1\n```\n", "prepared")
    assert "two" in prepared and "secret" not in prepared and "\n" not in prepared
