"""Pages in the markup of sites, forges, forums and generators that show code; the pages are ours.

Written after the rules of `code_families` stood; first figures are in docs/measurements.md.
"""

from __future__ import annotations

import html

from tests.extract.code_families import Family, Lines, _nbsp, _spans


def _numbers(lines: Lines, form: str = "{n}") -> str:
    return "\n".join(form.format(n=n) for n in range(1, len(lines) + 1))


def _plain(lines: Lines) -> str:
    return html.escape("\n".join(lines), quote=False)


def _each(lines: Lines, form: str, name: str = "k", style: str = "class") -> str:
    """Return a form for each line, `{n}` its number, `{c}` its code in spans, `{nb}` with no-break spaces."""
    return "".join(
        form.replace("{n}", str(n)).replace("{c}", _spans(line, style, name)).replace("{nb}", _nbsp(_spans(line, style, name)))
        for n, line in enumerate(lines, 1)
    )  # fmt: skip


def sphinx_table(lines: Lines) -> str:
    numbers = _numbers(lines, '<span class="normal">{n}</span>')
    code = _each(lines, "{c}\n")
    return f'<div class="highlight-python notranslate"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div class="highlight"><pre><span></span>{code}</pre></div></td></tr></table></div>'


def sphinx_inline(lines: Lines) -> str:
    code = _each(lines, '<span class="linenos">{n}</span>{c}\n')
    return f'<div class="highlight-python notranslate"><div class="highlight"><pre><span></span>{code}</pre></div></div>'


def rouge_table(lines: Lines) -> str:
    return f'<div class="language-python highlighter-rouge"><div class="highlight"><pre class="highlight"><code><table class="rouge-table"><tbody><tr><td class="rouge-gutter gl"><pre class="lineno">{_numbers(lines)}\n</pre></td><td class="rouge-code"><pre>{_each(lines, "{c}" + chr(10))}</pre></td></tr></tbody></table></code></pre></div></div>'


def chroma_table(lines: Lines) -> str:
    numbers = _each(lines, '<span class="lnt">{n}\n</span>')
    code = _each(lines, '<span class="line"><span class="cl">{c}\n</span></span>')
    return f'<div class="highlight"><div class="chroma">\n<table class="lntable"><tr><td class="lntd">\n<pre tabindex="0" class="chroma"><code>{numbers}</code></pre></td>\n<td class="lntd">\n<pre tabindex="0" class="chroma"><code class="language-python" data-lang="python">{code}</code></pre></td></tr></table>\n</div>\n</div>'


def chroma_inline(lines: Lines) -> str:
    code = _each(lines, '<span class="line"><span class="ln">{n}</span><span class="cl">{c}\n</span></span>')
    return f'<div class="highlight"><pre tabindex="0" class="chroma"><code class="language-python" data-lang="python">{code}</code></pre></div>'


def hexo_figure(lines: Lines) -> str:
    numbers = _each(lines, '<span class="line">{n}</span><br>')
    code = _each(lines, '<span class="line">{c}</span><br>')
    return f'<figure class="highlight python"><table><tr><td class="gutter"><pre>{numbers}</pre></td><td class="code"><pre>{code}</pre></td></tr></table></figure>'


def astro_shiki(lines: Lines) -> str:
    code = "\n".join(f'<span class="line">{_spans(line, "style", "color:#D73A49")}</span>' for line in lines)
    return f'<pre class="astro-code github-dark" style="background-color:#24292e;overflow-x:auto" tabindex="0" data-language="python"><code>{code}</code></pre>'


def prism_numbers(lines: Lines) -> str:
    rows = "<span></span>" * len(lines)
    return f'<div class="code-toolbar"><pre class="line-numbers language-python" tabindex="0"><code class="language-python">{_each(lines, "{c}" + chr(10), "token keyword")}<span aria-hidden="true" class="line-numbers-rows">{rows}</span></code></pre><div class="toolbar"><div class="toolbar-item"><span>Python</span></div><div class="toolbar-item"><button class="copy-to-clipboard-button" type="button"><span>Copy</span></button></div></div></div>'


