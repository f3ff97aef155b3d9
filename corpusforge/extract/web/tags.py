"""Tables for reading pages: what each tag does, words in class names, phrases of furniture.

All are arrays, so that compiled code can read them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

INLINE, BLOCK, VOID, SKIPPED, RAW, BREAK, CELL = range(7)
"""What a tag does to text: nothing, ends a block, is empty, hides its content (as markup,
or as raw characters), ends a line, ends a table cell."""

_KINDS = {
    BLOCK: "address article aside blockquote body center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hgroup html legend li main menu nav ol p pre search section "
    "summary table tbody tfoot thead tr ul caption button label optgroup option noscript",
    CELL: "td th",
    VOID: "area base col embed frame img input link meta param source track wbr",
    SKIPPED: "head select textarea template svg object video audio canvas map datalist math applet "
    "picture progress meter rp rt",
    RAW: "script style xmp iframe noembed noframes plaintext",
    BREAK: "br hr",
    INLINE: "a span b i em strong font small big u s sub sup code kbd samp var tt abbr cite q mark time ins "
    "del strike nobr acronym bdo bdi data dfn output ruby rb slot",
}
NAMES: tuple[str, ...] = ("", *(name for names in _KINDS.values() for name in names.split()))
"""The known tags; a tag's number is its place here, 0 is any other."""
IDS = {name: number for number, name in enumerate(NAMES)}
_TABLE_SIZE = 1024
STYLE_SHIFT = 20
"""Bits of `Node.NUMBER` below the style of a list: an item's number has fewer."""

