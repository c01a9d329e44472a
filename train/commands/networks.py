"""The network and the workload that a config file of `fit` describes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
import yaml
from jsonargparse import ArgumentParser

from partworks.errors import UsageError
from train.commands.measuring import Workload
from train.models.vecset.config import VecSetConfig
from train.models.vecset.head import with_flexicubes_head
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS
from train.queries import QueryConfig


def network_of(path: str) -> VecSetConfig:
    """The network that a config file trains.

    Raises:
        UsageError: the file is not there, or names no network.
    """
    base = base_network_of(path)
    if not read_settings(path)["model"]["init_args"].get("flexicubes_head"):
        return base
    with torch.device("meta"):
        return with_flexicubes_head(VecSetAutoencoder(base)).config


def base_network_of(path: str) -> VecSetConfig:
    """The same as it is before a FlexiCubes head is put on: a variant, or settings."""
    model = read_settings(path).get("model", {})
    if "denoiser" in str(model.get("class_path")):
        raise UsageError(
            f"{path} is a config of denoisers, and this command is for part VAEs; "
            "train.models.joint.operations counts what denoisers need"
        )
    network = model.get("init_args", {}).get("network")
    if isinstance(network, str):
        if network not in VARIANTS:
            raise UsageError(
                f"{path} has the network {network!r}, expected one of {', '.join(VARIANTS)}"
            )
        return VARIANTS[network]
    if not isinstance(network, dict):
        raise UsageError(
            f"{path} has no model.init_args.network; give a config of fit, or --variant instead"
        )
    parser = ArgumentParser(exit_on_error=False)
    parser.add_argument("--network", type=VecSetConfig)
    config = parser.instantiate(parser.parse_object({"network": network})).network
    assert isinstance(config, VecSetConfig)
    return config


def workload_of(path: str) -> Workload:
    """The sizes of a config file, and the defaults where it has none."""
    settings = read_settings(path)
    data = settings.get("data", {})
    queries = QueryConfig(**data.get("queries", {}))
    sizes: dict[str, Any] = {"surface": queries.surface, "queries": max(queries.count, 1)}
    if queries.sharp:
        sizes["sharp"] = queries.sharp
    if "batch_size" in data:
        sizes["batch_size"] = data["batch_size"]
    if settings.get("trainer", {}).get("precision") != "bf16-mixed":
        sizes["precision"] = "32-true"
    return Workload(**sizes)


def read_settings(path: str) -> dict[str, Any]:
    """What a YAML file holds by name; UsageError if it cannot be read."""
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"there is no config {path}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} is no sound YAML: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no settings by name")
    return content
