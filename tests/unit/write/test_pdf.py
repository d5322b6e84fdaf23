"""Searchable PDF of images and of PDFs: what was there stays, what was read is found."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageCms

from geulnun.document import Block, Char, Document, Line, Page, Quad, Word
from geulnun.errors import EncryptedError, UsageError
from geulnun.read import LoadOptions, open_source
from geulnun.read.pdf_text import PdfText
from geulnun.write.pdf import PdfOptions, PdfWriter

DATE = datetime(2026, 11, 22, tzinfo=UTC)
RNG = np.random.default_rng(5)


def box(left: float, top: float, right: float, bottom: float) -> Quad:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def read(source: Any, quad: Quad | None = None, **options: Any) -> Document:
    """A document of the source's pages as if "글눈 N" had been read on page N."""
    with open_source(source, LoadOptions(**options)) as rasters:
        pages = []
        for raster in rasters:
            height, width = raster.rgb.shape[:2]
            place = quad or box(0.1 * width, 0.2 * height, 0.9 * width, 0.6 * height)
            (left, top), (right, bottom) = place[0], place[2]
            cut = left + 0.6 * (right - left)
            words = (
                Word((Char("글"), Char("눈")), box(left, top, cut, bottom)),
                Word((Char(str(raster.number)),), box(cut + 0.1 * (right - left), top, right, bottom)),
            )
            pages.append(Page(width, height, (Block((Line(words, place),)),), raster.number, dpi=raster.dpi))
        return Document(tuple(pages), rasters.name)


def written(source: Any, document: Document | None = None, options: PdfOptions | None = None, **load: Any) -> bytes:
    with open_source(source, LoadOptions(**load)) as original:
        return PdfWriter(options).encode(document or read(source, **load), original)


def texts(content: bytes, password: str | None = None) -> list[str]:
    document = pdfium.PdfDocument(content, password=password)
    try:
        return [page.get_textpage().get_text_range().strip() for page in document]
    finally:
        document.close()


def drawn(content: bytes, **options: Any) -> list[NDArray[np.uint8]]:
    with open_source(content, LoadOptions(**options)) as pages:
        return [raster.rgb for raster in pages]


def own_text(content: bytes, number: int = 1, **options: Any) -> PdfText:
    with open_source(content, LoadOptions(**options)) as pages:
        found = pages.own_text(number)
    assert found is not None
    return found


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    content = io.BytesIO()
    image.save(content, kind, **options)
    return content.getvalue()


def noise(*shape: int) -> NDArray[np.uint8]:
    return RNG.integers(0, 256, shape, dtype=np.uint8)


IMAGES: dict[str, tuple[bytes, str, bool]] = {
    "bilevel PNG": (saved(Image.fromarray(noise(60, 90) > 127), "PNG"), "/FlateDecode", False),
    "grey PNG": (saved(Image.fromarray(noise(60, 90)), "PNG"), "/FlateDecode", False),
    "palette PNG": (saved(Image.fromarray(noise(60, 90, 3)).quantize(16), "PNG"), "/FlateDecode", False),
    "colour PNG": (saved(Image.fromarray(noise(60, 90, 3)), "PNG", dpi=(150, 150)), "/FlateDecode", False),
    "PNG with alpha": (saved(Image.fromarray(noise(60, 90, 4), "RGBA"), "PNG"), "/FlateDecode", False),
    "JPEG": (saved(Image.fromarray(noise(60, 90, 3)), "JPEG"), "/DCTDecode", True),
    "grey JPEG": (saved(Image.fromarray(noise(60, 90)), "JPEG"), "/DCTDecode", True),
    "CMYK JPEG": (saved(Image.fromarray(noise(60, 90, 4), "CMYK"), "JPEG"), "/DCTDecode", True),
    "bilevel TIFF": (saved(Image.fromarray(noise(61, 93) > 127), "TIFF"), "/CCITTFaxDecode", False),
    "WebP": (saved(Image.fromarray(noise(60, 90, 3)), "WEBP", lossless=True), "/FlateDecode", False),
}


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_keeps_every_pixel(name: str) -> None:
    content, coding, whole = IMAGES[name]
    made = written(content)
    with pikepdf.open(io.BytesIO(made)) as pdf:
        (image,) = pdf.pages[0].get_images().values()
        assert isinstance(image, pikepdf.Stream)
        assert image.Filter == coding
        pixels = np.asarray(pikepdf.PdfImage(image).as_pil_image().convert("RGB"))
        if whole:
            assert image.read_raw_bytes() == content
    assert (pixels == drawn(content)[0]).all()
    assert texts(made) == ["글눈 1"]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_stands_as_its_orientation_says(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x112] = orientation
    content = saved(Image.fromarray(noise(64, 96, 3)), "JPEG", exif=exif, dpi=(300, 300))
    made = written(content)
    assert (drawn(made)[0] == drawn(content)[0]).all()
    assert content in made


