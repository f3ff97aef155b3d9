"""With languages chosen, a page that is surely in another one goes before it is parsed."""

from __future__ import annotations

import pytest

from corpusforge.config import StepsConfig
from corpusforge.document import Document, Drop, DropReason, Markup, SourceKind
from corpusforge.extract.web.preview import preview
from corpusforge.label.config import LabelConfig
from corpusforge.steps import Tools, chain, load_tools

GERMAN = """<html><head><title>English title of the page</title><script>var words = "the quick brown fox";</script>
</head><body><nav><a href="/">Home</a> <a href="/about">About us</a></nav><p>Der Hafen wurde nach dem Sturm wieder
aufgebaut, und die Fischerboote kamen eines nach dem anderen zurück. Die Leute, die ins Landesinnere gezogen waren,
kehrten in ihre Häuser heim, öffneten die Läden und strichen die Türen neu.</p><p>Im Frühling wurde bei der Kirche
ein Markt eröffnet, auf dem Bauern Gemüse verkauften und ein Bäcker aus dem Nachbardorf Brot.</p></body></html>"""


@pytest.fixture(scope="module")
def tools() -> Tools:
    return load_tools(StepsConfig())


def walked(page: str, tools: Tools, **label: object) -> tuple[str, Document | Drop]:
    """Return (the step that ended it, the end) of a page."""
    config = StepsConfig(label=LabelConfig(**label))  # type: ignore[arg-type]
    result: Document | Drop = Document(
        doc_id="0" * 32,
        source="s",
        source_kind=SourceKind.WARC,
        locator="l",
        markup=Markup.HTML,
        raw=page.encode(),
    )
    for name, step in chain(config, tools):
        result = step(result)
        if isinstance(result, Drop):
            return name, result
    return "", result


def test_a_sure_guess_ends_a_page_before_extraction(tools: Tools) -> None:
    name, result = walked(GERMAN, tools, languages=("en", "fr"))
    assert name == "guess" and isinstance(result, Drop) and result.reason is DropReason.LANGUAGE
    assert result.detail.startswith("de ") and "before extraction, from 0.9" in result.detail


def test_a_wanted_language_or_no_choice_at_all_is_not_guessed_away(tools: Tools) -> None:
    for languages in ((), ("de",), ("de-AT", "en")):
        name, _ = walked(GERMAN, tools, languages=languages)
        assert name not in ("guess", "opt_out")


def test_the_label_step_decides_where_the_guess_does_not(tools: Tools) -> None:
    short = "<html><body><p>Der Hafen wurde nach dem Sturm wieder aufgebaut, ganz und gar.</p></body></html>"
    assert walked(short, tools, languages=("en",))[0] == "label"
    assert walked(GERMAN, tools, languages=("en",), language_guess_min_score=1.01)[0] == "label"


def test_a_preview_holds_paragraphs_and_no_code() -> None:
    page = Document(
        doc_id="0" * 32,
        source="s",
        source_kind=SourceKind.WARC,
        locator="l",
        markup=Markup.HTML,
        raw=GERMAN.encode(),
    )
    shown = preview(page)
    assert shown.startswith("Der Hafen") and "quick brown" not in shown and "About" not in shown
