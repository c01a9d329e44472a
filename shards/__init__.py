"""Packs reviewed, rendered, captioned objects into WebDataset tars, and reads them back."""
