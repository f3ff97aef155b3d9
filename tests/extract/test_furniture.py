"""Furniture that tells what it is: by its words, in many languages, and by where it stands."""

from __future__ import annotations

import pytest

from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.web.html import page_text

FAST = ExtractConfig(extractor="fast")
SENTENCE = "The river rose by three metres in one night, and nobody in the village had seen that before. "


def text_of(behind: str, before: str = "", title: str = "The flood") -> str:
    page = (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{before}"
        f"<p>{SENTENCE * 3}</p>{behind}<p>{SENTENCE}Then it fell again, slowly, over weeks.</p></body></html>"
    )
    return page_text(page, FAST)[0]


@pytest.mark.parametrize(
    "label",
    [
        "Lesen Sie auch:", "À lire aussi :", "İLGİLİ HABER", "Читайте также", "【関連記事】", "[관련기사]",
        "相关阅读", "اقرأ أيضا:", "Leia mais", "ZOBACZ RÓWNIEŻ",
    ],
)  # fmt: skip
def test_links_to_other_texts_go_with_their_label(label: str) -> None:
    link = "<a href='/dam'>The dam above the old mill</a>"
    assert "old mill" not in text_of(f"<p>{label} {link}</p>")
    text = text_of(f"<p>{label}</p><ul><li>{link}</li></ul>")
    assert "old mill" not in text
    assert "slowly, over weeks" in text


@pytest.mark.parametrize(
    "notice",
    [
        "Alle Rechte vorbehalten, Verlag am Rhein.", "저작권자 ⓒ 강변일보. 무단 전재 및 재배포 금지",
        "当サイトの記事、写真などの無断転載を禁じます。", "© RIPRODUZIONE RISERVATA",
        "Подписывайтесь на наш канал и узнавайте новости первыми.",
        "Inscrivez-vous à notre lettre, elle est gratuite et paraît chaque matin.",
        "Diese Seite verwendet Cookies, um Inhalte und Anzeigen zu personalisieren.",
    ],
)  # fmt: skip
def test_notices_go(notice: str) -> None:
    assert notice[:20] not in text_of(f"<p>{notice}</p>")


def test_a_page_about_cookies_keeps_what_it_says_of_them() -> None:
    notice = "We use cookies to remember the language that a reader chose on the first visit."
    assert notice in text_of(f"<p>{notice}</p>", title="How we use cookies")


def test_the_authors_life_goes_and_a_life_told_in_the_text_stays() -> None:
    byline = "<p>By Iris Okafor, 3 May 2024</p>"
    rest = (
        "In the spring the farmers came back and sowed the lower fields, as they had in all years before. "
        * 5
    )
    life = "Iris Okafor is a writer and lives with three goats on the coast."
    page = f"<html><body><h1>The flood</h1>{byline}<p>{SENTENCE * 4}</p>{{}}<p>{rest}</p>{{}}</body></html>"
    assert life not in page_text(page.format("", f"<p>{life}</p>"), FAST)[0]
    assert life in page_text(page.format(f"<p>{life}</p>", ""), FAST)[0]


def test_comments_below_an_article_go_and_those_that_are_the_page_stay() -> None:
    comments = "".join(f"<div class='comment'><p>{SENTENCE}Number {n} of them all.</p></div>" for n in "123")
    text = page_text(f"<html><body><h1>The flood</h1><p>{SENTENCE * 3}</p>{comments}</body></html>", FAST)[0]
    assert "Number" not in text
    assert "Number 2" in page_text(f"<html><body><h1>The flood</h1>{comments}</body></html>", FAST)[0]


def test_profiles_and_signatures_of_posts_go() -> None:
    post = (
        "<div class='post'><dl class='postprofile'><dt>mossy</dt><dd>Posts: 891</dd><dd>Joined: Feb 2010</dd></dl>"
        "<div class='content'>{}</div><div class='signature'>A tree is never finished, says my aunt.</div></div>"
    )
    posts = post.format(f"{SENTENCE}What helps?") + post.format(f"{SENTENCE}Sand does.")
    text = page_text(f"<html><body><h1>Help</h1><div class='thread'>{posts}</div></body></html>", FAST)[0]
    assert "What helps?" in text
    assert "Sand does." in text
    assert not any(part in text for part in ("891", "Feb 2010", "my aunt"))


