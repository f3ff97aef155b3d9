"""A pattern that is compiled late does what one that is compiled at once does."""

import copy
import gc
import importlib
import pickle
import pkgutil
import re

import pytest

import corpusforge
from corpusforge import lazy_re


def test_a_pattern_does_what_that_of_re_does_from_its_first_use_on():
    late, at_once = lazy_re.compile(r"(?P<word>\w+)-\d", re.I), re.compile(r"(?P<word>\w+)-\d", re.I)
    for _ in range(2):
        assert late.sub("_", "a-1 B-2") == at_once.sub("_", "a-1 B-2") == "_ _"
        assert [each["word"] for each in late.finditer("a-1 B-2")] == ["a", "B"]
    assert (late.pattern, late.flags, late.groupindex) == (
        at_once.pattern,
        at_once.flags,
        at_once.groupindex,
    )


def test_it_is_compiled_at_its_first_use():
    late = lazy_re.compile("(")
    with pytest.raises(re.error):
        late.search("")


def test_it_is_copied_and_pickled_before_its_first_use_and_afterwards():
    late = lazy_re.compile(r"(?P<word>\w+)", re.I)
    for _ in range(2):
        for same in (copy.deepcopy(late), pickle.loads(pickle.dumps(late))):
            assert (same.pattern, same.flags) == (late.pattern, late.flags)


def test_what_a_pattern_does_not_have_it_does_not_have_late():
    assert not hasattr(lazy_re.compile("a"), "missing")


def test_every_pattern_of_ours_compiles():
    for found in pkgutil.walk_packages(corpusforge.__path__, "corpusforge."):
        if found.name.startswith(("corpusforge.filter.", "corpusforge.retract.", "corpusforge.traces")):
            importlib.import_module(found.name)
    gc.unfreeze()  # what a test before froze is not listed
    late = [each for each in gc.get_objects() if type(each) in (lazy_re.Later, lazy_re.Compiled)]
    assert len(late) > 50
    assert all(re.compile(vars(each)["_source"], vars(each)["_flags"]) for each in late)
