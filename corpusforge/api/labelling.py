"""One decision a document, as `corpusforge label` writes it: by the same function."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from corpusforge.api.errors import UsageError, wrong_type
from corpusforge.api.rows import values_of
from corpusforge.commands.configuration import steps_config
from corpusforge.commands.label import decisions, make_judge, told
from corpusforge.commands.rows import Row, row_of
from corpusforge.config import ConfigError, StepsConfig
from corpusforge.document import Document, Markup
from corpusforge.own_steps import check_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What a document is, and whether it would be kept: a row of `corpusforge label`."""

    domain: str | None
    """`code`, `code_nl`, `math`, `wikipedia`, `books`, `multilingual`, `web`; None where it got none."""
    subset: str | None
    """Within the domain; of `math`: `scaffold` or `generic`."""
    language: str | None
    """BCP-47 tag."""
    language_score: float | None
    """In 0 to 1."""
    programming_language: str | None
    is_math: bool | None
    math_score: float | None
    """In 0 to 1; None where nothing asked for it: a program."""
    is_scaffold: bool | None
    scaffold_score: float | None
    """In 0 to 1; None where the document is no mathematics."""
    reason: str | None
    """The rule that decided on the domain, with its figures."""
    drop_reason: str | None
    """Why a build would drop the document; None where it would keep it."""
    drop_detail: str | None
    """The figures of that."""
    signals: dict[str, float] = field(default_factory=dict[str, float])
    """What was measured, by name."""
    redactions: dict[str, int] = field(default_factory=dict[str, int])
    """How many pieces of personal data and secrets were replaced, by kind."""
    error: str | None = None
    """Why the row could not be judged; the rest is empty then."""
    id: object = None
    """The row's own id, where it came with one."""

    @property
    def kept(self) -> bool:
        """Whether a build would keep the document."""
        return self.drop_reason is None and self.error is None


def label_text(
    text: str,
    *,
    path: str | None = None,
    url: str | None = None,
    source: str | None = None,
    config: str | None = None,
) -> Label:
    """Return what a text is: domain, language, scores, the reason, and whether it would be dropped.

    The same decision as `corpusforge label` gives for the row of these values.

    Args:
        text: The text: prose, Markdown, or a source file where `path` says so.
        path: Its path in a repository; the name tells the language of a program.
        url: Its address, where it is of the web.
        source: Where it is from, as in a row: `wikipedia`, `books`, `github`, `web`, or any name.
        config: The path of a configuration file: its thresholds, classifiers and steps decide. Steps of one's
            own run in this process; `label_texts` runs them where they can be killed.

    Raises:
        WrongType: `text` is no str. UsageError: the configuration cannot be used.

    Example:
        >>> import corpusforge
        >>> label = corpusforge.label_text("The harbour wakes early, and the boats are back by dawn. " * 9)
        >>> label.domain, label.language, label.kept
        ('web', 'en', False)
        >>> label.drop_reason
        'repetition'
    """
    if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise wrong_type("text", "str", text)
    named = {"text": text, "path": path, "url": url, "source": source}
    for name, value in [*list(named.items())[1:], ("config", config)]:
        if value is not None and not isinstance(value, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise wrong_type(name, "str or None", value)
    values = {name: value for name, value in named.items() if value is not None}
    settings = _config(config)
    content = row_of(values, 0, settings.ingest).content
    result = _judge(config, _stamp(config))(content) if isinstance(content, Document) else content
    return _label(told(result, settings))


def label_texts(rows: Iterable[object], *, config: str | None = None) -> Iterator[Label]:
    r"""Yield one label a row, in order, as `label_text` returns it; lazily, in a child that can be killed.

    A document on which a step fails, hangs or eats memory costs its own row, which has `error` set.

    Args:
        rows: Texts; or rows (dicts) or an Arrow table, record batch or reader of record batches with
            `text`, and perhaps `path`, `url`, `source`, `id` and what else a row of `corpusforge label`
            may hold. Any iterable of these: a list, a generator.
        config: The path of a configuration file: its thresholds, classifiers and steps decide.

    Raises:
        WrongType: an item is no row. UsageError: a row lacks `text`, or the configuration cannot be used.

    Example:
        >>> import corpusforge
        >>> rows = [{"id": 7, "text": "def twice(x):\n    return 2 * x\n\nprint(twice(4))\n", "path": "a.py"}]
        >>> [(one.id, one.domain) for one in corpusforge.label_texts(rows)]
        [(7, 'code')]
    """
    settings = _config(config)
    if fault := check_steps(settings.own_steps, settings.sandbox, make_judge.__module__):
        raise UsageError(fault)
    # The row's own id or None: a place in an iterator is no name of a document.
    read = (
        Row(values.get("id"), row_of(values, number, settings.ingest).content)
        for number, values in enumerate(values_of(rows, "text"))
    )
    for fields in decisions(read, settings, None):
        yield _label(fields)


def _label(fields: dict[str, Any]) -> Label:
    names = {name: fields.get(name) for name in Label.__dataclass_fields__ if name != "reason"}
    names["signals"] = names["signals"] or {}
    names["redactions"] = names["redactions"] or {}
    return Label(reason=fields.get("domain_reason"), **cast(Any, names))


def _config(path: str | None) -> StepsConfig:
    return _read_config(path, _stamp(path))


def _stamp(path: str | None) -> tuple[int, int]:
    """Return what tells one state of a configuration file from the next."""
    try:
        found = os.stat(path) if path else None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    return (found.st_mtime_ns, found.st_size) if found else (0, 0)


@lru_cache(maxsize=4)
def _read_config(path: str | None, stamp: tuple[int, int]) -> StepsConfig:
    try:
        return steps_config(path)
    except ConfigError as error:
        raise UsageError(str(error)) from None


@lru_cache(maxsize=4)
def _judge(path: str | None, stamp: tuple[int, int]) -> Callable[[Document], Any]:
    try:
        return make_judge((_config(path), None, Markup.HTML))
    except ValueError as error:
        raise UsageError(str(error)) from None
