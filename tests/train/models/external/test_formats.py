from __future__ import annotations

import torch

from train.models.external.formats import FORMATS, VARIANT_FORMATS
from train.models.vecset.variants import VARIANTS


def test_every_variant_that_was_published_has_a_format() -> None:
    assert VARIANT_FORMATS.keys() == VARIANTS.keys() - {"autopartgen"}
    assert set(VARIANT_FORMATS.values()) == FORMATS.keys()


def test_no_key_occurs_twice() -> None:
    for variant, name in VARIANT_FORMATS.items():
        keys = FORMATS[name].keys(VARIANTS[variant])
        theirs = [key for entry in keys.entries for key in entry.theirs]
        ours = [key for entry in keys.entries for key in entry.ours]
        assert len(set(theirs)) == len(theirs)
        assert len(set(ours)) == len(ours)


def test_a_prefix_is_taken_off_where_it_stands() -> None:
    tensor = torch.zeros(1)
    found = FORMATS["craftsman"].without_prefix({"shape_model.a": tensor, "condition.b": tensor})
    assert found.keys() == {"a", "condition.b"}
