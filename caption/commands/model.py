"""The model that a root's captions are asked of, from the settings of its last run."""

from __future__ import annotations

from caption.vlm.config import VlmConfig
from partworks.config import settings_of
from partworks.dataset import Dataset
from partworks.errors import UsageError


def model_of(dataset: Dataset) -> VlmConfig:
    """The settings; UsageError for a root whose captions no model writes."""
    config = settings_of(dataset).configs["caption"]
    if config.captioner != "vlm":
        raise UsageError(
            f"the captions of this root come from {config.captioner!r}, which sends no requests; "
            "run with --caption.captioner vlm first"
        )
    model: VlmConfig = config.vlm
    return model
