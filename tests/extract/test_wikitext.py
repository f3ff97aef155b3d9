"""What a wiki page says: sentences keep their words, lists and tables their shape, notes go."""

from __future__ import annotations

import time

import pytest

from corpusforge.document import Document, Drop, DropReason, Markup
from corpusforge.extract import ExtractConfig, extract_document
from corpusforge.extract.wiki.wikitext import wikitext_to_markdown


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("size {{convert|5|to|7|km|mi}}, {{val|1.2|0.1|e=5|u=m}}", "size 5 to 7 km, 1.2 ± 0.1 ×10^5 m"),
        ("{{frac|1|2|3}} {{frac|2}} {{sfrac|a|b}} {{sqrt|2}} {{e}}", "1 2/3 1/2 a/b √2"),
        ("{{chem|H|2|O}} x{{su|p=m|b=k}} {{abs|x}} {{closed-open|0,1}}", "H_2O x_k^m |x| [0,1)"),
        ("as {{harvtxt|Giusti|1984}} says {{harv|Oleinik|1959}}.", "as Giusti (1984) says (Oleinik 1959)."),
        ("(''[[a]]'' {{lang-el|{{linktext|Ελ}}}}; {{de|Kind}})", "(a Greek: Ελ; Kind)"),
        ("au {{s|XIII}} et {{XIXe siècle}}, {{nombre|42.7|ans}}", "au XIIIe siècle et XIXe siècle, 42.7 ans"),
        ("через {{нп5|элюент}}, метод {{comment|'''ТСХ'''|подсказка}} и", "через элюент, метод ТСХ и"),
        ("{{仮リンク|駅|de|Bahnhof}}は", "駅は"),
        ("{{PAGENAME}} is {{formatnum:10000}} {{lc:ABC}}", "Title is 10000 abc"),
        # A template of no list: a word of the sentence, or a note on it.
        ("la altura de {{altura|38|m}} en {{eltiempo|verano|tip}}.", "la altura de 38 m en verano."),
        ("true{{cn|1999}} and true.{{nota|x}} End {{wd|P2044}} m", "true and true. End m"),
        ("{{infobox|a}}Start", "Start"),
        ("* {{bandera|USA}} [[Boston]]\n* {{cite book|x}}\n", "- Boston"),
    ],
)
def test_templates_in_a_sentence(source: str, expected: str) -> None:
    assert wikitext_to_markdown(source, "Title") == expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (
            "* a\n** b\n*** c\n* d\n# x\n## y\n#: more\n# z\n; t : d\n: e",
            "- a\n  - b\n    - c\n- d\n1. x\n  1. y\n  more\n2. z\nt: d\ne",
        ),
        ("<ul><li>a</li><li>b<ol><li>c</li><li>d</li></ol></li></ul>", "- a\n- b\n  1. c\n  2. d"),
        (
            "{|\n|+ Caption\n! A !! B\n|-\n| 1 || 2\n|-\n| x\n* l\n* m\n|}",
            "Caption\n| A | B |\n| 1 | 2 |\n| x; l; m |",
        ),
        ("{{quote|To be\nor not|Hamlet}}", "> To be\n> or not"),
        ("<blockquote>Quoted</blockquote>\nafter", "> Quoted\n\nafter"),
        ("a\n<timeline>\nwidth:3 text:4\n</timeline><gallery>\nFile:a.jpg|cap\n</gallery>\nb", "a\n\nb"),
        ("<code><nowiki>a | b</nowiki></code>", "`a | b`"),
        ("__TOC__\n__KEIN_INHALTSVERZEICHNIS__\na", "a"),
        ("text <ref>a</ref>, more <ref name=x>b {{cite|a}}</ref> end", "text, more end"),
        ("[[Datoteka:a.svg|thumb|cap]] [[Fails:b.jpg|200px|cap [[x]] y]] z", "z"),
        ("'''Albedo''' ({{IPAc-en|æ|l}}), or ''x''", "Albedo (/æl/), or x"),
    ],
)
def test_lists_tables_and_what_is_no_text(source: str, expected: str) -> None:
    assert wikitext_to_markdown(source) == expected


