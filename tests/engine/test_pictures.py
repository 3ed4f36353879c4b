"""Pictures: place and device stay behind, the picture stays upright and as it looked, traps are refused in words."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageCms, ImageStat

from engine.desk import pictures
from engine.desk.attachments import Upload, check
from engine.desk.pictures import MOST_PIXELS, redrawn
from engine.foundation.errors import Rejection
from tests.pictures import DEVICE, ENDINGS, PLACE, photo, place_in, plain

MEDIA = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
FORMATS = pytest.mark.parametrize("format", MEDIA)


def opened(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def side_of_red(picture: Image.Image) -> str:
    """On which side the half lies that the sensor saw above: the side whose both corners are red."""
    right, bottom = picture.width - 3, picture.height - 3
    corners = {"top": {(2, 2), (right, 2)}, "bottom": {(2, bottom), (right, bottom)}}
    corners |= {"left": {(2, 2), (2, bottom)}, "right": {(right, 2), (right, bottom)}}
    drawn = picture.convert("RGB")
    [side] = [side for side, both in corners.items() if all(_is_red(drawn, corner) for corner in both)]
    return side


def _is_red(picture: Image.Image, place: tuple[int, int]) -> bool:
    pixel = picture.getpixel(place)
    return isinstance(pixel, tuple) and pixel[0] > 100


@FORMATS
def test_a_photo_keeps_nothing_of_where_and_with_what_it_was_taken(format: str) -> None:
    sent = photo(format)
    assert place_in(sent) and PLACE in sent and DEVICE.encode() in sent, (
        "the photo tells, or this test shows nothing"
    )
    kept = check(Upload(f"现场.{ENDINGS[format]}", sent)).content
    assert not place_in(kept)
    assert not any(word in kept for word in (PLACE, b"Secret", b"Exif", b"eXIf", b"xmp", b"XMP"))
    assert not dict(opened(kept).getexif())


@FORMATS
@pytest.mark.parametrize(
    ("orientation", "red"),
    [(1, "top"), (3, "bottom"), (4, "bottom"), (5, "left"), (6, "right"), (8, "left")],
)
def test_it_stands_as_the_camera_was_held(format: str, orientation: int, red: str) -> None:
    kept = opened(redrawn(photo(format, orientation=orientation), MEDIA[format], name="a"))
    assert kept.size == ((32, 64) if orientation >= 5 else (64, 32))
    assert side_of_red(kept) == red


@FORMATS
def test_it_looks_as_before(format: str) -> None:
    drawn = Image.linear_gradient("L").resize((320, 240)).convert("RGB")
    packed = io.BytesIO()
    drawn.save(packed, format, quality=85)
    before = opened(packed.getvalue())
    after = opened(redrawn(packed.getvalue(), MEDIA[format], name="a"))
    assert max(ImageStat.Stat(ImageChops.difference(before, after)).mean) < 1


def test_a_photo_is_not_packed_more_tightly_nor_more_loosely_than_it_came() -> None:
    noise = Image.effect_noise((400, 300), 60).convert("RGB")
    packed = io.BytesIO()
    noise.save(packed, "JPEG", quality=70)
    assert abs(len(redrawn(packed.getvalue(), "image/jpeg", name="a")) - packed.tell()) < packed.tell() / 10


def test_colours_keep_their_profile_and_transparency_stays() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    packed = io.BytesIO()
    Image.new("RGBA", (4, 4), (10, 20, 30, 40)).save(packed, "PNG", icc_profile=profile)
    kept = opened(redrawn(packed.getvalue(), "image/png", name="a"))
    assert kept.info["icc_profile"] == profile and kept.getpixel((0, 0)) == (10, 20, 30, 40)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_every_make_is_taken(mode: str) -> None:
    packed = io.BytesIO()
    Image.new(mode, (8, 8)).save(packed, "PNG")
    assert opened(redrawn(packed.getvalue(), "image/png", name="a")).mode == mode


@pytest.mark.parametrize(("mode", "kept"), [("L", "L"), ("RGB", "RGB"), ("CMYK", "RGB")])
def test_jpeg_of_every_make_is_taken(mode: str, kept: str) -> None:
    packed = io.BytesIO()
    Image.new(mode, (8, 8)).save(packed, "JPEG")
    assert opened(redrawn(packed.getvalue(), "image/jpeg", name="a")).mode == kept


def test_the_profile_of_printing_inks_stays_behind_with_the_inks() -> None:
    packed = io.BytesIO()
    Image.new("CMYK", (8, 8), (200, 20, 20, 0)).save(packed, "JPEG", icc_profile=b"inks")
    kept = opened(redrawn(packed.getvalue(), "image/jpeg", name="x.jpg"))
    assert kept.mode == "RGB" and "icc_profile" not in kept.info


def test_what_stands_behind_the_picture_is_gone() -> None:
    assert b"clip of the room" not in redrawn(plain("JPEG") + b"clip of the room", "image/jpeg", name="a")


def bomb(wide: int, high: int) -> bytes:
    """A PNG of a few bytes that says it is huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 100))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    "size", [(MOST_PIXELS // 1000 + 1, 1000), (10_000, 10_000), (60_000, 60_000), (20_001, 1)]
)
def test_a_picture_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "_packed", None)  # whoever unpacked it would stumble
    with pytest.raises(Rejection, match="at most 64 megapixels, but “b") as refused:
        check(Upload("b.png", bomb(*size)))
    assert "b.png" in refused.value.text.zh


@FORMATS
def test_a_damaged_or_cut_off_picture_is_refused_with_its_name(format: str) -> None:
    sent = photo(format, size=(640, 320))
    with pytest.raises(Rejection, match="“部分” cannot be read"):
        redrawn(sent[: len(sent) // 2], MEDIA[format], name="部分")


def test_one_kind_does_not_pass_for_another() -> None:
    with pytest.raises(Rejection):
        redrawn(plain("PNG"), "image/jpeg", name="a")


@given(st.sampled_from(sorted(MEDIA)), st.integers(0, 10_000), st.binary(min_size=1, max_size=8))
def test_whatever_is_altered_the_answer_is_a_picture_or_a_refusal(
    format: str, at: int, bytes_: bytes
) -> None:
    sent = bytearray(photo(format))
    at %= len(sent)
    sent[at : at + len(bytes_)] = bytes_
    try:
        kept = redrawn(bytes(sent), MEDIA[format], name="a")
    except Rejection:
        return
    assert opened(kept).format == format
