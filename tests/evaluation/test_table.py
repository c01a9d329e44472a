from __future__ import annotations

from pathlib import Path

import numpy as np

from partworks.evaluation.root import ObjectScores, evaluate_root
from partworks.evaluation.scores import evaluate
from partworks.evaluation.table import score_tables
from partworks.store import Store
from tests.evaluation.grids import cells, grid
from tests.evaluation.roots import TRUTH


def test_tables_show_every_kind_apart(store: Store, folder: Path) -> None:
    np.save(folder / "car.npy", TRUTH)
    (folder / "car.json").write_text('{"source": "human"}')
    np.save(folder / "boat.npy", TRUTH)
    tables = list(score_tables(evaluate_root(store, folder).objects))
    assert [table.title.split("truth: ")[1] for table in tables] == ["human"] * 3 + ["unmarked"] * 3
    effort = tables[2]
    assert effort.columns[:4] == ("object", "leaves", "default", "slider")
    assert effort.rows[0] == ["car", "2", "2", "0", "2", "3", "3", "3"]
    assert [row[0] for row in effort.rows] == ["car", "mean of 1"]
    for table in tables:
        assert all(len(row) == len(table.columns) for row in table.rows)


def test_labels_without_a_tree_have_no_table_of_levels() -> None:
    scores = evaluate(cells(0, 1), cells(0, 1), surface=grid(2, 1))
    row = ObjectScores(uid="a", name="a", kind="human", scores=scores)
    titles = [table.title for table in score_tables([row])]
    assert titles == ["default output; truth: human", "review effort; truth: human"]
