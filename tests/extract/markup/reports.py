"""Markup of source viewers, reviews, coverage reports and exports, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

FAMILIES: dict[str, Markup] = {
    "gitlab_diff_table": Markup(
        before='<div class="diff-content"><div class="diff-viewer"><table class="diff-wrap-lines code code-commit js-syntax-highlight"><tbody>', line='<tr class="line_holder new" id="x_0_{n}"><td class="diff-line-num new old_line" data-linenumber="0"></td><td class="diff-line-num new new_line" data-linenumber="{n}"><a href="#x_0_{n}" data-linenumber="{n}"></a></td><td class="line_content new"><span id="LC{n}" class="line" lang="c">{c}</span></td></tr>\n', after="</tbody></table></div></div>",
    ),
    "gitea_diff_added": Markup(
        before='<div class="file-body file-code unified-diff"><table class="chroma" data-new-comment-url="x"><tbody>', line='<tr class="add-code nl-{n} ol-0" data-line-type="add"><td class="lines-num lines-num-old" data-line-num=""><span rel=""></span></td><td class="lines-num lines-num-new" data-line-num="{n}"><span rel="diff-1R{n}"></span></td><td class="lines-escape"></td><td class="lines-type-marker"><span class="tw-font-mono" data-type-marker="+"></span></td><td class="lines-code"><button type="button" class="ui primary button add-code-comment"></button><code class="code-inner">{c}</code></td></tr>\n', blank="\n", after="</tbody></table></div>",
    ),
    "viewvc_annotate": Markup(
        before='<div id="vc_file"><table cellspacing="0" cellpadding="0"><tbody>', line='<tr class="vc_row_{alt}" id="l{n}"><td class="vc_file_line_number">{n}</td><td class="vc_file_line_author">ada</td><td class="vc_file_line_rev"><a href="/viewvc?r1=12">12</a></td><td class="vc_file_line_text">{c}</td></tr>\n', after="</tbody></table></div>",
    ),
    "trac_annotate": Markup(
        before='<table class="code"><thead><tr><th class="blame" title="Revision">Rev</th><th class="lineno" title="Line numbers">Line</th><th class="content">&nbsp;</th></tr></thead><tbody>', line='<tr class="hilite"><th class="blame r12"><a href="/changeset/12/a.c">12</a></th><th id="L{n}"><a href="#L{n}">{n}</a></th><td>{c}</td></tr>', after="</tbody></table>",
    ),
    "redmine_annotate": Markup(
        before='<div class="autoscroll"><table class="filecontent annotate syntaxhl"><tbody>', line='<tr class="bloc-1" id="L{n}"><th class="line-num"><a href="#L{n}" data-txt="{n}"></a></th><td class="revision"><a title="Revision 12" href="/r/12">12</a></td><td class="author"><span class="author">ada</span></td><td class="line-code"><pre>{c}\n</pre></td></tr>', after="</tbody></table></div>",
    ),
    "doxygen_fold_open": Markup(
        before='<div class="contents"><div class="fragment">', line='<div class="foldopen" id="foldopen{n:05d}" data-start="{{" data-end="}}"><div class="line"><a id="l{n:05d}" name="l{n:05d}"></a><span class="lineno"><a class="line" href="a_8c.html#x">{n:5d}</a></span><span class="fold-button"></span> {c}</div>\n</div>', after="</div></div>", token='<span class="keyword">{t}</span>',
    ),
    "vim_fold_column": Markup(
        before="<pre id='vimCodeElement'>\n", line='<a href="#" class="toggle-fold"></a><span class="FoldColumn">  </span><span id="L{n}" class="LineNr">{n:3d} </span>{c}', between="\n", after="\n</pre>", token='<span class="Statement">{t}</span>',
    ),
    "jxr": Markup(before='<div id="overview"></div>\n<pre>\n', line='<a class="jxr_linenumber" name="L{n}" href="#L{n}">{n}</a>   {c}', between="\n", after="\n</pre>", token='<strong class="jxr_keyword">{t}</strong>'),
    "phpxref": Markup(before='<div class="listing">\n<pre>\n', line='<a name="l{n}"><span class="linenum">{n:4d}</span></a>  {c}', between="\n", after="\n</pre></div>"),
    "gtk_doc": Markup(
        before='<div class="informalexample"><table class="listing_frame" border="0" cellpadding="0" cellspacing="0"><tbody><tr><td class="listing_lines" align="right"><pre>{numbers}</pre></td><td class="listing_code"><pre class="programlisting">', number="{n}", numbers_between="\n", line="{c}", between="\n", after="</pre></td></tr></tbody></table></div>", token='<span class="keyword">{t}</span>',
    ),
    "debian_sources": Markup(
        before='<table id="codetable"><tr><td><pre id="sourceslinenumbers">{numbers}</pre></td><td><pre><code id="sourcecode" class="c">', number='<a id="L{n}" href="#L{n}">{n}</a><br/>', line="{c}\n", after="</code></pre></td><td><pre id=\"messages\"></pre></td></tr></table>", token='<span class="hljs-keyword">{t}</span>',
    ),
    "klaus": Markup(
        before='<div class="blobview"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div class="highlight"><pre><span></span>', number='<a href="#L-{n}">{n:2d}</a>', numbers_between="\n", line='<a name="L-{n}"></a>{c}', between="\n", after="\n</pre></div></td></tr></table></div>",
    ),
    "codepad": Markup(
        before='<div class="code"><table border="0" cellpadding="10" cellspacing="0"><tbody><tr><td style="border-right: 1px solid #ccc" valign="top"><div class="highlight"><pre>{numbers}\n</pre></div></td><td width="100%" valign="top"><div class="highlight"><pre>', number='<a name="line-{n}">{n}</a>', numbers_between="\n", line="{c}", between="\n", after="\n</pre></div></td></tr></tbody></table></div>",
    ),
    "review_new_file": Markup(
        before='<table class="sidebyside"><thead><tr><th colspan="2">a.c</th></tr></thead><tbody class="insert">', line='<tr line="{n}"><th></th><td class="l"></td><th>{n}</th><td class="r"><pre>{c}</pre></td></tr>', after="</tbody></table>",
    ),
    "hits_behind_line": Markup(
        before='<table class="source-file"><tbody>', line='<tr class="line covered"><td class="line-number" data-line-number="{n}">{n}</td><td class="line-code"><pre>{c}</pre></td><td class="line-hits">7×</td></tr>', after="</tbody></table>",
    ),
    "jacoco": Markup(before='<pre class="source lang-java linenums">', line='<span class="fc" id="L{n}">{p}</span>', between="\n", after="</pre>"),
    "clover": Markup(
        before='<table cellspacing="0" cellpadding="0" class="srcView"><tbody>', line='<tr><td class="lineCount Good">{n}</td><td class="lineCount Good">&#160;</td><td class="srcLine"><pre class="srcLine">{c}</pre></td></tr>', blank="&#160;", after="</tbody></table>", token='<span class="keyword">{t}</span>',
    ),
    "report_generator": Markup(
        before='<div class="table-responsive"><table class="lineAnalysis"><thead><tr><th></th><th>#</th><th>Line</th><th></th><th>Line coverage</th></tr></thead><tbody>', line='<tr class="coverableline" title="Covered (3 visits)" data-coverage="x"><td class="green">&nbsp;</td><td class="leftmargin rightmargin right">3</td><td class="rightmargin right"><a id="file0_line{n}"></a><code>{n}</code></td><td></td><td class="lightgreen"><code>{nbsp}</code></td></tr>\n', blank="", after="</tbody></table></div>", token="{t}",
    ),
    "scan_build": Markup(
        before='<table class="code" data-fileid="1">\n', line='<tr class="codeline" data-linenumber="{n}"><td class="num" id="LN{n}">{n}</td><td class="line">{c}</td></tr>\n', blank=" ", after="</table>", token="<span class='keyword'>{t}</span>",
    ),
    "pretty_patch": Markup(
        before='<div class="FileDiff"><h1><a href="x">a.c</a></h1><div class="DiffSection"><div class="DiffBlock"><div class="DiffBlockPart add">', line='<div class="Line LineContainer add"><span class="from lineNumber">&nbsp;</span><span class="to lineNumber">{n}</span><span class="text">{c}</span></div>', blank="\n", after="</div></div></div></div>", token="{t}",
    ),
    "perltidy_numbers": Markup(before='<a name="file1"></a><pre>\n', line='<span class="ln">{n:4d} </span>{c}', between="\n", after="\n</pre>", token='<span class="k">{t}</span>'),
    "netbeans_print": Markup(before="<pre>\n", line='<span class="line-number">{n:3d}</span> {c}', between="\n", after="\n</pre>", token='<span class="ST1">{t}</span>'),
    "scite_export": Markup(
        before='<style type="text/css">.S0 { color: #808080; } span { font-family: \'Verdana\'; } .S5 { font-weight: bold; } .code { font-family: monospace; }</style><div class="code"><span>', line='<span class="S11">{nbsp}</span>', between="<br />\n", after="</span></div>", token='</span><span class="S5">{t}</span><span class="S11">', blank="",
    ),
    "c_to_html": Markup(before="<PRE>\n", line='<A NAME="l{n}">{n:5d}: </A>{c}', between="\n", after="\n</PRE>", token="<B>{t}</B>"),
    "enscript": Markup(before='<H1>a.c</H1>\n<PRE>\n', line="{c}", between="\n", after="\n</PRE>", token='<B><FONT COLOR="#A020F0">{t}</FONT></B>'),
    "kate_export": Markup(before="<pre style='color:#1f1c1b;background-color:#ffffff;'>\n", line="{c}", between="\n", after="\n</pre>", token="<b>{t}</b>"),
    "file_rows_of_links": Markup(
        before='<div class="repo-file"><div class="file-lines">', line='<div class="file-line-row"><a class="lno" id="n{n}" href="#n{n}">{n}</a><code>{c}</code></div>\n', blank="", after="</div></div>",
    ),
    "logs_of_jobs": Markup(
        before='<div class="job-log"><div class="log-body">', line='<div class="log-line" id="{n}"><a class="log-line-number" href="#{n}">{n}</a><span class="log-line-text">{p}</span></div>\n', blank=" ", after="</div></div>",
    ),
    "tooltip_per_line": Markup(
        before='<div class="src-view"><pre>', line='<span class="ln-anchor" id="ln{n}" title="line {n}"></span>{c}{x}', between="\n", after="</pre></div>", mark='<span class="hint-popup" role="tooltip">This line was changed by Ada in March, when the reader was rewritten.</span>',
    ),
    "fold_arrows": Markup(
        before='<div class="code-viewer" style="font-family: monospace; white-space: pre;">', line='<div class="row"><span class="gutter">{n}</span><span class="fold-toggle">{x}</span><span class="src">{c}</span></div>', blank="\n", after="</div>", mark="▾",
    ),
    "list_without_names": Markup(before="<ol>", line="<li><code>{nb}</code></li>\n", blank="&nbsp;", after="</ol>", token="<b>{t}</b>"),
    "table_without_names": Markup(before='<table><tbody>', line="<tr><td><a href=\"#{n}\">{n}</a></td><td><code>{nb}</code></td></tr>\n", blank="&nbsp;", after="</tbody></table>", token="<i>{t}</i>"),
    "pre_per_row": Markup(before="<div>", line='<div><div>{n}</div><div><pre>{c}</pre></div></div>\n', after="</div>", token="<em>{t}</em>"),
    "numbers_in_data_pre": Markup(before='<pre class="listing">', line='<span data-n="{n}">{c}\n</span>', after="</pre>"),
    "flex_lines_tailwind": Markup(
        before='<div class="rounded-lg border bg-zinc-900 overflow-x-auto"><div class="p-4 font-mono text-xs leading-5">', line='<div class="flex"><span class="w-8 shrink-0 text-right pr-4 text-zinc-500 select-none">{n}</span><span class="whitespace-pre">{c}</span></div>', blank=" ", after="</div></div>", token='<span class="text-pink-400">{t}</span>',
    ),
    "counter_less_rows": Markup(
        before='<div class="snippet-body"><code>', line='<span class="ln-row" data-row="{n}">{c}</span><br>', after="</code></div>", blank="",
    ),
    "copy_icon_each_line": Markup(
        before='<div class="command-list"><pre>', line='<span class="cmd">{c}</span><button class="copy" aria-label="Copy"><svg></svg></button>', between="\n", after="</pre></div>",
    ),
}  # fmt: skip
