from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from annotate.captions import pictures
from annotate.captions.pictures import Album, read_album
from annotate.captions.standing import Unreadable
from partworks import layout
from partworks.artifacts.renders import Renders
from partworks.store import Store
from tests.annotate.captions.scene import put, renders
from tests.caption.pictures import painted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    made = Store(str(tmp_path))
    put(made, "lamp")
    return made


def test_the_view_that_shows_most_and_where(store: Store) -> None:
    album = read_album(store, "lamp")
    assert album.whole == ("object-1",) and set(album.pictures) == {"object-1", "part-0"}
    assert album.places == (("object-1", (3, 2, 7, 5)), None)
    picture = album.pictures["object-1"]
    assert (picture.width, picture.height, picture.kind) == (8, 6, "image/png")
    archive = Renders(renders())
    assert picture.data == archive.read(archive.views("object")[1])


def test_an_object_whose_parts_are_never_seen(store: Store) -> None:
    nothing = [np.full((4, 4), -1)]
    store.write(layout.renders("lamp"), painted(nothing, [(1, 2, 3), (4, 5, 6)]))
    album = read_album(store, "lamp")
    assert album.whole == ("object-0",) and album.places == (None, None)


def test_no_renders_are_no_pictures(store: Store) -> None:
    store.delete(layout.renders("lamp"))
    album = read_album(store, "lamp")
    assert (album.pictures, album.whole, album.places) == (Album().pictures, (), ())


@pytest.mark.parametrize("data", [b"", b"PK", b"x" * 99])
def test_damaged_renders_are_told(store: Store, data: bytes) -> None:
    store.write(layout.renders("lamp"), data)
    with pytest.raises(Unreadable, match="run the render stage"):
        read_album(store, "lamp")


def test_a_view_that_is_no_picture_is_not_passed_on(store: Store) -> None:
    data = renders()
    png = Renders(data).read("object/001.png")
    store.write(layout.renders("lamp"), data.replace(png, b"<script>".ljust(len(png))))
    with pytest.raises(Unreadable, match="cannot be read"):
        read_album(store, "lamp")


def test_sizes_are_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MAX_PIXELS", 47)
    with pytest.raises(Unreadable):
        read_album(store, "lamp")
    monkeypatch.setattr(pictures, "MOST_BYTES", 100)
    with pytest.raises(Unreadable, match="not shown"):
        read_album(store, "lamp")


def test_pictures_are_measured_and_not_decoded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr(Image.Image, "load", refuse)
    assert read_album(store, "lamp").pictures
