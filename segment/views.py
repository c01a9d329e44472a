"""Images of an object from all around, for finding parts in: what is seen, how thick, how bent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from partworks.geometry.adjacency import FaceAdjacency, face_adjacency, weld_vertices
from partworks.geometry.cameras import Camera, bounding_sphere, hammersley, icosahedron
from partworks.geometry.image_sampling import linear_to_srgb
from partworks.geometry.measures import face_areas, face_normals
from partworks.geometry.mesh import Mesh
from partworks.geometry.texture import Surface
from partworks.geometry.visibility import EmbreeCaster, Visibility
from segment.curvature import mean_curvature
from segment.orientation import outward_signs
from segment.shading import find_corners
from segment.shape_diameter import shape_diameter
from segment.sheets import find_sheets
from segment.surface import SOUP_SHARE

Bool = NDArray[np.bool_]
Float32 = NDArray[np.float32]
Float64 = NDArray[np.float64]
Int32 = NDArray[np.int32]
Int8 = NDArray[np.int8]
UInt8 = NDArray[np.uint8]

MOST_LEAN = float(np.cos(np.radians(75.0)))
"""A smooth normal that leans further from its face than this is not believed."""

GRAZING = 0.1


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class ViewConfig:
    """Where an object is looked at from, and how closely.

    Attributes:
        rig: `icosahedron` has 12 views; `hammersley` spreads `count` of them over the sphere.
        count: views of the `hammersley` rig.
        size: pixels along each side of a view.
        diameter_points: surface points from which the shape diameter is measured.
        diameter_rays: rays from each of them.
        weld_tolerance: vertices this close are one, as a share of the longest side; 0 welds equal
            positions only.
        soup_tolerance: the tolerance tried where exact welding leaves most faces alone.
    """

    rig: Literal["icosahedron", "hammersley"] = "icosahedron"
    count: int = 12
    size: int = 512
    diameter_points: int = 12_000
    diameter_rays: int = 30
    weld_tolerance: float = 0.0
    soup_tolerance: float = 1e-4

    def __post_init__(self) -> None:
        if self.rig not in ("icosahedron", "hammersley"):
            raise ValueError(f"rig must be icosahedron or hammersley, not {self.rig!r}")
        if self.count < 1:
            raise ValueError(f"count must be at least 1, not {self.count}")
        if not 16 <= self.size <= 8192:
            raise ValueError(f"size must be in 16…8192 pixels, not {self.size}")
        for name in ("diameter_points", "diameter_rays"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} must be at least 1, not {getattr(self, name)}")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ViewImages:
    """What one camera sees, pixel by pixel; row 0 is the top.

    Attributes:
        camera: where it stands.
        face_id: (H, W) int32, -1 where nothing is.
        depth: (H, W) float32 planar camera z, infinite where nothing is.
        normal: (H, W, 3) float32 unit normal in the world, turned to face the camera; smooth where
            the surface is meant to be, 0 where nothing is.
        color: (H, W, 3) uint8 sRGB base colour without light, 0 where nothing is.
        diameter: (H, W) float32 shape diameter as a share of the diagonal, 0 where nothing is.
        curvature: (H, W) float32 mean curvature times the diagonal, > 0 convex, < 0 concave.
        material: (H, W) int32, -1 where nothing is and where a face has no material.
    """

    camera: Camera
    face_id: Int32
    depth: Float32
    normal: Float32
    color: UInt8
    diameter: Float32
    curvature: Float32
    material: Int32

    @property
    def hit(self) -> Bool:
        """(H, W) bool: the pixels that see the object."""
        return self.face_id >= 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Faces:
    """What is known of each face before any camera looks.

    Attributes:
        normal: (F, 3, 3) float32 at its corners, pointing outwards.
        diameter: (F, 3) float32 at its corners.
        curvature: (F, 3) float32 at its corners.
        material: (F,) int32.
    """

    normal: Float32
    diameter: Float32
    curvature: Float32
    material: Int32


def render_views(
    mesh: Mesh, *, config: ViewConfig, generator: np.random.Generator
) -> list[ViewImages]:
    """Look at a mesh from all around its bounding sphere.

    The generator places the points and rays of the shape diameter; nothing else is random. A mesh
    without faces, or without area, gives views that see nothing.
    """
    used = mesh.vertices[np.unique(mesh.faces)]
    caster = EmbreeCaster(mesh.vertices, mesh.faces)
    faces = _measure_faces(mesh, caster, config=config, generator=generator)
    look = _Look(mesh)
    return [
        _view(camera, caster.cast(camera), faces=faces, look=look)
        for camera in place_cameras(used, config)
    ]


def place_cameras(vertices: Float32, config: ViewConfig) -> tuple[Camera, ...]:
    """The cameras of a rig, fitted to the bounding sphere of vertices (V, 3)."""
    center, radius = bounding_sphere(vertices)
    if config.rig == "icosahedron":
        return icosahedron(center=center, radius=radius, size=config.size)
    return hammersley(config.count, center=center, radius=radius, size=config.size)


def hidden_faces(views: Sequence[ViewImages], face_count: int) -> Bool:
    """(F,) bool: the faces that no pixel of any view sees.

    Inner walls, faces without area, the undersides of what lies flat on something, one of two
    coincident faces, and faces that are smaller than a pixel everywhere.
    """
    hidden = np.ones(face_count, bool)
    for view in views:
        hidden[view.face_id[view.hit]] = False
    return hidden


def _measure_faces(
    mesh: Mesh, caster: EmbreeCaster, *, config: ViewConfig, generator: np.random.Generator
) -> _Faces:
    adjacency, welded = _weld(mesh, config)
    sheets = find_sheets(adjacency, mesh.face_count)
    signs = outward_signs(mesh.vertices, mesh.faces, adjacency, trusted=sheets.alone)
    low, high = mesh.bounds
    diagonal = float(np.linalg.norm(high - low))
    bends = sheets.manifold & ~sheets.twins
    angle = adjacency.angle * signs[adjacency.pairs[:, 0]].astype(np.float32)
    bend = mean_curvature(
        adjacency.pairs[bends],
        angle[bends],
        adjacency.length[bends],
        areas=face_areas(mesh.vertices, mesh.faces),
    )
    diameter = shape_diameter(
        mesh.vertices,
        mesh.faces,
        caster=caster,
        signs=signs,
        diagonal=diagonal,
        points=config.diameter_points,
        rays=config.diameter_rays,
        generator=generator,
    )
    corners = find_corners(mesh, adjacency, signs, welded=welded)
    return _Faces(
        normal=corners.normals(face_normals(mesh.vertices, mesh.faces) * signs[:, None]),
        diameter=corners.means(diameter),
        curvature=corners.means(bend * diagonal),
        material=mesh.face_material,
    )


def _weld(mesh: Mesh, config: ViewConfig) -> tuple[FaceAdjacency, Int32]:
    """The adjacency of the faces and the (V,) ids of positions that it speaks of."""
    tolerance = config.weld_tolerance
    adjacency = face_adjacency(mesh.vertices, mesh.faces, tolerance=tolerance)
    alone = mesh.face_count - len(np.unique(adjacency.pairs))
    if config.soup_tolerance > tolerance and alone > SOUP_SHARE * mesh.face_count:
        tolerance = config.soup_tolerance
        adjacency = face_adjacency(mesh.vertices, mesh.faces, tolerance=tolerance)
    return adjacency, weld_vertices(mesh.vertices, tolerance=tolerance)


def _view(camera: Camera, seen: Visibility, *, faces: _Faces, look: _Look) -> ViewImages:
    face, weights = seen.face_id[seen.hit], seen.barycentric[seen.hit]
    return ViewImages(
        camera=camera,
        face_id=seen.face_id,
        depth=seen.depth,
        normal=_smooth_normals(seen, faces.normal),
        color=look.color(camera, seen),
        diameter=_placed(seen.hit, np.einsum("nk,nk->n", faces.diameter[face], weights), 0.0),
        curvature=_placed(seen.hit, np.einsum("nk,nk->n", faces.curvature[face], weights), 0.0),
        material=_placed(seen.hit, faces.material[face], -1),
    )


def _placed(hit: Bool, values: NDArray[Any], background: float) -> NDArray[Any]:
    image = np.full((*hit.shape, *values.shape[1:]), background, values.dtype)
    image[hit] = values
    return image


def _smooth_normals(seen: Visibility, corner_normal: Float32) -> Float32:
    """(H, W, 3): corner normals, interpolated and turned to the camera's side of the face."""
    hit = seen.hit
    flat = seen.normal[hit]
    smooth = np.einsum("nkc,nk->nc", corner_normal[seen.face_id[hit]], seen.barycentric[hit])
    lengths = np.sqrt(np.einsum("nc,nc->n", smooth, smooth))
    lean = np.einsum("nc,nc->n", smooth, flat)
    believed = np.abs(lean) > MOST_LEAN * lengths
    scale = np.sign(lean) / np.where(believed, lengths, 1)
    return _placed(hit, np.where(believed[:, None], smooth * scale[:, None], flat), 0.0)


