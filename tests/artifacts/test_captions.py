import json
from dataclasses import replace

from partworks.artifacts.captions import Caption, Captions, Request

LEG = Caption(
    name="leg",
    short="A brown leg.",
    long="A brown leg. It is long.",
    color="brown",
    confidence=0.75,
    flags=("color_disagrees:brown",),
    source="vlm",
    request=Request(image="a" * 64, prompt="b" * 64, model="m"),
)
CAPTIONS = Captions(
    captioner="vlm",
    model="m",
    prompt_hash="b" * 64,
    tokens=7,
    cost=0.01,
    whole=replace(LEG, name="chair", flags=(), request=None, confidence=None),
    parts=(LEG, replace(LEG, unsure=True)),
    variants=("A brown chair.", "A chair."),
    verified=True,
)


def test_round_trip() -> None:
    found = Captions.from_bytes(CAPTIONS.to_bytes())
    assert found == CAPTIONS and found.to_bytes() == CAPTIONS.to_bytes()
    assert found.everything == (CAPTIONS.whole, *CAPTIONS.parts)


def test_older_files_are_read() -> None:
    old = {
        "captioner": "template",
        "cost": 0.0,
        "model": "",
        "parts": [{"name": "leg", "short": "A leg.", "long": "It is a leg."}],
        "prompt_hash": "c" * 64,
        "tokens": 0,
        "whole": {"name": "chair", "short": "A chair.", "long": "It is a chair."},
    }
    found = Captions.from_bytes(json.dumps(old).encode())
    assert found.whole.short == "A chair." and found.parts[0].name == "leg"
    assert {caption.source for caption in found.everything} == {"template"}
    assert found.variants == () and not found.verified
    assert found.parts[0].flags == () and found.parts[0].confidence is None
    assert Captions.from_bytes(found.to_bytes()) == found
