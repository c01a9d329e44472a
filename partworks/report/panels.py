"""The pictures of one object: segments, parts and boxes from one camera, and all its views."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.segments import Segments
from partworks.geometry.boxes import label_boxes
from partworks.geometry.mesh import Mesh
from partworks.report.artefacts import Artefacts, Notes
from partworks.report.colouring import (
    Look,
    default_camera,
    look_at_object,
    paint_boxes,
    paint_labels,
)
from partworks.report.contact_sheet import ContactSheet
from partworks.report.palette import PALETTE, Color
from partworks.report.pictures import Picture, inline
from partworks.report.wording import plural

HANDFUL = 40
"""Groups of segments at which the merge tree is shown, beside its leaves and its default level."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """A picture with its caption."""

    caption: str
    picture: Picture


class PanelMaker:
    """Draws what can be drawn; what cannot becomes a note.

    Args:
        name: of the object, for the alternative texts.

    Attributes:
        panels: those drawn so far.
        colors: the colour of each part.
    """

    def __init__(self, found: Artefacts, notes: Notes, *, name: str) -> None:
        self.panels: list[Panel] = []
        count = found.parts.count if found.parts else 0
        self.colors: list[Color] = [PALETTE[index % len(PALETTE)] for index in range(count)]
        self._found = found
        self._notes = notes
        self._name = name

    def draw(self) -> None:
        """Fill `panels`."""
        found = self._found
        if found.views is not None:
            self._add("View", "rendered", found.views.object_view)
        look = self._look(found.mesh) if found.mesh is not None else None
        if look is None or found.mesh is None:
            return
        if found.segments is not None:
            self._draw_segments(look, found.segments)
        if found.parts is not None:
            self._draw_parts(look, found.mesh, found.parts.face_labels, found.parts.count)

    def _draw_segments(self, look: Look, segments: Segments) -> None:
        """The segments, and what their tree merges them to."""
        default = segments.count_at(segments.default_height)
        levels = sorted({segments.count, min(HANDFUL, segments.count), default}, reverse=True)
        for count in levels:
            labels = segments.at_count(count)
            whole = count == segments.count
            note = ", the default" if count == default else ""
            self._add(
                plural(count, "segment") if whole else f"merged to {count}{note}",
                "segments in colour",
                partial(_painted, look, labels, count),
            )

    def _draw_parts(self, look: Look, mesh: Mesh, labels: NDArray[np.int32], count: int) -> None:
        def paint() -> Image.Image:
            image, self.colors = paint_labels(look, labels, count=count)
            return image

        def boxes() -> Image.Image:
            return paint_boxes(look, label_boxes(mesh, labels, count=count), self.colors)

        self._add(plural(count, "part"), "parts in colour", paint)
        self._add("Boxes", "a box around each part", boxes)

    def sheet(self) -> Panel | None:
        """Views of the object side by side, with their passes."""
        views = self._found.views
        if views is None:
            return None
        made = self._notes.attempt("The contact sheet", views.sheet)
        if made is None:
            return None
        picture = inline(made.image, alt=f"{self._name} from {plural(made.views, 'side')}")
        return Panel(caption=_sheet_caption(made), picture=picture)

    def _look(self, mesh: Mesh) -> Look | None:
        views = self._found.views
        camera = views.camera if views is not None else default_camera(mesh)
        return self._notes.attempt("The geometry", lambda: look_at_object(mesh, camera))

    def _add(self, caption: str, what: str, paint: Callable[[], Image.Image]) -> None:
        image = self._notes.attempt(f"The picture “{caption}”", paint)
        if image is not None:
            picture = inline(image, alt=f"{self._name}, {what}")
            self.panels.append(Panel(caption=caption, picture=picture))


def _sheet_caption(sheet: ContactSheet) -> str:
    caption = plural(sheet.views, "view")
    if sheet.flawed:
        caption += f", {sheet.flawed} of them flawed (red frame)"
    if sheet.passes:
        caption += f"; below: {', '.join(sheet.passes).replace('_', ' ')}"
    return caption


def _painted(look: Look, labels: NDArray[np.int32], count: int) -> Image.Image:
    return paint_labels(look, labels, count=count)[0]
