"""The demo's encyclopaedia, questions and answers, books, and ready text."""

from __future__ import annotations

import bz2
import html
import json
import textwrap
import zipfile
from pathlib import Path
from random import Random
from xml.sax.saxutils import escape, quoteattr

import languages
import maths
import programs
import prose

_STAMP = (2026, 2, 3, 4, 5, 6)


def _wiki_article(random: Random, number: int) -> tuple[str, str]:
    topic = prose.TOPICS[number % len(prose.TOPICS)]
    name = random.choice(topic.things).removeprefix("the ").removeprefix("a ").capitalize()
    title = f"{name} ({topic.name} {number})"
    parts = [
        "{{Infobox craft\n| name = " + name + "\n| field = [[" + topic.name.title() + "]]\n}}",
        f"'''{name}''' is a term of [[{topic.name.title()}|{topic.name}]].<ref>The demo, volume {number}.</ref> "
        + prose.paragraph(random, topic, 4),
        "== History ==\n" + prose.paragraph(random, topic, 6),
        "== Practice ==\n" + prose.paragraph(random, topic, 5) + "\n* [[Tool]]\n* [[Workshop]]",
        "== See also ==\n* [[Craft]]\n\n[[Category:" + topic.name.title() + "]]",
    ]
    return title, "\n\n".join(parts)


def _wiki_maths(random: Random, number: int) -> tuple[str, str]:
    title, passages = maths.lesson(random)
    parts = []
    for heading, paragraphs in passages:
        parts.append(f"== {heading} ==")
        for pieces in paragraphs:
            parts.append("".join(p if isinstance(p, str) else _wiki_formula(p) for p in pieces))
    return f"{title} ({number})", "\n\n".join(parts) + "\n\n[[Category:Mathematics]]"


def _wiki_formula(formula: maths.Formula) -> str:
    if formula.display:
        return f'\n<math display="block">{escape(formula.tex)}</math>\n'
    return f"<math>{escape(formula.tex)}</math>"


def _wiki_page(number: int, namespace: int, title: str, text: str, redirect: str | None = None) -> str:
    target = f"<redirect title={quoteattr(redirect)} />" if redirect else ""
    return (
        f"  <page><title>{escape(title)}</title><ns>{namespace}</ns><id>{number}</id>{target}"
        f"<revision><id>{number + 1000}</id><timestamp>2026-01-02T03:04:05Z</timestamp>"
        f"<model>wikitext</model><format>text/x-wiki</format>"
        f'<text bytes="{len(text.encode())}" xml:space="preserve">{escape(text)}</text></revision></page>\n'
    )


def write_wiki(folder: Path, random: Random, scale: int) -> None:
    """Write an export: articles, mathematics, and pages that are no articles."""
    folder.mkdir(parents=True, exist_ok=True)
    pages = [(0, *_wiki_article(random, number), None) for number in range(24 * scale)]
    pages += [(0, *_wiki_maths(random, number), None) for number in range(4 * scale)]
    pages.append((0, "Hive", "#REDIRECT [[Beekeeping]]", "Beekeeping"))
    pages.append(
        (0, "Press", "'''Press''' may refer to:\n* [[Printing]]\n* [[Oil press]]\n{{disambiguation}}", None)
    )
    pages.append((1, "Talk:Printing", "I moved the second paragraph. ~~~~", None))
    pages.append((10, "Template:Infobox craft", "{| class=infobox\n| {{{name}}}\n|}", None))
    body = "".join(_wiki_page(number, *page) for number, page in enumerate(pages, start=1))
    text = (
        '<mediawiki xmlns="http://www.mediawiki.org/xml/export-0.11/" version="0.11" xml:lang="en">\n'
        "  <siteinfo><sitename>Demopedia</sitename><dbname>enwiki</dbname>"
        "<base>https://en.wikipedia.example/wiki/Main_Page</base><namespaces>"
        '<namespace key="0" case="first-letter" /><namespace key="1" case="first-letter">Talk</namespace>'
        '<namespace key="10" case="first-letter">Template</namespace></namespaces></siteinfo>\n'
        f"{body}</mediawiki>\n"
    )
    (folder / "demowiki-pages-articles.xml.bz2").write_bytes(bz2.compress(text.encode()))


def _post(**attributes: object) -> str:
    return (
        "  <row "
        + " ".join(f"{name}={quoteattr(str(value))}" for name, value in attributes.items())
        + " />\n"
    )


