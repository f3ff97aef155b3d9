"""Benchmark items are found however they are written, in whatever page; and chance overlaps are not."""

import gzip
import json
import lzma
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpusforge.document import Document, Drop, DropReason, SourceKind
from corpusforge.filter import FilterConfig, filter_document, load_tables
from corpusforge.filter.config import TableConfig
from corpusforge.filter.decontamination.audit import copied_share, exact_copies
from corpusforge.filter.decontamination.benchmarks import Item
from corpusforge.filter.decontamination.contamination import leaks
from corpusforge.filter.decontamination.gutters import without_gutters
from corpusforge.filter.decontamination.injection import VARIANTS, inject
from corpusforge.filter.decontamination.invisible import visible
from corpusforge.filter.decontamination.ngram_table import build_tables, read_table, table_bytes

QUESTION = (
    "Nadia planted forty eight rose bushes in her garden in April, and then she planted half as many in May. "
    "How many rose bushes did Nadia plant altogether in April and May?"
)
SHORT = "What is the remainder when nine to the tenth is divided by seven?"
CHINESE = "小明有三十六颗糖果，他把其中的四分之一分给了弟弟，还剩下多少颗糖果？"
FORMULA = (
    r"Let $f(x)=\frac{1}{2}x^2-3x+1{,}000$ for all real $x \leq 10$. If $\alpha$ and $\beta$ are the roots"
    r" of $f(x) \cdot \left(x+2\right)=0$, find $\text{max}\{\alpha,\beta\}$ and $\sqrt{2}\pi$ times it."
)
TINY = r"Compute $\sin 60^\circ$."
PROGRAM = "def f(values, limit):\n    values.sort(reverse=True)\n    return values[:limit] + [limit]"
ITEMS = [
    Item("sums", "test/1", QUESTION), Item("sums", "test/2", SHORT), Item("zh", "1", CHINESE),
    Item("tex", "7", FORMULA), Item("tex", "8", TINY), Item("code", "f", PROGRAM),
]  # fmt: skip
FILLER = "The weather in the valley was mild that year and the river stayed within its banks for the whole season. "
HALVES = {"first half", "last half"}


def page(text: str) -> Document:
    return Document(
        doc_id="0" * 32, source="s", source_kind=SourceKind.WARC, locator="l", text=text, domain="web"
    )


def write(folder: Path, items: list[Item], name: str = "sums.jsonl.xz") -> str:
    rows = [{"benchmark": i.benchmark, "id": i.name, "text": i.text, "answer": "72"} for i in items]
    data = "\n".join(json.dumps(row) for row in rows).encode()
    packed = {".xz": lzma.compress, ".gz": gzip.compress}.get(Path(name).suffix, bytes)(data)
    (folder / name).write_bytes(packed)
    return str(folder / name)


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> FilterConfig:
    folder = tmp_path_factory.mktemp("items")
    return FilterConfig(benchmarks=write(folder, ITEMS), quality="off")


