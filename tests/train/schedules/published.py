"""Numbers that the authors' schedules give, with how far from them a right program may be."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from tests.shared_assets import shared


@dataclass(frozen=True, slots=True)
class Published:
    config: dict[str, Any]
    arrays: dict[str, Tensor]
    tolerances: dict[str, str]

    def __getitem__(self, name: str) -> Tensor:
        return self.arrays[name]

    def check(self, name: str, found: Tensor) -> None:
        wanted = self[f"out_{name}"]
        told = self.tolerances[f"out_{name}"]
        if told == "exact":
            assert torch.equal(found.long(), wanted.long()), name
            return
        relative = float(told.split()[1]) if told.startswith("rtol") else 0.0
        absolute = 0.0 if relative else float(told.split()[0])
        torch.testing.assert_close(
            found.double(), wanted.double(), rtol=relative, atol=absolute, msg=name
        )


@cache
def published(name: str) -> Published:
    config = json.loads(shared(f"fixtures/sched_{name}.config.json").read_text())["config"]
    with np.load(shared(f"fixtures/sched_{name}.io.npz")) as stored:
        arrays = {
            key: torch.from_numpy(
                stored[key].astype(np.int64) if stored[key].dtype.kind == "u" else stored[key]
            )
            for key in stored.files
        }
    readme = shared("fixtures/README.md").read_text().split(f"### `sched_{name}`")[1].split("\n## ")
    rows = [line.split("|") for line in readme[0].splitlines() if line.startswith("| `out_")]
    tolerances = {row[1].strip(" `"): row[-2].strip() for row in rows}
    return Published(config, arrays, tolerances)


def toy_network(sample: Tensor, time: float, condition: Tensor) -> Tensor:
    wave = 0.25 * torch.sin(torch.tensor(time / 150))
    return 0.6 * sample + wave + 0.3 * condition.mean(dim=1, keepdim=True)
