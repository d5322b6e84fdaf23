"""What makes a PDF an archive's: PDF/A-2b (ISO 19005-2) says what it is and what its colours mean.

The rest of the standard's demands are met by how pages are made: every font embedded with true widths, no
transparency, no encryption, no scripts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from PIL import ImageCms

if TYPE_CHECKING:
    import pikepdf

_CONDITION = "sRGB IEC61966-2.1"
#: Where an ICC header holds its date (ICC.1:2004-10, section 7.2.8), and a date for it: 2026-01-01.
_DATE = slice(24, 36)
_FIXED = b"".join(part.to_bytes(2, "big") for part in (2026, 1, 1, 0, 0, 0))


@cache
def srgb() -> bytes:
    """An ICC profile of sRGB, made by Little CMS; the same bytes each time."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_DATE] = _FIXED
    return bytes(profile)


def add_intent(pdf: pikepdf.Pdf) -> None:
    """Say that the device's colours are those of sRGB (ISO 19005-2, section 6.2.3)."""
    import pikepdf

    intent = pikepdf.Dictionary(
        Type=pikepdf.Name.OutputIntent, S=pikepdf.Name.GTS_PDFA1, OutputConditionIdentifier=_CONDITION,
        Info=_CONDITION, RegistryName="http://www.color.org",
        DestOutputProfile=pdf.make_stream(srgb(), N=3, Alternate=pikepdf.Name.DeviceRGB),
    )  # fmt: skip
    pdf.Root.OutputIntents = pikepdf.Array([pdf.make_indirect(intent)])
