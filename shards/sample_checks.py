"""What must hold in one sample: in its members alone, and against what it was made from."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.captions import Captions
from partworks.artifacts.npz import from_npz
from partworks.artifacts.parts import Parts
from partworks.geometry.mesh import Mesh
from shards.field.body import make_body
from shards.field.native import surface_distances
from shards.surface import Surface

Arrays = Mapping[str, NDArray[Any]]
Complaint = tuple[str, str]
"""The kind of a breach, and what was expected and found."""

TOLERANCE = 1e-5
"""Of the object's size, 2: how far single precision may take a point from the surface or its box.

Points are rounded to single precision in [-1, 1], which moves them by 1e-7 at the most.
"""

PROBES = 256
"""Points of each surface that are held against the mesh; another mesh shows at the first few."""

SIGNS = ("closed", "winding", "proxy")
PICTURES = (".webp", ".png")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What a sample was made from, as the earlier stages have left it."""

    mesh: Mesh
    parts: Parts
    captions: Captions


def check_sample(
    members: Mapping[str, bytes], record: Mapping[str, Any], *, origin: Origin | None
) -> Iterator[Complaint]:
    """What does not hold in a sample.

    Args:
        members: all but the json, by name without the key.
        record: the json.
        origin: None if what the sample was made from has changed since.
    """
    for name, data in members.items():
        if name.endswith(PICTURES):
            yield from _picture(name, data)
    arrays = {name: from_npz(data) for name, data in members.items() if name.endswith(".npz")}
    for name, group in arrays.items():
        yield from _finite(name, group)
    points = arrays.get("points.npz")
    if points is None:
        yield "cross_reference", "it has no points.npz"
        return
    yield from _points(points, record)
    if origin is not None:
        yield from _origin(points, record, origin)
    yield from _field(arrays.get("field.npz"), record)
    if "mesh.npz" in arrays:
        yield from _mesh(arrays["mesh.npz"], record, origin)


def _picture(name: str, data: bytes) -> Iterator[Complaint]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except (OSError, ValueError, SyntaxError) as error:
        yield "unreadable", f"{name} is no picture: {error}"


def _finite(name: str, arrays: Arrays) -> Iterator[Complaint]:
    for key, values in arrays.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            wrong = int((~np.isfinite(values)).sum())
            yield "unreadable", f"{name}: {wrong} numbers of {key} are not finite"


def _points(points: Arrays, record: Mapping[str, Any]) -> Iterator[Complaint]:
    count = len(record["parts"])
    for key in ("part_surface", "part_box", "part_center", "part_scale"):
        if key not in points or len(points[key]) != count:
            found = len(points[key]) if key in points else "no"
            yield (
                "cross_reference",
                f"points.npz has {found} rows of {key}, the json has {count} parts",
            )
            return
    told = np.array([[row["box_min"], row["box_max"]] for row in record["parts"]])
    if not np.allclose(points["part_box"], told, atol=TOLERANCE):
        yield "cross_reference", "part_box of points.npz is not that of the json"
    low, high = points["part_box"][:, None, 0], points["part_box"][:, None, 1]
    places = points["part_surface"][..., :3]
    outside = np.maximum(low - places, places - high).max(axis=(1, 2), initial=0.0)
    for part in np.flatnonzero(outside > 2 * TOLERANCE):
        yield "cross_reference", f"points of part {part} lie {outside[part]:.2g} outside its box"


def _origin(points: Arrays, record: Mapping[str, Any], origin: Origin) -> Iterator[Complaint]:
    """Against geometry, parts and captions."""
    expected, found = origin.mesh.geometry_hash, record["geometry_hash"]
    if found != expected:
        yield (
            "geometry_hash",
            f"made for geometry {found[:12]}, the object has {expected[:12]}",
        )
        return
    yield from _captions(record, origin)
    every = np.arange(origin.mesh.face_count)
    surface = Surface(origin.mesh.vertices, origin.mesh.faces)
    labels = origin.parts.face_labels
    groups = [("the object", every, points["object_surface"])]
    for row, places in zip(record["parts"], points["part_surface"], strict=True):
        own = np.flatnonzero(np.isin(labels, row["labels"]))
        groups.append((f"part {row['index']}", own, places))
    for what, faces, places in groups:
        away = _distance(surface, faces, places)
        if not away <= 2 * TOLERANCE:
            yield "cross_reference", f"points of {what} lie {away:.2g} off its surface"


