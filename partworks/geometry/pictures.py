"""Foreign pictures: measured before they are decoded, decoded once to see that they can be.

PNG and JPEG keep their bytes. Whatever else Pillow reads safely becomes an 8-bit PNG with fixed
settings, so that equal input gives equal bytes.
"""

from __future__ import annotations

import contextlib
import io
import struct
import warnings
from collections.abc import Callable, Iterator

from PIL import Image as Pillow
from PIL import UnidentifiedImageError

from partworks.errors import Rejected
from partworks.geometry import ktx2
from partworks.geometry.limits import LoadLimits
from partworks.geometry.mesh import Image

_READABLE = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TGA", "DDS")
_EIGHT_BIT = frozenset({"1", "L", "LA", "P", "PA", "RGB", "RGBA"})
_KTX1 = b"\xabKTX 11\xbb"


ReadPicture = Callable[[bytes, str, str], Image | None]


def keep_picture(data: bytes, name: str, mime: str) -> Image | None:
    """The picture as it is, for files that Partworks wrote; None if `mime` is not one of ours."""
    if mime == "image/png":
        return Image(data=data, mime="image/png", name=name)
    return Image(data=data, mime="image/jpeg", name=name) if mime == "image/jpeg" else None


class Pictures:
    """Reads the pictures of one object and adds up their pixels.

    Args:
        limits: `max_image_pixels` and `max_total_pixels` hold.
        warn: takes `unreadable_texture`, `unsupported_texture` or `converted_texture`.
    """

    def __init__(self, limits: LoadLimits, warn: Callable[[str], None]) -> None:
        self._limits = limits
        self._warn = warn
        self._pixels = 0

    def read(self, data: bytes, name: str, mime: str = "") -> Image | None:
        """The picture, or None with a warning if it cannot be decoded.

        What the bytes are decides, whatever `mime` says.

        Raises:
            Rejected: `too_large` if it has too many pixels.
        """
        try:
            if data.startswith((ktx2.MAGIC, _KTX1)):
                return self._texture(data, name)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # such as damaged EXIF, which nobody needs
                warnings.simplefilter("error", Pillow.DecompressionBombWarning)
                with _pillow_limit(None):  # the header alone; the size is judged here
                    picture = Pillow.open(io.BytesIO(data), formats=_READABLE)
                self._measure(*picture.size, name)
                with _pillow_limit(self._limits.max_image_pixels):
                    picture.load()
                return self._kept(picture, data, name)
        except (Pillow.DecompressionBombError, Pillow.DecompressionBombWarning) as error:
            raise Rejected("too_large", f"image {name!r}: {error}") from None
        except (
            UnidentifiedImageError,
            OSError,
            ValueError,
            SyntaxError,
            TypeError,
            LookupError,
            ArithmeticError,
            EOFError,
            struct.error,
        ):
            self._warn("unreadable_texture")
            return None
        except NotImplementedError:  # a kind of DDS that Pillow knows and cannot read
            self._warn("unsupported_texture")
            return None

    def _texture(self, data: bytes, name: str) -> Image | None:
        header = ktx2.read_header(data) if data.startswith(ktx2.MAGIC) else None
        if header is None:
            self._warn("unsupported_texture")
            return None
        self._measure(header.width, header.height, name)
        return Image(data=to_png(ktx2.read_picture(data, header)), mime="image/png", name=name)

    def _measure(self, width: int, height: int, name: str) -> None:
        self._pixels += width * height
        if width * height > self._limits.max_image_pixels:
            raise Rejected(
                "too_large",
                f"image {name!r} has {width} × {height} pixels, "
                f"the limit is {self._limits.max_image_pixels}",
            )
        if self._pixels > self._limits.max_total_pixels:
            raise Rejected(
                "too_large",
                f"the images have more than {self._limits.max_total_pixels} pixels together",
            )

    def _kept(self, picture: Pillow.Image, data: bytes, name: str) -> Image:
        if picture.mode in _EIGHT_BIT and picture.format == "PNG":
            return Image(data=data, mime="image/png", name=name)
        if picture.mode in _EIGHT_BIT and picture.format == "JPEG":
            return Image(data=data, mime="image/jpeg", name=name)
        if picture.mode not in _EIGHT_BIT:
            self._warn("converted_texture")
        return Image(data=to_png(picture), mime="image/png", name=name)


@contextlib.contextmanager
def _pillow_limit(pixels: int | None) -> Iterator[None]:
    """Let Pillow refuse what has more pixels, and nothing smaller; its own limit is global."""
    before = Pillow.MAX_IMAGE_PIXELS
    Pillow.MAX_IMAGE_PIXELS = pixels
    try:
        yield
    finally:
        Pillow.MAX_IMAGE_PIXELS = before


def to_png(picture: Pillow.Image) -> bytes:
    """Encode as an 8-bit PNG without any metadata; 16-bit grey keeps its high byte."""
    if picture.mode.startswith("I;16"):
        picture = picture.convert("I")
    if picture.mode == "I":
        picture = picture.point(lambda value: value * (1 / 256)).convert("L")
    has_alpha = "A" in picture.getbands() or "transparency" in picture.info
    buffer = io.BytesIO()
    plain = picture.convert("RGBA" if has_alpha else "RGB")
    plain.info.clear()
    plain.save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
