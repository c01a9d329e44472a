"""The report as a page that needs nothing beside its pictures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from train.evaluation.report import TITLES, columns, stated

_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;margin:0 0 1.5rem}"
    "th,td{padding:.2rem .8rem;border-bottom:1px solid #ddd;text-align:right}"
    "th:first-child,td:first-child{text-align:left}img{max-width:100%}"
)


def page(trees: Sequence[Mapping[str, Any]], *, pictures: Mapping[str, str]) -> str:
    """HTML with a column for each evaluation.

    Args:
        pictures: title to the path of a picture, from the page's folder.
    """
    title = f"Evaluation of {trees[0]['label']}"
    lines = [
        "<!doctype html>",
        '<html lang="en"><meta charset="utf-8">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f"<h1>{escape(title)}</h1><ul>",
        *(f"<li>{escape(stated(tree))}</li>" for tree in trees),
        "</ul>",
    ]
    rows = columns(trees)
    labels = "".join(f"<th>{escape(str(tree['label']))}</th>" for tree in trees)
    for name in dict.fromkeys(table for table, _, _ in rows):
        lines.append(f"<h2>{escape(TITLES[name])}</h2><table><tr><th></th>{labels}</tr>")
        for table, row, cells in rows:
            if table == name:
                told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
                lines.append(f"<tr><td>{escape(row)}</td>{told}</tr>")
        lines.append("</table>")
    for key, path in pictures.items():
        lines.append(f'<h2>{escape(key)}</h2><img src="{escape(path)}" alt="{escape(key)}">')
    return "\n".join([*lines, "</html>", ""])
