"""Run thousands of hostile files through the code step in its sandbox: no hang, no crash of the parent.

python benches/hostile_code.py [--files 5200] [--deadline 20] [--seed 1] [--write FOLDER] [--json OUT]

Every grammar and format meets deep nesting, long lines, unclosed comments and strings,
random bytes, cut and damaged programs, mixed encodings and NULs; a few lines are 50 MB
long. The files depend on the seed alone. `--write` also lays them down in a folder, for a
build over them. Exit status 1 when a file got no end or the parent saw an error.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from corpusforge.code.grammars import languages
from corpusforge.document import Document, Drop, Markup, SourceKind
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig

LONG_LINE_BYTES = 50 << 20
WORDS = (
    "if else for return x y foo bar 0 1 2.5 'a' \"b\" + - * / = == != < > <= && || ! ? : ; , . -> => :: @ # $"
).split()
PAIRS = (
    "()",
    "[]",
    "{}",
    "<>",
    "((",
    "[{",
    "{(",
    "if(",
    "f(",
    "begin\n",
    "do\n",
    "`${",
    "#{",
    "$(",
    "(*",
    "{-",
)
OPENERS = (
    "/* ",
    "/*",
    '"',
    "'",
    "`",
    '"""',
    "'''",
    "(* ",
    "{- ",
    "<!-- ",
    "#| ",
    "--[[ ",
    "=begin\n",
    'R"x(',
    "<<EOF\n",
)
KILLERS = (
    ".. a::\n",
    "<a ",
    "`${",
    "/* ",
    "::",
    "a<b<",
    "x?",
    "@a(",
    "#if 1\n",
    "case ",
    "\\",
    "!",
    "- ",
    "=>",
    "<<A ",
)
PROGRAM = (
    "{c} note\nimport x\nfunction f(a, b) {{\n  if (a > b) {{ return a + 1; }}\n"
    '  return "{i}";\n}}\nf(1, 2)\n'
)
Maker = Callable[[random.Random, str], bytes]


def deep(rng: random.Random, comment: str) -> bytes:
    """Return nesting without end, closed or not."""
    pair, depth = rng.choice(PAIRS), rng.choice((100, 2_000, 50_000))
    return (pair[:-1] * depth + "x" + (pair[-1] * depth if rng.random() < 0.5 else "")).encode()


def unclosed(rng: random.Random, comment: str) -> bytes:
    """Return comments and strings that nobody closes."""
    return (PROGRAM.format(c=comment, i=1) + rng.choice(OPENERS) * rng.choice((1, 300, 20_000))).encode()


def repeated(rng: random.Random, comment: str) -> bytes:
    """Return one awkward piece again and again: what drives error recovery."""
    return (rng.choice(KILLERS) * rng.choice((500, 5_000, 40_000))).encode()


def long_line(rng: random.Random, comment: str) -> bytes:
    """Return one line of a few hundred kilobytes."""
    return (rng.choice(("a", "a,", "x+", "f(1);", "{}", "é")) * rng.choice((20_000, 200_000))).encode()


def noise(rng: random.Random, comment: str) -> bytes:
    """Return random bytes."""
    return rng.randbytes(rng.choice((16, 4_000, 60_000)))


def soup(rng: random.Random, comment: str) -> bytes:
    """Return words and symbols of programs in no order."""
    return " ".join(rng.choices([*WORDS, "\n"], k=rng.choice((200, 20_000)))).encode()


