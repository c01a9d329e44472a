"""The budget holds, for one worker and for several, and raising it goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from caption.vlm.captioner import VlmCaptioner
from caption.vlm.spending import read_spending
from partworks.errors import Failed
from partworks.store import Store
from tests.caption.server import Server
from tests.caption.vlm.subjects import COST, config, facts, picture, pictures

SIMPLE: dict[str, Any] = {"verify": False, "variants": 0, "max_tokens": 100}


def caption(server: Server, folder: Path, *, start: int, budget: float | None) -> float:
    """Caption an object of nine parts; what it cost."""
    each = VlmCaptioner(
        config(server.url, budget=budget, **SIMPLE), store=Store(str(folder)), max_words=15
    )
    try:
        each.caption(facts(9), pictures(9, start=start), picture(60_000 + start))
    finally:
        each.close()
    return each.paid


def test_it_stops_before_it_is_exceeded_and_goes_on_when_raised(tmp_path: Path) -> None:
    budget = 15.5 * COST
    with Server() as server:
        assert caption(server, tmp_path, start=0, budget=budget) == pytest.approx(10 * COST)
        with pytest.raises(Failed) as caught:
            caption(server, tmp_path, start=100, budget=budget)
        assert caught.value.reason == "budget_reached"
        assert "--caption.vlm.budget" in caught.value.message
        spent = read_spending(Store(str(tmp_path))).spent
        # Not a request more, and no more than one request's bound is left lying.
        assert budget - 2 * COST < spent <= budget
        assert spent == pytest.approx(COST * sum(seen.answered for seen in server.log))
        with pytest.raises(Failed):
            caption(server, tmp_path, start=100, budget=budget)
        assert read_spending(Store(str(tmp_path))).spent == spent
        caption(server, tmp_path, start=100, budget=25 * COST)
        assert sum(seen.answered for seen in server.log) == 20, "nothing was paid twice"


def test_a_picture_that_costs_more_than_thought_costs_one_request(tmp_path: Path) -> None:
    """The first request of a worker goes alone, and says what pictures cost."""
    with Server() as server:
        each = VlmCaptioner(
            config(server.url, budget=1.5 * COST, **SIMPLE),
            store=Store(str(tmp_path)),
            max_words=15,
        )
        with pytest.raises(Failed) as caught:
            each.caption(facts(9), pictures(9), picture(60_000))
        each.close()
        assert caught.value.reason == "budget_reached"
        assert sum(seen.answered for seen in server.log) == 1


WORKER = """
import sys
from pathlib import Path
from tests.caption.vlm.test_budget import caption
from partworks.errors import Failed
class At: url = sys.argv[1]
for number in range(4):
    try:
        caption(At, Path(sys.argv[2]), start=1000 * int(sys.argv[3]) + 100 * number,
                budget=float(sys.argv[4]))
    except Failed as error:
        assert error.reason == "budget_reached", error
"""


@pytest.mark.slow
def test_workers_of_one_root_share_it(tmp_path: Path) -> None:
    workers, budget = 3, 40.5 * COST
    with Server(latency_s=0.01) as server:
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", WORKER, server.url, str(tmp_path), str(number), str(budget)]
            )
            for number in range(workers)
        ]
        assert [process.wait(120) for process in processes] == [0] * workers
        paid = COST * sum(seen.answered for seen in server.log)
    assert paid <= budget + workers * COST
    assert read_spending(Store(str(tmp_path))).spent == pytest.approx(paid)
    assert paid > budget / 2
