"""Puts the page together: everything that the template shows, then the template."""

from __future__ import annotations

import os
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import jinja2

from partworks import __version__
from partworks.dataset import Dataset
from partworks.ledger import Ledger
from partworks.outside import Outside
from partworks.quantities import byte_size, duration
from partworks.report import charts, facts, wording
from partworks.report.history import choose_uids, histories
from partworks.report.measurements import Measurements, measure
from partworks.report.objects import ObjectCard, make_card
from partworks.stages import STAGES
from partworks.store import Store
from partworks.summary import count_stages, group_failures

HISTOGRAMS = (
    ("ingest", "faces", "Faces per object"),
    ("segment", "segments", "Segments per object"),
    ("annotate", "parts", "Parts per object"),
)
"""Stage, metric of its ledger, title."""

STATES = ("ok", "failed", "rejected", "stale", "pending", "waiting")
LEAST_SECONDS = 1e-3
_THREADS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Charts:
    """The charts of the page; those without a value are left out."""

    histograms: tuple[charts.Histogram, ...]
    box_plots: tuple[charts.BoxPlot, ...]


def build_page(store: Store, known: Dataset, *, limit: int) -> bytes:
    """The report of a root as one HTML file; equal roots give equal bytes.

    Args:
        limit: objects that are shown one by one, at the most.
    """
    ledger = Ledger(store)
    outside = Outside.read(store, known.settings)
    uids, total = choose_uids(ledger, limit=limit)
    trails = histories(ledger, known, uids, outside=outside)
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        cards = list(pool.map(partial(make_card, store), trails))
    measured = {name: measure(ledger, name) for name in STAGES}
    counts = count_stages(store, outside=outside) if known.stages else {}
    failures = group_failures(ledger, [name for name in STAGES if name in known.stages])
    return render_page(
        title=facts.public_url(store.url).rsplit("/", 1)[-1],
        version=__version__,
        root_facts=facts.root_facts(known, _licences(measured), url=store.url),
        makers=facts.makers(known, measured),
        stages=facts.stage_rows(known, counts, measured),
        charts=draw_charts(measured),
        failures=[asdict(group) for group in failures],
        states=STATES,
        cards=cards,
        shown={card.uid for card in cards},
        groups=_groups(cards),
        total=total,
    )


def draw_charts(measured: Mapping[str, Measurements]) -> Charts:
    """Histograms of what is in an object, box plots of what a stage takes and leaves."""
    values = (
        (title, measured[stage].numbers.get(metric))
        for stage, metric, title in HISTOGRAMS
        if stage in measured
    )
    box_plots = (
        charts.box_plot(
            "Time per object",
            {name: found.seconds for name, found in measured.items()},
            least=LEAST_SECONDS,
            words=duration,
            tick=lambda seconds: f"{seconds:,g} s",
        ),
        charts.box_plot(
            "Size on disk per object",
            {name: found.sizes for name, found in measured.items()},
            least=1,
            words=byte_size,
            tick=lambda size: byte_size(size).replace(".0", ""),
        ),
    )
    return Charts(
        histograms=tuple(
            charts.histogram(title, found) for title, found in values if found is not None
        ),
        box_plots=tuple(plot for plot in box_plots if plot is not None),
    )


def render_page(**content: Any) -> bytes:
    """Fill the template; whatever comes from outside is escaped."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent, encoding="utf-8"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=wording.printable,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        count=wording.count, plural=wording.plural, plain=wording.plain, tail=wording.tail
    )
    text = environment.get_template("page.html").render(**content)
    return text.encode("utf-8")


def _licences(measured: Mapping[str, Measurements]) -> Mapping[str, int]:
    return measured["ingest"].words.get("licence", {}) if "ingest" in measured else {}


def _groups(cards: list[ObjectCard]) -> dict[str, int]:
    """Group -> how many cards are in it."""
    names = ("complete", "unfinished", "trouble")
    return {name: sum(card.group == name for card in cards) for name in names}
