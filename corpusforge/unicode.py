r"""Properties of characters and normal forms, by one version of Unicode whatever the interpreter.

Python 3.11 knows Unicode 14, 3.12 knows 15.0 and 3.13 knows 15.1: with the standard library's tables the
same text would get other categories and other tokens under each. `unicodedata2` is the same code with the
tables of the version that its own number names, and pinned. Letter case does not differ between these
versions; `str.isalpha` and `\w` do, for characters assigned since Unicode 14 alone.
"""

from collections.abc import Callable
from typing import Any, Literal, cast

import unicodedata2  # pyright: ignore[reportMissingImports, reportMissingTypeStubs]

_tables = cast(Any, unicodedata2)

VERSION: str = _tables.unidata_version
"""The version of Unicode, such as ``17.0.0``."""

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]

normalize: Callable[[Form, str], str] = _tables.normalize
"""Return text in a normal form."""

category: Callable[[str], str] = _tables.category
"""Return the general category of a character, such as ``Lu``."""

combining: Callable[[str], int] = _tables.combining
"""Return the canonical combining class of a character, 0 where it does not combine."""

decomposition: Callable[[str], str] = _tables.decomposition
"""Return how a character decomposes, as in UnicodeData.txt, or an empty string."""

digit: Callable[[str], int] = _tables.digit
"""Return the value of a digit; ValueError where the character is none."""

name: Callable[[str, str], str] = _tables.name
"""Return the name of a character, or the second argument where it has none."""
