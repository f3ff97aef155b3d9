"""Corpora made by a hostile hand: an index, manifest, plan, table or CURRENT changed, all checksums made right.

`mutations(seed)` gives (name, function of a copy of a corpus): what each makes must be refused. Left out is
what is only another true statement: another name, another text of a version, the seed everywhere at once.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corpusforge.mixture.sampletable import FIRSTS_DTYPE, STRETCH
from corpusforge.shards.format import shard_id

Change = Callable[[Any], object]

FREE_TEXT = ("corpus_id", "code_version", "name", "package", "version", "vocabulary_sha256", "probe_sha256",
             "recipe_sha256", "digest", "parent", "crc32", "selection", "config")  # fmt: skip
"""Values, or objects of values, of which another of the same type may be as true."""
FREE_NUMBERS = ("max_id", "index", "unmatched_tokens", "bytes_in", "bytes", "special_ids", "budget_tokens")
"""Likewise; and `max_id`, which no reader uses: that it is too high, `verify` alone finds, who reads all tokens."""
OPTIONAL = ("parent", "conservation", "rows", "sources", "config")
"""Below or at these a key may be left out; `parent` may be null."""


def dumps(value: object) -> bytes:
    """As every file of a corpus is written, but that what is no JSON number goes through."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def sealed(value: dict[str, Any], key: str) -> dict[str, Any]:
    rest = {name: entry for name, entry in value.items() if name != key}
    return {**rest, key: hashlib.sha256(dumps(rest)).hexdigest()[:32]}


class Copy:
    """A corpus, its files linked: what is changed is written anew."""

    def __init__(self, corpus: Path, plan: str, root: Path) -> None:
        self.root, self.plan = root, root / "plans" / plan
        shutil.copytree(corpus, root, copy_function=os.link)

    @property
    def folder(self) -> Path:
        return self.root / "snapshots" / (self.root / "CURRENT").read_text().strip()

    def put(self, path: Path, data: bytes) -> None:
        path.unlink(missing_ok=True)
        path.write_bytes(data)

    def edit_index(self, change: Change) -> None:
        """Change the JSON of the index and seal it again: its folder, CURRENT and the plan follow."""
        folder = self.folder
        value = json.loads((folder / "index.json").read_bytes())
        change(value)
        value = sealed(value, "snapshot")
        self.put(folder / "index.json", dumps(value))
        self._follow(folder, value["snapshot"])

    def raw_index(self, data: bytes) -> None:
        self.put(self.folder / "index.json", data)

    def _follow(self, folder: Path, snapshot: str) -> None:
        folder.rename(folder.parent / snapshot)
        self.put(self.root / "CURRENT", f"{snapshot}\n".encode())
        self.edit_plan(lambda plan: plan.update(snapshot=snapshot))

    def edit_plan(self, change: Change) -> None:
        value = json.loads(self.plan.read_bytes())
        change(value)
        self.put(self.plan, dumps(sealed(value, "id")))

    def edit_table(self, change: Callable[[Any, Any], tuple[Any, Any]]) -> None:
        """Change the arrays of the first row's table; the plan names the new ones."""

        def adopt(plan: dict[str, Any]) -> None:
            table = next(row["table"] for row in plan["arms"]["full"]["rows"] if row["table"])
            samples, old = self.root / "plans" / "samples", table["id"]
            stretches = np.fromfile(samples / f"{old}.stretches", STRETCH)
            firsts = np.fromfile(samples / f"{old}.firsts", FIRSTS_DTYPE)
            data = [np.asarray(array).tobytes() for array in change(stretches, firsts)]
            digests = [hashlib.sha256(one).hexdigest() for one in data]
            new = {"id": shard_id(digests), "stretches_sha256": digests[0], "firsts_sha256": digests[1]}
            for arm in plan["arms"].values():
                for row in arm["rows"]:
                    if row["table"] and row["table"]["id"] == old:
                        row["table"].update(new)
            for kind, one in zip(("stretches", "firsts"), data, strict=True):
                self.put(samples / f"{new['id']}.{kind}", one)

        self.edit_plan(adopt)

    def edit_manifest(self, name: str, change: Callable[[Any], Any]) -> None:
        """Change an array of the manifest; the index names the new one."""
        path = self.folder / name
        changed = change(np.load(path))
        if isinstance(changed, bytes):
            data = changed
        else:
            stream = io.BytesIO()
            np.save(stream, changed, allow_pickle=True)
            data = stream.getvalue()
        self.put(path, data)
        self.edit_index(lambda index: index["manifest"].update({name: hashlib.sha256(data).hexdigest()}))

    def link_out(self, path: Path, outside: Path) -> None:
        """Put a link to a copy that lies outside the corpus in the place of a file or a folder."""
        outside.mkdir(parents=True, exist_ok=True)
        target = outside / path.name
        path.rename(target)
        path.symlink_to(target)


