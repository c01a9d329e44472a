"""`python -m train study --output runs/study`: do the joint denoisers learn?

Trains them in small on made objects, beside branches that are each for themselves, and measures on
held-out objects what either has learned. Minutes on two CPU cores; no data and no weights needed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from jsonargparse import ArgumentParser
from jsonargparse.typing import PositiveInt

from train.commands.generating import instantiated
from train.quiet import silence
from train.rendering.choice import choose_renderer
from train.study.checkpoint import save_denoiser
from train.study.config import StudyConfig
from train.study.sheet import study_sheet
from train.study.study import Studied, run_study


def main(arguments: Sequence[str]) -> int:
    """Run the study; the exit code is 1 if it does not show what it is to show."""
    silence()
    parser = ArgumentParser(prog="python -m train study", description=__doc__)
    add = parser.add_argument
    add("--config", action="config", help="a YAML file of these settings")
    add("--study", type=StudyConfig, default=StudyConfig())
    add("--output", type=str, required=True, help="a folder for report, picture and weights")
    add("--threads", type=PositiveInt | None, default=None, help="CPU threads of torch")
    given = instantiated(parser, arguments)
    start = time.perf_counter()
    renderer = choose_renderer("auto", torch.device("cpu"))
    studied = run_study(given.study, renderer=renderer, log=_log)
    folder = Path(given.output)
    folder.mkdir(parents=True, exist_ok=True)
    _write(
        folder,
        studied,
        sheet=study_sheet(
            studied.objects, joint=studied.joint, independent=studied.independent, renderer=renderer
        ),
    )
    failures = studied.findings.failures
    sys.stdout.write(f"{studied.findings.markdown()}\n{time.perf_counter() - start:.0f} s\n")
    for claim in failures:
        sys.stdout.write(f"not shown: {claim}\n")
    return 1 if failures else 0


def _write(folder: Path, studied: Studied, *, sheet: bytes) -> None:
    (folder / "study.json").write_text(studied.findings.to_json(), encoding="utf-8")
    (folder / "study.md").write_text(studied.findings.markdown(), encoding="utf-8")
    (folder / "study.png").write_bytes(sheet)
    save_denoiser(
        folder / "denoiser.safetensors",
        studied.model,
        sizes=asdict(studied.findings.config.network),
    )


def _log(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()
