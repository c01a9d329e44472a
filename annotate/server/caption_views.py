"""An object with its captions as it goes over the wire."""

from __future__ import annotations

from annotate.captions.standing import is_doubtful
from annotate.server import caption_messages as messages
from annotate.server.captioning import Shown
from partworks.artifacts.caption_edits import FIELDS, WHOLE


def described(shown: Shown) -> messages.CaptionedObject:
    """An object as it goes over the wire."""
    standing = shown.standing
    return messages.CaptionedObject(
        uid=standing.uid,
        version=standing.version,
        geometry_hash=standing.geometry_hash,
        captioner=standing.captions.captioner,
        model=standing.captions.model,
        closed=shown.closed,
        stale=len(standing.stale),
        pictures=[view for name in shown.album.whole if (view := _picture(shown, name))],
        pictures_problem=shown.album_problem,
        captions=[_caption(shown, target) for target in standing.targets],
    )


def _caption(shown: Shown, target: str) -> messages.CaptionView:
    standing, album = shown.standing, shown.album
    written, caption = standing.written(target), standing.caption(target)
    edited = standing.texts.get(target, {})
    number = None if target == WHOLE else int(target)
    names = standing.part_names
    place = album.places[number] if number is not None and number < len(album.places) else None
    where = _picture(shown, place[0]) if place else None
    return messages.CaptionView(
        target=target,
        title=names[number] if number is not None and number < len(names) else "",
        texts={name: getattr(caption, name) for name in FIELDS},
        source=caption.source,
        flags=list(caption.flags),
        unsure=caption.unsure,
        doubtful=is_doubtful(caption),
        confidence=caption.confidence,
        edits={name: _edit(shown, target, name) for name in FIELDS if name in edited},
        was_edited=written.source == "reviewer" and not edited,
        place=messages.PlaceView(picture=where, box=list(place[1])) if place and where else None,
        alone=None if number is None else _picture(shown, f"part-{number}"),
    )


def _edit(shown: Shown, target: str, name: str) -> messages.CaptionEditView:
    author = shown.standing.author(target, name)
    assert author is not None
    before = str(getattr(shown.standing.written(target), name))
    return messages.CaptionEditView(by=author.by, at=author.at, before=before)


def _picture(shown: Shown, name: str) -> messages.PictureView | None:
    picture = shown.album.pictures.get(name)
    if picture is None:
        return None
    url = f"api/v1/captions/{shown.standing.uid}/pictures/{name}"
    return messages.PictureView(url=url, width=picture.width, height=picture.height)
