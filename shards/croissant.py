"""The card for machines: Croissant 1.1, JSON-LD that search engines and loaders read.

It names every file with its checksum, and describes the records: where the members of the samples
lie (`index.parquet`), who made the objects (`ATTRIBUTION.parquet`), and the samples and their parts
(the `json` members inside the tars).

Sources: https://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html and, for what begins with
`rai:`, https://docs.mlcommons.org/croissant/docs/croissant-rai-spec.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from shards.card_counts import Card
from shards.licences import spdx_page

CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
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
    "isArray": "cr:isArray",
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


_TEXT, _INTEGER, _FLAG, _NUMBER = "sc:Text", "sc:Integer", "sc:Boolean", "sc:Float"

_MEMBERS = {
    "split": (_TEXT, "train, val or test"),
    "shard": (_TEXT, "the tar that the member lies in"),
    "shard_sha256": (_TEXT, "SHA-256 of that tar, in hex"),
    "shard_size": (_INTEGER, "bytes of that tar"),
    "key": (_TEXT, "uid of the object"),
    "family": (_TEXT, "the object's family: near-duplicates and series have one together"),
    "parts": (_INTEGER, "parts of the sample"),
    "member": (_TEXT, "name of the member, without the key"),
    "offset": (_INTEGER, "first byte of the member in its tar"),
    "size": (_INTEGER, "bytes of the member"),
    "crc32": (_INTEGER, "CRC-32 of the member"),
    "sha256": (_TEXT, "SHA-256 of the member, in hex"),
}
"""Column of `index.parquet` -> type and meaning."""

_SAMPLES = {
    "uid": ("$.uid", _TEXT, "the object's id, and the key of its sample"),
    "split": ("$.split", _TEXT, "train, val or test"),
    "family": ("$.family", _TEXT, "the object's family"),
    "name": ("$.name", _TEXT, "what its source calls the object"),
    "licence": ("$.licence", _TEXT, "SPDX id, or what the source said"),
    "attribution": ("$.attribution", _TEXT, "the author, as the licence wants them quoted"),
    "creator": ("$.creator", _TEXT, "whose work it is"),
    "creator_url": ("$.creator_url", _TEXT, "the creator's page"),
    "link": ("$.link", _TEXT, "the object's page at its source"),
    "source": ("$.source", _TEXT, "where the object comes from"),
    "location": ("$.location", _TEXT, "where it lies there"),
    "caption_short": ("$.captions.short", _TEXT, "what the object is, in a few words"),
    "caption_long": ("$.captions.long", _TEXT, "what the object is, in sentences"),
}
"""Field -> JSON path in a sample's json, type and meaning; each is there once in every sample."""

_PARTS = {
    "index": (_INTEGER, "the part's place in the sample"),
    "name": (_TEXT, "what the part is called"),
    "caption_short": (_TEXT, "what the part is, in a few words"),
    "caption_long": (_TEXT, "what the part is, in sentences"),
    "area": (_NUMBER, "surface area in squared units of the object's frame"),
    "scale": (_NUMBER, "half of the longest side of the part's box, in units of that frame"),
    "face_count": (_INTEGER, "triangles"),
    "watertight": (_FLAG, "whether the part's edges close"),
}

_ATTRIBUTION = {
    "uid": (_TEXT, "the object's id"),
    "name": (_TEXT, "what its source calls the object"),
    "licence": (_TEXT, "SPDX id, or what the source said"),
    "attribution": (_TEXT, "the author, as the licence wants them quoted"),
    "creator": (_TEXT, "whose work it is"),
    "creator_url": (_TEXT, "the creator's page"),
    "link": (_TEXT, "the object's page at its source"),
    "source": (_TEXT, "where the object comes from"),
    "location": (_TEXT, "where it lies there"),
    "split": (_TEXT, "train, val or test"),
}

_JSON_FILES = "sample-json"
_JSON_NAME = r"^(.+)\.json$"


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
    licences = sorted({spdx_page(licence) or licence for licence in card.licences})
    tars = [file.name for file in files if file.name.endswith(".tar")]
    description = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "name": card.name,
        "description": f"{card.objects.total()} objects with {card.parts.total()} parts, as "
        "WebDataset shards made by Partworks. Licences differ by object; see ATTRIBUTION.parquet.",
        "keywords": ["3D", "part segmentation", "part-level generation"],
        "license": licences[0] if len(licences) == 1 else licences,
        "distribution": [*map(_file_object, files), *_file_sets(card, tars)],
        "recordSet": _record_sets(has_samples=bool(tars)),
        **_responsible_use(card),
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


