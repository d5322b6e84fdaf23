"""Page rasters as image objects of a PDF, without loss: a JPEG or PNG file stays its own bytes, all else is packed.

JPEG goes in as it is (DCTDecode), PNG's own compressed rows do (FlateDecode with PNG predictors, ISO 32000-1 section
7.4.4.4), pure black and white becomes CCITT group 4, other pixels what PNG makes of them.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PIL import Image, JpegImagePlugin, PngImagePlugin, TiffImagePlugin

from geulnun.geometry import Floats

if TYPE_CHECKING:
    import pikepdf

Pixels = NDArray[np.uint8]

#: Chunks in which a PNG may say how it is to be turned.
_DESCRIBING = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"
_EXIF_ORIENTATION = 0x0112
_STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_BYTES = 273, 278, 279
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB", 4: "/DeviceCMYK"}
#: EXIF orientations (CIPA DC-008, section 4.6.4) as affine (2, 3) of the unit square as stored, y down, to as shown.
_ORIENTATIONS = {
    1: ((1, 0, 0), (0, 1, 0)), 2: ((-1, 0, 1), (0, 1, 0)), 3: ((-1, 0, 1), (0, -1, 1)), 4: ((1, 0, 0), (0, -1, 1)),
    5: ((0, 1, 0), (1, 0, 0)), 6: ((0, -1, 1), (1, 0, 0)), 7: ((0, -1, 1), (-1, 0, 1)), 8: ((0, 1, 0), (-1, 0, 1)),
}  # fmt: skip


@dataclass(frozen=True)
class Packed:
    """An image as a PDF holds it.

    Attributes:
        data: the coded bytes.
        width: pixels in a row, as stored.
        height: rows.
        components: 1 for grey or a palette, 3 for RGB, 4 for CMYK.
        bits: of a component.
        filter: how ``data`` is coded, a name without its slash.
        parameters: of the filter, names without their slashes.
        palette: RGB triples that samples point into, empty if samples are colours.
        profile: ICC profile of the colours, empty if they are the device's.
        inverted: whether 0 is full light, as Adobe stores CMYK in JPEG.
        orientation: EXIF orientation, 1 to 8.
    """

    data: bytes
    width: int
    height: int
    components: int = 3
    bits: int = 8
    filter: str = "FlateDecode"
    parameters: dict[str, int | bool] = field(default_factory=dict)
    palette: bytes = b""
    profile: bytes = b""
    inverted: bool = False
    orientation: int = 1

    @property
    def shown_size(self) -> tuple[int, int]:
        """Width and height as the image is to be seen."""
        return (self.height, self.width) if self.orientation > 4 else (self.width, self.height)

    @property
    def as_shown(self) -> Floats:
        """Affine (2, 3) from the unit square of the stored image to that of the shown one, y down."""
        return np.asarray(_ORIENTATIONS[self.orientation], dtype=np.float64)

    def add_to(self, pdf: pikepdf.Pdf) -> pikepdf.Object:
        """Write the image into a file."""
        import pikepdf

        space: pikepdf.Object = pikepdf.Name(_SPACES[self.components])
        if self.palette:
            colours = pikepdf.String(self.palette)
            space = pikepdf.Array([pikepdf.Name.Indexed, pikepdf.Name.DeviceRGB, len(self.palette) // 3 - 1, colours])
        elif self.profile:
            profile = pdf.make_stream(self.profile, N=self.components, Alternate=space)
            space = pikepdf.Array([pikepdf.Name.ICCBased, profile])
        # The bytes are coded already: written as they are, the filter only named.
        stream = pikepdf.Stream(
            pdf, self.data, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=self.width,
            Height=self.height, ColorSpace=space, BitsPerComponent=self.bits, Filter=pikepdf.Name(f"/{self.filter}"),
        )  # fmt: skip
        if self.parameters:
            stream.DecodeParms = pikepdf.Dictionary({f"/{name}": value for name, value in self.parameters.items()})
        if self.inverted:
            stream.Decode = [1, 0] * self.components
        return pdf.make_indirect(stream)


def from_file(content: bytes) -> Packed | None:
    """An image file that a PDF can hold as it is: JPEG, or PNG without transparency and interlacing; else None."""
    try:
        if content.startswith(_JPEG):
            return _jpeg(content)
        if content.startswith(_PNG):
            return _png(content)
    except (OSError, ValueError, SyntaxError, KeyError, struct.error):
        return None  # damaged in a way that what decoded it forgave: its pixels are packed instead
    return None


def from_pixels(rgb: Pixels) -> Packed:
    """Pack pixels, uint8 (h, w, 3), in as few bits as lose nothing."""
    if not (rgb == rgb[..., :1]).all():
        return _deflated(Image.fromarray(rgb))
    grey = rgb[..., 0]
    if ((grey == 0) | (grey == 255)).all():
        return _group4(grey)
    return _deflated(Image.fromarray(grey))


def _jpeg(content: bytes) -> Packed | None:
    with JpegImagePlugin.JpegImageFile(io.BytesIO(content)) as image:
        components = {"L": 1, "RGB": 3, "CMYK": 4}.get(image.mode)
        if components is None:
            return None
        inverted = components == 4 and "adobe" in image.info
        profile, orientation = _profile(image, components), _orientation(image)
    return Packed(
        content,
        *image.size,
        components,
        filter="DCTDecode",
        profile=profile,
        inverted=inverted,
        orientation=orientation,
    )


def _profile(image: Image.Image, components: int) -> bytes:
    """The colour profile that an image carries, if it is one of its kind of colours (ICC.1:2004-10, section 7.2)."""
    profile = image.info.get("icc_profile") or b""
    return profile if profile[16:20] == {1: b"GRAY", 3: b"RGB ", 4: b"CMYK"}[components] else b""


def _orientation(image: Image.Image) -> int:
    value = image.getexif().get(_EXIF_ORIENTATION, 1)
    return value if value in _ORIENTATIONS else 1


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG file (ISO/IEC 15948, section 5.3)."""
    at = len(_PNG)
    while at + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, at)
        yield content[at + 4 : at + 8], content[at + 8 : at + 8 + length]
        at += 12 + length


