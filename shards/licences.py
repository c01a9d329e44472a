"""Licences by their SPDX ids, and what a Hugging Face card calls them.

Sources: https://spdx.org/licenses/ and https://huggingface.co/docs/hub/repositories-licenses
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from shards.markdown import code, plain, table

LICENCE_FILE = "LICENSE.md"
UNKNOWN = "unknown"
_SPDX_PAGE = "https://spdx.org/licenses/{}.html"

_CREATIVE_COMMONS = re.compile(r"CC-BY(-NC)?(-ND|-SA)?-(1\.0|2\.0|2\.5|3\.0|4\.0)")

# The Creative Commons licences that have a name of their own on a Hugging Face card.
_COMMONS_ON_CARDS = frozenset(
    """
    CC-BY-2.0 CC-BY-2.5 CC-BY-3.0 CC-BY-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC-BY-NC-2.0 CC-BY-NC-3.0
    CC-BY-NC-4.0 CC-BY-ND-4.0 CC-BY-NC-ND-3.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-2.0 CC-BY-NC-SA-3.0
    CC-BY-NC-SA-4.0
    """.split()  # noqa: SIM905  a list of words reads better as text
)

_OTHERS = {
    "CC0-1.0": "cc0-1.0",
    "PDDL-1.0": "pddl",
    "ODC-By-1.0": "odc-by",
    "ODbL-1.0": "odbl",
    "CDLA-Permissive-1.0": "cdla-permissive-1.0",
    "CDLA-Permissive-2.0": "cdla-permissive-2.0",
    "CDLA-Sharing-1.0": "cdla-sharing-1.0",
    "MIT": "mit",
    "Apache-2.0": "apache-2.0",
    "BSD-2-Clause": "bsd-2-clause",
    "BSD-3-Clause": "bsd-3-clause",
    "ISC": "isc",
    "Zlib": "zlib",
    "Unlicense": "unlicense",
    "WTFPL": "wtfpl",
    "MPL-2.0": "mpl-2.0",
    "GPL-2.0-only": "gpl-2.0",
    "GPL-2.0-or-later": "gpl-2.0",
    "GPL-3.0-only": "gpl-3.0",
    "GPL-3.0-or-later": "gpl-3.0",
    "LGPL-3.0-only": "lgpl-3.0",
    "LGPL-3.0-or-later": "lgpl-3.0",
    "AGPL-3.0-only": "agpl-3.0",
    "AGPL-3.0-or-later": "agpl-3.0",
    "OFL-1.1": "ofl-1.1",
    "Artistic-2.0": "artistic-2.0",
}
"""SPDX id -> the name on a Hugging Face card."""

_BY_FOLDED = {name.casefold(): name for name in _OTHERS}


def spdx_id(licence: str) -> str | None:
    """The SPDX id that a licence's name is in whatever case; None if it is none that is known."""
    if _CREATIVE_COMMONS.fullmatch(licence.upper()):
        return licence.upper()
    return _BY_FOLDED.get(licence.casefold())


def spdx_page(licence: str) -> str | None:
    """The address of a licence's text."""
    found = spdx_id(licence)
    return None if found is None else _SPDX_PAGE.format(found)


def name_on_card(licence: str) -> str:
    """What a Hugging Face card calls a licence: `other` if it has no name there."""
    found = spdx_id(licence)
    if found in _COMMONS_ON_CARDS:
        return found.lower()
    if licence.casefold() == UNKNOWN:
        return UNKNOWN
    return _OTHERS.get(found or "", "other")


def front_matter(licences: Iterable[str], *, name: str) -> dict[str, Any]:
    """The licence fields of a Hugging Face card.

    Where a licence has no name on cards, the field says `other` too, and the rules then ask for a
    name and for a file of the repository to link to.
    """
    names = sorted({name_on_card(licence) for licence in licences}, key=lambda n: (n == "other", n))
    if not names:
        return {}
    if "other" not in names:
        return {"license": names}
    return {"license": names, "license_name": _slug(name), "license_link": LICENCE_FILE}


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-") + "-mixed"


def licence_table(counts: Mapping[str, int]) -> str:
    """Licences with their objects, most frequent first, linked to their texts."""
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    return table(("licence", "objects"), [(link(licence), count) for licence, count in rows])


def link(licence: str) -> str:
    """A licence as Markdown: a link to its text where it is known, else what the source said."""
    page = spdx_page(licence)
    return code(licence) if page is None else f"[{spdx_id(licence)}]({page})"


def licence_file(counts: Mapping[str, int], *, name: str) -> bytes:
    """`LICENSE.md`: that every object keeps its own licence, and which there are."""
    sections = [
        f"# Licences of {plain(name)}",
        "There is no one licence for all of it. Each object keeps the licence of its source, and "
        "so does all that derives from it: points, distances, views and captions. "
        "`ATTRIBUTION.parquet` names the licence and the author of each object, as its licence "
        "wants them quoted; so does the `json` member of its sample.",
        licence_table(counts) or "There are no objects.",
    ]
    if any(name_on_card(licence) == UNKNOWN for licence in counts):
        sections.append(
            "Where the licence is `unknown`, nobody has granted a right to use the object; ask its "
            "author, or leave it out."
        )
    return ("\n\n".join(sections) + "\n").encode()
