"""The commands of `python -m train` that are not methods of a Lightning trainer."""
