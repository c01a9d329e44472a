"""The files of a generated object.

| file | content |
|---|---|
| `object.glb` | one named node per part, coloured, in the layout's unit and place |
| `whole.glb` | the global branch's own mesh |
| `preview.png` | a sheet to look at |
| `views/` | pictures of parts and whole, where the network makes any |
| `latents.safetensors` | latents of parts and whole, for editing |
| `layout.json` | the layout, as `sample` reads it |
| `result.json` | settings, and parts without a surface |
| `NAME.urdf`, `links/` | of layouts with joints |
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from partworks.errors import UsageError
from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import NamedMesh, part_color, write_glb
from train.rendering.base import Renderer
from train.sampling.assembly import GeneratedObject, GeneratedPart, object_glb
from train.sampling.denoising import Latents
from train.sampling.generation import ObjectLatents
from train.sampling.layout import Layout
from train.sampling.previews import as_bytes, preview
from train.sampling.reading import read_layouts
from train.sampling.urdf_writing import link_origins, write_urdf

LATENTS = "latents.safetensors"
LAYOUT = "layout.json"
OBJECT = "object.glb"

_WHOLE = (0.7, 0.7, 0.7)


def write_object(
    folder: Path,
    generated: GeneratedObject,
    *,
    renderer: Renderer,
    settings: Mapping[str, Any],
) -> None:
    """Write all files of an object; equal objects and settings give equal bytes.

    Args:
        folder: is made; files of an earlier object there are replaced.
        settings: of the run, plain values.
    """
    whole = generated.whole
    result = {"name": generated.layout.name, "empty_parts": list(generated.empty), **settings}
    files = {
        OBJECT: object_glb(generated),
        "preview.png": preview(generated, renderer=renderer),
        LATENTS: _latents_file(generated.latents),
        LAYOUT: layout_file(generated.layout),
        "result.json": _json(result),
        **_view_files(generated),
    }
    if not whole.mesh.is_empty:
        files["whole.glb"] = write_glb(
            [NamedMesh(name=whole.name, mesh=whole.mesh, color=_WHOLE, vertex_colors=whole.colors)]
        )
    if generated.layout.joints:
        files |= articulated_files(generated)
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def read_object(folder: Path) -> tuple[Layout, ObjectLatents]:
    """The layout and the latents of an object that `write_object` wrote.

    Raises:
        UsageError: they are not there, or do not belong together.
    """
    (layout,) = read_layouts(folder / LAYOUT)
    try:
        tensors = load((folder / LATENTS).read_bytes())
    except (OSError, SafetensorError) as error:
        raise UsageError(
            f"cannot read {folder / LATENTS}: {error}; give a folder that `sample` wrote"
        ) from error
    latents = ObjectLatents(parts=_latents(tensors, "parts"), whole=_latents(tensors, "whole"))
    if len(latents.parts) != len(layout.parts):
        raise UsageError(
            f"{folder} has a layout of {len(layout.parts)} parts and latents of "
            f"{len(latents.parts)}; sample the object again"
        )
    return layout, latents


def layout_file(layout: Layout) -> bytes:
    """The JSON of a layout, as `read_layouts` takes it."""
    table = {key: value for key, value in asdict(layout).items() if value not in ((), None)}
    return _json(table)


def articulated_files(generated: GeneratedObject) -> dict[str, bytes]:
    """Name to bytes: the URDF, and a GLB for each link with a surface, around the link's origin."""
    layout = generated.layout
    origins = link_origins(layout)
    meshes: dict[str, str] = {}
    files: dict[str, bytes] = {}
    for row, part in enumerate(generated.parts):
        if part.mesh.is_empty:
            continue
        path = f"links/{_file_name(row, part)}.glb"
        placed = TriangleMesh(
            vertices=part.mesh.vertices - origins[part.name], faces=part.mesh.faces
        )
        files[path] = write_glb(
            [
                NamedMesh(
                    name=part.name, mesh=placed, color=part_color(row), vertex_colors=part.colors
                )
            ]
        )
        meshes[part.name] = path
    return {f"{layout.name}.urdf": write_urdf(layout, meshes=meshes), **files}


def _view_files(generated: GeneratedObject) -> dict[str, bytes]:
    named = [(_file_name(row, part), part) for row, part in enumerate(generated.parts)]
    files = {}
    for name, part in [*named, ("whole", generated.whole)]:
        for view, image in enumerate(part.images if part.images is not None else ()):
            buffer = io.BytesIO()
            Image.fromarray(as_bytes(image)).save(buffer, "PNG", compress_level=6)
            files[f"views/{name}.{view:02d}.png"] = buffer.getvalue()
    return files


def _file_name(row: int, part: GeneratedPart) -> str:
    plain = "".join(
        each if each.isascii() and (each.isalnum() or each in "_-") else "_" for each in part.name
    )
    return f"{row:02d}_{plain}"


def _latents_file(latents: ObjectLatents) -> bytes:
    tensors = {}
    for kind, own in (("parts", latents.parts), ("whole", latents.whole)):
        for name, tensor in (("geometry", own.geometry), ("images", own.images)):
            if tensor is not None:
                tensors[f"{kind}.{name}"] = tensor.float().cpu().contiguous()
    return save(tensors)


def _latents(tensors: Mapping[str, Tensor], kind: str) -> Latents:
    return Latents(geometry=tensors.get(f"{kind}.geometry"), images=tensors.get(f"{kind}.images"))


def _json(table: Mapping[str, Any]) -> bytes:
    return (json.dumps(table, indent=2, ensure_ascii=False, default=_plain) + "\n").encode()


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