def _png(content: bytes) -> Packed | None:
    data, palette, header, described = [], b"", b"", False
    for kind, chunk in _chunks(content):
        if kind == b"tRNS":
            return None
        if kind == b"IHDR":
            header = chunk
        elif kind == b"PLTE":
            palette = chunk
        elif kind == b"IDAT":
            data.append(chunk)
        described |= kind in _DESCRIBING
    width, height, bits, colours, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    components = {0: 1, 2: 3, 3: 1}.get(colours)
    if components is None or interlaced or not data:
        return None
    with PngImagePlugin.PngImageFile(io.BytesIO(content)) as image:
        # Without such a chunk there is no orientation, and looking for one would decode the whole picture.
        profile, orientation = _profile(image, components), _orientation(image) if described else 1
    return Packed(
        b"".join(data), width, height, components, bits, palette=palette if colours == 3 else b"",
        profile=b"" if colours == 3 else profile, orientation=orientation,
        parameters={"Predictor": 15, "Colors": components, "BitsPerComponent": bits, "Columns": width},
    )  # fmt: skip


def _deflated(image: Image.Image) -> Packed:
    content = io.BytesIO()
    image.save(content, "PNG", compress_level=6)
    packed = _png(content.getvalue())
    assert packed is not None
    return packed


def _group4(grey: Pixels) -> Packed:
    height, width = grey.shape
    content = io.BytesIO()
    # One strip, so that there is one piece of data.
    Image.fromarray(grey > 0).save(content, "TIFF", compression="group4", tiffinfo={_ROWS_PER_STRIP: height})
    data = content.getvalue()
    with TiffImagePlugin.TiffImageFile(io.BytesIO(data)) as image:
        (start,), (length,) = image.tag_v2[_STRIP_OFFSETS], image.tag_v2[_STRIP_BYTES]
    data = data[start : start + length]
    parameters: dict[str, int | bool] = {"K": -1, "Columns": width, "Rows": height, "BlackIs1": True}
    return Packed(data, width, height, 1, 1, "CCITTFaxDecode", parameters)