WORDS: dict[str, str] = {
    "nav": "nav menu breadcrumb crumb pagination pager |toc |tabs |tab| |skip paging",
    "header": "masthead topbar top-bar banner site-header siteheader page-header |head| |header| |logo",
    "footer": "footer |foot| copyright legal colophon bottom",
    "side": "sidebar |side| side-bar aside |rail| right-rail |widget |secondary leftcol rightcol",
    "comment": "comment disqus respond |replies discussion livefyre feedback",
    "share": "share sharing social |follow| |like| likes facebook twitter addthis addtoany whatsapp",
    "related": "related recommend recirc popular trending also- read-next readnext teaser promo carousel "
    "similar upsell crosssell cross-sell more-from morefrom most-read mostread outbrain "
    "taboola",
    "advert": "|ad| |ads| advert sponsor adsense doubleclick |dfp |gpt| adslot ad-slot adcontainer",
    "overlay": "cookie consent gdpr modal popup pop-up overlay newsletter subscri signup sign-up paywall "
    "login |alert |notice |toast",
    "byline": "author byline |date| |time| timestamp published |tags| |tag| categor |meta |meta| |info| "
    "posted dateline post-info entry-meta",
    "content": "|article |content| |post |entry |story |text |main |body| |page |column",
    "body": "article-body articlebody article__body article-content article__content articlecontent "
    "entry-content entrycontent post-content postcontent post-body postbody post_body "
    "post_content story-body storybody article-text articletext body-content markdown wysiwyg "
    "richtext rich-text mw-parser-output page-content maincontent main-content content-body "
    "contentbody text-content blog-content",
    "forum": "thread topic |message forum |posts |postcell |reply |answer |question bbcode |bbp- "
    "|cooked usertext |js-post js_post messagetext message-body message-content",
    "product": "product |price |sku |cart |spec| |specs specification |description |desc| |detail |summary",
    "figure": "caption |figure |image |gallery |photo |credit thumb |media",
    "hidden": "|hidden sr-only screen-reader screenreader visually-hidden visuallyhidden offscreen "
    "noprint no-print |print-only printonly |hide| |invisible assistive",
    "control": "search filter |sort |facet |control toolbar |btn button |form| dropdown |select |action "
    "|input",
    "listing": "|list| |item |card |grid |result |listing |feed| |tile |row| |archive |excerpt |loop",
    "anchor": "editsection edit-section headerlink |anchor| permalink |jump backlink reflist-up",
    "person": "avatar |profile |user |signature |bio| |about |member |poster |postprofile username",
    "title": "|title |headline |heading |lead| |lede |subtitle |intro |standfirst |dek| |summary",
    "faq": "|faq accordion |collapse tabpanel tab-panel tab-pane tab-content |expand |feature |service "
    "|hero |testimonial |review |benefit |step",
}
"""Groups of words looked for in `class`, `id` and `role`; `|` is the edge of a word."""
RULE_WORDS: dict[str, str] = {
    "signature": "|signature |sig| |usersig| |sign| |user-sig forumsig",
    "author_box": "author-box authorbox author-bio authorbio author-info authorinfo about-author aboutauthor "
    "about-the-author autorenbox author-card author-profile autor-bio |bio| biobox writer-profile",
    "comments": "kommentare leserkommentar commentaires |commentaire comentarios |comentario comentarii "
    "|commenti yorumlar |yorum| |reacties |reactie| komentarze |komentarz |komentare |komentar| kommentti",
    "member": "postprofile message-user| message-cell--user |userinfo authorpane author-pane "
    "author-information post-author| poster-info user-details",
    "pager": "navheader navfooter",
    "toggle": "",
    "signup": "",
}
"""The same for rules alone: the model has no figure of these.

What has no words is told by attributes: `aria-expanded`, or a field for an e-mail address in it."""
PHRASES: dict[str, str] = {
    "legal": "copyright|all rights reserved|privacy policy|terms of use|terms of service|"
    "terms and conditions|powered by|imprint|impressum|mentions l|datenschutz",
    "share": "share this|share on|tweet|facebook|twitter|pinterest|linkedin|whatsapp|"
    "email this|print this|follow us",
    "more": "read more|learn more|see also|related|you may also|you might also|recommended|"
    "more from|more stories|continue reading|view all|see all|show more|load more|"
    "next|previous|older posts|newer|popular|trending|latest",
    "account": "log in|login|sign in|sign up|register|subscribe|newsletter|your email|password|"
    "my account|create an|forgot|unsubscribe|download the app",
    "cookie": "cookie|consent|gdpr|javascript|browser|ad blocker|adblock|advertisement|sponsored|affiliate",
    "comment": "comment|reply|replies|leave a|post a|report abuse|flag|quote|permalink|reblog|"
    "notify me|moderat",
    "byline": "by |posted|published|updated|written by|author|editor|photo|image|credit|"
    "getty|reuters|file photo|min read|minutes read|january|february|march|april|"
    "june|july|august|september|october|november|december|filed under|tagged|tags|"
    "categories|category",
    "shop": "add to cart|add to basket|buy now|in stock|out of stock|free shipping|wishlist|"
    "checkout|quantity|sku|reviews|rating|compare|sale price|regular price",
}
"""Phrases that furniture says; each group is one column."""
SECTIONS: dict[str, str] = {
    "comment": "comment|kommentar|comentari|comentário|commentaire|commenti|komentar|komentář|reactie|yorum|"
    "σχόλι|комментар|коментар|评论|評論|留言|跟帖|コメント|댓글|ความคิดเห็น|bình luận|تعليق|leserbrief|replies",
    "related": "related|read also|see also|read more|more on|more from|more stories|you may|recommended|"
    "lesen sie auch|mehr zum thema|mehr zu|weitere |auch interessant|verwandte|passend dazu|lire aussi|"
    "à lire|sur le même sujet|articles liés|voir aussi|lea también|leer más|relacionad|te puede interesar|"
    "leia também|leia mais|veja também|leggi anche|potrebbe interessarti|correlati|lees ook|lees meer|"
    "läs också|läs mer|les også|læs også|lue myös|czytaj też|czytaj także|zobacz też|zobacz także|"
    "przeczytaj|podobne|polecamy|haberler|ilgili|bunlar da|читайте также|читать также|по теме|похожие|"
    "читайте також|διαβάστε|σχετικά|相关|相關|推荐|推薦|延伸|更多|热门|熱門|関連|おすすめ|あわせて読みたい|"
    "人気|ランキング|관련|추천|인기|많이 본|ข่าวที่เกี่ยวข้อง|xem thêm|tin liên quan|اقرأ|related posts",
    "follow": "newsletter|subscribe|abonn|anmelden|suscr|inscri|iscriviti|prenumer|subskryb|abone|"
    "подпи|підпи|订阅|訂閱|关注|登録|フォロー|구독|eingeloggt|follow us|folgen sie|síguenos|suivez",
    "share": "share|teilen|partager|compartir|compartilh|condividi|delen|udostępnij|podziel|dela |paylaş|"
    "поделит|分享|シェア|공유|facebook|twitter|whatsapp|print|drucken|imprimer|imprimir|печать|印刷|인쇄",
    "person": "author|autor|auteur|von |by |par |por |yazar|автор|作者|责任编辑|責任編輯|编辑|記者|记者|"
    "기자|writer|redakt|about the|über den|foto|photo|bild:|quelle|source|来源|來源|fuente|źródło|fot.",
    "legal": "copyright|©|all rights|rechte vorbehalten|droits réservés|derechos reserv|direitos reserv|"
    "impressum|datenschutz|privacy|版权|版權|著作権|無断|무단|저작권|prawa zastrz|tüm hakları|права защищ",
    "ask": "cookie|javascript|advert|anzeige|werbung|publicid|publicité|pubblicità|reklam|реклам|广告|廣告|"
    "広告|광고|sponsor|browser|sign in|log in|login|einloggen|connexion|zaloguj|войти|登录|ログイン|로그인",
}
"""Words that say what a short text or the part below a heading is, in many languages; bytes, lower case."""
GROUPS: tuple[str, ...] = tuple(WORDS)
BITS = {name: 1 << number for number, name in enumerate((*WORDS, *RULE_WORDS))}
RULE_BITS = sum(BITS[name] for name in RULE_WORDS)