def _file_sets(card: Card, tars: Sequence[str]) -> list[dict[str, Any]]:
    """The tars of each split, and the json members inside all of them."""
    if not tars:
        return []
    shards = [
        {
            "@type": "cr:FileSet",
            "@id": f"{split}-shards",
            "name": f"{split}-shards",
            "description": f"The WebDataset tars of the split {split}.",
            "encodingFormat": "application/x-tar",
            "includes": f"{split}-*.tar",
        }
        for split in card.splits
    ]
    members = {
        "@type": "cr:FileSet",
        "@id": _JSON_FILES,
        "name": _JSON_FILES,
        "description": "The json member of every sample.",
        "containedIn": [{"@id": name} for name in sorted(tars)],
        "encodingFormat": "application/json",
        "includes": "*.json",
    }
    return [*shards, members]


def _record_sets(*, has_samples: bool) -> list[dict[str, Any]]:
    tables = [
        _table("members", _MEMBERS, file="index.parquet", about="Where each member lies."),
        _table("attribution", _ATTRIBUTION, file="ATTRIBUTION.parquet", about="Who made what."),
    ]
    tables[0]["key"] = [{"@id": "members/key"}, {"@id": "members/member"}]
    tables[1]["key"] = {"@id": "attribution/uid"}
    return [*tables, _whole_json(), _samples(), _parts()] if has_samples else tables


def _table(
    name: str, columns: Mapping[str, tuple[str, str]], *, file: str, about: str
) -> dict[str, Any]:
    source = {"fileObject": {"@id": file}}
    fields = [
        _field(name, column, kind, meaning, {**source, "extract": {"column": column}})
        for column, (kind, meaning) in columns.items()
    ]
    return _record_set(name, about, fields)


def _samples() -> dict[str, Any]:
    fields = [
        _field("samples", name, kind, meaning, _from_json({"jsonPath": path}))
        for name, (path, kind, meaning) in _SAMPLES.items()
    ]
    records = _record_set("samples", "One object each, with all of its parts.", fields)
    return {**records, "key": {"@id": "samples/uid"}}


def _whole_json() -> dict[str, Any]:
    """The json of a sample as it is, for loaders that cannot look into json inside of tars."""
    content = _from_json({"fileProperty": "content"})
    fields = [
        _uid_in_name("sample_json"),
        _field("sample_json", "json", _TEXT, "everything that is said of the sample", content),
    ]
    records = _record_set("sample_json", "The json of every sample, undivided.", fields)
    return {**records, "key": {"@id": "sample_json/uid"}}


def _uid_in_name(records: str) -> dict[str, Any]:
    """The uid as the file's name has it."""
    source = {**_from_json({"fileProperty": "filename"}), "transform": {"regex": _JSON_NAME}}
    return _field(records, "uid", _TEXT, "the object's id", source)


def _parts() -> dict[str, Any]:
    """The key is in the name of the file, since a path in the json finds it once, not per part."""
    fields = [
        _uid_in_name("parts"),
        *(
            _field("parts", name, kind, meaning, _from_json({"jsonPath": f"$.parts[*].{name}"}))
            for name, (kind, meaning) in _PARTS.items()
        ),
    ]
    records = _record_set("parts", "The parts of all objects.", fields)
    return {**records, "key": [{"@id": "parts/uid"}, {"@id": "parts/index"}]}


def _from_json(extract: Mapping[str, str]) -> dict[str, Any]:
    return {"fileSet": {"@id": _JSON_FILES}, "extract": dict(extract)}


def _field(
    records: str, name: str, kind: str, meaning: str, source: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "@type": "cr:Field",
        "@id": f"{records}/{name}",
        "name": name,
        "description": meaning,
        "dataType": kind,
        "source": dict(source),
    }


def _record_set(name: str, about: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": about,
        "field": fields,
    }


def _responsible_use(card: Card) -> dict[str, Any]:
    """How the data came about and what it is not fit for, as the RAI vocabulary asks."""
    tools = [f"{what}: {maker}" for what, counts in card.makers.items() for maker in sorted(counts)]
    return {
        "rai:dataCollection": "3D assets of: " + (_words(card.sources) or "no source") + ".",
        "rai:dataPreprocessingProtocol": "Assets were normalised, cut into parts, rendered from "
        "several sides and captioned; points and signed distances were sampled on their surfaces.",
        "rai:machineAnnotationTools": tools,
        "rai:dataLimitations": "Licences differ by object, and some may be unknown. Parts whose "
        "sign cannot be trusted have no signed distances. README.md names the defaults that stood "
        "in for models or reviewers.",
    }


def _words(counts: Iterable[str]) -> str:
    return ", ".join(sorted(counts))
