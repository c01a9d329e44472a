"""The key lists of the published networks, full size, without memory for a single weight."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
import torch
from torch import Tensor

from tests.shared_assets import requires_shared, shared
from train.models.external.coverage import CoverageReport, Fate, cover
from train.models.external.formats import FORMATS, VARIANT_FORMATS
from train.models.vecset.model import VecSetAutoencoder
from train.models.vecset.variants import VARIANTS

pytestmark = requires_shared

LISTS = {
    "craftsman-v1.5": "craftsman_v15_vae",
    "craftsman-ae": "craftsman_vae_training_yaml",
    "craftsman-arxiv": "craftsman_arxiv_vae",
    "craftsman-dora": "craftsman_dora_vae",
    "triposg": "triposg_vae",
    "vecset": "vecset_kl_d512_m512_l64",
}


def _list(name: str) -> Any:
    return json.loads(shared(f"fixtures/full_size_keys/{name}.json").read_text())


def _tensors(name: str, prefix: str = "") -> dict[str, Tensor]:
    return {
        prefix + tensor["key"]: torch.zeros(tensor["shape"], device="meta")
        for tensor in _list(name)["tensors"]
    }


@functools.cache
def _model(variant: str) -> VecSetAutoencoder:
    with torch.device("meta"):
        return VecSetAutoencoder(VARIANTS[variant])


def _cover(variant: str, tensors: dict[str, Tensor]) -> CoverageReport:
    published = FORMATS[VARIANT_FORMATS[variant]]
    model = _model(variant)
    return cover(
        published.without_prefix(tensors),
        model.state_dict(),
        keys=published.keys(model.config),
        ignored=published.ignored,
    )


def test_every_published_variant_has_a_list() -> None:
    assert LISTS.keys() == VARIANT_FORMATS.keys() == VARIANTS.keys() - {"autopartgen"}


@pytest.mark.parametrize("variant", LISTS)
def test_every_key_is_accounted_for_both_ways(variant: str) -> None:
    described = _list(LISTS[variant])
    prefix = described["checkpoint_prefix"]
    assert prefix == FORMATS[VARIANT_FORMATS[variant]].prefix
    tensors = _tensors(LISTS[variant], prefix)
    report = _cover(variant, tensors)
    report.require_total()
    constants = int(variant == "vecset")
    assert report.counts.get("constant", 0) == constants
    assert report.counts["loaded"] == described["n_tensors"] - constants == len(tensors) - constants
    assert set(report.counts) <= {"loaded", "constant"}


@pytest.mark.parametrize("variant", LISTS)
def test_any_missing_key_is_found(variant: str) -> None:
    tensors = _tensors(LISTS[variant])
    for key in list(tensors)[:: len(tensors) // 12]:
        report = _cover(variant, {name: t for name, t in tensors.items() if name != key})
        assert [(row.key, row.fate) for row in report.problems] == [(key, Fate.MISSING)]


@pytest.mark.parametrize("variant", LISTS)
def test_no_variant_passes_for_another(variant: str) -> None:
    for other, name in LISTS.items():
        if VARIANT_FORMATS[other] == VARIANT_FORMATS[variant] and other != variant:
            assert _cover(variant, _tensors(name)).problems


def test_a_checkpoint_of_a_whole_system() -> None:
    """The denoiser is set aside by name, and said to be."""
    tensors = {
        **_tensors("craftsman_v15_vae", "shape_model."),
        **_tensors("craftsman_v15_dit32", "denoiser_model."),
        "condition.linear_proj.weight": torch.zeros(1024, 768, device="meta"),
    }
    report = _cover("craftsman-v1.5", tensors)
    report.require_total()
    assert report.counts == {"loaded": 306, "ignored": 534}
    assert sum("denoiser" in row.note for row in report.rows) == 533
    unknown = {**tensors, "clip_head.weight": torch.zeros(1, device="meta")}
    assert [row.key for row in _cover("craftsman-v1.5", unknown).problems] == ["clip_head.weight"]
