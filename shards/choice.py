"""What a preset takes of an object's renders, and whether they have it."""

from __future__ import annotations

from collections.abc import Iterator

from partworks.artifacts.renders import OBJECT, Renders, part_folder
from partworks.errors import Failed, Rejected
from shards.presets import Preset
from shards.selection import Selection
from shards.views import (
    PARTS,
    ViewSet,
    choose_grid,
    choose_views,
    find_grid,
    has_pass,
    part_folders,
    render_pass,
)


def choose_all(renders: Renders, selection: Selection, *, chosen: Preset) -> list[ViewSet]:
    """The views of the object and of each part, one by one, and in grids where they are wanted.

    A merged tail has none of its own, and neither has a part that was not rendered or whose views
    all have flaws; of its grid, any.

    Raises:
        Rejected: `flawed_grid`.
    """
    channels = _channels(chosen)
    views = [choose_views(renders, OBJECT, stem="object", wanted=chosen.views, channels=channels)]
    for index, part in enumerate(selection.kept):
        folder = part_folder(part.labels[0])
        wanted = 0 if part.merged else chosen.part_views
        views.append(choose_views(renders, folder, stem=f"part{index:02d}", wanted=wanted))
    return [*views, *_choose_grids(renders, selection, chosen)] if chosen.view_grids else views


def _choose_grids(renders: Renders, selection: Selection, chosen: Preset) -> Iterator[ViewSet]:
    whole = choose_grid(renders, OBJECT, stem="object", channels=_channels(chosen))
    if whole is None:
        flaws = {flaw for check in renders.checks(OBJECT) for flaw in check.flaws}
        raise Rejected(
            "flawed_grid",
            f"a view in the grid of the object has a flaw ({', '.join(sorted(flaws))}), and the "
            "grid is what the sample is for; render it otherwise, or set shards.view_grids to "
            "false and shards.views to more than 0",
        )
    yield whole
    for index, part in enumerate(selection.kept):
        if not part.merged:
            folder = part_folder(part.labels[0])
            if grid := choose_grid(renders, folder, stem=f"part{index:02d}"):
                yield grid


def check_rendered(renders: Renders, chosen: Preset) -> None:
    """Raise Failed('not_rendered') where renders were made without what the samples are to hold.

    What of it has flaws, or was not rendered for one part, is no matter here.
    """
    missing = list(_missing(renders, chosen))
    if missing:
        raise Failed(
            "not_rendered",
            f"the renders have no {', no '.join(missing)}; run the render stage with "
            f"--render.preset {' or '.join(chosen.renders)}, or with rigs of your own that have "
            "them, or ask for less in the settings of shards",
        )


def _missing(renders: Renders, chosen: Preset) -> Iterator[str]:
    """What is missing, in words of the render stage."""
    if chosen.views:
        for channel in _channels(chosen):
            if not has_pass(renders, OBJECT, channel):
                yield f"pass `{render_pass(channel)}` of the object"
    if chosen.part_views and not part_folders(renders):
        yield "views of parts"
    if chosen.view_grids:
        if find_grid(renders, OBJECT, "") is None:
            yield "grid of the object's views"
        else:
            for channel in _channels(chosen):
                if find_grid(renders, OBJECT, channel) is None:
                    yield f"grid of the object's pass `{render_pass(channel)}`"
        if not any(find_grid(renders, folder, "") for folder in part_folders(renders)):
            yield "grid of any part's views"


def _channels(chosen: Preset) -> tuple[str, ...]:
    """Beside the colours, of the object's views."""
    return (*((PARTS,) if chosen.part_masks else ()), *chosen.passes)
