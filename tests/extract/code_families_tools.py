"""Pages in the markup of more generators, editors and reports that show code; the pages are ours.

Not looked at until the rules for `code_families_sites` stood; first figures are in docs/measurements.md.
"""

from __future__ import annotations

import html

from tests.extract.code_families import Family, Lines, _nbsp, _spans
from tests.extract.code_families_sites import _each, _numbers, _plain


def coverage_py(lines: Lines) -> str:
    rows = "".join(
        f'<p class="pln"><span class="n"><a id="t{n}" href="#t{n}">{n}</a></span><span class="t">{_spans(line, name="key")}&nbsp;</span><span class="r"></span></p>\n'
        for n, line in enumerate(lines, 1)
    )
    return f'<main id="source">{rows}</main>'


def istanbul(lines: Lines) -> str:
    numbers = _each(lines, "<a name='L{n}'></a><a href='#L{n}'>{n}</a>\n")
    marks = '<span class="cline-any cline-neutral">&nbsp;</span>\n' * len(lines)
    return f'<pre><table class="coverage">\n<tr><td class="line-count quiet">{numbers}</td><td class="line-coverage quiet">{marks}</td><td class="text"><pre class="prettyprint lang-js" tabIndex="0">{_plain(lines)}\n</pre></td></tr></table></pre>'


def prettify_list(lines: Lines) -> str:
    items = "".join(
        f'<li class="L{(n - 1) % 10}">{_spans(line, name="kwd") or " "}</li>'
        for n, line in enumerate(lines, 1)
    )
    return (
        f'<pre class="prettyprint lang-python linenums prettyprinted"><ol class="linenums">{items}</ol></pre>'
    )


def expressive_code(lines: Lines) -> str:
    rows = _each(
        lines,
        '<div class="ec-line"><div class="gutter"><div class="ln" aria-hidden="true">{n}</div></div><div class="code">{c}\n</div></div>',
        "--0:#C792EA",
        "style",
    )
    return f'<div class="expressive-code"><figure class="frame has-title not-content"><figcaption class="header"><span class="title">a.py</span></figcaption><pre data-language="python"><code>{rows}</code></pre><div class="copy"><button title="Copy to clipboard" data-copied="Copied!"><div></div></button></div></figure></div>'


def rehype_pretty_code(lines: Lines) -> str:
    code = "\n".join(
        f'<span data-line="">{_spans(line, "style", "color:#F97583") or " "}</span>' for line in lines
    )
    return f'<figure data-rehype-pretty-code-figure=""><pre tabindex="0" data-language="python" data-theme="github-dark"><code data-language="python" data-theme="github-dark" style="display: grid;">{code}</code></pre></figure>'


def gatsby_vscode(lines: Lines) -> str:
    code = "\n".join(
        f'<span class="grvsc-line"><span class="grvsc-gutter-pad"></span><span class="grvsc-gutter grvsc-line-number" aria-hidden="true" data-content="{n}"></span><span class="grvsc-source">{_spans(line, name="mtk4")}</span></span>'
        for n, line in enumerate(lines, 1)
    )
    return f'<pre class="grvsc-container dark-default-dark" data-language="python" data-index="0"><code class="grvsc-code">{code}</code></pre>'


def mkdocs_material(lines: Lines) -> str:
    numbers = _numbers(lines, '<span class="normal"><a href="#__codelineno-0-{n}">{n}</a></span>')
    code = _each(
        lines,
        '<span id="__span-0-{n}"><a id="__codelineno-0-{n}" name="__codelineno-0-{n}"></a>{c}\n</span>',
    )
    return f'<div class="language-python highlight"><table class="highlighttable"><tr><th colspan="2" class="filename"><span class="filename">a.py</span></th></tr><tr><td class="linenos"><div class="linenodiv"><pre><span></span>{numbers}</pre></div></td><td class="code"><div><nav class="md-code__nav"><button class="md-code__button" title="Copy to clipboard"></button></nav><pre id="__code_0"><span></span><code>{code}</code></pre></div></td></tr></table></div>'


def enlighter(lines: Lines) -> str:
    rows = "".join(
        f'<div class=""><div>{_spans(line, name="enlighter-k1") or "&nbsp;"}</div></div>' for line in lines
    )
    return f'<div class="enlighter-default enlighter-v-standard enlighter-t-enlighter enlighter-l-python enlighter-hover enlighter-linenumbers"><div class="enlighter-toolbar-top enlighter-toolbar"><div class="enlighter-btn enlighter-btn-raw" title="Plain text"></div><div class="enlighter-btn enlighter-btn-copy" title="Copy to clipboard"></div></div><div class="enlighter-code"><div class="enlighter" style="counter-reset: 0;">{rows}</div></div></div>'


