"""Small files that Blender writes, for tests: `python make_files.py FOLDER`, in its own process."""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

MARKER = "script-has-run"


def new_scene() -> None:
    bpy.ops.wm.read_factory_settings(use_empty=True)


def block(name: str, *, at: tuple[float, float, float] = (0, 0, 0)) -> bpy.types.Object:
    """A box of 2 × 2 × 2."""
    bpy.ops.mesh.primitive_cube_add(size=2, location=at)
    item = bpy.context.object
    item.name, item.data.name = name, f"{name} mesh"
    return item


def painted(item: bpy.types.Object, picture: bpy.types.Image) -> None:
    material = bpy.data.materials.new("Paint")
    material.use_nodes = True
    node = material.node_tree.nodes.new("ShaderNodeTexImage")
    node.image = picture
    surface = material.node_tree.nodes["Principled BSDF"]
    material.node_tree.links.new(node.outputs["Color"], surface.inputs["Base Color"])
    item.data.materials.append(material)


def picture(path: Path) -> bpy.types.Image:
    made = bpy.data.images.new(path.stem, 4, 4)
    made.pixels = [0.8, 0.2, 0.1, 1.0] * 16
    made.filepath_raw, made.file_format = str(path), "PNG"
    made.save()
    return made


def two_boxes(folder: Path) -> None:
    """`Tall` is a mirrored box of 2 × 4 × 6 above z = 0; `Small`, a child, one of 2 × 2 × 2."""
    new_scene()
    tall = block("Tall", at=(0, 0, 3))
    tall.scale = (1, 2, -3)
    painted(tall, picture(folder / "wood.png"))
    block("Small", at=(6, 0, 1))
    bpy.ops.export_scene.fbx(filepath=str(folder / "two.fbx"), path_mode="RELATIVE")
    bpy.ops.wm.usd_export(filepath=str(folder / "two.usdc"))
    bpy.ops.wm.usd_export(filepath=str(folder / "two.usda"))
    bpy.ops.wm.usd_export(filepath=str(folder / "two.usdz"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "two.blend"), relative_remap=True)


def lively(folder: Path) -> None:
    """A script that would run, a modifier, a shape key, a pose and what is not rendered."""
    new_scene()
    text = bpy.data.texts.new("run_me.py")
    text.write(f"open({str(folder / MARKER)!r}, 'w').write('!')")
    text.use_module = True
    smooth = block("Smooth")
    smooth.modifiers.new("Subdivision", "SUBSURF").levels = 1
    hidden = block("Hidden", at=(50, 0, 0))
    hidden.hide_render = True
    keyed = block("Keyed", at=(9, 0, 0))
    keyed.shape_key_add(name="Basis")
    moved = keyed.shape_key_add(name="Far")
    for point in moved.data:
        point.co.z += 100
    moved.value = 1.0
    driver = smooth.driver_add("location", 2).driver
    driver.expression = f"len(str(open({str(folder / MARKER)!r}, 'w')))"
    arm(block("Arm", at=(-9, 0, 0)))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "lively.blend"))


def arm(item: bpy.types.Object) -> None:
    """Bind the box to a bone that is posed far away."""
    bpy.ops.object.armature_add(location=item.location)
    armature = bpy.context.object
    modifier = item.modifiers.new("Armature", "ARMATURE")
    modifier.object = armature
    group = item.vertex_groups.new(name="Bone")
    group.add(range(8), 1.0, "REPLACE")
    armature.pose.bones["Bone"].location = (0, 70, 0)


def growing(folder: Path) -> None:
    """A box whose modifiers make a hundred million faces of it, saved before they do."""
    new_scene()
    grown = block("Grown")
    for _ in range(2):
        modifier = grown.modifiers.new("Subdivision", "SUBSURF")
        modifier.levels = 6
        modifier.show_viewport = False
    for modifier in grown.modifiers:
        modifier.show_viewport = True
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "growing.blend"))


def linking(folder: Path) -> None:
    """A scene whose box lies in another file, and one whose picture lies outside."""
    outside = folder / "outside"
    outside.mkdir()
    new_scene()
    block("Secret")
    bpy.ops.wm.save_as_mainfile(filepath=str(outside / "library.blend"))
    bpy.ops.wm.usd_export(filepath=str(outside / "secret.usda"))
    new_scene()
    block("Own")
    with bpy.data.libraries.load(str(outside / "library.blend"), link=True) as (_, into):
        into.objects = ["Secret"]
    bpy.context.scene.collection.objects.link(into.objects[0])
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "linking.blend"))
    new_scene()
    painted(block("Spy"), picture(outside / "secret.png"))
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "spying.blend"), relative_remap=False)
    new_scene()
    bpy.ops.wm.save_as_mainfile(filepath=str(folder / "empty.blend"))
    (folder / "reaching.usda").write_text(
        f'#usda 1.0\ndef Xform "r" (\n  references = @{outside / "secret.usda"}@</root>\n) {{ }}\n'
    )


if __name__ == "__main__":
    made = Path(sys.argv[1])
    two_boxes(made)
    lively(made)
    linking(made)
    growing(made)
