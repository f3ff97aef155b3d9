"""Markup of documentation, books, help centres and tutorials; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

FAMILIES: dict[str, Markup] = {
    "geeks_divs": Markup(
        before='<div class="code-block"><div class="noIdeBtnDiv"><table border="0" cellpadding="0" cellspacing="0"><tbody><tr><td class="code"><div class="container">',
        line='<div class="line number{n} index{n0} alt2"><code class="plain">{nb}</code></div>', blank="&nbsp;", after="</div></td></tr></tbody></table></div></div>", token='</code><code class="keyword">{t}</code><code class="plain">',
    ),
    "geeks_old": Markup(
        before='<div class="responsive-tabs-wrapper"><div class="code-container"><div class="code-gutter"></div><div class="code-main"><div class="container">',
        line='<div class="highlight-line"><code class="undefined spaces">{nb}</code></div>', blank=" ", after="</div></div></div></div>", token='</code><code class="keyword">{t}</code><code class="plain">',
    ),
    "cplusplus_com": Markup(
        before='<table class="snippet"><tr><td class="rownum"><pre><code>{numbers}</code></pre></td>\n<td class="source"><pre><code>', number="{n}<br />", line="{c}", between="\n",
        after='</code></pre></td><td class="C_BtnRun"><span class="runbtn" title="Open with C++ Shell">Edit &amp; Run</span></td></tr></table>', token="<var>{t}</var>",
    ),
    "cppreference_geshi": Markup(
        before='<div class="t-example"><div dir="ltr" class="mw-geshi t-example-live" style="text-align: left;"><div class="cpp source-cpp"><pre class="de1">', line="{c}", between="\n", after="</pre></div></div></div>", token='<span class="kw4">{t}</span>',
    ),
    "rosetta_old": Markup(
        before='<pre class="python highlighted_source">', line="{nbsp}", between="<br />", after="</pre>", token='<span class="kw1">{t}</span>',
    ),
    "mediawiki_pre_blank": Markup(before="<pre>", line="{p}", between="\n", after="\n</pre>"),
    "digitalocean": Markup(
        before='<div class="code-label" title="a.conf">a.conf</div><pre class="code-pre "><code class="code-highlight language-nginx"><ul class="prefixed">', line='<li class="line" data-prefix="{n}">{c}\n</li>', after="</ul></code></pre>",
    ),
    "aws_docs": Markup(
        before='<pre class="programlisting"><div class="code-btn-container"><div class="btn-copy-code" title="Copy"><awsui-icon name="copy"></awsui-icon></div></div><code class="python ">', line="{c}", between="\n", after="</code></pre>",
    ),
    "ms_learn": Markup(
        before='<div class="code-header" data-bi-name="code-header"><span class="language">Python</span><button type="button" class="action position-relative" data-bi-name="copy"><span class="icon"></span><span>Copy</span></button></div><pre tabindex="0" class="has-inner-focus"><code class="lang-python" data-author-content="x"><span>',
        line="{c}", between="\n", after="</span></code></pre>", token='<span class="hljs-keyword">{t}</span>',
    ),
    "msdn_old": Markup(
        before='<div class="codeSnippetContainer"><div class="codeSnippetContainerTabs"><div class="codeSnippetContainerTab">C#</div></div><div class="codeSnippetContainerCodeContainer"><div class="codeSnippetToolBar"><div><a title="Copy" href="javascript:x">Copy</a></div></div><div class="codeSnippetContainerCode" dir="ltr"><div style="color:Black;"><pre>\n',
        line="{c}", between="\n", after="\n</pre></div></div></div></div>", token='<span style="color:Blue;">{t}</span>',
    ),
    "mdn": Markup(
        before='<div class="code-example"><div class="example-header"><span class="language-name">js</span><button type="button" class="icon copy-icon"><span class="visually-hidden">Copy to Clipboard</span></button></div><pre class="brush: js notranslate"><code>', line="{c}\n", after="</code></pre></div>",
    ),
    "devsite": Markup(
        before='<div></div><devsite-code><div class="devsite-code-buttons-container"><button class="gc-analytics-event material-icons" data-title="Copy code sample"></button></div><pre class="devsite-click-to-copy" translate="no" dir="ltr" is-upgraded="" syntax="Python"><code translate="no" dir="ltr">', line="{c}\n", after="</code></pre></devsite-code>", token='<span class="devsite-syntax-k">{t}</span>',
    ),
    "qt_docs": Markup(before='<pre class="cpp" translate="no">', line="{c}", between="\n", after="</pre>", token='<span class="keyword">{t}</span>'),
    "matlab_publish": Markup(before='<pre class="codeinput">', line="{c}", between="\n", after="\n</pre>", token='<span class="keyword">{t}</span>'),
    "sas_docs": Markup(before='<div class="xisDoc-codeFragment"><pre class="xisDoc-code">', line="{p}", between="\n", after="</pre></div>"),
    "cisco_lines": Markup(
        before="", line='<p class="pEx1_Example1"><a name="wp10{n}"></a><tt>{nb}</tt></p>\n', blank="&nbsp;", after="", token="<b>{t}</b>",
    ),
    "dita_codeblock": Markup(before='<div class="section example"><pre class="pre codeblock" xml:space="preserve"><code>', line="{p}", between="\n", after="</code></pre></div>"),
    "flare_per_line": Markup(
        before='<div class="CodeSnippet">', line='<p class="Code">{nb}</p>\n', blank="&nbsp;", after="</div>", token='<span class="CodeKeyword">{t}</span>',
    ),
    "flare_snippet": Markup(
        before='<div class="codeSnippet"><div class="codeSnippetCaption">Listing</div><div class="codeSnippetBody" data-mc-continue="False" data-mc-line-number-start="1" data-mc-use-line-numbers="False"><pre><code>', line="{p}", between="\n", after="</code></pre></div></div>",
    ),
    "robohelp_paragraphs": Markup(
        before="<style>p.codeline { font-family: 'Lucida Console', Courier, monospace; margin: 0 }</style>", line='<p class="codeline">{nb}</p>\n', blank="&#160;", after="", token="{t}",
    ),
    "indesign_epub": Markup(
        before='<div class="_idGenObjectLayout-1">', line='<p class="Code-body" lang="en-US"><span class="CharOverride-4">{nb}</span></p>\n', blank="&nbsp;", after="</div>", token="{t}",
    ),
    "epub_program": Markup(
        before="<style>.programcode{font-family:monospace;text-indent:0}</style>", line='<p class="programcode">{nb}</p>\n', blank="&nbsp;", after="", token="{t}",
    ),
    "epub_code_lines": Markup(
        before='<div class="programlisting">', line='<p class="programlisting-line"><code class="literal">{nb}</code></p>\n', blank="&nbsp;", after="</div>", token='<strong class="kw">{t}</strong>',
    ),
    "pragprog": Markup(
        before='<div class="livecodelozenge"><a href="http://x/code/a.rb">code/a.rb</a></div><table class="processedcode">', line='<tr><td class="codeinfo">&nbsp;</td><td class="codeprefix">&nbsp;&nbsp;</td><td class="codeline">{nb}</td></tr>\n', blank="&nbsp;", after="</table>", token="<strong>{t}</strong>",
    ),
    "manning_livebook": Markup(
        before='<div class="browsable-container listing-container"><h5 class="listing">Listing 2.1. A program</h5><div class="code-area-container"><pre class="code-area">', line="{c}\n", after="</pre></div></div>",
    ),
    "hevea_listing": Markup(
        before='<div class="lstlisting"><span style="font-family:monospace"><span style="font-size:small">', line="{nbsp}", between="<br>\n", after="</span></span></div>", token='</span><span style="font-size:small;color:blue">{t}</span><span style="font-size:small">',
    ),
    "hevea_frame": Markup(
        before='<table class="lstframe" style="border:1px"><tr><td class="lstcell"><span style="font-family:monospace">', line="{nbsp}", between="<br>\n", after="</span></td></tr></table>", token="<b>{t}</b>",
    ),
    "tex4ht_lstlisting": Markup(
        before='<div class="lstlisting" id="listing-1">', line='<span class="label"><a id="x1-300{n}r{n}"></a></span><span class="ec-lmtt-10">{nbsp}</span>', between="<br />\n", blank="&#x00A0;", after="</div>", token='</span><span class="ec-lmtk-10">{t}</span><span class="ec-lmtt-10">',
    ),
    "tex4ht_fancyvrb": Markup(
        before='<div class="fancyvrb" id="fancyvrb1">', line='<a id="x1-20{n}r{n}"></a><span class="cmr-7">{n}</span>&#x00A0;&#x00A0;<span class="cmtt-10">{nbsp}</span>', between="<br class=\"fancyvrb\" />", blank="&#x00A0;", after="</div>", token="{t}",
    ),
    "latex2html_verb": Markup(before="<PRE>", line="{p}", between="\n", after="\n</PRE>"),
    "ocamldoc_code": Markup(
        before='<pre class="codepre"><code class="code">', line="{nbsp}", between="<br>\n", after="</code></pre>", token='<span class="keyword">{t}</span>',
    ),
    "phpdoc_source": Markup(
        before='<div class="src-code"><ol>', line='<li><div class="src-line"><a name="a{n}"></a>{nb}</div></li>\n', blank="&nbsp;", after="</ol></div>", token='<span class="src-key">{t}</span>',
    ),
    "phpdocumentor_dl": Markup(
        before='<dl class="phpdocumentor-list"><dt>Example</dt></dl><pre class="phpdocumentor-code"><code class="language-php line-numbers" data-file="a.php">', line="{p}", between="\n", after="</code></pre>",
    ),
    "naturaldocs": Markup(
        before='<div class="NDFileSource"><table><tr><td class="LineNumberColumn">{numbers}</td><td class="CodeColumn"><pre>', number="<div>{n}</div>", line="{c}\n", after="</pre></td></tr></table></div>",
    ),
    "sandcastle": Markup(
        before='<div id="snippetGroup"><div class="codeSnippetContainer"><div class="codeSnippetContainerCode"><div style="display:block"><pre xml:space="preserve" class="">', line="{c}", between="\n", after="</pre></div></div></div></div>", token='<span class="highlight-keyword">{t}</span>',
    ),
    "robodoc": Markup(before='<p class="item_name">SOURCE</p>\n<pre class="source">', line="{c}", between="\n", after="</pre>", token='<span class="keyword">{t}</span>'),
    "pkg_go_example": Markup(
        before='<div class="Documentation-exampleDetailsBody"><p>Code:</p><pre class="Documentation-exampleCode">', line="{p}", between="\n", after="\n</pre></div>",
    ),
    "exdoc": Markup(before='<pre><code class="makeup elixir" translate="no">', line="{c}", between="\n", after="</code></pre>", token='<span class="kd" data-group-id="1-1">{t}</span>', every_token=True),
    "rdoc_source": Markup(before='<div class="method-source-code" id="m-source"><pre>', line='{c}', between="\n", after="</pre></div>", token='<span class="ruby-keyword">{t}</span>', every_token=True),
    "unity_docs": Markup(before='<div class="codeExample"><pre class="codeExampleCS">\n', line="{c}", between="<br />", after="\n</pre></div>", token='<span class="kwd">{t}</span>'),
    "unreal_api": Markup(
        before='<div class="simplecode_api"><p>', line="{nb}", between="<br />\n", after="</p></div>", token='<span class="kw">{t}</span>',
    ),
    "swagger_ui": Markup(
        before='<div class="highlight-code"><div class="copy-to-clipboard"><button></button></div><pre class="example microlight" style="display: block; overflow-x: auto; padding: 0.5em;"><code class="language-json" style="white-space: pre;">', line="<span>{c}\n</span>", after="</code></pre></div>", token='</span><span style="color: rgb(162, 252, 162);">{t}</span><span>',
    ),
    "stripe_rows": Markup(
        before='<div class="CodeBlock"><div class="CodeBlock-scroll"><table class="CodeTable"><tbody>', line='<tr class="CodeTable-row"><td class="CodeTable-cell CodeTable-number" data-n="{n}"></td><td class="CodeTable-cell CodeTable-text"><span>{c}</span></td></tr>', blank=" ", after="</tbody></table></div></div>",
    ),
    "mintlify": Markup(
        before='<div class="code-block mt-5 mb-8 not-prose rounded-2xl relative group"><div class="absolute top-3 right-4"><button class="h-[26px]" aria-label="Copy"><svg></svg></button></div><div class="code-block-background"><pre class="shiki shiki-themes github-light" style="background-color:#fff" language="python"><code language="python">',
        line='<span class="line">{c}</span>', between="\n", after="</code></pre></div></div>", token='<span style="color:#CF222E;--shiki-dark:#569CD6">{t}</span>',
    ),
    "paradox": Markup(before='<dl><dt class="tab-scala">Scala</dt><dd class="tab-scala"><pre class="prettyprint group-scala"><a class="icon go-to-source" href="x" title="Go to snippet source"></a><button class="snippet-button copy-snippet" title="Copy snippet to clipboard">copy</button><code class="language-scala">', line="{p}", between="\n", after="</code></pre></dd></dl>"),
    "writerside": Markup(before='<div class="code-block" data-lang="kotlin" data-title="a.kt">', line="{p}", between="\n", after="\n</div>"),
    "hyperlinked_agda": Markup(before='<pre class="Agda">', line="{c}", between="\n", after="</pre>", token='<a id="12" class="Keyword">{t}</a>', every_token=True),
    "isabelle": Markup(before='<pre class="source">', line='{c}', between="\n", after="</pre>", token='<span class="keyword1"><span class="command">{t}</span></span>'),
    "literate_docco": Markup(
        before='<ul class="sections"><li id="section-1"><div class="annotation"><div class="sswrap"><a class="ss" href="#section-1">&#x00a7;</a></div></div><div class="content"><div class="highlight"><pre>', line="{c}", between="\n", after="</pre></div></div></li></ul>", token='<span class="hljs-keyword">{t}</span>',
    ),
    "wikidot": Markup(before='<div class="code"><div class="hl-main"><pre>', line='<span class="hl-code">{c}</span>', between="\n", after="</pre></div></div>", token='</span><span class="hl-reserved">{t}</span><span class="hl-code">'),
    "trac_wiki": Markup(before='<div class="wiki-code"><div class="code"><pre>', line="{c}\n", after="</pre></div></div>"),
    "dokuwiki_file": Markup(before='<dl class="file">\n<dt><a href="/x?codeblock=0" title="Download Snippet" class="mediafile mf_py">a.py</a></dt>\n<dd><pre class="code file python">', line="{c}", between="\n", after="</pre>\n</dd></dl>"),
}  # fmt: skip
