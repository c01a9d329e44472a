"""The denoisers' published keys, full size without memory, and weights there and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.shared_assets import requires_shared, shared
from tests.train.models.dit.sizes import small_dit, stir
from train.models.dit.config import SimpleDenoiserConfig
from train.models.dit.model import DiT
from train.models.dit.simple import SimpleDenoiser
from train.models.dit.variants import SIMPLE_VARIANTS, VARIANTS
from train.models.external.coverage import CoverageReport, Fate, cover
from train.models.external.errors import CheckpointError
from train.models.external.files import write_tensors
from train.models.external.formats import DIT_FORMATS, SIMPLE_FORMATS
from train.models.external.load_dit import export_dit, load_dit, load_dit_tensors

LISTS = {
    "craftsman-v1.5": "craftsman_v15_dit32",
    "craftsman-dora": "craftsman_dora_dit32_dinov2_only",
    "craftsman-arxiv": "craftsman_arxiv_denoiser",
}


def _list(variant: str) -> Any:
    return json.loads(shared(f"fixtures/full_size_keys/{LISTS[variant]}.json").read_text())


def _tensors(variant: str, prefix: str = "denoiser_model.") -> dict[str, Tensor]:
    return {
        prefix + tensor["key"]: torch.zeros(tensor["shape"], device="meta")
        for tensor in _list(variant)["tensors"]
    }


def _cover(variant: str, tensors: dict[str, Tensor]) -> CoverageReport:
    model: DiT | SimpleDenoiser
    with torch.device("meta"):
        if variant in VARIANTS:
            model, published = DiT(VARIANTS[variant]), DIT_FORMATS["craftsman-dit"]
            keys = published.keys(model.config)
            ignored, bare = published.ignored, published.without_prefix(tensors)
        else:
            model, simple = (
                SimpleDenoiser(SIMPLE_VARIANTS[variant]),
                SIMPLE_FORMATS["craftsman-simple"],
            )
            keys = simple.keys(model.config)
            ignored, bare = simple.ignored, simple.without_prefix(tensors)
    return cover(bare, model.state_dict(), keys=keys, ignored=ignored)


@requires_shared
@pytest.mark.parametrize("variant", LISTS)
def test_every_key_is_accounted_for_both_ways(variant: str) -> None:
    described, tensors = _list(variant), _tensors(variant)
    report = _cover(variant, tensors)
    report.require_total()
    assert report.counts == {"loaded": described["n_tensors"]} == {"loaded": len(tensors)}
    sizes = [tensor.numel() for tensor in tensors.values()]
    assert sum(sizes) == described["n_parameters"]


@requires_shared
@pytest.mark.parametrize("variant", LISTS)
def test_any_missing_key_is_found(variant: str) -> None:
    tensors = _tensors(variant, "")
    for key in list(tensors)[:: len(tensors) // 6]:
        report = _cover(variant, {name: t for name, t in tensors.items() if name != key})
        assert [(row.key, row.fate) for row in report.problems] == [(key, Fate.MISSING)]


@requires_shared
def test_no_variant_passes_for_another() -> None:
    for variant in LISTS:
        for other in LISTS.keys() - {variant}:
            assert _cover(variant, _tensors(other)).problems


@requires_shared
def test_a_checkpoint_of_a_whole_system() -> None:
    others = {"shape_model.pre_kl.weight": 1, "condition.linear_proj.weight": 1}
    tensors = {**_tensors("craftsman-v1.5"), **{k: torch.zeros(n) for k, n in others.items()}}
    report = _cover("craftsman-v1.5", tensors)
    report.require_total()
    assert report.counts == {"loaded": 533, "ignored": 2}


@pytest.mark.parametrize(
    "settings", [{}, {"norm": "rms", "condition": "dinov2"}, {"qkv_bias": True}]
)
@pytest.mark.parametrize("format_name", DIT_FORMATS)
def test_weights_there_and_back(format_name: str, settings: dict[str, Any], tmp_path: Path) -> None:
    model, other = small_dit(**settings), small_dit(stirred=False, **settings)
    path = tmp_path / "a.safetensors"
    write_tensors(path, export_dit(model, format_name=format_name))
    load_dit(other, path, format_name=format_name)
    ours, theirs = model.state_dict(), other.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_fused_and_separate_projections_are_told_apart() -> None:
    tensors = export_dit(small_dit())
    with pytest.raises(CheckpointError, match="does not fit"):
        load_dit_tensors(small_dit(), tensors, format_name="craftsman-dit-unfused")


def test_formats_of_the_other_architecture_are_refused(tmp_path: Path) -> None:
    simple = SimpleDenoiser(
        SimpleDenoiserConfig(latent_dim=5, width=16, layers=1, heads=2, condition_width=7)
    )
    stir(simple)
    write_tensors(tmp_path / "a.safetensors", export_dit(small_dit()))
    with pytest.raises(CheckpointError, match=r"cannot load .*a\.safetensors.*craftsman-simple"):
        load_dit(simple, tmp_path / "a.safetensors")
    with pytest.raises(CheckpointError, match="no format 'craftsman-simple'"):
        load_dit(small_dit(), tmp_path / "a.safetensors", format_name="craftsman-simple")
