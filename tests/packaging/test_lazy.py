"""What a command does not call is not loaded, and what forks is loaded before."""

import subprocess
import sys

import pytest

import corpusforge.code
import corpusforge.ingest

_FOR_OTHERS = (
    "apache_beam", "detect_secrets", "fastwarc", "phonenumbers", "pyarrow.compute", "requests", "tree_sitter",
    "corpusforge.code.split", "corpusforge.extract.web.html", "corpusforge.extract.wiki.wikitext",
    "corpusforge.filter.decontamination.lookup", "corpusforge.ingest.registry",
)  # fmt: skip
"""What pages, programs, dumps, tables, secrets and benchmarks need."""


def loaded_by(module: str) -> set[str]:
    """Return the modules of a new interpreter that imports one."""
    code = f"import sys, {module}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return set(told.stdout.split())


def test_labelling_loads_nothing_that_a_text_does_not_need():
    assert loaded_by("corpusforge.commands.label").isdisjoint(_FOR_OTHERS)


def test_what_workers_fork_from_holds_all_that_documents_need():
    held = {"code.split", "extract.web.html", "extract.wiki.wikitext", "extract.notebooks.notebook"}
    assert loaded_by("corpusforge.parts.rooms") >= {f"corpusforge.{module}" for module in held}


def test_names_of_a_package_are_loaded_at_their_first_use():
    assert corpusforge.ingest.IngestConfig.__module__ == "corpusforge.ingest.config"
    assert {"READERS", "read"} <= set(dir(corpusforge.ingest))
    with pytest.raises(AttributeError, match=r"'corpusforge\.ingest' has no attribute 'nothing'"):
        _ = corpusforge.ingest.nothing
    for package in (corpusforge, corpusforge.ingest, corpusforge.code):
        assert all(getattr(package, name) is not None for name in package.__all__)
