"""Pictures, passes and tables as bytes that depend on their content only.

How each pass is written is told in `partworks.artifacts.view_images`, which reads it back.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping, Sequence
from math import sin
from typing import Any

import numpy as np
import OpenEXR
from numpy.typing import NDArray
from PIL import Image

from partworks.artifacts.renders import view_name
from partworks.artifacts.view_images import DROPPED, DROPPED_GREY
from partworks.geometry.cameras import MARGIN, Camera
from render.backend import Picture
from render.config import RenderConfig
from render.rigs import Pass
from render.subject import Subject

PNG_LEVEL = 4
"""zlib's level; higher ones cost twice the time for a twentieth of the size."""

WEBP_METHOD = 4
"""The last method before lossy encoding takes a hundred times as long."""

WEBP_EFFORT = 50
"""What `quality` means without loss; 100 takes half as long again and saves nothing."""

GREYS = 65535
"""Steps of a 16-bit grey."""

_SLACK = 1 + 1e-4
"""Room for the rounding of points and rays, which are float32."""


def encode_colour(picture: Picture, config: RenderConfig) -> bytes:
    """A (H, W, 4) uint8 picture as PNG or WebP without metadata.

    Alpha is exact always. With PNG and with `webp_quality` 100 colours are too, under alpha 0 as
    well.
    """
    if config.image == "png":
        return _png(picture)
    if config.webp_quality == 100:
        return _lossless_webp(picture)
    buffer = io.BytesIO()
    Image.fromarray(picture).save(
        buffer, "WEBP", quality=config.webp_quality, alpha_quality=100, method=WEBP_METHOD
    )
    return buffer.getvalue()


def colour_extension(config: RenderConfig) -> str:
    """What the names of colour views end with."""
    return config.image


def encode_pass(
    kind: Pass, array: NDArray[Any], *, config: RenderConfig, depth_scale: float
) -> bytes:
    """A pass, an array as `render.passes` makes it, in the file format of its kind.

    Args:
        kind: of pass.
        array: (H, W) or (H, W, C).
        config: which formats.
        depth_scale: the depth of one grey step.

    Raises:
        ValueError: a label or a depth is too large for its encoding.
    """
    if kind == "albedo":
        return encode_colour(array, config)
    if kind == "boxes":
        return _lossless_webp(array) if config.image == "webp" else _png(array)
    if kind == "depth":
        if config.depth == "exr":
            return _exr({"Z": np.where(np.isfinite(array), array, np.float32(0))})
        return _png(_depth_steps(array, depth_scale))
    return _ENCODERS[kind](array)


def pass_extension(kind: Pass, config: RenderConfig) -> str:
    """What the names of a pass end with."""
    if kind in ("albedo", "boxes"):
        return config.image
    if kind == "depth":
        return config.depth
    return "exr" if kind == "position" else "png"


def frame_paths(
    folder: str, view: int, *, passes: Sequence[Pass], config: RenderConfig
) -> dict[str, str]:
    """The paths of a frame in `transforms.json`: `file_path`, `depth_file_path` and so on."""
    colour = view_name(folder, view, extension=colour_extension(config))
    return {
        "file_path": colour,
        **{
            f"{kind}_file_path": view_name(
                folder, view, channel=kind, extension=pass_extension(kind, config)
            )
            for kind in passes
        },
    }


def depth_scale(cameras: Sequence[Camera], subject: Subject) -> float:
    """The depth of one grey step, in units of the subject's own frame.

    White is the back of the largest sphere that is whole in every picture, which holds the subject,
    for rigs are made so. Rounding moves a point by half a step: with a field of view of 10° by
    1e-4 of the radius of the bounding sphere, with 40° by 4e-5.

    Args:
        cameras: of the subject, in the object's frame.
        subject: whose frame the depth is measured in.
    """
    if not cameras:
        return 1 / GREYS
    target = _common_target(cameras, subject.center)
    distances = [float(np.linalg.norm(camera.position - target)) for camera in cameras]
    radius = min(
        distance * sin(min(camera.fov_x, camera.fov_y) / 2)
        for camera, distance in zip(cameras, distances, strict=True)
    )
    return (max(distances) + radius / MARGIN) * _SLACK / subject.scale / GREYS