def test_colours_keep_their_profile() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("PNG", "JPEG"):
        content = saved(Image.fromarray(noise(20, 20, 3)), kind, icc_profile=profile)
        with pikepdf.open(io.BytesIO(written(content))) as pdf:
            (image,) = pdf.pages[0].get_images().values()
            assert image.ColorSpace[0] == "/ICCBased"
            assert image.ColorSpace[1].read_bytes() == profile


def test_pages_are_as_large_as_their_resolution_says() -> None:
    for dpi, size in ((None, (72.0, 36.0)), (150.0, (144.0, 72.0)), (2400.0, (9.0, 4.5)), (7200.0, (6.02, 3.01))):
        image = Image.fromarray(noise(150, 300))
        document = read(image)
        document = replace(document, pages=(replace(document.pages[0], dpi=dpi),))
        with pikepdf.open(io.BytesIO(written(image, document))) as pdf:
            assert [float(side) for side in pdf.pages[0].mediabox[2:]] == pytest.approx(size, abs=0.0011)


def test_a_page_on_its_side_is_shown_upright() -> None:
    rgb = np.kron(noise(6, 9, 3), np.ones((10, 10, 1), np.uint8))
    document = read(rgb)
    page = replace(document.pages[0], rotation=90)
    made = written(rgb, Document((page,)))
    shown = drawn(made, dpi=300)[0]
    assert shown.shape == (90, 60, 3)
    assert (shown[5::10, 5::10] == np.rot90(rgb, -1)[5::10, 5::10]).all()
    kept = written(rgb, Document((page,)), PdfOptions(upright=False))
    assert (drawn(kept, dpi=300)[0][5::10, 5::10] == rgb[5::10, 5::10]).all()


def test_every_page_of_a_tiff_and_a_folder(tmp_path: Path, make_pdf: Callable[..., bytes]) -> None:
    frames = [Image.fromarray(noise(40, 60 + 10 * at)) for at in range(3)]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    (tmp_path / "b.pdf").write_bytes(make_pdf([b"0 g 9 9 9 9 re f"] * 2))
    (tmp_path / "c.jpg").write_bytes(IMAGES["JPEG"][0])
    assert texts(written(tmp_path / "a.tif")) == ["글눈 1", "글눈 2", "글눈 3"]
    assert texts(written(tmp_path)) == [f"글눈 {number}" for number in range(1, 7)]
    assert texts(written(tmp_path, pages="5,2")) == ["글눈 5", "글눈 2"]


def test_the_same_document_gives_the_same_bytes() -> None:
    content = IMAGES["colour PNG"][0]
    options = PdfOptions(archival=True, date=DATE)
    assert written(content, options=options) == written(content, options=options)


# Pages of a PDF


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    def make(pages: Sequence[bytes], **attributes: Any) -> bytes:
        content = io.BytesIO()
        with pikepdf.new() as pdf:
            for page in pages:
                target = pdf.add_blank_page(page_size=(200, 300))
                target.obj.Contents = pdf.make_stream(page)
                font = pikepdf.Dictionary(
                    Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
                )
                target.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(GeulnunText=font))
                for name, value in attributes.items():
                    target.obj[f"/{name}"] = value
            pdf.save(content)
        return content.getvalue()

    return make


