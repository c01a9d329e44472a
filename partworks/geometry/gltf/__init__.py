"""A strict glTF 2.0 reader and a deterministic writer, both of which keep the order of faces.

General loaders rename, merge and reorder nodes, so face numbering is owned here. A file passes
through `container` (GLB chunks), `document` and `fields` (JSON and its checks), `accessors` and
`draco` (bytes to arrays), `nodes` and `skins` (placement), `primitives` (triangles) and
`materials`; `reader` puts them together, `writer` goes the other way.
"""
