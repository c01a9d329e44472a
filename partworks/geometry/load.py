"""Load a foreign 3D file: the one door through which meshes come in, hostile until shown otherwise.

A file either gives a `Mesh` whose arrays are sound, with a word for whatever was repaired or left
out, or it is rejected with a reason that says what is wrong. Nothing but the bytes handed in is
ever read: paths inside a file are looked up among `files`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from partworks.errors import Rejected
from partworks.geometry.checks import check_sizes, mend
from partworks.geometry.formats.dae.reader import read_dae
from partworks.geometry.formats.obj import read_obj
from partworks.geometry.formats.off import read_off
from partworks.geometry.formats.ply import read_ply
from partworks.geometry.formats.stl import read_stl
from partworks.geometry.gltf.container import MAGIC, split_glb
from partworks.geometry.gltf.document import Document
from partworks.geometry.gltf.reader import GltfReader
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Mesh
from partworks.geometry.side_files import SideFiles

__all__ = ["FORMATS", "REASONS", "WARNINGS", "LoadLimits", "Loaded", "load_mesh"]

FORMATS = ("glb", "gltf", "dae", "obj", "ply", "stl", "off")

REASONS: Mapping[str, str] = {
    "empty_file": "The file has no bytes.",
    "not_a_model": "The bytes are something else, such as a web page, an archive or plain text.",
    "lfs_pointer": "The file is a git-LFS pointer; the model itself was never fetched.",
    "unsupported_format": "The file ending is not one of those that can be read.",
    "truncated": "The file, or a buffer of it, ends before its own header says it should.",
    "unsupported_version": "The file follows a version of its format that is not supported.",
    "invalid_json": "The JSON of a glTF file cannot be parsed.",
    "invalid_gltf": "The JSON of a glTF file says something that glTF 2.0 does not allow.",
    "invalid_dae": "The XML of a COLLADA file cannot be understood.",
    "invalid_obj": "A line of an OBJ file cannot be understood.",
    "invalid_ply": "A PLY file cannot be understood.",
    "invalid_stl": "An STL file cannot be understood.",
    "invalid_off": "An OFF file cannot be understood.",
    "invalid_data_uri": "Data embedded as text cannot be decoded.",
    "unsupported_extension": "The glTF file requires an extension that is not supported.",
    "unsafe_path": "The file refers to a path outside its own folder, or to the network.",
    "missing_buffer": "A side file that holds geometry did not come with the model.",
    "dangling_reference": "The file refers to an entry that it does not have.",
    "bad_accessor": "An array does not fit into its buffer, or has the wrong type or length.",
    "bad_draco": "Draco-compressed data is broken, or larger than the file says.",
    "bad_meshopt": "Meshopt-compressed data is broken, or not of the size that the file says.",
    "bad_skin": "A skin refers to joints or weights that do not exist.",
    "index_out_of_range": "A face uses a vertex that does not exist.",
    "no_positions": "A mesh has no vertex positions.",
    "non_finite_vertices": "A face uses a vertex that is NaN, infinite or beyond float32.",
    "recursive_nodes": "A node is among its own descendants.",
    "node_with_two_parents": "A node hangs in two places of the scene.",
    "no_mesh": "The file holds no mesh.",
    "empty_scene": "The file holds meshes, and its default scene shows none of them.",
    "animated_only": "The file holds animations and no mesh.",
    "points_only": "The file is a point cloud.",
    "lines_only": "The file holds lines and no faces.",
    "no_faces": "The file holds vertices and no faces.",
    "no_area": "No face has any area.",
    "too_large": "The file, an image or an array is larger than the limits allow.",
    "too_many_faces": "The object has more faces than the limits allow.",
    "too_many_vertices": "The object has more vertices than the limits allow.",
    "too_many_nodes": "The object has more nodes or instances than the limits allow.",
}

WARNINGS: Mapping[str, str] = {
    "missing_texture": "An image did not come with the model; its texture was left out.",
    "unreadable_texture": "An image cannot be decoded; its texture was left out.",
    "unsupported_texture": "An image is in a GPU format such as KTX2; its texture was left out.",
    "converted_texture": "An image was not 8-bit grey, RGB or palette, and was converted.",
    "dropped_texture": "A texture uses other UVs than the base colour, and was left out.",
    "missing_material_file": "The .mtl of an OBJ did not come with it; materials keep their names.",
    "nan_uv": "UVs that were not finite are 0 now.",
    "nan_colors": "Vertex colours that were not finite are white now.",
    "bad_normals": "Normals without a direction were computed from the faces.",
    "zero_area_faces": "Some faces have no area; they stay, since faces are numbered.",
    "ignored_points_or_lines": "Points or lines beside the faces were left out.",
    "ignored_morph_targets": "Morph targets were left out.",
    "ignored_animation": "Animations were left out; the rest pose is what is read.",
    "unbound_skin": "A skinned mesh has no joints and weights, and stands where its node is.",
    "lod_or_collision_names": "Names speak of levels of detail or collision shapes.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A mesh that passed every check.

    Attributes:
        mesh: transforms baked, in the source's own frame and up axis.
        warnings: words of `WARNINGS`, each once, sorted.
    """

    mesh: Mesh
    warnings: tuple[str, ...] = ()