def name_hash(name: str) -> int:
    """Return the hash of a tag's name by which the scanner looks it up (FNV-1a, 32 bits)."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


@lru_cache(maxsize=1)
def tag_table() -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return (hashes, tag numbers, kinds by tag number): open addressing, 0 is empty."""
    hashes, numbers = np.zeros(_TABLE_SIZE, dtype=np.int64), np.zeros(_TABLE_SIZE, dtype=np.int64)
    for number, name in enumerate(NAMES[1:], 1):
        value = name_hash(name)
        place = value % _TABLE_SIZE
        while hashes[place]:
            place = (place + 1) % _TABLE_SIZE
        hashes[place], numbers[place] = value, number
    kinds = np.zeros(len(NAMES), dtype=np.int64)
    for kind, names in _KINDS.items():
        for name in names.split():
            kinds[IDS[name]] = kind
    return hashes, numbers, kinds


_EDGE, LESS_SYMBOL, EQUALS_SYMBOL, _ROW = 26, 27, 28, 32
"""After a to z: what stands between words; `<` and `=` where they are told apart."""
_SYMBOL_OF = {"<": LESS_SYMBOL, "=": EQUALS_SYMBOL}


@lru_cache(maxsize=1)
def word_automaton() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the automaton of `WORDS` and `RULE_WORDS`."""
    return automaton([(BITS[group], words.split()) for group, words in (WORDS | RULE_WORDS).items()])


@lru_cache(maxsize=1)
def phrase_automaton() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return the automaton of `PHRASES`."""
    return automaton([(1 << place, said.split("|")) for place, said in enumerate(PHRASES.values())])


