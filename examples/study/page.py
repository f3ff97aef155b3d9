"""The page of a study: one HTML file without script or outside resource, every figure from study.json."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from charts import STYLE, curves, expert_map, intervals, table
from claims import AGAINST, REPEATS, UNDECIDED
from items import KINDS
from settings import KEYS

from corpusforge.report.html import count, escape
from corpusforge.report.style import STYLE as PAGE_STYLE

Figures = Mapping[str, Any]
_CLASS = {REPEATS: "down", AGAINST: "up", UNDECIDED: ""}


def page(study: Figures) -> str:
    """Return the page of what `figures.summary` found, with its `facts`."""
    sections = [
        _claims(study), _held_out(study), _items(study), _routing(study), _arms(study), _limits(study),
    ]  # fmt: skip
    facts = study["facts"]
    tail = (
        f"{len(study['arms'])} arms of {count(facts['budget_tokens'])} tokens, {facts['seeds']} seeds each: a "
        f"mixture-of-experts model of {count(study['parameters'])} parameters, on {escape(facts['device'])}"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>The study in miniature: {escape(facts['settings'])}</title>\n<style>\n{PAGE_STYLE}{STYLE}</style>"
        f"</head>\n<body><main><header><h1>The study in miniature</h1><p>{tail}</p></header>\n"
        + "\n".join(sections)
        + "\n</main></body></html>\n"
    )


def _names(found: Figures) -> list[str]:
    """Return the keys or kinds of a group in the page's order."""
    return [name for name in (*KEYS, *KINDS) if name in found]


def _section(title: str, *parts: str) -> str:
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def _note(text: str) -> str:
    return f"<p>{text}</p>"


def _plus_minus(one: Figures, form: str = ".3f") -> str:
    return f"{one['mean']:{form}}<small>± {one['half']:{form.lstrip('+')}}</small>"


def _change(one: Figures, *, less_is_better: bool) -> str:
    """Return a change, coloured where its interval does not hold zero."""
    text = _plus_minus(one, "+.3f")
    if abs(one["mean"]) <= one["half"]:
        return text
    return f'<span class="{"up" if (one["mean"] > 0) == less_is_better else "down"}">{text}</span>'


def _claims(study: Figures) -> str:
    verdicts = Counter(claim["verdict"] for claim in study["claims"])
    said = ", ".join(f"{verdicts[name]} {name}" for name in (REPEATS, AGAINST, UNDECIDED) if verdicts[name])
    rows = [
        [
            f"{escape(claim['text'])}<small>{escape(claim['arm'])} against {escape(claim['base'])}, on "
            f"{escape(', '.join(name for _, name in claim['read']))}; expected: {escape(claim['expected'])}</small>",
            f'{_plus_minus(claim["change"], "+.3f")}<br><span class="badge {_CLASS[claim["verdict"]]}">'
            f"{claim['verdict']}</span>",
        ]
        for claim in study["claims"]
    ]
    return _section(
        "What repeats of the study's direction",
        _note(
            f"Of {len(study['claims'])} comparisons: {said}. The change is in bits per character, mean over seeds "
            "with its 95 % interval; an interval that holds zero tells nothing apart."
        ),
        table(["", "change"], rows, first="first wrap"),
    )


def _table_of(study: Figures, group: str, measure: str) -> str:
    """Return a table: a row for each arm, the whole mixture in figures and the others as changes to it."""
    names = _names(study["read"][group])
    less = measure == "bits_per_char"
    rows: list[Sequence[str]] = []
    for arm in study["arms"]:
        if arm == "full":
            cells = [_plus_minus(study[group][measure][arm][name]) for name in names]
        else:
            found = study[f"{group}_against_full"][measure][arm]
            cells = [_change(found[name], less_is_better=less) for name in names]
        rows.append([escape(arm), *cells])
    return table(["arm", *map(escape, names)], rows)


def _panels(study: Figures, group: str) -> str:
    changes = study[f"{group}_against_full"]["bits_per_char"]
    panels = [
        f"<div>{intervals(name, {arm: changes[arm][name] for arm in study['arms'] if arm != 'full'})}</div>"
        for name in _names(study["read"][group])
    ]
    return f'<div class="panels">{"".join(panels)}</div>'


_ABOUT = (
    "The first row is the whole mixture; the others are changes against it, coloured where the interval does "
    "not hold zero (red is worse)."
)


def _read(study: Figures, group: str, noun: str) -> str:
    read = study["read"][group]
    parts = [
        f"{escape(name)} {count(one['n_texts'])} ({count(one['n_tokens'])} tokens)"
        for name, one in ((name, read[name]) for name in _names(read))
    ]
    return f"{noun} read: {', '.join(parts)}."


def _held_out(study: Figures) -> str:
    share = study["facts"]["held_out_share"]
    return _section(
        "Held-out documents",
        _note(
            f"Bits per character, less is better. {share:.0%} of all documents, chosen by a hash of their text, "
            "stand in no arm; every sample of every arm was looked at. " + _ABOUT
        ),
        _table_of(study, "held_out", "bits_per_char"),
        "<h3>Change against the whole mixture, bits per character</h3>",
        _panels(study, "held_out"),
        "<h3>Next-token accuracy</h3>",
        _table_of(study, "held_out", "accuracy"),
        _note(_read(study, "held_out", "Documents")),
    )


