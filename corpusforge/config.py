"""The configuration of a build: one TOML file in, frozen and validated, fingerprints out."""

from __future__ import annotations

import difflib
import os
import tomllib
from typing import Any, cast

from pydantic import (
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    ValidationError,
    field_validator,
    model_serializer,
    model_validator,
)

from corpusforge import __version__
from corpusforge.code.config import CodeConfig
from corpusforge.dedup.config import DedupConfig
from corpusforge.document import SCHEMA_VERSION, SourceKind
from corpusforge.extract.config import ExtractConfig
from corpusforge.files import (
    StorageRefused,
    check_usable,
    check_writable,
    is_remote,
    join,
    list_with_trees,
    located,
    overlapping,
    read_bytes,
)
from corpusforge.files.local import LEAVES
from corpusforge.filter.config import FilterConfig
from corpusforge.frozen import FrozenConfig, canonical_sha256
from corpusforge.ingest.config import IngestConfig
from corpusforge.ingest.tables.columns import NAMEABLE
from corpusforge.label.config import LabelConfig
from corpusforge.own_steps import OwnStep
from corpusforge.printable import visible
from corpusforge.sandbox import SandboxConfig
from corpusforge.settings_faults import explain
from corpusforge.shards.config import ShardsConfig

_PATHS = {"filter": ("opt_out", "block_lists", "benchmarks"), "shards": ("tokenizer_json",)}
"""Settings that name a file, or several: relative to the configuration; its content is pinned beside it."""
_NO_TRACE: Any = {"ingest": {"split_bytes"}}
"""Settings that leave no trace in a document: where a dump is split names a part, no more."""
_NO_PATHS: Any = {
    **{section: set(keys) for section, keys in _PATHS.items()},
    "label": {"classifiers": {"__all__": {"path"}}},
    "own_steps": {"__all__": {"path"}},
}


class ConfigError(ValueError):
    """A configuration that cannot be used; the message is one line for each fault."""


class SourceConfig(FrozenConfig):
    """Dumps that are reported under one name."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="the name in every table")
    paths: tuple[str, ...] = Field(min_length=1, description="files, folders or globs, on disk or in a store")
    kind: SourceKind | None = Field(default=None, description="what the dumps are; detected when absent")
    columns: dict[str, str] = Field(
        default={},
        description="of tables: the column that holds text, path, url, licence, date, id, repo or title where"
        " it is not found by its name; `outer.inner` of an object",
    )

    @field_validator("columns")
    @classmethod
    def _columns_are_known(cls, columns: dict[str, str]) -> dict[str, str]:
        columns = {"licence" if field == "license" else field: name for field, name in columns.items()}
        for field in columns:
            if field not in NAMEABLE:
                near = difflib.get_close_matches(field, NAMEABLE, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(NAMEABLE)}"
                raise ValueError(f"no field {field!r} to name the column of; {hint}")
        if len({"text", "html", "notebook"} & columns.keys()) > 1:
            raise ValueError("name one column of text, html or notebook, not several")
        return columns

    def named_columns(self) -> tuple[tuple[str, str], ...]:
        """Return (field, column) of each column that is named, sorted."""
        return tuple(sorted(self.columns.items()))


class StepsConfig(FrozenConfig):
    """All that decides what becomes of one record: it fixes the bytes of a part."""

    ingest: IngestConfig = IngestConfig()
    extract: ExtractConfig = ExtractConfig()
    code: CodeConfig = CodeConfig()
    label: LabelConfig = LabelConfig()
    filter: FilterConfig = FilterConfig()
    sandbox: SandboxConfig = SandboxConfig()
    own_steps: tuple[OwnStep, ...] = Field(
        default=(), alias="steps", description="Functions of one's own, called in this order."
    )

    model_config = ConfigDict(populate_by_name=True)

    @field_validator("own_steps")
    @classmethod
    def _steps_differ(cls, steps: tuple[OwnStep, ...]) -> tuple[OwnStep, ...]:
        names = [step.name for step in steps]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two steps are named {twice[0]!r}; give each its own name")
        return steps

    @model_serializer(mode="wrap")
    def _as_before(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Leave out what nobody configured: such a configuration keeps its fingerprint."""
        values: dict[str, Any] = handler(self)
        if not values.get("own_steps"):
            values.pop("own_steps", None)
        return values


class BuildConfig(StepsConfig):
    """The whole of a configuration file."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", description="the corpus id")
    output: str = Field(description="folder or bucket's prefix of the corpus, relative to this file")
    seed: int = Field(default=17, ge=0, lt=2**63, description="decides shard membership and order")
    sources: tuple[SourceConfig, ...] = Field(min_length=1, description="where documents come from")
    dedup: DedupConfig = DedupConfig()
    shards: ShardsConfig = ShardsConfig()
    max_quarantine_fraction: float = Field(
        default=0.01, ge=0, le=1, description="the build fails if more of the records end in quarantine"
    )

    max_unread_fraction: float = Field(
        default=0.001,
        ge=0,
        le=1,
        description="the build fails if readers that raise leave more of a source's bytes, or a file, unread,"
        " or if nothing of a source could be read; 1 allows all of it",
    )

    @field_validator("sources")
    @classmethod
    def _names_differ(cls, sources: tuple[SourceConfig, ...]) -> tuple[SourceConfig, ...]:
        names = [source.name for source in sources]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two sources are named {twice[0]!r}; give each its own name")
        return sources

    @model_validator(mode="after")
    def _bands_fit(self) -> BuildConfig:
        used = self.dedup.bands * self.dedup.rows
        if used > self.dedup.signature.permutations:
            raise ValueError(
                f"dedup.bands x dedup.rows = {used} needs more than the "
                f"{self.dedup.signature.permutations} values of dedup.signature.permutations"
            )
        return self

    def steps(self) -> StepsConfig:
        """Return the part of the configuration that decides on one record."""
        return StepsConfig(**{name: getattr(self, name) for name in StepsConfig.model_fields})

    def part_fingerprint(self) -> str:
        """Return the sha256 of all that bears on a part's bytes, but for its input."""
        return canonical_sha256(
            {
                "steps": self.steps().model_dump(mode="json", exclude={**_NO_PATHS, **_NO_TRACE}),
                "signature": self.dedup.signature.model_dump(mode="json"),
                "schema_version": SCHEMA_VERSION,
                "code_version": __version__,
            }
        )

    def ordered_sources(self) -> tuple[SourceConfig, ...]:
        """Return the sources in the order of a plan: by name, unless the order of the file decides dedup."""
        if self.dedup.earliest_wins:
            return self.sources
        return tuple(sorted(self.sources, key=lambda source: source.name))

    def plan_fingerprint(self) -> str:
        """Return the sha256 of all that bears on the plan of parts, but for what lies at the paths."""
        sources = [source.model_dump(mode="json") for source in self.ordered_sources()]
        return canonical_sha256([sources, self.part_fingerprint()])

    def corpus_settings(self) -> dict[str, Any]:
        """Return all that bears on the corpus, as JSON: no output folder, no file paths."""
        return self.model_dump(mode="json", exclude={"output": True, "sources": True, **_NO_PATHS})


