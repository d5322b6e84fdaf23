"""Images and one text file of boxes each, as the ICDAR 2015 incidental scene text task (4.1, 4.3) has them.

The format: https://rrc.cvc.uab.es/?ch=4&com=tasks. Each row is ``x1,y1,x2,y2,x3,y3,x4,y4,transcription``, whole pixels,
clockwise from the start of the text; all behind the eighth comma is the transcription, nothing in it is quoted or
escaped, and ``###`` marks what is not to be read. Files begin with a byte order mark and rows end in CR LF, as in the
published ground truth.
"""

from __future__ import annotations

from geulnun.document import Page
from geulnun.write.sets.base import Facts, FileByFile, Pixels, check_name, encoded, put
from geulnun.write.sets.regions import Region, regions

ILLEGIBLE = "###"


class IcdarWriter(FileByFile):
    """``images/<name>.png`` and ``gt/gt_<name>.txt``, a row for every word or line (`SetOptions.level`).

    Corners outside the raster are moved to its edge: the task's own evaluation refuses them.
    """

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        file = f"{check_name(name)}.{self.extension}"
        content = encoded(image, page, self.extension, self._options)
        truth = "".join(_row(region, page) for region in regions(page, self._options.level, name))
        put(self._folder / "gt" / f"gt_{name}.txt", truth.encode("utf-8-sig"))
        put(self._folder / "images" / file, content)
        self.done += 1


def _row(region: Region, page: Page) -> str:
    limits = (page.width, page.height)
    corners = [
        min(max(round(value), 0), limit) for point in region.quad for value, limit in zip(point, limits, strict=True)
    ]
    return ",".join(map(str, corners)) + f",{region.text if region.legible else ILLEGIBLE}\r\n"
