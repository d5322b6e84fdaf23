"""Images and JSON labels as AI-Hub's set of public documents (공공행정문서 OCR) has them.

That set keeps images in folders named 원천데이터 and labels in the same tree under 라벨데이터; its users unpack them as
``images`` and ``labels``, and so they are called here. A label names boxes as x, y, width, height in whole pixels; they
are upright whatever the text's direction.
"""

from __future__ import annotations

import json
from typing import ClassVar

from geulnun.document import Page
from geulnun.write.sets.base import Extension, Facts, FileByFile, Pixels, check_name, encoded, put
from geulnun.write.sets.regions import regions


class AiHubWriter(FileByFile):
    """``images/<name>.jpg`` and ``labels/<name>.json``, an annotation for every word or line (`SetOptions.level`).

    Illegible boxes are left out: the format has no mark for them. Time and place of making, which AI-Hub's files have,
    are not known here and left out too; ``image.category`` is the fact "kind".
    """

    usual: ClassVar[Extension] = "jpg"

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        file = f"{check_name(name)}.{self.extension}"
        content = encoded(image, page, self.extension, self._options)
        label = self._label(name, file, page, facts)
        put(self._folder / "labels" / f"{name}.json", json.dumps(label, ensure_ascii=False).encode() + b"\n")
        put(self._folder / "images" / file, content)
        self.done += 1

    def _label(self, name: str, file: str, page: Page, facts: Facts) -> dict[str, object]:
        boxes = [region for region in regions(page, self._options.level, name) if region.legible]
        return {
            "images": [
                {
                    "image.category": str(facts.get("kind", "")),
                    "image.width": page.width,
                    "image.height": page.height,
                    "image.file.name": file,
                }
            ],
            "annotations": [
                {
                    "id": number,
                    "annotation.type": "rectangle",
                    "annotation.text": region.text,
                    "annotation.bbox": region.box(page.width, page.height),
                }
                for number, region in enumerate(boxes, 1)
            ],
        }
