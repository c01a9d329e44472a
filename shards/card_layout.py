"""The parts of a card that say how to read the data set, and what lies where."""

from __future__ import annotations

from shards.card_counts import Card
from shards.markdown import table


def reading(card: Card) -> str:
    """How to read it, with the first split that there is."""
    split = card.splits[0] if card.splits else "train"
    return _READING.replace("SPLIT", split)


_READING = """
## How to read it

With `webdataset` and nothing else:

```python
import io, json
import numpy as np
import webdataset as wds

for sample in wds.WebDataset("SPLIT-000000.tar", shardshuffle=False):
    record = json.loads(sample["json"])                  # licence, captions, parts, cameras
    points = np.load(io.BytesIO(sample["points.npz"]))   # points["part_surface"]: (P, N, 6)
    view = sample.get("object.00.webp")                  # bytes of a picture
```

Or at random through the index, from a folder or any fsspec address; `shards.reader` needs nothing
else of Partworks:

```python
from shards.reader import ShardDataset, ShardIndex, decode_points

index = ShardIndex("path/or/address/of/this/folder")
samples = ShardDataset(index, split="SPLIT", members=("json", "points.npz"))
points = decode_points(samples[0]["points.npz"])
```

Samples differ in their number of parts, and so in their members: loaders that want the same columns
in every sample, such as `datasets.load_dataset`, cannot read the tars.

`python -m shards check PATH` holds every byte against the checksums in `index.parquet`;
`python -m shards diff OLD NEW` says what changed between two versions, and why.
"""

_FILES = {
    "`<split>-000000.tar` …": "the samples",
    "`index.parquet`": "a row per member: where it lies (`split`, `shard`, `key`, `member`, "
    "`offset`, `size`), its `crc32` and `sha256`, and those of its shard",
    "`ATTRIBUTION.parquet`": "a row per object: licence, author, source, and links to both",
    "`manifests/`": "what each shard was made of, so that a next version rewrites no more "
    "than it must",
    "`LICENSE.md`": "the licences that there are",
    "`statistics.json`": "counts, means and deviations, by split",
    "`croissant.json`": "this description for machines, "
    "[Croissant](https://mlcommons.org/croissant/)",
}

_MEMBERS = {
    "`json`": "licence, attribution, links, source, categories, split, family, captions, cameras, "
    "and a table of parts: name, captions, box, center, scale, area, whether it is watertight",
    "`points.npz`": "float32 points with unit normals: `part_surface` [P, N, 6], `object_surface` "
    "[K, 6]; boxes: `part_box` [P, 2, 3], `part_center` [P, 3], `part_scale` [P]; where asked for "
    "also points on sharp edges and on boxes, and farthest-point orders",
    "`field.npz`": "signed distances, negative inside and truncated: `part_near` and "
    "`part_volume` [T, N, 4], `part_surface` [T, N, 6], the same of the object, and `part_row` "
    "[P], the row of each part or -1",
    "`grid.npz`": "where asked for: the voxels that the surface passes through",
    "`mesh.npz`": "where asked for: `vertices` [V, 3], `faces` [F, 3], and `face_part` [F], "
    "the part of each face or -1",
    "`object.00.webp` …": "views of the object; those of a part are `part00.00.webp` …; where "
    "asked for, further passes such as `object.00.normal.webp`",
    "`boxes.00.webp` …": "wireframes of the parts' boxes, for the cameras of the object's views",
}

_SPACE = """
Space is right-handed with y up. The object's bounding box is centred on the origin and its longest
side spans [-1, 1]; parts stay in the object's frame, and `(x - center) / scale` takes one to
[-1, 1]. Parts are ordered by the area level of their box, then by height, so that the tail is what
a model with fewer slots leaves out. Cameras are camera-to-world matrices with OpenGL axes.
"""


def layout() -> str:
    """The files, the members of a sample, and the space they live in."""
    return "\n\n".join(
        [
            "## Layout",
            table(("file", "content"), _FILES.items()),
            "A sample has these members, each named `<uid>.<member>`:",
            table(("member", "content"), _MEMBERS.items()),
            _SPACE.strip(),
        ]
    )
