"""`corpusforge probe`: bits per character of each domain under a small model, and across domains."""

from __future__ import annotations

from corpusforge.commands.console import count, note, show_json, show_table, size
from corpusforge.commands.errors import usage_error
from corpusforge.files import StorageFault
from corpusforge.probe import Probe, probe_corpus, write_probe


def probe(corpus: str, snapshot: str | None, seed: int | None, train_bytes: int, as_json: bool) -> None:
    """Print the compression table of a snapshot and keep it beside the snapshot's report."""
    try:
        found = probe_corpus(corpus, snapshot, seed, train_bytes)
    except ValueError as error:  # no corpus, an index that was changed, or nothing to read
        raise usage_error(str(error)) from None
    if as_json:
        show_json(found.to_json(), sort_keys=True)
    else:
        _print(found)
    try:
        note(f"wrote {write_probe(corpus, found)}")
    except (StorageFault, OSError, ValueError) as error:  # a corpus of somebody else's: the table is printed
        note(f"not written beside the snapshot: {error}")


def _print(probe: Probe) -> None:
    rows = [
        [
            one.name,
            f"{one.bits_per_char:.3f}",
            f"{one.bits_per_byte:.3f}",
            size(one.train_bytes),
            count(one.train_documents),
            size(one.held_out_bytes),
            count(one.held_out_documents),
        ]
        for one in probe.readings
    ]
    columns = ["domain", "bits per char", "bits per byte", "trained on", "documents", "read", "documents"]
    title = [f"Held-out documents under a model of their own domain: {probe.model}, seed {probe.seed}"]
    show_table(title, columns, rows)
    names = [one.name for one in probe.readings]
    across = [[name, *(f"{probe.across[name][other]:.3f}" for other in names)] for name in names]
    show_table(
        "Across domains, bits per character: rows are trained on, columns are read", ["", *names], across
    )
    if probe.lacking:
        note(f"too few documents to probe: {', '.join(probe.lacking)}")
