"""The blocks of a page: what the scanner gives and the main-content model reads."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray


class Node(IntEnum):
    """Columns of the table of elements; only elements that end a block have a row."""

    TAG = 0
    PARENT = 1
    FLAGS = 2  # groups of words in class, id and role
    ABOVE = 3  # the same, of all elements around
    AROUND = 4  # bits of `AROUND_TAGS`: elements around, itself among them
    DEPTH = 5
    CHARS = 6  # of the text in it, at any depth, less white space
    LINK_CHARS = 7
    BLOCKS = 8
    HEADING = 9  # level of the heading that it is or stands in, 0: none
    LISTS = 10  # how many lists stand around
    ITEM = 11  # the list item it is or stands in, -1: none
    NUMBER = 12  # of a numbered item, its number and 1, 0: a bullet; of a list, its last item's number
    ROW = 13  # the table row that it stands in, -1: none
    STOPS = 14  # marks that end or part sentences
    PATH = 15  # hash of tags and classes from the root


class Block(IntEnum):
    """Columns of the table of blocks: runs of text that no block element parts."""

    NODE = 0
    START = 1  # bytes of the text buffer
    END = 2
    CHARS = 3  # less white space
    LINK_CHARS = 4
    WORDS = 5
    STOPS = 6
    UPPER = 7
    DIGITS = 8
    CELLS = 9  # table cells that ended in it
    LINKS = 10
    SLOT_CHARS = 11  # characters of code and formulas that its slots stand for
    FLAGS = 12  # groups of words in the classes of elements inside a line
    BREAKS = 13
    LAST = 14  # the last byte of text


AROUND_TAGS = (
    "nav header footer aside form article main table ul ol dl figure blockquote section li pre details "
    "button label dialog td figcaption dt dd p address fieldset summary noscript hidden"
).split()  # fmt: skip
"""Tags that leave a bit in `Node.AROUND`, the first in bit 0; the last is for elements not shown."""


@dataclass(frozen=True, slots=True)
class Page:
    """The blocks of a page: `nodes` i32 [elements, 16], `blocks` i32 [blocks, 15], the rest UTF-8."""

    nodes: NDArray[np.int32]
    blocks: NDArray[np.int32]
    text: bytes
    title: bytes = b""
