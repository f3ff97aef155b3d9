r"""Formulas in a page's tree: every notation into slots, each formula once.

KaTeX, MathJax 2 and 3, MathML with and without TeX, LaTeXML, MediaWiki and WordPress
images, wrapper classes. Raw `\( \)` and `\[ \]` stay in the text for `raw_delimiters`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import parse_qs, unquote, urlsplit

from resiliparse.parse.html import ElementNode, HTMLTree

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.tex.mathml import to_tex
from corpusforge.extract.tex.raw_math import with_blanks_told
from corpusforge.extract.web.dom import select, text_node
from corpusforge.extract.web.slots import Slots

_TEX_ANNOTATION = (
    'annotation[encoding="application/x-tex"],annotation[encoding="TeX"],annotation[encoding="LaTeX"]'
)
_MATHJAX_CLASS = re.compile(r"(?:^|\s)(?:MathJax|mjx-chtml|MJXc)")
_WRAPPERS = (
    (r"\(", r"\)", False), (r"\[", r"\]", True), ("$$", "$$", True), ("$", "$", False),
)  # fmt: skip
_STYLE_WRAPPER = re.compile(r"\{\s*\\(displaystyle|textstyle|scriptstyle)\b\s*(.*)\}", re.DOTALL)
_CDATA = re.compile(r"%?\s*<!\[CDATA\[|%?\s*\]\]>")
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_BLANK_LINES = re.compile(r"\n\s*\n")
_ENVIRONMENT = re.compile(
    r"\s*\\begin\{(?:equation|align|eqnarray|gather|multline|displaymath|flalign|alignat)\*?\}"
)
_ONE_ENVIRONMENT = re.compile(
    r"\s*\\begin\{(?P<name>(?:equation|align|eqnarray|gather|multline|displaymath|flalign|alignat)\*?)\}"
    r"(?:(?!\\begin\{(?P=name)\}).){1,6000}?\\end\{(?P=name)\}\s*",
    re.DOTALL,
)
_NOT_SHOWN = re.compile(r"display\s*:\s*none")
_TEX_LIKE = re.compile(
    r"\\[A-Za-z]|[\^_{}]|^.{1,3}$|[=<>+]|^[A-Za-z]\(.{1,20}\)$|^[^A-Za-z]*[A-Za-z]?[^A-Za-z]*$"
)
_IMAGE_HOSTS = re.compile(
    r"latex\.php|codecogs\.com|/math/render/|/media/math/|mathtex\.cgi|mimetex|chart\?cht=tx|/texvc|"
    r"quicklatex|upload\.wikimedia\.org/math|l\.wordpress\.com|tex\.cgi|i\.upmath\.me"
)
_IMAGE_CLASS = re.compile(
    r"(?:^|\s)(?:tex|latex|mwe-math-fallback-image-\w+|math|ql-img-\w+|latex_image|mathimg|tex2jax)(?:\s|$)"
)


def take_formulas(tree: HTMLTree, slots: Slots, config: ExtractConfig, hints: frozenset[str]) -> None:
    """Put every marked formula of a tree into a slot; `hints` as `page_hints` gives them."""
    document = tree.document
    if document is None:
        return
    for hint, selector, read in _RULES:
        if hint not in hints:
            continue
        # One inside another that was taken is read and replaced in vain: it has left the tree.
        n_within = 0
        for element in select(document, selector):
            if n_within:
                n_within -= 1
                continue
            found = read(element, config)
            if found is None or element.parent is None:
                continue
            tex = clean_tex(found[0])
            if tex and selector == "math":  # in vain again for each that it stands in, where they are many
                n_within = len(element.get_elements_by_tag_name("math"))
            if tex:
                slot = slots.formula(tex, found[1])
                if element.first_element_child is None:  # a tenth of the cost, but what is in it is gone
                    element.outer_text = slot
                else:
                    element.replace_with(text_node(tree, slot))
            elif not (element.text or "").strip():
                element.remove()


def clean_tex(tex: str) -> str:
    r"""Return TeX without wrappers: CDATA, entities, `{\\displaystyle …}`, blank lines."""
    if "CDATA" in tex:
        tex = _CDATA.sub("", tex)
    if _ENTITY.search(tex):
        tex = html.unescape(tex)
    tex = with_blanks_told(tex)
    match = _STYLE_WRAPPER.fullmatch(tex)
    if match and _balanced(match[2]):
        tex = match[2].strip()
    tex = tex.removeprefix(r"\displaystyle ").strip()
    return with_blanks_told(_BLANK_LINES.sub("\n", tex).strip("$"))


def _balanced(tex: str) -> bool:
    depth = 0
    for character in tex.replace(r"\{", "").replace(r"\}", ""):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return False
    return depth == 0


Found = tuple[str, bool] | None


def _katex(element: ElementNode, config: ExtractConfig) -> Found:
    display = element.closest(".katex-display") is not None
    annotation = element.query_selector(_TEX_ANNOTATION)
    math = element.query_selector("math")
    display = display or (math is not None and math.getattr("display") == "block")
    if annotation is not None:
        return annotation.text or "", display
    if math is not None and config.formulas_from_mathml:
        return to_tex(math), display
    return None


def _script(element: ElementNode, config: ExtractConfig) -> Found:
    kind = element.getattr("type") or ""
    _remove_drawing(element)
    display = "display" in kind.replace(" ", "")
    text = element.text or ""
    if "mml" in kind:
        math = _parsed_math(text)
        return (to_tex(math), math.getattr("display") == "block") if math is not None else None
    return text, display


def _remove_drawing(script: ElementNode) -> None:
    """Remove what MathJax 2 drew for a script: the elements right before it."""
    previous = script.previous_sibling
    while previous is not None:
        earlier = previous.previous_sibling
        if isinstance(previous, ElementNode):
            if not _MATHJAX_CLASS.search(previous.class_name or ""):
                return
            previous.remove()
        elif (previous.value or "").strip():
            return
        previous = earlier


def _parsed_math(source: str) -> ElementNode | None:
    document = HTMLTree.parse(source).document
    return document.query_selector("math") if document is not None else None


def tex_of_mathml(source: str) -> str:
    """Return the TeX of a <math> element's source: its annotation, its alttext or by structure."""
    math = _parsed_math(source)
    found = _of_math(math, ExtractConfig()) if math is not None else None
    return found[0] if found else ""


