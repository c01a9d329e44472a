from __future__ import annotations

import pytest

from ingest.config import IngestConfig
from ingest.licences import PERMISSIVE, UnknownRule, allows, check_licence, normalise_licence
from partworks.errors import Rejected


@pytest.mark.parametrize(
    ("said", "identifier"),
    [
        # Sketchfab, short and long
        ("by", "CC-BY-4.0"),
        ("by-sa", "CC-BY-SA-4.0"),
        ("by-nc-nd", "CC-BY-NC-ND-4.0"),
        ("cc0", "CC0-1.0"),
        ("CC Attribution-NonCommercial-ShareAlike", "CC-BY-NC-SA-4.0"),
        ("Free Standard", "LicenseRef-Free-Standard"),
        # Thingiverse
        ("Creative Commons - Attribution", "CC-BY-4.0"),
        ("Creative Commons - Attribution - Share Alike", "CC-BY-SA-4.0"),
        ("Creative Commons - Attribution - Non-Commercial - No Derivatives", "CC-BY-NC-ND-4.0"),
        ("Creative Commons - Public Domain Dedication", "CC0-1.0"),
        ("Public Domain", "CC-PDDC"),
        ("GNU - GPL", "LicenseRef-GNU-GPL"),
        # GitHub
        ("MIT License", "MIT"),
        ("Apache License 2.0", "Apache-2.0"),
        ('BSD 3-Clause "New" or "Revised" License', "BSD-3-Clause"),
        ("GNU General Public License v3.0", "GPL-3.0-only"),
        ("Creative Commons Attribution Share Alike 4.0 International", "CC-BY-SA-4.0"),
        ("Creative Commons Zero v1.0 Universal", "CC0-1.0"),
        ("The Unlicense", "Unlicense"),
        ("Other", "unknown"),
        # ids and deeds
        ("cc-by-3.0", "CC-BY-3.0"),
        ("apache-2.0", "Apache-2.0"),
        ("LicenseRef-Mine", "LicenseRef-Mine"),
        ("https://creativecommons.org/licenses/by-nc/2.5/", "CC-BY-NC-2.5"),
        ("http://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "CC-PDDC"),
        # nothing, and nonsense
        (None, "unknown"),
        ("  ", "unknown"),
        ("NOASSERTION", "unknown"),
        ("???", "unknown"),
        ("sa", "LicenseRef-sa"),
        ("CC BY 4", "CC-BY-4.0"),
        ("by-9.0", "LicenseRef-by-9.0"),
        ("no\nway/../x", "LicenseRef-no-way-..-x"),
    ],
)
def test_what_sources_say(said: str | None, identifier: str) -> None:
    assert normalise_licence(said) == identifier
    assert normalise_licence(identifier) == identifier, "an id stays what it is"


def test_the_version_of_creative_commons_is_the_sources_to_know() -> None:
    assert normalise_licence("by-sa", cc_version="3.0") == "CC-BY-SA-3.0"
    assert normalise_licence("by-sa 2.0", cc_version="3.0") == "CC-BY-SA-2.0"


def test_an_id_without_a_version_stands_for_all_of_them_and_for_nothing_else() -> None:
    versions = {"CC-BY-1.0", "CC-BY-2.5", "CC-BY-4.0", "CC-BY"}
    others = {"CC-BY-SA-4.0", "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC0-1.0", "LicenseRef-CC-BY-4.0"}
    assert {name for name in versions | others if allows(("CC-BY",), name)} == versions
    assert allows(("CC-BY-4.0",), "cc-by-4.0") and not allows(("CC-BY-4.0",), "CC-BY-3.0")


def test_the_default_lets_free_licences_in_and_no_others() -> None:
    free = {"CC0-1.0", "CC-BY-4.0", "CC-BY-SA-3.0", "MIT", "Apache-2.0", "BSD-3-Clause", "CC-PDDC"}
    not_free = {
        "CC-BY-NC-4.0", "CC-BY-ND-4.0", "CC-BY-NC-SA-4.0", "GPL-3.0-only", "AGPL-3.0-only",
        "LicenseRef-Editorial", "MITx",
    }  # fmt: skip
    assert IngestConfig().licences == PERMISSIVE
    assert {name for name in free | not_free if allows(PERMISSIVE, name)} == free


@pytest.mark.parametrize(
    ("rule", "stated", "passes"),
    [
        ("auto", False, True),
        ("auto", True, False),
        ("keep", True, True),
        ("keep", False, True),
        ("reject", False, False),
        ("reject", True, False),
    ],
)
def test_an_unknown_licence(rule: UnknownRule, stated: bool, passes: bool) -> None:
    if passes:
        check_licence("unknown", PERMISSIVE, unknown=rule, stated=stated)
    else:
        with pytest.raises(Rejected, match="licence_unknown"):
            check_licence("unknown", PERMISSIVE, unknown=rule, stated=stated)
    check_licence("unknown", ("unknown",), unknown="reject", stated=True)
    check_licence("LicenseRef-x", (), unknown="reject", stated=True)


def test_a_refusal_names_what_is_allowed() -> None:
    with pytest.raises(Rejected, match=r"'CC-BY-NC-4.0', allowed are CC0, MIT") as caught:
        check_licence("CC-BY-NC-4.0", ("CC0", "MIT"), unknown="keep", stated=True)
    assert caught.value.reason == "licence_not_allowed"
