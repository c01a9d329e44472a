"""Run lengths there and back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from annotate.review.runs import faces_of_runs, labels_of_runs, runs_of_faces, runs_of_labels

LISTS = settings(max_examples=100, deadline=None, derandomize=True)


@LISTS
@given(st.lists(st.integers(0, 40)))
def test_face_sets(faces: list[int]) -> None:
    runs = runs_of_faces(np.asarray(faces, np.int32))
    assert faces_of_runs(runs).tolist() == sorted(set(faces))
    ends = [start + length for start, length in zip(runs[::2], runs[1::2], strict=True)]
    assert all(start > end for start, end in zip(runs[2::2], ends, strict=False))


@LISTS
@given(st.lists(st.integers(0, 3)))
def test_labels(labels: list[int]) -> None:
    runs = runs_of_labels(np.asarray(labels, np.int32))
    assert labels_of_runs(runs).tolist() == labels
    assert (runs[1:, 0] != runs[:-1, 0]).all()
