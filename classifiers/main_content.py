"""The main-content model of web pages, learned from people's texts and other extractors' agreement.

    python -m corpusforge_classifiers.main_content --out corpusforge/extract/web/main_content.npz \
        --pages train.jsonl.xz [--without-hosts dev.jsonl.xz] [--cross-validate] WARC...

A page with `gold_text` gives each of its blocks the share that the text holds. Pages of WARC files
have no such text: a block's label there is the weighted share of the teachers that kept it
(trafilatura in three settings, resiliparse in two, readability; they err in different places), and
counts half. A page with phrases only has the teachers' labels, and people's where a phrase stands.
The second forest learns from what the first says of pages whose hosts it did not see, in five turns.
`--cross-validate` leaves the hosts of each turn out of the second forest too, and prints the token F1
of their pages.
Needs `lightgbm` and `readability-lxml` beside the package; to use the model needs neither.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import lzma
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import trafilatura
from numpy.typing import NDArray
from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import HTMLTree

from corpusforge.document import Document, Markup, SourceKind
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.encoding.charset import decode_html
from corpusforge.extract.web.around import around_features
from corpusforge.extract.web.blocks import Block, Page
from corpusforge.extract.web.features import block_features
from corpusforge.extract.web.html import page_blocks
from corpusforge.extract.web.main_content import (
    Forest,
    Forests,
    arrays_of,
    chosen_blocks,
    first_look,
    second_look,
)
from corpusforge.extract.web.slots import Slots
from corpusforge.ingest import IngestConfig
from corpusforge.ingest.inputs import InputFile
from corpusforge.ingest.registry import read
from corpusforge_classifiers.main_content_gold import gold_shares, set_phrases, token_f1, tokens_of

_NO_WORD = re.compile(r"\W+")
_LONG_CHARS = 25  # of a text that is found wherever it stands; a shorter one needs its neighbours
_EDGE_CHARS = 40
_PAGES_OF_A_HOST = 10
_PARAMETERS = {
    "objective": "cross_entropy", "num_leaves": 8, "learning_rate": 0.12, "min_data_in_leaf": 60,
    "feature_fraction": 0.2, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0, "seed": 7,
    "num_threads": 1, "deterministic": True, "verbose": -1,
}  # fmt: skip
_TREES = 250
_SECOND_PARAMETERS = _PARAMETERS | {"learning_rate": 0.1, "min_data_in_leaf": 100, "feature_fraction": 0.5}
_SECOND_TREES = 60
_FOLDS = 5  # of hosts
_TAUGHT_WEIGHT = 0.5
_PIN_COMMENT = "# Written by `python -m corpusforge_classifiers.main_content`: no other bytes are loaded.\n"

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class WebPage:
    """A page to learn from; `gold`, `kept`, `left_out`: people's text and phrases."""

    host: str
    html: str
    gold: str = ""
    kept: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """The blocks of a page: figures, labels, weights; what is needed to choose among them and to score."""

    host: str
    features: NDArray[np.float32]
    labels: Floats
    weights: Floats
    page: Page
    tokens: list[list[str]]
    gold: str


def _readability(html: str) -> str:
    from lxml import html as lxml_html
    from readability import Document as Readable  # pyright: ignore[reportMissingImports]

    return "\n".join(lxml_html.fromstring(Readable(html).summary()).itertext())


def _resiliparse(html: str, comments: bool) -> str:
    return extract_plain_text(HTMLTree.parse(html), main_content=True, comments=comments, alt_texts=False)


TEACHERS: tuple[tuple[float, Callable[[str], str]], ...] = (
    (2.0, lambda html: trafilatura.extract(html) or ""),
    (2.0, lambda html: trafilatura.extract(html, favor_recall=True) or ""),
    (1.0, lambda html: trafilatura.extract(html, favor_precision=True) or ""),
    (0.7, lambda html: _resiliparse(html, True)),
    (0.7, lambda html: _resiliparse(html, False)),
    (1.5, _readability),
)
"""Weights and extractors."""


