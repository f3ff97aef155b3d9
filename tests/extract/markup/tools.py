"""Markup of compilers' pages, code hosts, coverage reports and editors, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_HLJS = '<span class="hljs-keyword">{t}</span>'
_PRISM = '<span class="token keyword">{t}</span>'
FAMILIES: dict[str, Markup] = {
    "fsharp_formatting": Markup(
        before='<table class="pre"><tr><td class="lines"><pre class="fssnip">{numbers}\n</pre></td>\n<td class="snippet"><pre class="fssnip highlighted"><code lang="fsharp">', number='<span class="l">{n:2d}: </span>', numbers_between="\n",
        line="{c}", between="\n", after='\n</code></pre></td></tr></table><div class="fsdocs-tip" id="fs1">val x: int</div>', token='<span data-fsdocs-tip="fs1" data-fsdocs-tip-unique="1" class="k">{t}</span>',
    ),
    "nim_listing": Markup(
        before='<table class="line-nums-table"><tbody><tr><td class="blob-line-nums"><pre class="line-nums">{numbers}\n</pre></td><td><pre class="listing">', number="{n}", numbers_between="\n", line="{c}", between="\n", after="</pre></td></tr></tbody></table>", token='<span class="Keyword">{t}</span>',
    ),
    "katla_idris": Markup(
        before='<code class="IdrisCode">', line='<div id="line{n}">{nbsp}</div>\n', blank="", after="</code>", token='<span class="IdrisKeyword">{t}</span>',
    ),
    "alectryon": Markup(
        before='<pre class="alectryon-io highlight">', line='<span class="alectryon-sentence"><input class="alectryon-toggle" id="chk{n}" style="display: none" type="checkbox"><label class="alectryon-input" for="chk{n}">{c}</label>{x}</span>', between='<span class="alectryon-wsp">\n</span>', after="</pre>",
        token='<span class="kn">{t}</span>', mark='<small class="alectryon-output"><div><div class="alectryon-goals"><blockquote class="alectryon-goal"><div class="goal-hyps"><span><var>n</var><b>: </b><span>nat</span></span></div><span class="goal-separator"><hr></span><div class="goal-conclusion">n + 0 = n</div></blockquote></div></div></small>',
    ),
    "ddoc_fonts": Markup(before='<pre class="d_code">', line="{c}", between="\n", after="\n</pre>", token="<font color=blue>{t}</font>"),
    "documenter_jl": Markup(
        before='<pre><code class="language-julia hljs">', line="{c}", between="\n", after='</code><button class="copy-button fa-solid fa-copy" aria-label="Copy this code block" title="Copy"></button></pre>', token=_HLJS,
    ),
    "docfx_modern": Markup(
        before='<pre><code class="hljs lang-csharp language-csharp" highlighted="yes">', line="{c}", between="\n", after='\n</code><a class="btn border-0 link-body-emphasis code-action" href="#" title="Copy"><i class="bi bi-clipboard"></i></a></pre>', token=_HLJS,
    ),
    "cython_annotate": Markup(
        before='<div class="cython">', line='<pre class="cython line score-0" onclick="(function(s){{s.display=s.display===\'block\'?\'none\':\'block\'}})(this.nextElementSibling.style)">&#xA0;<span class="">{n:02d}</span>: {c}</pre>\n', after="</div>", token='<span class="k">{t}</span>',
    ),
    "cython_annotate_with_c": Markup(
        before="<style>.cython.code { display: none }</style><div class=\"cython\">", line='<pre class="cython line score-8" onclick="(function(s){{s.display=s.display===\'block\'?\'none\':\'block\'}})(this.nextElementSibling.style)">+<span class="">{n:02d}</span>: {c}</pre>\n{x}', after="</div>", token='<span class="k">{t}</span>',
        mark="<pre class='cython code score-8' style=\"display:none\">  __pyx_t_{n} = <span class='pyx_c_api'>__Pyx_PyInt_From_long</span>(1); if (unlikely(!__pyx_t_{n})) goto __pyx_L1_error;\n</pre>",
    ),
    "hpc": Markup(before="<pre>", line='<span class="lineno">{n:5d} </span>{c}', between="\n", after="\n</pre>", token='<span class="istickedoff">{t}</span>'),
    "erlang_cover": Markup(
        before='<table><tbody>', line='<tr><td class="line" id="L{n}"><a href="#L{n}">{n}</a></td><td class="hits">0</td><td class="source"><code>{p}</code></td></tr>', after="</tbody></table>",
    ),
    "devel_cover": Markup(
        before='<table><tr><th>line</th><th>stmt</th><th>bran</th><th>cond</th><th>sub</th><th>time</th><th>code</th></tr>',
        line='<tr><td class="h"><a id="{n}">{n}</a></td><td class="c3">1</td><td></td><td></td><td></td><td></td><td class="s">{nb}</td></tr>', after="</table>", token="{t}",
    ),
    "pitest": Markup(
        before="<table class=\"src\">", line="<tr><td class='na'><a name='org.app.App_{n}'/>\n{n}\n</td><td class='na'></td><td class='na'><span class=''><pre><span class=''>{p}</span></pre></span></td></tr>", after="</table>",
    ),
    "go_cover": Markup(before='<div id="content"><pre class="file" id="file0" style="display: block">', line="{c}", between="\n", after="\n</pre></div>", token='<span class="cov8" title="1">{t}</span>'),
    "rich_syntax": Markup(
        before='<pre style="font-family:Menlo,\'DejaVu Sans Mono\',consolas,\'Courier New\',monospace"><code style="font-family:inherit">', line='<span class="r1">  </span><span class="r2">{n:2d} </span>{c}<span class="r1">   </span>', between="\n", after="\n</code></pre>", token='<span class="r3">{t}</span>',
    ),
    "textmate": Markup(before='<pre class="textmate-source twilight">', line="<span class=\"linenum\">{n:5d}</span> {c}", between="\n", after="\n</span></pre>", token='<span class="keyword">{t}</span>'),
    "xcode_paste": Markup(
        before="<style type=\"text/css\">p.p1 {margin: 0.0px 0.0px 0.0px 0.0px; font: 12.0px Menlo; color: #ad3da4} span.s1 {font-variant-ligatures: no-common-ligatures}</style>", line='<p class="p1"><span class="s1">{nb}</span></p>\n', blank="<br>", after="", token='</span><span class="s2">{t}</span><span class="s1">',
    ),
    "emacs_linum": Markup(before="<pre>", line='<span class="linum">{n:3d}</span> {c}', between="\n", after="\n</pre>", token='<span class="keyword">{t}</span>'),
    "pldoc_listing": Markup(
        before='<pre class="listing">', line='<span class="line-no" id="line_{n}">{n:5d}</span>{c}', between="\n", after="\n</pre>", token='<span class="goal_built_in">{t}</span>',
    ),
    "asciinema": Markup(
        before='<div class="ap-player asciinema-player-theme-asciinema"><pre class="ap-terminal" aria-live="polite">', line='<span class="ap-line" role="paragraph">{c}</span>', blank=" ", after='</pre><div class="ap-control-bar"><span class="ap-timer">00:12</span></div></div>', token='<span class="ap-bright" style="--offset:0;--text-length:3">{t}</span>',
    ),
    "windows_terminal": Markup(
        before="<div style=\"display:inline-block;white-space:pre;background-color:#0C0C0C;font-family:'Cascadia Mono',monospace;font-size:12pt;padding:4px;\"><span style=\"color:#CCCCCC;background-color:#0C0C0C;\">", line="{p}", between="<br>", after="</span></div>",
    ),
    "ida_html": Markup(
        before='<span style="white-space: pre; font-family: Consolas,monospace; color: blue; background: #ffffff">\n', line="{c}\n", after="</span>", token='<span style="color:navy">{t}</span>',
    ),
    "hgweb_old": Markup(
        before='<div class="source"><div class="page_body">', line='<div class="parity{alt} source"><a href="#l{n}" id="l{n}">{n:6d}</a> {nb}</div>\n', blank="", after="</div></div>", token="{t}",
    ),
    "huggingface_blob": Markup(
        before='<div class="overflow-x-auto"><table class="min-w-full border-collapse font-mono"><tbody>', line='<tr id="L{n}"><td class="cursor-pointer select-none pl-5 pr-3 text-right align-top"><div>{n}</div></td><td class="overflow-visible whitespace-pre px-3"><!-- HTML_TAG_START -->{c}\n<!-- HTML_TAG_END --></td></tr>', after="</tbody></table></div>", token=_HLJS,
    ),
    "gotwebd": Markup(
        before='<div id="blob">', line='<div class="blob_line" id="line{n}"><div class="blob_number"><a href="#line{n}">{n:4d}</a></div><div class="blob_code">{p}\n</div></div>', after="</div>",
    ),
    "public_inbox": Markup(
        before='<table\nclass=blob><tr><td><pre>{numbers}\n</pre></td><td>&nbsp;</td><td><pre\nstyle=white-space:pre><code>', number='<a\nid=n{n}>{n}</a>', numbers_between="\n", line="{c}", between="\n", after="\n</code></pre></td></tr></table>", token='<span\nclass="hl kwa">{t}</span>',
    ),
    "diff2html": Markup(
        before='<div class="d2h-file-wrapper" data-lang="c"><div class="d2h-file-header"><span class="d2h-file-name">a.c</span></div><div class="d2h-file-diff"><div class="d2h-code-wrapper"><table class="d2h-diff-table"><tbody class="d2h-diff-tbody">',
        line='<tr><td class="d2h-code-linenumber d2h-cntx"><div class="line-num1">{n}</div><div class="line-num2">{n}</div></td><td class="d2h-cntx"><div class="d2h-code-line"><span class="d2h-code-line-prefix">&nbsp;</span><span class="d2h-code-line-ctn">{c}</span></div></td></tr>', blank="<br>", after="</tbody></table></div></div></div>", token=_HLJS,
    ),
    "react_diff_view": Markup(
        before='<table class="diff diff-unified"><colgroup><col class="diff-gutter-col"><col class="diff-gutter-col"><col></colgroup><tbody class="diff-hunk">', line='<tr class="diff-line"><td class="diff-gutter diff-gutter-normal" data-change-key="N{n}">{n}</td><td class="diff-gutter diff-gutter-normal" data-change-key="N{n}">{n}</td><td class="diff-code diff-code-normal" data-change-key="N{n}">{c}</td></tr>', after="</tbody></table>", token=_PRISM,
    ),
    "codejar": Markup(
        before='<div class="codejar-wrap"><div class="codejar-linenumbers-inner-wrap" style="position:absolute;top:0"><div class="codejar-linenumbers" style="text-align:right;padding-right:8px">{numbers}</div></div><div class="editor language-js" contenteditable="plaintext-only" spellcheck="false" style="white-space: pre-wrap; padding-left: 50px">', number="<div>{n}</div>", line="{c}", between="\n", after="\n</div></div>", token=_PRISM,
    ),
    "react_simple_editor": Markup(
        before='<div style="position:relative;text-align:left;font-family:&quot;Fira code&quot;,monospace"><pre aria-hidden="true" style="margin:0;white-space:pre-wrap">', line="{c}", between="\n", after='<br></pre><textarea autocapitalize="off" spellcheck="false" class="npm__react-simple-code-editor__textarea" style="-webkit-text-fill-color:transparent">{plain}</textarea></div>', token=_PRISM,
    ),
    "runestone": Markup(
        before='<div class="ptx-runestone-container"><div class="runestone explainer ac_section"><div data-component="activecode" id="ac1" class="ac_section"><textarea data-lang="python" id="ac1_editor" data-timelimit="25000" data-audio="">', line="{p}", between="\n", after="</textarea></div></div></div>",
    ),
    "sagecell_script": Markup(before='<div class="sagecell-sage" id="sage-1"><script type="text/x-sage">', line="{raw}", between="\n", after="</script></div>"),
    "syntaxhighlighter_script": Markup(before='<script type="syntaxhighlighter" class="brush: js"><![CDATA[\n', line="{raw}", between="\n", after="\n]]></script>"),
    "prism_unescaped": Markup(before='<script type="text/plain" class="language-markup">', line="{raw}", between="\n", after="</script>"),
    "jquery_api": Markup(
        before='<div class="syntaxhighlighter javascript"><table><tbody><tr><td class="gutter">{numbers}</td><td class="code"><pre><div class="container">', number='<div class="line n{n}">{n}</div>', line='<div class="line"><code>{c}</code></div>', after="</div></pre></td></tr></tbody></table></div>",
    ),
    "chroma_table_marks": Markup(
        before='<div class="highlight"><div class="chroma">\n<table class="lntable"><tr><td class="lntd">\n<pre tabindex="0" class="chroma"><code>{numbers}</code></pre></td>\n<td class="lntd">\n<pre tabindex="0" class="chroma"><code class="language-go" data-lang="go">', number='<span class="hl"><span class="lnt">{n}\n</span></span>', line='<span class="line hl"><span class="cl">{c}\n</span></span>', after="</code></pre></td></tr></table>\n</div>\n</div>",
    ),
    "sourcetrail_rows": Markup(
        before='<div id="file-view"><ul class="code-view">', line='<li data-lineno="{n}"><pre>{c}</pre></li>\n', after="</ul></div>",
    ),
    "objdump_rows": Markup(
        before='<div class="asm-view"><table class="src-table"><tbody>', line='<tr><td class="samples">0.0%</td><td class="addr">{n}</td><td class="txt">{nb}</td></tr>', blank="&nbsp;", after="</tbody></table></div>", token="{t}",
    ),
    "rust_html_source_2": Markup(
        before='<div class="source-view"><div class="nums" aria-hidden="true">{numbers}</div><div class="body" style="white-space: pre">', number="<div>{n}</div>", line="<div>{c}</div>", blank="\n", after="</div></div>", token='<span class="kw">{t}</span>',
    ),
}  # fmt: skip
