"""Files on local disk and in gs:// buckets: list, open, digest, publish whole, remove.

`paths` names them, `local` and `bucket` are the two places, `reading` opens, `listing` tells what
is there and whether it changed, `publishing` writes, `faults` says when storage failed.
"""

from corpusforge.files import bucket
from corpusforge.files.faults import InputChanged, StorageDenied, StorageFault, StorageFull, StorageMissing
from corpusforge.files.listing import (
    Entry,
    InputGuard,
    content_digest,
    entry,
    exists,
    is_glob,
    list_entries,
    list_files,
    list_with_trees,
    size_bytes,
    static_root,
)
from corpusforge.files.local import special_kind
from corpusforge.files.overlap import overlapping
from corpusforge.files.paths import GS_PREFIX, is_remote, join
from corpusforge.files.publishing import (
    publish,
    publishing,
    remove,
    remove_files,
    remove_tree,
    swap,
    version_of,
    write_bytes,
)
from corpusforge.files.reading import open_input, read_bytes, read_range, read_ranges

__all__ = [
    "GS_PREFIX",
    "Entry",
    "InputChanged",
    "InputGuard",
    "StorageDenied",
    "StorageFault",
    "StorageFull",
    "StorageMissing",
    "bucket",
    "content_digest",
    "entry",
    "exists",
    "is_glob",
    "is_remote",
    "join",
    "list_entries",
    "list_files",
    "list_with_trees",
    "open_input",
    "overlapping",
    "publish",
    "publishing",
    "read_bytes",
    "read_range",
    "read_ranges",
    "remove",
    "remove_files",
    "remove_tree",
    "size_bytes",
    "special_kind",
    "static_root",
    "swap",
    "version_of",
    "write_bytes",
]
