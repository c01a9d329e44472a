"""The endings of what can be brought in: what is read here, and what Blender is asked to read."""

from __future__ import annotations

from ingest.blender.importer import FORMATS as BLENDER_FORMATS
from partworks.geometry.load import FORMATS as OWN_FORMATS

FORMATS = (*OWN_FORMATS, *BLENDER_FORMATS)
"""The best first: of several models in one zip, the first of these is the main one."""

UPRIGHT = frozenset(("glb", "gltf", "dae", *BLENDER_FORMATS))
"""Formats whose files say which axis points up, or fix it."""
