"""Names that people can read, out of the names that files have."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 64

GARBAGE = frozenset(
    """
    bake baked blinn cell circle collision component cone copy cube curve cylinder default
    defaultmaterial empty export fbx final geo geom geometry glb gltf gmesh grid group grp hd
    high highpoly icosphere id initial instance item lambert layer lod low lowpoly mat material
    matrix max merged mesh model name new node none null obj object objs part path pcone pcube
    pcylinder phong plane poly polygon polysurface primitive psphere ptorus root rootnode scene
    sg shading shape sketch sketchfab solid sphere standard submesh surface test tex texture tmp
    torus transform tri unnamed untitiled untitled uv vert vertex visual wire
    """.split()  # noqa: SIM905  a list of words reads better as text
)
"""Words that say how a file was made and nothing about what it shows."""

SIDES = {"l": "left", "r": "right", "lt": "left", "rt": "right"}

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_ENDING = re.compile(r"\.(glb|gltf|obj|fbx|stl|ply|dae|blend|png|jpe?g|max|ma|mb|c4d)$", re.I)
_HASH = re.compile(r"(?=.*\d)[0-9a-f]{6,}", re.I)
_NUMBER = re.compile(r"^\d+|\d+$")


def clean_name(name: str) -> str:
    """A name in plain lower-case words, empty where nothing of it means anything.

    `Object_12` and `Mesh.003` become nothing, `legRight_7ec58d` becomes `leg right`, `Leg_L`
    becomes `leg left`. Letters of any script stay; control characters, path separators and
    punctuation part words; numbers and words that only tell how the file was made go. At most 64
    characters.
    """
    text = _ENDING.sub("", unicodedata.normalize("NFC", name[:1024]).strip())
    text = text.rsplit(":", 1)[-1]
    text = "".join(char if _is_letter(char) or char.isdecimal() else " " for char in text)
    words = [word for piece in text.split() for word in _CAMEL.sub(" ", _strip(piece)).split()]
    kept = [word for word in (_plain(word) for word in words) if word]
    if len(kept) == 1 and kept[0] in SIDES.values():
        kept = []
    return _shorten(" ".join(kept))


def _is_letter(char: str) -> bool:
    return unicodedata.category(char)[0] in "LM" or char == "'"


def _strip(piece: str) -> str:
    """A piece without numbers at its ends; nothing of a hash."""
    return "" if _HASH.fullmatch(piece) else _NUMBER.sub("", piece)


def _plain(word: str) -> str:
    lower = _NUMBER.sub("", word).strip("'").lower()
    if lower in SIDES:
        return SIDES[lower]
    # A digit between letters is the mark of an id, a lone Latin letter that of an index.
    odd = any(char.isdecimal() for char in lower) or (len(lower) < 2 and lower.isascii())
    return "" if odd or lower in GARBAGE else lower


def _shorten(text: str) -> str:
    """At most `MAX_LENGTH` characters, cut between words where there are several."""
    if len(text) <= MAX_LENGTH:
        return text
    head = text[: MAX_LENGTH + 1].rsplit(" ", 1)[0]
    return head[:MAX_LENGTH].strip()


def without_common_start(names: list[str]) -> list[str]:
    """The names without the words with which all of them begin.

    A name of which only a side or nothing would be left is kept whole: of `car police` and
    `car police wheel` the first stays and the second becomes `wheel`.
    """
    words = [name.split() for name in names]
    named = [each for each in words if each]
    if len({tuple(each) for each in named}) < 2:
        return names
    shared = 0
    while len({tuple(each[: shared + 1]) for each in named}) == 1:
        shared += 1
    tails = [[word for word in each[shared:] if word not in SIDES.values()] for each in words]
    return [
        " ".join(each[shared:] if tail else each) for each, tail in zip(words, tails, strict=True)
    ]
