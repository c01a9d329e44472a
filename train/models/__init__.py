"""A folder per model, each with the same files: `model.py`, `module.py`, and the craft of it."""