#: A black rectangle where the text is read.
INK = b"0 g 60 120 90 80 re f"
INK_AND_LOOSE_ENDS = b"2 0 0 2 17 3 cm q 0.5 0 0 0.5 -8.5 -1.5 cm " + INK
SEEN = b"BT /GeulnunText 12 Tf 20 250 Td (Seen here) Tj ET "
UNSEEN = b"q BT 3 Tr 14 TL /GeulnunText 12 Tf 60 124 Td (old) Tj (words) ' ET Q "


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"Rotate": 90},
        {"Rotate": 180},
        {"Rotate": -90},
        {"CropBox": [40, 100, 180, 260]},
        {"CropBox": [40, 100, 180, 260], "Rotate": 270},
        {"MediaBox": [-50, 20, 200, 320], "CropBox": [-500, 60, 190, 900], "Rotate": 90},
        {"UserUnit": 2},
    ],
)
@pytest.mark.parametrize("ink", [INK, INK_AND_LOOSE_ENDS])
def test_text_lies_where_the_ink_is(make_pdf: Callable[..., bytes], attributes: dict[str, Any], ink: bytes) -> None:
    content = make_pdf([ink], **attributes)
    before = drawn(content, dpi=144)
    black = np.argwhere(before[0][..., 0] < 128)
    (top, left), (bottom, right) = black.min(0), black.max(0) + 1
    made = written(content, read(content, box(left, top, right, bottom), dpi=144), dpi=144)
    assert (drawn(made, dpi=144)[0] == before[0]).all()
    found = own_text(made, dpi=144)
    assert found.page.text.split() == ["글눈", "1"]
    assert found.shown == ()
    corners = np.array([word.quad for word in found.page.words]).reshape(-1, 2)
    assert np.abs([*corners.min(0) - (left, top), *corners.max(0) - (right, bottom)]).max() < 2.5


def test_pages_not_read_stay(make_pdf: Callable[..., bytes]) -> None:
    content = make_pdf([INK] * 3)
    assert texts(written(content, pages="2")) == ["", "글눈 2", ""]


def test_an_encrypted_pdf_stays_encrypted(make_pdf: Callable[..., bytes]) -> None:
    locked = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf([INK]))) as pdf:
        pdf.save(locked, encryption=pikepdf.Encryption(owner="주인", user="열쇠"))
    content = locked.getvalue()
    document = read(content, password="열쇠")
    made = written(content, document, PdfOptions(password="열쇠"), password="열쇠")
    with pytest.raises(pikepdf.PasswordError):
        pikepdf.open(io.BytesIO(made))
    assert texts(made, "열쇠") == ["글눈 1"]
    for wrong in (None, "other"):
        with pytest.raises(EncryptedError, match="encrypted"):
            written(content, document, PdfOptions(password=wrong), password="열쇠")


def test_an_old_layer_is_replaced_kept_or_skipped(make_pdf: Callable[..., bytes]) -> None:
    content = make_pdf([INK + b" " + UNSEEN, INK])
    assert texts(content) == ["old\r\nwords", ""]
    assert texts(written(content)) == ["글눈 1", "글눈 2"]
    assert texts(written(written(content))) == ["글눈 1", "글눈 2"]
    for options in (PdfOptions("keep"), PdfOptions("skip")):
        assert texts(written(content, options=options)) == ["old\r\nwords", "글눈 2"]


def test_an_old_layer_in_a_form_is_replaced_too(make_pdf: Callable[..., bytes]) -> None:
    content = io.BytesIO()
    with pikepdf.open(io.BytesIO(make_pdf([INK]))) as pdf:
        page = pdf.pages[0]
        form = pdf.make_stream(UNSEEN, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form, BBox=[0, 0, 200, 300])
        form.Resources = page.resources
        name = page.add_resource(form, pikepdf.Name.XObject)
        page.contents_add(f"{name} Do".encode())
        pdf.save(content)
    assert texts(content.getvalue()) == ["old\r\nwords"]
    assert texts(written(content.getvalue())) == ["글눈 1"]


def test_text_that_is_seen_stays_and_is_not_there_twice(make_pdf: Callable[..., bytes]) -> None:
    content = make_pdf([SEEN + INK])
    own = own_text(content, dpi=144)
    assert (own.page.text, len(own.shown)) == ("Seen here", 2)
    ink = read(content, box(120, 320, 300, 360), dpi=144).pages[0]
    both = replace(ink, blocks=(*own.page.blocks, *ink.blocks))
    made = written(content, Document((both,)), dpi=144)
    assert sorted(texts(made)[0].split()) == ["1", "Seen", "here", "글눈"]
    assert (drawn(made)[0] == drawn(content)[0]).all()