def react_highlighter(lines: Lines) -> str:
    code = _each(
        lines,
        '<span class="linenumber react-syntax-highlighter-line-number" style="display:inline-block;min-width:2.25em;padding-right:1em;text-align:right;user-select:none">{n}</span><span>{c}\n</span>',
        "color:#d73a49",
        "style",
    )
    return f'<pre style="display:block;overflow-x:auto;padding:0.5em;color:#000;background:#fff"><code class="language-python" style="white-space:pre">{code}</code></pre>'


def react_highlighter_wrapped(lines: Lines) -> str:
    code = _each(
        lines,
        '<span style="display: block;"><span style="min-width: 2.25em; user-select: none;">{n}</span><span style="">{c}\n</span></span>',
        "color:#d73a49",
        "style",
    )
    return f'<pre style="display:block;overflow-x:auto"><code class="language-python" style="white-space:pre">{code}</code></pre>'


def github_table(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr>\n<td id="L{n}" class="blob-num js-line-number js-code-nav-line-number" data-line-number="{n}"></td>\n<td id="LC{n}" class="blob-code blob-code-inner js-file-line">{c}</td>\n</tr>\n',
        "pl-k",
    )
    return f'<div itemprop="text" class="Box-body p-0 blob-wrapper data type-python"><table data-hpc class="highlight tab-size js-file-line-container" data-tab-size="8" data-paste-markdown-skip><tbody>{rows}</tbody></table></div>'


def github_react(lines: Lines) -> str:
    numbers = _each(
        lines,
        '<div data-line-number="{n}" class="react-line-number react-code-text virtual" style="padding-right:16px">{n}</div>',
    )
    code = _each(
        lines,
        '<div id="LC{n}" class="react-file-line html-div" data-testid="code-cell" data-line-number="{n}" style="position:relative">{c}</div>',
        "pl-k",
    )
    return f'<div class="react-code-file-contents" role="presentation" aria-hidden="true" data-tab-size="8" data-hpc="true"><div class="react-line-numbers" style="pointer-events:auto">{numbers}</div><div class="react-code-lines">{code}</div></div>'


def gist(lines: Lines) -> str:
    table = github_table(lines).replace("data-tab-size", 'data-tagsearch-lang="Python" data-tab-size')
    return f'<div id="gist1" class="gist"><div class="gist-file" translate="no"><div class="gist-data"><div class="js-gist-file-update-container js-task-list-container"><div id="file-a-py" class="file my-2">{table}</div></div></div><div class="gist-meta"><a href="#raw" style="float:right">view raw</a><a href="#a-py">a.py</a> hosted with love by <a href="https://github.com">GitHub</a></div></div></div>'


def gitlab(lines: Lines) -> str:
    numbers = _each(
        lines,
        '<a class="file-line-num diff-line-num" href="#L{n}" id="L{n}" data-line-number="{n}">\n{n}\n</a>\n',
    )
    code = "\n".join(
        f'<span id="LC{n}" class="line" lang="python">{_spans(line)}</span>'
        for n, line in enumerate(lines, 1)
    )
    return f'<div class="file-content code js-syntax-highlight"><div class="line-numbers" data-blame-path="#">{numbers}</div><div class="blob-content" data-path="a.py"><pre class="code highlight"><code>{code}\n</code></pre></div></div>'


def phabricator(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr><th class="phabricator-source-line"><a href="#${n}" data-n="{n}"></a></th><td class="phabricator-source-code">{c}\n</td></tr>',
    )
    return f'<div class="phabricator-source-code-container"><table class="phabricator-source-code-view remarkup-code PhabricatorMonospaced"><tbody>{rows}</tbody></table></div>'


def opengrok(lines: Lines) -> str:
    code = _each(lines, '<a class="l" name="{n}" href="#{n}">{n}</a>{c}\n', "b")
    return f'<div id="src" data-navigate-window-enabled="false"><pre>{code}</pre></div>'


def elixir(lines: Lines) -> str:
    numbers = _each(lines, '<span class="normal"><a name="L{n}" id="L{n}" href="#L{n}">{n}</a></span>\n')
    return f'<div class="lxrcode"><table class="highlighttable"><tbody><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div><pre><span></span>{_each(lines, "{c}" + chr(10))}</pre></div></td></tr></tbody></table></div>'


def lxr(lines: Lines) -> str:
    code = _each(lines, '<a class="fline" name="{n}" href="#{n}">{n}</a> {c}\n', "r")
    return f'<div id="content"><pre class="filecontent">{code}</pre></div>'


