"""Samples of data sets, made here: no public set is in the repository."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.data import DataSet, Problem, Sample
from geulnun.document import Page

Image = NDArray[np.uint8]
ReadSet = Callable[..., tuple[list[Sample], list[Problem]]]


def picture(width: int, height: int, seed: int = 0) -> Image:
    """An RGB image that is like no other of another seed."""
    return np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)


def encoded(image: Image, extension: str = "png") -> bytes:
    return cv2.imencode(f".{extension}", image[..., ::-1] if image.ndim == 3 else image)[1].tobytes()


def put(path: Path, content: bytes | str | object) -> Path:
    """Write bytes, text or JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not isinstance(content, bytes | str):
        content = json.dumps(content, ensure_ascii=False)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


class _KoreanInfo(zipfile.ZipInfo):
    """A member whose name is not marked as UTF-8, which Python would do."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 (zipfile's own name)
        return self.filename.encode("cp437"), 0


def korean_zip(path: Path, members: dict[str, bytes]) -> Path:
    """An archive whose names are EUC-KR without saying so, as AI-Hub's are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(_KoreanInfo(name.encode("euc-kr").decode("cp437")), content)
    return path


def boxes(page: Page) -> list[tuple[str, tuple[tuple[float, float], ...] | None, bool, bool]]:
    """Text, quad, legibility and direction of each line."""
    return [(line.text, line.quad, line.confidence > 0, line.vertical) for line in page.lines]


def rectangle(x: float, y: float, w: float, h: float) -> tuple[tuple[float, float], ...]:
    return (x, y), (x + w, y), (x + w, y + h), (x, y + h)


@pytest.fixture
def read() -> Iterator[ReadSet]:
    """Reads a set to its samples and problems; the set stays open for its images."""
    opened: list[DataSet] = []

    def go(path: Path, format_: str = "auto") -> tuple[list[Sample], list[Problem]]:
        problems: list[Problem] = []
        opened.append(DataSet(path, format_))
        return list(opened[-1].samples(problems.append)), problems

    yield go
    for one in opened:
        one.close()


def aihub_label(
    name: str, annotations: list[dict[str, object]], size: tuple[int, int] = (200, 100)
) -> dict[str, object]:
    """A label of 공공행정문서 OCR."""
    return {
        "images": [
            {
                "image.make.code": "5350109", "image.make.year": "2001", "image.category": "인.허가",
                "image.width": size[0], "image.height": size[1], "image.file.name": name,
            }
        ],
        "annotations": annotations,
    }  # fmt: skip


def aihub_box(text: str, *bbox: float) -> dict[str, object]:
    return {"id": 1, "annotation.type": "rectangle", "annotation.text": text, "annotation.bbox": list(bbox)}
