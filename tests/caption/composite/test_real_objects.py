"""Composites of real objects: the box fits the part, the arrow points at it, nothing is cropped.

Pictures are painted over before they are put together, the part green and the rest blue, so that
what is drawn can be told from what is shown, whatever colours the object has.
"""

from pathlib import Path

import numpy as np
import pytest

from caption.composite.compose import Composer
from caption.composite.config import CompositeConfig
from caption.views import Views
from partworks import layout
from partworks.artifacts.parts import Parts
from partworks.artifacts.renders import OBJECT, Renders
from partworks.geometry.mesh import Mesh
from partworks.records import Item
from render.config import RenderConfig
from render.stage import Render
from tests.caption.composite.seen import BLUE, GREEN, check_arrow, check_box, check_whole
from tests.render.real_objects import real_object, real_records
from tests.render.scenes import put
from tests.shared_assets import requires_shared

FEW = ("car_police", "ms_vitamin_bottle", "robot_arm_jaco")
MOST_PARTS = 12


class Painted(Views):
    """Views with one part green and the rest blue."""

    def __init__(self, renders: Renders, part: int) -> None:
        super().__init__(renders)
        self._part = part

    def color(self, folder: str, view: int) -> np.ndarray:
        picture = super().color(folder, view).copy()
        solid = picture[..., 3] > 0
        picture[solid, :3] = BLUE if folder == OBJECT else GREEN
        picture[solid, 3] = 255
        mask = self.part_mask(view, self._part) if folder == OBJECT else None
        if mask is not None:
            picture[mask, :3] = GREEN
            picture[mask, 3] = 255
        return picture


def rendered(folder: Path, mesh: Mesh) -> Renders:
    """Eight views of 192 pixels of an object whose nodes are its parts, the first dozen."""
    labels = np.where(mesh.face_node < MOST_PARTS, mesh.face_node, -1).astype(np.int32)
    count = int(labels.max()) + 1
    parts = Parts(
        face_labels=labels,
        part_names=tuple(f"part {part}" for part in range(count)),
        source="auto",
        geometry_hash=mesh.geometry_hash,
    )
    stage = Render(RenderConfig(size=192), store=put(folder, "thing", mesh, parts))
    stage.open()
    return Renders(stage.process(Item(uid="thing")).files[layout.renders("thing")])


def check(renders: Renders) -> int:
    """Check the composites of all parts; how many of them are marked in a view."""
    marked = 0
    for part in range(len(renders.overlap)):
        composer = Composer(Painted(renders, part), config=CompositeConfig(panel=256))
        found = composer.part(part)
        assert found is not None
        check_whole(found)
        if found.view >= 0:
            check_box(found)
            check_arrow(found)
            marked += 1
    return marked


@requires_shared
@pytest.mark.parametrize("name", FEW)
def test_a_few(name: str, tmp_path: Path) -> None:
    assert check(rendered(tmp_path, real_object(name))) >= 2


@pytest.mark.slow
@requires_shared
@pytest.mark.parametrize("name", sorted({*real_records()} - {*FEW}))
def test_all_of_them(name: str, tmp_path: Path) -> None:
    assert check(rendered(tmp_path, real_object(name))) >= 1
