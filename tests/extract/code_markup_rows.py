"""More manners to show code, in thirds; the last third was left out while rules were made for the others."""

from __future__ import annotations

from tests.extract.code_markup import Markup

_SEEN: dict[str, Markup] = {
    "utility_rows": Markup(
        before='<div class="rounded border text-sm"><div class="flex px-2"><span>main.c</span></div><div class="overflow-x-auto">',
        line='<div class="flex hover:bg-gray-50"><span class="w-8 text-right select-none">{n}</span><span class="pl-4 whitespace-pre">{c}</span></div>',
        after="</div></div>", blank=" ",
    ),
    "hashed_names": Markup(
        before='<div class="css-1x2k3j"><div class="css-9f0a">',
        line='<div class="css-77ab"><span class="css-0q1">{n}</span><code class="css-5tt">{nb}</code></div>',
        after="</div></div>", blank="&nbsp;",
    ),
    "numbers_behind": Markup(
        before='<pre class="x-src">', line='<span class="r"><span class="t">{c}</span><a class="no" href="#r{n}" data-n="{n}"></a></span>\n', after="</pre>",
    ),
    "anchor_before_each_line": Markup(
        before='<div class="src-view"><pre>', line='<a id="ln-{n}" class="mark"></a><span class="num">{n:4d} </span>{c}\n', after="</pre></div>",
    ),
    "list_of_divs": Markup(
        before='<ol class="listing-lines" start="1">', line='<li value="{n}"><div class="src">{nb}</div></li>', after="</ol>", blank="&nbsp;",
    ),
    "definition_numbers": Markup(
        before='<dl class="prog">', line='<dt class="n">{n}</dt><dd class="c">{nb}</dd>', after="</dl>", blank="&nbsp;",
    ),
    "raised_numbers": Markup(before='<pre class="program">', line="<sup>{n}</sup> {c}\n", after="</pre>"),
    "fold_and_comment_marks": Markup(
        before='<div class="review-file">',
        line='<div class="rl"><button class="add">+</button><i class="fold">▸</i><span class="n">{n}</span><span class="tx">{nb}</span></div>',
        after="</div>", blank="&nbsp;",
    ),
    "grid_cells": Markup(
        before='<div style="display:grid;grid-template-columns:auto 1fr" class="g">',
        line='<div class="gn">{n}</div><div class="gc"><code>{nb}</code></div>', after="</div>", blank="&nbsp;",
    ),
    "bold_numbers_in_pre": Markup(before="<pre>", line="<b>{n:3d}</b>: {c}\n", after="</pre>"),
    "nested_line_boxes": Markup(
        before='<figure><figcaption>Listing 1</figcaption><div class="fig-code">',
        line='<div class="l"><div class="l-in"><span class="l-no">{n}.</span><span class="l-tx">{nb}</span></div></div>',
        after="</div></figure>", blank="&nbsp;",
    ),
    "slots_of_components": Markup(
        before="<code-view><code-lines>", line='<code-line><line-number>{n}</line-number><line-content>{nb}</line-content></code-line>',
        after="</code-lines></code-view>", blank="&nbsp;",
    ),
}  # fmt: skip
LEFT_OUT: dict[str, Markup] = {
    "cards_of_a_diff": Markup(
        before='<section class="change"><header>src/a.c</header><div class="hunk">',
        line='<div class="hl"><span class="old">{n}</span><span class="new">{n}</span><span class="txt">{nb}</span></div>',
        after="</div></section>", blank="&nbsp;",
    ),
    "article_rows": Markup(
        before='<div class="z9"><div>', line='<p class="z1"><em class="z2">{n}</em><span class="z3">{nb}</span></p>', after="</div></div>", blank="&nbsp;",
    ),
    "links_as_numbers": Markup(
        before='<div class="viewer-body">', line='<div><a href="#i{n}">{n}</a><tt>{nb}</tt></div>', after="</div>", blank="&nbsp;",
    ),
    "numbers_in_brackets": Markup(before="<pre>", line='<span class="q">[{n}]</span> {c}\n', after="</pre>"),
    "italic_gutter": Markup(
        before='<div class="paper"><pre>', line="<i>{n:4d}  </i>{c}\n", after="</pre></div>",
    ),
    "rows_of_spans": Markup(
        before='<div class="pane">', line='<span class="pr" style="display:block"><span class="pn">{n}</span><span class="pt" style="white-space:pre">{c}</span></span>',
        after="</div>", blank=" ",
    ),
}  # fmt: skip
ROWS: dict[str, Markup] = {**_SEEN, **LEFT_OUT}