def test_an_answer_hidden_until_its_question_is_pressed_stays() -> None:
    answer = "<p>Yes, as long as the parcel has not left our house, and that costs nothing.</p>"
    ask = f"<button>May I change my address?</button><div aria-hidden='true'>{answer}</div>"
    assert "has not left our house" in text_of(ask)


def test_marks_without_width_go_from_titles() -> None:
    assert (
        page_text("<html><head><title>Flood\u2060ed</title></head><body>x</body></html>", FAST)[1]
        == "Flooded"
    )


@pytest.mark.parametrize(
    ("head", "name"),
    [("5 Kommentare", "k"), ("Comments", "x"), ("コメント (2)", "x"), ("Ce que vous dites", "commentaires"), ("3 Yorum", "x")],
)  # fmt: skip
def test_comments_go_by_a_name_or_a_heading_of_any_language(head: str, name: str) -> None:
    said = "".join(
        f"<div><b>Anna {n}</b><p>{SENTENCE}So it was in {n} as well.</p></div>" for n in range(1954, 1960)
    )
    behind = f"<div class='{name}'><h2>{head}</h2>{said}</div>"
    page = f"<html><body><h1>The flood</h1><p>{SENTENCE * 3}</p>{behind}</body></html>"
    text = page_text(page, FAST)[0]
    assert SENTENCE.strip() in text
    assert "1957" not in text and head not in text


@pytest.mark.parametrize(
    "head", ["Comments", "Kommentare", "HTTP responses", "コメントの書き方", "Komentar menteri"]
)
def test_a_section_of_an_article_that_is_named_like_comments_stays(head: str) -> None:
    section = f"<h2>{head}</h2><p>{SENTENCE}This is the section's own.</p><p>{SENTENCE}So it ends.</p>"
    page = f"<html><body><main><h1>The guide</h1><p>{SENTENCE * 3}</p>{section}</main></body></html>"
    text = page_text(page, FAST)[0]
    assert "section's own" in text and "So it ends" in text


@pytest.mark.parametrize(
    "sentence",
    [
        "Bakan, Telegram kanalından yaptığı açıklamada suyun dün gece üç metre yükseldiğini söyledi.",
        "El gobierno abrió un canal de WhatsApp para avisar de la crecida a los vecinos del valle.",
        "Die Warnung vor dem Wasser kam als Push-Nachricht auf die Telefone aller, die am Fluss wohnen.",
        "警方表示，死者因飲酒過量，在河邊失足落水，家屬昨日到場認領遺體。",
        "Le journal a vu ses lecteurs revenir sur Google News au lendemain de la crue du fleuve.",
    ],
)
def test_sentences_that_name_a_channel_stay(sentence: str) -> None:
    assert sentence[:20] in text_of(f"<p>{sentence}</p>")


def test_a_box_that_asks_for_an_address_goes_whatever_it_says() -> None:
    box = "<div><p>Morgen am Fluss erzählt, was die Leute in der Stadt und in den Dörfern bewegt.</p><form><input type='email'></form></div>"
    assert "Morgen am Fluss" not in text_of(box)
    assert "Morgen am Fluss" in text_of(box.replace("email", "checkbox"))


def test_a_section_that_shows_a_field_stays_among_others() -> None:
    sections = "".join(
        f"<section><h2>{kind}</h2><p>A field of the {kind} kind, as the browser checks it.</p><input type={kind}></section>"
        for kind in ("text", "email", "number")
    )
    assert "the email kind" in text_of(f"<p>{SENTENCE * 3}</p>{sections}")


def test_the_credits_of_a_gallery_go() -> None:
    slides = "".join(
        f"<div><span>{n}/3</span><p>Boats in street {n}. Foto: Peter Lau</p></div>" for n in (1, 2, 3)
    )
    assert "Boats" not in text_of(f"<div>{slides}</div>")


@pytest.mark.parametrize("mark", ["☞", "▶", "▪", "»", "👉", "➤"])
def test_a_link_behind_a_pointer_between_paragraphs_goes(mark: str) -> None:
    assert "old mill" not in text_of(f"<p>{mark} <a href='/dam'>The dam above the old mill</a></p>")


def test_what_turns_the_pages_of_a_book_goes() -> None:
    bar = "<div class='{}'><table><tr><td><a href='p'>Prev</a><td>Chapter 3. Dams<td><a href='n'>Next</a></table></div>"
    text = text_of(bar.format("navfooter"), bar.format("navheader"))
    assert "Chapter 3" not in text
