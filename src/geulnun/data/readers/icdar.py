"""A text file of boxes for each image: ICDAR 2015 (task 4.1), ICDAR 2017 MLT, and what CLEval takes.

ICDAR 2015 writes ``x1,y1,...,x4,y4,text``, MLT ``x1,y1,...,x4,y4,script,text``, CLEval any even count of coordinates
(four are left, top, right, bottom) and then the text. All behind the last comma that belongs to the format is text;
only CLEval takes it out of quotes. ``###`` marks what is not to be read. Files may be called after the image, or have
``gt_`` or ``res_`` before its name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from geulnun.data.boxes import UNREADABLE, Box, clean, extent, page_of_boxes, quad_of
from geulnun.data.readers.common import each_label, split_of, sureness, text_of
from geulnun.data.sample import Problem, Sample, SampleImage
from geulnun.data.tree import File, Pairing, Tree
from geulnun.errors import DamagedInputError, MissingInputError

#: The scripts that MLT 2017 and 2019 name.
SCRIPTS = frozenset("Arabic Latin Chinese Japanese Korean Bangla Hindi Symbols Mixed None".split())
_PREFIX = re.compile(r"\A(?:gt|res|pred)_(?=.)")
_NUMBER = re.compile(r"\s*[-+]?\d+(?:\.\d*)?\s*\Z")
_CONFIDENCE = re.compile(r"\s*(?:0?\.\d+|1\.0*)\s*\Z")
#: CLEval takes the text out of quotes, and a backslash from before quotes and backslashes inside.
_QUOTED = re.compile(r'\s*"(.*)"\s*\Z')
_QUAD = 8

_ReadRow = Callable[[str], Box]
_Rows = Callable[[Sequence[str]], _ReadRow]


def read_icdar(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with quads, as ICDAR 2015 has them. Facts: document (the image), split."""
    return each_label(tree, _labels(tree), partial(_sample, rows=lambda _: icdar_row, needed=True, source="icdar"))


def read_mlt(tree: Tree) -> Iterator[Sample | Problem]:
    """Images with quads and the script of each, which is not kept. Facts: document (the image), split."""
    return each_label(tree, _labels(tree), partial(_sample, rows=lambda _: mlt_row, needed=True, source="mlt"))


def read_cleval(tree: Tree) -> Iterator[Sample | Problem]:
    """Boxes, quads or polygons with or without texts and images.

    Without its image a page is as large as its boxes reach.
    """
    return each_label(tree, _labels(tree), partial(_sample, rows=cleval_rows, needed=False, source="cleval"))


def _labels(tree: Tree) -> list[File]:
    return tree.of(".txt")


def image_name(stem: str) -> str:
    """The name of the image that a text file is of."""
    return _PREFIX.sub("", stem)


def _sample(label: File, pairing: Pairing, rows: _Rows, needed: bool, source: str) -> Iterator[Sample | Problem]:
    boxes: list[Box] = []
    lines = text_of(label).replace("\r\n", "\n").split("\n")
    row = rows([line for line in lines if line.strip()])
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                boxes.append(row(line))
            except ValueError as error:
                raise DamagedInputError(f"{label.place}:{number}: {error}") from error
    name = image_name(label.stem)
    image: SampleImage | None = None
    try:
        file = pairing.find(name, label)
        image, name = file.image(), file.stem
    except MissingInputError:
        if needed:
            raise
    width, height = image.size() if image else extent(boxes)
    facts = {"document": name, "source": source} | dict(split_of(label.path))
    yield Sample(name, page_of_boxes(boxes, width, height), image, facts)


def icdar_row(line: str) -> Box:
    """``x1,y1,...,x4,y4,text``; `ValueError` where it is not that."""
    numbers, rest = _numbers(line, _QUAD)
    if len(numbers) < _QUAD or rest is None:
        raise ValueError(f"{line!r:.60} is not eight numbers and a text")
    return _box(numbers, rest)


def mlt_row(line: str) -> Box:
    """``x1,y1,...,x4,y4,script,text``; `ValueError` where it is not that."""
    numbers, rest = _numbers(line, _QUAD)
    script, comma, text = (rest or "").partition(",")
    if len(numbers) < _QUAD or not comma or script.strip() not in SCRIPTS:
        raise ValueError(f"{line!r:.60} is not eight numbers, a script and a text")
    return _box(numbers, text)


def cleval_rows(lines: Sequence[str]) -> _ReadRow:
    """What reads the rows of a file for CLEval: all are boxes, or all are quads or polygons.

    Coordinates are told from a text that is a number by the row that has the fewest. Where that has eight, rows of
    twelve and more are polygons: a text of four numbers is rarer. A number in 0..1 with a point, between the
    coordinates and the text, is the confidence of a prediction.
    """
    fewest = min((len(_numbers(line, None)[0]) // 2 * 2 for line in lines), default=_QUAD)
    return partial(_cleval_row, count=min(fewest, _QUAD) if fewest != 6 else 4)


def _cleval_row(line: str, count: int) -> Box:
    run = len(_numbers(line, None)[0])
    if count == _QUAD and run >= _QUAD + 4:
        count = run // 2 * 2
    numbers, rest = _numbers(line, count)
    if len(numbers) < 4:
        raise ValueError(f"{line!r:.60} is not a box, a quad or a polygon and a text")
    confidence, comma, behind = (rest or "").partition(",")
    sure = 1.0
    if comma and _CONFIDENCE.match(confidence):
        sure, rest = sureness(float(confidence)), behind
    text = rest or ""
    if quoted := _QUOTED.match(text):
        text = quoted[1].replace("\\\\", "\\").replace('\\"', '"')
    return replace(_box(numbers, text, asked=rest is not None), confidence=sure)


def _numbers(line: str, most: int | None) -> tuple[list[float], str | None]:
    """The numbers a row begins with, up to ``most``, and what stands behind them; None where nothing does."""
    numbers: list[float] = []
    rest: str | None = line
    while rest is not None and (most is None or len(numbers) < most):
        part, comma, behind = rest.partition(",")
        if not _NUMBER.match(part):
            break
        numbers.append(float(part))
        rest = behind if comma else None
    return numbers, rest


def _box(numbers: list[float], text: str, asked: bool = True) -> Box:
    points = list(zip(numbers[::2], numbers[1::2], strict=True))
    text = clean(text)
    readable = text not in UNREADABLE and (bool(text) or not asked)
    return Box(text if text not in UNREADABLE else "", quad_of(points), readable)
