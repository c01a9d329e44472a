"""Whatever the endpoint does: a caption is about the picture that was sent, or there is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from caption.vlm import backoff
from caption.vlm.captioner import VlmCaptioner
from caption.vlm.reasons import REASONS
from partworks.artifacts.captions import Captions
from partworks.errors import Failed
from partworks.store import Store
from tests.caption.server import GOOD, TROUBLES, Seen, Server
from tests.caption.vlm.subjects import COST, config, facts, picture, pictures

PARTS = 5


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST_S", 0.01)


def captioner(server: Server, folder: Path, **settings: Any) -> VlmCaptioner:
    chosen = config(server.url, **{"timeout_s": 0.4, **settings})
    return VlmCaptioner(
        chosen, store=Store(str(folder)), max_words=15, generator=np.random.default_rng(0)
    )


def caption(
    server: Server, folder: Path, *, parts: int = PARTS, start: int = 0, **settings: Any
) -> Captions:
    each = captioner(server, folder, **settings)
    try:
        return each.caption(facts(parts), pictures(parts, start=start), picture(60_000 + start))
    finally:
        each.close()


def check(found: Captions, server: Server, *, start: int = 0) -> None:
    """Every text echoes the picture that it is attached to, and a request with it was answered."""
    shown = [picture(60_000 + start), *pictures(len(found.parts), start=start)]
    answered = {digest for seen in server.log if seen.answered for digest in seen.digests}
    for text, image in zip(found.everything, shown, strict=True):
        assert text.long == f"seen:{image.sha256}"
        assert text.request is not None and text.request.image == image.sha256
        assert image.sha256 in answered
        assert text.source == "vlm"


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("several", [1, 3])
def test_one_trouble_of_each_kind_is_got_over(trouble: str, several: int, tmp_path: Path) -> None:
    def treat(seen: Seen) -> str:
        recoverable = trouble != "refusal"
        return trouble if seen.nth == 1 and recoverable and seen.kind.startswith("desc") else GOOD

    with Server(treat) as server:
        if trouble == "refusal":
            server.treat = lambda seen: "refusal" if "part03" in seen.labels[0] else GOOD
            with pytest.raises(Failed) as caught:
                caption(server, tmp_path, parts_per_request=several)
            assert caught.value.reason == "model_refused"
            return
        # The same request again for what never arrived; another one, with the complaint, for
        # what arrived and was wrong. The repair is another request, whose first try would be
        # troubled too.
        if trouble in ("half_json", "wrong_schema", "other_image", "too_long"):
            troubled: set[str] = set()

            def once(seen: Seen) -> str:
                label = seen.labels[0]
                if not seen.kind.startswith("desc") or label in troubled:
                    return GOOD
                troubled.add(label)
                return trouble

            server.treat = once
        found = caption(server, tmp_path, parts_per_request=several)
        check(found, server)
        assert any(seen.treatment == trouble for seen in server.log)
        assert not any(seen.problems for seen in server.log)


FINAL = {
    "429": "endpoint_failed",
    "500": "endpoint_failed",
    "timeout": "endpoint_failed",
    "hang_up": "endpoint_failed",
    "half_body": "endpoint_failed",
    "401": "endpoint_refused",
    "400": "request_refused",
    "half_json": "unreadable_answer",
    "wrong_schema": "unreadable_answer",
    "too_long": "unreadable_answer",
    "refusal": "model_refused",
    "other_image": "wrong_picture",
}


@pytest.mark.parametrize(("trouble", "reason"), FINAL.items())
def test_trouble_without_end_is_a_failure_with_its_reason(
    trouble: str, reason: str, tmp_path: Path
) -> None:
    def treat(seen: Seen) -> str:
        return trouble if any("part02" in label for label in seen.labels) else GOOD

    with Server(treat) as server:
        with pytest.raises(Failed) as caught:
            caption(server, tmp_path, attempts=2)
        assert caught.value.reason == reason and reason in REASONS
        # Another try pays only for what is missing, and asks for that anew.
        before = [seen for seen in server.log if seen.answered and seen.treatment == GOOD]
        server.treat = lambda _: GOOD
        server.log.clear()
        found = caption(server, tmp_path, attempts=2)
        asked = {label for seen in server.log for label in seen.labels}
        assert before and all("part02" in label for label in asked)
        server.log += before
        check(found, server)


def test_a_storm_of_everything(tmp_path: Path) -> None:
    generator = np.random.default_rng(7)

    def treat(seen: Seen) -> str:
        if generator.random() < 0.6:
            return GOOD
        return str(generator.choice([trouble for trouble in TROUBLES if trouble != "timeout"]))

    ended: dict[str, int] = {}
    with Server(treat) as server:
        for number in range(12):
            start = 100 * number
            try:
                found = caption(
                    server, tmp_path, start=start, attempts=4, parts_per_request=1 + number % 3
                )
            except Failed as error:
                assert error.reason in REASONS
                ended[error.reason] = ended.get(error.reason, 0) + 1
                continue
            check(found, server, start=start)
            ended["ok"] = ended.get("ok", 0) + 1
    assert sum(ended.values()) == 12 and len(ended) >= 2, ended


def test_a_second_look_marks_what_is_denied(tmp_path: Path) -> None:
    def say(kind: str, label: str, digest: str) -> dict[str, Any]:
        lied = kind == "verification" and label.startswith("part01")
        return {"material": "no", "color": "cannot_tell"} if lied else {}

    with Server(say=say) as server:
        found = caption(server, tmp_path)
    assert [part.flags for part in found.parts] == [
        (),
        ("verify_no:material",),
        (),
        (),
        (),
    ]
    assert found.verified


def test_several_parts_in_one_request_are_told_apart(tmp_path: Path) -> None:
    def swapped(kind: str, label: str, digest: str) -> dict[str, Any]:
        return {}

    with Server(say=swapped) as server:
        found = caption(server, tmp_path, parts_per_request=2, verify=False, variants=0)
        check(found, server)
        groups = [len(seen.digests) for seen in server.log if seen.kind == "descriptions"]
        assert sorted(groups) == [2, 2]
        assert len(server.log) == 4  # two pairs, the last part alone, the whole


def test_pictures_in_another_order_are_refused(tmp_path: Path) -> None:
    labels: list[str] = []

    def exchanged(kind: str, label: str, digest: str) -> dict[str, Any]:
        if kind != "descriptions":
            return {}
        labels.append(label)
        # The second of a pair claims to be about the first.
        return {"image": labels[-2]} if len(labels) % 2 == 0 else {}

    with Server(say=exchanged) as server, pytest.raises(Failed) as caught:
        caption(server, tmp_path, parts=2, parts_per_request=2)
    assert caught.value.reason == "wrong_picture"


def test_the_endpoints_capacity_is_found(tmp_path: Path) -> None:
    with Server(latency_s=0.02, capacity=4) as server:
        found = caption(
            server, tmp_path, parts=60, concurrency=32, attempts=12, verify=False, variants=0
        )
        check(found, server)
        refused = sum(seen.treatment == "429" for seen in server.log)
        answered = sum(seen.answered for seen in server.log)
    assert answered == 61 and 0 < refused < answered


def test_retry_after_is_kept(tmp_path: Path) -> None:
    with Server(lambda seen: "429_later" if seen.nth == 1 else GOOD) as server:
        caption(server, tmp_path, parts=1, verify=False, variants=0, concurrency=1)
        assert [seen.treatment for seen in server.log].count("429_later") == 2


def test_the_key_goes_to_the_endpoint_and_nowhere_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = "sk-very-secret-0123456789"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    with Server() as server:
        found = caption(server, tmp_path)
        assert {seen.authorization for seen in server.log} == {f"Bearer {secret}"}
    assert secret.encode() not in found.to_bytes()
    for path in tmp_path.rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()


def test_what_it_cost_is_what_the_replies_say(tmp_path: Path) -> None:
    with Server() as server:
        each = captioner(server, tmp_path)
        found = each.caption(facts(PARTS), pictures(PARTS), picture(60_000))
        requests = 2 * (PARTS + 1) + 1
        assert found.cost == pytest.approx(requests * COST) == each.paid
        assert found.tokens == requests * 1100
        assert each.caption(facts(PARTS), pictures(PARTS), picture(60_000)) == found
        assert each.paid == 0 and len(server.log) == requests
        each.close()
        # Another worker, another run: the same bytes, and nobody is asked.
        again = caption(server, tmp_path)
        assert again.to_bytes() == found.to_bytes() and len(server.log) == requests
    (record, _) = sorted(tmp_path.glob("requests/spending/*.json"), key=_spent, reverse=True)
    assert json.loads(record.read_text())["requests"] == requests


def _spent(path: Path) -> float:
    return float(json.loads(path.read_text())["spent"])


def test_a_part_without_a_picture_is_left_out(tmp_path: Path) -> None:
    with Server() as server:
        each = captioner(server, tmp_path)
        shown = [picture(0), None, picture(2)]
        found = each.caption(facts(3), shown, picture(60_000))
        each.close()
    assert [part.source for part in found.parts] == ["vlm", "none", "vlm"]
    assert found.parts[1].short == "" and found.parts[2].long == f"seen:{picture(2).sha256}"


def test_the_chain_runs_from_long_to_short(tmp_path: Path) -> None:
    with Server() as server:
        found = caption(server, tmp_path)
    lengths = [len(text.split()) for text in found.variants]
    assert lengths == sorted(lengths, reverse=True) and len(lengths) == 11
    assert lengths[0] <= 40 and lengths[-1] <= 5
