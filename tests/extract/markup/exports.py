"""Markup of editors' exports, converters, generators and highlighters' plugins, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_HLJS = '<span class="hljs-keyword">{t}</span>'
_PRISM = '<span class="token keyword">{t}</span>'
_PYGMENTS = '<span class="k">{t}</span>'
FAMILIES: dict[str, Markup] = {
    "java2html": Markup(
        before='<div align="left" class="java">\n<table border="0" cellpadding="3" cellspacing="0" bgcolor="#ffffff">\n   <tr>\n  <!-- start source code -->\n   <td nowrap="nowrap" valign="top" align="left">\n    <code>\n',
        line='<font color="#808080">{n:02d}</font>&nbsp;<font color="#000000">{nbsp}</font>', between="<br />\n", blank="", after="</code>\n    \n   </td>\n  <!-- end source code -->\n   </tr>\n</table>\n</div>", token='</font><font color="#7f0055"><b>{t}</b></font><font color="#000000">',
    ),
    "power_tools_copy": Markup(before='<pre style="font-family:Consolas;font-size:13px;color:gainsboro;background:#1e1e1e;">', line="{nbsp}", between="\n", blank="", after="</pre>", token='<span style="color:#569cd6;">{t}</span>'),
    "jedit_code2html": Markup(before='<PRE><SPAN CLASS="syntax0">', line='<SPAN CLASS="gutter">{n:4d}:</SPAN>{c}', marked='<SPAN CLASS="gutterH">{n:4d}:</SPAN>{c}', between="\n", after="\n</SPAN></PRE>", token='<SPAN CLASS="syntax8">{t}</SPAN>'),
    "texinfo_example": Markup(before='<div class="example smallexample">\n<pre class="example-preformatted">', line="{c}", between="\n", after="\n</pre></div>", token='<strong class="strong">{t}</strong>'),
    "mandoc": Markup(before='<div class="Bd Pp Bd-indent Li">\n<pre>', line="{c}", between="\n", after="\n</pre>\n</div>", token='<b class="Cm">{t}</b>'),
    "asciidoc_py": Markup(before='<div class="listingblock">\n<div class="content"><!-- Generator: GNU source-highlight 3.1.8 -->\n<pre><tt>', line="{c}", between="\n", after="</tt></pre></div></div>", token='<span style="font-weight: bold"><span style="color: #0000FF">{t}</span></span>'),
    "pdftohtml_absolute": Markup(
        before='<style type="text/css">\n<!--\n.ft10{font-size:18px;font-family:Times;color:#000000;}\n.ft13{font-size:12px;font-family:Courier;color:#000000;}\n-->\n</style>\n<div id="page1-div" style="position:relative;width:918px;height:1188px;">\n<img width="918" height="1188" src="x001.png" alt="background image"/>\n',
        line='<p style="position:absolute;top:{n}0px;left:135px;white-space:nowrap" class="ft13">{nbsp}</p>\n', blank="&#160;", after="</div>\n", token="{t}",
    ),
    "pdftohtml_lines": Markup(before='<a name="1"></a>', line="{nbsp}<br/>\n", blank="&#160;", after="<hr/>\n", token="<b>{t}</b>"),
    "pdf2htmlex": Markup(
        before='<style type="text/css">.t{position:absolute;white-space:pre;font-size:1px;transform-origin:0 100%;unicode-bidi:bidi-override}.ff3{font-family:ff3;line-height:0.84;}</style><div id="page-container"><div id="pf1" class="pf w0 h0" data-page-no="1"><div class="pc pc1 w0 h0">',
        line='<div class="t m0 x2 h4 y{n} ff3 fs2 fc1 sc0 ls0 ws0">{c}</div>', blank=" ", after="</div></div></div>", token='<span class="fc3">{t}</span>',
    ),
    "richview_export": Markup(
        before="<style type=\"text/css\">\n.rvts0 { font-size: 10pt; font-family: 'Arial'; }\n.rvts14 { font-family: 'Courier New', 'Courier', monospace; }\nspan.rvts15 { font-family: 'Courier New', 'Courier', monospace; color: #0000ff; }\n</style>\n",
        line='<p class="rvps6"><span class="rvts14">{nb}</span></p>\n', blank="<br/>", after="", token='</span><span class="rvts15">{t}</span><span class="rvts14">',
    ),
    "word_boxed_code": Markup(
        before="<table class=MsoTableGrid border=1 cellspacing=0 cellpadding=0 style='border-collapse:collapse;border:none'>\n <tr>\n  <td width=623 valign=top style='width:467.5pt;border:solid windowtext 1.0pt;padding:0in 5.4pt 0in 5.4pt'>\n",
        line="  <p class=MsoNormal style='margin-bottom:0in;line-height:normal;text-autospace:none'><span style='font-size:9.5pt;font-family:Consolas;color:black'>{nb}</span></p>\n", blank="&nbsp;", after="  </td>\n </tr>\n</table>", token="</span><span style='font-size:9.5pt;font-family:Consolas;color:blue'>{t}</span><span style='font-size:9.5pt;font-family:Consolas;color:black'>",
    ),
    "joplin_export": Markup(
        before='<div class="joplin-editable"><pre class="joplin-source" data-joplin-language="python" data-joplin-source-open="```python&#10;" data-joplin-source-close="&#10;```">{plain}</pre><pre class="hljs"><code>', line="{c}", between="\n", after="</code></pre></div>", token=_HLJS,
    ),
    "logseq_publish": Markup(
        before='<div class="cp__fenced-code-block" data-lang="python"><div class="ui-fenced-code-editor flex w-full"><div class="extensions__code flex-1"><div class="extensions__code-lang">python</div><div class="code-editor flex flex-1 flex-row w-full"><textarea style="display: none;">{plain}</textarea><div class="CodeMirror cm-s-solarized CodeMirror-wrap" translate="no"><div class="CodeMirror-scroll"><div class="CodeMirror-sizer"><div class="CodeMirror-lines" role="presentation"><div role="presentation"><div class="CodeMirror-measure"></div><div class="CodeMirror-code" role="presentation">',
        line='<div style="position: relative;"><div class="CodeMirror-gutter-wrapper" aria-hidden="true" style="left: -29px;"><div class="CodeMirror-linenumber CodeMirror-gutter-elt" style="left: 0px; width: 21px;">{n}</div></div><pre class=" CodeMirror-line " role="presentation"><span role="presentation" style="padding-right: 0.1px;">{c}</span></pre></div>',
        blank='<span cm-text="">&#8203;</span>', after="</div></div></div></div></div></div></div></div></div></div>", token='<span class="cm-keyword">{t}</span>',
    ),
    "text_highlighter_table": Markup(
        before='<table class="hl-table" width="100%"><tr><td class="hl-gutter" align="right" valign="top"><pre>{numbers}\n</pre></td><td class="hl-main" valign="top"><pre>', number="{n}", numbers_between="\n", line='<span class="hl-code">{c}</span>', between="\n", after="</pre></td></tr></table>", token='</span><span class="hl-reserved">{t}</span><span class="hl-code">',
    ),
    "text_highlighter_list": Markup(before='<div class="hl-main"><ol class="hl-main">', line="<li><pre>&nbsp;{c}</pre></li>", between="\n", after="</ol></div>", token='<span class="hl-reserved">{t}</span>'),
    "pandoc_number_lines": Markup(
        before='<div class="sourceCode" id="cb1" data-startFrom="1"><pre class="sourceCode numberSource python numberLines"><code class="sourceCode python">', line='<span id="cb1-{n}"><a href="#cb1-{n}"></a>{c}</span>', between="\n", after="</code></pre></div>", token='<span class="cf">{t}</span>',
    ),
    "zola_linenos": Markup(
        before='<pre data-linenos data-lang="python" style="background-color:#2b303b;color:#c0c5ce;" class="language-python "><code class="language-python" data-lang="python"><table><tbody>', line="<tr><td>{n}</td><td>{c}\n</td></tr>", marked='<tr><td><mark style="background-color:#65737e30;">{n}</mark></td><td><mark style="background-color:#65737e30;">{c}\n</mark></td></tr>', after="</tbody></table></code></pre>", token='<span style="color:#b48ead;">{t}</span>',
    ),
    "nikola_codetable": Markup(
        before='<div class="code"><table class="codetable">', line='<tr><td class="linenos linenodiv"><a href="#rest_code_1a-{n}"><code data-line-number="{n:2d}"></code></a></td><td class="code"><code><a id="rest_code_1a-{n}" name="rest_code_1a-{n}"></a>{c}\n</code></td></tr>', after="</table></div>", token=_PYGMENTS,
    ),
    "octopress": Markup(
        before="<figure class='code'><figcaption><span>Counting words</span><a href='/downloads/code/a.rb'>download</a></figcaption><div class=\"highlight\"><table><tr><td class=\"gutter\"><pre class=\"line-numbers\">{numbers}</pre></td><td class='code'><pre><code class='ruby'>", number="<span class='line-number'>{n}</span>\n", line="<span class='line'>{c}\n</span>", after="</code></pre></td></tr></table></div></figure>", token=_PYGMENTS,
    ),
    "kallithea": Markup(
        before='<table class="code-highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div class="code-highlight"><pre>', number='<a href="#L{n}">{n}</a>', numbers_between="\n", line='<div id="L{n}">{c}\n</div>', after="</pre></div></td></tr></table>", token=_PYGMENTS,
    ),
    "doxygen_awesome": Markup(
        before='<div class="doxygen-awesome-fragment-wrapper"><div class="fragment">', line='<div class="line">{c}</div>\n', blank=" ", after='</div><doxygen-awesome-fragment-copy-button class="clipboard-icon" title="Copy to clipboard"><svg width="24" height="24"><path d="M0 0h24v24H0V0z"></path></svg></doxygen-awesome-fragment-copy-button></div>', token='<span class="keywordflow">{t}</span>',
    ),
    "javadoc_snippet": Markup(
        before='<div class="snippet-container"><button class="copy snippet-copy" aria-label="Copy snippet" onclick="copySnippet(this)"><span data-copied="Copied!">Copy</span><img src="../copy.svg" alt="Copy snippet"></button>\n<pre class="snippet" id="snippet-f()1"><code class="language-java">', line="{c}", marked='<span class="highlighted">{c}</span>', between="\n", after="\n</code></pre>\n</div>", token='<span class="bold">{t}</span>',
    ),
    "scilab_help": Markup(
        before='<div class="programlisting"><table border="0" width="98%"><tr><td width="98%"><pre class="scilabcode">', line="{c}", between="\n", after='</pre></td><td valign="top"><a href="scilab://f.execexample/"><img src="ScilabExecute.png" border="0"/></a></td><td valign="top"><a href="scilab://f.editexample/"><img src="ScilabEdit.png" border="0"/></a></td></tr></table></div>', token='<span class="scilabfkeyword">{t}</span>',
    ),
    "symfony_codeblock": Markup(
        before='<div translate="no" data-loc="12" class="notranslate codeblock codeblock-length-md codeblock-php"><div class="codeblock-scroll"><pre class="codeblock-lines">{numbers}</pre><pre class="codeblock-code"><code>', number="{n}", numbers_between="\n", line="{c}", between="\n", after="</code></pre></div></div>", token=_HLJS,
    ),
    "urvanov": Markup(
        before='<div id="urvanov-syntax-highlighter-6" class="urvanov-syntax-highlighter-syntax urvanov-syntax-highlighter-theme-classic urvanov-syntax-highlighter-font-monaco print-yes notranslate" data-settings=" minimize scroll-mouseover"><div class="urvanov-syntax-highlighter-toolbar" data-settings=" mouseover overlay hide delay"><span class="urvanov-syntax-highlighter-title"></span><div class="urvanov-syntax-highlighter-tools"><div class="urvanov-syntax-highlighter-button"><div class="urvanov-syntax-highlighter-button-icon"></div></div><span class="urvanov-syntax-highlighter-language">Java</span></div></div><div class="urvanov-syntax-highlighter-info"></div><div class="urvanov-syntax-highlighter-plain-wrap"><textarea wrap="soft" class="urvanov-syntax-highlighter-plain print-no" data-settings="dblclick" readonly>{plain}</textarea></div><div class="urvanov-syntax-highlighter-main"><table class="urvanov-syntax-highlighter-table"><tr class="urvanov-syntax-highlighter-row"><td class="urvanov-syntax-highlighter-nums " data-settings="show"><div class="urvanov-syntax-highlighter-nums-content">{numbers}</div></td><td class="urvanov-syntax-highlighter-code"><div class="crayon-pre">',
        number='<div class="urvanov-syntax-highlighter-num" data-line="urvanov-syntax-highlighter-6-{n}">{n}</div>', line='<div class="urvanov-syntax-highlighter-line" id="urvanov-syntax-highlighter-6-{n}">{c}</div>', blank="&nbsp;", after="</div></td></tr></table></div></div>", token='<span class="crayon-st">{t}</span>',
    ),
    "shcb": Markup(
        before="<pre class=\"wp-block-code\" aria-describedby=\"shcb-language-1\" data-shcb-language-name=\"PHP\" data-shcb-language-slug=\"php\"><span><code class=\"hljs language-php shcb-code-table shcb-line-numbers\">", line="<span class='shcb-loc'><span>{c}\n</span></span>", marked="<mark class='shcb-loc'><span>{c}\n</span></mark>",
        after='</code></span><small class="shcb-language" id="shcb-language-1"><span class="shcb-language__label">Code language:</span> <span class="shcb-language__name">PHP</span> <span class="shcb-language__paren">(</span><span class="shcb-language__slug">php</span><span class="shcb-language__paren">)</span></small></pre>', token=_HLJS,
    ),
    "prism_show_invisibles": Markup(before='<pre class="language-js" tabindex="0"><code class="language-js">', line="{c}", between='<span class="token lf">\n</span>', after="</code></pre>", token=_PRISM),
    "hljs_badge": Markup(
        before='<pre class="code-badge-pre"><div class="code-badge"><div class="code-badge-language">python</div><div title="Copy to clipboard"><i class="fa fa-copy code-badge-copy-icon"></i></div></div><code class="hljs python">', line="{c}", between="\n", after="\n</code></pre>", token=_HLJS,
    ),
    "hljs_copy_plugin": Markup(
        before='<pre class="hljs-copy-wrapper" style="--hljs-theme-background:rgb(40,44,52);--hljs-theme-padding:16px"><code class="hljs language-js" data-highlighted="yes">', line="{c}", between="\n", after='\n</code><div class="hljs-copy-container" data-autohide="true"><button class="hljs-copy-button" data-copied="false">Copy</button></div></pre>', token=_HLJS,
    ),
    "expressive_collapsible": Markup(
        before='<div class="expressive-code"><figure class="frame not-content"><figcaption class="header"></figcaption><pre data-language="js"><code>', line='<div class="ec-line"><div class="gutter"><div class="ln" aria-hidden="true">{n}</div></div><div class="code">{c}</div></div>', blank="\n",
        marked='<details class="ec-section github"><summary><div class="expand" tabindex="-1"></div><div class="ec-line"><div class="gutter"><div class="ln" aria-hidden="true"></div></div><div class="code"><span class="indent"></span>1 collapsed line</div></div></summary><div class="content-lines"><div class="ec-line"><div class="gutter"><div class="ln" aria-hidden="true">{n}</div></div><div class="code">{c}</div></div></div></details>',
        after='</code></pre><div class="copy"><div aria-live="polite"></div><button title="Copy to clipboard" data-copied="Copied!"><div></div></button></div></figure></div>', token='<span style="--0:#D73A49">{t}</span>',
    ),
    "sphinx_emphasized": Markup(before='<div class="highlight-python notranslate"><div class="highlight"><pre><span></span>', line="{c}\n", marked='<span class="hll">{c}\n</span>', after="</pre></div>\n</div>", token=_PYGMENTS),
    "translated_fonts": Markup(before='<pre><code>', line='<font style="vertical-align: inherit;"><font style="vertical-align: inherit;">{c}\n</font></font>', after="</code></pre>", token='</font></font><span class="kw"><font style="vertical-align: inherit;"><font style="vertical-align: inherit;">{t}</font></font></span><font style="vertical-align: inherit;"><font style="vertical-align: inherit;">'),
}  # fmt: skip
