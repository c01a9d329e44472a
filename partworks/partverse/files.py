"""Where everything lies in a folder of PartVerse's layout, and what Partworks adds to it.

Source: the code that was published with PartVerse and CoPart. Names of the two tables over the
whole data set are not fixed there; ours are `part_levels.json` and `max_visible_views.json`.
"""

from __future__ import annotations

from partworks.records import check_uid

PART_GLBS = "textured_part_glbs"
WHOLE_GLBS = "normalized_glbs"
ANNOTATIONS = "anno_infos"
CAPTIONS = "text_captions.json"
"""{uid: {part: [brief, detailed]}}."""
LEVELS = "part_levels.json"
"""`weight_bound`, nine rising bounds of the ten levels, and `uids`."""
MAX_VISIBLE = "max_visible_views.json"
"""{uid: {part: {max_visible_view_id, bbox2d_max_visible}}}."""
INSTANCES = "valid_ins.txt"
"""A uid a line."""


def whole_glb(uid: str) -> str:
    """The textured object."""
    return f"{WHOLE_GLBS}/{check_uid(uid)}.glb"


def part_glb(uid: str, part: int) -> str:
    """One textured part, in the object's frame."""
    return f"{PART_GLBS}/{check_uid(uid)}/{part}.glb"


def segmented_glb(uid: str) -> str:
    """The mesh, without textures, whose faces the labels count."""
    return f"{ANNOTATIONS}/{check_uid(uid)}/{uid}_segmented.glb"


def face_labels(uid: str) -> str:
    """{face number: part number}, both counted from 0."""
    return f"{ANNOTATIONS}/{check_uid(uid)}/{uid}_face2label.json"


def info(uid: str) -> str:
    """Boxes, faces, weights and levels of the parts, as parallel lists in PartVerse's order."""
    return f"{ANNOTATIONS}/{check_uid(uid)}/{uid}_info.json"


def facts(uid: str) -> str:
    """What PartVerse's layout has no place for; see `partworks.partverse.facts`."""
    return f"{ANNOTATIONS}/{check_uid(uid)}/{uid}_partworks.json"
