"""The meshopt bitstreams of EXT_meshopt_compression and KHR_meshopt_compression, decoded.

`attributes` decodes vertex streams (version 0 and 1), `triangles` and `sequence` index streams, and
`filters` turns what was stored for its size back into what is meant. Every decoder takes the number
of elements that is promised and refuses streams that are shorter, longer or damaged.
"""
