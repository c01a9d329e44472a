"""The one table that names the stages, in the order of the pipeline."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, cast

from partworks.stage import Stage


@dataclass(frozen=True, slots=True)
class StageEntry:
    """Where a stage's class and its config's class are found, as `module:name`."""

    stage: str
    config: str

    def stage_class(self) -> type[Stage[Any]]:
        """Import the stage's class."""
        return cast(type[Stage[Any]], load(self.stage))

    def config_class(self) -> type[Any]:
        """Import the config's dataclass."""
        return cast(type[Any], load(self.config))


def load(target: str) -> Any:
    """Import `module:name`."""
    module, name = target.split(":")
    return getattr(import_module(module), name)


STAGES: dict[str, StageEntry] = {
    "ingest": StageEntry("ingest.stage:Ingest", "ingest.config:IngestConfig"),
    "segment": StageEntry("segment.stage:Segment", "segment.config:SegmentConfig"),
    "annotate": StageEntry("annotate.stage:Annotate", "annotate.config:AnnotateConfig"),
    "render": StageEntry("render.stage:Render", "render.config:RenderConfig"),
    "caption": StageEntry("caption.stage:Caption", "caption.config:CaptionConfig"),
    "shards": StageEntry("shards.stage:Shards", "shards.config:ShardsConfig"),
}
SOURCES = "ingest.sources:open_source"
REVIEW_COMMANDS = "annotate.commands"
CAPTION_COMMANDS = "caption.commands"
REVIEW_WITHDRAWAL = "annotate.exchange.withdrawal:withdraw_objects"
REVIEW_TRACES = "annotate.exchange.withdrawal:traces"