def _question(random: Random, number: int) -> tuple[str, str, str, list[str]]:
    """Return title, tags, question and answers, the last two as HTML."""
    if number % 3 == 0:
        _, passages = maths.lesson(random, 1)
        title, paragraphs = passages[0]
        shown = maths.as_html([(title, paragraphs[1:])], "mathjax").split("\n", 1)[1]
        ask = (
            "<p>"
            + html.escape(prose.paragraph(random, random.choice(prose.TOPICS), 1))
            + "</p><p>How does one do this properly?</p>"
        )
        return f"{title}: where is my mistake?", "&lt;algebra&gt;", ask, [shown]
    title, sections = programs.tutorial(random)
    (lead, code), (more, other), _ = sections
    ask = f"<p>{html.escape(lead)}</p><pre><code>{html.escape(code)}</code></pre><p>It works for small inputs. What should I change so that it also works for large ones?</p>"
    answer = f"<p>{html.escape(more)}</p><pre><code>{html.escape(other)}</code></pre><p>Measure before and after; the difference should be visible from a few thousand rows.</p>"
    return title + "?", "<python>", ask, [answer, f"<p>{html.escape(lead)} I would keep it as it is.</p>"]


def write_stackexchange(folder: Path, random: Random, scale: int) -> None:
    """Write Posts.xml: each question is followed by its answers."""
    folder.mkdir(parents=True, exist_ok=True)
    rows, post = [], 0
    for number in range(18 * scale):
        title, tags, ask, answers = _question(random, number)
        question = post = post + 1
        rows.append(
            _post(
                Id=question,
                PostTypeId=1,
                AcceptedAnswerId=question + 1,
                CreationDate="2026-01-02T03:04:05.000",
                Score=random.randint(0, 40),
                Body=ask,
                Title=title,
                Tags=html.unescape(tags),
                AnswerCount=len(answers),
                ContentLicense="CC BY-SA 4.0",
            )
        )
        for answer in answers:
            post += 1
            rows.append(
                _post(
                    Id=post,
                    PostTypeId=2,
                    ParentId=question,
                    CreationDate="2026-01-03T03:04:05.000",
                    Score=random.randint(0, 60),
                    Body=answer,
                    ContentLicense="CC BY-SA 4.0",
                )
            )
    (folder / "Posts.xml").write_text(
        f'<?xml version="1.0" encoding="utf-8"?>\n<posts>\n{"".join(rows)}</posts>\n', encoding="utf-8"
    )


def _chapters(random: Random, count: int) -> list[tuple[str, list[str]]]:
    found = []
    for number in range(1, count + 1):
        topics = random.sample(prose.TOPICS, 3)
        texts = [prose.paragraph(random, random.choice(topics), random.randint(5, 8)) for _ in range(7)]
        found.append((f"Chapter {number}. On {topics[0].name}", texts))
    return found


def _gutenberg(random: Random, title: str) -> str:
    body = "\n\n\n".join(
        heading.upper() + "\n\n" + "\n\n".join(textwrap.fill(text, 72) for text in texts)
        for heading, texts in _chapters(random, 6)
    )
    return (
        f"The Project Gutenberg eBook of {title}\n\nThis eBook is for the use of anyone anywhere.\n\n"
        f"Title: {title}\n\nAuthor: The Demo\n\nLanguage: English\n\n"
        f"*** START OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\n\n{title.upper()}\n\n\n{body}\n\n\n"
        f"*** END OF THE PROJECT GUTENBERG EBOOK {title.upper()} ***\n\nUpdated editions will replace the previous one.\n"
    )


def _epub(path: Path, random: Random, title: str) -> None:
    chapters = _chapters(random, 5)
    items = "".join(
        f'<item id="c{n}" href="c{n}.xhtml" media-type="application/xhtml+xml"/>'
        for n in range(len(chapters))
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    files = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
        "book.opf": f'<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="id">demo</dc:identifier><dc:title>{escape(title)}</dc:title><dc:language>en</dc:language><dc:creator>The Demo</dc:creator></metadata><manifest>{items}</manifest><spine>{spine}</spine></package>',
    }
    for number, (heading, texts) in enumerate(chapters):
        body = "".join(f"<p>{escape(text)}</p>" for text in texts)
        files[f"c{number}.xhtml"] = (
            f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>{escape(heading)}</title></head><body><h2>{escape(heading)}</h2>{body}</body></html>'
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(zipfile.ZipInfo(name, _STAMP), text, method)


def write_books(folder: Path, random: Random, scale: int) -> None:
    """Write books in plain text with a licence around them, and one EPUB."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(4 * scale):
        title = f"A Year Among the Crafts, Part {number + 1}"
        (folder / f"crafts-{number + 1}.txt").write_text(_gutenberg(random, title), encoding="utf-8")
    _epub(folder / "letters.epub", random, "Letters from the Workshops")


def write_ready(folder: Path, random: Random, scale: int) -> None:
    """Write JSON lines of ready text, with a licence and a language that speaks for itself."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = []
    for number in range(20 * scale):
        if number % 4 == 3:
            title, texts = languages.article(random, random.choice(languages.LANGUAGES))
        else:
            title, texts = prose.article(random, 4)
        lines.append(
            {
                "id": f"ready-{number}",
                "text": "\n\n".join([title, *texts]),
                "url": f"http://ready.example.org/{number}",
            }
        )
    lines.append({"id": "ready-empty", "text": ""})
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    (folder / "notes.jsonl").write_text(text, encoding="utf-8")
