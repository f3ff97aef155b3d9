"""Markup of documentation sites, chats, forums and wikis, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_HLJS = '<span class="hljs-keyword">{t}</span>'
_PRISM = '<span class="token keyword">{t}</span>'
_SHIKI = '<span style="color:#D73A49">{t}</span>'
FAMILIES: dict[str, Markup] = {
    "gatsby_highlight_line": Markup(
        before='<div class="gatsby-highlight has-highlighted-lines" data-language="js"><pre class="language-js"><code class="language-js">', line="{c}\n", marked='<span class="gatsby-highlight-code-line">{c}</span>', after="</code></pre></div>", token=_PRISM,
    ),
    "antora": Markup(
        before='<div class="listingblock"><div class="content"><pre class="highlightjs highlight"><code class="language-java hljs" data-lang="java">', line="{c}", between="\n", after='</code><div class="source-toolbox"><span class="source-lang">java</span><button class="copy-button" title="Copy to clipboard"><svg class="copy-icon"><use href="#"></use></svg><span class="copy-toast">Copied!</span></button></div></pre></div></div>', token=_HLJS,
    ),
    "dumi": Markup(
        before='<div class="dumi-default-source-code"><pre class="prism-code language-jsx" style="color:#393A34">', line='<div class="wrap"><span class="token-line-num">{n}</span><div class="line-cell">{c}</div></div>', blank='<span class="token plain" style="display:inline-block">\n</span>', after='</pre><button type="button" class="dumi-default-source-code-copy" data-copied="">Copy</button></div>', token=_PRISM,
    ),
    "stoplight": Markup(
        before='<pre tabindex="0" class="sl-code-viewer sl-grid sl-overflow-x-hidden" role="group"><div class="sl-code-viewer__scroller"><div class="sl-code-highlight prism-code language-json">',
        line='<div class="sl-flex"><div class="sl-flex-shrink-0 sl-w-8 sl--ml-8 sl-text-right sl-mr-3 sl-opacity-50" aria-hidden="true" style="font-size:0.7rem;user-select:none">{n}</div><div class="sl-flex-1 sl-break-all">{c}</div></div>', blank='<span class="token plain">\n</span>', after="</div></div></pre>", token=_PRISM,
    ),
    "leafygreen": Markup(
        before='<div class="leafygreen-ui-1qhw8yd"><pre class="lg-highlight-hljs leafygreen-ui-1u4ixdp" tabindex="-1"><code class="lg-highlight-hljs-light python leafygreen-ui-9cwcqq"><table class="leafygreen-ui-bthqn4"><tbody>',
        line='<tr class="leafygreen-ui-1v0dyqz"><td class="leafygreen-ui-r4ctnh">{n}</td><td class="leafygreen-ui-dwk2u7">{c}</td></tr>', blank='<div class="leafygreen-ui-z3ohqn"></div>', after="</tbody></table></code></pre></div>", token='<span class="lg-highlight-keyword">{t}</span>',
    ),
    "hashicorp": Markup(
        before='<div class="code-block_root"><pre class="code-block_pre"><code class="lines-of-code_linesOfCode"><span class="lines-of-code_numbersColumn">{numbers}</span><span class="lines-of-code_linesColumn">', number='<span class="lines-of-code_lineNumber">{n}</span>', line='<span class="lines-of-code_line"><span>{c}</span></span>', blank=" ", after="</span></code></pre></div>", token=_PRISM,
    ),
    "mattermost": Markup(
        before='<div class="post-code post-code--wrap"><div class="post-code__overlay"><span class="post-code__clipboard"><i role="button" class="icon icon-content-copy"></i></span></div><span class="post-code__language">Python</span><div class="hljs"><div class="post-code__line-numbers">{numbers}</div><code>', number="{n}", numbers_between="\n", line="{c}", between="\n", after="</code></div></div>", token=_HLJS,
    ),
    "element_chat": Markup(
        before='<div class="mx_EventTile_pre_container"><pre class="mx_EventTile_collapsedCodeBlock mx_EventTile_lineNumbers"><span class="mx_EventTile_lineNumbers">{numbers}</span><div style="display: contents;"><code class="language-python">', number='<span class="mx_EventTile_lineNumber">{n}</span>\n', line="{c}", between="\n", after='\n</code></div></pre><span class="mx_EventTile_button mx_EventTile_copyButton"></span></div>', token=_HLJS,
    ),
    "rocket_chat": Markup(before='<pre role="region"><span class="copyonly">```</span><code class="code-colors hljs language-python">', line="{c}", between="\n", after='</code><span class="copyonly">```</span></pre>', token=_HLJS),
    "chatgpt_share": Markup(
        before='<pre class="overflow-visible!"><div class="contain-inline-size rounded-2xl relative bg-token-sidebar-surface-primary"><div class="flex items-center text-token-text-secondary px-4 py-2 text-xs font-sans justify-between h-9 select-none">python</div><div class="sticky top-9"><div class="absolute end-0 bottom-0 flex h-9 items-center pe-2"><div class="bg-token-bg-elevated-secondary flex items-center gap-4"><button class="flex gap-1 items-center" aria-label="Copy"><svg></svg>Copy code</button></div></div></div><div class="overflow-y-auto p-4" dir="ltr"><code class="whitespace-pre! language-python"><span>', line="{c}", between="\n", after="\n</span></code></div></div></pre>", token="<span>{t}</span>",
    ),
    "answer_engine": Markup(
        before='<pre class="not-prose w-full rounded font-mono text-sm"><div class="codeWrapper text-light selection:text-super relative"><div class="translate-y-xs -translate-x-xs bottom-xl flex h-0 items-start justify-end"><div class="overflow-hidden rounded-full"><button data-testid="copy-code-button" aria-label="Copy code" type="button"></button></div></div><div class="-mt-xl"><div><div data-testid="code-language-indicator" class="text-quiet bg-quiet py-xs px-sm inline-block rounded-br font-thin">python</div></div><div><span><code style="color:black;white-space:pre"><span>', line="{c}", between="\n", after="\n</span></code></span></div></div></div></pre>", token='<span style="color:rgb(0,0,255)">{t}</span>',
    ),
    "experts_exchange": Markup(
        before='<div class="codeSnippet"><div class="codeHeader">Code Snippet: <a href="javascript:void(0)">Select all</a></div><table><tr><td class="lineNumbers"><pre>{numbers}</pre></td><td class="codeBody"><pre class="code prettyprint">', number="{n}:", numbers_between="\n", line="{p}", between="\n", after="</pre></td></tr></table></div>",
    ),
    "bytes_list": Markup(
        before='<div class="codeblock"><div class="codeheader"><a href="#">Expand</a>|<a href="#">Select</a>|<a href="#">Wrap</a>|<a href="#">Line Numbers</a></div><code class="codeblock"><ol>', line="<li>{nb}</li>", blank="&nbsp;", after="</ol></code></div>", token="{t}",
    ),
    "distill": Markup(before='<d-code block="" language="python">\n', line="{p}\n", after="</d-code>"),
    "deckdeckgo": Markup(before='<deckgo-highlight-code language="javascript"><code slot="code">', line="{p}", between="\n", after="</code></deckgo-highlight-code>"),
    "cds_snippet": Markup(before='<cds-code-snippet type="multi" feedback="Copied!">', line="{p}", between="\n", after="</cds-code-snippet>"),
    "no_starch": Markup(before='<p class="programs">', line="{nb}", between="<br/>", after="</p>", token="<b>{t}</b>"),
    "help_and_manual": Markup(before="", line='<p class="p_CodeExample"><span class="f_CodeExample">{nb}</span></p>\n', blank="&nbsp;", after="", token="{t}"),
    "docsify": Markup(
        before='<pre v-pre="" data-lang="js" class="language-js"><code class="lang-js language-js" tabindex="0">', line="{c}", between="\n", after='</code><button class="docsify-copy-code-button"><span class="label">Copy to clipboard</span><span class="error">Error</span><span class="success">Copied</span><span aria-live="polite"></span></button></pre>', token=_PRISM,
    ),
    "vuepress_lines": Markup(
        before='<div class="language-js line-numbers-mode" data-ext="js" data-title="js"><div class="highlight-lines"><br><div class="highlight-line">&nbsp;</div><br></div><pre class="language-js"><code>', line="{c}", between="\n", after='\n</code></pre> <div class="line-numbers" aria-hidden="true">{numbers}</div></div>', number='<div class="line-number"></div>', token=_PRISM,
    ),
    "remix_docs": Markup(
        before='<pre data-lang="tsx" data-line-numbers="true" style="color:var(--base05)"><code>', line='<span class="codeblock-line" data-line-number="{n}">{c}\n</span>', after="</code></pre>", token=_SHIKI,
    ),
    "dokuwiki_numbered": Markup(before='<dl class="code"><dd><pre class="code c"><ol>', line='<li class="li1"><div class="de1">{c}</div></li>', between="\n", blank="&nbsp;", after="</ol></pre></dd></dl>", token='<span class="kw1">{t}</span>'),
    "dropbox_paper": Markup(
        before='<div class="padcontent">', line='<div class="ace-line gutter-author-d-1 line-list-type-code"><ul class="listtype-code listindent1 list-code1"><li spellcheck="false"><span class="author-d-1">{nb}</span></li></ul></div>', blank="<br>", after="</div>", token='</span><span class="attrcomment">{t}</span><span class="author-d-1">',
    ),
    "knitr_html": Markup(before='<div class="chunk" id="unnamed-chunk-1"><div class="rcode"><div class="source"><pre class="knitr r">', line="{c}", between="\n", after="</pre></div></div></div>", token='<span class="hl kwa">{t}</span>'),
    "jive": Markup(before='<pre class="jive-pre"><code class="jive-code jive-java">', line="{c}", between="\n", after="\n</code></pre>", token='<font color="navy"><b>{t}</b></font>'),
    "bikeshed": Markup(before='<pre class="highlight">', line="{c}", between="\n", after="</pre>", token="<c- b>{t}</c->"),
    "bikeshed_lines": Markup(before='<pre class="highlight line-numbered">', line='<span class="line-no" data-line="{n}"></span><span class="line">{c}</span>', after="</pre>", token="<c- b>{t}</c->"),
    "respec_old": Markup(before='<pre class="example highlight" id="ex-1"><div class="example-title marker"><span>Example 1</span></div>', line="{c}", between="\n", after="</pre>", token=_HLJS),
    "xml2rfc": Markup(before='<div class="alignLeft art-text artwork" id="section-1-2"><pre>\n', line="{p}", between="\n", after='\n</pre><a href="#section-1-2" class="pilcrow">¶</a></div>'),
    "freshdesk": Markup(before='<pre class="code-large" contenteditable="false" data-code-brush="Python" rel="highlighter">', line="{p}", between="<br>", after="</pre>"),
    "scrapbox": Markup(
        before='<div class="lines">', line='<div class="line" id="L5f{n:02d}"><span class="dot"></span><span class="text"><span class="indent" style="margin-left:1.5em"><span class="code-block"><code>{c}</code></span></span></span></div>', after="</div>", token=_HLJS,
    ),
    "hackmd": Markup(
        before='<pre class="part" data-startline="3" data-endline="20"><code class="python hljs"><div class="wrapper"><div class="gutter linenumber">{numbers}</div><div class="code">', number='<span data-linenumber="{n}"></span>', numbers_between="\n", line="{c}", between="\n", after="\n</div></div></code></pre>", token=_HLJS,
    ),
    "redhat_callouts": Markup(
        before='<div class="code-block__wrapper language-yaml"><pre class="language-yaml"><code class="language-yaml">', line="{c}{x}", between="\n", after="</code></pre></div>", token=_PRISM, mark=' <span id="CO{n}-1"><!--Empty--></span><span class="callout">{n}</span>',
    ),
    "torchlight": Markup(
        before='<pre><code data-theme="olaolu-palenight" data-lang="php" class="phiki-editor torchlight" style="background-color:#292D3E"><!-- Syntax highlighted by torchlight.dev -->', line="<div class='line'><span style=\"color:#4c5374;text-align:right;-webkit-user-select:none;user-select:none\" class=\"line-number\">{n:2d}</span>{c}</div>", blank="&nbsp;", after='<textarea data-torchlight-original="true" style="display: none !important;">{plain}</textarea></code></pre>', token=_SHIKI,
    ),
    "phiki": Markup(
        before='<pre class="phiki language-php github-light" data-language="php"><code>', line='<span class="line"><span class="line-number" style="user-select:none" data-line-number>{n:3d}</span><span class="token">{c}\n</span></span>', after="</code></pre>", token='</span><span class="token" style="color:#d73a49">{t}</span><span class="token">',
    ),
    "feishu": Markup(
        before='<div class="docx-code-block-container"><div class="code-block-header"><span class="code-block-header-btn">Python</span></div><div class="code-block-content"><div class="zone-container code-block-zone-container text-editor non-empty">',
        line='<div class="ace-line"><div class="code-line-wrapper" data-line-num="{n}"><span data-string="true" class="hljs">{c}</span><span data-string="true" data-enter="true">&#8203;</span></div></div>', after="</div></div></div>", token=_HLJS,
    ),
    "juejin_2023": Markup(
        before='<pre><div class="code-block-extension-header" style="background-color:#f8f8f8"><div class="code-block-extension-headerLeft"><div class="code-block-extension-foldBtn"><svg></svg></div></div><div class="code-block-extension-headerRight"><span class="code-block-extension-lang">python</span><div class="code-block-extension-copyCodeBtn">复制代码</div></div></div><code class="hljs language-python code-block-extension-codeShowNum" lang="python">',
        line='<span class="code-block-extension-codeLine" data-line-num="{n}">{c}</span>', between="\n", after="\n</code></pre>", token=_HLJS,
    ),
    "yfm_numbers": Markup(before='<div class="yfm-clipboard"><pre><code class="hljs bash" tabindex="0">', line='<span class="yfm-line-number">{n:2d}</span>{c}', between="\n", after='\n</code></pre><svg class="yfm-clipboard-button" width="16"><path d="M1 1"></path></svg></div>', token=_HLJS),
    "habr_old": Markup(
        before='<blockquote><code><font size="2" face="Courier New" color="black">', line="{nb}<br/>\n", after='<font size="1" color="gray">* This source code was highlighted with <a href="#"><font size="1" color="gray">Source Code Highlighter</font></a>.</font></font></code></blockquote>', token='<font color="#0000ff">{t}</font>',
    ),
    "sqlru": Markup(
        before='<table class="msgSrcTable"><tr><td class="srcNums">{numbers}</td><td class="srcText">', number="{n}.<br/>", line="{nb}<br/>", after="</td></tr></table>", token='<font color="blue">{t}</font>',
    ),
    "perlmonks": Markup(before='<div class="embedcode"><tt class="codetext"><font size="-1">', line="{alternating}", between="<br />\n", after='</font></tt><div class="embed-code-dl"><a href="?part=1">[download]</a></div></div>', token="{t}"),
    "kobo": Markup(before='<pre class="programlisting"><code>', line='<span class="koboSpan" id="kobo.{n}.1">{p}</span>', between="\n", after="</code></pre>"),
    "expressive_terminal": Markup(
        before='<div class="expressive-code"><figure class="frame is-terminal not-content"><figcaption class="header"><span class="title"></span><span class="sr-only">Terminal window</span></figcaption><pre data-language="sh"><code>', line='<div class="ec-line"><div class="code">{c}</div></div>', blank="\n", after='</code></pre><div class="copy"><div aria-live="polite"></div><button title="Copy to clipboard" data-copied="Copied!" data-code="npm"><div></div></button></div></figure></div>', token=_SHIKI,
    ),
    "hashed_grid": Markup(
        before='<div class="_a1x9"><div class="_b2y8" role="presentation">{numbers}</div><div class="_c3z7" role="code">', number='<div class="_d4">{n}</div>', line='<div class="_e5">{nb}</div>', blank="&nbsp;", after="</div></div>", token='<span class="_k">{t}</span>',
    ),
    "tab_panel_header": Markup(
        before='<pre class="snippet"><span class="snippet-head"><span class="snippet-name">app.py</span><a class="raw-link" href="/raw/1">view raw</a></span><code>', line="{c}", between="\n", after="\n</code></pre>",
    ),
    "aria_lines": Markup(
        before='<div role="list" aria-label="code">', line='<div role="listitem"><span aria-hidden="true">{n}</span><span>{nb}</span></div>', blank="&nbsp;", after="</div>", token="<em>{t}</em>",
    ),
}  # fmt: skip
