"""Steps of one's own, `[[steps]]`: where their functions are found, what they must be, how they are called.

The configuration holds their names, parameters, versions and the sha256 of their module's source; the
function is loaded in the child process that calls it, and only there.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib
import inspect
import math
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from copy import deepcopy
from dataclasses import dataclass
from importlib.machinery import PathFinder
from types import ModuleType
from typing import Any, Literal, cast

from pydantic import Field, ValidationInfo, field_validator

from corpusforge.document import Document, Drop, changed, drop
from corpusforge.domains import SUBSETS, Domain
from corpusforge.frozen import FrozenConfig
from corpusforge.sandbox import Failed, Sandbox, SandboxConfig, SandboxError
from corpusforge.step import OwnReason, StepDocument, StepDrop
from corpusforge.workers import WARM

Stage = Literal["extract", "label", "filter"]
_FIXED = ("doc_id", "source", "source_kind", "locator", "math_score", "scaffold_score")
_TEXTS = (
    "url", "host", "repo", "path", "title", "date", "language", "programming_language", "licence", "domain",
    "subset",
)  # fmt: skip
_SAMPLE = StepDocument(
    doc_id="0" * 32,
    source="sample",
    source_kind="jsonl",
    locator="sample#row=0",
    text="A sample text, which each step is shown once before a build begins.",
)


class OwnStep(FrozenConfig):
    """A function of one's own among the steps: `corpusforge.step` tells its shape."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]{0,39}$", description="Of the step; its drops have the reason `step:NAME`."
    )
    function: str = Field(
        pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$", description="`module:name` of the function."
    )
    path: str | None = Field(
        default=None,
        description="Folder that holds the module, relative to this file; none: an installed one.",
    )
    version: str | int = Field(
        description="Raised when what the function calls changes its results: part of the fingerprint."
    )
    after: Stage = Field(default="label", description="The step that it follows: extract, label or filter.")
    parameters: dict[str, Any] = Field(default={}, description="Arguments of the function, by name.")
    function_sha256: str = Field(
        default="", description="Of the module's source; filled in.", validate_default=True
    )

    @field_validator("function_sha256")
    @classmethod
    def _pin_source(cls, _: str, info: ValidationInfo) -> str:
        """Make the module's source part of the fingerprint; refuse one that is not there."""
        if "function" not in info.data:  # told as a fault of its own
            return ""
        return _sha256(module_source(info.data["function"].partition(":")[0], info.data.get("path")))


@dataclass(frozen=True, slots=True)
class LoadedStep:
    """A step whose function is loaded."""

    config: OwnStep
    function: Callable[..., object]


def module_source(module: str, path: str | None) -> str:
    """Return the source file of a module, looked for in a folder or among what is installed; nothing is run.

    Raises ValueError where there is none.
    """
    importlib.invalidate_caches()
    places: Sequence[str] = [path] if path else sys.path
    origin, name = None, ""
    for word in module.split("."):
        name = f"{name}.{word}".lstrip(".")
        spec = PathFinder.find_spec(name, places)
        if spec is None:
            where = path or "what is installed; `path` names a folder beside the configuration"
            raise ValueError(f"no module {name!r} in {where}")
        origin, places = spec.origin, list(spec.submodule_search_locations or ())
    if not origin or not origin.endswith(".py"):
        raise ValueError(f"module {module!r} has no Python source")
    return origin


def _sha256(path: str) -> str:
    with open(path, "rb") as stream:
        return hashlib.sha256(stream.read()).hexdigest()


def load_steps(steps: Iterable[OwnStep]) -> tuple[LoadedStep, ...]:
    """Return steps with their functions, in order. Raises ValueError, one line, where one is none."""
    return tuple(load_step(step) for step in steps)


