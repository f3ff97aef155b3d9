"""What templates in sentences and cells come to: shown, silent, not understood; and a sample to read.

    python benches/wiki_templates.py --data ../shared/data/wiki [--sample 300] [--seed 17] [--cap 30]

A use counts where it stands in a line of the page itself, beside text, in an item or in a cell; of one name
at most `--cap` uses of a dump. Mini dumps state English in their headers: their file name tells the language.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

from corpusforge.document import Document
from corpusforge.extract.wiki import wikitext
from corpusforge.extract.wiki.called import Called
from corpusforge.extract.wiki.expand import _WITHIN, Expander
from corpusforge.extract.wiki.preprocessor import Bracketed, Node, Parameter, Rest, Template
from corpusforge.extract.wiki.template_names import template_name
from corpusforge.extract.wiki.templates import GONE
from corpusforge.ingest import IngestConfig, InputFile, read

_MINI = re.compile(r"([a-z_]+)wiki-minidump")
USES: list[dict[str, Any]] = []


class Watched(Expander):
    """Remembers each use in a line of the page."""

    def template(self, node: Template, rest: Rest, line: str) -> str:
        before = sum(self.unknown.values())
        shown = super().template(node, rest, line)
        is_alone = not line.strip() and rest.ends_line()
        if not is_alone and not line.startswith(_WITHIN):
            is_unknown = sum(self.unknown.values()) > before
            USES.append({"use": source_of([node]), "line": line[-60:], "shown": shown, "unknown": is_unknown})
        return shown

    def ordinary(self, name: Called, token: str, words: str | None, line: str) -> str | None:
        return None  # all of them are to be seen


def source_of(nodes: list[Node]) -> str:
    """Return the wikitext of nodes."""
    out = ""
    for node in nodes:
        if isinstance(node, str):
            out += node
        elif isinstance(node, Template):
            out += "{{" + "|".join(map(source_of, node.parts)) + "}}"
        elif isinstance(node, Parameter):
            out += "{{{" + "|".join(map(source_of, node.parts)) + "}}}"
        elif isinstance(node, Bracketed):
            out += node.opening + source_of(node.nodes) + node.closing
        else:
            out += "="
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sample", type=int, default=0)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--cap", type=int, default=30)
    options = parser.parse_args()
    wikitext.Expander = Watched  # type: ignore[misc]
    names: Counter[tuple[str, str]] = Counter()
    kept: list[dict[str, Any]] = []
    start, n_bytes = time.process_time(), 0
    for path in sorted([*options.data.glob("*.bz2"), *options.data.glob("minidumps/*.bz2")]):
        if "enwiktionary" in path.name or "multistream" in path.name:
            continue  # another kind of wiki, and the same pages once more
        mini = _MINI.match(path.name)
        for page in read(InputFile(path=str(path), name=path.name, source="wiki"), IngestConfig()):
            if isinstance(page, Document):
                language = mini[1] if mini else page.language
                source = (page.raw or b"").decode("utf-8", "replace")
                n_bytes += len(source)
                wikitext.read_wikitext(source, page.title or "", language, page.templates)
                for use in USES:
                    key = (path.name, template_name(use["use"][2:].partition("|")[0].partition("}")[0]))
                    names[key] += 1
                    if names[key] <= options.cap:
                        kept.append({**use, "dump": path.name, "language": language})
                USES.clear()
    shown = sum(not use["unknown"] and bool(use["shown"].strip(GONE + " \n")) for use in kept)
    unknown = sum(use["unknown"] for use in kept)
    figures = {
        "uses": names.total(),
        "kept": len(kept),
        "shown": shown,
        "not_understood": unknown,
        "silent": len(kept) - shown - unknown,
        "cpu_s": round(time.process_time() - start, 1),
    }
    print(json.dumps(figures))
    for use in random.Random(options.seed).sample(kept, min(options.sample, len(kept))):
        mark = "?" if use["unknown"] else " "
        line, written, text = (use[key].replace("\n", "~") for key in ("line", "use", "shown"))
        print(mark, use["language"], line[-30:], "[", written[:100], "] ->", text.replace(GONE, "")[:80])


if __name__ == "__main__":
    main()
