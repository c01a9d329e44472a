from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from train.metrics.side_by_side import PictureRow, normals_as_picture, side_by_side


def maps(*normal: float, views: int = 2) -> np.ndarray:
    return np.broadcast_to(np.array(normal, np.float32), (views, 60, 40, 3))


def test_normals_become_colors_and_background_white() -> None:
    normals = np.zeros((1, 4, 3), np.float32)
    normals[0, :3] = [[1, 0, 0], [0, -1, 0], [0, 0, 1]]
    assert normals_as_picture(normals)[0].tolist() == [
        [255, 128, 128],
        [128, 0, 128],
        [128, 128, 255],
        [255, 255, 255],
    ]


def test_each_map_has_its_place() -> None:
    rows = [
        PictureRow(label="part_00\nIoU 0.95", true=maps(1, 0, 0), predicted=maps(0, 1, 0)),
        PictureRow(label="part_01", true=maps(0, 0, 1), predicted=maps(-1, 0, 0)),
    ]
    data = side_by_side(rows)
    assert data == side_by_side(rows)
    sheet = np.asarray(Image.open(io.BytesIO(data)))
    flat, counts = np.unique(sheet.reshape(-1, 3), axis=0, return_counts=True)
    found = {tuple(color): int(count) for color, count in zip(flat, counts, strict=True)}
    for color in ((255, 128, 128), (128, 255, 128), (128, 128, 255), (0, 128, 128)):
        assert found[color] == 2 * 60 * 40
    for view in range(2):
        left = 150 + view * 96
        middle = sheet[44 + 30, [left + 20, left + 60]]
        assert middle.tolist() == [[255, 128, 128], [128, 255, 128]]
    dark = (sheet[44:104, :150].sum(axis=2) < 200).sum()
    assert dark > 50, "the label is written"


def test_rows_of_different_maps_are_refused() -> None:
    row = PictureRow(label="", true=maps(1, 0, 0), predicted=maps(1, 0, 0, views=3))
    for rows in ([row], []):
        with pytest.raises(ValueError, match="maps of one shape"):
            side_by_side(rows)