def cut(rng: random.Random, comment: str) -> bytes:
    """Return a program that ends, or is damaged, anywhere."""
    text = bytearray("".join(PROGRAM.format(c=comment, i=i) for i in range(rng.choice((3, 400)))).encode())
    for _ in range(rng.randrange(1 + len(text) // 40)):
        text[rng.randrange(len(text))] = rng.randrange(256)
    return bytes(text[: rng.randrange(1, len(text))])


def mixed(rng: random.Random, comment: str) -> bytes:
    """Return one file in several encodings, with NULs and marks of byte order."""
    pieces = [PROGRAM.format(c=comment + " äöü é 中文 \u202e", i=i) for i in range(6)]
    encodings = ("utf-8", "latin-1", "utf-16", "utf-32", "shift_jis", "utf-8-sig", "utf-7")
    body = b"".join(piece.encode(rng.choice(encodings), "replace") for piece in pieces)
    return body + b"\0" * rng.choice((0, 1, 5_000))


MAKERS: tuple[Maker, ...] = (deep, unclosed, repeated, long_line, noise, soup, cut, mixed)
FORMATS = (
    "md",
    "rst",
    "txt",
    "ipynb",
    "json",
    "Rmd",
    "lhs",
    "org",
    "tex",
    "html",
    "yml",
    "sql",
    "unknown",
    "",
)


def hostile_files(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """Return (path, bytes) of `count` hostile files: every language and format by every maker, in rounds."""
    names = [(name, row.extensions[0], (*row.line_comments, "#")[0]) for name, row in languages().items()]
    names += [(extension or "none", extension, "#") for extension in FORMATS]
    made = 0
    while made < count:
        for maker in MAKERS:
            for name, extension, comment in names:
                if made == count:
                    return
                rng = random.Random(f"{seed}/{made}")
                yield f"{name}/{maker.__name__}_{made}.{extension}".rstrip("."), maker(rng, comment)
                made += 1


def long_lines() -> Iterator[tuple[str, bytes]]:
    """Return a few files that are one line of 50 MB."""
    for extension, piece in (("js", b"a+"), ("py", b"x"), ("c", b"/* "), ("md", b"word "), ("json", b"[")):
        yield f"long/line.{extension}", piece * (LONG_LINE_BYTES // len(piece))


def _document(path: str, raw: bytes) -> Document:
    return Document(
        doc_id="0" * 32,
        source="hostile",
        source_kind=SourceKind.GITHUB,
        locator=path,
        markup=Markup.SOURCE,
        raw=raw,
        path=path,
    )


def run(files: Iterator[tuple[str, bytes]], config: SandboxConfig, folder: Path | None) -> dict[str, Any]:
    """Return what became of the files, wall and CPU time."""
    sandbox: Sandbox[Document, Any] = Sandbox(
        "code_speed:make_step", None, config, lambda document: len(document.raw or b"")
    )
    paths: list[str] = []
    start_s = time.monotonic()
    results = sandbox.map(_documents(files, folder, paths))
    figures = {
        **_summed(results, paths),
        "wall_s": round(time.monotonic() - start_s, 1),
        "child_cpu_s": round(sandbox.cpu_s(), 1),
        "parent_peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    sandbox.close()
    return figures


def _documents(
    files: Iterator[tuple[str, bytes]], folder: Path | None, paths: list[str]
) -> Iterator[Document]:
    for path, raw in files:
        paths.append(path)
        if folder is not None:
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(raw)
        yield _document(path, raw)


def _summed(results: Iterator[Any], paths: list[str]) -> dict[str, Any]:
    """Return what became of the files, the slowest of them, and the largest child."""
    ends: Counter[str] = Counter()
    quarantined: list[str] = []
    slow: list[tuple[float, str]] = []
    position, peak_kib = 0, 0
    for result in results:
        path, position = paths[position], position + 1
        if isinstance(result, Failed):
            ends[how if (how := result.error.partition(":")[0]) in ("killed", "crashed") else "raised"] += 1
            quarantined.append(f"{path}: {result.error}")
        else:
            outcome, extract_s, judge_s, *_, peak = result
            peak_kib = max(peak_kib, peak)
            ends["dropped" if isinstance(outcome, Drop) else "kept"] += 1
            slow = sorted([*slow, (round(extract_s + judge_s, 2), path)], reverse=True)[:5]
    return {
        "files": len(paths),
        "ends": dict(sorted(ends.items())),
        "without_an_end": len(paths) - position,
        "child_peak_mib": peak_kib // 1024,
        "slowest_s": slow,
        "quarantined": quarantined,
    }


def main() -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5_200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--deadline", type=float, default=SandboxConfig().deadline_s, help="CPU seconds for one file"
    )
    parser.add_argument("--write", type=Path, help="also lay the files down here")
    parser.add_argument("--json", type=Path, help="write the figures here")
    options = parser.parse_args()

    def files() -> Iterator[tuple[str, bytes]]:
        yield from hostile_files(options.files, options.seed)
        yield from long_lines()

    figures = run(files(), SandboxConfig(deadline_s=options.deadline), options.write)
    print(json.dumps(figures, indent=1))
    if options.json:
        options.json.write_text(json.dumps(figures, indent=1, sort_keys=True))
    return 1 if figures["without_an_end"] or figures["ends"].get("raised") else 0


if __name__ == "__main__":
    sys.exit(main())
