"""The section of the report on what changed since the parent snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from corpusforge.printable import json_text
from corpusforge.report.html import count, escape, section, table
from corpusforge.report.summary import Summary, summarise

_SETTINGS_SHOWN = 60
_VALUE_CHARS = 120
_NONE = "none"


def parent_section(header: Mapping[str, Any], parent: Mapping[str, Any] | None) -> str:
    """Return the change from the parent as HTML: documents, tokens, records, inputs, settings.

    `header` and `parent` are of their indexes; `parent` is None where there is none, or where it is gone.
    """
    if not header.get("parent"):
        return ""
    told = f"<p>Parent snapshot <code>{escape(str(header['parent']))}</code>.</p>"
    if parent is None:
        return section("Change from the parent", f"{told}<p>Its index is not in this corpus.</p>")
    before, after = summarise(parent.get("conservation", {})), summarise(header.get("conservation", {}))
    parts = [
        told,
        _by_domain(before, after),
        _by_source(before, after),
        _inputs(parent, header),
        _settings(parent, header),
    ]
    return section("Change from the parent", "".join(parts))


def _by_domain(before: Summary, after: Summary) -> str:
    keys = list(dict.fromkeys([*after.domains, *before.domains]))
    rows = [
        [
            escape(key),
            *_change(
                *(side.domains[key].documents if key in side.domains else 0 for side in (before, after))
            ),
            *_change(*(side.domains[key].tokens if key in side.domains else 0 for side in (before, after))),
        ]
        for key in keys
    ]
    total = [
        "all",
        *_change(before.whole.documents, after.whole.documents),
        *_change(before.whole.tokens, after.whole.tokens),
    ]
    columns = ["domain", "documents before", "now", "change", "tokens before", "now", "change"]
    return table(columns, rows, total=total)


def _by_source(before: Summary, after: Summary) -> str:
    sides = [{source.source: source for source in side.sources} for side in (before, after)]
    names = sorted(sides[0].keys() | sides[1].keys())
    rows = [
        [
            escape(name),
            *_change(*(side[name].records_in if name in side else 0 for side in sides)),
            *_change(*(side[name].dropped if name in side else 0 for side in sides)),
        ]
        for name in names
    ]
    columns = ["source", "records before", "now", "change", "dropped before", "now", "change"]
    return "<h3>Records by source</h3>" + table(columns, rows)


def _change(before: int, after: int) -> list[str]:
    return [count(before), count(after), f"{after - before:+,}" if after != before else "0"]


def _inputs(parent: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    if parent.get("plan") or header.get("plan"):
        told = " and ".join(count(side.get("n_inputs") or len(side["inputs"])) for side in (parent, header))
        return f"<p>Parts before and now: {told}.</p>"
    old, new = ({str(row.get("part_id")) for row in side.get("inputs", ())} for side in (parent, header))
    return (
        f"<p>Parts: {count(len(old & new))} are in both, {count(len(new - old))} are new, "
        f"{count(len(old - new))} are gone.</p>"
    )


def _settings(parent: Mapping[str, Any], header: Mapping[str, Any]) -> str:
    old, new = (dict(_flat(side.get("config", {}))) for side in (parent, header))
    old["code version"], new["code version"] = (str(side.get("code_version")) for side in (parent, header))
    names = [name for name in sorted(old.keys() | new.keys()) if old.get(name, _NONE) != new.get(name, _NONE)]
    if not names:
        return "<p>The settings are the same.</p>"
    rows = [
        [f"<code>{escape(name)}</code>", *(escape(_cut(side.get(name, _NONE))) for side in (old, new))]
        for name in names[:_SETTINGS_SHOWN]
    ]
    more = (
        f"<p>{count(len(names) - _SETTINGS_SHOWN)} more differ.</p>" if len(names) > _SETTINGS_SHOWN else ""
    )
    return "<h3>Settings that differ</h3>" + table(["setting", "before", "now"], rows, words=3) + more


def _cut(value: str) -> str:
    return value if len(value) <= _VALUE_CHARS else value[:_VALUE_CHARS] + "…"


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Yield (`label.math_threshold`, JSON) of each setting."""
    if isinstance(value, dict) and value:
        for key, entry in cast("dict[str, Any]", value).items():
            yield from _flat(entry, f"{name}.{key}" if name else key)
    else:
        yield name, json_text(cast("object", value))
