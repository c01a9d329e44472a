"""Words for colours in a text, and what they may look like."""

from __future__ import annotations

import re
from collections.abc import Mapping

from caption.colors import PROTOTYPES

ALSO: Mapping[str, tuple[str, ...]] = {
    "amber": ("orange", "gold"),
    "aqua": ("cyan", "teal"),
    "azure": ("light blue", "blue"),
    "blond": ("beige", "yellow"),
    "bone": ("beige", "white"),
    "brass": ("gold", "olive", "brown"),
    "bronze": ("brown", "orange", "gold", "dark brown"),
    "burgundy": ("dark red",),
    "charcoal": ("dark grey", "black"),
    "chocolate": ("dark brown", "brown"),
    "copper": ("orange", "brown", "tan"),
    "cream": ("beige", "white"),
    "crimson": ("red", "dark red"),
    "fuchsia": ("magenta",),
    "golden": ("gold", "yellow", "orange"),
    "gray": ("grey",),
    "indigo": ("dark blue", "purple", "blue"),
    "ivory": ("beige", "white"),
    "khaki": ("tan", "olive", "beige"),
    "lavender": ("lilac",),
    "lime": ("light green", "green"),
    "maroon": ("dark red", "dark brown"),
    "mint": ("light green",),
    "mustard": ("gold", "yellow"),
    "navy": ("dark blue",),
    "peach": ("beige", "tan", "pink"),
    "rust": ("orange", "brown", "dark red"),
    "rusty": ("orange", "brown", "dark red"),
    "salmon": ("pink", "orange", "red"),
    "sand": ("tan", "beige"),
    "scarlet": ("red",),
    "sepia": ("brown", "dark brown"),
    "silver": ("grey", "light grey", "white"),
    "silvery": ("grey", "light grey", "white"),
    "turquoise": ("teal", "cyan"),
    "violet": ("purple", "lilac"),
}
"""Colour words that are no prototypes, with the prototypes that they may look like."""

SHADES: Mapping[str, str] = {
    "bright": "",
    "dark": "dark",
    "deep": "dark",
    "light": "light",
    "pale": "light",
    "soft": "light",
    "vivid": "",
}
"""Words before a colour, with the first word of the prototypes that they lead to."""

STOPS = frozenset(
    """
    above against alongside around at attached behind below beneath beside between by for from in
    inside near next of on onto over resting sitting that under which with
    """.split()  # noqa: SIM905  a list of words reads better as text
)
"""Words behind which a text speaks of other things."""

_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
_BASE = frozenset(name for name, _ in PROTOTYPES)


def colors_said(text: str, *, name: str = "") -> dict[str, tuple[str, ...]]:
    """Colour words at the beginning of a text, with the prototypes that each may look like.

    What follows the first preposition speaks of other things and is passed over, as is what ends
    on -ish and what belongs to the thing's own name (an orange, an olive tree).

    Args:
        text: such as `A dark red and silver lamp on a white table.`
        name: of the thing.
    """
    own = {word.lower() for word in _WORD.findall(name)}
    found: dict[str, tuple[str, ...]] = {}
    shade = ""
    for word in (word.lower() for word in _WORD.findall(text)):
        if word in STOPS:
            break
        if word in SHADES:
            shade = word
            continue
        color = "grey" if word == "gray" else word
        if word not in own and (color in _BASE or word in ALSO):
            found[f"{shade} {word}".strip()] = _may_look(color, SHADES.get(shade, ""))
        shade = ""
    return found


def _may_look(color: str, shade: str) -> tuple[str, ...]:
    """`dark`, `red` gives `dark red`; where there is none of that shade, `red` stands for it."""
    shaded = f"{shade} {color}"
    if shaded in _BASE:
        return (shaded,)
    return (color,) if color in _BASE else ALSO[color]
