from functools import cache

import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray

from partworks.geometry.adjacency import connected_components
from partworks.geometry.mesh import Mesh
from segment.lifting import Lifted, lift
from segment.regularise import RegulariseConfig, regularise
from tests.segment.painted import (
    achievable_accuracy,
    cells_of,
    flat_masks,
    paint,
    seen_faces,
    surface_of,
)
from tests.segment.shapes import box, chair, dumbbell, merged, mesh, node
from tests.segment.truth import labelled_assets
from tests.shared_assets import requires_shared

Int32 = NDArray[np.int32]


def regularised(
    whole: Mesh, truth: Int32, *, size: int = 256, config: RegulariseConfig | None = None
) -> tuple[Lifted, Int32]:
    """Labels from masks of three levels with moderate noise."""
    images = seen_faces(whole, size=size)
    parts = truth - truth.min()
    levels = [np.zeros_like(parts), parts // 3, parts]
    masks = paint(
        images,
        levels,
        generator=np.random.default_rng(0),
        jitter=1.5,
        dropped=0.1,
        halved=0.05,
    )
    lifted = lift(images, masks, face_count=whole.face_count)
    return lifted, regularise(lifted, surface_of(whole), config=config or RegulariseConfig())


def pieces(labels: Int32, whole: Mesh) -> int:
    pairs = surface_of(whole).pairs
    alike = labels[pairs[:, 0]] == labels[pairs[:, 1]]
    return int(connected_components(len(labels), pairs[alike]).max()) + 1


@cache
def noisy_ball() -> tuple[Mesh, Int32, Lifted, Int32]:
    whole = mesh(node(trimesh.creation.icosphere(subdivisions=4)))
    truth = cells_of(whole, 9)
    return whole, truth, *regularised(whole, truth)


def test_noise_goes_and_parts_stay() -> None:
    whole, truth, lifted, labels = noisy_ball()
    assert achievable_accuracy(labels, truth, whole) > 0.97
    assert pieces(labels, whole) < 16 < pieces(lifted.labels, whole)


def test_same_bytes_twice() -> None:
    whole, _, lifted, labels = noisy_ball()
    again = regularise(lifted, surface_of(whole), config=RegulariseConfig())
    assert again.tobytes() == labels.tobytes()


def test_borders_settle_in_creases() -> None:
    whole = mesh(node(box((1, 1, 1), cuts=4)))
    centers = whole.vertices[whole.faces].mean(axis=1)
    axis = np.argmax(np.abs(centers), axis=1)
    side = (2 * axis + (centers[np.arange(len(axis)), axis] > 0)).astype(np.int32)
    lifted, labels = regularised(whole, side)
    assert achievable_accuracy(lifted.labels, side, whole) < 1
    assert achievable_accuracy(labels, side, whole) == 1


def test_dumbbell_without_a_crease_is_parted_where_masks_part_it() -> None:
    whole = dumbbell()
    along = whole.vertices[whole.faces].mean(axis=1)[:, 2]
    truth = np.digitize(along, [-0.4, 0.4]).astype(np.int32)
    _, labels = regularised(whole, truth)
    assert achievable_accuracy(labels, truth, whole) > 0.98


def test_chair_as_one_node() -> None:
    whole = chair()
    _, labels = regularised(merged(whole), whole.face_node)
    assert achievable_accuracy(labels, whole.face_node, whole) > 0.98


def test_hidden_faces_of_a_component_are_filled() -> None:
    whole = dumbbell()
    images = seen_faces(whole, size=128)
    masks = paint(
        images, [np.zeros(whole.face_count, np.int32)], generator=np.random.default_rng(0)
    )
    lifted = lift(images[:1], masks[:1], face_count=whole.face_count)
    assert (lifted.labels < 0).any()
    assert (regularise(lifted, surface_of(whole), config=RegulariseConfig()) == 0).all()


def test_what_shows_through_a_gap_has_little_to_say() -> None:
    """Of two large faces one is seen in full, the other in three pixels under a stray mask."""
    square = trimesh.Trimesh(
        [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], [[0, 1, 2], [0, 2, 3]], process=False
    )
    surface = surface_of(mesh(node(square)))
    for pixels, together in ((3, True), (900, False)):
        image = np.asarray([[0] * 1000 + [1] * pixels], np.int32)
        face, stray = "#" * 1000 + "." * pixels, "." * 1000 + "#" * pixels
        lifted = lift([image], [flat_masks([face, stray])], face_count=2)
        labels = regularise(lifted, surface, config=RegulariseConfig(smoothness=0.02))
        assert lifted.labels[0] != lifted.labels[1]
        assert bool(labels[0] == labels[1]) == together


def empty_lifted(whole: Mesh) -> Lifted:
    return lift([np.full((4, 4), -1, np.int32)], [flat_masks([])], face_count=whole.face_count)


def loose(count: int) -> Mesh:
    random = np.random.default_rng(0)
    corners = random.uniform(-1, 1, (count, 1, 3)) + random.normal(0, 0.01, (count, 3, 3))
    faces = np.arange(3 * count).reshape(-1, 3)
    return mesh(node(trimesh.Trimesh(corners.reshape(-1, 3), faces, process=False)))


def fan(count: int) -> Mesh:
    """Sheets that all meet at one edge."""
    angle = np.linspace(0, np.pi, count, endpoint=False)
    tips = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)
    points = np.concatenate([[[0, 0, -1], [0, 0, 1]], tips])
    faces = np.stack([np.zeros(count), np.ones(count), np.arange(count) + 2], axis=1).astype(int)
    return mesh(node(trimesh.Trimesh(points, faces, process=False)))


def flat(count: int) -> Mesh:
    faces = np.tile([[0, 1, 2], [1, 2, 3]], (count // 2, 1))
    return mesh(node(trimesh.Trimesh(np.zeros((4, 3)), faces, process=False)))


@pytest.mark.parametrize(
    "made",
    [loose(1), loose(20_000), fan(40), flat(300)],
    ids=["one face", "20k components", "branching", "no area"],
)
def test_degenerate_meshes(made: Mesh) -> None:
    none = regularise(empty_lifted(made), surface_of(made), config=RegulariseConfig())
    assert (none == -1).all()
    truth = (np.arange(made.face_count) % 3).astype(np.int32)
    image = np.tile(np.arange(made.face_count, dtype=np.int32), (8, 1))
    masks = paint([image] * 2, [truth], generator=np.random.default_rng(0))
    lifted = lift([image] * 2, masks, face_count=made.face_count)
    labels = regularise(lifted, surface_of(made), config=RegulariseConfig())
    assert labels.dtype == np.int32 and ((labels >= 0) & (labels < 3)).all()


def test_settings_are_checked() -> None:
    with pytest.raises(ValueError, match=r"smoothness must be in \[0, 1\), not 2"):
        RegulariseConfig(smoothness=2)


@requires_shared
@pytest.mark.parametrize("name", ["char_mage", "robot_arm_jaco", "locomotive", "truck_red"])
def test_masks_of_labelled_assets_recover_their_parts(name: str) -> None:
    [(whole, truth)] = [(whole, truth) for stem, whole, truth in _labelled() if stem == name]
    _, labels = regularised(merged(whole), truth, size=512)
    assert achievable_accuracy(labels, np.where(labels < 0, -1, truth), whole) >= 0.98


@cache
def _labelled() -> list[tuple[str, Mesh, Int32]]:
    return list(labelled_assets())