@pytest.mark.parametrize(
    ("attributes", "inner", "tex"),
    [
        (
            "display='block'",
            "<semantics><mi>z</mi><annotation encoding='application/x-tex'>{\\displaystyle z^2}</annotation></semantics>",
            "z^2",
        ),
        ("alttext='{\\displaystyle a_1}'", "<mrow><mi>a</mi></mrow>", "a_1"),
        ("", "<mfrac><mn>1</mn><mi>x</mi></mfrac>", r"\frac{1}{x}"),
    ],
)
def test_mathml_where_tex_should_stand(attributes: str, inner: str, tex: str) -> None:
    text = wikitext_to_markdown(f"zone <math xmlns='http://x' {attributes}>\n {inner}</math> t")
    assert "<" not in text and tex in text.replace("$", "")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("'''X''' may be:\n* [[a]]\n__DISAMBIG__", "X"),
        ("'''X''' je:\n* [[a]]", "X (rozcestník)"),
        ("X\n* [[a]]\n{{Täsmennyssivu}}", "X"),
        ("X\n* [[a]]\n{{Disambiguation|geo}}", "X"),
    ],
)
def test_disambiguations_of_many_wikis(make, source: str, title: str) -> None:
    result = extract_document(make(source, Markup.WIKITEXT, title=title), ExtractConfig())
    assert isinstance(result, Drop) and result.reason is DropReason.DISAMBIGUATION


def test_a_page_that_links_to_a_disambiguation_is_an_article(make) -> None:
    source = "Text on [[X (disambiguation)]].{{disambiguation needed|date=May 2012}}"
    result = extract_document(make(source, Markup.WIKITEXT, title="X"), ExtractConfig())
    assert isinstance(result, Document) and result.text == "Text on X (disambiguation)."


def test_list_articles_tell_how_much_of_them_is_a_list(make) -> None:
    source = "These are ships.\n" + "".join(f"* [[Ship {n}]], built in 19{n}\n" for n in range(10, 40))
    result = extract_document(make(source, Markup.WIKITEXT, title="List of ships"), ExtractConfig())
    assert isinstance(result, Document) and 0.9 < result.signals["wiki_list_share"] < 1
    prose = extract_document(make("Ships float on water.", Markup.WIKITEXT), ExtractConfig())
    assert isinstance(prose, Document) and prose.signals["wiki_list_share"] == 0


def test_marks_that_end_nowhere_cost_no_time_and_no_words() -> None:
    start = time.process_time()
    assert wikitext_to_markdown("{{a|" * 20_000 + " end").endswith("end")
    assert wikitext_to_markdown("a {{nowrap|b}} {{c") == "a b {{c"
    assert time.process_time() - start < 20


def test_marks_that_nothing_closes_are_text_and_cost_the_rest_nothing() -> None:
    source = (
        "If a < b and [[c, then\n\n{|\n[[Rome|the city]], {{{1 or [http://a.b words\n\n[http://a.b a page]."
    )
    assert wikitext_to_markdown(source) == (
        "If a < b and [[c, then\n\n{|\nthe city, {{{1 or [http://a.b words\n\na page."
    )


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "{|\n! rowspan=2 | Year !! colspan=2 | People\n|-\n! men !! women\n|-\n| 1990 || 5 || 6\n|-\n| rowspan=\"2\" | 1991 || 7 || 8\n|-\n| 9 || 10\n|-\n| 1992 || 11 || 12\n|}",
            "| Year | People |\n|  | men | women |\n| 1990 | 5 | 6 |\n| 1991 | 7 | 8 |\n|  | 9 | 10 |\n| 1992 | 11 | 12 |",
        ),
        ("{|\n| a || colspan=3 | b || c\n|-\n| 1 || 2 || 3 || 4 || 5\n|}", "| a | b |  |  | c |\n| 1 | 2 | 3 | 4 | 5 |"),
        ("{|\n| a || rowspan=3 | b || c\n|-\n|-\n| 1 || 3\n|-\n| || \n|-\n| 4 || 5 || 6\n|}", "| a | b | c |\n| 1 |  | 3 |\n| 4 | 5 | 6 |"),
        ("<table><tr><td rowspan=2>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "| a | b |\n|  | c |"),
        ("{|\n| rowspan=0 | a || colspan=x | b || rowspan=99999999 | c\n|-\n| 1 || 2 || 3\n|}", "| a | b | c |\n| 1 | 2 | 3 |"),
    ],
)  # fmt: skip
def test_no_cell_stands_under_another_heading(table: str, expected: str) -> None:
    assert wikitext_to_markdown(table) == expected


def test_a_table_that_asks_for_more_cells_than_memory_holds_stays_small() -> None:
    row = "| colspan=64 rowspan=1000 | a || b\n|-\n"
    assert len(wikitext_to_markdown("{|\n" + row * 2000 + "|}")) < 500_000
