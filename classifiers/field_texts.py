"""Texts of fields that apply mathematics, out of distribution packages: manuals, guides and docstrings.

Finance, accounting, sport, physics and engineering write formulas without being mathematics. Nothing is
fetched here: the packages, named and pinned in `collections/fields.toml`, lie in a folder.
"""

from __future__ import annotations

import ast
import io
import json
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import html

from corpusforge_classifiers.language_sources import debian_members, pinned_bytes, read_packages
from corpusforge_classifiers.rows import Row

_MIN_CHARS = 400
_TEXT_ENDINGS = (".rst", ".md", ".txt", ".ipynb")
_ROLE = re.compile(r":math:`([^`]+)`")
_DIRECTIVE = re.compile(r"^([ \t]*)\.\. math::[ \t]*\n((?:\1[ \t]+\S.*\n|[ \t]*\n)+)", re.MULTILINE)
_OTHER_ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`>]*>)?`")

_UNREAD = re.compile(r"/HTML/(?!en/)|-(?:de|es|it|ja|pt|ru|zh)/|/_modules/|search\.html|genindex|py-modindex")
"""Pages in other languages, listings of programs, and indexes."""
_PREAMBLE = re.compile(r"\\\((?:(?!\\\)).)*?\\usepackage.*?\\\)", re.DOTALL)
"""Of a page whose formulas a TeX preamble sets."""

File = tuple[str, str]
"""The path inside a package, and its text."""


def field_rows(listed: Path, folder: Path) -> Iterator[Row]:
    """Yield the texts of pinned packages as rows that are not mathematics; the source is the package.

    Raises ValueError when a package's bytes are not the pinned ones.
    """
    for package in read_packages(listed):
        reader, field = package.kind.split(" ")
        name = re.split(r"[-_]", package.file)[0].lower()
        for path, text in _READERS[reader](pinned_bytes(package, folder)):
            if len(text) >= _MIN_CHARS:
                yield Row(text, False, f"{field}: {name}", package.licence, field, doc_id=path)


def plain_of_rst(text: str) -> str:
    """Return reStructuredText with its mathematics between dollar signs and its roles as their words."""
    text = _DIRECTIVE.sub(lambda found: f"$${' '.join(found[2].split())}$$\n\n", text)
    return _OTHER_ROLE.sub(r"\1", _ROLE.sub(r"$\1$", text)).replace("``", "`")


def _source_archive(data: bytes) -> Iterator[File]:
    """Yield the documents of a source distribution: files of text, and what notebooks say."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in sorted(archive, key=lambda member: member.name):
            if not member.isfile() or not member.name.endswith(_TEXT_ENDINGS) or ".egg-info/" in member.name:
                continue
            handle = archive.extractfile(member)
            assert handle is not None, member.name
            text = handle.read().decode("utf-8", "replace")
            yield member.name, _of_notebook(text) if member.name.endswith(".ipynb") else plain_of_rst(text)


def _of_notebook(text: str) -> str:
    cells = json.loads(text)["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def _wheel(data: bytes) -> Iterator[File]:
    """Yield the docstrings of each module of a wheel."""
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        for name in sorted(wheel.namelist()):
            if name.endswith(".py") and "/tests/" not in name:
                yield name, plain_of_rst("\n\n".join(_docstrings(wheel.read(name).decode("utf-8"))))


def _docstrings(program: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(program)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (
            text := ast.get_docstring(node)
        ):
            yield text


def _pages(data: bytes) -> Iterator[File]:
    """Yield the text of the HTML pages of a Debian package, in English where a path names a language."""
    for name, body in sorted(debian_members(data)):
        if not name.endswith((".html", ".docbook")) or _UNREAD.search(name):
            continue
        tree = html.fromstring(body)
        tree = next(iter(tree.xpath("//div[@role='main']")), tree)
        for dropped in tree.xpath(".//script|.//style|.//nav|.//head"):
            dropped.drop_tree()
        for block in tree.xpath(
            ".//p|.//li|.//h1|.//h2|.//h3|.//h4|.//tr|.//pre|.//para|.//title|.//dt|.//div"
        ):
            block.tail = "\n\n" + (block.tail or "")
        lines = (line.strip() for line in _PREAMBLE.sub("", str(tree.text_content())).splitlines())
        yield name, re.sub(r"\n{3,}", "\n\n", "\n".join(lines))


_READERS: dict[str, Callable[[bytes], Iterator[File]]] = {
    "source": _source_archive,
    "docstrings": _wheel,
    "pages": _pages,
}
