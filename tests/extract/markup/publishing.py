"""Markup of documentation tools, notebooks, blogs, forums and books, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

FAMILIES: dict[str, Markup] = {
    "asciidoctor_callouts": Markup(
        before='<div class="listingblock"><div class="content"><pre class="rouge highlight"><code data-lang="c">', line="{c}{x}", between="\n", after='</code></pre></div></div><div class="colist arabic"><table><tr><td><i class="conum" data-value="1"></i><b>1</b></td><td>The first step of the program.</td></tr></table></div>',
        token='<span class="k">{t}</span>', mark=' <i class="conum" data-value="{n}"></i><b>({n})</b>',
    ),
    "docbook_callouts": Markup(
        before='<div class="programlistingco"><pre class="programlisting">', line="{p}{x}", between="\n", after='</pre><div class="calloutlist"><p>What the marks say stands here.</p></div></div>', mark=' <a name="co{n}" href="#callout{n}"><img src="images/callouts/{n}.png" alt="({n})" border="0"></a>',
    ),
    "docbook_callout_spans": Markup(
        before='<pre class="programlisting">', line="{p}{x}", between="\n", after="</pre>", mark=' <a id="co{n}"></a><a href="#callout{n}"><span class="callout">{n}</span></a>',
    ),
    "mkdocs_annotations": Markup(
        before='<div class="language-python highlight"><span class="filename">a.py</span><pre id="__code_3"><span></span><button class="md-clipboard md-icon" title="Copy to clipboard" data-clipboard-target="#__code_3 > code"></button><code>', line='<span id="__span-3-{n}"><a id="__codelineno-3-{n}" name="__codelineno-3-{n}" href="#__codelineno-3-{n}"></a>{c}{x}\n</span>', after="</code></pre></div>",
        mark='<span class="md-annotation" data-md-visible=""><a class="md-annotation__index" tabindex="-1"><span data-md-annotation-id="{n}">{n}</span></a><div class="md-tooltip" role="tooltip"><div class="md-tooltip__inner md-typeset"><p>What this line is for.</p></div></div></span>',
    ),
    "mkdocs_line_table": Markup(
        before='<div class="language-yaml highlight"><table class="highlighttable"><tr><th colspan="2" class="filename"><span class="filename">a.yml</span></th></tr><tr><td class="linenos"><div class="linenodiv"><pre><span></span>{numbers}</pre></div></td><td class="code"><div><pre><span></span><code>',
        number='<span class="normal"><a href="#__codelineno-5-{n}">{n:2d}</a></span>', numbers_between="\n", line='<a id="__codelineno-5-{n}" name="__codelineno-5-{n}"></a>{c}', between="\n", after="\n</code></pre></div></td></tr></table></div>",
    ),
    "mdbook_buttons": Markup(
        before='<pre><div class="buttons"><button class="fa fa-copy clip-button" title="Copy to clipboard" aria-label="Copy to clipboard"><i class="tooltiptext"></i></button><button class="fa fa-play play-button" title="Run this code" aria-label="Run this code"></button></div><code class="language-rust hljs"><span class="boring">', line="{c}", between="\n", after="</span></code></pre>",
    ),
    "quarto_annotated": Markup(
        before='<div class="cell"><div class="sourceCode cell-code" id="annotated-cell-4"><pre class="sourceCode r code-annotation-code code-with-copy code-annotated"><code class="sourceCode r">', line='{x}<span id="annotated-cell-4-{n}" class="code-annotation-target"><a href="#annotated-cell-4-{n}" aria-hidden="true" tabindex="-1"></a>{c}</span>', between="\n",
        after='</code><button title="Copy to Clipboard" class="code-copy-button"><i class="bi"></i></button></pre></div></div>', mark='<a class="code-annotation-anchor" data-target-cell="annotated-cell-4" data-target-annotation="{n}" onclick="event.preventDefault();">{n}</a>',
    ),
    "nbconvert_classic": Markup(
        before='<div class="cell border-box-sizing code_cell rendered"><div class="input"><div class="prompt input_prompt">In&nbsp;[7]:</div><div class="inner_cell"><div class="input_area"><div class=" highlight hl-ipython3"><pre><span></span>', line="{c}", between="\n", after="\n</pre></div></div></div></div></div>", token='<span class="kn">{t}</span>',
    ),
    "nbsphinx": Markup(
        before='<div class="nbinput nblast docutils container"><div class="prompt highlight-none notranslate"><div class="highlight"><pre><span></span>[7]:\n</pre></div></div><div class="input_area highlight-ipython3 notranslate"><div class="highlight"><pre><span></span>', line="{c}", between="\n", after="\n</pre></div></div></div>",
    ),
    "sphinx_linenos_spans": Markup(
        before='<div class="literal-block-wrapper docutils container"><div class="code-block-caption"><span class="caption-text">a.py</span><a class="headerlink" href="#id1" title="Link to this code">¶</a></div><div class="highlight-python notranslate"><div class="highlight"><pre><span></span>', line='<span class="linenos">{n:2d}</span>{c}', between="\n", after="\n</pre></div></div></div>",
    ),
    "sphinx_prompt": Markup(
        before='<div class="highlight-default notranslate"><style type="text/css">span.prompt1:before {content: "$ ";}</style><div class="highlight"><pre>', line="{c}", between="\n", after="</pre></div></div>",
    ),
    "chroma_line_links": Markup(
        before='<div class="highlight"><pre tabindex="0" class="chroma"><code class="language-go" data-lang="go">', line='<span class="line{x}"><span class="ln" id="hl-0-{n}"><a class="lnlinks" href="#hl-0-{n}">{n:2d}</a></span><span class="cl">{c}\n</span></span>', mark=" hl", after="</code></pre></div>",
    ),
    "chroma_styled_table": Markup(
        before='<div class="highlight"><div style="color:#f8f8f2;background-color:#272822;-moz-tab-size:4;tab-size:4;"><table style="border-spacing:0;padding:0;margin:0;border:0;"><tr><td style="vertical-align:top;padding:0;margin:0;border:0;"><pre tabindex="0" style="color:#f8f8f2;"><code>{numbers}</code></pre></td><td style="vertical-align:top;padding:0;margin:0;border:0;width:100%"><pre tabindex="0"><code class="language-go" data-lang="go">',
        number='<span style="white-space:pre;-webkit-user-select:none;user-select:none;margin-right:0.4em;padding:0 0.4em 0 0.4em;color:#7f7f7f">{n}\n</span>', line='<span style="display:flex;"><span>{c}\n</span></span>', after="</code></pre></td></tr></table></div></div>", token='<span style="color:#66d9ef">{t}</span>',
    ),
    "shiki_twoslash_rich": Markup(
        before='<div class="language-ts vp-code-group vp-adaptive-theme"><button title="Copy Code" class="copy"></button><span class="lang">ts</span><pre class="shiki shiki-themes github-light github-dark twoslash lsp vp-code" tabindex="0" v-pre=""><code>', line='<span class="line">{c}</span>', between="\n", after="</code></pre></div>",
        token='<span class="twoslash-hover"><span class="twoslash-popup-container"><code class="twoslash-popup-code"><span style="color:#79B8FF">const</span> words: string[]</code></span>{t}</span>',
    ),
    "nuxt_lines": Markup(
        before='<div class="relative group"><div class="flex items-center gap-1.5"><span class="text-sm">app.vue</span></div><button type="button" aria-label="Copy code to clipboard"></button><pre class="font-mono text-sm shiki material-theme-lighter"><code>', line='<span class="line" line="{n}">{c}\n</span>', after="</code></pre></div>", token='<span class="s7zQu">{t}</span>',
    ),
    "nextra": Markup(
        before='<div class="nextra-code-block relative mt-6"><div class="filename">a.ts</div><pre class="overflow-x-auto" data-language="ts" data-word-wrap="" data-filename="a.ts"><code class="nextra-code" dir="ltr" data-line-numbers=""><span>', line="<span>{c}</span>", between="\n", after="</span></code></pre></div>", token='<span style="--shiki-light:#D73A49">{t}</span>',
    ),
    "react_docs": Markup(
        before='<div dir="ltr" class="sandpack-codeblock"><pre class="sp-cm sp-pristine sp-javascript flex align-start" translate="no"><code class="sp-pre-placeholder grow-[2]">', line='<div class="cm-line">{c}<br/></div>', after="</code></pre></div>", token='<span class="sp-syntax-keyword">{t}</span>',
    ),
    "code_hike": Markup(
        before='<div class="ch-codeblock not-prose"><div class="ch-code-wrapper ch-code" data-ch-measured="true"><code class="ch-code-scroll-parent"><br><div style="position:relative"><div style="width:100%">', line='<div style="overflow:hidden"><div style="display:inline-block;transform:translateX(0px)"><span style="color:#C9D1D9">{c}</span></div><br></div>', after="</div></div></code></div></div>", token='</span><span style="color:#FF7B72">{t}</span><span style="color:#C9D1D9">', blank="",
    ),
    "storybook": Markup(
        before='<div class="docblock-source sb-unstyled css-zye6j"><div class="css-1kq5s"><div class="css-bb"><pre class="prismjs css-4zr3vl"><div class="language-jsx css-zye6j" style="white-space:pre">', line="{c}", between="\n", after='</div></pre></div></div><div class="css-c"><button class="css-1fdphfk">Copy</button></div></div>', token='<span class="token keyword">{t}</span>',
    ),
    "notion_export": Markup(
        before='<pre id="a1b2" class="code code-wrap"><code class="language-Python" style="white-space:pre-wrap;word-break:break-all">', line="{c}", between="\n", after="</code></pre>", token='<span class="token keyword">{t}</span>',
    ),
    "substack": Markup(
        before='<div class="highlighted_code_block" data-attrs="{&quot;language&quot;:&quot;python&quot;}" data-component-name="HighlightedCodeBlockToDOM"><pre class="shiki"><code class="language-python">', line="{c}", between="\n", after="</code></pre></div>", token='<span class="hljs-keyword">{t}</span>',
    ),
    "dev_community": Markup(
        before='<div class="highlight js-code-highlight"><pre class="highlight python"><code>', line="{c}", between="\n", after='\n</code></pre><div class="highlight__panel js-actions-panel"><div class="highlight__panel-action js-fullscreen-code-action"><svg width="20px"><title>Enter fullscreen mode</title></svg><svg><title>Exit fullscreen mode</title></svg></div></div></div>',
    ),
    "hatena": Markup(before='<pre class="code lang-python" data-lang="python" data-unlink>', line="{c}", between="\n", after="</pre>", token='<span class="synStatement">{t}</span>'),
    "zenn": Markup(
        before='<div class="code-block-container"><div class="code-block-filename-container"><span class="code-block-filename">src/a.py</span></div><pre class="shiki github-dark"><code class="code-line" data-line="41">', line='<span class="line">{c}</span>', between="\n", after="</code></pre></div>",
    ),
    "example_code_breaks": Markup(
        before='<div class="example"><h2 class="example">Example</h2><div class="example_code"><div class="hl-main">', line='<span class="hl-code">{nbsp}</span>', between="<br>", after="</div></div></div>", token='</span><span class="hl-reserved">{t}</span><span class="hl-code">', blank="",
    ),
    "intercom_article": Markup(before='<div class="intercom-interblocks-codeblock"><pre><code>', line="{p}", between="<br>", after="</code></pre></div>"),
    "quill_2": Markup(
        before='<div class="ql-editor"><div class="ql-code-block-container" spellcheck="false"><select class="ql-ui" contenteditable="false"><option value="python">Python</option></select>', line='<div class="ql-code-block" data-language="python">{c}</div>', blank="<br>", after="</div></div>", token='<span class="ql-token hljs-keyword">{t}</span>',
    ),
    "google_groups": Markup(
        before='<div class="prettyprint" style="background-color:rgb(250,250,250);border:1px solid rgb(187,187,187)"><code class="prettyprint"><div class="subprettyprint"><span style="color:#000" class="styled-by-prettify">', line="{nbsp}", between="<br></span><span style=\"color:#000\" class=\"styled-by-prettify\">", after="</span></div></code></div>", token='</span><span style="color:#008" class="styled-by-prettify">{t}</span><span style="color:#000" class="styled-by-prettify">',
    ),
    "vb_geshi_table": Markup(
        before='<div class="codeblock"><table class="cpp vb-highlighted"><thead><tr><td colspan="2" class="head">C++</td></tr></thead><tbody><tr class="li1"><td class="ln"><pre class="de1">{numbers}</pre></td><td class="de1"><pre class="de1">', number="{n}", numbers_between="\n", line="{c}", between="\n", after="</pre></td></tr></tbody></table></div>", token='<span class="kw1">{t}</span>',
    ),
    "forum_numbers_dotted": Markup(
        before='<table class="ctable" style="font-family:Courier New"><tr><td class="ln"><pre>{numbers}</pre></td><td class="cc"><pre>', number="{n}.", numbers_between="\n", line="{c}", between="\n", after="</pre></td></tr></table>", token='<span style="color:blue">{t}</span>',
    ),
    "packt_paragraphs": Markup(before="", line='<p class="source-code">{nb}</p>\n', blank="&nbsp;", after="", token="<strong>{t}</strong>"),
    "leanpub": Markup(before='<figure class="code-block"><figcaption>A listing</figcaption><div class="highlight"><pre><span></span><code>', line="{c}", between="\n", after="\n</code></pre></div></figure>"),
    "arxiv_verbatim": Markup(before='<pre class="ltx_verbatim ltx_font_typewriter" style="font-size:80%;">', line="{p}", between="\n", after="\n</pre>"),
    "org_coderefs": Markup(
        before='<div class="org-src-container"><label class="org-src-name"><span class="listing-number">Listing 1: </span>A listing</label><pre class="src src-python" id="org1">', line='<span id="coderef-{n}" class="coderef-off"><span class="linenr">{n:2d}: </span>{c}</span>', between="\n", after="\n</pre></div>", token='<span class="org-keyword">{t}</span>',
    ),
    "verso_hover": Markup(
        before='<code class="hl lean block" data-lean-context="examples">', line="{c}", between="\n", after="</code>", token='<span class="keyword token" data-binding="kw-occ-1">{t}<span class="hover-container"><span class="hover-info"><code class="docstring">What the word does.</code></span></span></span>',
    ),
    "rustdoc_example": Markup(
        before='<div class="example-wrap compile_fail"><a href="#" class="tooltip" title="This example deliberately fails to compile">ⓘ</a><pre class="rust rust-example-rendered"><code>', line="{c}", between="\n", after='</code></pre><div class="button-holder"><a class="test-arrow" target="_blank" title="Run code" href="https://play.example/?code=x">Run</a><button class="copy-button" title="Copy code to clipboard"></button></div></div>', token='<span class="kw">{t}</span>',
    ),
    "sharepoint_paragraphs": Markup(
        before='<div class="ms-rtestate-field"><div class="ExternalClass">', line='<p><span style="font-family&#58;consolas;font-size&#58;10pt;">{nb}</span></p>', blank="&#160;", after="</div></div>", token='<span style="color&#58;blue;">{t}</span>',
    ),
    "code_textarea": Markup(before='<div class="codeblock"><div class="codetool">Test it</div><textarea name="code" class="java" readonly>', line="{p}", between="\n", after="</textarea></div>"),
    "numbers_list_behind": Markup(
        before='<pre class="has"><code class="language-python">', line="{c}", between="\n", after='</code><ol class="pre-numbering">{numbers}</ol></pre>', number="<li>{n}.</li>",
    ),
    "snippet_list": Markup(
        before='<div class="snip-source"><ol class="snippet">', line='<li class="ln-xtra{alt}"><div class="de1">{nb}</div></li>', blank="&nbsp;", after="</ol></div>", token='<span class="kw2">{t}</span>',
    ),
}  # fmt: skip