def _wiki(element: ElementNode, config: ExtractConfig) -> Found:
    classes = element.class_name or ""
    image = element.query_selector("img")
    math = element.query_selector("math")
    display = "block" in classes or (math is not None and math.getattr("display") == "block")
    if image is not None:
        display = display or "-display" in (image.class_name or "")
    if (annotation := element.query_selector(_TEX_ANNOTATION)) is not None:
        return annotation.text or "", display
    if image is not None and image.getattr("alt"):
        return image.getattr("alt") or "", display
    return _of_math(math, config) if math is not None else None


def _image(element: ElementNode, config: ExtractConfig) -> Found:
    classes, source = element.class_name or "", element.getattr("src") or element.getattr("data-src") or ""
    if not (_IMAGE_CLASS.search(classes) or _IMAGE_HOSTS.search(source)):
        return None
    alt = element.getattr("alt") or element.getattr("data-latex") or element.getattr("title") or ""
    if not alt.strip() or alt.startswith(("http:", "https:")):
        query = urlsplit(source).query
        values = parse_qs(query).get("latex") or parse_qs(query).get("chl")
        alt = values[0] if values else unquote(query) if "codecogs" in source else ""
    display = (
        "display" in classes or r"%5Cdisplaystyle" in source or alt.lstrip().startswith(r"\displaystyle")
    )
    for opening, closing, block in _WRAPPERS:
        if alt.startswith(opening) and alt.endswith(closing) and len(alt) > 2 * len(opening):
            alt, display = alt[len(opening) : -len(closing)], display or block
    return alt.removeprefix("{").removesuffix("}") if alt.count("{") == alt.count(
        "}"
    ) == 1 and alt.startswith("{\\displaystyle") else alt, display


