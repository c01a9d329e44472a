"""The card for machines: Croissant 1.0, JSON-LD that search engines and loaders read.

Source: https://docs.mlcommons.org/croissant/docs/croissant-spec.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shards.card import Card

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}

_COLUMNS = {
    "split": "sc:Text",
    "shard": "sc:Text",
    "key": "sc:Text",
    "parts": "sc:Integer",
    "member": "sc:Text",
    "offset": "sc:Integer",
    "size": "sc:Integer",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A file of the data set: its name below `shards/`, SHA-256 in hex, bytes."""

    name: str
    sha256: str
    size: int


def croissant(card: Card, *, files: Sequence[DataFile], url: str, published: str) -> bytes:
    """The description as JSON-LD, with sorted keys; who publishes it adds `creator` and `version`.

    Args:
        files: the shards and tables, in any order.
        url: where the data set is published; left out if empty.
        published: ISO date; left out if empty.
    """
    licences = sorted(card.licences)
    description = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": card.name,
        "description": f"{card.objects.total()} objects with {card.parts.total()} parts, as "
        "WebDataset shards made by Partworks. Licences differ by object; see ATTRIBUTION.parquet.",
        "license": licences[0] if len(licences) == 1 else licences,
        "distribution": [_file_object(file) for file in files],
        "recordSet": [_index_record_set()],
    }
    optional = {"url": url, "datePublished": published}
    description.update({key: value for key, value in optional.items() if value})
    return (json.dumps(description, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _file_object(file: DataFile) -> dict[str, Any]:
    is_tar = file.name.endswith(".tar")
    return {
        "@type": "cr:FileObject",
        "@id": file.name,
        "name": file.name,
        "contentUrl": file.name,
        "contentSize": f"{file.size} B",
        "encodingFormat": "application/x-tar" if is_tar else "application/x-parquet",
        "sha256": file.sha256,
    }


def _index_record_set() -> dict[str, Any]:
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"members/{name}",
            "name": name,
            "dataType": kind,
            "source": {"fileObject": {"@id": "index.parquet"}, "extract": {"column": name}},
        }
        for name, kind in _COLUMNS.items()
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": "members",
        "name": "members",
        "description": "Where each member of each sample lies.",
        "field": fields,
    }
