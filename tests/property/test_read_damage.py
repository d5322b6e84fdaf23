"""Whatever happened to a file's bytes, it opens as rasters or fails as an input error of one line."""

import io

import numpy as np
import pillow_heif
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from geulnun.errors import InputError
from geulnun.read import LoadOptions, open_source


def _files() -> dict[str, bytes]:
    image = Image.fromarray(np.random.default_rng(0).integers(0, 255, (24, 32, 3), dtype=np.uint8))
    exif = Image.Exif()
    exif[0x0112] = 6
    out = {}
    for kind in ("png", "jpeg", "webp", "bmp", "tiff", "gif"):
        buffer = io.BytesIO()
        pages = {"save_all": True, "append_images": [image]} if kind == "tiff" else {}
        image.save(buffer, kind, **({"exif": exif} if kind in ("png", "jpeg", "webp", "tiff") else {}), **pages)
        out[kind] = buffer.getvalue()
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer)
    out["heic"] = buffer.getvalue()
    out["pdf"] = (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj "
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj trailer<</Root 1 0 R>>\n%%EOF"
    )
    return out


FILES = _files()
OPTIONS = LoadOptions(dpi=72, max_pixels=100_000)


def opens_or_says_why(content: bytes) -> bool:
    try:
        with open_source(content, OPTIONS) as pages:
            return all(raster.rgb.ndim == 3 and raster.rgb.dtype == np.uint8 for raster in pages)
    except InputError as error:
        return str(error).startswith("bytes") and "\n" not in str(error)


def test_the_files_are_sound_to_begin_with() -> None:
    for content in FILES.values():
        with open_source(content, OPTIONS) as pages:
            assert [raster.rgb.size > 0 for raster in pages] == [True] * len(pages)


patches_of_bytes = st.lists(st.tuples(st.integers(0, 10**6), st.binary(max_size=4)), max_size=4)


@settings(max_examples=300)
@given(st.sampled_from(sorted(FILES)), st.integers(0, 10**6), patches_of_bytes)
def test_cut_and_overwritten_files(kind: str, cut: int, patches: list[tuple[int, bytes]]) -> None:
    content = bytearray(FILES[kind])
    for at, patch in patches:
        place = at % len(content)
        content[place : place + len(patch)] = patch
    keep = len(content) if cut % 3 else cut % (len(content) + 1)
    assert opens_or_says_why(bytes(content[:keep]))


@given(st.binary(max_size=64))
def test_bytes_of_no_format(content: bytes) -> None:
    assert opens_or_says_why(content)
