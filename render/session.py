"""One object before the cameras: passes, colour views, cut-outs, checks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import PartOverlap
from partworks.errors import Rejected
from partworks.geometry.mesh import Mesh
from partworks.geometry.visibility import Visibility
from render.album import Album
from render.backend import Backend, Picture
from render.checks import REASONS, common_flaw, must_show_shades
from render.config import RenderConfig
from render.masked import cut_out, keep_pixels
from render.overlap import OverlapMeter
from render.passes import Looker
from render.subject import Subject


class Session:
    """One object before the cameras; its methods are called in the order in which they stand.

    Attributes:
        album: everything that was made.
    """

    def __init__(
        self,
        uid: str,
        mesh: Mesh,
        parts: Parts,
        subjects: Sequence[Subject],
        *,
        config: RenderConfig,
    ) -> None:
        self.album = Album(config)
        self._uid, self._mesh = uid, mesh
        self._parts, self._config = parts, config
        self._whole = subjects[0]
        self._subjects = [subject for subject in subjects if not subject.rig.masked]
        self._masked = [subject for subject in subjects if subject.rig.masked]
        self._looker = Looker(mesh, parts, layers=config.raster.layers)
        self._meter = OverlapMeter(parts.count)
        self._seen: list[Visibility] = []  # of the whole, while masks are to be cut from it
        self._pictures: list[Picture] = []  # of the whole, likewise

    def look(self) -> None:
        """Passes of everything that stands alone, and the overlap in the object's views."""
        for subject in self._subjects:
            whole = subject is self._whole
            for view in range(len(subject.cameras)) if whole or subject.rig.passes else ():
                seen = self._looker.look(subject, view)
                self._add_passes(subject, view, seen)
                if whole:
                    self._meter.add(self._looker.array("part", subject, view, seen))
                if whole and self._masked:
                    self._seen.append(seen)

    def photograph(self, backend: Backend) -> None:
        """Colour views of the same; `Rejected` as soon as no view of the object is fit."""
        for shot in backend.photograph(self._mesh, self._parts, self._subjects):
            subject, view = shot.subject, shot.view
            self._add_colour(subject, view, shot.picture)
            if subject is self._whole and self._masked:
                self._pictures.append(shot.picture)
            if view == len(subject.cameras) - 1:
                self._finish(subject)

    def cut_out(self) -> None:
        """What is seen of parts in the object's views, passes and colours."""
        labels = [
            self._looker.array("part", self._whole, view, seen)
            for view, seen in enumerate(self._seen)
        ]
        for subject in self._masked:
            for view, picture in enumerate(self._pictures):
                mask = labels[view] == subject.part
                self._add_passes(subject, view, keep_pixels(self._seen[view], mask))
                self._add_colour(subject, view, cut_out(picture, mask))
            self._finish(subject)

    def overlaps(self) -> list[PartOverlap]:
        """Where each part is seen."""
        checks = self.album.checks[self._whole.folder]
        sound = [view for view, check in enumerate(checks) if not check.flaws]
        return self._meter.overlaps(allowed=sound)

    def metrics(self, overlaps: Sequence[PartOverlap]) -> dict[str, str | int]:
        """Counts for the ledger."""
        checks = [check for folder in self.album.checks.values() for check in folder]
        flaws = Counter(flaw for check in checks for flaw in check.flaws)
        return {
            "preset": "own rigs" if self._config.rigs else self._config.preset,
            "views": len(checks),
            "flawed_views": sum(bool(check.flaws) for check in checks),
            "flaws": ", ".join(f"{flaw} {count}" for flaw, count in sorted(flaws.items())),
            "hidden_parts": sum(part.best_view < 0 for part in overlaps),
        }

    def _add_passes(self, subject: Subject, view: int, seen: Visibility) -> None:
        folder = self.album.folder(subject)
        for kind in subject.rig.passes:
            folder.add_pass(view, kind, self._looker.array(kind, subject, view, seen))

    def _add_colour(self, subject: Subject, view: int, picture: Picture) -> None:
        def albedo() -> Picture:
            seen = self._looker.look(subject, view)
            own: Picture = self._looker.array("albedo", subject, view, seen)
            return own

        self.album.folder(subject).add_colour(view, picture, albedo=albedo)

    def _finish(self, subject: Subject) -> None:
        bends = must_show_shades(self._mesh, subject, self._config)
        checks = self.album.finish(subject, bends=bends)
        if subject is self._whole and (flaw := common_flaw(checks)) is not None:
            reason, meaning = REASONS[flaw]
            worst = checks[0]
            raise Rejected(
                reason,
                f"none of the {len(checks)} views of {self._uid} is fit to be used. {meaning} "
                f"The first view covers {worst.coverage:.2%} of the picture, has brightness "
                f"{worst.brightness:.0f} of 255 and {worst.magenta:.1%} of unexplained magenta.",
            )
