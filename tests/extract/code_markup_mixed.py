"""Markup of another thirty programs and sites, written when the rules for all others stood; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

MIXED: dict[str, Markup] = {
    "tabler_rows": Markup(
        before='<div class="x1"><div class="x2">', line='<div class="row_a8f"><div class="num_c1"><span>{n}</span></div><div class="txt_b2">{c}</div></div>', after="</div></div>", token='<span class="t3">{t}</span>',
    ),
    "code_elements_in_pre": Markup(
        before='<pre class="snippet">', line='<code class="row">{c}</code>', between="\n", after="</pre>",
    ),
    "counter_list_in_pre": Markup(
        before='<pre><code class="hljs"><ol class="hljs-lines">', line="<li><span>{c}</span></li>", blank=" ", after="</ol></code></pre>",
    ),
    "details_in_pre": Markup(
        before='<details open><summary>Show code</summary><div class="cell-source"><pre><code>', line="{c}\n", after="</code></pre></div></details>",
    ),
    "label_before_code": Markup(
        before='<pre class="not-prose"><div class="flex justify-between"><span>python</span><div class="flex"><button>Copy code</button></div></div><div class="overflow-y-auto p-4"><code class="!whitespace-pre hljs language-python">', line="{c}\n", after="</code></div></pre>",
    ),
    "figure_caption": Markup(
        before='<figure class="code-figure"><figcaption><span>main.py</span><a href="/raw/main.py">raw</a></figcaption><div class="scroll"><table><tbody><tr><td class="nums"><pre>{numbers}</pre></td><td class="src"><pre>', number="<span>{n}</span>\n", line="{c}\n", after="</pre></td></tr></tbody></table></div></figure>",
    ),
    "dl_numbers": Markup(
        before='<div class="listing"><dl>', line="<dt>{n}</dt><dd><code>{nb}</code></dd>", blank="&nbsp;", after="</dl></div>",
    ),
    "flex_columns": Markup(
        before='<div class="source-view"><div class="line-numbers">{numbers}</div><div class="lines"><pre>', number="<div>{n}</div>", line="<div>{c}</div>", blank="<br>", after="</pre></div></div>",
    ),
    "grid_gutter_spans": Markup(
        before='<pre class="grid"><code>', line='<span class="g" aria-hidden="true">{n}</span><span class="l">{c}</span>\n', after="</code></pre>",
    ),
    "pipe_numbers": Markup(
        before="<pre>", line='<span class="n">{n:4d} | </span>{c}\n', after="</pre>",
    ),
    "superscript_numbers": Markup(
        before='<pre class="code">', line='<sup class="ln"><a href="#c{n}">{n}</a></sup> {c}\n', after="</pre>",
    ),
    "table_in_code": Markup(
        before='<code><table class="source"><tbody>', line='<tr><td class="no">{n}</td><td class="co">{nb}</td></tr>', blank="&nbsp;", after="</tbody></table></code>",
    ),
    "th_numbers": Markup(
        before='<table class="program" border="0"><tbody>', line='<tr><th scope="row">{n}</th><td><code>{nb}</code></td></tr>', blank="&nbsp;", after="</tbody></table>",
    ),
    "diff_marks_column": Markup(
        before='<table class="d-block"><tbody>', line='<tr><td data-n="{n}"></td><td class="mark"> </td><td class="cd"><pre>{c}</pre></td></tr>', after="</tbody></table>",
    ),
    "blame_spans": Markup(
        before='<table class="annotated"><thead><tr><th>Commit</th><th>Author</th><th>Line</th><th>Source</th></tr></thead><tbody>', line='<tr><td><a href="/c/a1b2">a1b2c3d</a></td><td>Ada Lovelace</td><td>{n}</td><td><pre>{c}</pre></td></tr>', after="</tbody></table>",
    ),
    "mono_td": Markup(
        before="<table cellpadding=0><tr><td style=\"font-family: 'Courier New', monospace; white-space: nowrap\">", line="{nb}", between="<br>", after="</td></tr></table>", token='<font color="blue">{t}</font>',
    ),
    "mono_blockquote": Markup(
        before="<blockquote style=\"font-family: Menlo, Consolas, monospace\">", line="{nb}", between="<br/>", after="</blockquote>", token="<b>{t}</b>",
    ),
    "tt_breaks": Markup(
        before="<p><tt>", line="{nb}", between="<br>\n", after="</tt></p>", token="{t}",
    ),
    "kbd_samp": Markup(
        before='<div class="example"><pre><samp>', line="{c}\n", after="</samp></pre></div>",
    ),
    "listing_tag": Markup(
        before="<listing>", line="{p}\n", after="</listing>",
    ),
    "xmp_tag": Markup(
        before="<xmp>", line="{raw}\n", after="</xmp>",
    ),
    "textarea_beside": Markup(
        before='<div class="snip"><textarea class="raw" readonly style="display:none">{plain}</textarea><div class="toolbar"><a href="#" class="copy">copy</a> <a href="#">view plain</a></div><pre class="python">', line="{c}\n", after="</pre></div>",
    ),
    "noscript_twin": Markup(
        before='<div class="embed"><noscript><pre>{plain}</pre></noscript><pre class="file-data"><code>', line="{c}\n", after="</code></pre></div>",
    ),
    "tooltips_in_spans": Markup(
        before='<pre class="api">', line="{c}\n", after="</pre>", token='<span class="ref">{t}<span class="tooltip-content" role="tooltip">See the manual for this one</span></span>',
    ),
    "folding_marks": Markup(
        before='<div class="viewer">', line='<div class="vl"><i class="fold-icon">▾</i><b class="vn">{n}</b><span class="vc">{c}</span></div>', after="</div>", token='<span class="vk">{t}</span>',
    ),
    "anchor_pilcrow": Markup(
        before='<div class="highlight"><pre>', line='<a class="line-anchor" id="line{n}" href="#line{n}">¶</a>{c}\n', after="</pre></div>",
    ),
    "custom_elements": Markup(
        before='<code-block language="python"><pre slot="code"><code-lines>', line='<code-line><line-number>{n}</line-number><line-text>{c}</line-text></code-line>', between="\n", after="</code-lines></pre></code-block>",
    ),
    "p_in_pre": Markup(
        before="<pre>", line="<p>{c}</p>", blank="&nbsp;", after="</pre>",
    ),
    "span_blocks": Markup(
        before='<div class="terminal"><code style="white-space:pre">', line='<span style="display:block">{c}</span>', blank="&nbsp;", after="</code></div>", token='<span style="color:#c678dd">{t}</span>',
    ),
    "hidden_copies": Markup(
        before='<div class="tabs"><pre class="view"><code>', line="{c}\n", after='</code></pre><pre class="copy-source" hidden>{plain}</pre></div>',
    ),
    "li_code": Markup(
        before='<ol class="code-lines">', line="<li><code>{nb}</code></li>", blank="&nbsp;", after="</ol>",
    ),
    "whitespace_class": Markup(
        before='<div class="rounded bg-gray-900 font-mono whitespace-pre overflow-x-auto">', line="{c}", between="\n", after="</div>", token='<span class="text-blue-400">{t}</span>',
    ),
    "dashes_numbers": Markup(
        before="<pre>", line='<a name="L{n}"></a><span class="num">{n:03d}-</span>{c}\n', after="</pre>",
    ),
    "ruby_markers": Markup(
        before='<table class="CodeRay"><tbody><tr><td class="line_numbers"><pre><tt>\n</tt></pre></td><td class="code"><pre ondblclick="x">', line="{c}<tt>\n</tt>", after="</pre></td></tr></tbody></table>",
    ),
    "email_quote_div": Markup(
        before='<div dir="ltr"><div>', line='<div><font face="monospace">{nb}</font></div>', blank="<br>", after="</div></div>", token="{t}",
    ),
    "svg_icons_between": Markup(
        before='<div class="codewrap"><div class="bar"><svg></svg><svg></svg></div><pre><code>', line="{c}\n", after='</code></pre><div class="bar"><span>12 lines</span></div></div>',
    ),
}  # fmt: skip
