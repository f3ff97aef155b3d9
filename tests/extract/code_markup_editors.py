"""Markup of editors, paste tools, forums, blogs, office programs and books that show code; the pages are ours.

Not looked at until the rules for the families before stood; first figures are in docs/measurements.md.
"""

from __future__ import annotations

from tests.extract.code_markup import Markup

_MONO = "font-family:Consolas, 'Liberation Mono', Menlo, Courier, monospace !important;"
EDITORS: dict[str, Markup] = {
    "prism_line_highlight": Markup(
        before='<div class="code-toolbar"><pre class="language-python line-numbers" data-line="2" tabindex="0"><code class="language-python">', line="{c}", between="\n",
        number="<span></span>", after='<span aria-hidden="true" class="line-numbers-rows">{numbers}</span></code><div aria-hidden="true" data-range="2" class=" line-highlight" data-start="2" style="top: 40px;">\n</div></pre><div class="toolbar"><div class="toolbar-item"><span>Python</span></div><div class="toolbar-item"><button class="copy-to-clipboard-button" type="button" data-copy-state="copy"><span>Copy</span></button></div></div></div>',
    ),
    "prism_command_line": Markup(
        before='<pre class="command-line language-bash" data-user="ada" data-host="lab"><code class="language-bash"><span aria-hidden="true" class="command-line-prompt">{numbers}</span>', number='<span data-user="ada" data-host="lab"></span>', line="{c}", between="\n", after="</code></pre>",
    ),
    "notion_site": Markup(
        before="<div class=\"notion-selectable notion-code-block\"><div style=\"display:flex\"><div style=\"flex-grow:1;border-radius:3px;text-align:left;position:relative\"><div><div role=\"button\" tabindex=\"0\">Copy</div></div><div class=\"line-numbers notion-code-block\"><div spellcheck=\"false\" contenteditable=\"false\" data-content-editable-leaf=\"true\" style=\"flex-grow:1;flex-shrink:1;text-align:left;font-family:SFMono-Regular, Menlo, Consolas, 'PT Mono', 'Liberation Mono', Courier, monospace;font-size:85%;tab-size:2;padding:34px 16px 32px 32px;min-height:1em;white-space:pre\">",
        line="{c}", between="\n", after="</div></div></div></div></div>", token='<span class="token keyword" data-token-index="0">{t}</span>',
    ),
    "google_docs_paste": Markup(
        before="", after="", blank="<br>", token="{t}",
        line='<p dir="ltr" style="line-height:1.38;margin-top:0pt;margin-bottom:0pt;"><span style="font-size:10pt;font-family:\'Courier New\';color:#000000;background-color:transparent;white-space:pre-wrap;">{c}</span></p>\n',
    ),
    "word_save_as_html": Markup(
        before="", after="", blank="&nbsp;", token="<span style='color:blue'>{t}</span>",
        line="<p class=MsoNormal style='margin-bottom:0cm;line-height:normal;text-autospace:none'><span style='font-size:9.5pt;font-family:Consolas;color:black'>{nb}<o:p></o:p></span></p>\n",
    ),
    "blogger_span": Markup(
        before='<div style="background-color: #f0f0f0; border: 1px dashed; overflow: auto;"><span style="font-family: &quot;courier new&quot; , &quot;courier&quot; , monospace;">', line="{nb}", between="<br />", after="</span></div>", token='<span style="color: blue;">{t}</span>',
    ),
    "blogger_font": Markup(
        before='<font face="Courier New, Courier, monospace" size="2">', line="{nb}", between="<br />\n", after="</font>", token='<font color="#0000ff">{t}</font>',
    ),
    "blog_divs": Markup(
        before='<div style="background: #eee;">', line='<div style="font-family: monospace;">{nb}</div>', blank="<br />", after="</div>", token="<b>{t}</b>",
    ),
    "td_rows": Markup(
        before='<table class="code" border="0" cellpadding="2"><tbody>', line="<tr><td><code>{nb}</code></td></tr>", blank="&nbsp;", after="</tbody></table>", token="<b>{t}</b>",
    ),
    "react_highlighter_div": Markup(
        before='<div style="display: block; overflow-x: auto; padding: 0.5em; background: rgb(43, 43, 43);"><code class="language-python" style="white-space: pre;">', line="{c}", between="<span>\n</span>", after="</code></div>", token='<span style="color: rgb(220, 198, 224);">{t}</span>',
    ),
    "wp_syntax": Markup(
        before='<div class="wp_syntax"><table><tr><td class="line_numbers"><pre>{numbers}</pre></td><td class="code"><pre class="python" style="font-family:monospace;">', number="{n}\n", line="{c}\n", after='</pre></td></tr></table><p class="theCode" style="display:none;">{plain}</p></div>', token='<span style="color: #b1b100;">{t}</span>',
    ),
    "code_block_pro": Markup(
        before='<div class="wp-block-kevinbatdorf-code-block-pro cbp-has-line-numbers" data-code-block-pro-font-family="Code-Pro-JetBrains-Mono"><span style="display:block;padding:16px 0 0 16px"><svg width="54"></svg></span><span role="button" tabindex="0" style="color:#D4D4D4;display:none" aria-label="Copy" class="code-block-pro-copy-button"><pre class="code-block-pro-copy-button-pre" aria-hidden="true"><textarea class="code-block-pro-copy-button-textarea" tabindex="-1" aria-hidden="true" readonly>{plain}</textarea></pre><svg></svg></span><pre class="shiki dark-plus" style="background-color: #1E1E1E" tabindex="0"><code>',
        line='<span class="line">{c}</span>', between="\n", after='</code></pre><span style="display:flex;align-items:flex-end">Python</span></div>', token='<span style="color: #569CD6">{t}</span>',
    ),
    "ipb_old": Markup(
        before="<div class='codetop'>CODE</div><div class='codemain' style='height:200px;white-space:pre;overflow:auto'>", line="{nb}", between="<br />", after="</div>", token="{t}",
    ),
    "mybb_php": Markup(
        before='<div class="codeblock phpcodeblock"><div class="title">PHP Code:<br /></div><div class="body"><div dir="ltr"><code><span style="color: #0000BB">', line="{nbsp}", between="<br />", after="</span></code></div></div></div>", token='</span><span style="color: #007700">{t}</span><span style="color: #0000BB">',
    ),
    "vbulletin_php": Markup(
        before='<div class="bbcode_container"><div class="bbcode_description">PHP Code:</div><div class="bbcode_code" style="height:96px;"><code><code><span style="color: #000000">', line="{nbsp}", between="<br />", after="</span>\n</code></code></div></div>", token='<span style="color: #007700">{t}</span>',
    ),
    "php_net": Markup(
        before='<div class="example-contents"><div class="phpcode"><code><span style="color: #000000">\n', line="{nbsp}", between="<br />", after="\n</span>\n</code></div></div>", token='<span style="color: #0000BB">{t}</span>',
    ),
    "colorscripter": Markup(
        before=f'<div class="colorscripter-code" style="color:#010101;{_MONO} position:relative !important;overflow:auto"><table class="colorscripter-code-table" style="margin:0;padding:0;border:none;background-color:#fafafa;border-radius:4px;" cellspacing="0" cellpadding="0"><tr><td style="padding:6px;border-right:2px solid #e5e5e5"><div style="margin:0;padding:0;word-break:normal;text-align:right;color:#666;{_MONO}line-height:130%">{{numbers}}</div></td><td style="padding:6px 0;text-align:left"><div style="margin:0;padding:0;color:#010101;{_MONO}line-height:130%">',
        number='<div style="line-height:130%">{n}</div>', line='<div style="padding:0 6px; white-space:pre; line-height:130%">{nb}</div>', blank="&nbsp;", token='<span style="color:#a71d5d">{t}</span>',
        after='</div><div style="text-align:right;margin-top:-13px;margin-right:5px;font-size:9px;font-style:italic"><a href="http://colorscripter.com/info#e" target="_blank">Colored by Color Scripter</a></div></td><td style="vertical-align:bottom;padding:0 2px 4px 0"><a href="http://colorscripter.com/info#e" target="_blank"><span style="font-size:9px;word-break:normal;background-color:#e5e5e5;color:white;border-radius:10px;padding:1px">cs</span></a></td></tr></table></div>',
    ),
    "csharp_format": Markup(
        before='<div class="csharpcode">\n', line='<pre class="alt{alt}"><span class="lnum">{n:4d}:  </span>{c}</pre>\n', blank="&nbsp;", after="</div>", token='<span class="kwrd">{t}</span>',
    ),
    "live_writer": Markup(
        before='<div id="codeSnippetWrapper" style="border:1px solid silver;overflow:auto;font-size:8pt"><div id="codeSnippet" style="overflow:visible">', after="</div></div>",
        line='<pre style="border-style:none;font-family:\'Courier New\', courier, monospace"><span id="lnum{n}" style="color:#606060">{n:4d}:</span> {c}</pre><!--CRLF-->', token='<span style="color:#0000ff">{t}</span>',
    ),
    "copy_source_as_html": Markup(
        before='<div style="font-family: Courier New; font-size: 10pt; color: black; background: white;">\n', line='<p style="margin: 0px;"><span style="color: #2b91af;">&nbsp;&nbsp; {n:2d}</span>&nbsp;{nb}</p>\n', blank="&nbsp;", after="</div>", token='<span style="color: blue;">{t}</span>',
    ),
    "intellij_paste": Markup(
        before="<pre style=\"background-color:#2b2b2b;color:#a9b7c6;font-family:'JetBrains Mono';font-size:9.8pt;\">", line="{c}", between="<br>", after="</pre>", token='<span style="color:#cc7832;">{t}</span>',
    ),
    "notepadpp_export": Markup(
        before='<div style="float: left; white-space: pre; line-height: 1; background: #FFFFFF; ">', line="{c}", between="\n", after="</div>", token='<span class="sc5">{t}</span>', every_token=True,
    ),
    "gnu_source_highlight": Markup(
        before="<pre><tt>", line='<font color="#000000">{n:02d}:</font> {c}\n', after="</tt></pre>", token='<b><font color="#0000FF">{t}</font></b>',
    ),
    "highlight_tool": Markup(
        before='<pre class="hl">', line='<span class="hl lin">{n:5d} </span>{c}\n', after="</pre>", token='<span class="hl kwa">{t}</span>',
    ),
    "readme_io": Markup(
        before='<div class="CodeTabs CodeTabs_initial theme-light"><div class="CodeTabs-inner"><pre><button aria-label="Copy Code" class="rdmd-code-copy fa"></button><code class="rdmd-code lang-python theme-light" data-lang="python" name=""><div class="cm-s-neo" data-testid="SyntaxHighlighter">', line="{c}", between="\n", after="</div></code></pre></div></div>", token='<span class="cm-keyword">{t}</span>',
    ),
    "gitbook": Markup(
        before='<div class="group/codeblock grid"><div class="flex items-center"><div class="text-xs">app.py</div></div><button class="button">Copy</button><pre class="relative overflow-auto"><code class="min-w-full inline-grid [counter-reset:line]">', line='<span class="highlight-line"><span class="highlight-line-content">{c}</span></span>', after="</code></pre></div>", blank="\n",
    ),
    "juejin": Markup(
        before='<pre><div class="code-block-extension-header"><div class="code-block-extension-headerLeft"><div class="code-block-extension-foldBtn"><svg></svg></div></div><div class="code-block-extension-headerRight"><span class="code-block-extension-lang">python</span><div class="render">体验AI代码助手</div><div class="code-block-extension-codeLine"><div class="code-block-extension-copyCodeBtn">复制代码</div></div></div></div><code class="hljs language-python" lang="python">', line="{c}\n", after="</code></pre>",
    ),
    "wechat": Markup(
        before='<section class="code-snippet__fix code-snippet__js"><ul class="code-snippet__line-index code-snippet__js">{numbers}</ul><pre class="code-snippet__js" data-lang="python">', number="<li></li>", line='<code><span class="code-snippet_outer">{c}</span></code>', blank="<br>", after="</pre></section>", token='<span class="code-snippet__keyword">{t}</span>',
    ),
    "mdnice": Markup(
        before='<pre class="custom" data-tool="mdnice编辑器"><code class="hljs" style="overflow-x: auto; display: -webkit-box; font-family: Operator Mono, Consolas, Monaco, Menlo, monospace;">', line="{nbsp}", between="<br>", after="<br></code></pre>", token='<span class="hljs-keyword" style="color: #c678dd;">{t}</span>',
    ),
    "coqdoc": Markup(
        before='<div class="code">\n', line="{nb}", between="<br/>\n", after="\n</div>", token='<span class="id" title="keyword">{t}</span>',
    ),
    "xwiki": Markup(
        before='<div class="box"><div class="code">', line="{nb}", between="<br/>", after="</div></div>", token='<span style="color: #008000; ">{t}</span>',
    ),
    "discord_export": Markup(
        before='<div class="chatlog__content chatlog__markdown"><span class="chatlog__markdown-preserve"><code class="chatlog__markdown-pre chatlog__markdown-pre--multiline language-python">', line="{p}", between="\n", after="</code></span></div>",
    ),
    "draftjs": Markup(
        before='<pre class="public-DraftStyleDefault-pre" data-offset-key="a-0-0">', line='<div data-block="true" data-offset-key="k{n}-0-0"><div data-offset-key="k{n}-0-0" class="public-DraftStyleDefault-block public-DraftStyleDefault-ltr"><span data-offset-key="k{n}-0-0">{c}</span></div></div>', blank='<br data-text="true">', after="</pre>", token='<span data-text="true">{t}</span>',
    ),
    "quill": Markup(
        before='<div class="ql-editor"><div class="ql-code-block-container" spellcheck="false"><select class="ql-ui" contenteditable="false"><option value="plain">Plain</option><option value="python">Python</option></select>', line='<div class="ql-code-block" data-language="python">{c}</div>', blank="<br>", after="</div></div>", token='<span class="ql-token hljs-keyword">{t}</span>',
    ),
    "lexical": Markup(
        before='<code class="PlaygroundEditorTheme__code PlaygroundEditorTheme__ltr" spellcheck="false" data-language="python" data-highlight-language="python" dir="ltr" data-gutter="1">', line="{c}", between="<br>", after="</code>", token='<span class="PlaygroundEditorTheme__tokenAttr" data-lexical-text="true">{t}</span>',
    ),
    "slate_editor": Markup(
        before='<pre data-slate-node="element" class="slate-code_block"><code>', line='<div data-slate-node="element" class="slate-code_line"><span data-slate-node="text"><span data-slate-leaf="true"><span data-slate-string="true">{c}</span></span></span></div>', blank='<span data-slate-zero-width="n" data-slate-length="0">\ufeff<br></span>', after="</code></pre>",
    ),
    "drupal_code": Markup(
        before='<div class="codeblock"><code>', line="{nb}", between="<br />", after="</code></div>", token="{t}",
    ),
    "drupal_geshi": Markup(
        before='<div class="geshifilter"><pre class="python geshifilter-python" style="font-family:monospace;"><ol>', line='<li style="font-weight: normal; vertical-align:top;"><div style="font: normal normal 1em/1.2em monospace; margin:0; padding:0; background:none; vertical-align:top;">{c}</div></li>', blank="&nbsp;", after="</ol></pre></div>", token='<span style="color: #ff7700;font-weight:bold;">{t}</span>',
    ),
    "moinmoin": Markup(
        before='<span class="anchor" id="line-1"></span><div class="codearea" dir="ltr" lang="en"><script type="text/javascript">var x = 1;</script><pre dir="ltr" id="CA-ab" lang="en">', line='<span class="line"><span class="LineAnchor" id="CA-ab_{n}"></span><span class="LineNumber"> {n:3d} </span>{c}</span>\n', after="</pre></div>", token='<span class="ResWord">{t}</span>',
    ),
    "perldoc": Markup(
        before='<pre class="verbatim"><ol>', line="<li>{c}</li>", after="</ol></pre>", token='<span class="w">{t}</span>',
    ),
    "hastebin": Markup(
        before='<div id="linenos">{numbers}</div><pre id="box" style="display: block;" class="hljs" tabindex="0"><code>', number="{n}<br>", line="{c}\n", after="</code></pre>",
    ),
    "dpaste_org": Markup(
        before='<div class="snippet-code"><ol>', line='<li id="l{n}">{c}</li>', blank="&nbsp;", after="</ol></div>",
    ),
    "monaco_colorized": Markup(
        before='<div class="monaco-colorized" data-lang="python">', line="<span>{nbsp}</span>", between="<br/>", after="<br/></div>", token='<span class="mtk18">{t}</span>',
    ),
    "obsidian_publish": Markup(
        before='<div class="el-pre"><pre class="language-python" tabindex="0"><code data-line="0" class="language-python is-loaded">', line="{c}\n", after='</code><button class="copy-code-button">Copy</button></pre></div>', token='<span class="token keyword">{t}</span>',
    ),
    "remark_slides": Markup(
        before='<pre><code class="python hljs remark-code">', line='<div class="remark-code-line">{c}</div>', after="</code></pre>", token='<span class="hljs-keyword">{t}</span>',
    ),
    "oreilly": Markup(
        before='<pre data-type="programlisting" data-code-language="python">', line="{c}\n", after="</pre>", token='<code class="k">{t}</code>', every_token=True,
    ),
    "springer_fixed_line": Markup(
        before='<div class="ProgramCode"><div class="LineGroup">', line='<div class="FixedLine">{nb}</div>', blank="&nbsp;", after="</div></div>", token='<span class="EmphasisFontCategoryNonProportional">{t}</span>',
    ),
    "calibre_tt": Markup(
        before="", line='<p class="calibre12"><tt class="calibre13">{nb}</tt></p>\n', blank="&nbsp;", after="", token='<b class="calibre5">{t}</b>',
    ),
    "paragraphs_of_code": Markup(
        before="", line="<p><code>{nb}</code></p>\n", blank="&nbsp;", after="", token="{t}",
    ),
}  # fmt: skip
