from pathlib import Path

from annotate.captions.freshness import Freshness
from partworks.ledger import Ledger
from partworks.records import Attempt
from partworks.store import Store


def attempt(store: Store, stage: str, uid: str, finished_at: float) -> None:
    with Ledger(store).writer(stage) as writer:
        writer.append(
            Attempt(uid=uid, stage=stage, status="ok", fingerprint="", finished_at=finished_at)
        )


def test_parts_made_after_captions_make_them_outdated(tmp_path: Path) -> None:
    store = Store(str(tmp_path))
    found = Freshness(store)
    assert found.outdated == frozenset(), "no ledger tells nothing"
    for uid in ("a", "b", "c"):
        attempt(store, "annotate", uid, 1.0)
    attempt(store, "caption", "a", 2.0)
    attempt(store, "caption", "b", 2.0)
    assert found.outdated == frozenset()
    attempt(store, "annotate", "b", 3.0)
    assert found.outdated == {"b"}
    attempt(store, "caption", "b", 4.0)
    assert found.outdated == frozenset()