class Reader(Protocol):
    """Reads one format."""

    def __call__(
        self, data: bytes, files: SideFiles, /, *, limits: LoadLimits, warn: Callable[[str], None]
    ) -> Mesh:
        """The mesh as the file has it; `warn` takes words of `WARNINGS`."""
        ...


# Foreign numbers overflow on the way; what is not finite at the end is rejected by name.
@np.errstate(all="ignore")
def load_mesh(
    data: bytes,
    ext: str,
    *,
    files: Mapping[str, bytes] | None = None,
    limits: LoadLimits | None = None,
) -> Loaded:
    """Read a mesh from the bytes of a file.

    Faces keep the order of the file: for glTF, of the depth-first walk of the default scene; for
    OBJ, see `formats.obj`. Vertices that no face uses are left out, faces without area stay.

    Args:
        data: the file.
        ext: its ending, one of `FORMATS`, with or without a dot, in any case.
        files: the side files that it may refer to, by POSIX path relative to the main file.
        limits: what is too large.

    Raises:
        Rejected: with a reason of `REASONS`.
    """
    limits = limits or LoadLimits()
    form = ext.lower().lstrip(".")
    if form not in FORMATS:
        raise Rejected("unsupported_format", f"{ext!r} is not one of {', '.join(FORMATS)}")
    _check_bytes(data, form, limits)
    words: set[str] = set()
    side_files = SideFiles(files or {}, max_bytes=limits.max_bytes)
    mesh = _READERS[form](data, side_files, limits=limits, warn=words.add)
    check_sizes(mesh, limits)
    mesh = mend(mesh, words.add)
    return Loaded(mesh=mesh, warnings=tuple(sorted(words)))


def _read_gltf(
    data: bytes, files: SideFiles, *, limits: LoadLimits, warn: Callable[[str], None]
) -> Mesh:
    """Read by what the bytes are: a GLB named .gltf is a GLB all the same."""
    text, binary = split_glb(data) if data.startswith(MAGIC) else (data, None)
    document = Document(text, binary)
    return GltfReader(document, files, limits=limits, warn=warn, keep_unused=False).read()


_READERS: Mapping[str, Reader] = {
    "glb": _read_gltf,
    "gltf": _read_gltf,
    "dae": read_dae,
    "obj": read_obj,
    "ply": read_ply,
    "stl": read_stl,
    "off": read_off,
}


def _check_bytes(data: bytes, form: str, limits: LoadLimits) -> None:
    """Name what is no model at all, before a parser stumbles over it."""
    if not data:
        raise Rejected("empty_file", f"the .{form} file has no bytes; fetch it again")
    if len(data) > limits.max_bytes:
        raise Rejected("too_large", f"{len(data)} bytes, the limit is {limits.max_bytes}")
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"version https://git-lfs"):
        raise Rejected("lfs_pointer", "the file is a git-LFS pointer; run `git lfs pull`")
    if form != "dae" and head.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        raise Rejected("not_a_model", "the file is a web page or XML; the download went wrong")
    if data.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
        raise Rejected("not_a_model", f"the file is an archive named .{form}; unpack it first")
    if form in ("glb", "gltf") and not (data.startswith(MAGIC) or head.startswith(b"{")):
        raise Rejected(
            "not_a_model", f"the file starts with {data[:12]!r}, expected a GLB or glTF's JSON"
        )
    if form == "ply" and not data.startswith(b"ply"):
        raise Rejected("not_a_model", f"the file starts with {data[:12]!r}, expected 'ply'")
