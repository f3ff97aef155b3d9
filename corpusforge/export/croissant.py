"""Croissant metadata (docs.mlcommons.org/croissant/docs/croissant-spec.html, version 1.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from corpusforge.export.card import languages
from corpusforge.export.documents import SCHEMA
from corpusforge.export.fields import FIELDS
from corpusforge.export.figures import Config, DataFile, Figures, configs
from corpusforge.shards.arrow import maps_as_lists, pa
from corpusforge.shards.snapshot import Index

PARQUET = "application/x-parquet"
_ONE = re.compile(r"[A-Za-z0-9.+-]+")
"""One SPDX identifier, no expression of several."""
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
"""The context that the specification prescribes, word for word."""
_OF_CORPUS = {
    "doc_id": FIELDS["id"],
    "start": "place of the first token in the shard's payload",
    "length": FIELDS["n_tokens"],
}
"""Columns of a corpus's own tables that an export names otherwise."""
_TYPES = {"string": "sc:Text", "large_string": "sc:Text", "float": "sc:Float", "double": "sc:Float"}
_INTEGER = "sc:Integer"


def croissant(index: Index, figures: Figures, files: Sequence[DataFile]) -> str:
    """Return croissant.json: every file with its sha256, a set of records a configuration.

    Who publishes the folder adds what only they know: creator, url, datePublished.
    """
    whole, parts = figures.whole, configs(files)
    description = (
        f"{whole.documents:,} documents of {len(figures.source):,} sources by domain, "
        f"{whole.tokens:,} tokens: snapshot {index.snapshot}."
    )
    files_and_sets = [*map(_data_file, files), *map(_file_set, parts)]
    return metadata(index, figures, description, files_and_sets, [_record_set(part) for part in parts])


def metadata(
    index: Index,
    figures: Figures,
    description: str,
    distribution: Sequence[Mapping[str, Any]],
    record_sets: Sequence[Mapping[str, Any]],
) -> str:
    """Return the JSON of a dataset: its files and sets of files, and the records in them."""
    value: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": _name(str(index.header["corpus_id"])),
        "description": description,
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": _licences(figures),
        "inLanguage": languages(figures),
        "version": "1.0.0",
        "distribution": list(distribution),
        "recordSet": list(record_sets),
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _name(text: str) -> str:
    """Return a name of letters that Croissant allows in one."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "corpus"


def _licences(figures: Figures) -> list[str]:
    """Return the licences of documents: the address of a single one, else the expression as it is."""
    names = sorted(name for name in figures.licence if name)
    return [f"https://spdx.org/licenses/{name}" if _ONE.fullmatch(name) else name for name in names]


def _data_file(file: DataFile) -> dict[str, Any]:
    return file_object(file.path, PARQUET, file.sha256, file.n_bytes)


def file_object(path: str, media_type: str, sha256: str, n_bytes: int | None = None) -> dict[str, Any]:
    """Return a file, its path relative to the metadata."""
    size = {} if n_bytes is None else {"contentSize": f"{n_bytes} B"}
    named = {"@type": "cr:FileObject", "@id": path, "name": path, "contentUrl": path}
    return {**named, **size, "encodingFormat": media_type, "sha256": sha256}


def _file_set(part: Config) -> dict[str, Any]:
    return file_set(f"files-{part.name}", part.pattern)


def file_set(name: str, includes: str | Sequence[str]) -> dict[str, Any]:
    """Return a set of Parquet files below the folder of the metadata: a glob, or several."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": PARQUET,
        "includes": includes if isinstance(includes, str) else list(includes),
    }


def _record_set(part: Config) -> dict[str, Any]:
    schema = maps_as_lists(SCHEMA.empty_table()).schema
    return record_set(part.name, f"files-{part.name}", schema, key="id")


def record_set(name: str, files: str, schema: Any, key: str) -> dict[str, Any]:
    """Return the records in a set of Parquet files; `schema` with maps as lists, `key` a column."""
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "key": {"@id": f"{name}/{key}"},
        "field": [_field(name, files, field) for field in schema],
    }


def _field(records: str, files: str, field: Any) -> dict[str, Any]:
    name = f"{records}/{field.name}"
    value: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": FIELDS.get(field.name) or _OF_CORPUS[field.name],
    }
    source = {"fileSet": {"@id": files}, "extract": {"column": field.name}}
    if not pa.types.is_list(field.type):
        return {**value, "dataType": _type(field.type), "source": source}
    value["repeated"] = True
    inner = field.type.value_type
    if not pa.types.is_struct(inner):
        return {**value, "dataType": _type(inner), "source": source}
    value["subField"] = [
        {
            "@type": "cr:Field",
            "@id": f"{name}/{one.name}",
            "name": f"{name}/{one.name}",
            "dataType": _type(one.type),
            "source": {**source, "transform": {"jsonPath": one.name}},
        }
        for one in inner
    ]
    return value


def _type(kind: Any) -> str:
    return _TYPES.get(str(kind), _INTEGER)
