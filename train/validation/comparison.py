"""One object: its parts reconstructed, put together, compared, drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
import torch

from train.callbacks.pictures import splat
from train.metrics.evaluation import Evaluation, EvaluationConfig, Evaluator
from train.metrics.mesh import TriangleMesh
from train.metrics.mesh_files import NamedMesh, part_color, write_glb
from train.metrics.normal_maps import normal_maps
from train.metrics.side_by_side import PictureRow, side_by_side
from train.rendering.cameras import bounding_sphere, part_cameras
from train.samples import WHOLE
from train.validation.findings import Findings
from train.validation.reconstruction import fitted
from train.validation.truth import ObjectTruth, sign_iou


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """What there is to say and to show of an object.

    Attributes:
        rows: of the picture, the whole first where it is complete.
        meshes: the reconstructed parts, object frame.
    """

    findings: Findings
    rows: list[PictureRow]
    meshes: list[NamedMesh]

    def picture(self) -> bytes:
        """A PNG: truth and reconstruction side by side, a row per part."""
        return side_by_side(self.rows)

    def glb(self) -> bytes:
        """The reconstructed parts as named nodes."""
        return write_glb(self.meshes)


def part_name(truth: ObjectTruth, part: int) -> str:
    """Of nodes and of rows."""
    return f"part{part:02d} {truth.names[part]}".rstrip()


def compare(
    truth: ObjectTruth,
    predicted: Sequence[TriangleMesh],
    *,
    parts: Sequence[int],
    evaluator: Evaluator,
    own_frame: bool,
) -> Comparison:
    """Compare reconstructed parts with what is known of them.

    Args:
        predicted: in the object frame, one for each of `parts`.
        parts: ascending; the whole is compared where they are all that the object has.
        own_frame: compare parts in their own frames, too.
    """
    names = [part_name(truth, part) for part in parts]
    findings = Findings(key=truth.key, parts=len(parts))
    pairs = zip(names, predicted, strict=True)
    findings.no_surface += [name for name, mesh in pairs if mesh.is_empty]
    if truth.mesh is None:
        rows = _with_field(truth, predicted, parts=parts, findings=findings, evaluator=evaluator)
    else:
        rows = _with_meshes(truth, predicted, parts=parts, findings=findings, evaluator=evaluator)
        if own_frame:
            _in_own_frames(truth, predicted, parts=parts, findings=findings, evaluator=evaluator)
    meshes = [
        NamedMesh(name=name, mesh=mesh, color=part_color(part))
        for name, mesh, part in zip(names, predicted, parts, strict=True)
    ]
    return Comparison(findings=findings, rows=rows, meshes=meshes)


def _with_meshes(
    truth: ObjectTruth,
    predicted: Sequence[TriangleMesh],
    *,
    parts: Sequence[int],
    findings: Findings,
    evaluator: Evaluator,
) -> list[PictureRow]:
    true = [truth.part_mesh(part) for part in parts]
    if _is_complete(truth, parts):
        found, whole = evaluator.compare_object(predicted, true)
        findings.add("object_frame", None, whole.metrics)
        rows = [_row("whole", whole)]
    else:
        found = [evaluator.compare(*pair) for pair in zip(predicted, true, strict=True)]
        rows = []
    for part, evaluation, mesh in zip(parts, found, true, strict=True):
        name = part_name(truth, part)
        if mesh.is_empty:
            findings.no_truth.append(name)
            continue
        findings.add("object_frame", name, evaluation.metrics)
        rows.append(_row(name, evaluation))
    return rows


def _in_own_frames(
    truth: ObjectTruth,
    predicted: Sequence[TriangleMesh],
    *,
    parts: Sequence[int],
    findings: Findings,
    evaluator: Evaluator,
) -> None:
    points = truth.points
    for part, mesh in zip(parts, predicted, strict=True):
        true = truth.part_mesh(part)
        if not true.is_empty:
            center, scale = points.part_center[part], float(points.part_scale[part])
            both = (fitted(each, center=center, scale=scale) for each in (mesh, true))
            findings.add("own_frame", part_name(truth, part), evaluator.compare(*both).metrics)


def _with_field(
    truth: ObjectTruth,
    predicted: Sequence[TriangleMesh],
    *,
    parts: Sequence[int],
    findings: Findings,
    evaluator: Evaluator,
) -> list[PictureRow]:
    rows = []
    whole = truth.signs(WHOLE) if _is_complete(truth, parts) else None
    if whole is not None:
        iou = sign_iou(list(predicted), whole)
        findings.add("field", None, {"sign_iou": iou})
        everything = TriangleMesh.union(predicted)
        surface = truth.points.object_surface
        rows.append(_drawn(f"whole\nsign IoU {iou:.3f}", everything, surface, evaluator=evaluator))
    for part, mesh in zip(parts, predicted, strict=True):
        name, signs = part_name(truth, part), truth.signs(part)
        label = name
        if signs is None:
            findings.no_truth.append(name)
        else:
            iou = sign_iou([mesh], signs)
            findings.add("field", name, {"sign_iou": iou})
            label += f"\nsign IoU {iou:.3f}"
        rows.append(_drawn(label, mesh, truth.points.part_surface[part], evaluator=evaluator))
    return rows


def _is_complete(truth: ObjectTruth, parts: Sequence[int]) -> bool:
    return list(parts) == list(range(len(truth.names)))


def _row(name: str, found: Evaluation) -> PictureRow:
    metrics = found.metrics
    distance = metrics["chamfer_summed"]
    second = f"CD {distance:.4f}" if isfinite(distance) else "no surface"
    told = f"{name}\nIoU {metrics['iou']:.3f}\n{second}"
    return PictureRow(label=told, true=found.true_maps, predicted=found.predicted_maps)


def _drawn(
    label: str,
    mesh: TriangleMesh,
    surface: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    *,
    evaluator: Evaluator,
) -> PictureRow:
    """True points for want of a true mesh beside the reconstruction."""
    config: EvaluationConfig = evaluator.config
    center, radius = bounding_sphere(torch.from_numpy(surface[:, :3]).double())
    cameras = part_cameras(
        config.views,
        center_3=center,
        radius=radius,
        generator=torch.Generator().manual_seed(config.seed),
        size=config.view_size,
    )
    maps = normal_maps(mesh, cameras, renderer=evaluator.renderer, device=evaluator.device)
    return PictureRow(label=label, true=splat(surface, cameras), predicted=maps)