@pytest.mark.parametrize("variant", [name for name in VARIANTS if name not in HALVES])
@pytest.mark.parametrize("item", ITEMS, ids=lambda item: f"{item.benchmark} {item.name}")
def test_an_item_drops_its_document_however_it_is_written(
    item: Item, variant: str, config: FilterConfig
) -> None:
    for inline in (False, True):
        text = inject(VARIANTS[variant](item.text), FILLER * 6, inline=inline)
        result = filter_document(page(text), config, load_tables(config))
        assert isinstance(result, Drop), variant
        assert result.reason is DropReason.CONTAMINATED
        assert f"{item.benchmark} item {item.name}" in result.detail


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (r"$\frac12$ of $x y$", r"\(\tfrac{1}{2}\) of xy"),
        (r"$x_1^{2} \ge 10^{2}$", "x₁² ≥ 10²"),
        (r"\\frac{a}{b}\n\\pi r", r"\frac ab \pi r"),
        ("1,000 kg and ½", r"$1{,}000 \mathrm{~kg}$ and 1/2"),
        ("x &lt; 3 <b>bold</b> &amp; more", "x<3 bold more"),
        ("Ｗｈａｔ　ｉｓ　２＋２？", "what is 2 + 2"),
        ("caf\u0065\u0301 o\ufb03ce", "CAFÉ OFFICE"),
        (r"$5 \pmod 7$, $A \cap B$, $90^\circ$", "5 mod 7, A∩B, 90°"),
        ("> Quoted\n> text", "quoted text"),
        (r"\u5c0f\u660e \u00d7", "小明"),
        ("[asy]draw((0,0)--(1,1));[/asy] area", "area"),
        ("in\u00adter\u200bna\u2060tional \ufeffla\u200ew", "international law"),
        ("$\\f\u200brac12$ \\p\ufeffi 1,\u200b000 &l\u00adt; <\u200bbr>", r"$\frac12$ \pi 1,000 &lt;"),
        ("\u2764\ufe0f 3\ufe0f\u20e3 le\U000e0100tter", "\u2764 3\u20e3 letter"),
        ("inter-\nnational non-\r\n  zero", "international nonzero"),
        ("a well-\nknown self-adjoint", "a well-known self-\nadjoint"),
        ("well\u2010known, well\u2011known, well\u2013known", "well-known, well-\nknown, well-known"),
        ("> inter-\n> national", "international"),
        ("inter\u00ad\nnational", "international"),
        ("\u00e9co-\nnomie re-\n\u00e9lue", "\u00e9conomie re\u00e9lue"),
    ],
)
def test_spellings_of_one_thing_are_one_thing(left: str, right: str) -> None:
    tables = build_tables([Item("b", "1", f"{right} {SHORT}")], TableConfig())
    assert tables.n_ngrams[0]
    twin = build_tables([Item("b", "1", f"{left} {SHORT}")], TableConfig())
    assert tables.index.hashes.tolist() == twin.index.hashes.tolist()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("pre- and post-war", "preand postwar"),
        ("nine-\n\nfold", "ninefold"),
        ("the end --\nthen", "the endthen"),
        ("left--then", "leftthen"),
        ("x-axis", "xaxis"),
        ("$ab-cd$", "abcd"),
    ],
)
def test_a_dash_or_a_short_part_breaks_no_word(left: str, right: str) -> None:
    words = [
        build_tables([Item("b", "1", f"{text} {SHORT}")], TableConfig()).index.hashes.tolist()
        for text in (left, right)
    ]
    assert words[0] != words[1]


def test_the_span_is_of_the_text_as_it_stands(config: FilterConfig) -> None:
    hidden = "\u200b".join(QUESTION).replace("altogether", "al\u00ad\ntogether")
    text = f"\ufeffCaf\u00e9 m\u200b\u00fcller. {FILLER}\n{hidden}\u200b {FILLER}\u200d"
    (found,) = leaks(text, load_tables(config), config)
    assert text[found.start : found.stop] == hidden[: hidden.rindex("y") + 1]


@given(st.text(alphabet="ab-\u00e9\u6f22\U0001f600\n\r\u200b\u00ad\ufeff\u2067\ufe0f\U000e0100", max_size=30))
@settings(max_examples=200, deadline=None)
def test_every_visible_byte_is_known_by_its_place(text: str) -> None:
    seen, data = visible(text), text.encode()
    places = seen.bytes_before(np.arange(len(seen.data)))
    shown = [data[place] for place in places.tolist()]
    assert places.tolist() == sorted(set(places.tolist()))
    # a soft hyphen that ends a line is shown, at its first byte; other characters here begin otherwise
    assert seen.data.tolist() == [0x2D if byte == 0xC2 else byte for byte in shown]


LISTING = """def harvest(roses, tulips):
    nadia_planted = roses + tulips
    if nadia_planted > roses:
        return nadia_planted - tulips
    for garden in range(tulips):
        roses += garden // 2
    return roses, garden, tulips"""


@pytest.mark.parametrize(
    "form",
    [
        "{:>3}  {}",
        "{:>3} | {}",
        "{}: {}",
        "{:03}\t{}",
        "[{}] {}",
        "({}) {}",
        "In [{}]: {}",
        "Out[{}]: {}",
    ],
)
def test_a_listing_with_numbers_is_read_without_them(form: str) -> None:
    tables = build_tables([Item("code", "1", LISTING)], TableConfig())
    listed = "\n".join(form.format(*line) for line in enumerate(LISTING.split("\n"), 98))
    text = f"Caf\u00e9 m\u200b\u00fcller. {FILLER}\n{listed}\n{FILLER}"
    (found,) = leaks(text, tables, FilterConfig())
    assert found.share == 1
    assert text[found.start : found.stop].startswith("def harvest") and text[found.start :].index(FILLER)
    assert text[found.start : found.stop].endswith("garden, tulips")


