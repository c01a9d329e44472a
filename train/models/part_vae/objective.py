"""What the part VAE is trained for, and how its terms are weighed."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from train.models.vecset.config import VecSetConfig
from train.rendering.choice import RendererName

FieldLoss = Literal["bce", "mse", "l1_mse"]

RENDERED = ("depth", "normal", "mask", "deviation", "sign", "weights")
"""Terms for which a mesh is extracted; the first three need a true one to compare with."""

COMPARED = RENDERED[:3]
SLOPED = ("surface_normal", "eikonal")
"""Terms for which the field is differentiated in space."""


# The parser of settings reads the attributes of a nested default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class Weight:
    """The weight of a term, which may begin late and change on the way.

    Attributes:
        value: at step `begins`.
        final: reached `steps` later, by a line, and kept; None keeps `value`.
        begins: the first step that has the term at all.
        steps: how long the change takes.
    """

    value: float = 0.0
    final: float | None = None
    begins: int = 0
    steps: int = 0

    def __post_init__(self) -> None:
        if min(self.value, self.begins, self.steps, self.final or 0) < 0:
            raise ValueError(f"{self} has a number below 0, expected none")

    @property
    def last(self) -> float:
        """The weight in the end."""
        return self.value if self.final is None else self.final

    def at(self, step: int) -> float:
        """The weight at a step, counted from 0; 0 says that the term is not wanted."""
        if step < self.begins:
            return 0.0
        share = min((step - self.begins) / self.steps, 1.0) if self.steps else 1.0
        return self.value + share * (self.last - self.value)


@dataclass(frozen=True, kw_only=True)
class RenderConfig:
    """How meshes are extracted and rendered for the terms that need it.

    Attributes:
        resolution: cubes along a side of the grid.
        coarse: cubes along a side where the surface is looked for first.
        fit: lay the grid around each item, with a margin of a twentieth of its size, rather than
            over all that the frame holds; for small parts in the object's frame.
        views: of each item and step, in random directions.
        size: pixels along a side.
        renderer: `auto`, `torch`, `embree` or `nvdiffrast`.
    """

    resolution: int = 64
    coarse: int = 32
    fit: bool = False
    views: int = 1
    size: int = 256
    renderer: RendererName = "auto"

    def __post_init__(self) -> None:
        for name in ("resolution", "coarse", "views", "size"):
            if getattr(self, name) < 1:
                raise ValueError(f"render.{name} is {getattr(self, name)}, expected at least 1")


NONE = Weight()


@dataclass(frozen=True, kw_only=True)
class ObjectiveConfig:
    """The terms of the loss. CoPart's are `kl`, `depth` and `normal` (supplement, equation 17).

    Attributes:
        kind: how the field is compared: `bce` of occupancy (CraftsMan), `mse` or `l1_mse` of the
            signed distance in units of the truncation (CraftsMan, AutoPartGen).
        truncation: of distances, in the frame's units; no more than that of the shards.
        field: weight of that comparison. A warm-up has it first, and what is rendered later.
        kl: weight of the bottleneck's divergence.
        surface_normal: 1 - cosine between the field's gradient and the normal on the surface.
        eikonal: deviation of the gradient's length from that of a distance, near the surface.
        depth: L1 of rendered depth, in radii of the item.
        normal: L1 of rendered normals.
        mask: L1 of the rendered silhouette.
        deviation: FlexiCubes' L_dev, which keeps dual vertices near the surface they stand for.
        sign: FlexiCubes' cross entropy of neighbouring signs, which removes what no view sees.
        weights: magnitude of FlexiCubes' weights.
        gradient: how the field is differentiated, by `autograd` or by `differences`.
        gradient_points: queries of each kind at which it is.
        render: how meshes are extracted and rendered.
    """

    kind: FieldLoss = "l1_mse"
    truncation: float = 0.05
    field: Weight = Weight(value=1.0)
    kl: Weight = Weight(value=1e-3)
    surface_normal: Weight = NONE
    eikonal: Weight = NONE
    depth: Weight = NONE
    normal: Weight = NONE
    mask: Weight = NONE
    deviation: Weight = NONE
    sign: Weight = NONE
    weights: Weight = NONE
    gradient: Literal["autograd", "differences"] = "autograd"
    gradient_points: int = 1024
    render: RenderConfig = dataclasses.field(default_factory=RenderConfig)

    def __post_init__(self) -> None:
        if not self.truncation > 0:
            raise ValueError(f"objective.truncation is {self.truncation}, expected more than 0")
        if self.gradient_points < 1:
            raise ValueError(
                f"objective.gradient_points is {self.gradient_points}, expected at least 1"
            )
        if self.kind == "bce" and (self.eikonal.value or self.eikonal.last):
            raise ValueError(
                "objective.eikonal is of distances, but objective.kind is bce, whose field is none;"
                " choose l1_mse or mse"
            )

    def weights_at(self, step: int | None) -> dict[str, float]:
        """The terms that a step has, each with its weight; None is for the end of training."""
        terms = {
            each.name: value
            for each in dataclasses.fields(self)
            if isinstance(value := getattr(self, each.name), Weight)
        }
        found = {
            name: weight.last if step is None else weight.at(step) for name, weight in terms.items()
        }
        return {name: value for name, value in found.items() if value > 0}

    def check(self, network: VecSetConfig) -> None:
        """ValueError unless a network can be trained so."""
        wanted = [name for name in ("weights",) if getattr(self, name).value > 0]
        if wanted and network.output != "flexicubes":
            raise ValueError(
                f"objective.weights is of FlexiCubes' weights, which a network with output "
                f"{network.output} has not; set its weight to 0 or network.output to flexicubes"
            )
        if self.kind != "bce" and network.output == "occupancy":
            raise ValueError(
                f"objective.kind {self.kind} compares distances, but network.output is occupancy; "
                "choose bce, or the output sdf"
            )
        if self.kind == "bce" and network.output == "sdf":
            raise ValueError(
                "objective.kind bce compares occupancy, but network.output is sdf; choose l1_mse"
            )
