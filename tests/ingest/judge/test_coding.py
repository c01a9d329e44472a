from __future__ import annotations

from dataclasses import replace

import numpy as np

from ingest.judge.coding import (
    STEP,
    content_hash,
    decode_colors,
    decode_shape,
    encode_colors,
    encode_shape,
)
from ingest.samples import build_sample
from partworks.records import json_scalar, parse_scalar


def test_vectors_come_back_within_half_a_step() -> None:
    signature = np.random.default_rng(0).normal(size=64)
    steps = decode_shape(encode_shape(signature))
    assert steps is not None and np.abs(steps * STEP - signature).max() <= STEP / 2 + 1e-9
    shares = np.random.default_rng(0).dirichlet(np.ones(27))
    back = decode_colors(encode_colors(shares))
    assert back is not None and np.abs(back - shares).max() <= 0.5 / 255 + 1e-9


def test_words_stay_words_in_the_ledger() -> None:
    for word in (encode_shape(np.zeros(64)), encode_colors(np.zeros(27)),
                 content_hash(build_sample("mug").mesh)):  # fmt: skip
        assert parse_scalar(json_scalar(word)) == word


def test_other_versions_are_not_read() -> None:
    assert decode_shape("shape0:AAAA") is None and decode_colors("colors9:AA") is None


def test_content_is_what_can_be_seen() -> None:
    mesh = build_sample("chair").mesh
    assert content_hash(mesh) == content_hash(replace(mesh, extras={"name": "x"}))
    node = replace(mesh.nodes[0], name="other")
    assert content_hash(mesh) == content_hash(replace(mesh, nodes=(node, *mesh.nodes[1:])))
    painted = replace(mesh.materials[0], base_color=(1.0, 0.0, 0.0, 1.0))
    assert content_hash(mesh) != content_hash(
        replace(mesh, materials=(painted, *mesh.materials[1:]))
    )
    moved = replace(mesh.nodes[0], vertices=mesh.nodes[0].vertices + np.float32(1))
    assert content_hash(mesh) != content_hash(replace(mesh, nodes=(moved, *mesh.nodes[1:])))
