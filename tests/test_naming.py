import pytest

from partworks.naming import MAX_LENGTH, clean_name, without_common_start


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Object_12", ""),
        ("Mesh.003", ""),
        ("Cube.001_Material.002_0", ""),
        ("pSphere12", ""),
        ("defaultMaterial", ""),
        ("polySurface117", ""),
        ("node_3f9a2b", ""),
        ("", ""),
        ("42", ""),
        ("_", ""),
        ("L", ""),
        ("legRight_7ec58d", "leg right"),
        ("Leg_L", "leg left"),
        ("mixamorig:LeftHand", "left hand"),
        ("SheenChair_wood", "sheen chair wood"),
        ("HTMLTable", "html table"),
        ("wheel-front-left", "wheel front left"),
        ("Rear Bumper (2)", "rear bumper"),
        ("front_door.glb", "front door"),
        ("Bolt12", "bolt"),
        ("j2n6s300_link_2", "link"),
        ("Stuhlbein_größer", "stuhlbein größer"),
        ("座面", "座面"),
        ("Ножка.001", "ножка"),
        ("driver's seat", "driver's seat"),
    ],
)
def test_names_become_plain_words(name: str, expected: str) -> None:
    assert clean_name(name) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("../../etc/passwd", "etc passwd"),
        ("C:\\Windows\\seat", "windows seat"),
        ("seat\x00\x1b[31m\n\r\tback", "seat back"),
        ("<script>alert(1)</script>", "script alert script"),
        ("\u202egnp.exe", "gnp exe"),
        ("a\u200br\u200bm", ""),
        ("{{7*7}}seat", "seat"),
        ("'; DROP TABLE seats", "drop table seats"),
    ],
)
def test_evil_names_are_harmless(name: str, expected: str) -> None:
    assert clean_name(name) == expected


def test_long_names_are_cut_between_words() -> None:
    found = clean_name("handle " * 1000)
    assert len(found) <= MAX_LENGTH and set(found.split()) == {"handle"}
    assert len(clean_name("x" * 100_000)) == MAX_LENGTH


def test_common_start_is_dropped() -> None:
    names = ["car police", "car police wheel left", "car police wheel right", ""]
    assert without_common_start(names) == ["car police", "wheel left", "wheel right", ""]


@pytest.mark.parametrize(
    "names",
    [
        ["leg", "leg"],
        ["seat", "back"],
        ["", ""],
        [],
        ["only one"],
        ["door left", "door right"],
    ],
)
def test_common_start_is_kept_where_it_is_the_name(names: list[str]) -> None:
    assert without_common_start(names) == names
