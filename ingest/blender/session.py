"""What runs inside Blender: it opens one foreign file and writes what is seen of it as GLB.

Everything stands in the rest pose, with modifiers applied; scripts in a file do not run, and what
it links from elsewhere is left out. The engine's own reader then reads the GLB, with all checks.
"""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ingest.blender.confinement import confine

_SYSTEM = ("/usr", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/proc", "/sys", "/dev")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to read and where to put it; both lie in the session's folder."""

    model: Path
    glb: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of it.

    Attributes:
        refusal: why the file is refused, empty if the GLB was written.
        warnings: words of `partworks.geometry.load.WARNINGS`.
    """

    refusal: str = ""
    warnings: tuple[str, ...] = ()


def open_session(folder: Path) -> Callable[[Request], Reply]:
    """Confine the process to the folder, then start Blender."""
    # The last is where the child asks for its peak memory to be counted anew.
    own = (folder, Path("/dev/null"), Path("/proc/self/clear_refs"))
    confine(readable=_needed(), writable=own)
    scratch = folder / "scratch"
    scratch.mkdir()
    os.environ["TMPDIR"] = str(scratch)  # where Blender unpacks pictures, before it starts
    import bpy

    preferences = bpy.context.preferences
    bpy.ops.wm.read_factory_settings(use_empty=True)
    preferences.filepaths.use_scripts_auto_execute = False
    preferences.system.use_online_access = False

    def handle(request: Request) -> Reply:
        return _convert(bpy, request, folder)

    return handle


def _needed() -> list[Path]:
    """What Python and Blender load from."""
    bpy = find_spec("bpy")
    assert bpy is not None and bpy.origin is not None
    paths = (sys.prefix, sys.base_prefix, *sysconfig.get_paths().values(), *_SYSTEM)
    return [Path(bpy.origin).parent, *map(Path, paths)]


def _convert(bpy: Any, request: Request, folder: Path) -> Reply:
    _READERS[request.model.suffix.lower()](bpy, str(request.model))
    linked = [library.filepath for library in bpy.data.libraries]
    if linked:
        return Reply(refusal=f"it links data from {linked[0][:200]!r}")
    warnings = _motion(bpy) | _drop_missing_images(bpy, folder)
    _stand_still(bpy)
    if not any(_shows(item) for item in bpy.context.scene.objects):
        return Reply(refusal="its scene holds no surface")
    _export(bpy, str(request.glb))
    return Reply(warnings=tuple(sorted(warnings)))


def _shows(item: Any) -> bool:
    surfaces = ("MESH", "CURVE", "SURFACE", "META", "FONT")
    return item.type in surfaces or item.instance_type == "COLLECTION"


def _read_fbx(bpy: Any, path: str) -> None:
    bpy.ops.import_scene.fbx(
        filepath=path, use_anim=False, use_custom_props=False, use_image_search=False
    )


def _read_blend(bpy: Any, path: str) -> None:
    bpy.ops.wm.open_mainfile(filepath=path, load_ui=False, use_scripts=False)


def _read_usd(bpy: Any, path: str) -> None:
    bpy.ops.wm.usd_import(
        filepath=path,
        import_cameras=False,
        import_lights=False,
        import_volumes=False,
        import_textures_mode="IMPORT_PACK",
        set_frame_range=False,
        create_world_material=False,
    )


_READERS: dict[str, Callable[[Any, str], None]] = {
    ".fbx": _read_fbx,
    ".blend": _read_blend,
    ".usd": _read_usd,
    ".usda": _read_usd,
    ".usdc": _read_usd,
    ".usdz": _read_usd,
}


def _motion(bpy: Any) -> set[str]:
    found = set()
    if len(bpy.data.actions):
        found.add("ignored_animation")
    if len(bpy.data.shape_keys):
        found.add("ignored_morph_targets")
    return found


def _drop_missing_images(bpy: Any, folder: Path) -> set[str]:
    """Leave out images that are not in the file or its folder: another place is nobody's business.

    One whose path leads elsewhere is looked for in the folder by its name, since such paths tell
    where a file lay on the artist's disk.
    """
    dropped = False
    for image in list(bpy.data.images):
        if image.packed_file is not None or image.source != "FILE":
            continue
        name = image.filepath.replace("\\", "/").rsplit("/", 1)[-1]
        place = Path(bpy.path.abspath(image.filepath)).resolve()
        inside = place.is_relative_to(folder.resolve()) and place.is_file()
        beside = sorted(folder.rglob(name)) if name and not inside else []
        if len(beside) == 1:
            image.filepath = str(beside[0])
            image.reload()
        elif not inside:
            dropped |= image.users > 0
            bpy.data.images.remove(image)
    return {"missing_texture"} if dropped else set()


def _stand_still(bpy: Any) -> None:
    for armature in bpy.data.armatures:
        armature.pose_position = "REST"
    for keys in bpy.data.shape_keys:
        for block in keys.key_blocks[1:]:
            block.value = 0.0
    bpy.context.view_layer.update()


def _export(bpy: Any, path: str) -> None:
    bpy.ops.export_scene.gltf(
        filepath=path,
        export_format="GLB",
        use_renderable=True,
        use_active_scene=True,
        export_yup=True,
        export_apply=True,
        export_animations=False,
        export_skins=False,
        export_morph=False,
        export_cameras=False,
        export_lights=False,
        export_extras=False,
        export_vertex_color="ACTIVE",
    )
