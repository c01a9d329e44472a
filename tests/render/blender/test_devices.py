"""Which device is taken, with a stand-in for the preferences of the Cycles add-on."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from render.blender.server.devices import NoSuchDevice, choose_device


@dataclass
class Device:
    type: str
    name: str
    use: bool = False


@dataclass
class Preferences:
    devices: dict[str, list[Device]] = field(default_factory=dict)
    compute_device_type: str = "NONE"

    def get_devices_for_type(self, kind: str) -> list[Device]:
        if kind == "METAL":
            raise ValueError("not in this build")
        return [*self.devices.get(kind, []), Device("CPU", "a processor")]


def nvidia() -> Preferences:
    return Preferences({kind: [Device(kind, "H200"), Device(kind, "T4")] for kind in GPUS_SEEN})


GPUS_SEEN = ("CUDA", "OPTIX")


def test_auto_takes_the_best() -> None:
    preferences = nvidia()
    assert choose_device(preferences, "auto") == "OPTIX"
    assert preferences.compute_device_type == "OPTIX"
    assert all(device.use for device in preferences.devices["OPTIX"])
    assert not any(device.use for device in preferences.devices["CUDA"])


def test_auto_takes_the_cpu_where_there_is_nothing_else() -> None:
    preferences = Preferences()
    assert choose_device(preferences, "auto") == "CPU"
    assert preferences.compute_device_type == "NONE"


@pytest.mark.parametrize(("wanted", "expected"), [("cuda", "CUDA"), ("optix", "OPTIX")])
def test_a_named_device_is_taken(wanted: str, expected: str) -> None:
    preferences = nvidia()
    assert choose_device(preferences, wanted) == expected == preferences.compute_device_type


def test_the_cpu_is_taken_when_it_is_named() -> None:
    preferences = nvidia()
    assert choose_device(preferences, "cpu") == "CPU"
    assert preferences.compute_device_type == "NONE"


def test_amd_is_found_by_itself() -> None:
    assert choose_device(Preferences({"HIP": [Device("HIP", "Radeon")]}), "auto") == "HIP"


@pytest.mark.parametrize("wanted", ["hip", "metal"])
def test_a_named_device_that_is_missing_is_an_error(wanted: str) -> None:
    with pytest.raises(NoSuchDevice, match=rf"no {wanted} device.*optix \(H200, T4\)"):
        choose_device(nvidia(), wanted)
    with pytest.raises(NoSuchDevice, match="finds no GPU"):
        choose_device(Preferences(), wanted)