def host_of(url: str) -> str:
    """Return the host of a URL without `www.`."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


def web_pages(warcs: Iterable[Path], without: frozenset[str]) -> Iterator[WebPage]:
    """Yield different pages of WARC files, a few of each host, none of the hosts `without`."""
    of_host: Counter[str] = Counter()
    seen: set[bytes] = set()
    for path in warcs:
        source = InputFile(str(path), path.name, "web", SourceKind.WARC)
        for record in read(source, IngestConfig()):
            if not isinstance(record, Document) or record.markup is not Markup.HTML or not record.raw:
                continue
            host = host_of(record.url or "")
            if host in without or of_host[host] >= _PAGES_OF_A_HOST or record.raw in seen:
                continue
            of_host[host] += 1
            seen.add(record.raw)
            yield WebPage(host, decode_html(record.raw, record.charset)[0])


def taught(html: str) -> list[str]:
    """Return what each teacher keeps of a page, "" where one fails."""
    out: list[str] = []
    for _, extract in TEACHERS:
        try:
            out.append(extract(html))
        except Exception as error:  # a teacher's crash on one page is that teacher's silence
            logging.debug("%r", error)
            out.append("")
    return out


def labelled_pages(path: Path) -> Iterator[WebPage]:
    """Yield the pages of JSON lines, .xz, with `html`, `host`, `gold_text` or phrases."""
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            kept, left_out = row.get("gold_include") or (), row.get("gold_exclude") or ()
            yield WebPage(row["host"], row["html"], row.get("gold_text") or "", tuple(kept), tuple(left_out))


def example(source: WebPage) -> Example | None:
    """Return the blocks of a page with their labels, or None where it has no text."""
    page, slots = page_blocks(source.html, ExtractConfig())
    texts = [
        slots.expand(page.text[start:end].decode("utf-8", "replace"))
        for start, end in page.blocks[:, (Block.START, Block.END)].tolist()
    ]
    tokens = [tokens_of(text) for text in texts]
    if not any(tokens):
        return None
    if source.gold:
        labels, trust = gold_shares(tokens, source.gold), 1.0
    else:
        labels, trust = _taught_shares(source.html, compared_texts(page, slots)), _TAUGHT_WEIGHT
        set_phrases(texts, labels, source.kept, source.left_out)
    weights = np.sqrt((page.blocks[:, Block.CHARS] + page.blocks[:, Block.SLOT_CHARS]) / 5 + 0.5)
    weights = trust * weights / weights.sum() ** 0.7
    return Example(source.host, block_features(page), labels, weights, page, tokens, source.gold)


def _taught_shares(html: str, texts: Sequence[str]) -> Floats:
    votes = [weight * kept(texts, output) for (weight, _), output in zip(TEACHERS, taught(html), strict=True)]
    return np.sum(votes, axis=0) / sum(weight for weight, _ in TEACHERS)


def compared_texts(page: Page, slots: Slots) -> list[str]:
    """Return the letters and digits of each block as teachers may have kept them.

    Teachers mangle formulas and code: of a block with such, the longest piece between them
    is compared, or nothing where it is short.
    """
    out: list[str] = []
    for start, end in page.blocks[:, (Block.START, Block.END)].tolist():
        pieces = slots.pieces(page.text[start:end].decode("utf-8", "replace"))
        words = [_NO_WORD.sub("", piece.lower()) for piece in pieces]
        longest = max(words, key=len)
        out.append(longest if len(words) == 1 or len(longest) >= _LONG_CHARS else "")
    return out


def kept(texts: Sequence[str], output: str) -> Floats:
    """Return 1 for each text that an output holds, else 0; letters and digits only are compared."""
    whole = _NO_WORD.sub("", output.lower())
    lines = {_NO_WORD.sub("", line.lower()) for line in output.split("\n")}
    found = np.zeros(len(texts))
    silent: list[int] = []
    for k, text in enumerate(texts):
        before = texts[k - 1] if k else ""
        behind = texts[k + 1] if k + 1 < len(texts) else ""
        if not text:
            silent.append(k)
        elif len(text) >= _LONG_CHARS:
            found[k] = text in whole or (
                len(text) > 2 * _EDGE_CHARS and text[:_EDGE_CHARS] in whole and text[-_EDGE_CHARS:] in whole
            )
        elif text in whole:
            beside = (len(before) > 3 and before + text in whole) or (
                len(behind) > 3 and text + behind in whole
            )
            found[k] = text in lines or beside
    for k in silent:  # goes with what stands before or behind
        found[k] = max(
            found[k - 1] if k else 0, next((found[j] for j in range(k + 1, len(texts)) if texts[j]), 0)
        )
    return found


def fold_of_hosts(examples: Sequence[Example]) -> NDArray[np.int64]:
    """Return the fold of each example, i64 [examples]: all pages of a host are in one."""
    hosts = sorted({one.host for one in examples}, key=lambda host: hashlib.md5(host.encode()).digest())
    folds = {host: place % _FOLDS for place, host in enumerate(hosts)}
    return np.array([folds[one.host] for one in examples])


def fit_first(examples: Sequence[Example]) -> tuple[Forest, list[Floats]]:
    """Return the first forest, and what it says of the blocks of each page when fitted without its host."""
    data = _dataset(examples, [one.features for one in examples], _PARAMETERS)
    folds = fold_of_hosts(examples)
    fold_of_block = np.repeat(folds, [len(one.labels) for one in examples])
    unseen = [np.empty(0)] * len(examples)
    for fold in range(_FOLDS):
        forest = _fitted(data.subset(np.flatnonzero(fold_of_block != fold)), _PARAMETERS, _TREES)
        for k in np.flatnonzero(folds == fold).tolist():
            unseen[k] = first_look(examples[k].features, forest)
    return _fitted(data, _PARAMETERS, _TREES), unseen


def fit_second(examples: Sequence[Example], unseen: Sequence[Floats]) -> Forest:
    """Return the second forest, of what the first says of the blocks of each page."""
    figures = [
        around_features(one.page, one.features, said) for one, said in zip(examples, unseen, strict=True)
    ]
    return _fitted(_dataset(examples, figures, _SECOND_PARAMETERS), _SECOND_PARAMETERS, _SECOND_TREES)


def _dataset(
    examples: Sequence[Example], figures: Sequence[NDArray[np.float32]], parameters: dict[str, Any]
) -> Any:
    import lightgbm  # pyright: ignore[reportMissingImports]

    weights = np.concatenate([one.weights for one in examples])
    labels = np.concatenate([one.labels for one in examples])
    data = lightgbm.Dataset(
        np.concatenate(figures), labels, weight=weights / weights.mean(), params=parameters
    )
    return data.construct()


def _fitted(data: Any, parameters: dict[str, Any], n_trees: int) -> Forest:
    import lightgbm  # pyright: ignore[reportMissingImports]

    trees = lightgbm.train(parameters, data, n_trees).dump_model()["tree_info"]
    nodes: list[list[float]] = []
    roots: list[int] = []
    for tree in trees:
        roots.append(len(nodes))
        _lay_out(tree["tree_structure"], nodes)
    table = np.array(nodes)
    ways, values = table[:, (0, 2)].astype(np.int16), table[:, 1].astype(np.float32)
    return Forest(ways, values, np.array(roots, dtype=np.int32))


def _lay_out(node: dict[str, Any], nodes: list[list[float]]) -> None:
    """Add a node, all to its left, all to its right."""
    place = len(nodes)
    if "split_feature" not in node:
        nodes.append([-1.0, node["leaf_value"], 0.0])
        return
    nodes.append([node["split_feature"], node["threshold"], 0.0])
    _lay_out(node["left_child"], nodes)
    nodes[place][2] = float(len(nodes) - place)
    _lay_out(node["right_child"], nodes)


def cross_validated(examples: Sequence[Example], unseen: Sequence[Floats]) -> list[tuple[str, float]]:
    """Return (host, token F1) of each page with people's text, by forests that saw no page of its host.

    `unseen`: what the first forest says of such pages. That of other pages, from which the second learns
    here, is of forests that did see the host.
    """
    folds = fold_of_hosts(examples)
    out: list[tuple[str, float]] = []
    for fold in range(_FOLDS):
        others = np.flatnonzero(folds != fold).tolist()
        second = fit_second([examples[k] for k in others], [unseen[k] for k in others])
        for k in np.flatnonzero(folds == fold).tolist():
            one = examples[k]
            if one.gold:
                probability = second_look(one.page, one.features, unseen[k], second)
                chosen = chosen_blocks(one.page, probability)[0]
                found = [token for k in chosen.tolist() for token in one.tokens[k]]
                out.append((one.host, token_f1(found, tokens_of(one.gold))))
    return out


def write_model(path: Path, forests: Forests) -> None:
    """Write a model and, beside it, the pin without which it is not loaded."""
    np.savez_compressed(path, **arrays_of(forests))  # pyright: ignore[reportArgumentType]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    pin = f'file = "{path.name}"\nsha256 = "{sha256}"\n'
    path.with_suffix(".toml").write_text(_PIN_COMMENT + pin, encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write a model learned from labelled pages and WARC files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("warcs", type=Path, nargs="*")
    parser.add_argument("--pages", type=Path, required=True, help="JSON lines, .xz, with people's texts")
    parser.add_argument("--cross-validate", action="store_true", help="print the F1 of hosts left out")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--without-hosts", type=Path, help="JSON lines, .xz, whose `url`s' hosts are left out"
    )
    options = parser.parse_args(arguments)
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    without: frozenset[str] = frozenset()
    if options.without_hosts:
        with lzma.open(options.without_hosts, "rt", encoding="utf-8") as lines:
            without = frozenset(host_of(json.loads(line).get("url") or "") for line in lines) - {""}
    pages = [*labelled_pages(options.pages), *web_pages(options.warcs, without)]
    pages = [page for page in pages if page.host not in without]
    examples = [one for page in pages if (one := example(page)) is not None]
    first, unseen = fit_first(examples)
    write_model(options.out, Forests(first, fit_second(examples, unseen)))
    blocks = sum(len(one.labels) for one in examples)
    print(f"{len(examples)} pages of {len({page.host for page in pages})} hosts, {blocks} blocks")
    if options.cross_validate:
        found = [score for _, score in cross_validated(examples, unseen)]
        print(f"F1 of {len(found)} pages, their hosts left out: {math.fsum(found) / len(found):.4f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
