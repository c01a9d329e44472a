"""Why an object of PartVerse's layout is refused, and what is odd about one that is not."""

from __future__ import annotations

from collections.abc import Mapping

REASONS: Mapping[str, str] = {
    "partverse_incomplete": "Files of the object are missing, so that it has no labelled surface.",
    "partverse_labels": "The part labels are broken, or belong to another mesh.",
    "partverse_captions": "The captions are not {part: [brief, detailed]}.",
    "partverse_facts": "The file that Partworks adds to PartVerse's layout is broken.",
}

WARNINGS: Mapping[str, str] = {
    "missing_part_file": "A labelled part has no GLB of its own; the labels were enough.",
    "labels_of_part_files": "The labels are missing or fit another mesh; the GLBs of the parts say "
    "which face is whose.",
    "object_of_part_files": "The whole object is missing or another one; it was put together from "
    "the GLBs of its parts.",
    "unlabelled_faces": "Some faces have no label, and belong to no part.",
    "missing_captions": "Some parts, or all, have no caption.",
    "captions_of_no_part": "There are captions of parts that the object does not have.",
}
