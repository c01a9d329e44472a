"""Where everything lies in a dataset root, format 1: paths relative to the root."""

from __future__ import annotations

from partworks.records import check_uid

FORMAT = 1
DATASET = "dataset.json"


def _sharded(folder: str, uid: str, ext: str) -> str:
    return f"{folder}/{check_uid(uid)[:2]}/{uid}.{ext}"


def source(uid: str, ext: str) -> str:
    """The bytes as fetched."""
    return _sharded("sources", uid, ext)


def object_glb(uid: str) -> str:
    """The normalised object, whose faces every label refers to."""
    return _sharded("objects", uid, "glb")


def segments(uid: str) -> str:
    """The over-segmentation."""
    return _sharded("segments", uid, "npz")


def parts(uid: str) -> str:
    """Part labels."""
    return _sharded("parts", uid, "npz")


def parts_glb(uid: str) -> str:
    """One named, textured node per part."""
    return _sharded("parts", uid, "glb")


def decision(uid: str) -> str:
    """What reviewers decided, as exported from the review database."""
    return _sharded("review/decisions", uid, "json")


def renders(uid: str) -> str:
    """Views and passes, in a stored zip."""
    return _sharded("renders", uid, "zip")


def captions(uid: str) -> str:
    """Captions of the object and its parts."""
    return _sharded("captions", uid, "json")


def sample(uid: str) -> str:
    """The object's WebDataset sample, a tar of its own, from which shards are put together."""
    return _sharded("samples", uid, "tar")


def truth(uid: str) -> str:
    """True part labels of a generated sample; for tests and evaluation, read by no stage."""
    return _sharded("truth", uid, "npz")
