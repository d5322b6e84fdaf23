"""The report's pictures as inline SVG, in the colours of its style sheet: they follow light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from math import log

import numpy as np
from numpy.typing import NDArray

from geulnun.evaluate.alignment import Ints
from geulnun.evaluate.markup import Element, tag
from geulnun.evaluate.resample import Interval

_CELL, _EDGE = 17, 24
_WIDE, _HIGH, _LEFT, _BELOW = 320, 220, 46, 40


def whisker(value: float, interval: Interval | None, limit: float, class_: str = "one") -> Element:
    """A dot with the ends of its interval on a scale from 0 to ``limit``; the numbers stand beside it."""
    limit = limit or 1.0
    x = _scaled(value, limit)
    marks = [tag("line", x1="2", x2="118", y1="8", y2="8", class_="axis")]
    if interval is not None:
        low, high = _scaled(interval.low, limit), _scaled(interval.high, limit)
        marks.append(tag("line", x1=low, x2=high, y1="8", y2="8", class_=f"span {class_}"))
    marks.append(tag("circle", cx=x, cy="8", r="4", class_=f"dot {class_}"))
    return tag("svg", marks, viewBox="0 0 120 16", width="120", height="16", class_="whisker", aria_hidden="true")


def _scaled(value: float, limit: float) -> str:
    return f"{2 + 116 * min(max(value / limit, 0.0), 1.0):.1f}"


def stack(parts: Sequence[tuple[str, int]]) -> Element:
    """One bar of several parts, each with its name and count as a tip."""
    total = sum(count for _, count in parts) or 1
    x, marks = 0.0, []
    for index, (name, count) in enumerate(parts):
        width = 100 * count / total
        marks.append(
            tag("rect", tag("title", f"{name}: {count:,}"), x=f"{x:.3f}", y="0", width=f"{width:.3f}", height="10",
                class_=f"part{index}")
        )  # fmt: skip
        x += width
    label = ", ".join(f"{name} {count}" for name, count in parts)
    return tag(
        "svg", marks, viewBox="0 0 100 10", class_="stack", preserveAspectRatio="none", role="img", aria_label=label
    )


def heat_map(matrix: Ints, letters: Sequence[str], title: str) -> Element:
    """A confusion matrix: truth by rows, reading by columns, darker for more; the diagonal is only framed."""
    off = matrix - np.diag(np.diag(matrix))
    most = max(int(off.max(initial=0)), 1)
    rows = matrix.sum(1)
    marks: list[Element] = []
    for index, letter in enumerate(letters):
        centre = f"{_EDGE + (index + 0.5) * _CELL:.1f}"
        marks.append(tag("text", letter, x=centre, y="16", text_anchor="middle", lang="ko"))
        marks.append(
            tag("text", letter, x="10", y=f"{_EDGE + (index + 0.75) * _CELL:.1f}", text_anchor="middle", lang="ko")
        )
        place = _cell(index, index)
        marks.append(
            tag(
                "rect",
                tag("title", f"{letter} right: {matrix[index, index]:,} of {rows[index]:,}"),
                **place,
                class_="diagonal",
            )
        )
    for i, j in np.argwhere(off).tolist():
        count = int(off[i, j])
        shade = f"{0.15 + 0.85 * log(1 + count) / log(1 + most):.2f}"
        tip = f"{letters[i]} read as {letters[j]}: {count:,} of {rows[i]:,}"
        marks.append(tag("rect", tag("title", tip), **_cell(i, j), class_="heat", fill_opacity=shade))
    side = str(_EDGE + len(letters) * _CELL + 4)
    return tag(
        "svg",
        tag("title", title),
        marks,
        viewBox=f"0 0 {side} {side}",
        width=side,
        height=side,
        class_="matrix",
        role="img",
    )


def _cell(row: int, column: int) -> dict[str, str]:
    size = str(_CELL - 1)
    return {"x": str(_EDGE + column * _CELL), "y": str(_EDGE + row * _CELL), "width": size, "height": size}


def calibration(counts: NDArray[np.int64], confidence: NDArray[np.float64], accuracy: NDArray[np.float64]) -> Element:
    """How often characters are right by how sure the reading is: on the diagonal where confidences are true.

    Args:
        counts: characters in each class of confidence.
        confidence: its mean confidence.
        accuracy: its share of right characters.
    """
    marks = _axes("mean confidence of a class", "share right")
    marks.append(tag("line", x1=_x(0), y1=_y(0), x2=_x(1), y2=_y(1), class_="guide"))
    most = float(counts.max(initial=1))
    for number, sure, right in zip(counts.tolist(), confidence.tolist(), accuracy.tolist(), strict=True):
        if number:
            tip = f"{int(number):,} characters, {sure:.1%} sure, {right:.1%} right"
            # The area tells the number.
            radius = f"{2.5 + 7.5 * (number / most) ** 0.5:.1f}"
            marks.append(tag("circle", tag("title", tip), cx=_x(sure), cy=_y(right), r=radius, class_="bubble"))
    return _chart("Calibration of characters", marks)


def reject_curve(coverage: NDArray[np.float64], error: NDArray[np.float64]) -> Element:
    """The share of wrong eojeols among the surest, against how many are kept."""
    limit = max(float(error.max(initial=0.0)), 1e-6)
    marks = _axes("share of eojeols kept, the surest first", "share wrong", limit)
    # At most two hundred points: more cannot be seen.
    chosen = np.unique(np.linspace(0, len(coverage) - 1, min(len(coverage), 200)).round().astype(int))
    points = " ".join(f"{_x(float(coverage[at]))},{_y(float(error[at]) / limit)}" for at in chosen)
    marks.append(tag("polyline", points=points, class_="curve"))
    return _chart("Errors against coverage", marks)


def _axes(across: str, up: str, limit: float = 1.0) -> list[Element]:
    marks = []
    for step in (0.0, 0.5, 1.0):
        marks.append(tag("line", x1=_x(0), x2=_x(1), y1=_y(step), y2=_y(step), class_="axis"))
        marks.append(
            tag("text", _percent(step * limit), x=str(_LEFT - 6), y=f"{float(_y(step)) + 4:.1f}", text_anchor="end")
        )
        marks.append(tag("text", _percent(step), x=_x(step), y=str(_HIGH - _BELOW + 16), text_anchor="middle"))
    middle = (_WIDE + _LEFT) / 2
    marks.append(tag("text", across, x=f"{middle:.0f}", y=str(_HIGH - 6), text_anchor="middle"))
    marks.append(tag("text", up, x="2", y="10", text_anchor="start"))
    return marks


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %" if value >= 0.1 or value == 0 else f"{100 * value:.2g} %"


def _x(share: float) -> str:
    return f"{_LEFT + share * (_WIDE - _LEFT - 20):.1f}"


def _y(share: float) -> str:
    return f"{(_HIGH - _BELOW) - share * (_HIGH - _BELOW - 20):.1f}"


def _chart(title: str, marks: Sequence[Element]) -> Element:
    box = f"0 0 {_WIDE} {_HIGH}"
    return tag("svg", tag("title", title), marks, viewBox=box, class_="chart", role="img")
