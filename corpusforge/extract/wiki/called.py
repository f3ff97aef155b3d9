"""What the name of a template tells, worked out once: a wiki uses the same few again and again."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from corpusforge.extract.wiki.functions import NotUnderstood, parser_function, variable, without_prefixes
from corpusforge.extract.wiki.template_names import (
    canonical,
    is_furniture,
    is_listed,
    is_mark,
    is_silent,
    is_silent_page,
    may_say_nothing,
    rules,
    template_name,
)

_KEPT_NAMES, _KEPT_CHARS = 1 << 13, 100
_WORD_ENDS = re.compile(r"[\s_/-]+")
_SHARE = re.compile(r"\d{1,2}/\d{1,2}")


class Called:
    """A name as a page writes it, and what it tells; each answer is worked out when first asked for."""

    def __init__(self, written: str) -> None:
        """Keep the name without `subst:`, `Template:` and their like."""
        self.name = without_prefixes(written)

    @cached_property
    def key(self) -> str:
        """The name as the lists write it."""
        return template_name(self.name)

    @cached_property
    def title(self) -> str:
        """The name as titles are written."""
        return canonical(self.name)

    @cached_property
    def is_variable(self) -> bool:
        """Whether it may stand for what the wiki knows, its title say."""
        try:
            return variable(self.name, "") is not None
        except NotUnderstood:
            return True

    @cached_property
    def is_function(self) -> bool:
        """Whether it may be a parser function with its first argument."""
        try:
            return ":" in self.name and parser_function(self.name) is not None
        except NotUnderstood:
            return True

    @cached_property
    def is_furniture(self) -> bool:
        """Whether it says nothing in a sentence, whatever its arguments."""
        return is_furniture(self.key)

    @cached_property
    def never_speaks(self) -> bool:
        """Whether it shows nothing where it has arguments: furniture, or a flag: {{ARG|#}}, {{ARGb}}."""
        return self.is_furniture or self.name.removesuffix("b") in rules().country

    @cached_property
    def is_ordinary(self) -> bool:
        """Whether it is of a template, and no list of names says how its arguments are read."""
        is_told = self.is_data or self.is_flag or self.is_prefixed or self.is_silent or self.never_speaks
        return self.may_be_template and not is_told

    @cached_property
    def may_be_template(self) -> bool:
        """Whether its name is no function's."""
        return ":" not in self.name and "#" not in self.name

    @cached_property
    def is_mark(self) -> bool:
        """Whether it is a mark where it has no arguments."""
        return is_mark(self.key)

    @cached_property
    def is_silent(self) -> bool:
        """Whether it is, or holds, a word of the silent list."""
        return is_silent(self.key)

    @cached_property
    def is_silent_page(self) -> bool:
        """Whether a template of the dump's own of this name is silent."""
        return is_silent_page(self.key)

    @cached_property
    def may_say_nothing(self) -> bool:
        """Whether it is none to count where it left nothing."""
        return may_say_nothing(self.key)

    @cached_property
    def is_listed(self) -> bool:
        """Whether the lists may make something of it."""
        return is_listed(self.name)

    @cached_property
    def is_strange(self) -> bool:
        """Whether it is of no variable, function, list, country or language: at most a definition's."""
        is_read = self.is_variable or self.is_function or self.is_listed or self.is_share or self.is_german
        return not (is_read or self.name in rules().country or self.key.startswith(("lang-", "langx")))

    @cached_property
    def is_share(self) -> bool:
        """Whether it is two numbers that stand for themselves: {{1/2}}."""
        return _SHARE.fullmatch(self.name) is not None

    @cached_property
    def is_german(self) -> bool:
        """Whether it may be the German wiki's for words of a language: {{enS|…}}."""
        return len(self.name) in (3, 4) and self.name[-1] == "S" and self.name[:-1].islower()

    @cached_property
    def is_data(self) -> bool:
        """Whether a word of it says that it shows data."""
        return not rules().data.isdisjoint(_WORD_ENDS.split(self.key))

    @cached_property
    def is_flag(self) -> bool:
        """Whether a word of it says that it shows a flag."""
        return not rules().flag.isdisjoint(_WORD_ENDS.split(self.key))

    @cached_property
    def is_prefixed(self) -> bool:
        """Whether it says in which language its argument is."""
        return self.key.startswith(rules().prefix) or self.key in rules().language


_kept = lru_cache(maxsize=_KEPT_NAMES)(Called)


def called(written: str) -> Called:
    """Return what a name tells; long names are not kept, so that no page can fill the memory."""
    return _kept(written) if len(written) <= _KEPT_CHARS else Called(written)
