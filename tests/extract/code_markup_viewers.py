"""Markup of source viewers, forges, coverage reports and documentation generators; the pages are ours.

Not looked at until the rules for the families before stood; first figures are in docs/measurements.md.
"""

from __future__ import annotations

from tests.extract.code_markup import Markup

VIEWERS: dict[str, Markup] = {
    "sphinx_viewcode": Markup(
        before='<div class="highlight"><pre>\n<span></span><div class="viewcode-block" id="f"><a class="viewcode-back" href="../a.html#f">[docs]</a>',
        line="{c}\n", after="</div>\n</pre></div>",
    ),
    "pygments_anchored": Markup(
        before='<div class="codehilite"><pre><span></span><code>', after="</code></pre></div>",
        line='<a id="a-{n}" name="a-{n}" href="#a-{n}"></a><span class="linenos">{n:2d} </span><span class="hll">{c}\n</span>',
    ),
    "rouge_line_table": Markup(
        before='<table class="rouge-line-table"><tbody>', after="</tbody></table>",
        line='<tr id="line-{n}" class="lineno"><td class="rouge-gutter gl" style="-moz-user-select: none;-ms-user-select: none;-webkit-user-select: none;user-select: none;"><pre>{n}</pre></td><td class="rouge-code"><pre>{c}\n</pre></td></tr>',
    ),
    "rouge_linewise": Markup(
        before='<pre class="highlight">', line='<div class="line-{n}">{c}\n</div>', after="</pre>",
    ),
    "coderay_table": Markup(
        before='<table class="CodeRay"><tr><td class="line-numbers" title="double click to toggle" ondblclick="x"><pre>{numbers}\n</pre></td><td class="code"><pre>',
        number='<a href="#n{n}" name="n{n}">{n}</a>', numbers_between="\n", line="{c}\n", after="</pre></td></tr></table>",
    ),
    "coderay_inline": Markup(
        before='<div class="CodeRay"><div class="code"><pre>', after="</pre></div></div>",
        line='<span class="line-numbers"><a href="#n{n}" name="n{n}">{n:2d}</a></span>{c}\n',
    ),
    "sourceforge": Markup(
        before='<table class="codehilitetable"><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div class="codehilite"><pre>',
        number="{n:2d}", numbers_between="\n", line='<div id="l{n}" class="code_block">{c}\n</div>', after="</pre></div></td></tr></table>",
    ),
    "forgejo": Markup(
        before='<div class="ui attached table unstackable segment"><div class="file-view code-view unicode-escaped"><table><tbody>', after="</tbody></table></div></div>",
        line='<tr><td id="L{n}" class="lines-num"><span id="L{n}" data-line-number="{n}"></span></td><td class="lines-escape"><button class="toggle-escape-button btn interact-bg" title="!"></button></td><td rel="L{n}" class="lines-code chroma"><code class="code-inner">{c}\n</code></td></tr>',
    ),
    "gitea_blame": Markup(
        before='<div class="file-view code-view"><table><tbody>', after="</tbody></table></div>",
        line='<tr class="bottom-line"><td class="lines-commit"><div class="blame-info"><div class="blame-data"><div class="blame-message"><a href="/c/1">Fix it all</a></div><div class="blame-time">2 years ago</div></div></div></td><td class="lines-blame-btn"></td><td class="lines-num"><span id="L{n}" data-line-number="{n}"></span></td><td rel="L{n}" class="lines-code chroma"><code class="code-inner pl-3">{c}\n</code></td></tr>',
    ),
    "sourcehut": Markup(
        before='<div class="code-view"><pre class="ruler"><span>                                        </span></pre><pre class="lines"><code>{numbers}\n</code></pre><pre class="highlight"><code>',
        number='<a href="#L{n}" id="L{n}">{n}</a>', numbers_between="\n", line="{c}\n", after="</code></pre></div>",
    ),
    "odoc_source": Markup(
        before='<div class="odoc-src"><pre class="source_container"><code class="source_line_column">{numbers}</code><code class="source_code"><span>',
        number='<a id="L{n}" class="source_line" href="#L{n}">{n}</a>\n', line="{c}\n", after="</span></code></pre></div>",
    ),
    "haddock_source": Markup(
        before='<pre>', line='<span id="line-{n}"></span><span>{c}</span><span>\n</span>', after="</pre>",
        token='<span class="annot"><span class="annottext">Tip :: Int -&gt; Bool\n</span><a href="x.html#t"><span class="hs-identifier hs-var">{t}</span></a></span>',
    ),
    "twoslash": Markup(
        before='<pre class="shiki vitesse-dark twoslash lsp"><code>', line='<span class="line">{c}</span>', between="\n", after="</code></pre>",
        token='<span style="color:#CB7676"><span class="twoslash-hover"><span class="twoslash-popup-container"><code class="twoslash-popup-code"><span class="line">const x: number</span></code><div class="twoslash-popup-docs">A tip for it.</div></span>{t}</span></span>',
    ),
    "racket_scribble": Markup(
        before='<div class="SIntrapara"><blockquote class="SCodeFlow"><table cellspacing="0" cellpadding="0" class="RktBlk"><tbody>', after="</tbody></table></blockquote></div>",
        line='<tr><td><span class="hspace"></span>{nbsp}</td></tr>', blank='<span class="RktMeta">&nbsp;</span>', token='<span class="RktSym">{t}</span>', every_token=True,
    ),
    "typedoc": Markup(
        before='<div class="tsd-comment"><pre><code class="language-ts">', line="{c}", between="<br/>", after='</code><button type="button">Copy</button></pre></div>',
        token='<span class="hl-3">{t}</span>',
    ),
    "swift_docc": Markup(
        before='<div class="code-listing" data-syntax="swift"><div class="container-general"><pre><code>', after="</code></pre></div></div>",
        line='<span class="code-line-container"><span class="code-number" data-line-number="{n}"></span><span class="code-line">{c}</span>\n</span>',
        token='<span class="syntax-keyword">{t}</span>',
    ),
    "scaladoc_snippet": Markup(
        before='<div class="snippet mod scala-snippet" scala-snippet=""><div class="buttons"></div><pre><code class="language-scala hljs">', after="</code></pre></div>",
        line='<span id="{n0}" class="snippet-line">{c}\n</span>',
    ),
    "dokka": Markup(
        before='<div class="sample-container"><pre><code class="block lang-kotlin" theme="idea">', line="{c}", between="<br>", after='</code></pre><span class="top-right-position"><span class="copy-icon"></span><div class="copy-popup-wrapper popup-to-left"><span class="copy-popup-icon"></span><span>Content copied to clipboard</span></div></span></div>',
    ),
    "apple_library": Markup(
        before='<div class="codesample clear"><table>', line='<tr><td scope="row"><pre>{c}<span></span></pre></td></tr>', after="</table></div>", blank="&nbsp;",
    ),
    "epydoc_source": Markup(
        before='<pre class="py-src">\n', after="</pre>",
        line='<a name="L{n}"></a><tt class="py-lineno">{n:4d}</tt>  <tt class="py-line">{c}</tt>\n',
        token='<tt class="py-keyword">{t}</tt>',
    ),
    "pdoc": Markup(
        before='<div class="pdoc-code codehilite"><pre><span></span>', line='<span id="L-{n}"><a href="#L-{n}"><span class="linenos">{n:2d}</span></a>{c}\n</span>', after="</pre></div>",
    ),
    "apigen_source": Markup(
        before='<div id="source"><pre><code>', line='<span id="{n}" class="l"><a href="#{n}">{n:3d}: </a>{c}\n</span>', after="</code></pre></div>",
    ),
    "doxygen_old": Markup(
        before='<div class="fragment"><pre class="fragment">', line='<a name="l{n:05d}"></a>{n:05d} {c}\n', after="</pre></div>",
    ),
    "global_htags": Markup(
        before="<pre>\n", line='<a id="L{n}" name="L{n}"></a>{n:4d} {c}\n', after="</pre>",
    ),
    "sonarqube": Markup(
        before='<table class="source-table"><tbody>', after="</tbody></table>",
        line='<tr class="source-line" data-line-number="{n}"><td class="source-meta source-line-number" data-line-number="{n}"></td><td class="source-meta source-line-scm" data-line-number="{n}"></td><td class="source-meta source-line-bar"></td><td class="source-line-code code"><div class="source-line-code-inner"><pre>{c}</pre></div></td></tr>',
    ),
    "cobertura": Markup(
        before='<table cellspacing="0" cellpadding="0" class="src">', after="</table>",
        line='<tr><td class="numLineCover">&nbsp;{n}</td><td class="nbHitsCovered">&nbsp;{n0}</td><td class="src"><pre class="src">&nbsp;{c}</pre></td></tr>',
    ),
    "lcov": Markup(
        before='<pre class="sourceHeading">          Line data    Source code</pre><pre class="source">\n', after="</pre>",
        line='<a name="{n}"><span class="lineNum">{n:8d} </span>            : {c}</a>\n',
    ),
    "llvm_cov": Markup(
        before="<table><tr><td><pre>Line</pre></td><td><pre>Count</pre></td><td><pre>Source</pre></td></tr>", after="</table>",
        line="<tr><td class='line-number'><a name='L{n}' href='#L{n}'><pre>{n}</pre></a></td><td class='covered-line'><pre>{alt}</pre></td><td class='code'><pre>{c}</pre></td></tr>",
    ),
    "gcovr": Markup(
        before='<table class="listing"><tbody><tr><th>Line</th><th>Branch</th><th>Exec</th><th class="src">Source</th></tr>', after="</tbody></table>",
        line='<tr class="source-line"><td class="lineno"><a id="l{n}" href="#l{n}">{n}</a></td><td class="linebranch"></td><td class="linecount coveredLine">{alt}</td><td class="src coveredLine">{c}</td></tr>',
    ),
    "simplecov": Markup(
        before='<div class="source_table"><pre><ol>', after="</ol></pre></div>",
        line='<li class="covered" data-hits="{alt}" data-linenumber="{n}"><span class="hits">{alt}</span>\n<code class="ruby">{c}</code></li>\n',
    ),
    "phpunit_coverage": Markup(
        before='<table id="code" class="table table-borderless table-condensed"><tbody>', after="</tbody></table>",
        line='<tr class="covered-by-large-tests popin"><td class="col-1 text-right"><a id="{n}" href="#{n}">{n}</a></td><td class="col-11 codeLine">{nb}</td></tr>\n',
    ),
    "view_source": Markup(
        before='<table><tbody>', line='<tr><td class="line-number" value="{n}"></td><td class="line-content">{c}\n</td></tr>', after="</tbody></table>",
        token='<span class="html-tag">{t}</span>', blank="<br>",
    ),
    "unpkg": Markup(
        before='<table class="css-1rgb5fd"><tbody>', line='<tr><td id="L{n}" class="css-a4x74f"><span>{n}</span></td><td id="LC{n}" class="css-1tvrgxo"><code>{c}\n</code></td></tr>', after="</tbody></table>",
    ),
    "docs_rs_source": Markup(
        before='<div class="source-view"><pre id="line-numbers">{numbers}</pre><pre id="source-code"><code class="syntax-code">', number='<a href="#{n}" id="{n}">{n}</a>', numbers_between="\n", line="{c}\n", after="</code></pre></div>",
    ),
    "grep_app": Markup(
        before='<div class="snippet"><table class="highlight-table"><tbody>', line='<tr data-line="{n}"><td><div class="lineno">{n}</div></td><td><div class="highlight"><pre>{c}</pre></div></td></tr>', after="</tbody></table></div>",
    ),
    "hound": Markup(
        before='<div class="file"><div class="file-body"><div class="match">', line='<div class="line"><a class="lnum" href="#L{n}">{n}</a><span class="lval">{c}</span></div>', after="</div></div></div>",
    ),
    "zoekt_print": Markup(
        before='<div class="table table-hover table-condensed" style="overflow:auto">', line='<pre id="l{n}" class="inline-pre"><span class="noselect"><a href="#l{n}">{n}</a>: </span>{c}</pre>', after="</div>",
    ),
    "google_code": Markup(
        before='<table><tr><td><table width="100%"><tr class="nocursor"><td></td></tr></table><pre><table width="100%" id="nums_table_0">{numbers}</table></pre></td><td id="lines"><table width="100%"><tr class="nocursor"><td class="vspace"></td></tr></table><pre class="prettyprint lang-py"><table id="src_table_0">',
        number='<tr id="gr_svn2_{n}"><td id="{n}"><a href="#{n}">{n}</a></td></tr>', line='<tr id="sl_svn2_{n}"><td class="source">{c}<br></td></tr>', after="</table></pre></td></tr></table>",
    ),
    "rhodecode": Markup(
        before='<table class="cb codehilite"><tbody>', line='<tr class="cb-line cb-line-fresh"><td class="cb-lineno" id="L{n}"><a data-line-no="{n}" href="#L{n}"></a></td><td class="cb-content">{c}\n</td></tr>', after="</tbody></table>",
    ),
    "stagit": Markup(
        before='<pre id="blob">\n', line='<a href="#l{n}" class="line" id="l{n}">{n:7d}</a> {c}\n', after="</pre>",
    ),
    "pagure": Markup(
        before='<table class="code_table"><tbody>', line='<tr><td class="cell1"><a id="_{n}" href="#_{n}" data-line-number="{n}"></a></td><td class="cell2"><pre>{c}</pre></td></tr>', after="</tbody></table>",
    ),
    "fisheye": Markup(
        before='<table class="source"><tbody>', line='<tr id="l{n}"><td class="lineNumber"><a name="l{n}" href="#l{n}">{n}</a></td><td class="lineAuthor">ada</td><td class="sourceLine"><span class="linecontent">{c}</span></td></tr>', after="</tbody></table>",
    ),
    "python_tutor": Markup(
        before='<div id="pyCodeOutputDiv"><table id="pyCodeOutput"><tbody>', line='<tr><td class="gutterTD"></td><td class="lineNo" id="lineNo{n}">{n}</td><td class="cod" id="cod{n}">{nbsp}</td></tr>', after="</tbody></table></div>", blank="&nbsp;",
    ),
    "pkgdown_reference": Markup(
        before='<div class="sourceCode"><pre class="sourceCode r"><code>', line='<span class="r-in"><span>{c}</span></span>\n', after="</code></pre></div>",
    ),
    "nbconvert_lab": Markup(
        before='<div class="jp-Cell jp-CodeCell"><div class="jp-InputArea jp-Cell-inputArea"><div class="jp-InputPrompt jp-InputArea-prompt">In [1]:</div><div class="jp-CodeMirrorEditor jp-Editor jp-InputArea-editor" data-type="inline"><div class="cm-editor cm-s-jupyter"><div class="highlight hl-ipython3"><pre><span></span>', line="{c}\n", after="</pre></div></div></div></div></div>",
    ),
}  # fmt: skip
