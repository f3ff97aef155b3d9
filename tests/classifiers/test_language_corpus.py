"""The language identifier's training rows: from tiny packages made here to balanced, repeatable segments."""

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest

from corpusforge.label.model import language_pin
from corpusforge_classifiers.language_corpus import Material, gather, read_language_recipe, training_rows
from corpusforge_classifiers.language_sources import messages, read_packages
from corpusforge_classifiers.language_train import CARD, RECIPE, alone_in_script, count_votes
from corpusforge_classifiers.language_words import close_words

WALLOON = [
    "Les efants djouwént dins l' djårdén et scrijhént ene lete a leu grand-mere",
    "Li tchin hawe fwait foirt divant l' ouxh del måjhon",
]


def debian(files: dict[str, bytes]) -> bytes:
    """Return a .deb that holds files, as far as the reader looks at it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:xz") as archive:
        for name, body in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    body = buffer.getvalue()
    header = f"{'data.tar.xz':<16}{'0':<12}{'0':<6}{'0':<6}{'100644':<8}{len(body):<10}`\n".encode()
    return b"!<arch>\n" + header + body + b"\n" * (len(body) % 2)


@pytest.fixture
def packages(tmp_path: Path) -> Path:
    texts = {
        "./usr/share/x/languages/i18n/wa.json": {"@metadata": {}, **{str(i): t for i, t in enumerate(WALLOON)}},
        "./usr/share/x/languages/i18n/en.json": {"a": "The page could not be found on this server, please try again"},
        "./usr/share/x/languages/i18n/ru.json": {"a": "Страница <b>не найдена</b>: $1 на этом сервере MediaWiki",
                                                 "b": "The page could not be found on this server, please try again"},
    }  # fmt: skip
    deb = debian({name: json.dumps(body).encode() for name, body in texts.items()})
    (tmp_path / "wiki.deb").write_bytes(deb)
    words = io.BytesIO()
    with zipfile.ZipFile(words, "w") as wheel:
        for tag, listed in {
            "sr": "# 5\nдеца -1.0\nбака -1.5\nџеп -20\n",
            "mi": "# 3\nte -1.0\nwhare -2.0\n",
        }.items():
            wheel.writestr(f"data/topwords-{tag}.txt.gz", gzip.compress(listed.encode()))
    (tmp_path / "words.whl").write_bytes(words.getvalue())
    sha = {
        name: hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() for name in ("wiki.deb", "words.whl")
    }
    (tmp_path / "sources.toml").write_text(
        f'[[group]]\nkind = "mediawiki"\nlicence = "GPL-2.0-or-later"\n[group.files]\n"wiki.deb" = "{sha["wiki.deb"]}"\n'
        f'[[group]]\nkind = "word-frequencies"\nlicence = "Apache-2.0"\n[group.files]\n"words.whl" = "{sha["words.whl"]}"\n'
    )
    return tmp_path


def test_rows_are_clean_and_the_same_each_time(packages: Path) -> None:
    recipe = read_language_recipe(RECIPE).model_copy(
        update={"min_chars_two_letter": 20, "word_chars": 500, "max_repeats": 1}
    )
    material = gather(recipe, packages / "sources.toml", packages)
    assert set(material) == {"en", "mi", "ru", "sr", "wa"}
    assert list(material["ru"].lines) == ["страница не найдена на этом сервере"]
    rows = training_rows(material, recipe, skip=["mi"])
    assert rows == training_rows(material, recipe, skip=["mi"])
    assert {label for label, _ in rows} == {"en", "ru", "sr", "wa"}
    serbian = " ".join(segment for label, segment in rows if label == "sr")
    assert {"деца", "бака", "deca", "baka"} <= set(serbian.split()) and "џеп" not in serbian
    votes = count_votes(rows)
    assert votes["ru"]["ru"] > votes["ru"]["other"] and "wa" in votes["wa"]


def test_words_tell_close_languages_apart() -> None:
    material = {
        "id": Material(words="# 3\nkarena -6.0\nyang -3.0\njarang -13.0\n"),
        "ms": Material(words="# 3\nkerana -6.5\nyang -3.2\nkarena -8.0\n"),
    }
    recipe = read_language_recipe(RECIPE).model_copy(update={"close": (("id", "ms"),)})
    assert close_words(material, recipe) == {"id ms": {"-30 0": "kerana", "0 -20": "karena"}}


def test_changed_packages_are_refused(packages: Path) -> None:
    (packages / "wiki.deb").write_bytes(b"!<arch>\nother")
    package = read_packages(packages / "sources.toml")[0]
    with pytest.raises(ValueError, match=r"wiki\.deb: not the pinned bytes"):
        list(messages(package, packages))


def test_a_script_of_one_language_is_not_learned(packages: Path) -> None:
    recipe = read_language_recipe(RECIPE)
    material = gather(recipe, packages / "sources.toml", packages)
    for own in material.values():
        own.scripts = frozenset({"Thai"})
    assert alone_in_script(material) == list(material)


def test_shipped_pin_and_card_agree() -> None:
    card = CARD.read_text(encoding="utf-8")
    assert language_pin().sha256 in card
    assert f"recipe version {read_language_recipe(RECIPE).version}" in card


def test_sources_state_open_licences() -> None:
    packages = read_packages(RECIPE.parent / read_language_recipe(RECIPE).sources)
    assert {package.licence for package in packages} == {"GPL-2.0-or-later", "MPL-2.0", "Apache-2.0"}
    assert all(len(package.sha256) == 64 for package in packages)
