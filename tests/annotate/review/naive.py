"""The same rules over sets and dictionaries, slowly: what the arrays are compared with."""

import hashlib
import struct
from dataclasses import dataclass, field

from annotate.review.base import Base
from annotate.review.operations import Operation


@dataclass
class Part:
    atoms: set[int]
    name: str = ""
    dropped: bool = False

    @property
    def id(self) -> int:
        return min(self.atoms)


@dataclass
class Naive:
    faces: list[set[int]]
    leaf: list[int]
    parts: list[Part]
    rows: list[tuple[int, int, float]]
    history: list[tuple] = field(default_factory=list)
    future: list[tuple] = field(default_factory=list)

    @classmethod
    def of(cls, base: Base) -> "Naive":
        rows = [
            (int(a), int(b), float(h))
            for (a, b), h in zip(base.children, base.heights, strict=True)
        ]
        faces = [
            {f for f, a in enumerate(base.atom_of_face) if a == atom}
            for atom in range(len(rows) + 1)
        ]
        new = cls(faces=faces, leaf=list(range(len(faces))), parts=[], rows=rows)
        count = sum(h > base.default_height for *_, h in rows) + 1
        new.parts = [Part(atoms) for atoms in new.cut(count)]
        return new

    def cut(self, count: int) -> list[set[int]]:
        """Sets of atoms, refined ones with their leaf."""
        leaves = len(self.rows) + 1
        live = {leaf: {leaf} for leaf in range(leaves)}
        for row, (a, b, _) in enumerate(self.rows[: leaves - count]):
            live[leaves + row] = live.pop(a) | live.pop(b)
        return [{a for a, leaf in enumerate(self.leaf) if leaf in group} for group in live.values()]

    def part(self, group: int) -> Part:
        return next(part for part in self.parts if part.id == group)

    def copy(self) -> tuple:
        return (
            [set(f) for f in self.faces],
            list(self.leaf),
            [Part(set(p.atoms), p.name, p.dropped) for p in self.parts],
        )

    def restore(self, saved: tuple) -> None:
        self.faces, self.leaf, self.parts = saved

    def do(self, operation: Operation) -> None:
        if operation.kind == "undo":
            self.future.append(self.copy())
            self.restore(self.history.pop())
            return
        if operation.kind == "redo":
            self.history.append(self.copy())
            self.restore(self.future.pop())
            return
        self.history.append(self.copy())
        self.future.clear()
        getattr(self, f"do_{operation.kind}")(operation)

    def do_merge(self, op) -> None:
        parts = [self.part(group) for group in op.groups]
        name = next((part.name for part in parts if part.name), "")
        self.parts = [part for part in self.parts if part not in parts]
        atoms = set().union(*(part.atoms for part in parts))
        self.parts.append(Part(atoms, name, all(part.dropped for part in parts)))

    def do_cleave(self, op) -> None:
        part = self.part(op.group)
        for atoms in op.atoms:
            part.atoms -= set(atoms)
            self.parts.append(Part(set(atoms), "", part.dropped))

    def do_refine(self, op) -> None:
        part = next(part for part in self.parts if op.atom in part.atoms)
        new = len(self.faces)
        pairs = zip(op.faces[::2], op.faces[1::2], strict=True)
        leaving = {face for start, length in pairs for face in range(start, start + length)}
        self.faces[op.atom] -= leaving
        self.faces.append(leaving)
        self.leaf.append(self.leaf[op.atom])
        if op.apart:
            self.parts.append(Part({new}, "", part.dropped))
        else:
            part.atoms.add(new)

    def do_level(self, op) -> None:
        old = self.parts
        self.parts = []
        for atoms in self.cut(op.count):
            same = [part for part in old if part.atoms == atoms]
            self.parts.append(same[0] if same else Part(atoms))

    def do_assign(self, op) -> None:
        target = self.part(op.group)
        for part in self.parts:
            part.atoms -= set(op.atoms)
        target.atoms |= set(op.atoms)
        self.parts = [part for part in self.parts if part.atoms]

    def do_rename(self, op) -> None:
        self.part(op.group).name = op.name

    def do_drop(self, op) -> None:
        self.part(op.group).dropped = op.dropped

    def groups(self) -> dict[int, set[int]]:
        return {part.id: part.atoms for part in self.parts}

    def hash(self) -> str:
        """From the documentation alone."""
        owner = {face: atom for atom, faces in enumerate(self.faces) for face in faces}
        runs: list[list[int]] = []
        for face in range(len(owner)):
            if runs and runs[-1][0] == owner[face]:
                runs[-1][1] += 1
            else:
                runs.append([owner[face], 1])
        numbers = [len(owner), len(runs), *(value for run in runs for value in run)]
        numbers.append(len(self.faces))
        of = {atom: part.id for part in self.parts for atom in part.atoms}
        numbers += [of[atom] for atom in range(len(self.faces))]
        data = b"partworks-review-state-1" + b"".join(struct.pack("<I", n) for n in numbers)
        named = sorted((part.id, part.name.encode()) for part in self.parts if part.name)
        data += struct.pack("<I", len(named))
        for group, name in named:
            data += struct.pack("<II", group, len(name)) + name
        dropped = sorted(part.id for part in self.parts if part.dropped)
        data += b"".join(struct.pack("<I", n) for n in [len(dropped), *dropped])
        return hashlib.sha256(data).hexdigest()