def load_step(step: OwnStep) -> LoadedStep:
    """Return a step with its function. Raises ValueError, one line, for what cannot be one."""
    place = f"steps.{step.name}: "
    name, _, attribute = step.function.partition(":")
    source = module_source(name, step.path)
    if _sha256(source) != step.function_sha256:
        raise ValueError(f"{place}{source} changed since the configuration was read: run again")
    try:
        with redirect_stdout(sys.stderr):
            module = _imported(name, step.path)
    except Exception as error:  # not narrowed: whatever somebody's module does as it is imported
        raise ValueError(f"{place}{source}: {type(error).__name__} on import: {error}") from error
    found = module.__file__
    if found is None or not os.path.samefile(found, source):
        raise ValueError(f"{place}another module {name!r} is loaded, of {found}: give yours its own name")
    function = getattr(module, attribute, None)
    if function is None:
        near = difflib.get_close_matches(attribute, vars(module), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{place}no function {attribute!r} in {source}{hint}")
    if fault := _unfit(function, step.parameters):
        raise ValueError(f"{place}{step.function} {fault}")
    return LoadedStep(step, function)


def _imported(name: str, path: str | None) -> ModuleType:
    """Return a module; its folder comes first while it is imported, and last for all that comes after."""
    if path is None or name in sys.modules:
        return importlib.import_module(name)
    sys.path.insert(0, path)
    try:
        return importlib.import_module(name)
    finally:
        sys.path.remove(path)
        sys.path.append(path)


def _unfit(function: object, parameters: Mapping[str, Any]) -> str | None:
    """Return why an object is no step, or None."""
    if not callable(function):
        return f"is no function, but {type(function).__name__}"
    if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
        return "is async: a step is a plain function"
    if inspect.isgeneratorfunction(function):
        return "is a generator: a step returns one document or one drop"
    try:
        inspect.signature(function).bind(_SAMPLE, **parameters)
    except TypeError as error:
        return f"cannot be called with a document and its parameters: {error}"
    except ValueError:  # of some functions in C no signature is known
        pass
    return None


def check_steps(
    steps: Sequence[OwnStep], config: SandboxConfig, module: str = "corpusforge.steps"
) -> str | None:
    """Return the one line that says why steps cannot be used, or None; each is shown a sample text.

    In a child process: a module that hangs or crashes is told like any other fault. `module` holds
    `make_check` and is that of the sandbox to come: the server that both are forked from loads it once.
    """
    if not steps:
        return None
    sandbox: Sandbox[int, str | None] = Sandbox(f"{module}:make_check", tuple(steps), config, warm=WARM)
    try:
        for step, result in zip(steps, sandbox.map(range(len(steps))), strict=True):
            if isinstance(result, Failed):
                return f"steps.{step.name}: {step.function}: {result.error}, on a sample text"
            if result is not None:
                return str(result)
    except SandboxError as error:
        return f"steps: {error}"
    finally:
        sandbox.close()
    return None


def make_check(steps: Sequence[OwnStep]) -> Callable[[int], str | None]:
    """Return the function that says why the step of a number cannot be used: the sandbox's factory.

    Their modules are loaded here, as for a build: no deadline of a record counts what that takes.
    """
    loaded: list[LoadedStep | str] = []
    for step in steps:
        try:
            loaded.append(load_step(step))
        except ValueError as error:
            loaded.append(str(error))
    return lambda number: _fault(loaded[number])


def _fault(loaded: LoadedStep | str) -> str | None:
    if isinstance(loaded, str):
        return loaded
    step = loaded.config
    try:
        result = _called(loaded, _SAMPLE)
    except Exception:  # not narrowed: a document that a step cannot take goes to quarantine, and ends nothing
        return None
    if isinstance(result, StepDocument | StepDrop):
        return None
    return f"steps.{step.name}: {_returned(step, result)}"


def _returned(step: OwnStep, result: object) -> str:
    return f"{step.function} returned {type(result).__name__}, not a StepDocument or a StepDrop"


def apply_step(step: LoadedStep, document: Document) -> Document | Drop:
    """Return what a step makes of a document. Raises what it raises, and TypeError for a wrong result."""
    given = _given(document)
    result = _called(step, given)
    if isinstance(result, StepDrop):
        return drop(document, OwnReason(f"step:{step.config.name}"), str(result.detail))
    if not isinstance(result, StepDocument):
        raise TypeError(_returned(step.config, result))
    return _taken(document, given, result, step.config.name)


def _called(step: LoadedStep, document: StepDocument) -> object:
    """Return what a step's function returns; what it prints goes where notes go: stdout may carry rows."""
    with redirect_stdout(sys.stderr):
        return step.function(document, **deepcopy(step.config.parameters))


def _given(document: Document) -> StepDocument:
    values = {name: getattr(document, name) for name in (*_FIXED, *_TEXTS, "text")}
    values["source_kind"] = document.source_kind.value
    return StepDocument(**values, signals=dict(document.signals), notes=tuple(document.notes))


def _taken(document: Document, given: StepDocument, result: StepDocument, name: str) -> Document:
    """Return a document with what a step changed. Raises TypeError or ValueError for a wrong value."""
    for field in _FIXED:
        if getattr(given, field) != getattr(result, field):
            raise ValueError(f"step {name} changed {field}, which is not its to change")
    changes: dict[str, Any] = {}
    for field in ("text", *_TEXTS):
        value: object = getattr(result, field)
        if not isinstance(value, str) and (value is not None or field == "text"):
            raise TypeError(f"step {name}: {field} is {type(value).__name__}, not text")
        if value != getattr(given, field):
            changes[field] = value
    if "domain" in changes or "subset" in changes:
        _check_domain(result, name)
        changes["domain_reason"] = f"step:{name}"
    if result.signals != given.signals:
        changes["signals"] = _signals(result.signals, name)
    if tuple(result.notes) != tuple(given.notes):
        changes["notes"] = tuple(map(str, result.notes))
    return changed(document, **changes) if changes else document


def _check_domain(result: StepDocument, name: str) -> None:
    try:
        subsets = [subset.value for subset in SUBSETS[Domain(result.domain)]]
    except ValueError:
        raise ValueError(f"step {name}: no domain {result.domain!r}") from None
    if result.subset is not None and result.subset not in subsets:
        raise ValueError(f"step {name}: {result.domain} has no subset {result.subset!r}")


def _signals(signals: object, name: str) -> dict[str, float]:
    """Return signals sorted by name, as bytes that are stable need them."""
    if not isinstance(signals, Mapping):
        raise TypeError(f"step {name}: signals is {type(signals).__name__}, not a mapping")
    found: dict[str, float] = {}
    for key, value in sorted(cast("Mapping[object, object]", signals).items(), key=lambda pair: str(pair[0])):
        if not isinstance(key, str) or not isinstance(value, int | float) or not math.isfinite(value):
            raise TypeError(f"step {name}: the signal {key!r} is {value!r}, not a finite number under a name")
        found[key] = float(value)
    return found