def viewvc(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr class="vc_row_odd" id="l{n}"><td class="vc_file_line_number">{n}</td>\n<td class="vc_file_line_text">{c}</td></tr>\n',
    )
    return f'<div id="vc_main_body"><div id="vc_markup"><table cellspacing="0" cellpadding="0">{rows}</table></div></div>'


def redmine(lines: Lines) -> str:
    rows = _each(
        lines,
        '<tr id="L{n}"><th class="line-num"><a href="#L{n}" data-txt="{n}"></a></th><td class="line-code"><pre>{c}\n</pre></td></tr>\n',
        "keyword",
    )
    return f'<div class="autoscroll"><table class="filecontent syntaxhl"><tbody>{rows}</tbody></table></div>'


def mediawiki_lines(lines: Lines) -> str:
    code = _each(
        lines,
        '<span id="L-{n}"><a href="#L-{n}"><span class="linenos" data-line="{n}"></span></a>{c}\n</span>',
    )
    return f'<div class="mw-highlight mw-highlight-lang-python mw-content-ltr mw-highlight-lines" dir="ltr"><pre><span></span>{code}</pre></div>'


def geshi_list(lines: Lines) -> str:
    items = _each(lines, '<li class="li1"><div class="de1">{c}</div></li>', "kw1").replace(
        "></div>", ">&nbsp;</div>"
    )
    return f'<pre class="code python"><ol>{items}</ol></pre>'


def pastebin(lines: Lines) -> str:
    items = _each(lines, '<li class="li1"><div class="de1">{c}</div></li>', "kw1").replace(
        "></div>", ">&nbsp;</div>"
    )
    return f'<div class="highlighted-code"><div class="top-buttons"><div class="left"><a href="/archive/python" class="btn -small h_800">Python</a> 0.31 KB</div></div><div class="source python" style="font-size: 13px"><ol class="python">{items}</ol></div></div>'


def discuz(lines: Lines) -> str:
    items = "".join(f"<li>{_nbsp(html.escape(line, quote=False))}<br />\n</li>" for line in lines)
    return f"""<div class="blockcode"><div id="code_x"><ol>{items}</ol></div><em onclick="copycode($('code_x'));">复制代码</em></div>"""


def csdn(lines: Lines) -> str:
    numbers = _each(lines, '<li style="color: rgb(153, 153, 153);">{n}</li>')
    return f'<pre data-index="0" class="set-code-show prettyprint"><code class="prism language-python has-numbering" onclick="mdcp.copyCode(event)" style="position: unset;">{_each(lines, "{c}" + chr(10), "token keyword")}<div class="hljs-button {{2}}" data-title="复制" data-report-click="x"></div></code><ul class="pre-numbering" style="">{numbers}</ul></pre>'


def csdn_list(lines: Lines) -> str:
    items = _each(
        lines,
        '<li><div class="hljs-ln-numbers"><div class="hljs-ln-line hljs-ln-n" data-line-number="{n}"></div></div><div class="hljs-ln-code"><div class="hljs-ln-line">{c}</div></div></li>',
        "hljs-keyword",
    )
    return f'<pre data-index="1" class="set-code-show" name="code"><code class="hljs language-python"><ol class="hljs-ln" style="width:100%">{items}</ol></code><div class="hljs-button signin active" data-title="登录复制"></div></pre>'


def cnblogs(lines: Lines) -> str:
    code = "\n".join(
        f'<span style="color: #008080;">{n:2d}</span> {_spans(line, "style", "color: #0000ff;")}'
        for n, line in enumerate(lines, 1)
    )
    bar = '<div class="cnblogs_code_toolbar"><span class="cnblogs_code_copy"><a href="javascript:void(0);" onclick="copyCnblogsCode(this)" title="复制代码"><img src="copycode.gif" alt="复制代码"></a></span></div>'
    return f'<div class="cnblogs_code">{bar}<pre>{code}</pre>{bar}</div>'


def qiita(lines: Lines) -> str:
    return f'<div class="code-frame" data-lang="python" data-sourcepos="1:1-9:3"><div class="code-lang"><span class="bold">sample.py</span></div><div class="highlight"><pre><code>{_each(lines, "{c}" + chr(10))}</code></pre></div></div>'


