"""What there is to see, and the keys."""

from __future__ import annotations

from starlette.requests import Request

from corpusforge.view.explorer import Explorer
from corpusforge.view.html import facts, section

KEYS = {
    "j k": "the next, the previous document, drop or cluster of a page; at its end the next page",
    "n p": "the next, the previous page, or document",
    "Enter": "open the one that j and k stand at",
    "/": "search for words",
    "Esc": "leave a field",
    "r": "a document: rendered or raw",
    "t": "a document: how it got here",
    "1 2 3": "reading: right, wrong domain, bad text",
    "4 … 0 -": "reading: wrong domain, and the one it belongs in",
    "?": "this page",
}
_VIEWS = {
    "Overview": "What the snapshot holds, where every record went, and distributions with the thresholds of"
    " its configuration. Counts are the index's; distributions are of a sample of every domain, and say so.",
    "Documents": "Filter and read. A filter looks for six tenths of a second and says how far it came:"
    " “go on” continues there. A document's address stays its own within the snapshot.",
    "Drops": "Records that left, by reason, with the figure that decided; those that nearly stayed first.",
    "Quarantine": "Records that a step failed on, with the traceback.",
    "Clusters": "Duplicates side by side, with what differs marked.",
    "Plans": "Arms of a mixture beside each other, and what one reads that another does not; swarms.",
    "Snapshots": "A snapshot against its parent: documents, tokens, drops, settings, cost; retractions.",
    "Reading": "Random documents to judge. Verdicts are appended to a file.",
}


def show(explorer: Explorer, _: Request) -> str:
    """Return the page of help."""
    keys = "".join(
        f"<dt>{' '.join(f'<kbd>{key}</kbd>' for key in names.split())}</dt><dd>{told}</dd>"
        for names, told in KEYS.items()
    )
    body = "<h1>Help</h1>" + section("Keys", f'<dl class="facts">{keys}</dl>', "keys")
    return explorer.page("Help", body + section("Views", facts(_VIEWS), "views"), "/help")
