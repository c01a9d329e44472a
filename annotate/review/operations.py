"""What a reviewer can do to the parts of an object, a record each.

An atom is a segment, or a refinement of one; a group is what is one part now, and its id is its
smallest atom. Every operation is stored as it is made and never changed: parts are what the
operations so far make of the atoms, see `annotate.review.fold`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """What every operation carries.

    Attributes:
        id: a UUID, in lower case with hyphens; it makes sending twice the same as sending once.
        at: the client's clock in milliseconds; operations of one gesture, such as a brush stroke
            over three atoms, share it.
        tool: what the reviewer used, such as `click`, `suggestion`, `slider`, `lasso`.
    """

    id: str
    at: int
    tool: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge(Stamp):
    """Several groups become one.

    Its name is that of the first of `groups` that has one; it is dropped if all of them are.
    """

    kind: ClassVar[str] = "merge"
    groups: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleave(Stamp):
    """Whole atoms leave a group; each entry of `atoms` becomes a group.

    What stays keeps the name. Those that leave have none; they are dropped if the group was.
    """

    kind: ClassVar[str] = "cleave"
    group: int
    atoms: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refine(Stamp):
    """Some faces of an atom become an atom of their own, numbered next.

    Attributes:
        faces: run lengths `start, length, …` of the faces that leave, ascending.
        method: how they were found, such as `geodesic`.
        apart: whether the new atom is a group of its own, without a name and dropped if the group
            was, or stays in the atom's group.
    """

    kind: ClassVar[str] = "refine"
    atom: int
    faces: tuple[int, ...]
    method: str
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Level(Stamp):
    """All groups are replaced by those of the merge tree, cut to `count` groups.

    Refined atoms go where their segment goes. Groups of the same atoms as before keep name and
    drop; all others are unnamed and not dropped.
    """

    kind: ClassVar[str] = "level"
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign(Stamp):
    """Atoms move to a group, wherever they were; groups that lose all atoms are gone."""

    kind: ClassVar[str] = "assign"
    atoms: tuple[int, ...]
    group: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Stamp):
    """A group gets a name; the empty name takes it away."""

    kind: ClassVar[str] = "rename"
    group: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop(Stamp):
    """A group is left out of the result, or taken in again."""

    kind: ClassVar[str] = "drop"
    group: int
    dropped: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Stamp):
    """The last operation that is in force is not; undo and redo are never themselves undone."""

    kind: ClassVar[str] = "undo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Redo(Stamp):
    """What was undone last is in force again; any other operation forgets what was undone."""

    kind: ClassVar[str] = "redo"


Operation = Merge | Cleave | Refine | Level | Assign | Rename | Drop | Undo | Redo

KINDS: dict[str, type[Operation]] = {
    kind.kind: kind for kind in (Merge, Cleave, Refine, Level, Assign, Rename, Drop, Undo, Redo)
}