def test_a_listing_of_two_lines_may_begin_in_a_line() -> None:
    item = "def harvest(roses, tulips):\n    return roses + tulips // garden"
    tables = build_tables([Item("code", "1", item)], TableConfig())
    first, second = item.split("\n")
    for form in ("{} {} {}\n{} {}", "{} [{}] {}\n[{}] {}", "{} {}: {}\n  {}: {}"):
        text = form.format(FILLER.strip(), 41, first, 42, second)
        assert leaks(text, tables, FilterConfig()) and not leaks(
            text.replace("42", "47"), tables, FilterConfig()
        )


def test_numbers_that_count_no_lines_stay() -> None:
    tables = build_tables([Item("code", "1", LISTING)], TableConfig())
    for numbers in ([1, 3, 5, 7, 9, 11, 13], [7, 6, 5, 4, 3, 2, 1]):
        lines = zip(numbers, LISTING.split("\n"), strict=True)
        listed = "\n".join(f"{number} {line}" for number, line in lines)
        assert not any(found.share == 1 for found in leaks(listed, tables, FilterConfig()))
    item = "There are\n1 red and\n2 blue and\n3 green balls in the urn, and one is drawn at random; how likely is red?"
    tables = build_tables([Item("urn", "1", item)], TableConfig())
    (found,) = leaks(f"{FILLER}\n{item}\n{FILLER}", tables, FilterConfig())  # numbers of the item's own
    assert found.share == 1


@given(st.text(alphabet="12 3:|[]In\n\u00e9\u200b>x", max_size=60))
@example("1 x = 2\n>>> y\n2 z = 3\n")  # a prompt stands between two numbers
@settings(max_examples=200, deadline=None)
def test_every_byte_that_no_gutter_holds_is_known_by_its_place(text: str) -> None:
    data = np.frombuffer(text.encode(), np.uint8)
    for first, plain in without_gutters(data):
        places = first + plain.bytes_before(np.arange(len(plain.data)))
        assert data[places].tolist() == plain.data.tolist()
        assert places.tolist() == sorted(set(places.tolist()))
        assert plain.data.tobytes().decode().count("\n") == text.count("\n")  # no lines are joined


def test_the_detail_is_one_line_with_place_and_figures_and_not_the_whole_item(config: FilterConfig) -> None:
    text = f"Caf\u00e9 müller. {FILLER}\n{QUESTION}\n{FILLER}"
    result = filter_document(page(text), config, load_tables(config))
    assert isinstance(result, Drop)
    start = text.index("Nadia")
    stop = text.index("and May?") + len("and May")
    assert f"(characters {start}-{stop}: " in result.detail and "n-grams" in result.detail
    assert "\n" not in result.detail and "altogether" not in result.detail


def test_other_texts_answers_and_common_phrases_pass(config: FilterConfig) -> None:
    tables = load_tables(config)
    phrases = [
        "The answer is 72.",
        "What is the remainder when",
        "Compute",
        "def f(values, limit):\n    return values",
    ]
    changed = "Nadia sold nineteen roses in April, and then half as many in May. How many roses did Nadia sell in all?"
    for text in (FILLER, FILLER + QUESTION[:60], changed, *phrases, SHORT.replace("nine", "four")):
        assert isinstance(filter_document(page(FILLER + text), config, tables), Document), text
    assert isinstance(filter_document(page(FILLER + r"Compute $\cos 60^\circ$."), config, tables), Document)


def test_half_of_a_long_item_is_found(config: FilterConfig) -> None:
    words = QUESTION.split()
    for half in (words[:20], words[-20:]):
        assert leaks(FILLER + " ".join(half), load_tables(config), config)


def test_cut_removes_the_span_and_says_so(config: FilterConfig) -> None:
    cutting = config.model_copy(update={"contamination_policy": "cut"})
    tables = load_tables(cutting)
    kept = filter_document(page(f"{FILLER * 3}\n\n{QUESTION}\n\n{SHORT}\n\n{FILLER * 3}"), cutting, tables)
    assert isinstance(kept, Document)
    assert "Nadia" not in kept.text and "remainder" not in kept.text and kept.text.count("mild") == 6
    assert [note for note in kept.notes if note.startswith("cut sums item test/")] == list(kept.notes)
    assert not leaks(kept.text, tables, cutting)
    mostly = filter_document(page(f"{QUESTION} {SHORT} {FILLER}"), cutting, tables)
    assert isinstance(mostly, Drop) and "too much to cut" in mostly.detail