def load_config(path: str) -> BuildConfig:
    """Return the configuration in a TOML file, its paths made relative to that file.

    Raises `ConfigError`, one line a fault: file, key, what was expected, the nearest key.
    """
    try:
        path = located(path)
        values = tomllib.loads(read_bytes(path).decode())
    except StorageRefused as error:
        raise ConfigError(str(error)) from None
    except FileNotFoundError:
        near = f"{path}.toml"
        hint = f"; did you mean {near}?" if os.path.isfile(near) else ""
        raise ConfigError(f"{path}: no such configuration file{hint}") from None
    except OSError:
        if not is_remote(path) and os.path.isdir(path):
            raise ConfigError(f"{path}: a folder; name the TOML file of a configuration") from None
        raise
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        if not path.endswith(".toml"):
            raise ConfigError(
                f"{path}: no configuration in TOML ({error}); a dump is named in the `paths` of one"
            ) from None
        raise ConfigError(f"{path}: not valid TOML: {error}") from None
    base = path.rpartition("/")[0] if is_remote(path) else os.path.dirname(os.path.abspath(path))
    for section, keys in _PATHS.items():
        table = cast("dict[str, Any]", values[section] if isinstance(values.get(section), dict) else {})
        table.update({key: _resolved(base, table[key], path) for key in keys if key in table})
    label = cast("dict[str, Any]", values["label"] if isinstance(values.get("label"), dict) else {})
    for tables in (label.get("classifiers"), values.get("steps")):
        for table in cast("list[Any]", tables if isinstance(tables, list) else []):
            if isinstance(table, dict) and "path" in table:
                table["path"] = _resolved(base, cast(Any, table["path"]), path)
    try:
        config = BuildConfig.model_validate(values)
    except ValidationError as error:
        lines = [f"{path}: {line}" for line in explain(error, BuildConfig)]
        raise ConfigError("\n".join(map(visible, lines))) from None
    sources = tuple(
        source.model_copy(update={"paths": tuple(_resolved(base, [*source.paths], place))})
        for source in config.sources
        for place in [f"{path}: sources.{source.name}.paths"]
    )
    output = _resolve(base, config.output, f"{path}: output", is_written=True)
    for source in sources:
        if line := overlapping(source.paths, output):
            raise ConfigError(f"{path}: sources.{source.name}: {line}")
        for item, given in zip(source.paths, _given_paths(values, source.name), strict=True):
            if not is_remote(item) and not os.path.isdir(item):
                _check_found(f"{path}: sources.{source.name}.paths", item, given, config.ingest.follow_links)
    return config.model_copy(update={"sources": sources, "output": output})


def _check_found(place: str, item: str, given: str, follow_links: bool) -> None:
    """Raise `ConfigError` where nothing is at a path, or nothing that is read."""
    passed: list[str] = []
    links = "all" if follow_links else "inside"

    def tell(path: str, why: str) -> None:
        passed.append(f"{path!r} is {why}")

    if next(list_with_trees(item, lambda _: True, links=links, passed=tell), None) is not None:
        return
    why = f"{passed[0]}, which is not read" if passed else f"looked at {item}"
    hint = "paths are relative to the configuration file"
    if any(LEAVES in one for one in passed):
        hint = "`ingest.follow_links = true` follows such links"
    raise ConfigError(f"{place}: nothing at {given!r} ({why}); {hint}")


def _given_paths(values: dict[str, Any], name: str) -> list[str]:
    return next(source["paths"] for source in values["sources"] if source["name"] == name)


def _resolved(base: str, value: Any, place: str) -> Any:
    """Return a setting's path, or list of paths, made absolute; anything else is for pydantic to refuse."""
    if isinstance(value, list):
        return [_resolved(base, item, place) for item in cast("list[Any]", value)]
    return _resolve(base, value, place) if isinstance(value, str) else value


def _resolve(base: str, path: str, place: str, *, is_written: bool = False) -> str:
    """Return a path, relative to the configuration, made whole; `ConfigError` where it cannot be used."""
    try:
        path = located(path)
        if not is_remote(path) and not os.path.isabs(path):
            path = join(base, path) if is_remote(base) else os.path.normpath(join(base, path))
        return check_usable(check_writable(path) if is_written else path)
    except StorageRefused as error:
        raise ConfigError(f"{place}: {error}") from None
