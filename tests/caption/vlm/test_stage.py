"""The stage with a model behind it, without the engine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from caption.config import CaptionConfig
from caption.stage import Caption
from caption.vlm.provider import Provider
from caption.vlm.reasons import HALTING, REASONS
from partworks import layout, plan
from partworks.artifacts.captions import Captions
from partworks.config import as_tree
from partworks.errors import Failed
from partworks.geometry.glb import write_glb
from partworks.records import Item
from partworks.store import Store
from tests.caption.pictures import painted
from tests.caption.server import Server
from tests.caption.shapes import ball_on_box, parts_of
from tests.caption.vlm.subjects import COST, config

REQUESTS = 2 * 3 + 1
"""Two parts and the whole, each looked at twice, and the shorter texts."""


def prepared(folder: Path, url: str, **settings: Any) -> Caption:
    store, mesh = Store(str(folder)), ball_on_box()
    store.write(layout.object_glb("toy"), write_glb(mesh))
    store.write(layout.parts("toy"), parts_of(mesh, ["box", "ball"]).to_bytes())
    view = np.full((64, 64), -1)
    view[10:30, 20:40] = 1
    view[30:60, 10:50] = 0
    store.write(layout.renders("toy"), painted([view] * 4, [(200, 30, 30), (30, 30, 200)]))
    given = CaptionConfig(captioner="vlm", vlm=config(url, **settings))
    return Caption(given, store=store)


def outside(stage: Caption) -> Any:
    return Caption.outside(as_tree(stage.config), store=stage.store)


def test_leaves_what_the_model_says_and_what_it_cost(tmp_path: Path) -> None:
    with Server() as server:
        stage = prepared(tmp_path, server.url)
        stage.open()
        outcome = stage.process(Item(uid="toy"))
        assert outcome.status == "ok" and outcome.metrics["captioner"] == "vlm"
        assert outcome.cost == pytest.approx(REQUESTS * COST)
        found = Captions.from_bytes(outcome.files[layout.captions("toy")])
        sent = {digest for seen in server.log for digest in seen.digests}
        assert {text.long for text in found.everything} == {f"seen:{digest}" for digest in sent}
        assert found.verified and len(found.variants) == 11
        # A rerun, as after another edit: the same bytes at no cost.
        again = prepared(tmp_path, server.url)
        again.open()
        repeated = again.process(Item(uid="toy"))
        assert repeated.files == outcome.files and repeated.cost == 0
        assert len(server.log) == REQUESTS


def test_an_object_waits_for_its_batch_and_is_new_after_it(tmp_path: Path) -> None:
    digests = []
    with Server() as server:
        stage = prepared(tmp_path, server.url, mode="batch")
        stage.open()
        provider = Provider(stage.config.vlm, stage.store)
        for _ in range(2):
            digests.append(outside(stage)["toy"])
            with pytest.raises(Failed, match="awaiting_answers"):
                stage.process(Item(uid="toy", outside=digests[-1]))
            assert "toy" not in outside(stage) and "other" in outside(stage)
            while provider.advance().under_way:
                assert "toy" not in outside(stage)
        digests.append(outside(stage)["toy"])
        assert digests[0] == "" and len(set(digests)) == 3
        outcome = stage.process(Item(uid="toy", outside=digests[-1]))
        assert outcome.status == "ok" and len(server.log) == REQUESTS
        assert outside(stage)["toy"] == digests[-1]
        live = replace(stage.config, vlm=replace(stage.config.vlm, mode="live"))
        assert Caption.outside(as_tree(live), store=stage.store)["toy"] == digests[-1]  # type: ignore[index]


def test_a_rehearsal_costs_what_it_says_and_asks_nobody(tmp_path: Path) -> None:
    with Server() as server:
        stage = prepared(tmp_path, server.url)
        rehearsed = Caption(Caption.rehearsal(stage.config), store=stage.store)
        rehearsed.open()
        outcome = rehearsed.process(Item(uid="toy"))
        assert outcome.cost > 0 and outcome.metrics["captioner"] == "rehearsal"
        assert not server.log


def test_how_and_where_it_is_asked_leaves_captions_current() -> None:
    base = CaptionConfig(captioner="vlm", vlm=config("http://a/v1"))
    same = replace(base, vlm=config("http://b/v1", mode="batch", budget=3.0, concurrency=2))
    other = replace(base, vlm=config("http://a/v1", temperature=0.5))
    assert plan.settings_that_matter(base) == plan.settings_that_matter(same)
    assert plan.settings_that_matter(base) != plan.settings_that_matter(other)


def test_every_reason_is_in_the_stages_table() -> None:
    assert REASONS.items() <= Caption.reasons.items()
    assert HALTING == Caption.halting < set(REASONS)


def test_half_a_model_is_a_users_mistake() -> None:
    with pytest.raises(ValueError, match=r"vlm\.model"):
        CaptionConfig(captioner="vlm")