def hljs_numbers(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr><td class="hljs-ln-line hljs-ln-numbers" data-line-number="{n}"><div class="hljs-ln-n" data-line-number="{n}"></div></td><td class="hljs-ln-line hljs-ln-code" data-line-number="{n}">{c}</td></tr>',
        "hljs-keyword",
    )
    return f'<pre><code class="hljs language-python"><table class="hljs-ln"><tbody>{rows}</tbody></table></code></pre>'


def hgweb(lines: Lines) -> str:
    code = _each(lines, '<span id="l{n}">{c}</span><a href="#l{n}"></a>\n')
    return f'<div class="overflow"><div class="sourcefirst linewraptoggle">line wrap: <a class="linewraplink" href="#">on</a></div>\n<div class="sourcefirst"> line source</div>\n<pre class="sourcelines stripes4 wrap bottomline">{code}</pre></div>'


def gitiles(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr class="u-pre u-monospace FileContents-line"><td class="u-lineNum u-noSelect FileContents-lineNum" data-line-number="{n}"></td><td class="FileContents-lineContents" id="{n}">{c}</td></tr>',
        "u-kwd",
    )
    return f'<table class="FileContents"><tbody>{rows}</tbody></table>'


def naver(lines: Lines) -> str:
    return f'<div class="se-component se-code code_stripe"><div class="se-component-content"><div class="se-section se-section-code"><div class="se-module se-module-code se-fs-fs13"><div class="se-code-source"><div class="__se_code_view language-python">{_each(lines, "{c}" + chr(10), "hljs-keyword").rstrip()}</div></div></div></div></div></div>'


def medium(lines: Lines) -> str:
    code = "<br>".join(html.escape(line, quote=False) for line in lines)
    return f'<pre class="ld le lf lg lh mm mn mo bo mp ba bj"><span id="0a1b" class="mq nc id mn b gz" data-selectable-paragraph="">{code}</span></pre>'


def hilite_me(lines: Lines) -> str:
    return f'<!-- HTML generated using hilite.me --><div style="background: #f8f8f8; overflow:auto;width:auto;border:solid gray;border-width:.1em;padding:.2em .6em;"><table><tr><td><pre style="margin: 0; line-height: 125%">{_numbers(lines)}</pre></td><td><pre style="margin: 0; line-height: 125%">{_each(lines, "{c}" + chr(10), "color: #008800", "style")}</pre></td></tr></table></div>'


def javadoc_old(lines: Lines) -> str:
    code = "".join(
        f'<span class="sourceLineNo">{n:03d}</span>{html.escape(line, quote=False)}<a name="line.{n}"></a>\n'
        for n, line in enumerate(lines, 1)
    )
    return f'<div class="sourceContainer"><pre>{code}</pre></div>'


def vscode_paste(lines: Lines) -> str:
    rows = "".join(
        f"<div>{_spans(line, 'style', 'color: #569cd6;')}</div>" if line.strip() else "<br>" for line in lines
    )
    return f"<div style=\"color: #d4d4d4;background-color: #1e1e1e;font-family: Consolas, 'Courier New', monospace;font-weight: normal;font-size: 14px;line-height: 19px;white-space: pre;\">{rows}</div>"


def atlaskit(lines: Lines) -> str:
    rows = _each(
        lines,
        '<span class="" data-ds--code--row=""><span class="linenumber react-syntax-highlighter-line-number ds-line-number" data-ds--line-number="{n}" style="float:left"></span><span class="">{c}\n</span></span>',
        "token keyword",
    )
    return f'<div class="code-block"><span class="prismjs" data-code-lang="python" data-ds--code--code-block=""><code class="language-python" style="white-space:pre">{rows}</code></span></div>'


def docutils_numbers(lines: Lines) -> str:
    code = "".join(
        f'<small class="ln">{n:2d} </small><code data-lineno="{n:2d} ">{_spans(line, name="keyword")}\n</code>'
        for n, line in enumerate(lines, 1)
    )
    return f'<pre class="code python number-lines literal-block">{code}</pre>'


def pandoc_old_table(lines: Lines) -> str:
    return f'<table class="sourceCode python numberLines"><tr class="sourceCode"><td class="lineNumbers"><pre>{_numbers(lines)}\n</pre></td><td class="sourceCode"><pre><code class="sourceCode python">{_each(lines, "{c}" + chr(10))}</code></pre></td></tr></table>'


def vim_to_html(lines: Lines) -> str:
    code = "".join(
        f'<span id="L{n}" class="LineNr">{n:3d} </span>{_spans(line, name="Statement")}\n'
        for n, line in enumerate(lines, 1)
    )
    return f"<pre id='vimCodeElement'>\n{code}</pre>"


def asciidoctor_table(lines: Lines) -> str:
    return f'<div class="listingblock"><div class="content"><pre class="rouge highlight"><code data-lang="python"><table class="linenotable"><tbody><tr><td class="linenos gl"><pre class="lineno">{_numbers(lines)}\n</pre></td><td class="code"><pre>{_each(lines, "{c}" + chr(10))}</pre></td></tr></tbody></table></code></pre></div></div>'