def smf(lines: Lines) -> str:
    code = "<br>".join(_nbsp(html.escape(line, quote=False)) for line in lines)
    return f'<div class="codeheader"><span class="code floatleft">Code</span> <a class="codeoperation smf_select_text">Select</a> <a class="codeoperation smf_expand_code hidden">Expand</a></div><code class="bbc_code">{code}<br></code>'


def quarto(lines: Lines) -> str:
    code = "\n".join(
        f'<span id="cb1-{n}"><a href="#cb1-{n}" aria-hidden="true" tabindex="-1"></a>{_spans(line)}</span>'
        for n, line in enumerate(lines, 1)
    )
    anchor = '<button class="code-annotation-anchor" data-target-cell="annotated-cell-1" data-target-annotation="1">1</button>'
    return f'<div class="sourceCode cell-code" id="annotated-cell-1"><pre class="sourceCode python code-annotation-code code-with-copy code-annotated"><code class="sourceCode python">{anchor}{code}<div class="code-annotation-gutter-bg"></div><div class="code-annotation-gutter"></div></code><button title="Copy to Clipboard" class="code-copy-button"><i class="bi"></i></button></pre></div>'


def tex4ht(lines: Lines) -> str:
    body = "".join(f"{_nbsp(html.escape(line, quote=False))}<br />" for line in lines)
    return f'<div class="verbatim" id="verbatim-1">\n{body}<a id="x1-2r1"></a></div>'


def tex4ht_listing(lines: Lines) -> str:
    rows = "".join(
        f'<span class="label"><a id="x1-{n}r{n}"></a><span class="cmr-6">{n}</span></span>{"".join(f"<span class={q}cmtt-10{q}>{html.escape(p, quote=False)}</span>" if p else "" for q in (chr(34),) for p in (_nbsp(line),))}\n'
        for n, line in enumerate(lines, 1)
    )
    return f'<!--l. 10--><pre class="lstlisting" id="listing-1">{rows}</pre>'


def godoc(lines: Lines) -> str:
    code = "".join(
        f'<span id="L{n}" class="ln">{n:6d}&nbsp;&nbsp;</span>{_spans(line, name="comment")}\n'
        for n, line in enumerate(lines, 1)
    )
    return f"<pre>{code}</pre>"


def yard(lines: Lines) -> str:
    numbers = "\n".join(str(n) for n in range(12, 12 + len(lines)))
    return f'<table class="source_code"><tr><td><pre class="lines">{numbers}</pre></td><td><pre class="code">{_each(lines, "{c}" + chr(10), "kw")}</pre></td></tr></table>'


def fossil(lines: Lines) -> str:
    numbers = "".join(f"<span id='ln{n}'>{n}</span>\n" for n in range(1, len(lines) + 1))
    return f"<div class='codeblock'><table class='numbered-lines'><tbody><tr><td class='line-numbers'><pre>{numbers}</pre></td><td class='file-content'><pre><code class='language-py'>{_plain(lines)}\n</code></pre></td></tr></tbody></table></div>"


def woboq(lines: Lines) -> str:
    rows = _each(lines, '<tr><th id="{n}">{n}</th><td>{c}</td></tr>\n', "kw")
    return f'<div id="content"><table class="code">{rows}</table></div>'


SITES: dict[str, Family] = {
    family.__name__: family
    for family in (
        sphinx_table, sphinx_inline, rouge_table, chroma_table, chroma_inline, hexo_figure, astro_shiki,
        prism_numbers, react_highlighter, react_highlighter_wrapped, github_table, github_react, gist, gitlab,
        phabricator, opengrok, elixir, lxr, viewvc, redmine, mediawiki_lines, geshi_list, pastebin, discuz, csdn,
        csdn_list, cnblogs, qiita, smf, quarto, tex4ht, tex4ht_listing, godoc, yard, fossil, woboq,
    )
}  # fmt: skip
PYTHON = frozenset(
    "sphinx_table sphinx_inline rouge_table chroma_table chroma_inline hexo_figure astro_shiki prism_numbers "
    "react_highlighter react_highlighter_wrapped github_table gist gitlab mediawiki_lines geshi_list pastebin csdn "
    "csdn_list qiita quarto".split()
)
"""Those whose markup names the language."""