def _distance(surface: Surface, faces: NDArray[np.int64], places: NDArray[Any]) -> float:
    """How far the farthest of some points, evenly taken, is from some faces."""
    body = make_body(surface, faces, center=np.zeros(3), scale=1.0)
    if not len(body.faces):
        return float("inf")
    chosen = places[:: max(1, len(places) // PROBES), :3].astype(np.float64)
    return float(surface_distances(body.vertices, body.faces, chosen).max(initial=0.0))


def _captions(record: Mapping[str, Any], origin: Origin) -> Iterator[Complaint]:
    captions = origin.captions
    if len(captions.parts) != origin.parts.count:
        yield (
            "cross_reference",
            f"the object has {origin.parts.count} parts, its captions {len(captions.parts)}",
        )
        return
    told = record["captions"]
    for key in ("name", "short", "long"):
        if told[key] != getattr(captions.whole, key):
            yield "cross_reference", f"its caption ({key}) is not that of the captions stage"
    for row in record["parts"]:
        if len(row["labels"]) > 1:  # nobody described several parts together
            continue
        caption = captions.parts[row["labels"][0]]
        found = [row[f"caption_{key}"] for key in ("name", "short", "long")]
        if found != [caption.name, caption.short, caption.long]:
            yield (
                "cross_reference",
                f"the captions of part {row['index']} are not those of the captions stage",
            )


def _field(field: Arrays | None, record: Mapping[str, Any]) -> Iterator[Complaint]:
    signs = record["field"]
    if (field is None) != (signs is None):
        yield "cross_reference", "field.npz and the json's field must be there together"
    if field is None or signs is None:
        return
    trusted = np.array([sign in SIGNS for sign in signs["parts"]], bool)
    expected = np.where(trusted, np.cumsum(trusted) - 1, -1)
    if len(trusted) != len(record["parts"]) or not np.array_equal(field["part_row"], expected):
        yield (
            "cross_reference",
            f"part_row of field.npz is {field['part_row'].tolist()}, "
            f"the json's signs make it {expected.tolist()}",
        )
        return
    scales = np.array([row["scale"] for row in record["parts"]])[trusted]
    whole = np.ones(int(signs["object"] in SIGNS))
    for what, bounds in (("part", scales), ("object", whole)):
        yield from _distances(field, what, bounds * signs["truncation"])


def _distances(field: Arrays, what: str, bounds: NDArray[np.float64]) -> Iterator[Complaint]:
    for kind in ("surface", "near", "volume"):
        values = field[f"{what}_{kind}"]
        if len(values) != len(bounds):
            yield (
                "cross_reference",
                f"{what}_{kind} of field.npz has {len(values)} rows, expected {len(bounds)}",
            )
        elif kind != "surface" and values.size:
            most = np.abs(values[..., 3]).max(axis=1)
            if (most > bounds * (1 + TOLERANCE)).any():
                yield "cross_reference", f"{what}_{kind} has distances beyond the truncation"


def _mesh(mesh: Arrays, record: Mapping[str, Any], origin: Origin | None) -> Iterator[Complaint]:
    """Its parts are those of the json, and its triangles those of the object."""
    counts = np.bincount(mesh["face_part"].astype(np.int64) + 1, minlength=1)[1:]
    told = [row["face_count"] for row in record["parts"]]
    if counts.tolist() != told:
        yield (
            "cross_reference",
            f"mesh.npz has {counts.tolist()} faces in the parts, the json {told}",
        )
    faces = mesh["faces"]
    if len(faces) and not 0 <= faces.min() <= faces.max() < len(mesh["vertices"]):
        yield "cross_reference", "faces of mesh.npz name vertices that are not there"
    elif origin is not None and origin.mesh.geometry_hash == record["geometry_hash"]:
        true = origin.mesh.vertices[origin.mesh.faces].astype(np.float32)
        if not np.array_equal(mesh["vertices"][faces], true):
            yield "cross_reference", "triangles of mesh.npz are not those of the object"