def searchfox(lines: Lines) -> str:
    rows = _each(
        lines,
        '<div role="row" id="line-{n}" class="source-line-with-number"><div role="cell"><div class="blame-strip c1"></div></div><div role="cell" class="line-number" data-line-number="{n}"></div><code role="cell" class="source-line">{c}\n</code></div>\n',
        "syn_reserved",
    )
    return f'<div id="file" class="file" role="table">{rows}</div>'


def sourcegraph(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr><td class="line" data-line="{n}"></td><td class="code"><div>{c}</div></td></tr>',
        "hljs-keyword",
    )
    return f'<code class="blob-code"><table><tbody>{rows}</tbody></table></code>'


def gogs(lines: Lines) -> str:
    numbers = _each(lines, '<span id="L{n}">{n}</span>')
    code = _each(lines, '<li class="L{n}" rel="L{n}">{c}</li>', "hljs-keyword")
    return f'<div class="file-body file-code code-view"><table><tbody><tr><td class="lines-num">{numbers}</td><td class="lines-code"><pre><code class="python hljs"><ol class="linenums">{code}</ol></code></pre></td></tr></tbody></table></div>'


def evernote(lines: Lines) -> str:
    rows = "".join(
        f"<div>{_nbsp(html.escape(line, quote=False)) or '<br clear=none>'}</div>" for line in lines
    )
    return f'<div style="box-sizing: border-box; padding: 8px; font-family: Monaco, Menlo, Consolas, &quot;Courier New&quot;, monospace; font-size: 12px; -en-codeblock: true;">{rows}</div>'


def w3schools(lines: Lines) -> str:
    code = "<br>\n".join(_nbsp(_spans(line, name="pythonkeywordcolor")) for line in lines)
    return f'<div class="w3-code notranslate pythonHigh"><span class="pythoncolor" style="color:black">{code}</span></div>'


def dxr(lines: Lines) -> str:
    numbers = _each(lines, '<span class="line-number" id="{n}" unselectable="on" rel="#{n}">{n}</span>\n')
    code = "\n".join(
        f'<code id="line-{n}" aria-labelledby="{n}">{_spans(line)}</code>' for n, line in enumerate(lines, 1)
    )
    return f'<table id="file" class="file"><thead class="visually-hidden"><th scope="col">Line</th><th scope="col">Code</th></thead><tbody><tr><td id="line-numbers">{numbers}</td><td class="code"><pre>{code}\n</pre></td></tr></tbody></table>'


def typora(lines: Lines) -> str:
    body = "".join(
        f'<div style="position: relative;"><pre class=" CodeMirror-line " role="presentation"><span role="presentation" style="padding-right: 0.1px;">{_spans(line, name="cm-keyword") or chr(0x200B)}</span></pre></div>'
        for line in lines
    )
    return f'<pre spellcheck="false" class="md-fences md-end-block ty-contain-cm modeLoaded" lang="python"><div class="CodeMirror cm-s-inner CodeMirror-wrap" lang="python"><div class="CodeMirror-scroll" tabindex="-1"><div class="CodeMirror-sizer"><div><div class="CodeMirror-lines" role="presentation"><div role="presentation"><div class="CodeMirror-code">{body}</div></div></div></div></div></div></div></pre>'


def matlab_live(lines: Lines) -> str:
    rows = "".join(
        f'<div class="inlineWrapper"><div  class = "S6"><span style="white-space: pre"><span>{html.escape(line, quote=False)}</span></span></div></div>'
        for line in lines
    )
    return f'<div class="CodeBlock">{rows}</div>'


def angular_docs(lines: Lines) -> str:
    rows = _each(lines, '<span class="line">{c}</span>', "--shiki-dark:#D19A66", "style").replace(
        '</span><span class="line">', '</span>\n<span class="line">'
    )
    return f'<div class="docs-code" path="a.py"><button type="button" class="docs-copy-source-code" title="Copy source code"><i class="material-symbols-outlined">content_copy</i></button><pre class="shiki" tabindex="0"><code>{rows}</code></pre></div>'


TOOLS: dict[str, Family] = {
    family.__name__: family
    for family in (
        coverage_py, istanbul, prettify_list, expressive_code, rehype_pretty_code, gatsby_vscode, mkdocs_material,
        enlighter, hljs_numbers, hgweb, gitiles, naver, medium, hilite_me, javadoc_old, vscode_paste, atlaskit,
        docutils_numbers, pandoc_old_table, vim_to_html, asciidoctor_table, searchfox,
        sourcegraph, gogs, evernote, w3schools, dxr, typora, matlab_live, angular_docs,
    )
}  # fmt: skip
PYTHON = frozenset(
    "expressive_code rehype_pretty_code gatsby_vscode mkdocs_material enlighter hljs_numbers naver atlaskit "
    "docutils_numbers pandoc_old_table asciidoctor_table gogs typora prettify_list".split()
)
"""Those whose markup names the language."""
