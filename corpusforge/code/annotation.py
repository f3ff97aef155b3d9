"""How comments and code alternate, line by line: what tells an explained program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpusforge.code.grammars import LanguageRow
from corpusforge.code.scan import count_words

_CODE_LINE = re.compile(
    r"[;{}]$|^[)}\]]+[;,]?$|[\w)\]] ?(?:[-+*/|&:]?=|<-|:=|==|!=|<=|=>|->|\|>) ?\S|\w\(|^[@#$%:]\w+"
    r"|^\(+[\w*+:.<>=!?-]+(?:$|\)| ['`(\w\":*#])|\)\)$"
    r"|^(?:def|class|if|else|elif|for|while|return|import|from|let|var|const|fn|func|function|sub"
    r"|proc|end|begin|do|"
    r"case|switch|try|catch|use|using|module|echo|set|print|select|insert|create|update|where)\b(?![^.]*\.$)",
    re.I,
)
_CODE_LINE_CHARS = 160
# Documentation comments describe what a declaration is; annotation tells what the next lines do.
_DOC_COMMENT = re.compile(r"///|//!|##|;;;|%%|--\s*\||#'")
_LICENCE = re.compile(r"copyright|licen[sc]e|all rights reserved|spdx-|\(c\) \d{4}", re.I)
_TEACHING = re.compile(
    r"\b(?:we|we'\w+|let's|you|you'\w+|your|our|here|here's|for example|this example|note that)\b"
    r"|\b(?:wir|nous|vous|мы|например)\b|我们|例如|注意|例えば",
    re.I,
)
_SENTENCE_END = (".", ":", "?", "!", "`", ")", "。", "：", "！", "？")


@dataclass(frozen=True, slots=True)
class Annotation:
    """The blocks of line comments of a program; documentation comments and licence left out."""

    blocks: int
    words: float
    """Mean words in a block."""
    lines: float
    """Mean code lines from a block to the next."""
    sentence_share: float
    """Blocks that are sentences: they begin with a capital and end with a full stop."""
    opening_share: float
    """Blocks that open a paragraph or a body: after a blank line or a bracket."""
    words_per_line: float
    """Words of annotation to a line of code."""
    teaching_share: float
    """Blocks that speak to the reader: we, you, here, for example."""


NO_ANNOTATION = Annotation(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def read_annotation(lines: Sequence[str], row: LanguageRow) -> Annotation:
    """Return how a program's comment blocks and code lines alternate."""
    blocks: list[_Block] = []
    code = 0
    open_block: _Block | None = None
    previous = ""
    for line in lines:
        stripped = line.strip()
        if stripped.startswith(row.line_comments) and not _DOC_COMMENT.match(stripped):
            if open_block is None:
                open_block = _Block([], not previous or previous[-1] in "{(:[", 0)
                blocks.append(open_block)
            open_block.comment.append(_bare(stripped, row))
        else:
            open_block = None
            if stripped:
                code += 1
                if blocks:
                    blocks[-1].followers += 1
        previous = stripped
    if blocks and _LICENCE.search(" ".join(blocks[0].comment)):
        del blocks[0]
    return _summary(blocks, code)


@dataclass(slots=True)
class _Block:
    comment: list[str]
    opens: bool
    followers: int


def _bare(stripped: str, row: LanguageRow) -> str:
    token = next(token for token in row.line_comments if stripped.startswith(token))
    return stripped[len(token) :].strip()


def _summary(blocks: Sequence[_Block], code: int) -> Annotation:
    texts = [" ".join(block.comment).strip() for block in blocks]
    words = sum(map(count_words, texts))
    count = max(1, len(blocks))
    return Annotation(
        blocks=len(blocks),
        words=words / count,
        lines=sum(block.followers for block in blocks) / count,
        sentence_share=sum(_is_sentence(text) for text in texts) / count,
        opening_share=sum(block.opens for block in blocks) / count,
        words_per_line=words / max(1, code),
        teaching_share=sum(_TEACHING.search(text) is not None for text in texts) / count,
    )


def _is_sentence(text: str) -> bool:
    # A script without capitals has no lower case either.
    return text.endswith(_SENTENCE_END) and not text[:1].islower()


def comment_lines(lines: Sequence[str], row: LanguageRow) -> list[bool]:
    """Return for each line whether it is nothing but comment, by the language's tokens."""
    flags: list[bool] = []
    closing = ""
    starts = tuple((start.strip(), end.strip()) for start, end in row.block_comments)
    for line in lines:
        stripped = line.strip()
        if closing:
            flags.append(True)
            if closing in stripped:
                closing = ""
            continue
        opened = next(((start, end) for start, end in starts if stripped.startswith(start)), None)
        if opened is not None and opened[1] not in stripped[len(opened[0]) :]:
            closing = opened[1]
        flags.append(bool(stripped) and (opened is not None or stripped.startswith(row.line_comments)))
    return flags


def code_line_share(lines: Sequence[str], row: LanguageRow) -> float:
    """Return the share of the lines that are no comment which look like code."""
    code = like = 0
    for line, is_comment in zip(lines, comment_lines(lines, row), strict=True):
        stripped = line.strip()
        if stripped and not is_comment:
            code += 1
            like += _CODE_LINE.search(stripped[:_CODE_LINE_CHARS]) is not None or stripped[-1] in ";{}"
    return like / max(1, code)
