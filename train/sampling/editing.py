"""Changing some parts of an object while the others stay exactly as they are (CoPart, section 4.1).

An edit is a JSON file:

    {"text": "a chair with wings", "resample": ["seat"], "remove": ["armrest"],
     "parts": [{"name": "back", "text": "a high back"},
               {"name": "wing", "text": "a wing", "box": [[1, 0, 0], [2, 1, 1]]}]}

All of it may be left out but for something to do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from partworks.errors import UsageError
from train.sampling.denoising import Latents
from train.sampling.generation import Task
from train.sampling.layout import Layout, PartLayout, Point
from train.sampling.reading import validation_message


@dataclass(frozen=True, slots=True, kw_only=True)
class PartChange:
    """A part that is changed, or a new one.

    Attributes:
        name: of a part of the layout, or of none, which is added.
        text: what it is to be; the old text where it is left out.
        box: where it is to be, in the layout's unit; the old box where it is left out.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(
        extra="forbid", strict=True, allow_inf_nan=False
    )

    name: str
    text: str | None = None
    box: tuple[Point, Point] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What is to become of an object.

    Attributes:
        text: of the whole; the old one where it is left out.
        parts: changed and added.
        resample: names of parts to sample anew from the same text and box.
        remove: names of parts to leave out.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid", strict=True)

    text: str | None = None
    parts: tuple[PartChange, ...] = ()
    resample: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not (self.parts or self.resample or self.remove):
            raise ValueError("the edit changes no part; give parts, resample or remove")


_EDIT: TypeAdapter[Edit] = TypeAdapter(Edit)


def read_edit(path: Path) -> Edit:
    """The edit of a JSON file.

    Raises:
        UsageError: the file is absent or not as it should be.
    """
    try:
        return _EDIT.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read the edit {path}: {error.strerror}") from error
    except ValidationError as error:
        raise UsageError(f"{path} is no edit: {validation_message(error)}") from error


def edit_task(layout: Layout, latents: Latents, *, edit: Edit) -> Task:
    """The task that makes an edited object.

    The object frame stays what it was, however boxes change: kept parts lie in it.

    Args:
        latents: of all parts of the layout, in order.

    Raises:
        UsageError: the edit does not fit the layout, or leaves nothing to sample.
    """
    try:
        edited = edited_layout(layout, edit)
    except ValueError as error:
        raise UsageError(f"{layout.name} cannot be edited so: {error}") from error
    new = {part.name for part in edit.parts} | set(edit.resample)
    old = {part.name: row for row, part in enumerate(layout.parts)}
    kept = tuple(row for row, part in enumerate(edited.parts) if part.name not in new)
    if len(kept) == len(edited.parts):
        raise UsageError(
            f"nothing of {layout.name} is to be sampled: name a part in `resample` or in `parts`"
        )
    # Rows that are not kept are of no meaning; the first will do.
    rows = [old.get(part.name, 0) for part in edited.parts]
    return Task(layout=edited, kept=kept, latents=latents.rows(rows))


def edited_layout(layout: Layout, edit: Edit) -> Layout:
    """The layout after an edit: parts in their order, new ones last.

    Raises:
        ValueError: a name is of no part, or a new part has no box.
    """
    layout.rows([*edit.resample, *edit.remove])
    changes = {change.name: change for change in edit.parts}
    both = sorted(set(edit.remove) & {*changes, *edit.resample})
    if both:
        raise ValueError(f"{both[0]} is to be removed and to be sampled; choose one")
    parts = [
        _changed(part, changes.get(part.name))
        for part in layout.parts
        if part.name not in edit.remove
    ]
    known = {part.name for part in layout.parts}
    parts += [_added(change) for change in edit.parts if change.name not in known]
    joints = tuple(
        joint for joint in layout.joints if not {joint.parent, joint.child} & set(edit.remove)
    )
    return replace(
        layout,
        text=layout.text if edit.text is None else edit.text,
        parts=tuple(parts),
        joints=joints,
        extent=layout.extent or layout.around,
    )


def _changed(part: PartLayout, change: PartChange | None) -> PartLayout:
    if change is None:
        return part
    return replace(
        part,
        text=part.text if change.text is None else change.text,
        box=part.box if change.box is None else change.box,
    )


def _added(change: PartChange) -> PartLayout:
    if change.box is None:
        raise ValueError(f"{change.name} is a new part; give its box")
    return PartLayout(name=change.name, text=change.text or "", box=change.box)
