"""The Template pages of a dump reach the pages that use them, the same however the dump is split."""

from __future__ import annotations

import bz2
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.ingest import IngestConfig, InputFile, read
from corpusforge.ingest.wiki import templates as module
from corpusforge.ingest.wiki.templates import Templates, collect_templates, merge_templates
from tests.ingest.splitting import input_of, ranges_at, records_of

TEMPLATES = {
    "Größe": "{{{1}}} {{#switch:{{{2|m}}}|m=Meter|#default={{{2}}}}}<noinclude>[[Kategorie:X]] {{doc}}</noinclude>",
    "Groesse": "#WEITERLEITUNG [[Vorlage:Größe]]",
    "Outer": "<onlyinclude>[{{Größe|{{{1}}}|km}}]</onlyinclude> never",
    "Lua": "{{#invoke:Zahl|main|{{{1}}}}}",
}


def page(title: str, namespace: int, text: str, number: int) -> str:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return (
        f"<page><title>{title}</title><ns>{namespace}</ns><id>{number}</id><revision><id>{number}</id>"
        f"<timestamp>2020-01-01T00:00:00Z</timestamp><model>wikitext</model><text>{escaped}</text></revision></page>\n"
    )


def dump(streamed: bool = False) -> bytes:
    head = (
        '<mediawiki xml:lang="de"><siteinfo><dbname>dewiki</dbname><namespaces><namespace key="10">Vorlage</namespace>'
        "</namespaces></siteinfo>\n"
    )
    pages = [
        page(
            f"Berg {n}",
            0,
            f"Er ist {{{{Groesse|{n}}}}} hoch, {{{{outer|{n}}}}} weit, {{{{Lua|{n}}}}} alt und {{{{Fehlt|{n}}}}}.",
            n,
        )
        for n in range(1, 21)
    ]
    pages += [page(f"Vorlage:{name}", 10, text, 100 + n) for n, (name, text) in enumerate(TEMPLATES.items())]
    pages += [page(f"Tal {n}", 0, "Ohne Vorlage.", 200 + n) for n in range(20)]
    pieces = [head, *pages, "</mediawiki>"]
    if not streamed:
        return "".join(pieces).encode()
    return b"".join(bz2.compress("".join(pieces[at : at + 5]).encode()) for at in range(0, len(pieces), 5))


def test_templates_of_the_dump_are_expanded_and_the_rest_is_nothing_and_counted(tmp_path: Path) -> None:
    (tmp_path / "dewiki.xml").write_bytes(dump())
    input = InputFile(path=str(tmp_path / "dewiki.xml"), name="dewiki.xml", source="s")
    found = [each for each in read(input, IngestConfig()) if isinstance(each, Document)]
    first = extract_document(found[0], ExtractConfig())
    assert isinstance(first, Document) and first.text == "Er ist 1 Meter hoch, [1 km] weit, alt und."
    assert first.signals["wiki_templates_unknown"] == 2 and first.templates == {}
    assert any("lua" in note and "fehlt" in note for note in first.notes)
    assert found[-1].templates == {}


@pytest.mark.parametrize("streamed", [False, True])
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_splits_anywhere_give_the_same_pages_with_the_same_templates(
    tmp_path_factory: pytest.TempPathFactory, streamed: bool, data: st.DataObject
) -> None:
    content = dump(streamed)
    path = tmp_path_factory.mktemp("wiki") / ("dewiki.xml.bz2" if streamed else "dewiki.xml")
    path.write_bytes(content)
    input = input_of(path, SourceKind.MEDIAWIKI)
    whole = list(read(input, IngestConfig()))
    assert isinstance(whole[0], Document) and set(whole[0].templates) == {"Groesse", "Outer", "Größe"}
    points = data.draw(st.lists(st.integers(1, len(content) - 1), max_size=6))
    assert records_of(input, ranges_at(points), IngestConfig()) == whole


def test_what_is_kept_depends_on_the_pages_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_TOTAL_BYTES", 2000)
    pages = [(f"T{n}", "x" * (n * 7 % 300)) for n in range(60)]
    whole = collect_templates(pages)
    kept = Templates.from_bytes(whole).texts
    assert 0 < len(kept) < 60 and max(map(len, kept.values())) <= min(
        len(t) for n, t in pages if n not in kept
    )
    for seed in range(5):
        mixed = random.Random(seed).sample(pages, len(pages))
        assert collect_templates(mixed) == whole
        at = 10 * seed + 5
        assert merge_templates([collect_templates(mixed[:at]), collect_templates(mixed[at:])]) == whole


def test_a_page_takes_along_a_bounded_number() -> None:
    many = Templates({f"T{n}": f"{{{{T{n + 1}}}}}" for n in range(5000)})
    assert len(many.needed_by("{{T0}}")) == 400
    loop = Templates({"A": "{{B}}", "B": "{{A}}"})
    assert loop.needed_by("x {{a}}") == {"A": "{{B}}", "B": "{{A}}"}