class _Look:
    """The base colour of one mesh; textures are decoded only if there are any."""

    def __init__(self, mesh: Mesh) -> None:
        plain = all(node.colors is None for node in mesh.nodes) and all(
            material.base_color_texture is None for material in mesh.materials
        )
        self._surface = None if plain else Surface(mesh)
        # The last row is that of faces without a material, whose index is -1.
        factors = [*(material.base_color[:3] for material in mesh.materials), (1.0, 1.0, 1.0)]
        self._factors = _to_bytes(np.asarray(factors, np.float32))
        self._material = mesh.face_material

    def color(self, camera: Camera, seen: Visibility) -> UInt8:
        """(H, W, 3) uint8 sRGB."""
        hit = seen.hit
        face = seen.face_id[hit]
        if self._surface is None:
            return _placed(hit, self._factors[self._material[face]], 0)
        slant = np.abs(np.einsum("hwc,hwc->hw", seen.normal, camera.rays()))[hit]
        footprint = seen.depth[hit] / camera.focal / np.maximum(slant, GRAZING)
        linear = self._surface.base_color(face, seen.barycentric[hit], footprint=footprint)
        return _placed(hit, _to_bytes(linear[:, :3]), 0)


def _to_bytes(linear: Float32) -> UInt8:
    """(N, 3) uint8 sRGB of linear colours."""
    encoded: UInt8 = np.rint(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8)
    return encoded
