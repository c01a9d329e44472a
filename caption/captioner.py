"""Who writes captions: the seam at which a model can stand in for the template."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from caption.composite.composite import Composite
from caption.facts import ObjectFacts, PartFacts
from partworks.artifacts.captions import Caption, Captions


class Captioner(Protocol):
    """Writes the captions of an object and its parts.

    A captioner never makes a caption up: where it gets no answer that it can read, it raises
    `errors.Failed` or `errors.Rejected` with a reason of the stage.

    Attributes:
        name: what `Captions.captioner` says.
        sees: whether it looks at pictures; for one that does not, none are made.
        paid: US dollars that the latest call has cost.
    """

    name: str
    sees: bool
    paid: float

    def caption(
        self,
        facts: ObjectFacts,
        composites: Sequence[Composite | None],
        whole: Composite | None,
    ) -> Captions:
        """All texts of one object; the same for the same input.

        Args:
            facts: what was measured.
            composites: a picture for each part. Without one, a captioner that sees leaves the part
                out (`unasked`): the stage has the words already, or nobody is to say any.
            whole: a picture of the object; None only for a captioner that does not see.
        """
        ...


def unasked(part: PartFacts) -> Caption:
    """The caption of a part that a captioner was not asked about."""
    return Caption(name=part.noun, short="", long="", source="none")