def test_errors_say_what_to_do(make_pdf: Callable[..., bytes]) -> None:
    png = IMAGES["grey PNG"][0]
    document = read(png)
    with pytest.raises(UsageError, match="give the file that was read"):
        PdfWriter().encode(document)
    with pytest.raises(UsageError, match="PDF/A is written of images only"):
        written(make_pdf([INK]), options=PdfOptions(archival=True))
    with pytest.raises(UsageError, match="another shape"):
        written(make_pdf([INK]), document)
    with pytest.raises(UsageError, match="give the file that was read"):
        written(noise(10, 10), document)
    with pytest.raises(UsageError, match="keep or skip"):
        PdfOptions("drop")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="time zone"):
        PdfOptions(date=datetime(2026, 1, 1))


# PDF/A-2b


@pytest.mark.parametrize("name", IMAGES)
def test_what_an_archive_asks_of_a_file(name: str) -> None:
    """Rules of ISO 19005-2, by section."""
    made = written(IMAGES[name][0], options=PdfOptions(archival=True, title="글눈", date=DATE))
    assert made[:9] == b"%PDF-1.7\n"
    assert made[9:10] == b"%"  # 6.1.2: four bytes above 127 follow
    assert min(made[10:14]) > 127
    with pikepdf.open(io.BytesIO(made)) as pdf:
        assert not pdf.is_encrypted  # 6.1.3, and the next
        assert len(pdf.trailer.ID) == 2
        _check_colours(pdf)
        _check_fonts(pdf)
        with pdf.open_metadata() as facts:  # 6.6.2 and 6.6.4
            assert (facts["pdfaid:part"], facts["pdfaid:conformance"]) == ("2", "B")
            assert facts["dc:title"] == pdf.docinfo.Title == "글눈"
            assert facts["pdf:Producer"] == pdf.docinfo.Producer
            assert facts["xmp:CreatorTool"] == pdf.docinfo.Creator
            assert facts["xmp:CreateDate"] == "2026-11-22T00:00:00+00:00"
            assert str(pdf.docinfo.CreationDate) == "D:20261122000000+00'00"
        assert "/Filter" not in pdf.Root.Metadata
        assert pdf.Root.Lang == "ko"
        for found in pdf.objects:
            if isinstance(found, pikepdf.Stream):
                assert found.get("/Filter") != "/LZWDecode"  # 6.1.7.2
            if isinstance(found, pikepdf.Dictionary | pikepdf.Stream):
                assert not {"/SMask", "/AA", "/JS", "/OpenAction"} & set(found.keys())


def _check_colours(pdf: pikepdf.Pdf) -> None:
    (intent,) = pdf.Root.OutputIntents  # 6.2.3
    assert intent.S == "/GTS_PDFA1"
    profile = ImageCms.ImageCmsProfile(io.BytesIO(intent.DestOutputProfile.read_bytes()))
    assert profile.profile.xcolor_space.strip() == "RGB"
    assert profile.profile.version < 5
    (image,) = pdf.pages[0].get_images().values()
    assert image.ColorSpace != "/DeviceCMYK"  # 6.2.4.3


def _check_fonts(pdf: pikepdf.Pdf) -> None:
    ttlib = pytest.importorskip("fontTools.ttLib")
    (font,) = pdf.pages[0].resources.Font.values()
    (descendant,) = font.DescendantFonts
    program = ttlib.TTFont(io.BytesIO(descendant.FontDescriptor.FontFile2.read_bytes()))  # 6.2.11.4
    glyphs = np.frombuffer(descendant.CIDToGIDMap.read_bytes(), ">u2")  # 6.2.11.3.2
    first, widths = descendant.W
    assert first == 1
    assert (glyphs[1:] > 0).all()  # 6.2.11.8: .notdef is never shown
    order = program.getGlyphOrder()
    assert [int(width) for width in widths] == [program["hmtx"][order[glyph]][0] for glyph in glyphs[1:]]  # 6.2.11.5
    assert b"beginbfchar" in font.ToUnicode.read_bytes()