Mutation = tuple[str, Callable[[Copy], object]]


def places(value: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value of a JSON value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in items:
        yield (*path, key)
        yield from places(entry, (*path, key))


def at(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


def wrong_values(path: tuple[Any, ...], value: object) -> list[object]:
    """Return what must not stand in the place of a value."""
    deep = [[]]
    others: list[object] = [
        None,
        True,
        1.5,
        -1,
        2**70,
        "x",
        "../../outside",
        "a\0b",
        [],
        {},
        deep,
        float("nan"),
    ]
    kept: list[object] = []
    for other in others:
        same_type = type(other) is type(value) or (value is None and isinstance(other, str))
        if same_type and (any(name in FREE_TEXT for name in path) and not str(path[-1]).endswith("sha256")):
            continue
        if other == value or (other is None and path[-1] in OPTIONAL):
            continue
        kept.append(other)
    if isinstance(value, int) and not isinstance(value, bool) and not set(path) & set(FREE_NUMBERS):
        kept += [value + 10**6, value + 1] if path[-1] != "seed" else [value + 1]
    return kept


def of_json(
    value: dict[str, Any], chance: random.Random, count: int, seal_key: str, skip: tuple[str, ...] = ()
) -> Iterator[tuple[str, Change]]:
    """Yield so many (name, change) of a JSON object: a key away, a wrong value, a key too many.

    Its own hash is left out: sealing makes it right again.
    """
    ways = [way for way in places(value) if not set(way) & {"config", *skip} and way != (seal_key,)]
    for _ in range(count):
        way = chance.choice(ways)
        holder = at(value, way[:-1])
        shown = ".".join(map(str, way))
        kind = chance.randrange(8)
        if (
            kind == 0
            and isinstance(holder, dict)
            and not {*way} & {*OPTIONAL, "special_ids", "arms", "subsets"}
        ):
            yield f"{shown} away", lambda v, way=way: at(v, way[:-1]).pop(way[-1])
        elif (
            kind == 1
            and isinstance(holder, dict)
            and not {*way} & {"special_ids", "conservation", "inputs", "arms", "subsets"}
        ):
            yield f"{shown} and a key more", lambda v, way=way: at(v, way[:-1]).update({"more": 1})
        else:
            wrong = chance.choice(wrong_values(way, at(value, way)))
            yield (
                f"{shown} = {str(wrong)[:20]!r}",
                lambda v, way=way, wrong=wrong: at(v, way[:-1]).__setitem__(way[-1], wrong),
            )


def recount(index: dict[str, Any]) -> None:
    """Make the totals those of the shards."""
    names = {"n_docs": "n_docs", "n_tokens": "n_tokens", "bytes": "bytes"}
    totals: dict[str, Any] = {"n_shards": 0, **dict.fromkeys(names, 0), "subsets": {}}
    for row in index["shards"]:
        entry = totals["subsets"].setdefault(
            f"{row['domain']}/{row['subset']}", {"n_shards": 0, **dict.fromkeys(names, 0)}
        )
        for counts in (totals, entry):
            counts["n_shards"] += 1
            for name in names:
                counts[name] += row[name]
    index["totals"] = totals
    index["conservation"].pop("rows", None)


def _row(number: int, **fields: object) -> Change:
    def change(index: dict[str, Any]) -> None:
        row = index["shards"][number]
        row.update(fields)
        recount(index)

    return change


def _new_id(number: int, field: str) -> Change:
    """Another sha256 of a file, and the id and paths that follow from it: the files are not there."""

    def change(index: dict[str, Any]) -> None:
        row = index["shards"][number]
        row[field] = "0" * 64
        old, row["id"] = (
            row["id"],
            shard_id([row[n] for n in ("sha256", "ends_sha256", "docs_sha256", "text_sha256")]),
        )
        row["paths"] = {kind: path.replace(old, row["id"]) for kind, path in row["paths"].items()}

    return change


def of_index(index: dict[str, Any]) -> Iterator[tuple[str, Change]]:
    """Yield changes of an index that keep its shape and its totals."""
    row = index["shards"][1]
    yield "shard twice", lambda v: (v["shards"].insert(1, dict(v["shards"][1])), recount(v))
    yield (
        "shard twice, as another",
        lambda v: (v["shards"].append({**v["shards"][-1], "index": 99}), recount(v)),
    )
    yield "shards out of order", lambda v: v["shards"].reverse()
    yield "no hashes of blocks", _row(1, xxh3=[], crc32=[])
    yield "a block too many", _row(1, xxh3=row["xxh3"] * 2, crc32=row["crc32"] * 2)
    yield "another hash of a block", _row(1, xxh3=["0" * 16])
    yield "one document more", _row(1, n_docs=row["n_docs"] + 1)
    yield "one document less", _row(1, n_docs=row["n_docs"] - 1)
    yield "a token more", _row(1, n_tokens=row["n_tokens"] + 1, bytes=row["bytes"] + 4)
    yield "half the tokens", _row(1, n_tokens=row["n_tokens"] // 2, bytes=row["n_tokens"] // 2 * 4)
    yield "no tokens", _row(1, n_tokens=0, bytes=0, n_docs=0, max_len=0)
    yield "no largest id", _row(1, max_id=0)
    yield "longest document longer", _row(1, max_len=row["max_len"] + 1)
    yield "longest document shorter", _row(1, max_len=row["max_len"] - 1)
    yield "all tokens in a domain", _row(1, domain="books", subset="generic")
    for field in ("sha256", "ends_sha256", "docs_sha256", "text_sha256"):
        yield f"another {field} and id", _new_id(1, field)
        yield f"another {field}", _row(1, **{field: "0" * 64})
    for name in ("../../../outside", "/etc", "..", "web/../../..", "gs://other/x", "a\0b", "", "WEB"):
        yield f"domain {name!r}", _row(1, domain=name)
        yield f"id {name!r}", _row(1, id=name)
        yield f"path {name!r}", _row(1, paths={**row["paths"], "tokens": name})
    for name in ("../../outside", "/etc/passwd", "a/b", "", ".", "x" * 200):
        yield f"plan of parts {name[:20]!r}", lambda v, name=name: v.update(inputs=[], plan=name, n_inputs=1)
        yield f"part {name[:20]!r}", lambda v, name=name: v["inputs"][0].update(part_id=name)
        yield f"tokenizer {name[:20]!r}", lambda v, name=name: v["tokenizer"].update(file_sha256=name)
    yield "another end of a document", lambda v: v["tokenizer"].update(eos_id=100258)
    yield "tokens of 16 bits", lambda v: v.update(dtype="<u2")
    yield "big-endian", lambda v: v.update(endianness="big")
    yield "another configuration", lambda v: v["config"].update(seed=8)
    yield "records that do not add up", lambda v: v["conservation"]["sources"]["s"].update(kept=1)
    yield "documents that do not add up", lambda v: v["conservation"]["rows"][0].update(documents=1)
    yield "schema version 2", lambda v: v.update(schema_version=2)
    yield "schema version 1.0", lambda v: v.update(schema_version=1.0)
    yield "its own parent", lambda v: v.update(parent="..")
    yield (
        "shards and manifest",
        lambda v: v.update(
            manifest=dict.fromkeys(("manifest.npy", "blocks.npy", "manifest.parquet"), "0" * 64)
        ),
    )


def of_manifest() -> Iterator[Mutation]:
    """Yield changes of the arrays of a manifest."""
    changes: list[tuple[str, str, Callable[[Any], Any]]] = [
        ("no rows", "manifest.npy", lambda a: a[:0]),
        ("a row less", "manifest.npy", lambda a: a[1:]),
        ("two axes", "manifest.npy", lambda a: a.reshape(1, -1)),
        ("other fields", "manifest.npy", lambda a: np.zeros(len(a), "<u8")),
        ("Python objects", "manifest.npy", lambda a: np.array([{}] * len(a), object)),
        ("no array", "manifest.npy", lambda a: b"\x93NUMPY\x01\x00\x10\x00(((((((((((((((("),
        ("empty", "manifest.npy", lambda a: b""),
        ("a header that lies", "manifest.npy", lambda a: _npy_of(a, 10**12)),
        ("blocks of another kind", "blocks.npy", lambda a: a["xxh3"].copy()),
        ("a block less", "blocks.npy", lambda a: a[1:]),
        ("another hash", "blocks.npy", lambda a: _with(a, "xxh3", 0)),
    ]
    for name, values in {
        "id": b"../x",
        "domain": b"..",
        "subset": b"a/b",
        "bytes": 2**63,
        "n_tokens": 0,
        "n_docs": 2**64 - 1,
        "max_len": 0,
        "max_id": 2**40,
        "sha256": b"",
        "state": b"draft",
        "n_blocks": 2**64 - 1,
        "ends_sha256": b"\xff" * 64,
    }.items():
        changes.append(
            (f"{name} = {values!r}", "manifest.npy", lambda a, name=name, v=values: _with(a, name, v))
        )
    for label, file, change in changes:
        yield f"manifest: {label}", lambda copy, file=file, change=change: copy.edit_manifest(file, change)
    yield "manifest: missing", lambda copy: (copy.folder / "manifest.npy").unlink()


def _with(array: Any, name: str, value: object) -> Any:
    changed = array.copy()
    changed[name][0] = value
    return changed


def _npy_of(array: Any, length: int) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    data = stream.getvalue()
    old, new = f"({len(array)},), }}".encode(), f"({length},), }}".encode()
    assert old + b" " * (len(new) - len(old)) in data
    return data.replace(old + b" " * (len(new) - len(old)), new, 1)


def of_tables() -> Iterator[Mutation]:
    """Yield changes of the sample table of a packed plan."""

    def field(name: str, value: int) -> Callable[[Any, Any], tuple[Any, Any]]:
        return lambda s, f: (_with(s, name, value), f)

    def first(place: int, value: int) -> Callable[[Any, Any], tuple[Any, Any]]:
        def change(s: Any, f: Any) -> tuple[Any, Any]:
            changed = f.copy()
            changed[place] = value
            return s, changed

        return change

    changes = {
        **{f"start {v}": field("start", v) for v in (2**20, 2**40, 2**64 - 1)},
        **{f"length {v}": field("length", v) for v in (0, 1, 2**20, 2**32 - 1)},
        **{f"shard {v}": field("shard", v) for v in (1000, 2**32 - 1)},
        **{f"first {p} = {v}": first(p, v) for p, v in ((0, 1), (1, 0), (1, 2**40), (2, 0), (-1, 0), (-1, 2**63), (-2, 2**64 - 1))},
        "a stretch less": lambda s, f: (s[:-1], f),
        "a stretch more": lambda s, f: (np.concatenate([s, s[:1]]), f),
        "a sample less": lambda s, f: (s, f[:-1]),
        "all in one sample": lambda s, f: (s, np.array([0, *([len(s)] * (len(f) - 1))], FIRSTS_DTYPE)),
        "empty": lambda s, f: (s[:0], f[:0]),
        "half an entry": lambda s, f: (np.frombuffer(s.tobytes()[:-7], np.uint8), f),
    }  # fmt: skip
    for name, change in changes.items():
        yield f"table: {name}", lambda copy, change=change: copy.edit_table(change)
    for kind in ("stretches", "firsts"):
        yield (
            f"table: no {kind}",
            lambda copy, kind=kind: next((copy.root / "plans/samples").glob(f"*.{kind}")).unlink(),
        )


def raw_documents(data: bytes, key: str) -> dict[str, bytes]:
    """Return what is no JSON object as a corpus writes it, by name."""
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000 + b"\n"
    return {
        "empty": b"", "null": b"null\n", "a list": b"[]\n", "deep": deep, "a string": b'"x"\n',
        "not a number": data.replace(b'"seed":7', b'"seed":NaN'),
        "beyond all floats": data.replace(b'"seed":7', b'"seed":1e999'),
        "long number": data.replace(b'"seed":7', b'"seed":' + b"9" * 5000),
        "key twice": data.replace(b'"seed":7', b'"seed":7,"seed":7'),
        "spaces": data.replace(b'"seed":7', b'"seed": 7'),
        "UTF-16": data.decode().encode("utf-16"), "BOM": b"\xef\xbb\xbf" + data, "no UTF-8": data + b"\xff",
        "cut": data[: len(data) // 2], "more behind": data + b"{}", "NUL": b"\0" * 100,
        "no seal": dumps({name: entry for name, entry in json.loads(data).items() if name != key}),
    }  # fmt: skip


def mutations(index: dict[str, Any], plan: dict[str, Any], seed: int) -> Iterator[Mutation]:
    """Yield every mutation of a corpus whose index holds its rows and whose plan is packed."""
    chance = random.Random(seed)
    for name, change in [*of_json(index, chance, 90, "snapshot", ("plan",)), *of_index(index)]:
        yield f"index: {name}", lambda copy, change=change: copy.edit_index(change)
    for name, change in of_json(plan, chance, 90, "id"):
        yield f"plan: {name}", lambda copy, change=change: copy.edit_plan(change)
    for name in ("../x", "/etc/passwd", "a\0b", "", "0" * 31, "G" * 32):
        yield f"plan: of {name!r}", lambda copy, name=name: copy.edit_plan(lambda v: v.update(snapshot=name))
        yield (
            f"plan: table {name!r}",
            lambda copy, name=name: copy.edit_plan(
                lambda v: v["arms"]["full"]["rows"][0]["table"].update(id=name)
            ),
        )
    yield (
        "plan: arm twice",
        lambda copy: copy.edit_plan(
            lambda v: v["arms"]["full"]["rows"].append(v["arms"]["full"]["rows"][-1])
        ),
    )
    yield "plan: no arms", lambda copy: copy.edit_plan(lambda v: v.update(arms={}))
    yield "plan: another order", lambda copy: copy.edit_plan(lambda v: v.update(order="none"))
    for name, data in raw_documents(dumps(index), "snapshot").items():
        yield f"index: {name}", lambda copy, data=data: copy.raw_index(data)
    for name, data in raw_documents(dumps(plan), "id").items():
        yield f"plan: {name}", lambda copy, data=data: copy.put(copy.plan, data)
    yield from of_tables()


def links(copy: Copy) -> list[Path]:
    """Return places of a corpus that a link may stand in for."""
    samples, shards = copy.root / "plans/samples", copy.root / "shards"
    return [copy.folder / "index.json", copy.folder, next(samples.glob("*.firsts")), next(samples.glob("*.stretches")),
            samples, next(shards.rglob("*.bin")), next(shards.rglob("*.ends.u64")), shards / "web", shards]  # fmt: skip


def of_current() -> dict[str, bytes]:
    """Return what CURRENT must not hold, by name."""
    return {
        "leaves": b"../../outside\n", "root": b"/etc/passwd\n", "empty": b"", "a line": b"\n", "NUL": b"\0" * 32,
        "capitals": b"A" * 32, "short": b"0" * 31, "long": b"0" * 10_000, "two": b"0" * 32 + b"\n" + b"0" * 32,
        "not there": b"0" * 32 + b"\n", "no ASCII": "é".encode() * 16, "bucket": b"gs://other/snapshot\n",
    }  # fmt: skip
