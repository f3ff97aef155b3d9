"""Flipped bytes in every file of a corpus and of unfinished builds: found with the file named, or not.

    python benches/flips.py --corpus 600 --unfinished 400 --resumed 60

A flip is one byte of one file, changed at a seeded random place: half of them in a file drawn from all
files, half at a byte drawn from all bytes. In a finished corpus (two snapshots, a plan of a mixture with
its table, repeats, leakage, a report), `verify` must name the file. An unfinished build is one that met
its end at a random write; there too `verify` must name the file. Of these, some are resumed with the
flip in place: the build ends naming the file, or with the bytes of a build that met nothing; where it
ends, what its line says is removed, and it is run again: the same bytes again.
A shard that was written before is not read again: it is in the snapshot, and `verify` names it.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from corpusforge.config import BuildConfig, load_config
from corpusforge.files import faults as storage
from corpusforge.mixture.plan import make_plan, write_plan
from corpusforge.mixture.recipe import parse_recipe
from corpusforge.parts.verify import verify_corpus
from corpusforge.report import write_report
from corpusforge_pipelines.build import build
from tests.pipelines.conftest import article, corpus_bytes, write_config, write_dumps

_REMOVE = re.compile(r"remove (\S+) and run the build again")
"""What the line of a damaged file says is to be done."""
_RECIPE = 'name="flips"\nbudget_tokens=8192\nsequence_length=256\npacking="best_fit"\n[weights]\nweb=1\n'
_SETTINGS = """
[ingest]
split_bytes = 4000
[dedup]
leakage = true
[dedup.repeats]
web = "paragraphs"
max_documents = 2
min_words = 5
"""
_POST = '<row Id="{id}" PostTypeId="{kind}" {more} CreationDate="2020-01-01" Score="3" Body="{body}" />\n'


class Stop:
    """Ends a build at its n-th write."""

    def __init__(self, at: int) -> None:
        self.at, self.writes = at, 0

    def __call__(self, operation: str, path: str) -> None:
        if operation == "write":
            self.writes += 1
            if self.writes >= self.at > 0:
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)


def write_sources(folder: Path) -> BuildConfig:
    """Write dumps of several kinds, split ones among them; return the configuration of a build of them."""
    write_dumps(folder / "dumps")
    shared = "A notice that stands below each of these texts, word for word, wherever it is found."
    rows = [{"id": f"r{n}", "text": f"{article(f'r{n}')}\n\n{shared}"} for n in range(8)]
    (folder / "dumps" / "ready-9.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    posts = folder / "dumps" / "math.stackexchange.com"
    posts.mkdir()
    body = ['<?xml version="1.0" encoding="utf-8"?>\n<posts>\n']
    for n in range(1, 25):
        text = "&lt;p&gt;" + article(f"q{n}", 6).replace("\n\n", " ") + "&lt;/p&gt;"
        body.append(_POST.format(id=2 * n, kind=1, more=f'Title="Question {n}" Tags="|a|"', body=text))
        body.append(_POST.format(id=2 * n + 1, kind=2, more=f'ParentId="{2 * n}"', body=text))
    (posts / "Posts.xml").write_text("".join([*body, "</posts>\n"]))
    path = write_config(folder, folder / "corpus")
    source = f'[[sources]]\nname = "math"\nkind = "stackexchange"\npaths = ["{posts}/Posts.xml"]\n'
    path.write_text(path.read_text() + source + _SETTINGS)
    return load_config(str(path))


def finish(config: BuildConfig, folder: Path) -> None:
    """Build two snapshots, a plan and reports of a corpus."""
    fewer = config.model_copy(update={"sources": config.sources[:-1]})
    for one in (fewer, config):
        build(one)
        write_report(config.output)
    write_plan(config.output, make_plan(config.output, parse_recipe(_RECIPE, "flips.toml")))


def draw(corpus: Path, rng: random.Random) -> tuple[Path, int, int]:
    """Return (file, offset, what its byte is changed by)."""
    files = [path for path in sorted(corpus.rglob("*")) if path.is_file() and path.stat().st_size]
    sizes = [path.stat().st_size for path in files]
    [path] = rng.choices(files, sizes) if rng.random() < 0.5 else [rng.choice(files)]
    return path, rng.randrange(path.stat().st_size), rng.randrange(1, 256)


def flip(path: Path, at: int, by: int) -> None:
    """Change one byte; doing it twice changes nothing."""
    with open(path, "r+b") as stream:
        stream.seek(at)
        [value] = stream.read(1)
        stream.seek(at)
        stream.write(bytes([value ^ by]))


def verdict(corpus: Path, path: Path) -> str:
    """Return whether `verify` names a file that was flipped, and nothing else unless it follows from it."""
    named = {problem.path for problem in verify_corpus(str(corpus)).problems}
    if str(path.relative_to(corpus)) in named:
        return "named by verify"
    return f"found, another file named ({', '.join(sorted(named))})" if named else "NOT FOUND"


def flips(corpus: Path, n_flips: int, rng: random.Random, found: Counter[tuple[str, str]]) -> None:
    """Flip bytes one at a time, and count what `verify` says by room."""
    for _ in range(n_flips):
        path, at, by = draw(corpus, rng)
        flip(path, at, by)
        told = verdict(corpus, path)
        flip(path, at, by)
        room = path.relative_to(corpus).parts[0]
        found[room, told] += 1
        if told != "named by verify":
            print(f"{path.relative_to(corpus)} byte {at}: {told}", flush=True)
    assert not verify_corpus(str(corpus)).problems


def resumed(config: BuildConfig, path: Path, at: int, by: int, expected: dict[str, str]) -> str:
    """Return how an unfinished build ends that is resumed with a flipped byte."""
    corpus = Path(config.output)
    flip(path, at, by)
    found_before = verdict(corpus, path)
    try:
        build(config)
    except Exception as error:  # whatever it is, it must name the file and what to do
        told = str(error)
        removed = _REMOVE.search(told)
        if path.name not in told or removed is None:
            return f"WRONG: ends without naming it: {told[-300:]}"
        target = Path(removed[1])
        shutil.rmtree(target) if target.is_dir() else target.unlink()
        build(config)
        right = corpus_bytes(corpus) == expected
        return "the build named it; removed and built again: the same bytes" if right else "WRONG bytes"
    if corpus_bytes(corpus) != expected:
        if verdict(corpus, path) != "named by verify":
            return "SILENT: other bytes"
        for record in corpus.glob("builds/*.json"):
            record.unlink()
        build(config)
        right = corpus_bytes(corpus) == expected
        told = "a shard of before: verify names it before and after; removed as it says: the same bytes"
        return told if right else "WRONG bytes of a shard"
    return f"not used: the same bytes ({found_before})"


def unfinished(
    config: BuildConfig, folder: Path, n_flips: int, n_resumed: int, n_states: int, rng: random.Random
) -> tuple[Counter[tuple[str, str]], Counter[str]]:
    """Return what `verify` says of flips in unfinished builds, and how such builds end when resumed."""
    whole = config.model_copy(update={"output": str(folder / "whole")})
    counter = Stop(0)
    storage.set_probe(counter)
    build(whole)
    storage.set_probe(None)
    expected = corpus_bytes(folder / "whole")
    found: Counter[tuple[str, str]] = Counter()
    ends: Counter[str] = Counter()
    for number in range(n_states):
        state = folder / f"state-{number}"
        one = config.model_copy(update={"output": str(state)})
        at = 5 + (counter.writes - 6) * number // max(1, n_states - 1)
        storage.set_probe(Stop(at))
        try:
            build(one)
        except Exception:
            pass
        finally:
            storage.set_probe(None)
        flips(state, n_flips // n_states, rng, found)
        for _ in range(n_resumed // n_states):
            copy = folder / "resumed"
            shutil.copytree(state, copy)
            path, place, by = draw(copy, rng)
            where = path.relative_to(copy)
            ended = resumed(config.model_copy(update={"output": str(copy)}), path, place, by, expected)
            ends[ended] += 1
            if ended.startswith(("WRONG", "SILENT")):
                print(f"state {number} (write {at}), {where} byte {place}: {ended}", flush=True)
            shutil.rmtree(copy)
        shutil.rmtree(state)
    return found, ends


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--corpus", type=int, default=60, help="flips in a finished corpus")
    parser.add_argument("--unfinished", type=int, default=40, help="flips in unfinished builds")
    parser.add_argument("--resumed", type=int, default=10, help="unfinished builds resumed with a flip")
    parser.add_argument("--states", type=int, default=10, help="moments at which builds met their end")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    storage.PATIENCE = storage.Patience(max_tries=1)
    rng = random.Random(given.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = write_sources(folder)
        if given.corpus:
            finish(config, folder)
            found: Counter[tuple[str, str]] = Counter()
            flips(Path(config.output), given.corpus, rng, found)
            _print("finished corpus", found)
        if given.unfinished or given.resumed:
            found, ends = unfinished(config, folder, given.unfinished, given.resumed, given.states, rng)
            _print("unfinished builds", found)
            print("resumed:", json.dumps(dict(sorted(ends.items())), indent=1))


def _print(title: str, found: Counter[tuple[str, str]]) -> None:
    print(f"{title}: {sum(found.values())} flips")
    for (room, told), count in sorted(found.items()):
        print(f"  {room:<12} {count:>5}  {told}")


if __name__ == "__main__":
    main()
