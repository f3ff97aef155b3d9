"""Whether two builds read all wikitext alike: text, title, signals, notes or the reason of a drop.

    python benches/same_wikitext.py --before CHECKOUT --data ../shared/data [--after CHECKOUT]

Reads each page of the dumps below `wiki/`, then as many mixtures as `--mixtures` says: half of marks and
words drawn at random, half pieces of real pages with characters lost, so that marks are closed nowhere.
Prints what differs, and its first line that does; ends with 1 where there is any. `--after`: this
checkout unless named; without `--before`, what the run before kept of it is taken.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from same_readings import compare, line_of, options_of

from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.ingest import IngestConfig, InputFile, read

_MARKS = (
    "{{ }} {{{ }}} | || = == === ' '' ''' ''''' [ ] [[ ]] * # : ; ** #* *: {| |} |- |+ ! !! ---- "
    "---- <br> <br/> <ref> </ref> <ref/> <sup> </sup> <sub> </sub> <li> </li> <ul> </ul> <ol> "
    "<nowiki> </nowiki> <math> </math> <pre> </pre> <poem> </poem> <div> </div> <small> </small> "
    "<span </span> <code> </code> <!-- --> < > & &amp; &nbsp; &#65; &lt; http:// https://a.org "
    "mailto:x ftp://b //c -{ }- __TOC__ ( ) （ ） , . ; \xa0 \u3000 \u200b {{t|fr|mot|m}} {{t+|de|Wort}} "
    "{{l|en|word}} {{lang|fr|mot}} {{convert|5|km|mi}} {{flag|FR}} {{x|a=b|c}} {{RUS}} {{Berlin}} "
    "{{PAGENAME}} {{lc:ABC}} {{#if:a|b|c}} {{1/2}} {{citation needed|date=May}} {{Own|a|b=c}} [[a]] "
    "[[a|b]] [[File:x.jpg|thumb|c]] [[Category:x]] [[fr:x]] [[:Category:y|z]] [[a#b]] [http://a.org "
    'b] [[#a|1]] \x01 \x02 \x05 \x07 class="navbox" style="display:none" align=left value="3" '
    "zh-hans:a;zh-hant:b"
).split(" ")
_WORDS = "a of Paris mot слово 日本 한국 12 3.5 −7 é ð x² word, end. l'eau O'Neil m km DE Fr".split(" ")
_BLANKS = ("", " ", " ", "\n", "\n", "  ", "\n\n", "\t", "\n ")
_OWN = {"Own": "<noinclude>n</noinclude>({{{1|none}}}, {{{b}}})\n* {{t|fr|{{{1}}}}}", "Berlin": "''Berlin''"}


def documents(data: Path, n_mixtures: int) -> Iterator[tuple[str, Document]]:
    """Yield (name, page), of the dumps and then made ones."""
    pages: list[Document] = []
    for path in sorted((data / "wiki").rglob("*.xml*")):
        for record in read(InputFile(str(path), path.name, "wiki", SourceKind.MEDIAWIKI), IngestConfig()):
            if isinstance(record, Document) and record.markup is Markup.WIKITEXT:
                pages.append(record)
                yield f"{path.name}:{len(pages)}", record
    chance = random.Random(7)
    for number in range(n_mixtures):
        page = chance.choice(pages)
        raw = _mixture(chance) if number % 2 else _piece(chance, (page.raw or b"").decode("utf-8", "replace"))
        templates = page.templates if number % 3 else _OWN
        language = chance.choice((None, "en", "ru", "zh", page.language))
        yield (
            f"mixture {number}",
            replace(page, raw=raw.encode(), language=language, templates=templates),
        )


def _mixture(chance: random.Random) -> str:
    """Return marks and words, drawn at random; few kinds of them, so that they meet each other."""
    few = chance.sample(_MARKS, chance.randint(2, 14))
    pieces = (chance.choice(few if chance.random() < 0.6 else _WORDS) for _ in range(chance.randint(5, 120)))
    return "".join(piece + chance.choice(_BLANKS) for piece in pieces)


def _piece(chance: random.Random, source: str) -> str:
    """Return a piece of a page that has lost some characters and got some marks."""
    start = chance.randrange(len(source) + 1)
    piece = list(source[start : start + chance.choice((200, 1000, 3000))])
    for _ in range(chance.randint(0, 12) if piece else 0):
        at = chance.randrange(len(piece))
        piece[at] = "" if chance.random() < 0.6 else chance.choice(_MARKS)
    return "".join(piece)


def dump(options: argparse.Namespace, out: Path) -> None:
    """Write a line for each page: its name, the digest of all but its text, those of the text's lines."""
    config = ExtractConfig(min_text_chars=1)
    with out.open("w", encoding="utf-8") as lines:
        for name, page in documents(options.data, options.mixtures):
            try:
                read_page = extract_document(page, config)
            except Exception as error:  # what fails must fail alike
                text, rest = "", repr(error)
            else:
                text = "" if isinstance(read_page, Drop) else read_page.text
                rest = repr(
                    read_page
                    if isinstance(read_page, Drop)
                    else (read_page.title, read_page.signals, read_page.notes)
                )
            lines.write(line_of(name, text, rest))


def main() -> int:
    """Compare two checkouts; return 1 where a page differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--mixtures", type=int, default=6000)
    options = options_of(parser, "same_wikitext")
    if options.dump:
        dump(options, options.dump)
        return 0
    n_readings, n_different = compare(__file__, options, "--mixtures", str(options.mixtures))
    print(f"{n_readings} pages and mixtures, {n_different} differ")
    return int(n_different > 0)


if __name__ == "__main__":
    sys.exit(main())
