"""Where the pixels of a page as it is shown lie in the user space of its PDF page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geulnun import geometry
from geulnun.geometry import Floats

if TYPE_CHECKING:
    import pikepdf

#: What a page without a usable MediaBox is shown as, points.
_LETTER = (0.0, 0.0, 612.0, 792.0)


def to_user(page: pikepdf.Page, width: int, height: int) -> tuple[Floats, float]:
    """The affine (2, 3) from pixels of a page drawn ``width`` by ``height`` pixels to its user space.

    With it, how far the page's shape is from that: 0 if its sides have the same ratio but for rounding, else the share
    by which they differ.

    What is shown is the part of the CropBox that lies in the MediaBox, turned by /Rotate (ISO 32000-1, sections 7.7.3.3
    and 14.11.2); UserUnit changes how large it is shown, not where things lie.
    """
    left, bottom, right, top = _shown_box(page)
    turn = _turn(page)
    across, down = (height, width) if turn in (90, 270) else (width, height)
    # From the page as shown back to the page as it lies, then pixels to points.
    back = np.vstack([geometry.turn_matrix(width, height, (360 - turn) % 360), [0, 0, 1]])
    scale_x, scale_y = (right - left) / across, (top - bottom) / down
    rounding = 1 / min(across, down)
    apart = max(0.0, abs(scale_x / scale_y - 1) - rounding)
    return np.asarray(np.array([[scale_x, 0, left], [0, -scale_y, top]]) @ back), apart


def free_font_name(page: pikepdf.Page, wish: str) -> str:
    """A name for a font that no font of the page has, without its slash."""
    taken = _fonts(_inherited(page, "/Resources"))
    name, number = wish, 1
    while f"/{name}" in taken:
        name, number = f"{wish}{number}", number + 1
    return name


def add_font(page: pikepdf.Page, name: str, font: pikepdf.Object) -> None:
    """Give a page a font; resources that other pages share are left alone."""
    import pikepdf

    resources = _inherited(page, "/Resources")
    own = pikepdf.Dictionary(dict(resources.items()) if isinstance(resources, pikepdf.Dictionary) else {})
    own.Font = pikepdf.Dictionary({**_fonts(resources), f"/{name}": font})
    page.obj.Resources = own


def _fonts(resources: pikepdf.Object | None) -> dict[str, pikepdf.Object]:
    import pikepdf

    fonts = resources.get("/Font") if isinstance(resources, pikepdf.Dictionary) else None
    return dict(fonts.items()) if isinstance(fonts, pikepdf.Dictionary) else {}


def _inherited(page: pikepdf.Page, key: str) -> pikepdf.Object | None:
    node: pikepdf.Object = page.obj
    for _ in range(100):  # a damaged tree may close a circle
        if key in node:
            return node[key]
        if "/Parent" not in node:
            return None
        node = node["/Parent"]
    return None


def _box(page: pikepdf.Page, key: str) -> tuple[float, float, float, float] | None:
    try:
        x0, y0, x1, y1 = (float(value) for value in _inherited(page, key) or ())
    except (TypeError, ValueError):
        return None
    box = min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    return box if box[0] < box[2] and box[1] < box[3] else None


def _shown_box(page: pikepdf.Page) -> tuple[float, float, float, float]:
    media = _box(page, "/MediaBox") or _LETTER
    crop = _box(page, "/CropBox") or media
    shown = max(media[0], crop[0]), max(media[1], crop[1]), min(media[2], crop[2]), min(media[3], crop[3])
    return shown if shown[0] < shown[2] and shown[1] < shown[3] else media


def _turn(page: pikepdf.Page) -> int:
    """The clockwise turn in degrees, 0 to 270, by which a page is shown."""
    try:
        return int(_inherited(page, "/Rotate") or 0) % 360 // 90 * 90
    except (TypeError, ValueError):
        return 0
