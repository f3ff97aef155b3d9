"""Pages in the markup of programs that show code: each a function from lines of code to HTML.

The names of the markup are those the programs write; the pages are ours.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable

Lines = list[str]
Family = Callable[[Lines], str]
_TOKEN = re.compile(
    r"(\b(?:if|else|for|while|return|int|def|class|import|void|const|let|fn)\b|\"[^\"]*\"|\b\d+\b)"
)


def _spans(line: str, style: str = "class", name: str = "kw") -> str:
    """Return a line with some of its words in spans, as highlighters write it."""
    out: list[str] = []
    for n, piece in enumerate(_TOKEN.split(line)):
        text = html.escape(piece, quote=False)
        out.append(f'<span {style}="{name}">{text}</span>' if n % 2 else text)
    return "".join(out)


def _nbsp(line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    return "\u00a0" * indent + line[indent:]


def doxygen(lines: Lines) -> str:
    def one(n: int, line: str) -> str:
        return (
            f'<div class="line"><a id="l{n:05d}" name="l{n:05d}"></a><span class="lineno">{n:5d}</span>&#160;'
            f"{_spans(line, name='keyword')}</div>\n"
        )

    head, tail = (
        [one(n, line) for n, line in enumerate(lines[:2], 1)],
        [one(n, line) for n, line in enumerate(lines[2:], 3)],
    )
    fold = f'<div class="foldopen" id="foldopen00003" data-start="{{" data-end="}}">\n{"".join(tail)}</div>'
    tip = '<div class="ttc" id="aclass_x"><div class="ttname"><a href="x.html">x</a></div><div class="ttdoc">A tip.</div></div>'
    return f'<div class="fragment">{"".join(head)}{fold}{tip}</div><!-- fragment -->'


def doxygen_without_numbers(lines: Lines) -> str:
    return (
        '<div class="fragment">'
        + "".join(f'<div class="line">{_spans(_nbsp_text(line))}</div>\n' for line in lines)
        + "</div>"
    )


def _nbsp_text(line: str) -> str:
    return line.replace("    ", "\u00a0\u00a0\u00a0\u00a0")


def rustdoc(lines: Lines) -> str:
    body = "\n".join(
        f"<a href=#{n} id={n} data-nosnippet>{n}</a>{_spans(line)}" for n, line in enumerate(lines, 1)
    )
    return f'<div class="example-wrap digits-1"><pre class="rust"><code>{body}</code></pre></div>'


def rustdoc_before_2025(lines: Lines) -> str:
    numbers = "\n".join(f'<a href="#{n}" id="{n}">{n}</a>' for n in range(1, len(lines) + 1))
    return (
        f'<div class="example-wrap"><div data-nosnippet><pre class="src-line-numbers">{numbers}</pre></div>'
        f'<pre class="rust"><code>{chr(10).join(map(_spans, lines))}</code></pre></div>'
    )


def gitea(lines: Lines) -> str:
    rows = "".join(
        f'<tr><td id="L{n}" class="lines-num"><span id="L{n}" data-line-number="{n}"></span></td>'
        f'<td rel="L{n}" class="lines-code chroma"><code class="code-inner">{_spans(line)}\n</code></td></tr>'
        for n, line in enumerate(lines, 1)
    )
    return f'<div class="file-view code-view"><table><tbody>{rows}</tbody></table></div>'


def gitweb(lines: Lines) -> str:
    return (
        '<div class="page_body">\n'
        + "".join(
            f'<div class="pre"><a id="l{n}" href="#l{n}" class="linenr">{n:4d}</a> {_spans(line)}</div>\n'
            for n, line in enumerate(lines, 1)
        )
        + "</div>"
    )


def org_mode(lines: Lines) -> str:
    body = "\n".join(
        f'<span class="linenr">{n:2d}: </span>{_spans(line, name="org-keyword")}'
        for n, line in enumerate(lines, 1)
    )
    return f'<div class="org-src-container">\n<pre class="src src-python">{body}\n</pre>\n</div>'


def latexml(lines: Lines) -> str:
    def one(n: int, line: str) -> str:
        indent = len(line) - len(line.lstrip())
        space = f'<span class="ltx_text ltx_lst_space">{"&nbsp;" * indent}</span>' if indent else ""
        words = "".join(
            '<span class="ltx_text ltx_lst_space"> </span>'
            if piece == " "
            else f'<span class="ltx_text ltx_lst_identifier">{html.escape(piece, quote=False)}</span>'
            for piece in re.split(r"( )", line.lstrip())
            if piece
        )
        return f'<div id="lstnumberx.{n}" class="ltx_listingline"><span class="ltx_tag ltx_tag_listingline">{n}</span>{space}{words}\n</div>'

    data = (
        '<div class="ltx_listing_data"><a href="data:text/plain;base64,eA==" download="">&#11015;</a></div>'
    )
    return f'<div class="ltx_listing ltx_lst_numbers_left ltx_listing">{data}\n{"".join(one(n, line) for n, line in enumerate(lines, 1))}</div>'


def crayon(lines: Lines) -> str:
    numbers = "".join(
        f'<div class="crayon-num" data-line="c-{n}">{n}</div>' for n in range(1, len(lines) + 1)
    )
    code = "".join(
        f'<div class="crayon-line" id="c-{n}">{_spans(_nbsp(line), name="crayon-k") or "&nbsp;"}</div>'
        for n, line in enumerate(lines, 1)
    )
    return (
        '<div class="crayon-syntax crayon-theme-classic"><div class="crayon-toolbar"><span class="crayon-title">x.c</span></div>'
        f'<div class="crayon-main"><table class="crayon-table"><tr class="crayon-row"><td class="crayon-nums"><div class="crayon-nums-content">{numbers}</div></td>'
        f'<td class="crayon-code"><div class="crayon-pre">{code}</div></td></tr></table></div></div>'
    )


def docusaurus(lines: Lines) -> str:
    body = "".join(
        f'<span class="token-line" style="color:#393A34"><span class="token plain">{html.escape(line, quote=False)}</span><br></span>'
        for line in lines
    )
    return (
        f'<div class="language-js codeBlockContainer_x theme-code-block"><div class="codeBlockContent_x"><pre tabindex="0" class="prism-code language-js codeBlock_x">'
        f'<code class="codeBlockLines_x">{body}</code></pre><div class="buttonGroup_x"><button type="button" class="clean-btn">Copy</button></div></div></div>'
    )


def confluence(lines: Lines) -> str:
    return (
        '<div class="code panel pdl" style="border-width: 1px;"><div class="codeContent panelContent pdl">'
        f'<pre class="syntaxhighlighter-pre" data-syntaxhighlighter-params="brush: java; gutter: true">{html.escape(chr(10).join(lines))}</pre></div></div>'
    )


def discourse(lines: Lines) -> str:
    return (
        '<pre class="codeblock-buttons"><div class="codeblock-button-wrapper"><button class="btn nohighlight copy-cmd">Copy</button></div>'
        f'<code class="lang-python hljs language-python">{chr(10).join(_spans(line, name="hljs-keyword") for line in lines)}\n</code></pre>'
    )


def phpbb(lines: Lines) -> str:
    return f'<div class="codebox"><p>Code: <a href="#" onclick="selectCode(this); return false;">Select all</a></p><pre><code>{"<br>".join(html.escape(line, quote=False) for line in lines)}</code></pre></div>'


def phpbb_old(lines: Lines) -> str:
    code = "<br>".join(_nbsp(html.escape(line, quote=False)) for line in lines)
    return f'<dl class="codebox"><dt>Code: <a href="#">Select all</a></dt><dd><code>{code}</code></dd></dl>'


def vbulletin(lines: Lines) -> str:
    return f'<div class="bbcode_container"><div class="bbcode_description">Code:</div><pre class="bbcode_code" style="height:96px;">{html.escape(chr(10).join(lines), quote=False)}</pre></div>'


def codemirror_5(lines: Lines) -> str:
    def one(n: int, line: str) -> str:
        return (
            f'<div style="position: relative;"><div class="CodeMirror-gutter-wrapper" style="left: -30px;"><div class="CodeMirror-linenumber CodeMirror-gutter-elt">{n}</div></div>'
            f'<pre class=" CodeMirror-line " role="presentation"><span role="presentation">{_spans(line, name="cm-keyword") or chr(0x200B)}</span></pre></div>'
        )

    body = "".join(one(n, line) for n, line in enumerate(lines, 1))
    return (
        '<div class="CodeMirror cm-s-default"><div class="CodeMirror-scroll"><div class="CodeMirror-sizer"><div class="CodeMirror-lines"><div>'
        f'<div class="CodeMirror-code" role="presentation">{body}</div></div></div></div></div></div>'
    )


def codemirror_6(lines: Lines) -> str:
    numbers = "".join(f'<div class="cm-gutterElement">{n}</div>' for n in range(1, len(lines) + 1))
    body = "".join(f'<div class="cm-line">{_spans(line, name="ͼb") or "<br>"}</div>' for line in lines)
    return (
        f'<div class="cm-editor"><div class="cm-scroller"><div class="cm-gutters"><div class="cm-gutter cm-lineNumbers">{numbers}</div></div>'
        f'<div class="cm-content" contenteditable="true">{body}</div></div></div>'
    )


def ace(lines: Lines) -> str:
    numbers = "".join(
        f'<div class="ace_gutter-cell">{n}<span class="ace_fold-widget ace_start ace_open"></span></div>'
        for n in range(1, len(lines) + 1)
    )
    body = "".join(
        f'<div class="ace_line_group" style="height:14px"><div class="ace_line">{_spans(line, name="ace_keyword")}</div></div>'
        for line in lines
    )
    return (
        f'<div class="ace_editor ace-tm"><div class="ace_gutter"><div class="ace_layer ace_gutter-layer">{numbers}</div></div>'
        f'<div class="ace_scroller"><div class="ace_content"><div class="ace_layer ace_text-layer">{body}</div></div></div></div>'
    )


def javadoc_source(lines: Lines) -> str:
    body = "".join(
        f'<span class="source-line-no">{n:03d}</span><span id="line-{n}">{html.escape(line)}</span>\n'
        for n, line in enumerate(lines, 1)
    )
    return f'<main role="main"><div class="source-container"><pre>{body}</pre></div></main>'


def cgit(lines: Lines) -> str:
    numbers = "\n".join(f"<a id='n{n}' href='#n{n}'>{n}</a>" for n in range(1, len(lines) + 1))
    code = "\n".join(_spans(line, name="hl kwa") for line in lines)
    return (
        f"<table summary='blob content' class='blob'><tr><td class='linenumbers'><pre>{numbers}\n</pre></td>"
        f"<td class='lines'><pre><code>{code}\n</code></pre></td></tr></table>"
    )


def trac(lines: Lines) -> str:
    rows = "".join(
        f'<tr><th id="L{n}"><a href="#L{n}">{n}</a></th><td>{_spans(line, name="k")}</td></tr>'
        for n, line in enumerate(lines, 1)
    )
    return f'<div id="preview"><table class="code"><thead><tr><th class="lineno" title="Line numbers">Line</th><th class="content"> </th></tr></thead><tbody>{rows}</tbody></table></div>'


def _highlighter_line(n: int, line: str) -> str:
    indent = len(line) - len(line.lstrip(" "))
    space = f'<code class="js spaces">{"&nbsp;" * indent}</code>' if indent else ""
    words = (
        f'<code class="js plain">{html.escape(line.lstrip(), quote=False)}</code>'
        if line.strip()
        else "&nbsp;"
    )
    return f'<div class="line number{n} index{n - 1} alt{n % 2 + 1}">{space}{words}</div>'


def syntaxhighlighter(lines: Lines) -> str:
    numbers = "".join(
        f'<div class="line number{n} index{n - 1} alt2">{n}</div>' for n in range(1, len(lines) + 1)
    )
    code = "".join(_highlighter_line(n, line) for n, line in enumerate(lines, 1))
    return (
        '<div id="highlighter_1" class="syntaxhighlighter  js"><div class="toolbar"><span><a href="#" class="toolbar_item command_help help">?</a></span></div>'
        f'<table border="0"><tbody><tr><td class="gutter">{numbers}</td><td class="code"><div class="container">{code}</div></td></tr></tbody></table></div>'
    )


def syntaxhighlighter_2(lines: Lines) -> str:
    code = "".join(
        f'<div class="line alt{n % 2 + 1}"><table><tbody><tr><td class="number"><code>{n:02d}</code></td><td class="content">'
        f"{_highlighter_line(n, line)[len(_highlighter_line(n, 'x').split('>')[0]) + 1 : -6]}</td></tr></tbody></table></div>"
        for n, line in enumerate(lines, 1)
    )
    return f'<div class="syntaxhighlighter"><div class="bar"></div><div class="lines">{code}</div></div>'


def vitepress(lines: Lines) -> str:
    code = "\n".join(
        f'<span class="line">{_spans(line, style="style", name="--shiki-light:#D73A49")}</span>'
        for line in lines
    )
    numbers = "".join(f'<span class="line-number">{n}</span><br>' for n in range(1, len(lines) + 1))
    return (
        '<div class="language-js vp-adaptive-theme line-numbers-mode"><button title="Copy Code" class="copy"></button><span class="lang">js</span>'
        f'<pre class="shiki shiki-themes github-light github-dark vp-code"><code>{code}</code></pre>'
        f'<div class="line-numbers-wrapper" aria-hidden="true">{numbers}</div></div>'
    )


def xenforo(lines: Lines) -> str:
    return (
        '<div class="bbCodeBlock bbCodeBlock--screenLimited bbCodeBlock--code"><div class="bbCodeBlock-title">Python:</div>'
        f'<div class="bbCodeBlock-content" dir="ltr"><pre class="bbCodeCode" dir="ltr" data-xf-init="code-block" data-lang="python"><code>{html.escape(chr(10).join(lines), quote=False)}</code></pre></div></div>'
    )


def monaco(lines: Lines) -> str:
    numbers = "".join(
        f'<div style="position:absolute;top:{19 * n}px;"><div class="line-numbers" style="width:30px;">{n}</div></div>'
        for n in range(1, len(lines) + 1)
    )
    code = "".join(
        f'<div style="top:{19 * n}px;height:19px;" class="view-line"><span><span class="mtk1">{html.escape(line, quote=False).replace(" ", "&nbsp;")}</span></span></div>'
        for n, line in enumerate(lines)
    )
    return (
        '<div class="monaco-editor vs"><div class="overflow-guard"><div class="margin" role="presentation"><div class="margin-view-overlays">'
        f'{numbers}</div></div><div class="monaco-scrollable-element editor-scrollable"><div class="lines-content"><div class="view-lines">{code}</div></div></div></div></div>'
    )


LEFT_OUT = (javadoc_source, cgit, trac, syntaxhighlighter, syntaxhighlighter_2, vitepress, xenforo, monaco)
"""Written when the rules stood: their first figures are in docs/measurements.md."""
FAMILIES: dict[str, Family] = {
    family.__name__: family
    for family in (
        doxygen, doxygen_without_numbers, rustdoc, rustdoc_before_2025, gitea, gitweb, org_mode, latexml, crayon, docusaurus,
        confluence, discourse, phpbb, phpbb_old, vbulletin, codemirror_5, codemirror_6, ace, *LEFT_OUT,
    )
}  # fmt: skip