@lru_cache(maxsize=1)
def section_automaton() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return (next state [states * 256], bits found [states]) for `SECTIONS`, over bytes."""
    groups = [
        (1 << place, [word.encode() for word in words.split("|")])
        for place, words in enumerate(SECTIONS.values())
    ]
    edges, found = _trie(groups)
    return _completed(edges, found, 256, 256)


def automaton(groups: Sequence[tuple[int, Sequence[str]]]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return (next state [states * 32], bits found [states]) of an Aho-Corasick automaton.

    `groups` are (bit, words). `SYMBOLS` tells a byte's symbol; a state is its row times 32,
    so that `state = following[state + symbol]` and `found[state >> 5]`. `<` and `=` in a word are found
    only by symbols that tell them apart, which `SYMBOLS` do not.
    """
    coded = [(bit, [bytes(map(_symbol, word)) for word in words]) for bit, words in groups]
    following, found = _completed(*_trie(coded), EQUALS_SYMBOL + 1, _ROW)
    return following * _ROW, found


def compact_automaton(
    groups: Sequence[tuple[int, Sequence[bytes]]], n_symbols: int
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """Return (next state [states * n_symbols], bits found [states]) for words of symbols, by whole rows."""
    edges, found = _trie(groups)
    following = np.zeros((len(edges), n_symbols), dtype=np.uint16)
    failure = [0] * len(edges)
    queue = [0]
    for state in queue:
        if state:
            found[state] |= found[failure[state]]
            following[state] = following[failure[state]]
        for symbol, child in edges[state].items():
            failure[child] = int(following[state, symbol])
            following[state, symbol] = child
            queue.append(child)
    return following.reshape(-1), np.array(found, dtype=np.int64)


def _symbol(character: str) -> int:
    return ord(character) - 97 if "a" <= character <= "z" else _SYMBOL_OF.get(character, _EDGE)


def _trie(groups: Sequence[tuple[int, Sequence[bytes]]]) -> tuple[list[dict[int, int]], list[int]]:
    """Return (edges of each state, bits found in each) of a tree of words."""
    edges: list[dict[int, int]] = [{}]
    found: list[int] = [0]
    for bit, words in groups:
        for word in words:
            state = 0
            for symbol in word:
                if symbol not in edges[state]:
                    edges[state][symbol] = len(edges)
                    edges.append({})
                    found.append(0)
                state = edges[state][symbol]
            found[state] |= bit
    return edges, found


def _completed(
    edges: list[dict[int, int]], found: list[int], symbols: int, row: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the automaton with every edge, by breadth."""
    following = np.zeros((len(edges), row), dtype=np.int32)
    failure = [0] * len(edges)
    queue = list(edges[0].values())
    for symbol, state in edges[0].items():
        following[0, symbol] = state
    for state in queue:
        found[state] |= found[failure[state]]
        following[state, :symbols] = following[failure[state], :symbols]
        for symbol, child in edges[state].items():
            failure[child] = int(following[state, symbol])
            following[state, symbol] = child
            queue.append(child)
    return following.reshape(-1), np.array(found, dtype=np.int64)


def _symbols() -> NDArray[np.int64]:
    symbols = np.full(256, _EDGE, dtype=np.int64)
    for letter in range(26):
        symbols[[65 + letter, 97 + letter]] = letter
    return symbols


SYMBOLS = _symbols()
"""The symbol of each byte: 0 to 25 for letters of either case, else 26."""


CONTROL_BYTE, SPACE, AMPERSAND, LESS, UPPER, DIGIT, STOP, CONTINUATION, SLOT, OTHER = range(10)


@lru_cache(maxsize=1)
def byte_classes() -> NDArray[np.int64]:
    """Return the class of each byte of text."""
    classes = np.full(256, OTHER, dtype=np.int64)
    classes[[9, 10, 12, 13, 32]] = SPACE
    classes[ord("&")], classes[ord("<")] = AMPERSAND, LESS
    classes[ord("A") : ord("Z") + 1] = UPPER
    classes[ord("0") : ord("9") + 1] = DIGIT
    classes[[ord(mark) for mark in ".,!?;:"]] = STOP
    classes[0x80:0xC0] = CONTINUATION
    classes[ord("z")] = SLOT
    return classes
