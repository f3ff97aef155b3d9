"""Code comes out to the letter from markup that no rule was made for, and what only looks like it stays text."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text
from tests.extract.code_families import Lines
from tests.extract.code_markup_editors import EDITORS
from tests.extract.code_markup_mixed import MIXED
from tests.extract.code_markup_rows import ROWS
from tests.extract.code_markup_viewers import VIEWERS
from tests.extract.test_code_families import block_of, extracted

ALL = {**VIEWERS, **EDITORS, **MIXED, **ROWS}
SAMPLES: dict[str, Lines] = {
    "tabs": ["all: main.o util.o", "\tcc -o app main.o util.o", '\t@echo "done"', "", "main.o: main.c", "\tcc -c main.c -I include", "clean:", "\trm -f *.o app"],
    "unicode": ["# Größe und Länge", 'naïve = "日本語 → ü"', "def größe(λ):", "    return λ ** 2  # x² ≤ y", "", "print(größe(3), naïve)"],
    "html": ["<!DOCTYPE html>", "<div class=\"a\" id='b'>", "  <p>Hi &amp; bye, 1 < 2</p>", "  <!-- nothing -->", "</div>"],
    "long": ["static const char *names[] = {", *(f"    \"{'abc_' * 30}{n}\", /* entry {n} of a table whose lines are long */" for n in range(1, 14)), "};", "", "int main(void) { return names[0][0] == 'a' && names[1] != 0; }"],
    "deep": ["class Tree:", "    def walk(self, node):", "        if node is None:", "            return", "", "        for child in node.children:", "            while child:", "                child = self.next(child)", "", "", "    # nothing is left to do", "    def __len__(self):", "        return 12"],
}  # fmt: skip


@pytest.mark.parametrize("family", sorted(ALL))
def test_code_is_exact_and_stands_once(family: str) -> None:
    keeps_tabs = "{nb" not in ALL[family].line
    for name, sample in SAMPLES.items():
        lines = sample if keeps_tabs else [line.expandtabs(4) for line in sample]
        code = "\n".join(lines)
        text = extracted(ALL[family].page(lines))
        assert text.count(f"\n{code}\n") == 1 and f"\n{code}\n```" in text, name


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('<div class="syntaxhighlighter {lang}"><table><tr><td class="gutter">{numbers}</td><td class="code"><pre>', "</pre></td></tr></table></div>"),
        ('<div class="code"><pre>', "</pre></div>"),
    ],
)  # fmt: skip
def test_lines_that_are_elements_of_a_pre_are_one_block(opening: str, closing: str) -> None:
    lines = SAMPLES["deep"]
    numbers = "".join(f'<div class="line n{n}">{n}</div>' for n in range(1, len(lines) + 1))
    rows = "".join(f'<div class="line"><code>{line}</code></div>' for line in lines)
    page = f'{opening.format(lang="py", numbers=numbers)}<div class="container">{rows}</div>{closing}'
    code = "\n".join(lines)
    text = extracted(page)
    assert f"```\n{code}\n```" in text and "\n1\n" not in text and text.count("```") == 2


@pytest.mark.parametrize(
    "markup",
    [
        "<table><tr><td>1</td><td>Ada</td><td>London</td></tr><tr><td>2</td><td>Alan</td><td>Wilmslow</td></tr><tr><td>3</td><td>Grace</td><td>New York</td></tr></table>",
        "<table class='source'><tr><th>No</th><th>Name</th><th>Born</th></tr><tr><td>1</td><td>Ada Lovelace</td><td>1815</td></tr><tr><td>2</td><td>Alan Turing</td><td>1912</td></tr></table>",
        "<p><tt>Dear Ada,</tt></p><p><tt>we write to you today.</tt></p><p><tt>Yours, Alan</tt></p>",
        "<div>O Captain! my Captain!<br>&nbsp;&nbsp;our fearful trip is done,<br>&nbsp;&nbsp;The ship has weather'd every rack<br>the prize we sought is won</div>",
        "<p>&nbsp;&nbsp;First the dough is made.</p><p>&nbsp;&nbsp;Then it rests for an hour.</p><p>&nbsp;&nbsp;Bake it hot.</p>",
        "<p>Use <code>open</code>.</p><p>Or <code>close</code> it.</p>",
        '<p class="font-mono">12 May 2020</p>',
    ],
)
def test_what_only_looks_like_code_is_none(markup: str) -> None:
    assert block_of(markup) == []


def test_separate_blocks_stay_separate() -> None:
    assert block_of("<pre>cd build</pre><pre>make</pre><pre>make install</pre>") == [
        "cd build",
        "make",
        "make install",
    ]


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<ul><li>Run:<pre>a = 1\n  b</pre></li><li>End</li></ul>", "a = 1\n  b"),
        ("<table><tr><td>Old</td><td><pre>x = [\n  1,\n]</pre></td></tr></table>", "x = [\n  1,\n]"),
        ("<code><pre>one\n  two</pre></code>", "```\none\n  two\n```"),
        ("<pre>        0\n\n   1       2\n\n 3   4   5   6</pre>", "```\n        0\n\n   1       2\n\n 3   4   5   6\n```"),
        ("<pre>a <a href='#x'>[source]</a>\nb</pre>", "```\na\nb\n```"),
        ("<p>Type <code>``x``</code> or <code>a`</code>.</p>", "Type ``` ``x`` ``` or `` a` ``."),
    ],
)  # fmt: skip
def test_blocks_and_spans_where_they_stand(markup: str, text: str) -> None:
    found = page_text(f"<body>{markup}</body>", ExtractConfig(), main_content=False)[0]
    assert text in found
