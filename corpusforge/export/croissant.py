"""Croissant metadata (docs.mlcommons.org/croissant/docs/croissant-spec.html, version 1.0)."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from corpusforge.export.card import languages
from corpusforge.export.documents import SCHEMA
from corpusforge.export.fields import FIELDS
from corpusforge.export.figures import Config, DataFile, Figures, configs
from corpusforge.shards.arrow import maps_as_lists, pa
from corpusforge.shards.snapshot import Index

_PARQUET = "application/x-parquet"
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
_TYPES = {"string": "sc:Text", "large_string": "sc:Text", "float": "sc:Float", "double": "sc:Float"}
_INTEGER = "sc:Integer"


def croissant(index: Index, figures: Figures, files: Sequence[DataFile]) -> str:
    """Return croissant.json: every file with its sha256, a set of records a configuration.

    Who publishes the folder adds what only they know: creator, url, datePublished.
    """
    whole, parts = figures.whole, configs(files)
    value: dict[str, Any] = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": _name(str(index.header["corpus_id"])),
        "description": f"{whole.documents:,} documents of {len(figures.source):,} sources by domain, "
        f"{whole.tokens:,} tokens: snapshot {index.snapshot}.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "license": _licences(figures),
        "inLanguage": languages(figures),
        "version": "1.0.0",
        "distribution": [*map(_file_object, files), *map(_file_set, parts)],
        "recordSet": [_record_set(part) for part in parts],
    }
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _name(text: str) -> str:
    """Return a name of letters that Croissant allows in one."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", text) or "corpus"


def _licences(figures: Figures) -> list[str]:
    """Return the licences of documents: the address of a single one, else the expression as it is."""
    names = sorted(name for name in figures.licence if name)
    return [f"https://spdx.org/licenses/{name}" if _ONE.fullmatch(name) else name for name in names]


def _file_object(file: DataFile) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "contentUrl": file.path,
        "contentSize": f"{file.n_bytes} B",
        "encodingFormat": _PARQUET,
        "sha256": file.sha256,
    }


def _file_set(part: Config) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"files-{part.name}",
        "name": f"files-{part.name}",
        "encodingFormat": _PARQUET,
        "includes": part.pattern,
    }


def _record_set(part: Config) -> dict[str, Any]:
    schema = maps_as_lists(SCHEMA.empty_table()).schema
    return {
        "@type": "cr:RecordSet",
        "@id": part.name,
        "name": part.name,
        "key": {"@id": f"{part.name}/id"},
        "field": [_field(part, field) for field in schema],
    }


def _field(part: Config, field: Any) -> dict[str, Any]:
    name = f"{part.name}/{field.name}"
    value: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": FIELDS[field.name],
    }
    source = {"fileSet": {"@id": f"files-{part.name}"}, "extract": {"column": field.name}}
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