def test_a_long_document_is_read_in_blocks(config: FilterConfig) -> None:
    tables = load_tables(config)
    for words in (32_500, 32_768 - 20, 32_800, 70_000):
        text = "word " * words + QUESTION + " word" * 100
        (found,) = leaks(text, tables, config)
        assert found.name == "test/1" and text[found.start : found.stop].startswith("Nadia planted")


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_looked_up(text: str) -> None:
    tables = build_tables([Item("b", "1", text), ITEMS[0]], TableConfig())
    found = leaks(f"{text}\n{QUESTION}", tables, FilterConfig())
    assert any(leak.name == "test/1" for leak in found) or text.strip()[-1:].isalpha()


@pytest.mark.parametrize(
    "unit",
    [
        "\\",
        "&",
        "<a ",
        "[asy]",
        "\\frac",
        "1,000",
        "$",
        "-",
        "{",
        "½",
        "<",
        "&#",
        "ab-",
        "ab-\n",
        "-\u200b",
        "ab-\u0301",
    ],
)
def test_hostile_texts_take_no_longer_than_others(unit: str, config: FilterConfig) -> None:
    assert leaks(unit * (400_000 // len(unit)), load_tables(config), config) == []


def test_a_template_shared_by_many_items_proves_nothing(tmp_path: Path) -> None:
    head = "Let the function be defined for all real numbers by the following formula and find its value at "
    path = write(tmp_path, [Item("t", str(i), f"{head}{i} then add {i}") for i in range(30)], "t.jsonl")
    config = FilterConfig(benchmarks=path, quality="off")
    tables = load_tables(config)
    assert isinstance(filter_document(page(FILLER + head + "noon. " + FILLER), config, tables), Document)
    assert isinstance(filter_document(page(FILLER + head + "7 then add 7"), config, tables), Drop)


def test_a_table_is_the_same_bytes_every_time_and_finds_what_the_items_find(tmp_path: Path) -> None:
    data = table_bytes(build_tables(ITEMS, TableConfig()))
    assert data == table_bytes(build_tables(ITEMS, TableConfig())) and b"rose bushes" not in data
    (tmp_path / "table.npz").write_bytes(data)
    config = FilterConfig(benchmarks=str(tmp_path / "table.npz"))
    assert [leak.name for leak in leaks(FILLER + QUESTION, load_tables(config), config)] == ["test/1"]


def test_the_pin_is_the_sha256_and_is_held_to(tmp_path: Path) -> None:
    path = write(tmp_path, ITEMS, "i.jsonl.gz")
    config = FilterConfig(benchmarks=path)
    assert len(config.benchmarks_sha256) == 64
    assert FilterConfig(benchmarks=path, benchmarks_sha256=config.benchmarks_sha256) == config
    write(tmp_path, ITEMS[:2], "i.jsonl.gz")
    with pytest.raises(ValueError, match="not the one that is pinned"):
        FilterConfig(benchmarks=path, benchmarks_sha256=config.benchmarks_sha256)
    with pytest.raises(ValueError, match="changed"):
        load_tables(config)


def test_tables_of_other_settings_or_kinds_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    path.write_bytes(table_bytes(build_tables(ITEMS, TableConfig(ngram_words=10))))
    with pytest.raises(ValueError, match="ngram_words = 10"):
        load_tables(FilterConfig(benchmarks=str(path)))
    older = table_bytes(build_tables(ITEMS, TableConfig())).replace(
        b"contamination table 2", b"contamination table 1"
    )
    with pytest.raises(ValueError, match=r"^t\.npz: not a table of this version .*contamination-table`$"):
        read_table(older, "t.npz")
    with pytest.raises(ValueError, match="contamination-table"):
        read_table(b"PK\x03\x04 no table", "t.npz")


def test_no_benchmarks_no_tables_and_bad_rows_name_their_place(tmp_path: Path) -> None:
    assert load_tables(FilterConfig()) is None
    (tmp_path / "bad.jsonl").write_text('{"text": "fine words here"}\n{"question": "?"}\n')
    with pytest.raises(ValueError, match=r"bad\.jsonl:2"):
        load_tables(FilterConfig(benchmarks=str(tmp_path)))
    with pytest.raises(ValueError, match="nothing at"):
        FilterConfig(benchmarks=str(tmp_path / "absent"))


def test_the_independent_search_tells_copies_from_chance() -> None:
    assert copied_share(QUESTION, FILLER + QUESTION.upper()) == 1.0
    assert copied_share(QUESTION, FILLER * 3) == 0.0
    assert copied_share("Evaluate the expression 1 - 13", "evaluate the expression 11 - 3") < 1
    assert exact_copies([("a", FILLER + SHORT), ("b", FILLER)], ITEMS) == {"a": [ITEMS[1]]}
