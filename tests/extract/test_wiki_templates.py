"""Templates say what their readers see: by the dump's own pages, by what is known of them, else nothing, counted."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.extract.wiki.expressions import ExpressionError, evaluated
from corpusforge.extract.wiki.preprocessor import Parameter, Template, parse
from corpusforge.extract.wiki.quotes import APOSTROPHE, without_quote_marks
from corpusforge.extract.wiki.tags import closed_tags
from corpusforge.extract.wiki.variants import converted
from corpusforge.extract.wiki.wikitext import read_wikitext


def text(source: str, language: str | None = "en", **templates: str) -> str:
    return read_wikitext(source, "Title", language, templates).text


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("en", "6.02{{e|23}} and {{10^|6}}", "6.02×10^23 and 10^6"),
        ("en", "{{circa|1850}}, {{circa|1850|1860}}, {{c.|1850}}", "c. 1850, c. 1850 – c. 1860, c. 1850"),
        ("en", "{{As of|2020|4}}, {{as of|lc=y|2011|08|19}}, {{as of|2016}}", "As of April 2020, as of 19 August 2011, As of 2016"),
        ("en", "{{GBP|123.45}} {{US$|5 million}} {{INR|20}} {{A$|3}}", "£123.45 US$5 million ₹20 A$3"),
        ("en", "was {{sic|recie|ved}} {{sic|hide=y|teh}}", "was recieved [sic] teh"),
        ("en", "{{CO2}} and {{chem|227|Ac}} {{chem|H|2|O}}", "CO_2 and ^227Ac H_2O"),
        ("en", "1990{{snds}}2000{{snd}}x", "1990 – 2000 – x"),
        ("en", "aged {{age|1990|5|1}} years", "aged years"),
        ("en", "aged {{age|1990|5|1|2020|4|30}} years", "aged 29 years"),
        ("en", "{{ship|USS|Enterprise}} {{USS|Enterprise|CV-6}} {{HMS|Hood|51|2}}", "USS Enterprise USS Enterprise (CV-6) Hood"),
        ("en", "{{birth date and age|1990|5|1}} {{birth date|df=yes|1990|5|1}}", "May 1, 1990 1 May 1990"),
        ("en", "{{resize|80%|text}} {{convert|6|ft|2|in|m}} {{convert|100|sqmi|km2|0}}", "text 6 ft 2 in 100 sq mi"),
        ("en", "{{convert|100|mi|km|1}} {{chem|O|2|2-}} {{zh|s=京|p=Jīng}} {{color box|blue}}", "100 mi O_2^{2-} 京, Jīng"),
        ("en", "{{val|1.2|+0.1|-0.2|u=m|up=s}} {{val|5|ul=km}}", "1.2 +0.1 -0.2 m/s 5 km"),
        ("en", "a {{plainlist|\n* b\n* c\n}}", "a\n- b\n- c"),
        ("en", "{{ordered list|a|b}}", "1. a\n2. b"),
        ("en", "{{block indent|text here}}", "text here"),
        ("en", "{{columns-list|colwidth=20em|\n* a\n* b}}", "- a\n- b"),
        ("en", "{{poemquote|Line one\nline two|Author}}", "> Line one\n> line two"),
        ("en", "see {{EquationNote|2|Definition 1.2}}, {{harvs|txt|last=Quillen|year1=1973|year2=1974}}", "see Definition 1.2, Quillen (1973, 1974)"),
        ("fr", "Il dit {{citation|bonjour}} à {{heure|14|30}}, {{M.|Dupont}}", "Il dit « bonjour » à 14 h 30, M. Dupont"),
        ("fr", "le {{1er|mai}}, le {{84e|Congrès}} du {{s|XIX}}", "le 1er mai, le 84e Congrès du XIXe siècle"),
        ("fr", "{{unité|12874|km|2}}, {{unité|5|m|s|-1}}, {{date|3|mai|1990}}", "12 874 km^2, 5 m s^-1, 3 mai 1990"),
        ("de", "{{EWZ|DE-NW|053}} Einwohner am {{Datum|3|5|1990}}", "Einwohner am 3. Mai 1990"),
        ("es", "el {{fecha|3|mayo|1990}} y el {{fecha|3|5|1990}}", "el 3 de mayo de 1990 y el 3 de mayo de 1990"),
        ("it", "lungo {{M|42|ul=km}} dal {{data|3|5|1990}}", "lungo 42 km dal 3 maggio 1990"),
        ("pt", "em {{dtlink|3|5|1990}}, {{séc|XIX}}", "em 3 de maio de 1990, século XIX"),
        ("nl", "op {{datum|3|5|1990}} was {{formatnum:1234}}", "op 3 mei 1990 was 1.234"),
        ("ru", "от {{дата|3|5|1990}} и {{нп5|слово|Слово|en|Word}}", "от 3 мая 1990 и Слово"),
        ("ja", "{{読み仮名|漢字|かんじ}}は{{仮リンク|駅|de|Bahnhof}}", "漢字（かんじ）は駅"),
        ("zh", "由{{tsl|en|Word|词}}和{{link-en|词|Word}}", "由词和词"),
        ("pl", "tekst.{{r|psz}} dalej", "tekst. dalej"),
    ],
)  # fmt: skip
def test_what_is_known_of_templates(language: str, source: str, expected: str) -> None:
    assert text(source, language) == expected


@pytest.mark.parametrize(
    ("language", "source", "expected"),
    [
        ("de", "sind {{formatnum:12345.6}} und {{FormatZahl|1.234}}", "sind 12.345,6 und 1,234"),
        ("fr", "fait {{unité|1234.5|km}}, {{nb|300000}}, {{unité|5,972e24|kg}}, {{unité|5.9|e=24|kg}}", "fait 1 234,5 km, 300 000, 5,972 ×10^24 kg, 5,9 ×10^24 kg"),
        ("de", "sind {{formatnum:" + "9" * 4302 + "}}", "sind " + ".".join(["999"] * 1434)),
        ("es", "son {{formatnum:1990}} y {{unidad|12345.6|km}}", "son 1990 y 12 345,6 km"),
        ("it", "sono {{M|3,5|e=6|u=m}}, {{M|5|-|10|km}}, {{M|12345|ul=km}}", "sono 3,5 ×10^6 m, 5–10 km, 12 345 km"),
        ("ru", "было {{num|12345|руб.}} и {{formatnum:0.5}}", "было 12 345 руб. и 0,5"),
        ("en", "is {{formatnum:1234567.891}}, {{formatnum:1,234|R}}, {{formatnum:12345|NOSEP}}", "is 1234567.891, 1234, 12345"),
        ("de", "ist {{#expr: {{formatnum:1.234,5|R}} * 2}}", "ist 2469"),
        ("xx", "is {{formatnum:12345.6}}", "is 12345.6"),
        ("en", "is {{convert|3.5|e6USgal|L}}, {{convert|5|-|10|km|mi}}, {{val|1.67e-27|u=kg}}", "is 3.5 million US gal, 5–10 km, 1.67 ×10^-27 kg"),
        ("en", "ran {{hms|1|2|3}} on {{HMS|Victory||2}} and {{INS|Vikrant}}", "ran on Victory and INS Vikrant"),
        ("en", "the {{nuclide|uranium|235}}, {{SimpleNuclide|Carbon|14}}", "the ^235U, ^14C"),
        ("en", "the {{ordinal|21}}, {{ord|112}}, {{radic|2|3}}, {{radic|x|5}}, {{sqrt|2}}", "the 21st, 112th, ∛2, x^{1/5}, √2"),
        ("en", "see {{bibleverse|John|3:16|KJV}}, {{bibleverse|1|Cor|13:4|NIV}}, {{bibleverse||Job|3:1}}", "see John 3:16, 1 Cor 13:4, Job 3:1"),
        ("en", "on {{jct|state=CA|I|5|US|101}} and {{stl|Tube|Bank}}{{rint|london|central}}", "on I-5/US 101 and Bank"),
        ("en", "for {{ayd|1900|1|1|1950|1|2}}, {{age in days|2000|1|1|2000|1|11}} days", "for 50 years, 1 day, 10 days"),
        ("en", "Rome ({{lang-ru|Рим|Rim}}; {{langx|la|Roma|city}}; {{lang-zh|c=羅馬|p=Luómǎ}}; {{IPAc-en|icon|r|oʊ|m|en-us-rome.ogg|audio=x}}), {{RFC|2616}}{{rfc|en}}, {{convert|1.5e6|to|2e6|km3}}", "Rome (Russian: Рим, romanized: Rim; Latin: Roma, lit. 'city'; 羅馬, Luómǎ; /roʊm/), RFC 2616, 1.5 ×10^6 to 2 ×10^6 km³"),
        ("en", "his {{script|Arab|كتاب}} and {{\"|this}} in {{section link|Paris|History}}", "his كتاب and “this” in Paris § History"),
        ("en", "a {{ill|de|Berlin Foo}} and {{ill|Foo|de|Bar}} or {{ill|Foo|de|Bar|lt=baz}}", "a Berlin Foo and Foo or baz"),
        ("en", "in {{#language:de}}, {{#language:de|en}}", "in Deutsch, German"),
        ("de", "Das ({{enS|Navy}}, {{laS|navis}}) von {{DEU|Deutschland}}{{DEU|#}} und {{SortKey|005|fünf}} {{SortKeyName|Peter|Maier}}, {{§|5|BGB}}", "Das (englisch Navy, lateinisch navis) von Deutschland und fünf Peter Maier, § 5 BGB"),
        ("pt", "de ({{lang-en|Navy}}), {{morte|1|1|1950|1|1|1900}}", "de (em inglês: Navy), 1 de janeiro de 1950 (50 anos)"),
        ("ru", "от {{OldStyleDate|1 мая|1873|19 апреля}}", "от 19 апреля (1 мая) 1873"),
        ("pl", "dnia {{dts|1990|7|14}} i {{data|1789-07-14}}, {{link-interwiki|Foo|tekst=bar}}", "dnia 14 lipca 1990 i 14 lipca 1789, bar"),
        ("sv", "den {{dts|1990|7|14}} och {{datum|14|7|1789}}", "den 14 juli 1990 och 14 juli 1789"),
        ("fr", "aux {{s2|XVI|e|XVII|e}}, {{av JC|52}}, {{japonais|Tokyo|東京|Tōkyō}}, {{refsou|ce texte}}, {{1er janvier 1900}}", "aux XVIe et XVIIe siècles, 52 av. J.-C., Tokyo (東京, Tōkyō), ce texte, 1er janvier 1900"),
    ],
)  # fmt: skip
def test_numbers_dates_and_names_are_written_as_the_wiki_writes_them(
    language: str, source: str, expected: str
) -> None:
    assert text(source, language) == expected


def test_no_isotope_ship_or_age_that_is_not_understood_leaves_a_number() -> None:
    for use in (
        "{{nuclide|235|u}}",
        "{{hms|1|2|3}}",
        "{{ayd|1900|1|1}}",
        "{{ordinal|x5}}",
        "{{jct|I|5|to1=to|SR|1}}",
        "{{oldstyledate|5.2.1900}}",
    ):
        found = read_wikitext(f"There were {use} of them.", "T", "ru" if "old" in use else "en")
        assert (found.text, sum(found.unknown.values())) == ("There were of them.", 1), use


def test_cells_keep_their_facts() -> None:
    rows = "{|\n! a !! b !! c\n|-\n| {{sort|005|five}} || {{sortname|John|Smith}} || {{dts|2012|May|3}}\n|-\n| {{USA}} || {{unknownword|Berlin}} || {{flagga|Belgien}}\n|-\n| {{ESP}} || x || y\n|}"
    assert (
        text(rows)
        == "| a | b | c |\n| five | John Smith | May 3, 2012 |\n| United States | Berlin | Belgien |\n| Spain | x | y |"
    )


@pytest.mark.parametrize("use", ["{{strange|123}}", "{{strange|5 May}}", "{{strange|3|4}}", "{{#invoke:x|y|5}}", "{{CURRENTYEAR}}", "{{population of|Berlin}}"])  # fmt: skip
def test_what_is_not_understood_leaves_no_number_and_is_counted(use: str) -> None:
    found = read_wikitext(f"There were {use} of them.", "T", "en")
    assert found.text == "There were of them." and sum(found.unknown.values()) == 1


def test_the_dumps_own_pages_come_first_and_lua_is_left_to_the_lists() -> None:
    own = {
        "Circa": "um {{{1}}}",
        "Convert": "{{#invoke:Convert|convert|{{{1}}}|{{{2}}}}}",
        "Deep": "{{#if:{{{x|}}}|{{{x}}}|{{Circa|{{{1|?}}}}}}}{{#ifexpr:{{{2|0}}}>3| viel}}",
        "Nur": "<noinclude>Doku</noinclude><includeonly>''{{{1}}}''</includeonly>",
        "Alt": "#REDIRECT [[Template:Nur]]",
        "Loop": "{{Loop}}",
        "Flagge": "[[File:x.svg]]&nbsp;[[{{{1}}}]]",
        "Quelle": "<sup class='noprint'>[Quelle?]</sup>",
        "Versteckt": "<span style='display:none'>007</span>sieben",
        "Box": "{| class='wikitable'\n| {{{1}}}\n|}",
        "Hinweis": "<div>Dieser Artikel braucht Hilfe: {{{1}}}</div>",
    }
    source = (
        "A {{circa|1850}}, {{convert|5|km}}, {{deep|1|2}}, {{deep|x=y|2=4}}, {{nur|b}}, {{Vorlage:alt|c}}, {{loop}}, "
        "{{flagge|Rom}}{{quelle}}, {{versteckt}}.\n\n{{Box|1}}\n\n{{Hinweis|jetzt}}\n\nEnde"
    )
    found = read_wikitext(source, "T", "de", own)
    assert found.text == "A um 1850, 5 km, um 1, yviel, b, c,, Rom, sieben.\n\nEnde"
    assert dict(found.unknown) == {"loop": 1}


def test_arguments_defaults_and_functions() -> None:
    own = {
        "P": "{{{1}}}/{{{b|def}}}/{{{c|}}}/{{#switch:{{{1}}}|x|y=XY|#default=D}}/{{padleft:{{{2|7}}}|3|0}}/{{ucfirst:{{{1}}}}}",
        "Math": "{{#tag:math|{{{1}}}^2}}",
    }
    assert text("{{P|x|b= v }} {{P|q|2=12|c=z}}", "en", **own) == "x/v//XY/007/X q/def/z/D/012/Q"
    assert text("So {{math|a}} is", "en", **own) == "So $a^2$ is"
    assert text("{{P|[[a|b]]|b=-{zh:x}-}}", "zh", **own).startswith("b/x/")


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("1+2*3^2", "19"), ("4718 / 98.36 round 1", "48"), ("-2 round 0", "-2"), ("1/3 round 3", "0.333"),
        ("5 mod 3", "2"), ("not 0", "1"), ("2 > 1 and 1 = 1", "1"), ("trunc -1.7", "-1"), ("1e3+1", "1001"),
        ("(2+3) * ceil 1.2", "10"), ("2.5 round 0", "3"), ("", ""),
    ],
)  # fmt: skip
def test_expressions(expression: str, value: str) -> None:
    assert evaluated(expression) == value


@pytest.mark.parametrize("expression", ["1/0", "a", "1 2", "(1", "1+", "2^9999", "sqrt -1", "9" * 5000])
def test_expressions_without_a_value(expression: str) -> None:
    with pytest.raises(ExpressionError):
        evaluated(expression)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("l'''Iliade''", "l'Iliade"),
        ("d'un l'''Iliade'' et '''x'''", "d'un l'Iliade et x"),
        ("''Bell'''s law", "Bell's law"),
        ("''''four''''", "'four'"),
        ("'''''''seven'''''''", "''seven''"),
        ("'''a ''b''' c''", "a b c"),
        ("it's '''bold''' and ''it''", "it's bold and it"),
        ("[[d''e|d'''a''' '']] ''x''", "[[d''e|da ]] x"),
        ("[[Lista d''e paise]] ''y", "[[Lista d''e paise]] y"),
        ("''a\nb''", "a\nb"),
        ("a '''b ''c", "a 'b c"),
    ],
)
def test_apostrophes_as_mediawiki_reads_them(source: str, expected: str) -> None:
    assert without_quote_marks(source).replace(APOSTROPHE, "'") == expected


def test_a_template_behind_italics_keeps_its_apostrophe() -> None:
    assert text("''Bell''{{'s}} and ''F''{{'}} of l'''Iliade''") == "Bell's and F' of l'Iliade"


@pytest.mark.parametrize(
    ("language", "source", "expected", "title"),
    [
        ("zh", "-{zh-hans:软件; zh-hant:軟體}-和-{A|zh-cn:博客; zh-tw:部落格}-", "软件和博客", None),
        ("zh", "-{H|zh-cn:x;zh-tw:y}-a-{T|zh-hans:标题;zh-hant:標題}-b", "ab", "标题"),
        ("zh", "-{zh-tw:台;zh-hk:港}-", "台", None),
        ("zh", "-{原文}- -{R|zh-cn:x}- -{zh-hans;zh-hant|字}-", "原文 zh-cn:x 字", None),
        ("zh", "-{H|巨集=>zh-cn:宏;}-宏", "宏", None),
        ("sr", "-{sr-ec:Ово; sr-el:Ovo}- и -{Linux}-", "Ово и Linux", None),
        ("kk", "-{kk-latn:x;kk-cyrl:қ}-", "қ", None),
        ("en", "x -{y}-", "x -{y}-", None),
        (None, "a -{-{b}- c}-", "a b c", None),
    ],
)
def test_language_variants(language: str | None, source: str, expected: str, title: str | None) -> None:
    assert converted(source, language) == (expected, title)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<small>text 10<sup>6\nnext", "text 10^6\nnext"),
        ("a <b>b <i>c</b> d</i> </div>e", "a b c d\ne"),
        ("<ul><li>a<li>b</ul>c", "- a\n- b\nc"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "| a | b |\n| c |"),
        ("include <stdio.h> and <name>", "include <stdio.h> and <name>"),
        ("x<span/>y<br>z", "xy\nz"),
        ("{|\n| <small>a || b\n|}", "| a | b |"),
    ],
)
def test_open_tags_as_a_browser_shows_them(source: str, expected: str) -> None:
    assert text(source) == expected


def test_the_preprocessor_pairs_braces_as_mediawiki_does() -> None:
    (one,) = parse("{{{{{a}}}}}")
    assert isinstance(one, Template) and isinstance(one.parts[0][0], Parameter)
    before, inner, after = parse("{{{{x}}}}")
    assert (before, after) == ("{", "}") and isinstance(inner, Parameter)
    (link,) = parse("{{a|[[b|c]]|d=e}}")
    assert isinstance(link, Template) and len(link.parts) == 3
    assert "".join(map(str, parse("{{a|[[b}} c"))) == "{{a|[[b}} c"


@given(st.text(alphabet="{}[]|=-'<>/ab#:;*\n!", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_marks_give_text(source: str) -> None:
    found = text(source, "zh", A="{{{1|{{b}}}}} {{{a|}}}", B="{{a|{{{1}}}}}")
    assert not set(found) & set("\x01\x02\x03\x04\x05")
    closed_tags(source)


@pytest.mark.parametrize(
    "source",
    ["\n    {|" * 10_000, "{{a|" * 20_000, "{{a}}" * 20_000, "[[" * 50_000, "<b>" * 30_000, "''" * 50_000, "-{" * 30_000, "{{{" * 30_000 + "}}}" * 30_000],
)  # fmt: skip
def test_hostile_marks_take_linear_time(source: str) -> None:
    start = time.process_time()
    read_wikitext(source, "T", "zh", {"A": "x"})
    assert time.process_time() - start < 20


def test_templates_that_double_each_other_are_bounded() -> None:
    own = {f"T{n}": f"{{{{T{n + 1}}}}}{{{{T{n + 1}}}}}" for n in range(38)} | {"T38": "x" * 1000}
    start = time.process_time()
    found = read_wikitext("a {{T0}} b", "T", "en", own)
    assert found.text == "a b" and time.process_time() - start < 20


@pytest.mark.parametrize(
    ("language", "wikitext", "shown"),
    [
        ("ru", "* {{Венгрия}} [[Будапешт]]", "- Венгрия Будапешт"),
        ("es", "{|\n| {{GER}} || {{HUN}}\n|}", "| Alemania | Hungría |"),
        ("nl", "{|\n| {{TR}} || x\n|}", "| Turkije | x |"),
        ("nl", "* 1967 {{US-VLAG}} [[Los Angeles]]", "- 1967 Los Angeles"),
        ("gl", "* {{ARGb}} [[Bos Aires]]", "- Bos Aires"),
        ("hy", "քաղաք{{Չաշխատող հղում|bot=InternetArchiveBot }} է", "քաղաք է"),
        ("en", "It fell.{{year missing|date=April 2021}} Then", "It fell. Then"),
        ("no", "[[Fil:A.jpg|thumb|Kirke {{Fotograf|Ola Nordmann}}]]Her er byen.", "Her er byen."),
        ("he", "עיר{{הערה|{{קישור|כתובת=x|כותרת=y}}}} גדולה", "עיר גדולה"),
        ("fr", "* [http://a.b page] {{de}}", "- page"),
        ("en", "{{HMNZS|Achilles|70}} and {{USCGC|Eagle}}", "HMNZS Achilles (70) and USCGC Eagle"),
        ("en", "{{ordered list|start=3|one|two}}", "3. one\n4. two"),
        (
            "en",
            "{{chem2|H2SO4}}, {{chem2|SO4(2-)}}, {{chem2|2H2 + O2 -> 2H2O}}",
            "H_2SO_4, SO_4^{2-}, 2H_2 + O_2 → 2H_2O",
        ),
        ("en", "{{£sd|l=3|s=6|d=2}}", "£3 6s 2d"),
        ("en", '{|\n| A || colspan="2" {{CMain}}\n|}', "| A | Main |"),
        ("fr", "le {{1er novembre}}", "le 1er novembre"),
    ],
)
def test_names_of_countries_marks_and_notes_are_understood(language: str, wikitext: str, shown: str) -> None:
    page = read_wikitext(wikitext, "T", language)
    assert page.text.strip() == shown
    assert not page.unknown


@pytest.mark.parametrize(
    ("language", "wikitext", "shown"),
    [
        ("en", "<ol start=5><li>a</li><li>b</li></ol>", "5. a\n6. b"),
        ("en", "<ol reversed><li>a<li>b<li>c</ol>", "3. a\n2. b\n1. c"),
        ("en", "<ol><li>a<li value=7>b<li>c</ol>", "1. a\n7. b\n8. c"),
        ("en", '# <li value="4">a</li>\n# b', "4. a\n5. b"),
        ("en", "He {{death date and age|2000|1|2|1920|3|4}}", "He January 2, 2000 (aged 79)"),
        ("en", "is {{convert|3|ft|6+1/2|in}} high", "is 3 ft 6+1/2 in high"),
        (
            "en",
            "at {{coord|52|31|N|13|24|30|E|type:city}} and {{coord|40.5|-73.9}}",
            "at 52°31′N 13°24′30″E and 40.5°N 73.9°W",
        ),
        ("en", "Berlin{{coord|52|31|N|13|24|E|display=title}} is", "Berlin is"),
        (
            "en",
            "{|\n| {{flagathlete|[[Jo Doe]]|USA}} || {{fb|GER}} || {{cr|IND}}\n|}",
            "| Jo Doe (USA) | Germany | India |",
        ),
        (
            "en",
            "({{lang-ru|Москва}}, {{langx|fr|Moscou}}, {{lang-ko|x|label=none}})",
            "(Russian: Москва, French: Moscou, x)",
        ),
        ("ru", "({{lang-de|Berlin}})", "(нем. Berlin)"),
        (
            "en",
            "see {{harv|A|B|C|1999}}, {{harv|A|B|C|D|2007}}, {{harvtxt|A|B|2001}}",
            "see (A, B & C 1999), (A et al. 2007), A & B (2001)",
        ),
        ("en", "{{1/2}} of {{ZAR|50}}", "1/2 of R50"),
        ("sk", "Leží zhruba {{km|70|m}} od hraníc.", "Leží zhruba 70 km od hraníc."),
        ("fr", "Le {{drapeau|Viêt Nam}} Viêt Nam gagne.", "Le Viêt Nam gagne."),
        ("am", "It lies at {{coor dm |52|32|N|13|25|E}} today.", "It lies at 52°32′N 13°25′E today."),
    ],
)
def test_numbers_names_and_places_are_the_readers(language: str, wikitext: str, shown: str) -> None:
    page = read_wikitext(wikitext, "T", language)
    assert page.text.strip() == shown
    assert not page.unknown


def test_a_template_without_marks_within_reads_as_one_with_them() -> None:
    (plain,) = parse("{{a|b=c=d|e}}")
    (other,) = parse("{{a|b=c=d|{{e}}}}")
    assert isinstance(plain, Template) and isinstance(other, Template)
    assert (plain.size, other.size) == (3, 3) and plain.parts[:1] == other.parts[:1] == [["a"]]
    assert [str(node) for node in plain.parts[1] if isinstance(node, str)] == ["b", "c=d"]
    for written in ("{{nowrap|x|1=y}}", "{{nowrap|{{nowrap|x}}|1=y}}", "{{nowrap|1=z|1= y }}"):
        assert text(f"It is {written} here and there.") == "It is y here and there."