def _items(study: Figures) -> str:
    left_out = study["facts"]["items_left_out"]
    gone = ", ".join(f"{escape(kind)} {number}" for kind, number in left_out.items()) or "none"
    return _section(
        "Benchmark-like items",
        _note(
            "Items made for this page, after the kinds of the study's benchmarks; only answers are measured. "
            f"Left out because a document of the corpus holds their last twelve words: {gone}. {_ABOUT}"
        ),
        "<h3>Bits per character</h3>",
        _table_of(study, "items", "bits_per_char"),
        "<h3>Next-token accuracy</h3>",
        _table_of(study, "items", "accuracy"),
        _note(_read(study, "items", "Items")),
    )


def _routing(study: Figures) -> str:
    routing = study["routing"]
    names = routing["names"]
    rows = [["two seeds, whole mixture", *_spreads(routing["between_seeds"], names)]]
    against = {arm: routing["against_full"][arm] for arm in study["arms"] if arm != "full"}
    rows += [[escape(arm), *_spreads(found, names)] for arm, found in against.items()]
    above = [
        arm for arm, found in against.items() if found["all"]["low"] > routing["between_seeds"]["all"]["high"]
    ]
    said = (
        f"Further from the whole mixture than any two of its seeds from each other: {', '.join(map(escape, above))}."
        if above
        else "No arm is further from the whole mixture than its own seeds are from each other."
    )
    between = [
        [escape(name), *(f"{value:.2f}" if n != place else "" for n, value in enumerate(row))]
        for place, (name, row) in enumerate(zip(names, routing["between_domains"], strict=True))
    ]
    return _section(
        "Experts by domain",
        _note("Share of each expert in the tokens of held-out documents, whole mixture, mean over seeds."),
        expert_map(names, routing["shares"]),
        "<h3>How far the experts of two domains are apart, within one model</h3>",
        table(["", *map(escape, names)], between),
        "<h3>How far arms are apart</h3>",
        _note(
            "Total variation of the shares (0 alike, 1 disjoint), mean over layers, once the experts of one model "
            "are renumbered to fit the other; mean over seeds, with the least and the largest. " + said
        ),
        table(["", *map(escape, names), "all"], rows),
    )


def _spreads(found: Figures, names: Sequence[str]) -> list[str]:
    return [
        f"{found[name]['mean']:.3f}<small>{found[name]['low']:.2f}-{found[name]['high']:.2f}</small>"
        for name in [*names, "all"]
    ]


def _arms(study: Figures) -> str:
    keys = [key for key in KEYS if any(key in study["planned"][arm] for arm in study["arms"])]
    titles = study["facts"]["titles"]
    rows = [
        [
            f"{escape(arm)}<small>{escape(titles[arm])}</small>",
            *(count(study["planned"][arm].get(key, 0)) for key in keys),
            count(sum(study["planned"][arm].values())),
            count(sum(study["trained"][arm].values())),
        ]
        for arm in study["arms"]
    ]
    unmatched = study["facts"]["unmatched_tokens"].get("matched_swap", 0)
    return _section(
        "Tokens of the arms",
        _note(
            "As planned, and as counted in the models' own routers while they trained; the study ends with an error "
            f"where these differ. The matched swap brings in {count(unmatched)} tokens that match nothing."
        ),
        table(["arm", *map(escape, keys), "planned", "trained on"], rows),
        "<h3>Training loss, nats per token</h3>",
        curves({arm: study["losses"][arm] for arm in study["arms"]}),
    )


def _limits(study: Figures) -> str:
    facts, model = study["facts"], study["facts"]["model"]
    made = (
        "The dumps are made: sentences, lessons and programs filled in from templates, which documents and held-out "
        "documents share. A difference here says that arms are built and measured right, and nothing about real text."
        if facts["dumps"] == "made"
        else "The dumps were given; items and the choice of measures are this page's own."
    )
    before, last = study["losses"]["full"][-2:] if len(study["losses"]["full"]) > 1 else (1.0, 1.0)
    limits = [
        made,
        f"In the last of {len(study['losses']['full'])} stretches of training the loss of the whole mixture fell by "
        f"{(before - last) / before:.1%}: a longer training would change every figure.",
        f"The study trained on some ten trillion tokens; these models on {count(facts['budget_tokens'])}. What is not "
        "told apart here may be there, and the other way round.",
        "Seeds change how a model begins. The order of samples is the plan's, the same for all: intervals hold no "
        "variance of data, corpus or order.",
        f"{len(study['claims'])} comparisons at 95 % each: one in twenty may be told apart by chance.",
        f"The vocabulary is the {count(facts['vocabulary'] - 1)} most frequent tokens of the whole mixture; others "
        f"({facts['rare_share']:.2%} of its tokens) count as one, and what it costs to say which is in the bits.",
        "A document's first token is not predicted; long documents are read in rows of "
        f"{facts['sequence_length']} tokens, each without what stands before it.",
    ]
    rows = [
        ["settings", escape(facts["settings"])],
        ["layers, width, experts, of which used", f"{model['n_layers']}, {model['width']}, {model['n_experts']}, {model['top_k']}"],
        ["samples, tokens each", f"{count(facts['budget_tokens'] // facts['sequence_length'])}, {facts['sequence_length']}"],
        ["corpus", f"{count(facts['documents'])} documents, {count(sum(facts['corpus_tokens'].values()))} tokens"],
        ["snapshot", f"<code>{escape(facts['snapshot'])}</code>"],
        ["plan", f"<code>{escape(facts['plan'])}</code>"],
        ["digest of settings, code, plan", f"<code>{escape(facts['digest'])}</code>"],
    ]  # fmt: skip
    return _section(
        "What this cannot say, and what it was made with",
        f"<ul>{''.join(f'<li>{one}</li>' for one in limits)}</ul>",
        table(["", ""], rows),
    )
