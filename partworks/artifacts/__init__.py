"""The files that stages hand to one another, as records with `to_bytes` and `from_bytes`.

Stages do not import one another; what one writes and another reads is defined here.
"""
