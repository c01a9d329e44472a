"""What of an object's renders is shown beside its captions."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image, UnidentifiedImageError

from annotate.captions.standing import Unreadable
from partworks import layout
from partworks.artifacts.renders import OBJECT, PartOverlap, Renders, part_folder
from partworks.artifacts.view_images import MAX_PIXELS
from partworks.store import Store

MOST_BYTES = 256 << 20
"""Of a renders zip that is read for its pictures."""

WHOLE_VIEWS = 2
_KINDS = {"PNG": "image/png", "WEBP": "image/webp"}
_DAMAGED = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A colour view as it lies in the renders.

    Attributes:
        data: the encoded bytes, of the media type `kind`, with the hash `sha256`.
    """

    data: bytes
    kind: str
    width: int
    height: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Album:
    """The pictures of one object.

    Attributes:
        pictures: name -> picture: `object-3` is view 3 of the object, `part-2` is part 2 alone.
        whole: names of those that show the object.
        places: for each part the picture of the object that shows most of it and where it is, as
            (x0, y0, x1, y1) in pixels, upper bounds exclusive; None if no view shows it.
    """

    pictures: Mapping[str, Picture] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    places: tuple[tuple[str, tuple[int, int, int, int]] | None, ...] = ()


def read_album(store: Store, uid: str) -> Album:
    """The pictures of an object; none if it has no renders, or others than this version writes.

    Raises:
        Unreadable: the renders are damaged, or larger than `MOST_BYTES`.
    """
    path = layout.renders(uid)
    if not store.exists(path):
        return Album()
    if store.size(path) > MOST_BYTES:
        raise Unreadable(f"{path} has more than {MOST_BYTES >> 20} MiB; its pictures are not shown")
    try:
        return _album(Renders(store.read(path)))
    except (zipfile.BadZipFile, json.JSONDecodeError, *_DAMAGED, KeyError, TypeError) as error:
        raise Unreadable.damaged(path, error, stage="render") from error


def _album(renders: Renders) -> Album:
    folders = set(renders.folders)
    pictures: dict[str, Picture] = {}
    places: list[tuple[str, tuple[int, int, int, int]] | None] = []
    views = renders.views(OBJECT) if OBJECT in folders else []
    for part, overlap in enumerate(renders.overlap):
        alone = _sound(renders, part_folder(part)) if part_folder(part) in folders else []
        if alone:
            path = renders.views(part_folder(part))[alone[0]]
            pictures[f"part-{part}"] = _picture(renders.read(path))
        seen = 0 <= overlap.best_view < len(views)
        places.append((f"object-{overlap.best_view}", overlap.box) if seen else None)
    whole = _best_views(renders.overlap, count=len(views)) or _sound(renders, OBJECT)[:WHOLE_VIEWS]
    wanted = {*whole, *(overlap.best_view for overlap in renders.overlap)}
    for view in sorted(wanted & set(range(len(views)))):
        pictures[f"object-{view}"] = _picture(renders.read(views[view]))
    names = tuple(f"object-{view}" for view in whole if f"object-{view}" in pictures)
    return Album(pictures=pictures, whole=names, places=tuple(places))


def _best_views(overlap: tuple[PartOverlap, ...], *, count: int) -> list[int]:
    """The views that show most parts at their best, so that most numbers are in them."""
    uses = Counter(one.best_view for one in overlap if 0 <= one.best_view < count)
    return sorted(uses, key=lambda view: (-uses[view], view))[:WHOLE_VIEWS]


def _sound(renders: Renders, folder: str) -> list[int]:
    """Views without a flaw, those that show most first."""
    checks = renders.checks(folder)
    return sorted(renders.sound_views(folder), key=lambda view: -checks[view].coverage)


def _picture(data: bytes) -> Picture:
    """A picture, measured and not decoded; ValueError if it is none, or too large."""
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_KINDS)) as image:
            width, height, kind = image.width, image.height, _KINDS[str(image.format)]
    except UnidentifiedImageError as error:
        raise ValueError("a view is neither PNG nor WebP") from error
    if width * height > MAX_PIXELS:
        raise ValueError(f"a view has {width} × {height} pixels")
    return Picture(
        data=data,
        kind=kind,
        width=width,
        height=height,
        sha256=hashlib.sha256(data).hexdigest(),
    )
