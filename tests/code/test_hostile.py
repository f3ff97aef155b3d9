"""The known killers of parsers, through a real sandbox: each costs itself, its neighbours are judged."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from corpusforge.code import CodeConfig, grammars, judge_code
from corpusforge.code.features import read_features
from corpusforge.code.grammars import language_row, languages
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig
from tests.code.samples import SAMPLES

KILLERS = {
    # path: text. Slow in native code; only the deadline ends them.
    "markers.py": "".join(f".. a{i}::\n" for i in range(30_000)),
    "tags.cs": "".join(f"<a{i} \n" for i in range(8_000)),
}
HARMLESS = {
    # Killers that a test before the parser spares the deadline, or whose grammar is not on the list.
    "open.c": "/* " * 20_000 + "int a = 1;\n" * 5,
    "open.go": "package a\n" + "/* " * 20_000,
    "markers.py": ".. a::\n" * 40_000,
    "tags.cs": "<a \n" * 8_000,
    "here.sh": "<<EOF\n" * 20_000,
    "directives.rkt": "#if 1\n" * 40_000,
    "deep.py": "(" * 200_000,
    "deep.js": "[" * 200_000 + "]" * 200_000,
    "deep.c": "{" * 100_000,
    "sum.py": "x = " + "+".join(["a"] * 50_000) + "\n",
    "run.pl": "`${" * 10_000,
    "open.swift": "/* " * 10_000,
    "one.cob": "x = 1\n" * 10,
    "line.js": "a+" * 1_000_000,
}  # fmt: skip


def make_step(argument: object) -> Callable[[Document], Document | Drop]:
    config = CodeConfig()
    return lambda document: judge_code(document, config)


def document(path: str, text: str) -> Document:
    return Document(
        doc_id="0" * 32, source="s", source_kind=SourceKind.GITHUB, locator=path, markup=Markup.SOURCE, text=text, path=path
    )  # fmt: skip


def judged(texts: dict[str, str], deadline_s: float) -> dict[str, object]:
    sandbox: Sandbox[Document, Document | Drop] = Sandbox(
        "tests.code.test_hostile:make_step", None, SandboxConfig(deadline_s=deadline_s)
    )
    try:
        results = list(sandbox.map(document(path, text) for path, text in texts.items()))
    finally:
        sandbox.close()
    return dict(zip(texts, results, strict=True))


def test_a_killer_costs_itself_and_its_neighbours_are_judged() -> None:
    good = {path: source for path, source, *_ in (SAMPLES[name] for name in ("python", "c#", "go"))}
    texts = {**dict(list(good.items())[:1]), **KILLERS, **dict(list(good.items())[1:])}
    results = judged(texts, deadline_s=1.0)
    failed = {path for path, result in results.items() if isinstance(result, Failed)}
    assert failed == set(KILLERS)
    assert all("killed" in str(results[path].error) for path in failed)  # pyright: ignore
    assert all(isinstance(results[path], Document) for path in good)


def test_killers_that_can_be_told_before_parsing_cost_no_deadline() -> None:
    results = judged(HARMLESS, deadline_s=5.0)
    assert [path for path, result in results.items() if isinstance(result, Failed)] == []


@pytest.mark.parametrize("piece", ["(", "/* ", '"', "{-", "\0", "é"])
def test_no_grammar_crashes_on_a_repeated_piece(piece: str) -> None:
    texts = {
        f"a{i}.{row.extensions[0]}": piece * 1_500
        for i, row in enumerate(languages().values())
        if row.grammar
    }
    results = judged(texts, deadline_s=5.0)
    assert [(path, result.error) for path, result in results.items() if isinstance(result, Failed)] == []


def test_a_parse_over_its_steps_is_called_off_and_the_file_read_as_text(monkeypatch) -> None:
    text = "import os\n\n\ndef f(x):\n    return os.path.join(x, 'a')\n" * 40
    row, config = language_row("python"), CodeConfig()
    whole = read_features(text, row, config)
    assert whole.parsed and whole.definitions == 40
    monkeypatch.setattr(grammars, "_MIN_CALLS", -len(text))
    assert read_features(text, row, config).parsed is False
    monkeypatch.undo()
    assert read_features(text, row, config) == whole  # nothing of the parse that was called off is left


def test_of_many_statements_the_first_are_looked_at_whatever_the_order_of_the_captures() -> None:
    text = "".join(f"x{i} = {i}\n" for i in range(2_500)) + "print(x1)\n" * 500
    found = {read_features(text, language_row("python"), CodeConfig()).toplevel_calls for _ in range(4)}
    assert found == {0}
