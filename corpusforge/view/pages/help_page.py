"""What there is to see, and the keys."""

from __future__ import annotations

from starlette.requests import Request

from corpusforge.view.explorer import Explorer

KEYS = (
    ("j / k", "the next / previous document, drop or cluster; at the end of a page the next page"),
    ("n / p", "the next / previous page or document"),
    ("Enter", "open the one that j and k stand at"),
    ("/", "search for words"),
    ("Esc", "leave a field"),
    ("r", "a document: rendered or raw"),
    ("t", "a document: how it got here"),
    ("1 2 3", "reading: right, wrong domain, bad text"),
    ("?", "this page"),
)
_VIEWS = (
    ("Overview", "what the snapshot holds, and where every record went; distributions with the thresholds of its "
     "configuration. Counts are the index's; distributions come from a sample of every domain, and say so."),
    ("Documents", "filter and read. A filter looks for six tenths of a second and says how far it came; "
     "“go on” continues there. A document's address is permanent within its snapshot."),
    ("Drops, Quarantine", "records that left, by reason, with the figure that decided; those that nearly stayed first."),
    ("Clusters", "duplicates side by side, differences marked."),
    ("Plans", "arms of a mixture beside each other, and what one reads that another does not."),
    ("Snapshots", "a snapshot against its parent: documents, tokens, drops, settings."),
    ("Reading", "random documents to judge. Verdicts are appended to a JSONL file."),
)  # fmt: skip


def show(explorer: Explorer, _: Request) -> str:
    """Return the page of help."""
    keys = "".join(
        "<dt>"
        + " ".join(f"<kbd>{key}</kbd>" for key in names.split(" ") if key != "/" or names == "/")
        + f"</dt><dd>{told}</dd>"
        for names, told in KEYS
    )
    views = "".join(f"<dt>{name}</dt><dd>{told}</dd>" for name, told in _VIEWS)
    body = (
        f'<h1>Help</h1><section><h2>Keys</h2><dl class="facts">{keys}</dl></section>'
        f'<section><h2>Views</h2><dl class="facts">{views}</dl></section>'
    )
    return explorer.page("Help", body, "/help")
