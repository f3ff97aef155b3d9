"""A document's text as HTML: Markdown with formulas and coloured code, or a program; never its own HTML.

Raw HTML in a text is shown as text, images are named and not fetched, links leave without a word of where
they were followed. A long text is cut into pages at the ends of lines, so that no page takes long.
"""

from __future__ import annotations

from functools import lru_cache
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from mdit_py_plugins.amsmath import amsmath_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from corpusforge.printable import visible
from corpusforge.view.mathml import Formulas

PAGE_CHARS = 60_000
"""Characters of a text on one page."""
_HIGHLIGHT_CHARS = 40_000
_FORMATTER: Any = HtmlFormatter(nowrap=True, classprefix="k-")


def pages_of(text: str) -> list[str]:
    """Return a text cut at the ends of lines into pages of at most `PAGE_CHARS`; at least one."""
    pages: list[str] = []
    at = 0
    while len(text) - at > PAGE_CHARS:
        cut = text.rfind("\n", at + PAGE_CHARS // 2, at + PAGE_CHARS)
        cut = at + PAGE_CHARS if cut < 0 else cut + 1
        pages.append(text[at:cut])
        at = cut
    return [*pages, text[at:]]


def rendered(text: str, programming_language: str | None = None) -> str:
    """Return a text as HTML: a program where its language is told, else Markdown."""
    text = visible(text, keep="\n\t")
    if programming_language:
        return f'<pre class="code">{coloured(text, programming_language)}</pre>'
    return f'<div class="markdown">{_parser().render(text, {"formulas": Formulas()})}</div>'


def coloured(code: str, language: str) -> str:
    """Return code with its tokens in classes; as it is where the language is unknown or the code long."""
    if language and len(code) <= _HIGHLIGHT_CHARS:
        try:
            return highlight(code, get_lexer_by_name(language.lower(), stripnl=False), _FORMATTER)
        except ClassNotFound:
            pass
    return escape(code)


def code_style() -> str:
    """Return the style sheet of coloured code, light and dark."""
    light: Any = HtmlFormatter(style="default", classprefix="k-")
    dark: Any = HtmlFormatter(style="github-dark", classprefix="k-")
    return _rules(light) + "\n@media (prefers-color-scheme: dark) {\n" + _rules(dark) + "\n}\n"


def _rules(formatter: Any) -> str:
    """Return the rules of tokens; the ground is the page's."""
    lines: list[str] = formatter.get_style_defs("pre").split("\n")
    return "\n".join(line for line in lines if line.startswith("pre .k-"))


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "highlight": _highlight}).enable(
        ["table", "strikethrough"]
    )
    dollarmath_plugin(parser, allow_digits=False, allow_space=False, allow_labels=False, double_inline=True)
    amsmath_plugin(parser)
    for rule, is_block in (
        ("math_inline", False), ("math_inline_double", True), ("math_block", True), ("amsmath", True),
    ):  # fmt: skip
        parser.add_render_rule(rule, _formula_rule(is_block))
    for rule in ("heading_open", "heading_close"):
        parser.add_render_rule(rule, _heading)
    parser.add_render_rule("image", _image)
    parser.add_render_rule("link_open", _link)
    return parser


def _formula_rule(is_block: bool) -> Any:
    def rule(_: Any, tokens: Any, place: int, __: Any, env: Any) -> str:
        made = env["formulas"].html(tokens[place].content, is_block=is_block)
        return f'<span class="formula">{made}</span>' if is_block else made

    return rule


def _highlight(code: str, language: str, _: str) -> str:
    return coloured(code, language)


def _heading(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    """A text's headings stand below the page's own."""
    token = tokens[place]
    return f"<{'/' if token.nesting < 0 else ''}h{min(int(token.tag[1]) + 2, 6)}>"


def _image(_: Any, tokens: Any, place: int, __: Any, ___: Any) -> str:
    token = tokens[place]
    told = f"image: {token.content or 'without a name'}"
    return f'<span class="image" title="{escape(str(token.attrs.get("src", "")))}">[{escape(told)}]</span>'


def _link(renderer: Any, tokens: Any, place: int, options: Any, env: Any) -> str:
    token = tokens[place]
    target = str(token.attrs.get("href", ""))
    if not target.lower().startswith(("http://", "https://")):
        return f'<a title="{escape(target)}">'  # of the page that the text was of, not of this one
    token.attrSet("rel", "noopener noreferrer nofollow")
    token.attrSet("target", "_blank")
    return renderer.renderToken(tokens, place, options, env)
