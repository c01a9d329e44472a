from __future__ import annotations

import pytest

from shards.licences import front_matter, licence_file, licence_table, link, name_on_card, spdx_id


@pytest.mark.parametrize(
    ("licence", "spdx", "card"),
    [
        ("CC0-1.0", "CC0-1.0", "cc0-1.0"),
        ("cc-by-4.0", "CC-BY-4.0", "cc-by-4.0"),
        ("CC-BY-NC-SA-3.0", "CC-BY-NC-SA-3.0", "cc-by-nc-sa-3.0"),
        ("CC-BY-SA-2.0", "CC-BY-SA-2.0", "other"),
        ("mit", "MIT", "mit"),
        ("ODbL-1.0", "ODbL-1.0", "odbl"),
        ("unknown", None, "unknown"),
        ("Sketchfab Standard", None, "other"),
        ("CC-BY-4.0) [x](http://spy.test", None, "other"),
        ("", None, "other"),
    ],
)
def test_names_of_licences(licence: str, spdx: str | None, card: str) -> None:
    assert spdx_id(licence) == spdx
    assert name_on_card(licence) == card


def test_cards_name_what_they_have_a_name_for() -> None:
    assert front_matter(["CC0-1.0", "CC-BY-4.0"], name="x") == {"license": ["cc-by-4.0", "cc0-1.0"]}
    assert front_matter([], name="x") == {}


def test_other_licences_need_a_name_and_a_file() -> None:
    assert front_matter(["Mine", "CC0-1.0"], name="My set: 2") == {
        "license": ["cc0-1.0", "other"],
        "license_name": "my-set-2-mixed",
        "license_link": "LICENSE.md",
    }


def test_known_licences_are_linked_and_others_quoted() -> None:
    assert link("cc-by-4.0") == "[CC-BY-4.0](https://spdx.org/licenses/CC-BY-4.0.html)"
    assert link("<b>") == "`<b>`"
    rows = licence_table({"MIT": 1, "Mine": 7}).splitlines()
    assert rows[2] == "| `Mine` | 7 |"


def test_the_licence_file_warns_of_unknown_ones() -> None:
    assert b"nobody has granted" in licence_file({"unknown": 1}, name="x")
    assert b"nobody has granted" not in licence_file({"MIT": 1}, name="x")
