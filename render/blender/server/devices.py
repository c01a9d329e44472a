"""Where Cycles runs: the GPU that there is, or the CPU."""

from __future__ import annotations

from typing import Any

GPUS = ("OPTIX", "CUDA", "HIP", "METAL")
"""Cycles' names for them, the best first."""


class NoSuchDevice(Exception):
    """The device that was asked for is not there; the message says what is."""


def choose_device(preferences: Any, wanted: str) -> str:
    """Set the add-on's preferences to a kind of device, and return its name in capitals.

    Args:
        preferences: of the Cycles add-on.
        wanted: `auto`, `cpu`, or one of `GPUS` in small letters; `auto` takes the first of these
            that has a device, and else the CPU.

    Raises:
        NoSuchDevice: `wanted` is a GPU of a kind that is not there.
    """
    if wanted == "cpu":
        return "CPU"
    found = {kind: devices for kind in GPUS if (devices := _devices(preferences, kind))}
    if wanted == "auto" and not found:
        return "CPU"
    kind = next(iter(found)) if wanted == "auto" else wanted.upper()
    if kind not in found:
        seen = ", ".join(f"{name.lower()} ({_names(found[name])})" for name in found)
        raise NoSuchDevice(
            f"Cycles finds no {wanted} device here; it finds {seen or 'no GPU'}. "
            "Set `device` to auto, to cpu or to what is there, or mend the driver."
        )
    preferences.compute_device_type = kind
    for device in found[kind]:
        device.use = True
    return kind


def _devices(preferences: Any, kind: str) -> list[Any]:
    """The devices of a kind; Cycles lists the CPU beside them."""
    try:
        listed = preferences.get_devices_for_type(kind)
    except (TypeError, ValueError):  # a kind that this build of Blender does not know
        return []
    return [device for device in listed or () if device.type == kind]


def _names(devices: list[Any]) -> str:
    return ", ".join(device.name for device in devices)
