"""Licences as sources write them, as SPDX ids, and the rule that lets them in or not.

Sketchfab says `by-sa`, Thingiverse "Creative Commons - Attribution - Share Alike", GitHub "MIT
License", a museum the address of a deed. All become ids of the SPDX list; what is not known keeps
its words as a `LicenseRef-…`, and what says nothing is `unknown`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from partworks.errors import Rejected

REASONS: Mapping[str, str] = {
    "licence_not_allowed": "The asset's licence is not one of those that may come in.",
    "licence_unknown": "The source states licences, but none, or nothing clear, for this asset.",
}

UNKNOWN = "unknown"
PERMISSIVE = (
    "CC0", "CC-BY", "CC-BY-SA", "CC-PDDC", "PDDL", "Unlicense", "0BSD",
    "MIT", "MIT-0", "Apache", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "BSL", "Python",
)  # fmt: skip
"""What may come in by default: public domain, attribution, share-alike, and licences like MIT's."""

UnknownRule = Literal["auto", "keep", "reject"]

_IDS = (
    "0BSD", "AFL-3.0", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "Artistic-2.0",
    "BSD-2-Clause", "BSD-3-Clause", "BSD-3-Clause-Clear", "BSD-4-Clause", "BSL-1.0", "CC0-1.0",
    "CC-PDDC", "CECILL-2.1", "CERN-OHL-P-2.0", "CERN-OHL-S-2.0", "CERN-OHL-W-2.0", "ECL-2.0",
    "EPL-1.0", "EPL-2.0", "EUPL-1.1", "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later",
    "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later",
    "LGPL-3.0-only", "LGPL-3.0-or-later", "LPPL-1.3c", "MIT", "MIT-0", "MPL-2.0", "MS-PL",
    "MS-RL", "NCSA", "ODbL-1.0", "ODC-By-1.0", "OFL-1.1", "OSL-3.0", "PDDL-1.0", "PostgreSQL",
    "Python-2.0", "Unlicense", "UPL-1.0", "Vim", "WTFPL", "Zlib",
)  # fmt: skip
_BY_FOLDED = {identifier.casefold(): identifier for identifier in _IDS}

# Whole names, folded and with their punctuation as single spaces.
_NAMES: Mapping[str, str] = {
    "mit license": "MIT", "the mit license": "MIT", "expat": "MIT", "mit no attribution": "MIT-0",
    "apache license 2 0": "Apache-2.0", "apache 2 0": "Apache-2.0", "apache 2": "Apache-2.0",
    "apache license version 2 0": "Apache-2.0", "apache2": "Apache-2.0",
    "bsd 2 clause simplified license": "BSD-2-Clause", "bsd 2 clause license": "BSD-2-Clause",
    "bsd 3 clause new or revised license": "BSD-3-Clause", "bsd license": "BSD-3-Clause",
    "bsd 3 clause license": "BSD-3-Clause", "bsd": "BSD-3-Clause",
    "bsd zero clause license": "0BSD", "isc license": "ISC", "zlib license": "Zlib",
    "boost software license 1 0": "BSL-1.0", "the unlicense": "Unlicense",
    "gnu general public license v2 0": "GPL-2.0-only", "gpl 2 0": "GPL-2.0-only",
    "gnu general public license v3 0": "GPL-3.0-only", "gpl 3 0": "GPL-3.0-only",
    "gnu affero general public license v3 0": "AGPL-3.0-only", "agpl 3 0": "AGPL-3.0-only",
    "gnu lesser general public license v2 1": "LGPL-2.1-only", "lgpl 2 1": "LGPL-2.1-only",
    "gnu lesser general public license v3 0": "LGPL-3.0-only", "lgpl 3 0": "LGPL-3.0-only",
    "mozilla public license 2 0": "MPL-2.0", "eclipse public license 2 0": "EPL-2.0",
    "eclipse public license 1 0": "EPL-1.0", "do what the f ck you want to public license": "WTFPL",
    "sil open font license 1 1": "OFL-1.1", "open data commons attribution license": "ODC-By-1.0",
    "cc0": "CC0-1.0", "cc zero": "CC0-1.0", "cc0 public domain": "CC0-1.0",
    "cc0 1 0 universal": "CC0-1.0", "creative commons zero v1 0 universal": "CC0-1.0",
    "creative commons zero": "CC0-1.0", "creative commons cc0": "CC0-1.0",
    "creative commons public domain dedication": "CC0-1.0", "public domain dedication": "CC0-1.0",
    "public domain": "CC-PDDC", "creative commons public domain": "CC-PDDC",
}  # fmt: skip
_NOTHING = frozenset(
    ("", "unknown", "none", "null", "nan", "n a", "na", "no license", "noassertion", "other",
     "no licence", "not specified", "unlicensed")
)  # fmt: skip
_DEED = re.compile(
    r"creativecommons\.org/(?:licenses/(?P<kind>[a-z-]+)/(?P<version>[0-9]\.[0-9])"
    r"|publicdomain/(?P<domain>zero|mark)/1\.0)"
)
_WORDS = {
    "attribution": "by", "by": "by", "noncommercial": "nc", "nc": "nc", "sharealike": "sa",
    "sa": "sa", "noderivatives": "nd", "noderivs": "nd", "nd": "nd", "noderiv": "nd",
}  # fmt: skip
_FILLERS = frozenset(
    (
        "cc",
        "creative",
        "commons",
        "license",
        "licence",
        "international",
        "unported",
        "public",
        "the",
    )
)
_KINDS = ("by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd")
_VERSIONS = ("1.0", "2.0", "2.5", "3.0", "4.0")