def _mathjax(element: ElementNode, config: ExtractConfig) -> Found:
    display = (element.getattr("display") or "") in ("true", "block") or "isplay" in (
        element.class_name or ""
    )
    for node in (element, element.query_selector("[data-latex]")):
        if node is not None and (tex := node.getattr("data-latex") or node.getattr("data-tex")):
            return tex, display
    math = element.query_selector("math")
    if math is None and (source := element.getattr("data-mathml")):
        math = _parsed_math(source)
    if math is None:
        return None
    found = _of_math(math, config)
    return (found[0], display or found[1]) if found else None


def _math(element: ElementNode, config: ExtractConfig) -> Found:
    return _of_math(element, config)


def _of_math(math: ElementNode, config: ExtractConfig) -> Found:
    display = math.getattr("display") == "block" or math.getattr("mode") == "display"
    annotation = math.query_selector(_TEX_ANNOTATION)
    if annotation is not None and (annotation.text or "").strip():
        return _without_boxes(annotation.text or ""), display
    alt = (math.getattr("alttext") or "").strip()
    if alt and (_TEX_LIKE.search(alt) or "ltx_" in (math.class_name or "")):
        if math.query_selector("[data-semantic-type]") is None:  # alttext is speech otherwise
            return alt, display
    return (to_tex(math), display) if config.formulas_from_mathml else None


def _without_boxes(tex: str) -> str:
    r"""Return TeX with `\text` for `\mbox`, which KaTeX does not know; an author's own TeX keeps it."""
    return tex.replace(r"\mbox{", r"\text{") if r"\mbox{" in tex else tex


def _wrapper(element: ElementNode, config: ExtractConfig) -> Found:
    text = (element.text or "").strip()
    classes = f" {element.class_name or ''} "
    if not text or (element.first_element_child is not None and not _ENVIRONMENT.match(text)):
        return None
    display = " display " in classes or element.tag in ("div", "p")
    for opening, closing, block in _WRAPPERS:
        if text.startswith(opening) and text.endswith(closing) and len(text) > 2 * len(opening):
            return text[len(opening) : -len(closing)], block or (display and not opening.endswith("("))
    if _ENVIRONMENT.match(text):
        return text, True
    bare = " inline " in classes or " display " in classes or "katex" in classes or "formula" in classes
    return (text, display) if bare and "$" not in text else None


def _revealed(element: ElementNode, config: ExtractConfig) -> Found:
    """Return the equation that a hidden element is: a line shows it on a click, as marginal notes do."""
    text = element.text or ""
    shown = not _NOT_SHOWN.search(element.getattr("style") or "") and not element.hasattr("hidden")
    return None if shown or not _ONE_ENVIRONMENT.fullmatch(text) else (text, True)


_Rule = tuple[str, str, Callable[[ElementNode, ExtractConfig], Found]]
_RULES: tuple[_Rule, ...] = (
    ("math/", 'script[type^="math/tex"],script[type^="math/mml"]', _script),
    ("katex", ".katex-display,.katex", _katex),
    ("wiki", ".mwe-math-element", _wiki),
    ("mathjax", "mjx-container,.MathJax_Display,.MathJax_SVG_Display,.MathJax,.MathJax_CHTML,"
     ".MathJax_SVG,.mjx-chtml,.MathJax_MathML", _mathjax),
    ("<math", "math", _math),
    ("image", "img", _image),
    ("environment", "span[style],span[hidden],a[style]", _revealed),
    ("formula classes", "span.math,div.math,p.math,.math-container,.arithmatex,"
     "span.inline-formula,div.display-formula,span.math-inline,span.math-tex", _wrapper),
)  # fmt: skip
