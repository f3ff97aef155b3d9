"""Files on local disk and objects elsewhere: list, open, digest, publish whole, remove.

`paths` names them; `local` is the disk, `store` the protocol of all other places; `reading` opens,
`listing` tells what is there and whether it changed, `publishing` writes, `faults` says when storage
failed.
"""

from corpusforge.files.faults import (
    InputChanged,
    StorageDenied,
    StorageFault,
    StorageFull,
    StorageMissing,
    StorageRefused,
)
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
from corpusforge.files.overlap import overlapping, path_below
from corpusforge.files.paths import (
    base_name,
    check_writable,
    is_remote,
    join,
    located,
)
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
from corpusforge.files.store import check_usable, store_of

__all__ = [
    "Entry",
    "InputChanged",
    "InputGuard",
    "StorageDenied",
    "StorageFault",
    "StorageFull",
    "StorageMissing",
    "StorageRefused",
    "base_name",
    "check_usable",
    "check_writable",
    "content_digest",
    "entry",
    "exists",
    "is_glob",
    "is_remote",
    "join",
    "list_entries",
    "list_files",
    "list_with_trees",
    "located",
    "open_input",
    "overlapping",
    "path_below",
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
    "store_of",
    "swap",
    "version_of",
    "write_bytes",
]
