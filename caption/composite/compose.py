"""Composites of one object: a picture for each part, and one for the whole."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from caption.composite.canvas import EDGE, Canvas
from caption.composite.choice import spread_views
from caption.composite.composite import Box, Composite
from caption.composite.config import CompositeConfig
from caption.composite.marks import (
    MARGIN,
    draw_box,
    draw_ring,
    fade,
    grown,
    ring_around,
)
from caption.composite.panels import (
    Panel,
    bounds,
    flatten,
    longer_side,
    make_panel,
    square_around,
)
from caption.composite.shown import Shown, show_alone
from caption.views import Views
from partworks.artifacts.renders import OBJECT

GUTTER = 56
"""Pixels between two pictures with an arrow."""

MOST_SCALE = 4.0
"""How much a picture is enlarged at the most."""

AROUND = 3.0
"""Sides of a small part's box that its neighbourhood has."""

WHITE, GREY = 255, 168
"""Backgrounds."""

LIGHT = 215
"""Mean level above which what is shown would be lost on white."""

UNSEEN = (
    "No good view of the whole object shows this part: it is hidden or inside. "
    "It is shown alone, so nothing can be seen of where it sits."
)


class Composer:
    """Makes the composites of one object.

    Args:
        views: of the object and its parts.
        config: what they look like.
    """

    def __init__(self, views: Views, *, config: CompositeConfig) -> None:
        self._views = views
        self._config = config

    def part(self, part: int) -> Composite | None:
        """The object with a part marked, an arrow, the part alone (PartVerse, section on captions).

        A small part is shown with its neighbours between the two. A part that no sound view shows
        is shown alone, with a note. None where there is no picture of it at all.
        """
        overlap = self._views.renders.overlap[part]
        shown = self._shown(part)
        if shown is None:
            return None
        background = shown.background
        panels, boxes = (
            self._marked(part, background=background) if overlap.best_view >= 0 else ([], [])
        )
        canvas = Canvas([*panels, self._alone(shown)], gutter=GUTTER, background=background)
        arrow = canvas.point(boxes, shown) if boxes else None
        return Composite(
            image=canvas.encode(self._config.image),
            width=canvas.image.width,
            height=canvas.image.height,
            view=overlap.best_view,
            panels=canvas.panels,
            box=canvas.place(0, boxes[0]) if boxes else None,
            alone=canvas.place(-1, shown.box),
            arrow=arrow,
            visible_share=overlap.shares[overlap.best_view] if boxes else 0.0,
            pixels_of_part=overlap.pixels[overlap.best_view] if boxes else 0,
            note=shown.note if boxes else UNSEEN,
        )

    def whole(self) -> Composite:
        """Sound views of the object from sides that differ as much as they can, in one row."""
        chosen = spread_views(
            self._views.directions(OBJECT),
            allowed=self._views.renders.sound_views(OBJECT),
            count=self._config.views,
        )
        background = self._background(np.concatenate([self._solid(view) for view in chosen]))
        panels = [
            self._panel(self._flat(view, background), self._extent(view), background=background)
            for view in chosen
        ]
        canvas = Canvas(panels, gutter=EDGE, background=background)
        return Composite(
            image=canvas.encode(self._config.image),
            width=canvas.image.width,
            height=canvas.image.height,
            view=-1,
            panels=canvas.panels,
            box=None,
            alone=None,
            arrow=None,
            visible_share=1.0,
            pixels_of_part=0,
            note="",
        )

    def _shown(self, part: int) -> Shown | None:
        """A part alone, over a background that it stands out from."""
        view = self._views.renders.overlap[part].best_view
        shown = show_alone(self._views, part, view=view, background=WHITE)
        if shown is None:
            return None
        background = self._background(shown.picture[shown.mask])
        if background == WHITE:
            return shown
        return show_alone(self._views, part, view=view, background=background)

    def _background(self, pixels: NDArray[np.uint8]) -> int:
        """The grey level that is set, or else white; grey behind what is nearly white."""
        if self._config.background is not None:
            return self._config.background
        return GREY if len(pixels) and pixels.mean() > LIGHT else WHITE

    def _solid(self, view: int) -> NDArray[np.uint8]:
        """(N, 3) uint8: the pixels of an object view that show something."""
        picture = self._views.color(OBJECT, view)
        return picture[picture[..., 3] > 0, :3]

    def _marked(self, part: int, *, background: int) -> tuple[list[Panel], list[Box]]:
        """The object with the part marked, and its neighbours if it is small, with its boxes."""
        overlap = self._views.renders.overlap[part]
        picture = self._flat(overlap.best_view, background)
        mask = self._views.part_mask(overlap.best_view, part)
        box = (bounds(mask) if mask is not None else None) or overlap.box
        if self._config.style == "annulet":
            fade(picture, _box_mask(mask, box, picture), background=background)
        size = picture.shape[1], picture.shape[0]
        crops = [self._extent(overlap.best_view)]
        if longer_side(box) < self._config.neighbours * longer_side(crops[0]):
            least = round(self._config.panel / MOST_SCALE)
            crops.append(square_around(box, factor=AROUND, least=least, size=size))
        return [self._with_mark(picture, crop, box, background=background) for crop in crops], [
            box
        ] * len(crops)

    def _with_mark(
        self, picture: NDArray[np.uint8], crop: Box, box: Box, *, background: int
    ) -> Panel:
        """The picture with the largest size at which the mark is not cut."""
        ring = self._config.style == "annulet"
        side = self._config.panel
        for pad in range(EDGE, side // 3):
            panel = self._panel(picture, crop, pad=pad, background=background)
            placed = panel.place(box)
            mark = ring_around(placed) if ring else grown(placed, MARGIN)
            if min(mark[:2]) >= 0 and max(mark[2:]) <= side:
                break
        (draw_ring if ring else draw_box)(panel.image, placed)
        return panel

    def _alone(self, shown: Shown) -> Panel:
        return self._panel(
            shown.picture, shown.box, pad=self._config.panel // 16, background=shown.background
        )

    def _flat(self, view: int, background: int) -> NDArray[np.uint8]:
        return flatten(self._views.color(OBJECT, view), background=background)

    def _extent(self, view: int) -> Box:
        """What of an object view shows anything; all of it if nothing does."""
        alpha = self._views.color(OBJECT, view)[..., 3]
        return bounds(alpha > 0) or (0, 0, alpha.shape[1], alpha.shape[0])

    def _panel(
        self, picture: NDArray[np.uint8], crop: Box, *, background: int, pad: int = EDGE
    ) -> Panel:
        return make_panel(
            picture,
            crop,
            side=self._config.panel,
            pad=pad,
            most_scale=MOST_SCALE,
            background=background,
        )


def _box_mask(
    mask: NDArray[np.bool_] | None, box: Box, picture: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """The part's pixels, or those of its box where they are not known."""
    if mask is not None:
        return mask
    filled = np.zeros(picture.shape[:2], np.bool_)
    filled[box[1] : box[3], box[0] : box[2]] = True
    return filled
