from __future__ import annotations

from caption.vlm.answers import Described, Verified
from caption.vlm.verifying import claims_of, flags_of

CLAIMED = Described(
    image="a",
    name="leg",
    short="a leg",
    long="A leg.",
    color="red",
    material="",
    shape="rod",
    relation="below",
    confidence=1.0,
    unsure=False,
)


def test_only_what_is_said_is_claimed() -> None:
    assert claims_of(CLAIMED).splitlines() == [
        "- name: leg",
        "- color: red",
        "- shape: rod",
        "- relation: below",
    ]


def test_only_a_no_to_a_claim_is_a_flag() -> None:
    verified = Verified(
        image="a", name="no", color="cannot_tell", material="no", shape="yes", relation="no"
    )
    assert flags_of(CLAIMED, verified) == ("verify_no:name", "verify_no:relation")