def normalise_licence(text: str | None, *, cc_version: str = "4.0") -> str:
    """The SPDX id of a licence as a source writes it.

    Args:
        text: an id in any case, a name, Sketchfab's short form, or the address of a deed.
        cc_version: what a Creative Commons licence is taken for that does not say its version.

    Returns:
        An id, `LicenseRef-…` made of the words if it is none that is known, `unknown` if it says
        nothing (`Other`, `NOASSERTION` and the like say nothing).
    """
    text = " ".join((text or "").split())
    plain = re.sub(r"[^a-z0-9]+", " ", text.casefold()).strip()
    if plain in _NOTHING:
        return UNKNOWN
    if text.startswith("LicenseRef-") and re.fullmatch(r"LicenseRef-[A-Za-z0-9.-]{1,80}", text):
        return text
    found = (
        _BY_FOLDED.get(text.casefold())
        or _NAMES.get(plain)
        or _deed(text.casefold())
        or _creative_commons(text.casefold(), cc_version)
    )
    return found or _reference(text)


def check_licence(
    licence: str, allowed: Sequence[str], *, unknown: UnknownRule, stated: bool
) -> None:
    """Raise Rejected unless assets of this licence may come in.

    Args:
        licence: as `normalise_licence` gives it.
        allowed: ids; one without a version stands for all its versions. None means all.
        unknown: whether an unknown licence passes; `auto`: where the source states none for any
            asset (a folder of one's own), but not where it does and this asset is without.
        stated: whether the source states licences.
    """
    if not allowed or allows(allowed, licence):
        return
    if licence != UNKNOWN:
        raise Rejected(
            "licence_not_allowed", f"the licence is {licence!r}, allowed are {', '.join(allowed)}"
        )
    if unknown == "reject" or (unknown == "auto" and stated):
        raise Rejected(
            "licence_unknown",
            f"no clear licence is stated, allowed are {', '.join(allowed)}; "
            "`ingest.unknown_licence: keep` lets it in",
        )


def allows(allowed: Sequence[str], licence: str) -> bool:
    """Whether a licence is one of `allowed`, or a version of one."""
    folded = licence.casefold()
    return any(
        folded == entry.casefold()
        or re.fullmatch(rf"{re.escape(entry.casefold())}-[0-9][a-z0-9.]*(-igo|-only)?", folded)
        for entry in allowed
    )


def _deed(text: str) -> str | None:
    found = _DEED.search(text)
    if found is None:
        return None
    if found["domain"]:
        return "CC0-1.0" if found["domain"] == "zero" else "CC-PDDC"
    return _identifier(found["kind"], found["version"])


def _creative_commons(text: str, version: str) -> str | None:
    stated = re.search(r"(?<![0-9.])([1-4])(\.[05])?(?![0-9.])", text)
    rest = text.replace(stated[0], " ", 1) if stated else text
    if any(letter.isdigit() for letter in rest):
        return None
    joined = re.sub(r"(non|share|no)[ -]+(commercial|alike|deriv\w*)", r"\1\2", rest)
    words = [word for word in re.split(r"[^a-z]+", joined) if word and word not in _FILLERS]
    kinds = [_WORDS.get(word) for word in words]
    if not kinds or None in kinds:
        return None
    order = [kind for kind in ("by", "nc", "sa", "nd") if kind in kinds]
    return _identifier("-".join(order), _version(stated) if stated else version)


def _version(stated: re.Match[str]) -> str:
    return f"{stated[1]}{stated[2] or '.0'}"


def _identifier(kind: str, version: str) -> str | None:
    if kind not in _KINDS or version not in _VERSIONS:
        return None
    return f"CC-{kind.upper()}-{version}"


def _reference(text: str) -> str:
    slug = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip("-.")[:60].strip("-.")
    return f"LicenseRef-{slug}" if slug else UNKNOWN
