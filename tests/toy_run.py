"""`python -m tests.toy_run ROOT SOURCE [WORKERS] [PAUSE]`: a run over the toy stages."""

from __future__ import annotations

import sys
from dataclasses import replace

from partworks import pipeline, stages
from partworks.commands.run import run_and_summarise
from partworks.config import Settings, default_settings
from partworks.pipeline import RunRequest
from partworks.store import Store
from tests.toy_stages import TOYS, MakeConfig


def toy_settings(*, workers: int = 2, pause_s: float = 0.0, size: int = 32) -> Settings:
    """Settings for the toys, which must be in the table already."""
    settings = default_settings()
    return replace(
        settings,
        run=replace(settings.run, workers=workers),
        configs={**settings.configs, "make": MakeConfig(size=size, pause_s=pause_s)},
    )


def main(root: str, source: str, workers: str = "2", pause_s: str = "0") -> int:
    """Run all toys; the exit code of `partworks run`."""
    stages.STAGES.clear()
    stages.STAGES.update(TOYS)
    pipeline.SOURCES = "tests.toy_stages:ToySource"
    settings = toy_settings(workers=int(workers), pause_s=float(pause_s))
    request = RunRequest(store=Store(root), settings=settings, source=source, stages=list(TOYS))
    return run_and_summarise(request)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
