"""Pictures as phones send them: real ones, with the place, the device and the orientation in their metadata."""

from __future__ import annotations

import io
from typing import Any

from PIL import ExifTags, Image
from PIL.PngImagePlugin import PngInfo

PLACE = b"Shouhou secret place"
DEVICE = "SecretPhone 15 Pro"
ENDINGS = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp"}
TOP, BOTTOM = (200, 30, 30), (30, 30, 200)


def plain(format: str) -> bytes:
    """A small grey picture: drawing it again changes not a byte of it."""
    return _saved(Image.new("RGB", (16, 16), (128, 128, 128)), format, quality=90)


def photo(format: str = "JPEG", *, size: tuple[int, int] = (64, 32), orientation: int = 1) -> bytes:
    """Red above, blue below as the sensor saw it; where and with what it was taken stands in its metadata."""
    drawn = Image.new("RGB", size, TOP)
    drawn.paste(BOTTOM, (0, size[1] // 2, *size))
    more: dict[str, Any] = {"exif": exif(orientation)}
    if format == "JPEG":
        more |= {"comment": PLACE, "xmp": PLACE, "quality": 80}
    if format == "WEBP":
        more |= {"xmp": PLACE, "lossless": True}
    if format == "PNG":
        more["pnginfo"] = PngInfo()
        more["pnginfo"].add_text("Comment", PLACE.decode())
        more["pnginfo"].add_itxt("XML:com.adobe.xmp", PLACE.decode(), zip=False)
    return _saved(drawn, format, **more)


def exif(orientation: int) -> Image.Exif:
    """What a camera writes: device, orientation, 31°13′N 121°28′E with a word for the place."""
    notes = Image.Exif()
    notes[ExifTags.Base.Make] = "SecretMaker"
    notes[ExifTags.Base.Model] = DEVICE
    notes[ExifTags.Base.Orientation] = orientation
    notes[ExifTags.IFD.GPSInfo] = {
        ExifTags.GPS.GPSLatitudeRef: "N",
        ExifTags.GPS.GPSLatitude: (31.0, 13.0, 49.5),
        ExifTags.GPS.GPSLongitudeRef: "E",
        ExifTags.GPS.GPSLongitude: (121.0, 28.0, 25.2),
        ExifTags.GPS.GPSAreaInformation: PLACE,
    }
    return notes


def place_in(content: bytes) -> dict[Any, Any]:
    """The place that a picture tells, empty when it tells none."""
    with Image.open(io.BytesIO(content)) as picture:
        return dict(picture.getexif().get_ifd(ExifTags.IFD.GPSInfo))


def _saved(picture: Image.Image, format: str, **more: Any) -> bytes:
    packed = io.BytesIO()
    picture.save(packed, format, **more)
    return packed.getvalue()
