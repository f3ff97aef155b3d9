"""What many documents hold goes, whole and from all but one of them, and nothing else does."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpusforge.dedup.config import DedupConfig, RepeatsConfig
from corpusforge.dedup.repeats import (
    NEVER,
    cut_ranges,
    cut_text,
    doomed,
    find_spans,
    holders,
    keep_order,
)
from corpusforge.dedup.signature import signature_dtype

LONG = "this line is long enough to be counted as one"
OTHER = "and here is another of them that nobody repeats number"


def after(texts, by_paragraph=False, **choices):
    """The texts without what is cut of them, by the functions that the pipeline wires."""
    config = RepeatsConfig(**{"max_documents": 2, "min_words": 4, **choices})
    spans = find_spans(
        texts, range(len(texts)), by_paragraph=by_paragraph, min_words=config.min_words, salt=0
    )
    rows = np.zeros(len(texts), dtype=signature_dtype(16))
    rows["doc"][:, 0] = np.arange(len(texts))
    rows["n_bytes"] = [len(text.encode()) for text in texts]
    order = keep_order(rows, 0, DedupConfig(survivor_order=("completeness",)))
    cut = doomed(holders(spans, rows, order, 0), config)
    ranges = cut_ranges(spans, spans["row"].astype(np.uint64), cut)
    made = [cut_text(text, ranges[ranges["row"] == row]) for row, text in enumerate(texts)]
    lost = sum(map(len, (text.encode() for text in texts))) - sum(len(text.encode()) for text in made)
    assert lost == ranges["length"].sum()
    return made


def test_a_line_of_many_documents_stays_in_the_longest_alone():
    texts = [f"{OTHER} {n}\n{LONG}\nshort" for n in range(3)] + [
        f"{LONG.upper()}\n{OTHER} 3 and a longer tail"
    ]
    assert after(texts) == [f"{OTHER} {n}\nshort" for n in range(3)] + [texts[3]]
    assert after(texts, keep="none")[3] == f"{OTHER} 3 and a longer tail"
    assert after(texts, max_documents=4) == texts


def test_a_document_counts_once_however_often_it_says_it():
    texts = [f"{LONG}\n{LONG}\n{LONG}", f"{OTHER} 1"]
    assert after(texts) == texts


def test_paragraphs_go_with_the_blank_lines_before_them():
    page = "{}\n\n" + LONG + "\n" + LONG + "\n\n\nthe end of page number {} is here"
    texts = [page.format(f"{OTHER} {n}", n) for n in range(3)]
    made = after(texts, by_paragraph=True, keep="none")
    assert made == [f"{OTHER} {n}\n\n\nthe end of page number {n} is here" for n in range(3)]
    assert after(texts, by_paragraph=True, min_words=21) == texts


def test_what_is_left_of_a_document_has_no_loose_ends():
    texts = [f"{LONG}\n\n{OTHER} {n}\n\n{LONG}" for n in range(3)]
    assert after(texts, keep="none") == [f"{OTHER} {n}" for n in range(3)]
    assert after([LONG] * 3, keep="none") == [""] * 3


@pytest.mark.parametrize(
    "block",
    [
        f"```python\n{LONG}\n```",
        f"~~~\n{LONG}\n```\n{LONG}\n~~~",
        f"```\n{LONG}",
        f"$$\n{LONG}\n$$",
        f"| {LONG} | {LONG} |",
    ],
)
@pytest.mark.parametrize("by_paragraph", [True, False])
def test_programs_formulas_and_tables_are_never_cut(block, by_paragraph):
    texts = [f"{OTHER} {n}\n\n{block}" for n in range(5)]
    assert after(texts, by_paragraph) == texts


def test_after_a_fenced_block_lines_count_again():
    texts = [f"```\nx = 1\n```\n{LONG}\n{OTHER} {n}" for n in range(3)]
    assert after(texts, keep="none") == [f"```\nx = 1\n```\n{OTHER} {n}" for n in range(3)]


def test_words_of_any_script_count():
    texts = [f"版权所有不得转载\n正文第{n}段的内容各不相同" for n in range(3)]
    assert after(texts, min_words=8, keep="none") == [f"正文第{n}段的内容各不相同" for n in range(3)]
    assert after(texts, min_words=9, keep="none") == texts


lines = st.lists(
    st.sampled_from(["", "  ", "a", LONG, f"  {OTHER}", "```", "$$", "| x |", "é ü ç ñ é"]), max_size=8
)


def pieces(texts, by_paragraph):
    """[(hash, row, text of the span)] of texts."""
    spans = find_spans(texts, range(len(texts)), by_paragraph=by_paragraph, min_words=4, salt=0)
    cut = [
        (h, row, texts[row].encode()[start : start + size].decode()) for h, row, start, size in spans.tolist()
    ]
    assert all(text.strip() and (by_paragraph or "\n" not in text) for _, _, text in cut)
    return cut


@settings(deadline=None)
@given(st.lists(lines, max_size=6), st.booleans(), st.sampled_from(["first", "none"]))
def test_what_goes_is_what_a_plain_count_says(made, by_paragraph, keep):
    texts = ["\n".join(one) for one in made]
    held = {}
    for key, row, _ in pieces(texts, by_paragraph):
        held.setdefault(key, set()).add(row)
    stays = {key: min(rows, key=lambda row: (-len(texts[row].encode()), row)) for key, rows in held.items()}
    expected = [
        (row, text)
        for key, row, text in pieces(texts, by_paragraph)
        if key == NEVER or len(held[key]) <= 2 or (keep == "first" and stays[key] == row)
    ]
    result = after(texts, by_paragraph, keep=keep)
    assert [(row, text) for _, row, text in pieces(result, by_paragraph)] == expected


def test_code_has_no_such_setting():
    with pytest.raises(ValueError, match="code"):
        RepeatsConfig.model_validate({"code": "lines"})
    assert RepeatsConfig(web="lines").level("code") == "off"
