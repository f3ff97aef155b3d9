"""Markup of blogs, forums, mail, paste tools and office programs; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_GESHI = '<span class="kw1">{t}</span>'
FAMILIES: dict[str, Markup] = {
    "codecolorer": Markup(
        before='<div class="codecolorer-container python default" style="overflow:auto;white-space:nowrap;width:435px;"><table cellspacing="0" cellpadding="0"><tbody><tr><td class="line-numbers"><div>{numbers}</div></td><td><div class="python codecolorer">',
        number="{n}<br />", line="{alternating}", between="<br />", blank="", after="</div></td></tr></tbody></table></div>", token=_GESHI,
    ),
    "codecolorer_without_numbers": Markup(
        before='<div class="codecolorer-container text dawn" style="overflow:auto;white-space:nowrap;width:100%;"><div class="text codecolorer">',
        line="{alternating}", between="<br />", after="</div></div>", token=_GESHI,
    ),
    "syntax_hiliter": Markup(
        before='<div class="syntax_hilite"><div class="toolbar"><div class="view-different-container"></div><div class="language-name">Python</div></div><div class="code"><ol class="python" style="font-family:monospace">',
        line='<li style="font-weight: normal; vertical-align:top;"><div style="font: normal normal 1em/1.2em monospace; margin:0; padding:0; background:none; vertical-align:top;">{alternating}</div></li>', blank="&nbsp;", after="</ol></div></div>",
        token='<span style="color: #ff7700;font-weight:bold;">{t}</span>',
    ),
    "dp_highlighter": Markup(
        before='<div class="dp-highlighter bg_python"><div class="bar"><div class="tools"><b>[python]</b> <a href="#" class="ViewSource" title="view plain" onclick="dp.sh.Toolbar.Command(\'ViewSource\',this);return false;">view plain</a><a href="#" class="CopyToClipboard" onclick="x">copy</a></div></div><ol start="1" class="dp-py">',
        line='<li class="alt"><span><span>{nb}&nbsp;&nbsp;</span></span></li>', after="</ol></div>", token='</span><span class="keyword">{t}</span><span>',
    ),
    "iteye_dp": Markup(
        before='<div class="dp-highlighter"><div class="bar"><div class="tools">Java代码 <a title="收藏这段代码" href="javascript:void()"><span class="favspan">收藏代码</span></a></div></div><ol start="1" class="dp-j">',
        line='<li><span>{nb}&nbsp;&nbsp;</span></li>', after="</ol></div>", token='<span class="keyword">{t}</span>',
    ),
    "pmwiki_sourceblock": Markup(
        before='<div class="sourceblock " id="sourceblock1"><div class="sourceblocktext"><div class="python" style="font-family:monospace;">',
        line="{alternating}", between="<br />\n", blank="&nbsp;", after='</div></div><div class="sourceblocklink"><a href="#" type="text/plain">[Get Code]</a></div></div>', token=_GESHI,
    ),
    "pmwiki_escaped": Markup(before='<pre class="escaped">', line="{p}", between="\n", after="</pre><p class='vspace'></p>"),
    "bbcode_scroll_table": Markup(
        before='<table width="90%" cellspacing="1" cellpadding="3" border="0" align="center"><tr><td><span class="genmed"><b>Code:</b></span></td></tr><tr><td class="code">',
        line="{nb}", between="<br />\n", after="</td></tr></table>", token="{t}",
    ),
    "smf_1": Markup(
        before='<div class="codeheader">Code:</div><div class="code">', line="{nb}", between="<br />", after="</div>", token="{t}",
    ),
    "smf_2": Markup(
        before='<div class="codeheader">Code: <a href="javascript:void(0);" onclick="return smfSelectText(this);" class="codeoperation">[Select]</a></div><code class="bbc_code">',
        line="{nb}", between="<br />", after="</code>", token="{t}",
    ),
    "punbb": Markup(
        before='<div class="codebox"><div class="incqbox"><h4>Code:</h4><div class="scrollbox" style="height: 21em"><pre>', line="{p}", between="\n", after="</pre></div></div></div>",
    ),
    "vanilla_forum": Markup(
        before='<div class="Message userContent"><pre class="code codeBlock" spellcheck="false" tabindex="0"><code class="code codeBlock hljs">', line="{c}", between="\n", after="</code></pre></div>",
    ),
    "woltlab": Markup(
        before='<div class="codeBox"><div class="codeBoxHeader"><div class="codeBoxHeadline">Source Code</div></div><pre class="codeBoxCode collapsible"><code class="language-c">',
        line='<span class="codeBoxLine" id="codeLine_{n}_a"><a href="#codeLine_{n}_a" class="lineAnchor"></a><span>{c}\n</span></span>', after="</code></pre></div>",
    ),
    "burning_board": Markup(
        before='<div class="codeBox"><div><h3>Quellcode</h3><ol start="1">', line='<li class="codeLine"><span>{nb}</span></li>', blank="&nbsp;", after="</ol></div></div>",
    ),
    "invision_3": Markup(
        before='<pre class="_prettyXprint _lang-auto _linenums:0 prettyprint" style="overflow: auto !important">', line="{c}", between="\n", after="</pre>", token='<span class="kwd">{t}</span>', every_token=True,
    ),
    "mybb_geshi": Markup(
        before='<div class="codeblock"><div class="title">Code:</div><div class="body" dir="ltr"><code>', line="{nb}", between="<br />", after="</code></div></div>", token="{t}",
    ),
    "flarum": Markup(before='<div class="Post-body"><pre><code class="hljs language-c">', line="{c}", between="\n", after="</code><script async=\"\">x()</script></pre></div>"),
    "nodebb": Markup(before='<div class="content" component="post/content"><pre class="markdown-highlight"><code class="hljs language-c">', line="{c}\n", after='</code><button class="btn btn-sm position-absolute" data-action="copy"><i class="fa fa-copy"></i></button></pre></div>'),
    "livejournal_tt": Markup(before="<blockquote><tt>", line="{nb}", between="<br />", after="</tt></blockquote>", token="<b>{t}</b>"),
    "blog_code_breaks": Markup(before='<p><code>', line="{nb}", between="<br />\n", after="</code></p>", token="{t}"),
    "blog_code_in_box": Markup(
        before='<div style="border: 1px solid #ccc; padding: 5px; overflow: auto; width: 600px;"><code style="color: black; word-wrap: normal;">', line="{nb}", between="<br />", after="</code></div>", token="{t}",
    ),
    "simple_code_formatter": Markup(
        before='<pre style="font-family:arial;font-size:12px;border:1px dashed #CCCCCC;width:99%;height:auto;overflow:auto;background:#f0f0f0;"><code style="color:#000000;word-wrap:normal;">', line="{p}", between="\n", after="\n</code></pre>",
    ),
    "tohtml_com": Markup(
        before='<pre style="color:#000000;background:#ffffff;">', line="{c}", between="\n", after="</pre>", token='<span style="color:#800000; font-weight:bold; ">{t}</span>', every_token=True,
    ),
    "docs_published": Markup(
        before="<style>.c3{padding-top:0pt;line-height:1.0}.c1{color:#000000;font-size:10pt;font-family:\"Courier New\"}</style>",
        line='<p class="c3"><span class="c1">{nb}</span></p>', after="", token="{t}",
    ),
    "docs_published_table": Markup(
        before="<style>.c2{border:1pt solid #000}.c9{font-weight:400;font-family:\"Consolas\";font-size:9pt}.c10{color:#0000ff;font-family:\"Consolas\"}</style><a id=\"t.1\"></a><table class=\"c5\"><tbody><tr class=\"c6\"><td class=\"c2\" colspan=\"1\" rowspan=\"1\"><p class=\"c3\">",
        line='<span class="c9">{nb}</span>', between="<br>", after="</p></td></tr></tbody></table>", token='</span><span class="c10">{t}</span><span class="c9">',
    ),
    "docs_published_cells": Markup(
        before="<style>.k1{font-family:'Roboto Mono',monospace}</style><table class=\"c5\"><tbody><tr><td class=\"c2\">",
        line='<p class="c7"><span class="k1">{nb}</span></p>', after="</td></tr></tbody></table>", token='</span><span class="k1 c8">{t}</span><span class="k1">',
    ),
    "libreoffice_export": Markup(
        before="", line='<p style="margin-bottom: 0cm; line-height: 100%"><font face="Courier New, monospace"><font size="2" style="font-size: 10pt">{nb}</font></font></p>\n', blank="<br/>", after="", token="<b>{t}</b>",
    ),
    "libreoffice_pre": Markup(
        before="", line='<pre class="western">{p}</pre>', blank="<br/>", after="",
    ),
    "word_courier_break": Markup(
        before="<p class=MsoNormal><span style='font-size:10.0pt;font-family:\"Courier New\"'>", line="{nb}", between="<br>\n", after="</span></p>", token="<span style='color:blue'>{t}</span>",
    ),
    "word_class_in_style": Markup(
        before="<style>p.Quelltext, li.Quelltext {margin:0cm; font-size:9.0pt; font-family:\"Courier New\";}</style>", line='<p class="Quelltext">{nb}</p>\n', blank="&nbsp;", after="", token="{t}",
    ),
    "outlook_mono": Markup(
        before="", line='<p class="MsoNormal"><span style="font-size:10.0pt;font-family:&quot;Courier New&quot;">{nb}<o:p></o:p></span></p>', blank="&nbsp;", after="", token="{t}",
    ),
    "gmail_mono": Markup(
        before='<div dir="ltr">', line='<div><span style="font-family:monospace,monospace">{nb}</span></div>', blank="<br>", after="</div>", token="{t}",
    ),
    "teams_chat": Markup(
        before='<div data-tid="code-block"><div class="ui-box"><div class="fui-Box"><div class="line-numbers-x" aria-hidden="true">{numbers}</div><div style="white-space: pre; font-family: Consolas">',
        number="<span>{n}</span>", line="<div>{c}</div>", blank="<br>", after="</div></div></div></div>", token='<span style="color: rgb(0, 0, 255);">{t}</span>',
    ),
    "slack_archive": Markup(
        before='<pre class="c-mrkdwn__pre" data-stringify-type="pre">', line="{p}", between="<br>", after="</pre>",
    ),
    "quip": Markup(before='<pre class="prettyprint" id="a">', line="{c}", between="<br/>", after="</pre>"),
    "evernote_old": Markup(
        before='<div style="-en-codeblock:true; padding:8px; font-family: Monaco, Menlo, Consolas, monospace">', line="<div>{nb}</div>", blank="<br/>", after="</div>", token="{t}",
    ),
    "onenote": Markup(
        before="", line="<p style='margin:0in;font-family:Consolas;font-size:11.0pt'>{nb}</p>\n", blank="&nbsp;", after="", token="<span style='color:#0000FF'>{t}</span>",
    ),
    "apple_notes": Markup(before="", line="<div><tt>{nb}</tt></div>\n", blank="<br>", after="", token="{t}"),
    "tumblr_list": Markup(
        before='<ul class="code">', line='<li><code>{nb}</code></li>', blank="&nbsp;", after="</ul>", token="{t}",
    ),
    "paste_table_rows": Markup(
        before='<div class="paste"><table class="paste-body"><tbody>', line='<tr><td class="ln" data-l="{n}"></td><td class="lc"><span>{c}</span></td></tr>', blank=" ", after="</tbody></table></div>",
    ),
    "paste_ol_plain": Markup(
        before='<ol class="paste text">', line='<li><div class="text">{nb}</div></li>', blank="&nbsp;", after="</ol>", token="{t}",
    ),
    "paste_bin_counter": Markup(
        before='<section id="code"><ol>', line='<li id="l{n}"><pre>{c}</pre></li>', blank=" ", after="</ol></section>",
    ),
    "paste_two_cells": Markup(
        before='<table id="paste"><tr><td><pre>{numbers}</pre></td><td><div style="white-space:pre;font-family:monospace">', number="{n}\n", line="{c}\n", after="</div></td></tr></table>",
    ),
    "mail_archive_quote": Markup(before='<blockquote class="code"><pre wrap="">', line="{p}", between="\n", after="\n</pre></blockquote>"),
    "lore_diff": Markup(before='<pre id="b">', line='<span class="ctx">{p}</span>\n', after="</pre>"),
}  # fmt: skip
