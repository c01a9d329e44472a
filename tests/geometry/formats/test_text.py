import pytest

from partworks.geometry.formats.text import decode_text


@pytest.mark.parametrize(
    "data",
    [
        "v 0\nимя 文".encode(),
        "v 0\nимя 文".encode("utf-8-sig"),
        "v 0\nимя 文".encode("utf-16"),
        b"\xfe\xff" + "v 0\nимя 文".encode("utf-16-be"),
        "v 0\nимя 文".encode("utf-16-le"),
        "v 0\nимя 文".encode("utf-16-be"),
        b"\xff\xfe" + "\ufeffv 0\nимя 文".encode("utf-16-le"),
        "v 0\r\nимя 文".encode(),
        "v 0\rимя 文".encode(),
    ],
)
def test_encodings_and_line_ends(data: bytes) -> None:
    assert decode_text(data) == "v 0\nимя 文"


def test_what_is_no_utf8_is_latin1() -> None:
    assert decode_text(b"caf\xe9") == "café"
    assert decode_text(b"") == ""
