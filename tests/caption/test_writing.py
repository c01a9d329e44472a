from collections.abc import Sequence

import pytest

from caption.captioner import unasked
from caption.composite.composite import Composite
from caption.config import CaptionConfig
from caption.facts import Look, ObjectFacts, PartFacts
from caption.template import TemplateCaptioner
from caption.views import Views
from caption.writing import write_captions
from partworks.artifacts.captions import Caption, Captions, Request
from partworks.artifacts.renders import Renders
from partworks.errors import Failed
from tests.caption.pictures import painted, scene
from tests.caption.shapes import renders

COLORS = ((45, 105, 200), (200, 30, 35), (240, 210, 40))
LOOK = Look(colors=("red",), material="", form="ball")


def fact(noun: str, *, hidden: bool = False) -> PartFacts:
    return PartFacts(noun=noun, look=LOOK, place=(), relation=("", ""), share=0.3, hidden=hidden)


FACTS = ObjectFacts(
    noun="toy",
    look=LOOK,
    sides=(1, 1, 1),
    parts=(fact("block"), fact("ball"), fact("core", hidden=True)),
    uid="toy",
)


class Looker:
    """Says what it was shown."""

    name = "looker"
    sees = True
    paid = 0.5

    def __init__(self) -> None:
        self.shown: Sequence[Composite | None] = ()
        self.whole: Composite | None = None

    def caption(
        self,
        facts: ObjectFacts,
        composites: Sequence[Composite | None],
        whole: Composite | None,
    ) -> Captions:
        self.shown, self.whole = composites, whole
        assert whole is not None
        return Captions(
            captioner=self.name,
            model="m",
            prompt_hash="",
            tokens=0,
            cost=0.0,
            whole=self._said(whole),
            parts=tuple(
                unasked(part) if shown is None else self._said(shown)
                for part, shown in zip(facts.parts, composites, strict=True)
            ),
        )

    def _said(self, shown: Composite) -> Caption:
        request = Request(image=shown.sha256, prompt="p", model="m")
        return Caption(name="x", short="It.", long="", source=self.name, request=request)


def views(*, core: bool = True) -> Views:
    alone = {f"part_{part:02d}": [scene()[0] * 0 + part] for part in range(3 if core else 2)}
    return Views(Renders(painted(scene(), COLORS, alone=alone)))


def write(
    looker: Looker, *, core: bool = True, given: Captions | None = None, **settings: str
) -> Captions:
    return write_captions(
        FACTS,
        views=views(core=core),
        given=given,
        captioner=looker,
        config=CaptionConfig(**settings),  # type: ignore[arg-type]
    ).captions


def test_each_caption_is_of_the_picture_of_its_part() -> None:
    looker = Looker()
    captions = write(looker)
    pictures = [shown.sha256 for shown in (looker.whole, *looker.shown) if shown is not None]
    said = [caption.request.image for caption in captions.everything if caption.request]
    assert said == pictures and len({*pictures}) == 4
    core = looker.shown[2]
    assert core is not None and core.note and core.view == -1


def test_hidden_parts_are_skipped_if_so_set() -> None:
    looker = Looker()
    captions = write(looker, hidden_parts="skip")
    assert looker.shown[2] is None and looker.shown[1] is not None
    assert (captions.parts[2].short, captions.parts[2].source) == ("", "none")


def test_a_part_without_any_picture_gets_the_templates_words() -> None:
    captions = write(Looker(), core=False)
    assert captions.parts[2].source == "template"
    assert captions.parts[2].short == "A hidden round red core, part of the toy."


def test_nobody_is_asked_for_what_is_given() -> None:
    looker = Looker()
    blank = Caption(name="", short="", long="")
    told = Caption(name="core", short="A given core.", long="", source="partverse")
    given = Captions(
        captioner="partverse",
        model="q",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=blank,
        parts=(blank, blank, told),
    )
    captions = write(looker, given=given)
    assert [shown is None for shown in looker.shown] == [False, False, True]
    assert captions.parts[2] == told and captions.captioner == "looker"
    everything = Captions(
        captioner="partverse",
        model="q",
        prompt_hash="",
        tokens=0,
        cost=0.0,
        whole=told,
        parts=(told,) * 3,
    )
    idle = Looker()
    written = write_captions(
        FACTS, views=views(), given=everything, captioner=idle, config=CaptionConfig()
    )
    assert written.captions == everything and not written.asked and idle.whole is None


def test_a_captioner_that_sees_needs_pictures() -> None:
    bare = Views(Renders(renders([[9], [9], [0]])))
    with pytest.raises(Failed) as caught:
        write_captions(FACTS, views=bare, given=None, captioner=Looker(), config=CaptionConfig())
    assert caught.value.reason == "no_pictures"
    blind = TemplateCaptioner(max_words=15)
    written = write_captions(FACTS, views=bare, given=None, captioner=blind, config=CaptionConfig())
    assert written.captions.parts[1].short == "A red ball, part of the toy."
