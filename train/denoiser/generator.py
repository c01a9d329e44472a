"""Denoisers and VAE of two runs of `fit`, for `python -m train sample`, `edit` and `evaluate`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import fsspec
import lightning
import torch
import yaml
from jsonargparse import ArgumentError, ArgumentParser

from partworks.errors import UsageError
from shards.reader import ShardIndex
from train.denoiser.module import DenoiserModule
from train.denoiser.reading import StoredLatents, Wanted
from train.encode.identity import weights_sha256
from train.encode.image_codecs import make_image_codec
from train.encode.summary import STATISTICS
from train.encode.text_encoders import make_text_reader, padded_features
from train.encode.weights import Which, load_weights
from train.models.external.errors import CheckpointError
from train.models.part_vae.module import PartVAEModule
from train.sampling.generator import LatentSizes
from train.sampling.networks import NetworkGenerator

_CONFIG = "config.yaml"
_Module = TypeVar("_Module", bound=lightning.LightningModule)


class TrainedGenerator(NetworkGenerator):
    """Everything that sampling needs, from what training has left.

    Schedules are those of training; sizes, image codec and text encoder those of the latents.

    Args:
        denoiser: a checkpoint of `fit`, or its `average.safetensors`; the run's `config.yaml` lies
            beside it or one folder up.
        vae: of the part VAE that made the latents, likewise; None for images alone.
        latents: the folder that `encode` wrote; by default the one that was trained on.
        weights: `average` takes averaged weights where a checkpoint has them.
        resolution: of the grid that meshes are extracted from; that of the VAE's training by
            default.
        device: of all networks; by default a CUDA device if there is one.

    Raises:
        UsageError: files do not go together.
        CheckpointError: weights cannot be read.
    """

    def __init__(
        self,
        *,
        denoiser: str,
        vae: str | None = None,
        latents: str | None = None,
        weights: Which = "average",
        resolution: int | None = None,
        device: str | None = None,
    ) -> None:
        place = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        module = trained_module(Path(denoiser), DenoiserModule, which=weights)
        data = read_config(Path(denoiser)).get("data") or {}
        wanted = Wanted(
            geometry=module.model.geometry is not None, images=module.model.images is not None
        )
        made = _Latents.read(latents or str(data.get("root")), wanted=wanted)
        autoencoder = None
        if wanted.geometry:
            autoencoder = _vae(vae, made=made, which=weights).to(place).eval()
        codec = make_image_codec(made.codec) if wanted.images else None
        reader = make_text_reader(made.encoder, width=made.width, max_tokens=made.tokens)
        for each in (codec, reader):
            if each is not None:
                each.to(place)
        super().__init__(
            module.model.to(place).eval(),
            vae=autoencoder,
            images=codec,
            text=partial(padded_features, reader),
            sizes=made.sizes,
            geometry_schedule=module.denoising.geometry,
            image_schedule=module.denoising.images,
            resolution=resolution,
            device=place,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Latents:
    """What a set of latents says of itself.

    Attributes:
        sizes: of a branch.
        codec, encoder: names of `EncodeConfig`.
        width, tokens: of texts.
        vae_sha256: of the VAE's weights.
    """

    sizes: LatentSizes
    codec: str
    encoder: str
    width: int
    tokens: int
    vae_sha256: str

    @classmethod
    def read(cls, root: str, *, wanted: Wanted) -> _Latents:
        index = ShardIndex(root)
        with fsspec.open(f"{index.url}/{STATISTICS}", "rb") as stream:
            made_by: dict[str, Any] = json.loads(stream.read())["made_by"]
        settings = made_by["settings"]
        names = {name: settings.get(name) for name in ("image_codec", "text_encoder")}
        if names["text_encoder"] is None or (wanted.images and names["image_codec"] is None):
            raise UsageError(f"the latents at {index.url} have no pictures or no texts")
        key = index.keys(index.splits()[0])[0]
        stored = StoredLatents.of(key, index.decode(key, wanted.members), wanted=wanted)
        geometry, images = stored.geometry, stored.images
        return cls(
            sizes=LatentSizes(
                geometry=None if geometry is None else (geometry.shape[1], geometry.shape[2]),
                images=None if images is None else tuple(images.shape[1:]),  # type: ignore[arg-type]
                pixels=settings["pixels"] if wanted.images else 0,
            ),
            codec=names["image_codec"] or "",
            encoder=names["text_encoder"],
            width=made_by["text_encoder"]["width"],
            tokens=settings["text_tokens"],
            vae_sha256=made_by["weights_sha256"],
        )


def trained_module(path: Path, kind: type[_Module], *, which: Which) -> _Module:
    """A module as its run's `config.yaml` describes it, with the weights of a checkpoint.

    Raises:
        UsageError: there is no such config, or it is of another module.
        CheckpointError: the weights are not those of the config.
    """
    model = dict(read_config(path).get("model") or {})
    # All weights come from the checkpoint.
    started = ("init_from", "pretrained", "checkpoint", "checkpoint_format")
    model["init_args"] = {
        name: value for name, value in (model.get("init_args") or {}).items() if name not in started
    }
    parser = ArgumentParser(exit_on_error=False)
    parser.add_subclass_arguments(kind, "model")
    try:
        module = parser.instantiate(parser.parse_object({"model": model})).model
    except ArgumentError as error:
        raise UsageError(
            f"the {_CONFIG} of {path} describes no {kind.__name__} ({error.message.strip()}); give "
            "the checkpoint of one"
        ) from error
    assert isinstance(module, kind)
    load_weights(module, path, which=which)
    return module


def read_config(path: Path) -> dict[str, Any]:
    """The `config.yaml` of the run that wrote a checkpoint.

    Raises:
        CheckpointError: there is no such file.
        UsageError: there is no config beside it or one folder up, or it cannot be read.
    """
    if not path.is_file():
        raise CheckpointError(f"there is no file {path}; give a checkpoint that `fit` wrote")
    places = [folder / _CONFIG for folder in (path.parent, path.parent.parent)]
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise UsageError(
            f"there is no {_CONFIG} beside {path} or one folder up; keep the checkpoint in its run"
        )
    try:
        content = yaml.safe_load(found.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UsageError(f"{found} is no sound YAML: {error}") from error
    if not isinstance(content, dict):
        raise UsageError(f"{found} holds no settings by name")
    return content


def _vae(path: str | None, *, made: _Latents, which: Which) -> PartVAEModule:
    if path is None:
        raise UsageError(
            "these denoisers make geometry, which the part VAE decodes; give its checkpoint as vae"
        )
    vae = trained_module(Path(path), PartVAEModule, which=which)
    if weights_sha256(vae.model) != made.vae_sha256:
        raise UsageError(
            f"{path} is not the part VAE that made the latents; give the checkpoint that they were "
            "encoded with"
        )
    return vae
