"""How latents are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from partworks.errors import UsageError
from train.encode.weights import Which
from train.models.external.text import MAX_TOKENS
from train.samples import FrameName
from train.sampling.reading import Captions
from train.shapes import ShapeOptions

LATENTS = "latents.npz"
"""The member that has the latents of geometry."""

IMAGES = "images.npz"
"""The member that has those of pictures."""

TEXTS = "texts.npz"
"""The member that has the features of captions."""


# The parser of settings reads the attributes of a default through vars(), which slots lack.
@dataclass(frozen=True, kw_only=True)
class EncodeConfig:
    """What is encoded, and how; all of it is written into every sample's json.

    Attributes:
        latent: the mean of the posterior, or a draw from it.
        seed: of that draw and of points that are chosen or made; what an object gets hangs on the
            seed and its key alone.
        logvar: keep the log variance of the posterior too, so that training can draw anew.
        dtype: of the latents in the shards.
        precision: `32` encodes in single precision whatever the trainer is set to, for latents are
            made once and used long; `trainer` follows the trainer.
        weights: `average` takes those that `WeightAverage` keeps, where the checkpoint has them;
            `last` takes those of the last step.
        tokens: latent tokens; None is what the network has.
        frame: of parts: each in a frame of its own that it fills, or where it is in its object
            (CoPart, whose boxes say where); None is the frame that the data is set to. Boxes and
            wholes are always in the object's frame.
        points: surface points that the network is given; None is as many as in training.
        sharp_points: points on sharp edges, for networks that read them; None likewise.
        wholes: encode objects as one.
        boxes: encode the boxes of parts (CoPart, supplement: cubes through the same encoder).
        box_variants: further encodings of each box, moved a little, for training to choose among.
        box_jitter: how far these move a corner along an axis, at most, as a share of the side.
        box_points: even points on each box where the shards have none; with normals outwards.
        chunk: parts of an object that are encoded at a time. The last digits of latents hang on it.
        members: further members that are copied as they are, by name or pattern.
        image_codec: what makes latents of views and of wireframes of the boxes: the folder or hub
            name of a pipeline with an `AutoencoderKL`, or `pixels`, a coarse picture, which stands
            in for one where there are no weights; None leaves pictures out.
        views: of each part and of the whole; of more than that every so many-th.
        pixels: along a side of a view, before the codec, which divides it by 8.
        text_encoder: what makes features of captions: the folder or hub name of a pipeline with T5,
            or `words`, a fixed random vector for each word, which stands in for it; None leaves
            texts out.
        captions: which texts are taken, `name`, `short` or `long`; the next best where one is not
            there.
        text_tokens: that a text is cut to.
        text_width: channels of a word's vector; T5 has its own.
    """

    latent: Literal["mean", "sample"] = "mean"
    seed: int = 0
    logvar: bool = False
    dtype: Literal["float32", "float16"] = "float32"
    precision: Literal["32", "trainer"] = "32"
    weights: Which = "average"
    tokens: int | None = None
    frame: FrameName | None = None
    points: int | None = None
    sharp_points: int | None = None
    wholes: bool = True
    boxes: bool = True
    box_variants: int = 0
    box_jitter: float = 0.02
    box_points: int = 4096
    chunk: int = 16
    members: tuple[str, ...] = ()
    image_codec: str | None = None
    views: int = 4
    pixels: int = 256
    text_encoder: str | None = None
    captions: Captions = "short"
    text_tokens: int = MAX_TOKENS
    text_width: int = 64

    def __post_init__(self) -> None:
        counts = (
            *("tokens", "points", "sharp_points", "box_points", "chunk"),
            *("views", "pixels", "text_tokens", "text_width"),
        )
        for name in counts:
            value = getattr(self, name)
            if value is not None and value < 1:
                raise UsageError(f"settings.{name} is {value}, expected at least 1")
        if self.box_variants < 0 or not 0 <= self.box_jitter < 0.5:
            raise UsageError(
                f"settings.box_variants is {self.box_variants} and box_jitter {self.box_jitter}, "
                "expected 0 or more, and 0 to less than 0.5"
            )
        own = {"json", LATENTS, IMAGES, TEXTS}.intersection(self.members)
        if own:
            raise UsageError(
                f"settings.members has {own.pop()}, which is written anew; leave it out"
            )

    def resolved(self, options: ShapeOptions) -> EncodeConfig:
        """The same with what is left to the data taken from there."""
        queries = options.queries
        return replace(
            self,
            frame=self.frame or options.frame,
            points=self.points or queries.surface,
            sharp_points=self.sharp_points or queries.sharp or None,
        )


DEFAULTS = EncodeConfig()
