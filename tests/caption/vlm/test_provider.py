"""Batches against a server that implements them: sent once, collected once, killed anywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from caption.vlm import batches, provider
from caption.vlm.batches import PENDING, entering, read_batches
from caption.vlm.captioner import VlmCaptioner
from caption.vlm.provider import Progress, Provider
from caption.vlm.spending import read_spending
from partworks.artifacts.captions import Captions
from partworks.errors import Failed
from partworks.store import Store
from tests.caption.server import GOOD, Seen, Server
from tests.caption.vlm.subjects import COST, config, facts, picture, pictures

PARTS = 3
ROUNDS = (PARTS + 1, PARTS + 2)
"""Requests of an object: every description, then every second look and the shorter texts."""


def attempt(server: Server, folder: Path, uid: str = "toy", start: int = 0) -> Captions | None:
    """What a run makes of an object; None if it waits."""
    each = VlmCaptioner(config(server.url, mode="batch"), store=Store(str(folder)), max_words=15)
    try:
        return each.caption(
            facts(PARTS, uid=uid), pictures(PARTS, start=start), picture(60_000 + start)
        )
    except Failed as error:
        assert error.reason == "awaiting_answers", error
        return None
    finally:
        each.close()


def of(server: Server, folder: Path, **settings: Any) -> Provider:
    limits = {
        name: settings.pop(name) for name in ("max_requests", "max_bytes") if name in settings
    }
    return Provider(config(server.url, mode="batch", **settings), Store(str(folder)), **limits)


def until_collected(server: Server, folder: Path) -> None:
    mine = of(server, folder)
    for _ in range(5):
        if not mine.advance().under_way:
            return
    raise AssertionError("the batches never end")


def test_an_object_gets_its_captions_in_two_rounds(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    with Server() as server:
        assert attempt(server, tmp_path) is None and not server.log
        assert "toy" not in entering(store, waits=True) and "toy" in entering(store, waits=False)
        assert of(server, tmp_path).advance() == Progress(sent=1, under_way=1)
        assert not store.list(PENDING) and "toy" not in entering(store, waits=True)
        assert of(server, tmp_path).advance() == Progress(under_way=1)
        assert of(server, tmp_path).advance() == Progress(collected=1)
        first = entering(store, waits=True)["toy"]
        assert first and len(server.log) == ROUNDS[0]
        assert attempt(server, tmp_path) is None
        until_collected(server, tmp_path)
        assert entering(store, waits=True)["toy"] not in ("", first)
        found = attempt(server, tmp_path)
        assert found is not None and not store.list(PENDING)
        assert [part.long for part in found.parts] == [
            f"seen:{picture(number).sha256}" for number in range(PARTS)
        ]
        assert len(server.log) == sum(ROUNDS)
        assert max(Counter(seen.digest for seen in server.log).values()) == 1
    assert found.cost == pytest.approx(sum(ROUNDS) * COST / 2)
    spent = read_spending(store)
    assert spent.spent == pytest.approx(found.cost) and spent.held == 0
    assert spent.requests == sum(ROUNDS)


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", ["built", "uploaded", "sent", "clear", "collected"])
def test_a_call_that_is_killed_is_taken_up(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed just before or just after a step is written, the batch is sent and paid once."""
    with Server() as server:
        assert attempt(server, tmp_path) is None
        for before in (True, False):

            def save(store: Store, batch: batches.Batch, *, before: bool = before) -> batches.Batch:
                if batch.step == step and before:
                    raise Killed
                batches.save(store, batch)
                if batch.step == step:
                    raise Killed
                return batch

            def clear(store: Store, batch: batches.Batch) -> None:
                raise Killed

            with monkeypatch.context() as patch:
                if step == "clear":
                    patch.setattr(provider, "clear_pending", clear)
                else:
                    patch.setattr(provider, "save", save)
                for _ in range(4):
                    try:
                        of(server, tmp_path).advance()
                    except Killed:
                        break
        until_collected(server, tmp_path)
        assert len(server.batches) == 1
        assert len(server.log) == ROUNDS[0]
    store = Store(str(tmp_path))
    assert read_spending(store).spent == pytest.approx(ROUNDS[0] * COST / 2)
    assert [batch.step for batch in read_batches(store)] == ["collected"]
    assert not store.list(PENDING)


def test_requests_are_spread_over_batches_as_the_provider_allows(tmp_path: Path) -> None:
    with Server() as server:
        for number in range(4):
            assert attempt(server, tmp_path, f"toy{number}", 100 * number) is None
        assert of(server, tmp_path, max_requests=2 * ROUNDS[0]).advance().sent == 2
        sizes = [len(batch.requests) for batch in read_batches(Store(str(tmp_path)))]
        assert sizes == [2 * ROUNDS[0]] * 2
        until_collected(server, tmp_path)
        assert len(server.log) == 4 * ROUNDS[0]


def test_a_request_that_failed_in_a_batch_fails_its_object_once(tmp_path: Path) -> None:
    def treat(seen: Seen) -> str:
        first = seen.nth == 1 and seen.kind == "description"
        return "500" if first and "part01" in seen.labels[0] else GOOD

    with Server(treat) as server:
        assert attempt(server, tmp_path) is None
        until_collected(server, tmp_path)
        with pytest.raises(AssertionError, match="endpoint_failed"):
            attempt(server, tmp_path)
        assert attempt(server, tmp_path) is None  # asks again
        until_collected(server, tmp_path)
        assert attempt(server, tmp_path) is None
        until_collected(server, tmp_path)
        assert attempt(server, tmp_path) is not None


def test_a_reply_about_another_picture_is_repaired(tmp_path: Path) -> None:
    def treat(seen: Seen) -> str:
        wrong = seen.nth == 1 and seen.kind == "description" and "part01" in seen.labels[0]
        return "other_image" if wrong and not repaired else GOOD

    repaired: list[bool] = []
    with Server(treat) as server:
        assert attempt(server, tmp_path) is None
        until_collected(server, tmp_path)
        repaired.append(True)
        found = None
        for _ in range(4):
            found = found or attempt(server, tmp_path)
            until_collected(server, tmp_path)
        assert found is not None
        assert found.parts[1].long == f"seen:{picture(1).sha256}"
        assert any(seen.treatment == "other_image" for seen in server.log)


def test_a_batch_beyond_the_budget_stays_here(tmp_path: Path) -> None:
    with Server() as server:
        assert attempt(server, tmp_path) is None
        assert of(server, tmp_path, budget=COST).advance() == Progress(over_budget=1)
        assert not server.batches and Store(str(tmp_path)).list(PENDING)
        assert of(server, tmp_path, budget=1.0).advance().sent == 1
        held = read_spending(Store(str(tmp_path))).held
        assert ROUNDS[0] * COST / 2 < held < 1.0


def test_an_endpoint_without_batches_is_a_failure(tmp_path: Path) -> None:
    with Server() as server:
        assert attempt(server, tmp_path) is None
        mine = Provider(
            config(server.url.replace("/v1", "/v2"), mode="batch", attempts=1),
            Store(str(tmp_path)),
        )
        with pytest.raises(Failed, match="batch endpoint"):
            mine.advance()
        until_collected(server, tmp_path)
        assert len(server.log) == ROUNDS[0]
