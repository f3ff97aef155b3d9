"""Markup of code hosts, logs, mail archives, boards and chats, written before any was run; the pages are ours."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_HLJS = '<span class="hljs-keyword">{t}</span>'
_PRISM = '<span class="token keyword">{t}</span>'
_PYGMENTS = '<span class="k">{t}</span>'
FAMILIES: dict[str, Markup] = {
    "gist_embed_2024": Markup(
        before='<div id="gist123" class="gist"><div class="gist-file" translate="no" data-color-mode="light" data-light-theme="light"><div class="gist-data"><div class="js-gist-file-update-container js-task-list-container"><div id="file-a-py" class="file my-2"><div itemprop="text" class="Box-body p-0 blob-wrapper data type-python"><div class="js-check-bidi js-blob-code-container blob-code-content"><template class="js-file-alert-template"><div data-view-component="true" class="flash flash-warn flash-full d-flex flex-items-center"><svg></svg><span>This file contains hidden or bidirectional Unicode text that may be interpreted or compiled differently than what appears below.</span></div></template><template class="js-line-alert-template"><span aria-label="This line has hidden Unicode characters" data-view-component="true" class="line-alert tooltipped tooltipped-e"><svg></svg></span></template><table data-hpc class="highlight tab-size js-file-line-container js-code-nav-container js-tagsearch-file" data-tab-size="4" data-paste-markdown-skip data-tagsearch-lang="Python">',
        line='<tr>\n          <td id="file-a-py-L{n}" class="blob-num js-line-number js-blob-rnum" data-line-number="{n}"></td>\n          <td id="file-a-py-LC{n}" class="blob-code blob-code-inner js-file-line">{c}</td>\n        </tr>\n', after='</table></div></div></div></div></div><div class="gist-meta"><a href="/ada/1/raw/a.py" style="float:right" class="Link--inTextBlock">view raw</a><a href="/1#file-a-py" class="Link--inTextBlock">a.py</a> hosted with &#10084; by <a class="Link--inTextBlock" href="#">GitHub</a></div></div></div>', token='<span class="pl-k">{t}</span>',
    ),
    "github_permalink_embed": Markup(
        before='<div class="Box Box--condensed my-2"><div class="Box-header f6"><p class="mb-0 text-bold"><a href="/a/b/blob/c0ffee/a.py#L1-L9">b/a.py</a></p><p class="mb-0 color-fg-muted">Lines 1 to 9 in <a data-pjax="true" class="commit-tease-sha Link--inTextBlock" href="/a/b/commit/c0ffee">c0ffee</a></p></div><div itemprop="text" class="Box-body p-0 blob-wrapper blob-wrapper-embedded data"><table class="highlight tab-size mb-0 js-file-line-container" data-tab-size="8" data-paste-markdown-skip=""><tbody>',
        line='<tr class="border-0"><td id="L{n}" class="blob-num border-0 px-3 py-0 color-bg-default" data-line-number="{n}"></td><td id="LC{n}" class="blob-code border-0 px-3 py-0 color-bg-default blob-code-inner js-file-line">{c}</td></tr>\n', after="</tbody></table></div></div>", token='<span class="pl-k">{t}</span>',
    ),
    "emgithub": Markup(
        before='<div id="emgithub-1" class="emgithub-container"><div class="emgithub-file"><div class="file-data"><div class="code-area"><a class="copy-btn" href="javascript:void(0)">Copy</a><pre><code class="python hljs"><table class="hljs-ln"><tbody>', line='<tr><td class="hljs-ln-line hljs-ln-numbers" data-line-number="{n}"><div class="hljs-ln-n" data-line-number="{n}"></div></td><td class="hljs-ln-line hljs-ln-code" data-line-number="{n}">{c}</td></tr>', blank=" ",
        after='</tbody></table></code></pre></div></div><div class="file-meta"><a target="_blank" href="/raw" style="float:right">view raw</a><a href="/a.py">a.py</a> delivered <span class="hide-in-phones">with ❤ </span>by <a href="#">emgithub</a></div></div></div>', token=_HLJS,
    ),
    "gitlab_blame_table": Markup(
        before='<div class="file-holder"><div class="file-content blame code js-syntax-highlight white"><table>', line='<tr id="blame-ref-{n}"><td class="blame-commit age-3"><div class="commit"><a href="/ada"><img alt="Ada\'s avatar" class="avatar s32" src="a.png"></a><div class="commit-row-title"><span class="item-title str-truncated-100"><a class="cdark" title="Read rows" href="/commit/1">Read rows</a></span></div><div class="light"><a class="commit-author-link" href="/ada">Ada</a> authored <time>Mar 03, 2020</time></div></div></td><td class="line-numbers"><a class="diff-line-num" data-line-number="{n}" href="#L{n}" id="L{n}"><svg class="s12"></svg>{n}</a></td><td class="lines"><pre class="code highlight"><code><span id="LC{n}" class="line" lang="c">{c}</span>\n</code></pre></td></tr>', after="</table></div></div>", token=_PYGMENTS,
    ),
    "launchpad_diff": Markup(before='<div class="diff-content"><table class="diff unidiff">', line='<tr id="diff-line-{n}"><td class="line-no unselectable">{n}</td><td class="text">{p}</td></tr>', after="</table></div>"),
    "actions_log": Markup(
        before='<div class="js-checks-log-display-container"><div class="d-flex flex-column js-full-logs-container">', line='<div class="CheckStep-line js-check-step-line color-fg-muted"><a class="CheckStep-line-number js-check-line-number user-select-none" href="#step:2:{n}">{n}</a><span class="CheckStep-line-content js-check-line-content">{c}</span></div>', after="</div></div>", token='<span class="ansi-32">{t}</span>',
    ),
    "gitlab_job_log": Markup(
        before='<code class="job-log d-block" data-testid="job-log-content">', line='<div class="js-log-line job-log-line"><a id="L{n}" href="#L{n}" class="gl-link job-log-line-number">{n}</a><span class="gl-white-space-pre-wrap">{p}</span></div>', blank="", after="</code>",
    ),
    "travis_log": Markup(before='<pre id="log" class="ansi">', line='<div class="log-line"><a></a><span id="0-{n}">{p}</span></div>', blank=" ", after="</pre>"),
    "buildbot_log": Markup(before="<pre>", line='<span class="stdout">{p}\n</span>', after="</pre>"),
    "hypermail_breaks": Markup(before="<p>\n", line="{nb}", between="<br />\n", after="\n</p>", token="{t}"),
    "mhonarc_tt": Markup(before="", line="<tt>{nbsp}</tt>", between="<br>\n", blank="", after="<br>\n", token="{t}"),
    "nabble_breaks": Markup(before='<div class="message-text">', line="{alternating}", between="\n<br/>", after="\n</div>", token="{t}"),
    "slashdot_ecode": Markup(before="<blockquote><div><p><tt>", line="{alternating}", between="<br>", after="</tt></p></div></blockquote>", token="{t}"),
    "telegram_export": Markup(
        before='<div class="message default clearfix" id="message12"><div class="body"><div class="pull_right date details" title="01.02.2023 10:11:12">10:11</div><div class="from_name">Ada</div><div class="text"><pre>', line="{p}", between="<br>", after="</pre></div></div></div>",
    ),
    "zulip": Markup(
        before='<div class="codehilite zulip-code-block" data-code-language="Python"><pre><div class="code-buttons-container"><span class="code_external_link"><i class="zulip-icon zulip-icon-external-link playground-links-popover-container"></i></span><span class="copy_codeblock copy-button copy-button-square"><i class="zulip-icon zulip-icon-copy"></i></span></div><span></span><code>', line="{c}\n", after="</code></pre></div>", token=_PYGMENTS,
    ),
    "gemini_code_block": Markup(
        before='<response-element><code-block><div class="code-block ng-tns-c1-2"><div class="code-block-decoration header-formatted gds-title-s"><span class="ng-tns-c1-2">Python</span><div class="buttons"><button aria-label="Copy code" mattooltip="Copy code" class="mdc-icon-button"><mat-icon role="img" class="notranslate google-symbols mat-ligature-font" aria-hidden="true">content_copy</mat-icon></button></div></div><div class="formatted-code-block-internal-container"><div class="animated-opacity"><pre><code role="text" data-test-id="code-content" class="code-container formatted">', line="{c}", between="\n", after="\n</code></pre></div></div></div></code-block></response-element>", token=_HLJS,
    ),
    "oeis_program": Markup(before='<div class="section"><div class="sectname">PROG</div><div class="sectbody">', line='<div class="sectline">{nb}</div>\n', blank="&nbsp;", after="</div></div>", token="{t}"),
    "gocov_html": Markup(before='<div class="funcname">func walk</div><table class="listing">', line='<tr class="hit"><td>{n}</td><td><code><pre>{p}</pre></code></td></tr>', marked='<tr class="miss"><td>{n}</td><td><code><pre>{p}</pre></code></td></tr>', after="</table>"),
    "codecov_viewer": Markup(
        before='<table class="coderenderer box-border w-full table-fixed border-collapse border-spacing-0 font-mono text-xs"><colgroup><col width="40"><col width="100%"></colgroup><tbody>', line='<tr id="#a.py-L{n}" data-testid="fv-single-line"><td class="line-number relative border-solid px-2 text-right border-r border-ds-green-tertiary bg-ds-coverage-covered" aria-label="covered line of code"><a data-testid="line-{n}">{n}</a></td><td class="pl-2 break-all"><div class="flex items-center justify-between"><div>{c}</div></div></td></tr>', after="</tbody></table>", token=_PRISM,
    ),
    "so_snippet": Markup(
        before='<div class="snippet" data-lang="js" data-hide="false" data-console="true" data-babel="false"><div class="snippet-code">\n<pre class="snippet-code-js lang-js prettyprint-override"><code>', line="{c}", between="\n", after='</code></pre>\n<div class="snippet-result"><div class="snippet-ctas"><button type="button" class="s-btn s-btn__filled"><span class="icon-play-white _hover"></span><span> Run code snippet</span></button><input type="button" class="copySnippet" value="Edit code snippet"/></div><div class="snippet-result-code" style="display: none;"></div></div></div></div>', token=_HLJS,
    ),
    "cto51": Markup(
        before='<div class="code-toolbar"><pre class="prettyprint language-python" tabindex="0"><code class="has-numbering language-python" id="code_id_0">', line="{c}", between="\n", after='\n<div class="code-toolbar-box"></div></code><div class="toolbar"><div class="toolbar-item"><button class="copy_btn disable" data-clipboard-target="#code_id_0">登录后复制 <i class="copy_icon"></i></button></div></div><ul class="pre-numbering">{numbers}</ul></pre></div>', number="<li>{n}.</li>", token=_PRISM,
    ),
    "wikijs": Markup(
        before='<div class="code-toolbar"><pre class="prismjs line-numbers language-python" v-pre="true"><code class="language-python">', line="{c}", between="\n", after='\n<span aria-hidden="true" class="line-numbers-rows">{numbers}</span></code></pre><div class="toolbar"><div class="toolbar-item"><button>Copy</button></div></div></div>', number="<span></span>", token=_PRISM,
    ),
    "css_tricks": Markup(before='<pre rel="CSS" class="wp-block-csstricks-code-block language-css" data-line="" tabindex="0"><code markup="tt" class="language-css">', line="{c}", between="\n", after='</code><button type="button" class="copy-code-button" aria-label="Copy">Copy</button></pre>', token=_PRISM),
    "ubuntu_paste": Markup(
        before='<div class="paste"><table class="pastetable"><tbody><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div class="paste"><pre><span></span>', number='<a href="#line-{n}">{n:2d}</a>', numbers_between="\n", line='<a name="line-{n}"></a>{c}\n', after="</pre></div></td></tr></tbody></table></div>", token=_PYGMENTS,
    ),
    "pygments_span_numbers": Markup(
        before='<div class="highlight"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre>{numbers}</pre></div></td><td class="code"><div><pre><span></span>', number='<span class="normal">{n:2d}</span>', numbers_between="\n", line="{c}\n", after="</pre></div></td></tr></table></div>", token=_PYGMENTS,
    ),
}  # fmt: skip