def _common_target(cameras: Sequence[Camera], near: NDArray[np.float64]) -> NDArray[np.float64]:
    """(3,) where the axes of all cameras meet; of a single one, its point nearest to `near`."""
    forward = np.stack([camera.forward for camera in cameras])
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    offset = np.stack([camera.position for camera in cameras]) - near
    shift, *_ = np.linalg.lstsq(
        across.reshape(-1, 3), (across @ offset[..., None]).reshape(-1), rcond=1e-9
    )
    target: NDArray[np.float64] = near + shift
    return target


def encode_json(table: Any) -> bytes:
    """JSON with sorted keys; numbers that are not finite are refused."""
    return json.dumps(table, sort_keys=True, allow_nan=False).encode()


def _depth_steps(depth: NDArray[np.float32], step: float) -> NDArray[np.uint16]:
    seen = np.isfinite(depth)
    steps = np.rint(np.where(seen, depth, 0) / np.float64(step))
    if steps.max(initial=0) > GREYS:
        raise ValueError(
            f"depth reaches {depth[seen].max():.6g}, but 16 bits in steps of {step:.6g} end at "
            f"{GREYS * step:.6g}; the cameras do not see all of the subject, or write depth as EXR"
        )
    return np.where(seen, np.maximum(steps, 1), 0).astype(np.uint16)


def _encode_normal(normal: NDArray[np.float32]) -> bytes:
    seen = normal.any(axis=-1, keepdims=True)
    return _png(np.where(seen, np.rint((normal + 1) * 127.5), 0).astype(np.uint8))


def _encode_part(part: NDArray[np.int32]) -> bytes:
    _check_labels(part, GREYS - 2, what="part")
    return _png(np.where(part == DROPPED, DROPPED_GREY, part + 1).astype(np.uint16))


def _encode_face(face: NDArray[np.int32]) -> bytes:
    _check_labels(face, (1 << 24) - 2, what="face")
    value = face + 1
    return _png(np.stack([value, value >> 8, value >> 16], axis=-1).astype(np.uint8))


def _encode_mask(mask: NDArray[np.bool_]) -> bytes:
    return _png(np.where(mask, np.uint8(255), np.uint8(0)))


def _encode_position(position: NDArray[np.float32]) -> bytes:
    return _exr({name: position[..., axis] for axis, name in enumerate("XYZ")})


_ENCODERS: Mapping[Pass, Callable[[NDArray[Any]], bytes]] = {
    "normal": _encode_normal,
    "normal_camera": _encode_normal,
    "part": _encode_part,
    "face": _encode_face,
    "mask": _encode_mask,
    "position": _encode_position,
}


def _check_labels(labels: NDArray[np.int32], most: int, *, what: str) -> None:
    largest = int(labels.max(initial=0))
    if largest > most:
        raise ValueError(
            f"{what} {largest} cannot be written, the largest that can is {most}; leave the pass "
            f"{what!r} out of the rig"
        )


def _png(pixels: NDArray[Any]) -> bytes:
    """A PNG without metadata of (H, W) uint8 or uint16, (H, W, 3) or (H, W, 4) uint8."""
    buffer = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(buffer, "PNG", compress_level=PNG_LEVEL)
    return buffer.getvalue()


def _lossless_webp(pixels: NDArray[np.uint8]) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(
        buffer, "WEBP", lossless=True, exact=True, quality=WEBP_EFFORT, method=WEBP_METHOD
    )
    return buffer.getvalue()


def _exr(channels: Mapping[str, NDArray[np.float32]]) -> bytes:
    """An EXR of scan lines, (H, W) float32 each channel, compressed by blocks of 16 lines."""
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    arrays = {name: np.ascontiguousarray(values, np.float32) for name, values in channels.items()}
    buffer = io.BytesIO()
    OpenEXR.File(header, arrays, num_threads=0).write(buffer)
    return buffer.getvalue()
