"""Pictures without what the camera noted beside them: drawn anew, so that place, device and thumbnail stay behind.

A phone writes into a photo where it was taken and with what. Only the drawn picture is kept, turned as its orientation
says, with its colour profile; whatever hides in segments, chunks or behind the end of the file is gone as well.
"""

from __future__ import annotations

import io
from threading import BoundedSemaphore
from typing import Any

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import get_sampling

from engine.foundation.errors import Rejection
from engine.foundation.text import Text

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
MOST_PIXELS = 64_000_000  # a phone's largest ordinary photo; unpacked this is about 200 MB
LONGEST_SIDE = 20_000
QUALITY = 90  # where the picture does not tell how it was packed
_DRAWN: tuple[str, ...] = ("icc_profile", "transparency")  # what belongs to the picture itself
_AT_ONCE = BoundedSemaphore(2)  # unpacked pictures are large: many uploads must not exhaust the machine


def is_picture(media_type: str) -> bool:
    """Whether files of this kind have to be drawn anew before they are kept."""
    return media_type in FORMATS


def redrawn(content: bytes, media_type: str, *, name: str) -> bytes:
    """The same picture, upright, without anything that is not picture; of moving ones the first frame.

    Raises Rejection that names the file when it is damaged or unpacks to more than can be handled.
    """
    try:
        with _AT_ONCE, Image.open(io.BytesIO(content), formats=[FORMATS[media_type]]) as picture:
            _require_bearable(picture, name)
            return _packed(picture, FORMATS[media_type])
    except Rejection:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        raise Rejection(_TOO_MANY_PIXELS.format(name=name, most=MOST_PIXELS // 1_000_000)) from bomb
    except Exception as error:  # the library raises whatever a damaged file leads it to
        raise Rejection(_DAMAGED.format(name=name)) from error


def _require_bearable(picture: Image.Image, name: str) -> None:
    """Refuse by the size that the header tells, before anything is unpacked."""
    if picture.width * picture.height > MOST_PIXELS or max(picture.size) > LONGEST_SIDE:
        raise Rejection(_TOO_MANY_PIXELS.format(name=name, most=MOST_PIXELS // 1_000_000))


def _packed(picture: Image.Image, format: str) -> bytes:
    ways = _ways(picture, format)
    upright = ImageOps.exif_transpose(picture)
    kept = _DRAWN
    if format == "JPEG" and upright.mode not in ("L", "RGB"):
        upright, kept = upright.convert("RGB"), ()  # its profile speaks of printing inks
    upright.info = {key: upright.info[key] for key in kept if key in upright.info}
    packed = io.BytesIO()
    upright.save(packed, format, **ways)
    return packed.getvalue()


def _ways(picture: Any, format: str) -> dict[str, Any]:
    """How it was packed, so that packing it again loses next to nothing."""
    if format == "PNG":
        return {}
    tables = getattr(picture, "quantization", {}) if picture.mode in ("L", "RGB") else {}
    if format == "JPEG" and tables and max(max(table) for table in tables.values()) < 256:
        return {"qtables": tables, "subsampling": get_sampling(picture)}
    return {"quality": QUALITY}


_TOO_MANY_PIXELS = Text(
    zh="图片“{name}”应不超过 {most} 百万像素, 实际超过; 请用手机或图片软件缩小后再上传。",
    en="Expected a picture of at most {most} megapixels, but “{name}” has more; make it smaller and send it again.",
)
_DAMAGED = Text(
    zh="图片“{name}”应完好, 但无法读出, 可能已损坏或没有传完; 请重新拍照或重新选择。",
    en="Expected a sound picture, but “{name}” cannot be read; it may be damaged or cut off. Take or choose it again.",
)
