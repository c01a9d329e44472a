"""A strict glTF 2.0 reader and a deterministic writer, both of which keep the order of faces.

General loaders rename, merge and reorder nodes, so face numbering is owned here. A file passes
through `container` (GLB chunks), `document` (JSON and its checks), `buffers`, `accessors` and
`draco` (bytes to arrays), `nodes` and `skins` (placement), `primitives` (triangles), `images` and
`materials`; `reader` puts them together, `writer` goes the other way.
"""
