"""The files that the stages left of one object; what is missing or damaged becomes a note."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from partworks import layout
from partworks.artifacts.captions import Captions
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import Renders
from partworks.artifacts.segments import Segments
from partworks.geometry.glb import read_glb
from partworks.geometry.mesh import Mesh
from partworks.report.history import History
from partworks.report.pictures import RenderedViews
from partworks.report.wording import clip
from partworks.store import Store

Result = TypeVar("Result")
_NOTE = 300


class Notes(list[str]):
    """What the page says went wrong while an object was read."""

    def attempt(self, what: str, action: Callable[[], Result]) -> Result | None:
        """The result of `action`, or None and a note that `what` could not be shown."""
        try:
            return action()
        except FileNotFoundError:
            self.append(f"{what}: the ledger lists the file, but it is not there.")
        except Exception as error:  # noqa: BLE001  whatever a reader says of a damaged file
            found = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            self.append(clip(f"{what} cannot be read: {found}", _NOTE))
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefacts:
    """What there is of one object; None where a stage left nothing or nothing readable."""

    mesh: Mesh | None = None
    segments: Segments | None = None
    parts: Parts | None = None
    renders: Renders | None = None
    views: RenderedViews | None = None
    captions: Captions | None = None


def read_artefacts(store: Store, history: History, notes: Notes) -> Artefacts:
    """Read the files that the ledger lists; labels made for another mesh are left out."""

    def read(stage: str, path: str, parse: Callable[[bytes], Result]) -> Result | None:
        if not history.left(stage, path):
            return None
        return notes.attempt(path, lambda: parse(store.read(path)))

    uid = history.uid
    mesh = read("ingest", layout.object_glb(uid), read_glb)
    check = partial(_fits, mesh, notes)
    segments = read("segment", layout.segments(uid), Segments.from_bytes)
    parts = read("annotate", layout.parts(uid), Parts.from_bytes)
    renders = read("render", layout.renders(uid), Renders)
    return Artefacts(
        mesh=mesh,
        segments=segments if segments and check("segments", segments) else None,
        parts=parts if parts and check("parts", parts) else None,
        renders=renders,
        views=notes.attempt("The cameras of the renders", lambda: RenderedViews(renders))
        if renders
        else None,
        captions=read("caption", layout.captions(uid), Captions.from_bytes),
    )


def _fits(mesh: Mesh | None, notes: Notes, what: str, labels: Segments | Parts) -> bool:
    """Whether labels belong to the mesh; without a mesh there is nothing to say."""
    if mesh is None:
        return True
    if labels.geometry_hash != mesh.geometry_hash or len(labels.face_labels) != mesh.face_count:
        notes.append(f"The {what} were made for another geometry than the object's; not shown.")
        return False
    return True
