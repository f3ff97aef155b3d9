"""A question with its answers to Markdown, the best answer first."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any, cast

from corpusforge.document import Document, Drop, DropReason, drop, with_signals
from corpusforge.extract.config import ExtractConfig
from corpusforge.extract.tex.raw_math import raw_delimiters
from corpusforge.extract.web.html import page_text
from corpusforge.text import clean_text

_LANGUAGE_HINT = re.compile(r"<!--\s*language(?:-all)?:\s*(?:lang-)?([\w#+-]+)\s*-->\s*<pre>")
"""How Stack Exchange's Markdown names the language of the block that follows."""


def extract_qa(document: Document, config: ExtractConfig) -> Document | Drop:
    """Return a Q&A thread as Markdown: title, question, answers by score, at par the accepted first."""
    try:
        value: object = json.loads(document.raw or b"")
    except (ValueError, RecursionError) as error:
        return drop(document, DropReason.UNREADABLE, f"not the JSON of a question: {str(error)[:120]}")
    thread = _dict(value)
    question = _dict(thread.get("question"))
    title = raw_delimiters(" ".join(str(thread.get("title") or "").split()))
    answers = [answer for answer in map(_dict, _list(thread.get("answers"))) if answer.get("html")]
    answers.sort(
        key=lambda answer: (-_number(answer.get("score")), not answer.get("accepted"), str(answer.get("id")))
    )
    body = _post(question, config)
    if not body and not answers:
        return drop(document, DropReason.NO_TEXT, "a question without body or answers")
    parts = [f"# {title}"] if title else []
    parts += ["## Question", body] if body else []
    for answer in answers:
        if text := _post(answer, config):
            parts += ["## Accepted answer" if answer.get("accepted") else "## Answer", text]
    figures = {
        "qa_answers": float(len(answers)),
        "qa_question_score": _number(question.get("score")),
        "qa_best_answer_score": max((_number(answer.get("score")) for answer in answers), default=0.0),
    }
    text = clean_text("\n\n".join(parts))
    return with_signals(
        replace(document, raw=None, text=text, title=document.title or title or None), figures
    )


def _post(post: dict[str, Any], config: ExtractConfig) -> str:
    source = post.get("html")
    if not isinstance(source, str):
        return ""
    source = _LANGUAGE_HINT.sub(r'<pre class="lang-\1">', source)
    return page_text(source, config, main_content=False)[0]


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _dict(value: object) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return cast("list[Any]", value) if isinstance(value, list) else []
