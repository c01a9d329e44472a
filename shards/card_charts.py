"""Which pictures a card has: counts as bars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from shards.card_counts import AREA_BINS, SIDE_BINS, SIGNED, Card, median
from shards.card_pictures import Bar, Chart, histogram, ranking
from shards.licences import spdx_id
from shards.markdown import plural

FOLDER = "images"
_MOST_BARS = 40
_MOST_ROWS = 12


def charts(card: Card) -> Iterator[tuple[str, Chart]]:
    """(name, chart) of every picture that there is something to draw for; histograms first."""
    if not card.objects.total():
        return
    yield "parts-per-object", _parts_per_object(card.part_counts)
    if card.areas:
        yield "part-area", _areas(card.areas)
        yield "part-size", _sides(card.sides)
    if card.signs:
        yield "signs", _signs(card.signs)
    yield "licences", _licences(card.licences)
    if card.categories:
        yield "categories", _categories(card.categories)


_HISTOGRAMS = ("parts-per-object", "part-area", "part-size")


def pictures(card: Card) -> Iterator[tuple[str, bytes]]:
    """(path, PNG) of every picture."""
    for name, chart in charts(card):
        draw = histogram if name in _HISTOGRAMS else ranking
        yield f"{FOLDER}/{name}.png", draw(chart)


def _parts_per_object(counts: Counter[int]) -> Chart:
    low, high = min(counts), max(counts)
    step = -(-(high - low + 1) // _MOST_BARS)
    first = low // step * step
    bars = tuple(
        Bar(
            label=str(start) if step == 1 else f"{start}-{start + step - 1}",
            count=sum(counts[number] for number in range(start, start + step)),
        )
        for start in range(first, high + 1, step)
    )
    span = f"{low} each" if low == high else f"{low} to {high}, median {median(counts)}"
    summary = f"{plural(counts.total(), 'object')} by their number of parts: {span}"
    return Chart(title="Parts per object", summary=summary, bars=bars)


def _areas(counts: Counter[int]) -> Chart:
    low, high = min(counts), max(counts)
    bars = tuple(Bar(label=_area(place), count=counts[place]) for place in range(low, high + 1))
    middle = median(counts)
    summary = (
        f"{plural(counts.total(), 'part')} by surface area, in squared units of the object's "
        f"frame; median {_area(middle)} to {_area(middle + 1)}"
    )
    return Chart(title="Area of parts", summary=summary, bars=bars, end=_area(high + 1))


def _area(place: int) -> str:
    value = 10 ** (place / AREA_BINS)
    return f"{value:.0e}" if value < 1e-4 else f"{value:.2g}"


def _sides(counts: Counter[int]) -> Chart:
    bars = tuple(Bar(label=_side(place), count=counts[place]) for place in range(SIDE_BINS))
    middle = median(counts)
    summary = (
        f"{plural(counts.total(), 'part')} by the longest side of their box; the object's is 2; "
        f"median {_side(middle)} to {_side(middle + 1)}"
    )
    return Chart(title="Size of parts", summary=summary, bars=bars, end=_side(SIDE_BINS))


def _side(place: int) -> str:
    return f"{2 * place / SIDE_BINS:.1f}"


def _signs(counts: Counter[str]) -> Chart:
    trusted = sum(counts[sign] for sign in SIGNED)
    named = Counter(
        {(sign if sign in SIGNED else f"none: {sign}"): count for sign, count in counts.items()}
    )
    summary = (
        f"{trusted:,} of {counts.total():,} parts have signed distances; by how the sign was found"
    )
    return Chart(title="Sign of distances", summary=summary, bars=_rows(named))


def _licences(counts: Counter[str]) -> Chart:
    named: Counter[str] = Counter()
    for licence, count in counts.items():
        named[spdx_id(licence) or licence] += count
    summary = f"{plural(counts.total(), 'object')} by the licence of their source"
    return Chart(title="Licences", summary=summary, bars=_rows(named))


def _categories(counts: Counter[str]) -> Chart:
    summary = f"{len(counts):,} categories; an object may be in several"
    return Chart(title="Categories", summary=summary, bars=_rows(counts))


def _rows(counts: Counter[str]) -> tuple[Bar, ...]:
    """The most frequent, and one row for all the others."""
    ranked = sorted(counts.items(), key=lambda row: (-row[1], row[0]))
    shown = _MOST_ROWS if len(ranked) <= _MOST_ROWS else _MOST_ROWS - 1
    rows = [Bar(label=label or "(none)", count=count) for label, count in ranked[:shown]]
    rest = ranked[shown:]
    if rest:
        rows.append(Bar(label=f"{len(rest):,} others", count=sum(count for _, count in rest)))
    return tuple(rows)
