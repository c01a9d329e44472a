from __future__ import annotations

from pathlib import Path

import pytest

from caption.vlm.captioner import VlmCaptioner
from caption.vlm.rehearsal import NAME, OUTPUT_TOKENS
from partworks.store import Store
from tests.caption.vlm.subjects import config, facts, picture, pictures


def rehearsed(folder: Path, parts: int, **settings: object) -> VlmCaptioner:
    each = VlmCaptioner(config(mode="rehearse", **settings), store=Store(str(folder)), max_words=15)
    found = each.caption(facts(parts), pictures(parts), picture(999))
    assert found.captioner == NAME and {text.source for text in found.everything} == {NAME}
    assert found.cost == pytest.approx(each.paid)
    each.close()
    return each


def test_nobody_is_asked_and_nothing_is_left(tmp_path: Path) -> None:
    assert rehearsed(tmp_path, 3).paid > 0  # nobody listens at the address
    assert not list(tmp_path.rglob("*"))


def test_every_request_is_counted(tmp_path: Path) -> None:
    free_input = {"input_price": 0.0, "output_price": 1e6}
    for parts, second_look, per_request in ((3, True, 1), (5, True, 2), (4, False, 4)):
        each = rehearsed(
            tmp_path,
            parts,
            verify=second_look,
            variants=10 if second_look else 0,
            parts_per_request=per_request,
            **free_input,
        )
        answers = (parts + 1) * (2 if second_look else 1) + second_look
        assert each.paid == pytest.approx(answers * OUTPUT_TOKENS)
