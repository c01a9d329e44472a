import pytest

from partworks.errors import Rejected
from partworks.geometry.side_files import SideFiles, safe_path

FILES = {"a/Wood.PNG": b"wood", "b.bin": b"buffer", "x/same.png": b"1", "y/same.png": b"2"}


def side_files(max_bytes: int = 100) -> SideFiles:
    return SideFiles(FILES, max_bytes=max_bytes)


@pytest.mark.parametrize(
    "path",
    [
        "../up.bin",
        "a/../../up.bin",
        "..",
        "/etc/hostname",
        "a\\b.bin",
        "C:/temp/a.bin",
        "file:///etc/hostname",
        "http://localhost/a.bin",
        "https:a.bin",
        "a\0b",
        "",
        ".",
        "%2e%2e/up.bin",
        "%2Fetc/hostname",
    ],
)
def test_paths_that_lead_elsewhere_are_refused(path: str) -> None:
    with pytest.raises(Rejected, match="unsafe_path"):
        side_files().read_uri(path)


def test_safe_paths_are_tidied() -> None:
    assert safe_path("./a//b/./c.bin") == "a/b/c.bin"
    assert safe_path("a..b/..c.bin") == "a..b/..c.bin"


def test_uris_are_looked_up() -> None:
    assert side_files().read_uri("b.bin") == b"buffer"
    assert side_files().read_uri("./a/wood%2Epng") == b"wood"
    assert side_files().read_uri("none.bin") is None


def test_data_uris() -> None:
    assert side_files().read_uri("data:application/octet-stream;base64,AAEC") == b"\0\1\2"
    assert side_files().read_uri("DATA:;base64,") == b""
    assert side_files().read_uri("data:text/plain,a%20b") == b"a b"
    for uri in ("data:nothing", "data:;base64,A", "data:;base64,!!!!", "data:;base64,é==="):
        with pytest.raises(Rejected, match="invalid_data_uri"):
            side_files().read_uri(uri)


def test_size_limits_hold() -> None:
    with pytest.raises(Rejected, match="too_large"):
        side_files(3).read("b.bin")


@pytest.mark.parametrize(
    ("path", "folder", "found"),
    [
        ("b.bin", "", "b.bin"),
        ("wood.png", "a", "a/wood.png"),
        ("..\\a\\wood.png", "c", "a/wood.png"),
        ("C:\\Users\\ann\\maps\\WOOD.png", "", "a/Wood.PNG"),
        ('"b.bin"', "", "b.bin"),
        ("../../../b.bin", "", "b.bin"),
        ("same.png", "", None),
        ("same.png", "y", "y/same.png"),
        ("none.png", "", None),
    ],
)
def test_artists_paths_find_the_file_they_mean(path: str, folder: str, found: str | None) -> None:
    result = side_files().find(path, folder=folder)
    assert (result and result[0]) == found
    if result:
        assert (
            result[1]
            == {key.casefold(): value for key, value in FILES.items()}[result[0].casefold()]
        )
