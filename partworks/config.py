"""Settings: one dataclass per stage, from defaults, the root's last run, a YAML file and flags.

Each stage's dataclass stands in the stage's own folder; this module puts them together into one
command-line parser, so that `--segment.crease_angle 30` and the same key in a YAML file mean the
same thing and an unknown one is an error.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jsonargparse import ArgumentParser, Namespace

from partworks.dataset import Dataset
from partworks.errors import UsageError
from partworks.stage import Resources
from partworks.stages import STAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run goes about it; none of it changes what a stage makes of an object, but the seed.

    Attributes:
        seed: every generator is seeded with it, the uid and the stage.
        workers: CPUs of the local Ray; all of the machine's if unset.
        max_attempts: failures of an object after which only `partworks retry` tries it again.
    """

    seed: int = 0
    workers: int | None = None
    max_attempts: int = 3

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"run.workers is {self.workers}; it must be 1 or more")
        if self.max_attempts < 1:
            raise ValueError(f"run.max_attempts is {self.max_attempts}; it must be 1 or more")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceOverrides:
    """Limits of one worker of a stage, where they differ from the stage's own.

    Attributes:
        cpus: cores of one worker.
        gpus: devices of one worker.
        memory_mb: resident memory of a worker in MiB; an object that needs more fails.
        deadline_s: wall seconds for one object; one that needs more fails.
    """

    cpus: float | None = None
    gpus: float | None = None
    memory_mb: int | None = None
    deadline_s: float | None = None

    def apply(self, resources: Resources) -> Resources:
        """The stage's own limits with these in their place."""
        given = {
            field.name: value
            for field in dataclasses.fields(self)
            if (value := getattr(self, field.name)) is not None
        }
        return dataclasses.replace(resources, **given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a run is told: `run`, and config and resources by stage."""

    run: RunSettings
    configs: Mapping[str, Any]
    resources: Mapping[str, Resources]


def add_settings(parser: ArgumentParser) -> None:
    """Add `--config FILE` and a flag for every setting of every stage."""
    parser.add_argument("--config", action="config", help="YAML file of settings.")
    parser.add_class_arguments(RunSettings, "run")
    for name, entry in STAGES.items():
        parser.add_class_arguments(entry.config_class(), name)
    for name in STAGES:
        parser.add_class_arguments(ResourceOverrides, f"resources.{name}")


def settings_from(parser: ArgumentParser, arguments: Namespace) -> Settings:
    """The settings in parsed arguments; UsageError where a config refuses a value."""
    try:
        built = parser.instantiate(arguments)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return Settings(
        run=built["run"],
        configs={name: built[name] for name in STAGES},
        resources={
            name: built["resources"][name].apply(entry.stage_class().resources)
            for name, entry in STAGES.items()
        },
    )


def use_as_defaults(parser: ArgumentParser, dataset: Dataset) -> None:
    """Let the settings of the root's last run be the defaults, so that a rerun repeats them."""
    defaults: dict[str, Any] = {"run.seed": dataset.seed}
    for name, record in dataset.stages.items():
        known = {field.name for field in dataclasses.fields(STAGES[name].config_class())}
        for key, value in record.settings.items():
            if key in known:  # a setting that this version no longer has
                defaults[f"{name}.{key}"] = value
    parser.set_defaults(defaults)


def default_settings() -> Settings:
    """The settings of a run without a file or flags."""
    parser = ArgumentParser(exit_on_error=False, allow_abbrev=False)
    add_settings(parser)
    return settings_from(parser, parser.parse_args([]))


def settings_of(dataset: Dataset) -> Settings:
    """The settings of a root's last run, and the defaults of what was never run."""
    parser = ArgumentParser(exit_on_error=False, allow_abbrev=False)
    add_settings(parser)
    use_as_defaults(parser, dataset)
    return settings_from(parser, parser.parse_args([]))


def as_tree(config: Any) -> dict[str, Any]:
    """All fields of a config dataclass as JSON data, as `dataset.json` keeps them."""
    tree: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(config)))
    return tree
