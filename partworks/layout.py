"""Where everything lies in a dataset root, format 1: paths relative to the root."""

from __future__ import annotations

from partworks.records import check_uid

FORMAT = 1
DATASET = "dataset.json"
TAKEDOWNS = "takedowns.json"
"""What was taken down and is never to come back; see `partworks.takedown`."""

OBJECT_FOLDERS = (
    "sources",
    "objects",
    "given/parts",
    "given/captions",
    "artist",
    "truth",
    "segments",
    "parts",
    "renders",
    "captions",
    "samples",
    "review/decisions",
    "review/captions",
    "requests/pending",
)
"""Folders with one or more files of each object, at `xx/<uid>.<ext>` below them."""


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


def caption_edits(uid: str) -> str:
    """What reviewers have written in place of generated captions."""
    return _sharded("review/captions", uid, "json")


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


def given_parts(uid: str) -> str:
    """Part labels that came with the asset; the annotate stage takes them as they are."""
    return _sharded("given/parts", uid, "npz")


def artist_parts(uid: str) -> str:
    """The parts that the asset's node tree tells of; a hint, and no stage has to take it."""
    return _sharded("artist", uid, "npz")


def given_captions(uid: str) -> str:
    """Captions that came with the asset; the caption stage takes them first."""
    return _sharded("given/captions", uid, "json")


def reply(key: str) -> str:
    """A paid reply of a model, by its request's digest."""
    return _sharded("requests/replies", key, "json")


def spending(worker: str) -> str:
    """What one worker or batch has spent on requests, and holds for those under way."""
    return f"requests/spending/{check_uid(worker)}.json"


def pending(uid: str) -> str:
    """Requests of an object that wait for the next batch."""
    return _sharded("requests/pending", uid, "jsonl")


def batch(name: str) -> str:
    """How far a batch of requests is."""
    return f"requests/batches/{check_uid(name)}.json"
