"""Markup of forges, code browsers, diffs, editors and sites of tasks; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_NB = "&nbsp;"
FAMILIES: dict[str, Markup] = {
    "bitbucket_diff": Markup(
        before='<div class="diff-container"><div class="refract-container"><div class="refract-content-container">',
        line='<div class="udiff-line common" data-fnum="{n}" data-tnum="{n}"><div class="gutter"><div><a class="line-numbers" data-fnum="{n}" data-tnum="{n}" href="#a"></a></div></div><pre class="source">{c}\n</pre></div>', after="</div></div></div>",
    ),
    "bitbucket_server": Markup(
        before='<div class="file-content"><div class="content-view"><div class="fake-gutter"></div><div class="CodeMirror"><div class="CodeMirror-lines">', line='<div><div class="CodeMirror-gutter-wrapper"><div class="line-locator"></div><a class="line-number" href="#{n}">{n}</a></div><pre class="CodeMirror-line"><span>{c}</span></pre></div>', blank="\u200b", after="</div></div></div></div>",
    ),
    "loggerhead": Markup(
        before='<table class="annotateContainer"><tbody><tr>', line='<td class="annotateLineNumber"><a href="#L{n}" id="L{n}">{n}</a></td><td class="codeContent"><pre>{c}\n</pre></td></tr><tr>', after="</tr></tbody></table>",
    ),
    "github_diff": Markup(
        before='<div class="js-diff-progressive-container"><table class="diff-table tab-size" data-tab-size="8"><tbody><tr><td class="blob-num blob-num-hunk" data-line-number="..."></td><td class="blob-num blob-num-hunk"></td><td class="blob-code blob-code-inner blob-code-hunk"></td></tr>',
        line='<tr><td class="blob-num blob-num-context" data-line-number="{n}"></td><td class="blob-num blob-num-context" data-line-number="{n}"></td><td class="blob-code blob-code-context"><span class="blob-code-inner blob-code-marker" data-code-marker=" ">{c}</span></td></tr>', after="</tbody></table></div>",
    ),
    "gerrit_rows": Markup(
        before='<table id="diffTable" class="unified"><tbody class="section both">', line='<tr class="both diff-row unified" left-type="both"><td class="blame gr-diff" data-line-number="{n}"></td><td class="left gr-diff lineNum" data-value="{n}"><button class="left lineNumButton" data-value="{n}">{n}</button></td><td class="both content gr-diff no-intraline-info"><div class="contentText gr-diff" data-side="left">{c}</div></td></tr>', blank="\n", after="</tbody></table>",
    ),
    "gitlab_2023": Markup(
        before='<div class="blob-viewer"><div class="file-content code js-syntax-highlight blob-content gl-flex gl-w-full gl-overflow-auto"><div class="gl-flex">', line='<div class="gl-flex"><div class="gl-absolute gl-z-3 diff-line-num line-links line-numbers"><a id="L{n}" class="file-line-num gl-select-none" href="#L{n}" data-line-number="{n}"></a></div><pre class="gl-m-0 gl-w-full gl-overflow-visible code highlight"><code><span id="LC{n}" lang="python" class="line">{c}</span>\n</code></pre></div>', after="</div></div></div>",
    ),
    "azure_devops": Markup(
        before='<div class="repos-file-content"><div class="monaco-editor"><div class="view-lines" role="presentation">', line='<div style="top:{n}9px;height:19px;" class="view-line"><span><span class="mtk1">{nb}</span></span></div>', blank=_NB, after="</div></div></div>", token='</span><span class="mtk8">{t}</span><span class="mtk1">',
    ),
    "livegrep": Markup(
        before='<div class="file-content"><pre><div class="line-numbers hide-links">{numbers}</div>', number='<a href="#L{n}" id="L{n}">{n}</a>\n', line="{c}\n", after="</pre></div>",
    ),
    "codesearch": Markup(
        before='<div class="code-viewer"><div class="lines">', line='<div class="line-wrapper"><div class="line-number" id="{n}">{n}</div><div class="line-text">{c}</div></div>', blank=" ", after="</div></div>",
    ),
    "websvn": Markup(
        before='<div class="wrap"><ol class="listing-source">', line='<li id="l{n}"><code>{nb}</code></li>', blank=_NB, after="</ol></div>",
    ),
    "websvn_table": Markup(
        before='<table class="listing"><tbody>', line='<tr class="row{alt}" id="l{n}"><td class="lineno"><a href="#l{n}">{n}</a></td><td class="code">{nb}</td></tr>', blank=_NB, after="</tbody></table>",
    ),
    "statsvn_div": Markup(
        before='<div id="source">', line='<div class="sl"><span class="sn">{n}</span> <span class="st">{nb}</span></div>\n', blank=_NB, after="</div>",
    ),
    "codeforces_solution": Markup(
        before='<pre id="program-source-text" class="prettyprint lang-cpp linenums program-source" style="padding: 0.5em;"><ol class="linenums">', line='<li class="L{n0}"><span class="pln">{c}</span></li>', blank=" ", after="</ol></pre>", token='</span><span class="kwd">{t}</span><span class="pln">',
    ),
    "codeforces_example": Markup(
        before='<div class="sample-test"><div class="input"><div class="title">Input</div><pre>', line='<div class="test-example-line test-example-line-{alt}">{p}</div>', blank="\n", after="</pre></div></div>",
    ),
    "hackerrank_editor": Markup(
        before='<div class="hr-monaco"><div class="lines-content"><div class="view-lines">', line='<div class="view-line"><span class="">{nb}</span></div>', blank="<span></span>", after="</div></div></div>", token='<span class="mtk6">{t}</span>',
    ),
    "leetcode_discuss": Markup(
        before='<div class="_16yfq"><div class="mb-6 overflow-hidden"><div class="px-3 py-2.5 bg-fill-3"><div class="group relative" translate="no"><pre class="!mt-0 whitespace-pre bg-transparent"><code class="language-python"><span>', line="{c}", between="\n", after="</span></code></pre></div></div></div></div>", token='</span><span class="token keyword">{t}</span><span>',
    ),
    "code_runner_divs": Markup(
        before='<div class="runner"><div class="runner-lines">', line='<div class="runner-line"><div class="runner-no">{n}</div><div class="runner-code">{nb}</div></div>', blank=_NB, after="</div></div>",
    ),
    "styled_components": Markup(
        before='<div class="sc-bdVaJa hXzkbq"><div class="sc-bwzfXH ekLTvC">', line='<div class="sc-htpNat iVlaOu"><span class="sc-bxivhb dKjaLs">{n}</span><span class="sc-ifAKCX fwPsmW">{nb}</span></div>', blank=_NB, after="</div></div>", token='<span class="sc-EHOje cNdwhF">{t}</span>',
    ),
    "css_modules_plain": Markup(
        before='<div class="Code_root__x1" style="white-space:pre">', line='<div class="Code_l__9a">{c}</div>', blank=" ", after="</div>", token='<span class="Code_k__2">{t}</span>',
    ),
    "unnamed_pre_line_style": Markup(
        before='<div>', line='<div style="white-space: pre">{c}</div>', blank=" ", after="</div>", token='<span style="color:#00f">{t}</span>',
    ),
    "mono_rule_of_page": Markup(
        before="<style>#q7 .z{font-family:Menlo,Monaco,Consolas,monospace;white-space:pre}</style><div id=\"q7\">", line='<div class="z">{c}</div>', blank=" ", after="</div>", token="<b>{t}</b>",
    ),
    "pre_rule_of_page": Markup(
        before="<style>.kx3{white-space:pre;background:#eee}</style><div class=\"kx3\">", line="{c}\n", after="</div>", token='<span class="v">{t}</span>',
    ),
    "mono_rule_breaks": Markup(
        before="<style>td.b2 { font-family : courier new, courier; color:#333 }</style><table><tr><td class=\"b2\">", line="{nb}", between="<br>", after="</td></tr></table>", token="{t}",
    ),
    "unnamed_rows_two_spans": Markup(
        before="<section><div>", line="<div><span>{n}</span><span>{nb}</span></div>", blank=_NB, after="</div></section>", token="<b>{t}</b>",
    ),
    "unnamed_table": Markup(
        before="<table>", line="<tr><td>{n}</td><td>{nb}</td></tr>", blank=_NB, after="</table>", token="<b>{t}</b>",
    ),
    "numbers_on_the_right": Markup(
        before='<div class="listing2">', line='<div class="w"><span class="t">{nb}</span><span class="n">{n}</span></div>', blank=_NB, after="</div>",
    ),
    "padded_numbers": Markup(
        before='<div class="vw">', line='<div class="r"><i>{n:04d}</i><span>{nb}</span></div>', blank=_NB, after="</div>",
    ),
    "numbers_before_pre": Markup(
        before='<div class="flexbox"><div class="left">{numbers}</div><pre class="right">', number="<div>{n}</div>", line="{c}\n", after="</pre></div>",
    ),
    "numbers_break_column": Markup(
        before='<div class="two-col"><div class="n-col">{numbers}</div><div class="c-col"><code>', number="{n}<br>", line="{nb}", between="<br>", after="</code></div></div>",
    ),
    "numbers_list_column": Markup(
        before='<div class="cb"><ul class="cb-n">{numbers}</ul><ul class="cb-c">', number="<li>{n}</li>", line="<li>{nb}</li>", blank=_NB, after="</ul></div>",
    ),
    "double_numbers": Markup(
        before='<div class="patch"><div class="patch-rows">', line='<div class="patch-row"><span class="a">{n}</span><span class="b">{n}</span><span class="m"></span><span class="x">{nb}</span></div>', blank=_NB, after="</div></div>",
    ),
    "double_number_table": Markup(
        before='<table class="pt"><tbody>', line="<tr><td>{n}</td><td>{n}</td><td><pre>{c}</pre></td></tr>", after="</tbody></table>",
    ),
    "bracketed_anchor_numbers": Markup(before="<pre>", line='<a href="#n{n}">[{n}]</a> {c}\n', after="</pre>"),
    "number_hash": Markup(before='<pre class="numbered">', line='<span class="no">#{n}</span> {c}\n', after="</pre>"),
    "line_word_numbers": Markup(
        before='<table class="audit"><tbody>', line='<tr><td class="num">L{n}</td><td class="src"><code>{nb}</code></td></tr>', blank=_NB, after="</tbody></table>",
    ),
    "coverage_hits": Markup(
        before='<table class="cov">', line='<tr class="hit"><td class="ln">{n}</td><td class="hits">{n}x</td><td class="text"><pre>{c}</pre></td></tr>', after="</table>",
    ),
    "copy_button_each_line": Markup(
        before='<div class="lines-of">', line='<div class="lo"><button class="lo-copy">Copy</button><code>{nb}</code></div>', blank=_NB, after="</div>",
    ),
    "textarea_source": Markup(before='<textarea class="code" readonly spellcheck="false" rows="20">', line="{p}", between="\n", after="</textarea>"),
    "output_element": Markup(before='<samp style="display:block;white-space:pre">', line="{p}", between="\n", after="</samp>"),
    "kbd_breaks": Markup(before='<div class="cmd"><kbd>', line="{nb}", between="<br>", after="</kbd></div>", token="{t}"),
    "terminal_divs": Markup(
        before='<div class="terminal-window"><div class="terminal-bar"><i></i><i></i></div><div class="terminal-body">', line='<div class="terminal-row">{nb}</div>', blank=_NB, after="</div></div>", token='<span class="t2">{t}</span>',
    ),
    "aha_ansi": Markup(before='<pre>', line='<span style="font-weight:bold;color:lime;">{p}</span>', between="\n", after="</pre>"),
    "ansi_span_lines": Markup(before='<div class="ansi-output" style="font-family: monospace; white-space: pre-wrap">', line="<span>{c}</span>", between="<br/>", after="</div>"),
    "web_component_code": Markup(before='<code-snippet language="python"><div slot="body" style="white-space:pre;font-family:monospace">', line="{c}\n", after="</div></code-snippet>"),
    "article_p_spans": Markup(
        before='<div class="rich-text"><p class="code-p" style="font-family:\'Source Code Pro\',monospace">', line="<span>{nb}</span>", between="<br>", after="</p></div>", token="</span><span>{t}</span><span>",
    ),
    "gutter_with_folds": Markup(
        before='<div class="srcview"><table><tbody>', line='<tr><td class="fold"><span class="tri">▾</span></td><td class="nr">{n}</td><td class="tx">{nb}</td></tr>', blank=_NB, after="</tbody></table></div>",
    ),
    "blame_avatar_rows": Markup(
        before='<div class="blame"><div class="blame-rows">', line='<div class="blame-row"><span class="who" title="Ada, 3 years ago"></span><span class="num">{n}</span><span class="src">{nb}</span></div>', blank=_NB, after="</div></div>",
    ),
    "hidden_tip_after_token": Markup(
        before='<pre class="hover-docs"><code>', line="{c}\n", after="</code></pre>", token='<span class="tok">{t}<span class="tip" role="tooltip" hidden>A keyword of the language.</span></span>',
    ),
    "title_tip_span": Markup(
        before='<pre class="annotated"><code>', line="{c}\n", after="</code></pre>", token='<abbr title="A keyword of the language.">{t}</abbr>',
    ),
}  # fmt: skip
