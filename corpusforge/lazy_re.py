"""`re` whose patterns are compiled when they are first used: `from corpusforge import lazy_re as re`.

For modules of many patterns of which a document needs few: compiling one takes from a tenth of a millisecond
to five. Once compiled, its methods are its own attributes: later uses cost what those of `re` do. A pattern
that does not compile is told at its first use.
"""

from __future__ import annotations

import re
from re import I, M, Match, Pattern, S, escape, findall, match, split, sub
from typing import TYPE_CHECKING, Any

__all__ = ["I", "M", "Match", "Pattern", "S", "compile", "escape", "findall", "match", "split", "sub"]
_OF_PATTERNS = tuple(name for name in dir(Pattern) if not name.startswith("_"))


class Compiled:
    """A pattern that was compiled: what it can do is among its attributes."""

    def __init__(self, source: Any, flags: int) -> None:
        self._source, self._flags = source, flags

    def __reduce__(self) -> Any:
        """Copy and pickle it as what it was made of, compiled or not."""
        return compile, (self._source, self._flags)


class Later(Compiled):
    """A pattern that nothing was asked of yet."""

    def __getattr__(self, name: str) -> Any:
        if name not in _OF_PATTERNS:  # who looks at any object
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        vars(self).update({each: getattr(compiled, each) for each in _OF_PATTERNS})
        object.__setattr__(self, "__class__", Compiled)  # what is there is found without asking
        return getattr(compiled, name)


if TYPE_CHECKING:
    from re import compile as compile
else:

    def compile(source: Any, flags: int = 0) -> Any:
        """Return a pattern as `re.compile` does, compiled at its first use."""
        return Later(source, flags)
