"""Threads in the markup of six kinds of forum software: the same posts, quotes, signatures and profiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Post:
    """One post: who wrote it, whom it quotes and what, its paragraphs, the signature below it."""

    author: str
    paragraphs: tuple[str, ...]
    quoted: tuple[str, str] | None = None
    signature: str = ""


_FIRST = (
    "Since the update my pump does not start any more when the water is colder than ten degrees.",
    "I have changed the relay and the fuse, and the controller says that all is well. Has anybody seen this?",
)
_ASKED = "Is it the old board with the round plug, or the new one that came out last year?"
POSTS = (
    Post("mira", _FIRST, signature="Life is short, pumps are long -- Mira's workshop"),
    Post("old_tom", (_ASKED,), signature="Running three Grunfoss 25-60 since 1998, never looked back"),
    Post("mira", ("It is the old one.", "I will take a picture of the board tomorrow."), ("old_tom", _ASKED)),
    Post(
        "hanna77",
        (
            "Then the sensor is the culprit. Its resistance goes up in the cold and the board takes it for a broken wire.",
            "A resistor of 10 kOhm beside it helped me; measure before you solder.",
        ),
        ("mira", _FIRST[0]),
        "Please use the search before you ask a question here",
    ),
    Post("old_tom", ("Thanks, that was it!",), signature="Running three Grunfoss 25-60 since 1998, never looked back"),
)  # fmt: skip
TITLE = "Pump does not start in the cold"
Forum = Callable[[Sequence[Post]], str]


def _paragraphs(post: Post) -> str:
    return "<br><br>".join(post.paragraphs)


def _page(body: str, head: str) -> str:
    menu = "".join(
        f'<li><a href="/{n}">{n}</a></li>' for n in ("Home", "Forums", "Members", "Search", "Log in")
    )
    links = "".join(
        f'<li><a href="/t/{k}">Another thread about heating, number {k}</a></li>' for k in range(6)
    )
    return (
        f"<html><head><title>{TITLE} - {head}</title></head><body><nav><ul>{menu}</ul></nav>{body}"
        f"<aside class='sidebar'><h3>Similar threads</h3><ul>{links}</ul></aside>"
        f"<footer><p>Powered by {head} &copy; 2024</p></footer></body></html>"
    )


def phpbb(posts: Sequence[Post]) -> str:
    """Return a thread as prosilver of phpBB 3.3 writes it."""
    out = [f'<h2 class="topic-title"><a href="./viewtopic.php?t=7">{TITLE}</a></h2>']
    for n, post in enumerate(posts):
        quote = (
            f'<blockquote><div><cite><a href="./u">{post.quoted[0]}</a> wrote: <a href="#p1">&uarr;</a>'
            f'<span class="responsive-hide">Mon Jan 15, 2024 9:1{n} pm</span></cite>{post.quoted[1]}</div></blockquote>'
            if post.quoted else ""
        )  # fmt: skip
        sign = f'<div id="sig{n}" class="signature">{post.signature}</div>' if post.signature else ""
        out.append(
            f'<div id="p{n}" class="post has-profile bg{1 + n % 2}"><div class="inner"><dl class="postprofile" id="profile{n}">'
            f'<dt class="has-profile-rank no-avatar"><div class="avatar-container"></div><a href="./m" class="username">{post.author}</a></dt>'
            f'<dd class="profile-rank">Registered User</dd><dd class="profile-posts"><strong>Posts:</strong> <a href="./s">{n + 12}</a></dd>'
            f'<dd class="profile-joined"><strong>Joined:</strong> Tue Mar 03, 2015 8:21 pm</dd></dl><div class="postbody"><div id="post_content{n}">'
            f'<h3{" class=first" if not n else ""}><a href="./v#p{n}">{"Re: " if n else ""}{TITLE}</a></h3><ul class="post-buttons"><li><a href="./q" title="Reply with quote"><span class="sr-only">Quote</span></a></li></ul>'
            f'<p class="author"><a class="unread" href="./v"><span class="sr-only">Post</span></a><span class="responsive-hide">by <strong><a href="./m" class="username">{post.author}</a></strong> &raquo; </span><time datetime="2024-01-15T21:1{n}:00+00:00">Mon Jan 15, 2024 9:1{n} pm</time></p>'
            f'<div class="content">{quote}{_paragraphs(post)}</div>{sign}</div></div><div class="back2top"><a href="#wrap" class="top">Top</a></div></div></div><hr class="divider">'
        )
    return _page("".join(out), "phpBB")


def vbulletin(posts: Sequence[Post]) -> str:
    """Return a thread as vBulletin 4 writes it."""
    out = [
        f'<div id="pagetitle"><h1>Thread: <span class="threadtitle"><a href="t">{TITLE}</a></span></h1></div><ol id="posts" class="posts">'
    ]
    for n, post in enumerate(posts):
        quote = (
            f'<div class="bbcode_container"><div class="bbcode_quote"><div class="quote_container"><div class="bbcode_quote_container"></div>'
            f'<div class="bbcode_postedby"><img alt="Quote" src="q.png"> Originally Posted by <strong>{post.quoted[0]}</strong> <a href="#p"><img alt="View Post" src="v.png"></a></div>'
            f'<div class="message">{post.quoted[1]}</div></div></div></div>' if post.quoted else ""
        )  # fmt: skip
        sign = (
            f'<blockquote class="signature restore"><div class="signaturecontainer">{post.signature}</div></blockquote>'
            if post.signature
            else ""
        )
        out.append(
            f'<li class="postbitlegacy postbitim postcontainer old" id="post_{n}"><div class="posthead"><span class="postdate old"><span class="date">01-15-2024,&nbsp;<span class="time">09:1{n} PM</span></span></span>'
            f'<span class="nodecontrols"><a href="s" class="postcounter">#{n + 1}</a></span></div><div class="postdetails"><div class="userinfo"><div class="username_container"><a class="username offline popupctrl" href="m"><strong>{post.author}</strong></a></div>'
            f'<span class="usertitle">Senior Member</span><dl class="userinfo_extra"><dt>Join Date</dt> <dd>Mar 2015</dd><dt>Location</dt> <dd>Graz</dd><dt>Posts</dt> <dd>{n + 12}</dd></dl></div>'
            f'<div class="postbody"><div class="postrow"><h2 class="title icon">{"Re: " if n else ""}{TITLE}</h2><div class="content"><div id="post_message_{n}"><blockquote class="postcontent restore">{quote}{_paragraphs(post)}</blockquote></div></div></div>{sign}</div></div>'
            f'<div class="postfoot"><a id="qrwith_{n}" class="quickreply" href="r">Reply With Quote</a></div></li>'
        )
    return _page("".join(out) + "</ol>", "vBulletin")


def xenforo(posts: Sequence[Post]) -> str:
    """Return a thread as XenForo 2 writes it."""
    out = [
        f'<div class="p-title"><h1 class="p-title-value">{TITLE}</h1></div><div class="block block--messages"><div class="block-body js-replyNewMessageContainer">'
    ]
    for n, post in enumerate(posts):
        quote = (
            f'<blockquote class="bbCodeBlock bbCodeBlock--expandable bbCodeBlock--quote js-expandWatch"><div class="bbCodeBlock-title"><a href="g" class="bbCodeBlock-sourceJump">{post.quoted[0]} said:</a></div>'
            f'<div class="bbCodeBlock-content"><div class="bbCodeBlock-expandContent js-expandContent">{post.quoted[1]}</div><div class="bbCodeBlock-expandLink js-expandLink"><a role="button">Click to expand...</a></div></div></blockquote>'
            if post.quoted else ""
        )  # fmt: skip
        sign = (
            f'<aside class="message-signature"><div class="bbWrapper">{post.signature}</div></aside>'
            if post.signature
            else ""
        )
        out.append(
            f'<article class="message message--post js-post" data-author="{post.author}" id="js-post-{n}"><div class="message-inner"><div class="message-cell message-cell--user"><section class="message-user"><div class="message-userDetails"><h4 class="message-name"><a href="m" class="username">{post.author}</a></h4><h5 class="userTitle message-userTitle">Well-known member</h5></div>'
            f'<div class="message-userExtras"><dl class="pairs pairs--justified"><dt>Joined</dt><dd>Mar 3, 2015</dd></dl><dl class="pairs pairs--justified"><dt>Messages</dt><dd>{n + 12}</dd></dl><dl class="pairs pairs--justified"><dt>Reaction score</dt><dd>4</dd></dl></div></section></div>'
            f'<div class="message-cell message-cell--main"><header class="message-attribution"><a href="p"><time class="u-dt">Jan 15, 2024</time></a><ul><li><a href="p" class="message-attribution-gadget">#{n + 1}</a></li></ul></header>'
            f'<div class="message-content js-messageContent"><div class="message-userContent lbContainer"><article class="message-body js-selectToQuote"><div class="bbWrapper">{quote}{_paragraphs(post)}</div></article></div>{sign}</div>'
            f'<footer class="message-footer"><div class="message-actionBar actionBar"><a href="q" class="actionBar-action">Reply</a></div></footer></div></div></article>'
        )
    return _page("".join(out) + "</div></div>", "XenForo")


def discourse(posts: Sequence[Post]) -> str:
    """Return a topic as Discourse writes it for readers without scripts."""
    out = [f'<div id="topic-title"><h1><a href="/t/7">{TITLE}</a></h1></div>']
    for n, post in enumerate(posts):
        quote = (
            f'<aside class="quote no-group" data-username="{post.quoted[0]}" data-post="1" data-topic="7"><div class="title"><div class="quote-controls"></div><img alt="" src="a.png" class="avatar"> {post.quoted[0]}:</div><blockquote><p>{post.quoted[1]}</p></blockquote></aside>'
            if post.quoted else ""
        )  # fmt: skip
        out.append(
            f'<div id="post_{n + 1}" itemprop="comment" itemscope itemtype="http://schema.org/Comment" class="topic-body crawler-post"><div class="crawler-post-meta"><span class="creator" itemprop="author"><a href="/u"><span itemprop="name">{post.author}</span></a></span>'
            f'<span class="crawler-post-infos"><time itemprop="datePublished" class="post-time">January 15, 2024, 9:1{n}pm</time><span itemprop="position">{n + 1}</span></span></div><div class="post" itemprop="text">{quote}'
            + "".join(f"<p>{one}</p>" for one in post.paragraphs)
            + '</div><div itemprop="interactionStatistic"><meta itemprop="userInteractionCount" content="0"><span class="post-likes"></span></div></div>'
        )
    return _page("".join(out), "Discourse")


def smf(posts: Sequence[Post]) -> str:
    """Return a thread as Simple Machines Forum 2 writes it."""
    out = [
        f'<div id="forumposts"><h3 class="catbg"><span id="author">Author</span>Topic: {TITLE} &nbsp;(Read 412 times)</h3>'
    ]
    for n, post in enumerate(posts):
        quote = (
            f'<blockquote class="bbc_standard_quote"><cite><a href="t#msg1">Quote from: {post.quoted[0]} on January 15, 2024, 09:1{n}:33 PM</a></cite>{post.quoted[1]}</blockquote>'
            if post.quoted else ""
        )  # fmt: skip
        sign = (
            f'<div class="signature" id="msg_{n}_signature">{post.signature}</div>' if post.signature else ""
        )
        out.append(
            f'<div class="windowbg" id="msg{n}"><div class="post_wrapper"><div class="poster"><h4><a href="m">{post.author}</a></h4><ul class="user_info"><li class="postgroup">Jr. Member</li><li class="postcount">Posts: {n + 12}</li><li class="karma">Karma: +0/-0</li></ul></div>'
            f'<div class="postarea"><div class="keyinfo"><div id="subject_{n}" class="subject_title"><a href="t">{"Re: " if n else ""}{TITLE}</a></div><span class="page_number floatright">#{n}</span><div class="postinfo"><a href="t" class="smalltext">January 15, 2024, 09:1{n}:33 PM</a></div></div>'
            f'<div class="post"><div class="inner" data-msgid="{n}">{quote}{_paragraphs(post)}</div></div></div><div class="moderatorbar"><div class="smalltext modified floatleft"></div>{sign}</div></div></div>'
        )
    return _page("".join(out) + "</div>", "SMF")


def discuz(posts: Sequence[Post]) -> str:
    """Return a thread as Discuz! X3 writes it."""
    out = [f'<div id="postlist" class="pl bm"><h1 class="ts"><span id="thread_subject">{TITLE}</span></h1>']
    for n, post in enumerate(posts):
        quote = (
            f'<div class="quote"><blockquote><font size="2"><a href="f"><font color="#999999">{post.quoted[0]} 发表于 2024-1-15 21:1{n}</font></a></font><br />{post.quoted[1]}</blockquote></div><br />'
            if post.quoted else ""
        )  # fmt: skip
        sign = f'<div class="sign" style="max-height:100px">{post.signature}</div>' if post.signature else ""
        out.append(
            f'<div id="post_{n}"><table id="pid{n}" class="plhin"><tr><td class="pls" rowspan="2"><div class="pls favatar"><div class="pi"><div class="authi"><a href="m" class="xw1">{post.author}</a></div></div><p><em><a href="g">高级会员</a></em></p><dl class="pil cl"><dt>积分</dt><dd>{n + 120}</dd><dt>帖子</dt><dd>{n + 12}</dd></dl></div></td>'
            f'<td class="plc"><div class="pi"><strong><a href="p"><em>{n + 1}</em><sup>#</sup></a></strong><div class="pti"><div class="authi"><em id="authorposton{n}">发表于 2024-1-15 21:1{n}</em> <span class="pipe">|</span><a href="o">只看该作者</a></div></div></div>'
            f'<div class="pct"><div class="pcb"><div class="t_fsz"><table><tr><td class="t_f" id="postmessage_{n}">{quote}{_paragraphs(post)}</td></tr></table></div></div></div></td></tr><tr><td class="plc plm">{sign}</td></tr><tr><td class="pls"></td><td class="plc"><div class="po"><div class="pob cl"><em><a class="fastre" href="r">回复</a></em></div></div></td></tr></table></div>'
        )
    return _page("".join(out) + "</div>", "Discuz!")


FORUMS: dict[str, Forum] = {
    "phpbb": phpbb,
    "vbulletin": vbulletin,
    "xenforo": xenforo,
    "discourse": discourse,
    "smf": smf,
    "discuz": discuz,
}
