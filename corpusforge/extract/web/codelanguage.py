"""The language of code, as the page names it: in attributes and class names of the elements around."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from resiliparse.parse.html import ElementNode

from corpusforge.extract.web.codemarks import ALL, LANGUAGE
from corpusforge.extract.web.dom import holds, select

_ATTRIBUTES = (
    "data-lang", "data-language", "data-code-lang", "data-code-language", "data-tagsearch-lang",
    "data-enlighter-language", "data-syntax", "data-ke-language", "syntax",
)  # fmt: skip
_NAME = re.compile(r"[a-z0-9_+#.-]{1,24}")
_PREFIXED = re.compile(
    r"(?:^|[\s_-])(?:language|lang|highlight-source|highlight-text|highlight|source|brush|type|code|src|hl"
    r"|enlighter-l)"
    r"(?:-|:\s*)([A-Za-z0-9_+#.-]{1,24})"
)
_BESIDE = re.compile(
    r"(?:^|\s)(?:sourceCode|source|src|code|highlight|hljs|prism|prettyprint|syntaxhighlighter|brush)\s"
)
_NO_LANGUAGE = frozenset(
    "default none notranslate text plain plaintext plain-text txt nohighlight no-highlight undefined "
    "highlighter-rouge source highlight wrapper inner code block line-numbers copy auto unknown true "
    "false hljs chroma python3-repl sourcecode literal-block literal token number-lines numbersource "
    "label blocks snippet container".split()
)  # fmt: skip
_KNOWN = frozenset(
    "abap actionscript ada agda apache apl applescript arduino asm assembly autohotkey awk bash basic "
    "bat batch bibtex brainfuck c c# c++ clj clojure cmake cobol coffee coffeescript console cpp cs "
    "csharp css csv cuda cypher cython d dart delphi diff docker dockerfile dos dot ebnf elisp elixir "
    "elm erlang excel f# fish forth fortran fsharp gdscript gherkin glsl gnuplot go golang gradle "
    "graphql groovy haml handlebars haskell hcl hlsl hs html http idl ini ipython ipython3 java "
    "javascript jinja js json json5 jsonc jsx julia kotlin kt latex less lisp llvm lua make makefile "
    "markdown mathematica matlab mdx mermaid mips mysql nasm nginx nim nix objc objective-c objectivec "
    "ocaml octave pascal perl pgsql php pl plsql plpgsql postgresql powershell prolog properties "
    "protobuf ps1 pseudocode pug puppet py pycon python python3 pytb qml r racket rb reason regex rexx "
    "rest rst ruby rs rust sas sass scala scheme scss sed sh shell shell-session sml solidity sparql "
    "splunk sql stata stylus svelte svg swift systemverilog tcl terraform tex toml ts tsql tsx twig "
    "typescript vala vb vbnet vba verilog vhdl vim vue wasm x86asm xml xquery yaml yml zig zsh".split()
)
"""Names that stand alone among class names: `class="code python"`."""
_STOPS = frozenset(("body", "article", "main"))
_LEVELS = 4
_INSIDE = 4  # elements of code in one that are asked


def language_of(element: ElementNode, marks: int = ALL) -> str:
    """Return the language that the page names for a code element, lower case, or "".

    `marks` of it as `marks_in` gives them, where they are known.
    """
    for node in _candidates(element, marks):
        names = node.attrs
        if not names:
            continue
        for name in _ATTRIBUTES if names != ("class",) else ():
            value = (node.getattr(name) or "").strip().lower()
            if value and value not in _NO_LANGUAGE and _NAME.fullmatch(value):
                return value
        if (found := _of_class(node.class_name or "")) or (found := _of_lang(node)):
            return found
    return ""


def names_language(name: str) -> bool:
    """Return whether a class name is that of a programming language alone."""
    return name.lower() in _KNOWN


def _candidates(element: ElementNode, marks: int) -> Iterator[ElementNode]:
    is_leaf = element.first_element_child is None
    if not is_leaf:
        if holds(element, "pre"):
            yield from select(element, "code,pre")[:_INSIDE]
        else:
            yield from element.get_elements_by_tag_name("code")[:_INSIDE]
    yield element
    first = element.query_selector("[lang]") if not is_leaf and marks & LANGUAGE else None
    if first is not None:
        yield first
    around = element.parent_element
    for _ in range(_LEVELS):
        if around is None or (around.tag or "") in _STOPS:
            return
        yield around
        around = around.parent_element


@lru_cache(maxsize=64)
def _of_class(name: str) -> str:
    for match in _PREFIXED.finditer(name):
        value = match[1].lower().strip(".-")
        value = value.removeprefix("source-").removeprefix("lang-").removeprefix("language-")
        if value in _NO_LANGUAGE or not value:
            continue
        if value in _KNOWN or match[0].strip(" _-").startswith(("lang", "highlight-source", "brush")):
            return value
    if _BESIDE.search(f"{name} "):
        for word in name.lower().split():
            if word in _KNOWN and word not in _NO_LANGUAGE:
                return word
    return ""


def _of_lang(node: ElementNode) -> str:
    """Return a programming language that stands where languages of people do."""
    value = (node.getattr("lang") or "").lower()
    return value if value in _KNOWN and len(value) > 2 else ""
