import io
import struct
import sys
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from geulnun import errors
from geulnun.read import LoadOptions, expand, open_source
from geulnun.read.sources import Source

MakePdf = Callable[..., bytes]


def picture(width: int = 60, height: int = 40) -> Image.Image:
    """White, with a black top-left quarter, so that a turn or an inversion shows."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("black", (0, 0, width // 2, height // 2))
    return image


def first(source: Source, **options: object) -> np.ndarray:
    with open_source(source, LoadOptions(**options)) as pages:  # type: ignore[arg-type]
        return next(iter(pages)).rgb


def looks_right(rgb: np.ndarray, width: int = 60, height: int = 40) -> bool:
    dark, light = rgb[: height // 2 - 4, : width // 2 - 4], rgb[height // 2 + 4 :]
    return rgb.shape == (height, width, 3) and dark.max() < 40 and light.min() > 215


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "bmp", "tif", "gif", "avif"])
def test_formats(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"그림.{suffix}"
    picture().save(path)
    assert looks_right(first(path))
    assert looks_right(first(path.read_bytes()))


def test_heic(tmp_path: Path) -> None:
    path = tmp_path / "a.heic"
    pillow_heif.from_pillow(picture(64, 40)).save(path, quality=90)
    assert looks_right(first(path), 64, 40)


def test_arrays_pil_streams_and_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = picture()
    buffer = io.BytesIO()
    image.save(buffer, "png")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(buffer.getvalue())))
    for source in (image, np.asarray(image), str(tmp_path / "a.png"), io.BytesIO(buffer.getvalue()), "-"):
        if isinstance(source, str) and source != "-":
            image.save(source)
        assert looks_right(first(source)), source


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["jpg", "png", "tif", "webp"])
def test_exif_orientation_is_undone(tmp_path: Path, orientation: int, suffix: str) -> None:
    # The inverse of each orientation's transposition, so that honouring it gives the upright picture back.
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    image = picture()
    stored = image.transpose(undo[orientation]) if orientation in undo else image
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"a.{suffix}"
    stored.save(path, exif=exif)
    assert looks_right(first(path))


def test_cmyk_jpeg_as_adobe_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    picture().convert("CMYK").save(path, quality=95)
    assert b"Adobe" in path.read_bytes()
    assert looks_right(first(path))


def test_multi_page_tiff_is_lazy_and_ranged(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.new("L", (10 + i, 20), 10 * i) for i in range(4)]
    frames[0].save(path, save_all=True, append_images=frames[1:], dpi=(200, 200))
    with open_source(path, LoadOptions(pages="2,4")) as pages:
        assert len(pages) == 2
        got = [(raster.number, raster.rgb.shape[1], int(raster.rgb[0, 0, 0]), raster.dpi) for raster in pages]
    assert got == [(2, 11, 10, 200), (4, 13, 30, 200)]


def test_animation_is_one_page(tmp_path: Path) -> None:
    path = tmp_path / "a.gif"
    picture().save(path, save_all=True, append_images=[Image.new("RGB", (60, 40), "red")])
    with open_source(path) as pages:
        assert len(pages) == 1


def test_pdf_pages_dpi_and_numbers(tmp_path: Path, make_pdf: MakePdf) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf([b"0 g 0 72 36 72 re f", b"", b"1 0 0 rg 0 0 72 144 re f"]))
    with open_source(path, LoadOptions(dpi=72, pages="1,3-")) as pages:
        one, three = pages
    assert (one.number, three.number, one.dpi) == (1, 3, 72)
    assert looks_right(one.rgb, 72, 144)
    assert three.rgb[70, 30].tolist() == [255, 0, 0]
    assert first(path.read_bytes()).shape == (600, 300, 3)


def test_encrypted_pdf(tmp_path: Path, make_pdf: MakePdf) -> None:
    path = tmp_path / "secret.pdf"
    path.write_bytes(make_pdf([b"0 g 0 72 36 72 re f"], password="열쇠"))
    with pytest.raises(errors.EncryptedError, match=r"secret\.pdf: encrypted; give its password"):
        open_source(path)
    with pytest.raises(errors.EncryptedError, match="does not open it"):
        open_source(path, LoadOptions(password="wrong"))
    assert looks_right(first(path, password="열쇠", dpi=72), 72, 144)


def test_bad_pdfs(tmp_path: Path, make_pdf: MakePdf) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(make_pdf([]))
    with pytest.raises(errors.InputError, match=r"a\.pdf: a PDF with no page"):
        open_source(path)
    path.write_bytes(b"%PDF-1.7\nnothing else")
    with pytest.raises(errors.DamagedInputError, match=r"a\.pdf: a damaged PDF"):
        open_source(path)
    path.write_bytes(make_pdf([b""], box=(14400, 14400)))
    with open_source(path) as pages, pytest.raises(errors.TooLargeError, match=r"page 1 at 300 dpi: 60000 x 60000"):
        next(iter(pages))
    path.write_bytes(make_pdf([b"", b""]))
    with pytest.raises(errors.PageRangeError, match=r"a\.pdf: page 9 asked for, but it has 2 pages"):
        open_source(path, LoadOptions(pages="9"))


def test_pdfium_is_used_by_one_thread_at_a_time(make_pdf: MakePdf) -> None:
    content = make_pdf([b"0 g 0 72 36 72 re f"] * 4)
    right: list[bool] = []

    def work() -> None:
        with open_source(content, LoadOptions(dpi=72)) as pages:
            right.extend(looks_right(raster.rgb, 72, 144) for raster in pages)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert right == [True] * 24


def test_folder_and_glob_are_one_document_in_natural_order(tmp_path: Path) -> None:
    for number in (10, 2, 1):
        Image.new("L", (number, 5)).save(tmp_path / f"쪽{number}.png")
    (tmp_path / "notes.txt").write_text("not a page")
    (tmp_path / ".hidden.png").write_text("not a page")
    for source in (tmp_path, str(tmp_path / "*.png").replace(".hidden", "")):
        with open_source(source) as pages:
            assert [(raster.number, raster.rgb.shape[1]) for raster in pages] == [(1, 1), (2, 2), (3, 10)]
    assert [path.name for path in expand(tmp_path)] == ["쪽1.png", "쪽2.png", "쪽10.png"]


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")


def test_pixel_limit_stands_before_decoding(tmp_path: Path) -> None:
    path = tmp_path / "huge.png"
    path.write_bytes(png_header(60_000, 60_000))
    begin = time.perf_counter()
    with pytest.raises(errors.TooLargeError, match=r"huge\.png: 60000 x 60000 pixels are over the limit"):
        open_source(path)
    assert time.perf_counter() - begin < 1
    picture().save(path)
    with pytest.raises(errors.TooLargeError, match="over the limit of 2,399"):
        open_source(path, LoadOptions(max_pixels=2399))
    assert looks_right(first(path, max_pixels=2400))


def jpeg(size: int = 300) -> bytes:
    noise = np.random.default_rng(0).integers(0, 255, (size, size, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "jpeg")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"a\.png: empty \(0 bytes\)"),
        ("한글 텍스트입니다".encode(), r"a\.png: neither an image nor a PDF"),
        (b"BMW is a car", r"a\.png: damaged"),
        (jpeg()[:4000], r"a\.png: damaged or cut short"),
        (jpeg()[:30], r"a\.png: damaged or cut short"),
        (png_header(0, 10), r"a\.png"),
        (png_header(300, 300), r"a\.png: damaged or cut short"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", r"a\.png: damaged"),
        (b"II*\0\x08\0\0\0\xff\xff", r"a\.png: damaged"),
        (b"\0\0\0\x18ftypheic\0\0\0\0heicmif1", r"a\.png: damaged"),
    ],
)
def test_damaged_files_give_one_line_with_the_name(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(content)
    with pytest.raises(errors.DamagedInputError, match=words) as caught, open_source(path) as pages:
        next(iter(pages))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("no/such.png", r"no/such\.png: no such file"),
        ("no*where.png", "no file matches"),
        ("https://example.com/a.png", "download it first"),
        ("x" * 5000, "not a usable path|no such file"),
        ("a\0b", "not a usable path|no such file"),
    ],
)
def test_missing_inputs(source: str, words: str) -> None:
    with pytest.raises(errors.MissingInputError, match=words):
        open_source(source)


def test_empty_folder_stdin_and_odd_types(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(errors.MissingInputError, match="no image or PDF in this folder"):
        open_source(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(errors.MissingInputError, match="stdin: nothing came"):
        open_source("-")
    with pytest.raises(errors.InputError, match="a source of type int"):
        open_source(7)  # type: ignore[arg-type]


def test_one_pixel_is_a_page(tmp_path: Path) -> None:
    path = tmp_path / "dot.png"
    Image.new("L", (1, 1), 255).save(path)
    assert first(path).shape == (1, 1, 3)


def test_a_stream_gives_each_page_again_and_the_file_that_holds_it(tmp_path: Path) -> None:
    paths = [tmp_path / f"{grey}.png" for grey in (10, 20)]
    for path in paths:
        Image.new("L", (3, 2), int(path.stem)).save(path)
    with open_source(tmp_path, LoadOptions(pages="1")) as pages:
        assert [int(pages.rgb(number)[0, 0, 0]) for number in (2, 1, 2)] == [20, 10, 20]
        assert [pages.place(number) for number in (1, 2)] == [(paths[0], 0), (paths[1], 0)]
        with pytest.raises(errors.PageRangeError, match=r"no page 3; it has 2"):
            pages.rgb(3)
    content = paths[0].read_bytes()
    with open_source(content) as pages:
        assert pages.place(1) == (content, 0)
    with open_source(np.zeros((2, 3), np.uint8)) as pages:
        assert pages.place(1) is None
