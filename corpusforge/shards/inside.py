"""Where a file of a corpus really lies: within the corpus, and a plain file.

What an index or a plan names is opened only by this. A corpus in a bucket has no links.
"""

from __future__ import annotations

import os
import stat

from corpusforge.files.paths import is_remote


def path_inside(corpus: str, path: str) -> str:
    """Return the whole path of a file of a corpus, whether it is there or not.

    Raises ValueError, in one line that starts with the path, where a link on the way leads out
    of the corpus, or what is there is no plain file. The corpus itself may be a link.
    """
    if is_remote(corpus):
        return f"{corpus.rstrip('/')}/{path}"
    whole = os.path.join(corpus, path)
    root, real = os.path.realpath(corpus), os.path.realpath(whole)
    if os.path.commonpath([root, real]) != root:
        raise ValueError(f"{whole}: a link that leaves the corpus, to {real}: put the file itself here")
    try:
        mode = os.stat(whole).st_mode
    except (FileNotFoundError, NotADirectoryError):
        return whole
    if not stat.S_ISREG(mode):
        raise ValueError(f"{whole}: not a plain file")
    return whole
