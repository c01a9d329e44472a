"""The rules about one object: a table, each with its reason, its meaning and what it asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ingest.judge.config import JudgeConfig
from ingest.judge.measure import LOST_TEXTURES, Measurements

Check = Callable[[Measurements, JudgeConfig], str]

BLOB_SHARE = 0.98
"""Of the faces, in one connected piece: scans have specks beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule.

    Attributes:
        reason: the word in the ledger.
        meaning: for the table of reasons; a sentence.
        check: what is wrong with an object, as a message; empty if nothing is.
    """

    reason: str
    meaning: str
    check: Check


def refusal(measured: Measurements, config: JudgeConfig) -> tuple[str, str] | None:
    """The reason and message of the first rule that an object breaks, if any."""
    for rule in RULES:
        if message := rule.check(measured, config):
            return rule.reason, message
    return None


def _number(measured: Measurements, name: str) -> float:
    return float(measured[name])


def _too_few_faces(measured: Measurements, config: JudgeConfig) -> str:
    return _below(measured, "faces", config.min_faces)


def _too_many_faces(measured: Measurements, config: JudgeConfig) -> str:
    return _above(measured, "faces", config.max_faces)


def _too_few_components(measured: Measurements, config: JudgeConfig) -> str:
    return _below(measured, "components", config.min_components)


def _too_many_components(measured: Measurements, config: JudgeConfig) -> str:
    return _above(measured, "components", config.max_components)


def _below(measured: Measurements, what: str, least: int) -> str:
    found = measured[what]
    return f"{found} {what}, at least {least} are expected" if float(found) < least else ""


def _above(measured: Measurements, what: str, most: int) -> str:
    found = measured[what]
    return f"{found} {what}, at most {most} are expected" if float(found) > most else ""


def _lost_precision(measured: Measurements, config: JudgeConfig) -> str:
    steps = _number(measured, "resolution")
    if steps >= config.min_resolution:
        return ""
    return (
        f"the longest side spans {steps:.0f} float32 steps where the object lies, at least "
        f"{config.min_resolution} are expected; export it nearer to its origin"
    )


def _flat(measured: Measurements, config: JudgeConfig) -> str:
    found = _number(measured, "thickness")
    if found >= config.min_thickness:
        return ""
    return (
        f"the thinnest side is {found:g} of the longest, at least {config.min_thickness:g} "
        "is expected"
    )


def _single_blob(measured: Measurements, config: JudgeConfig) -> str:
    share = _number(measured, "largest_component")
    faces = _number(measured, "faces")
    if measured["nodes"] != 1 or faces < config.blob_faces or share < BLOB_SHARE:
        return ""
    return (
        f"one mesh of {faces:.0f} faces, {share:.0%} of them in one piece; from "
        f"{config.blob_faces} on that is taken for a scan"
    )


def _scene(measured: Measurements, config: JudgeConfig) -> str:
    found = measured["islands"]
    if float(found) <= config.max_islands:
        return ""
    return f"{found} groups of pieces that stand apart, at most {config.max_islands} are expected"


def _missing_textures(measured: Measurements, config: JudgeConfig) -> str:
    words = [word for word in str(measured["warnings"]).split(",") if word in LOST_TEXTURES]
    if not words or not config.require_whole_textures:
        return ""
    return f"the object came without some of its images ({', '.join(words)})"


def _untextured(measured: Measurements, config: JudgeConfig) -> str:
    if measured["colored"] or not config.require_texture:
        return ""
    return "the object has neither images nor vertex colours"


def _blank_appearance(measured: Measurements, config: JudgeConfig) -> str:
    spread, opacity = _number(measured, "color_spread"), _number(measured, "opacity")
    if opacity < config.min_opacity:
        return f"the surface is {opacity:.1%} opaque, at least {config.min_opacity:.1%} is expected"
    if measured["colored"] and spread < config.min_color_spread:
        return (
            f"the object has images or vertex colours, and all of it has one colour: the spread is "
            f"{spread:g}, at least {config.min_color_spread:g} is expected"
        )
    return ""


def _low_aesthetic(measured: Measurements, config: JudgeConfig) -> str:
    score = measured.get("aesthetic")
    if score is None or float(score) >= config.min_aesthetic:
        return ""
    return f"the aesthetic score is {float(score):.2f}, at least {config.min_aesthetic:g} is asked"


RULES: tuple[Rule, ...] = tuple(
    Rule(reason=reason, meaning=meaning, check=check)
    for reason, meaning, check in (
        ("too_few_faces", "The object has fewer faces than are asked for.", _too_few_faces),
        ("too_many_faces", "The object has more faces than the limits allow.", _too_many_faces),
        (
            "too_few_components",
            "The object is of fewer connected pieces than are asked for.",
            _too_few_components,
        ),
        (
            "too_many_components",
            "The object is of more connected pieces than are allowed.",
            _too_many_components,
        ),
        (
            "lost_precision",
            "The object lies so far from its origin that float32 has lost its shape.",
            _lost_precision,
        ),
        ("flat", "The object is a sheet: it has hardly any thickness.", _flat),
        (
            "single_blob",
            "The object is one dense piece without parts, as scans are.",
            _single_blob,
        ),
        ("scene", "The object is a scene: groups of pieces that stand apart.", _scene),
        (
            "missing_textures",
            "An image of the object did not come with it or cannot be decoded.",
            _missing_textures,
        ),
        ("untextured", "The object has neither images nor vertex colours.", _untextured),
        (
            "blank_appearance",
            "The object cannot be seen through its own transparency, or has one colour all over.",
            _blank_appearance,
        ),
        (
            "low_aesthetic",
            "The aesthetic score of the object's views is lower than is asked for.",
            _low_aesthetic,
        ),
    )
)

REASONS: Mapping[str, str] = {
    **{rule.reason: rule.meaning for rule in RULES},
    "exact_duplicate": "Another object has the same bytes, or the same geometry and appearance.",
    "near_duplicate": "Another object has nearly the same shape, turned, scaled or simplified.",
}
"""Every reason that judging gives; the same words may also come from the loader's hard limits."""
