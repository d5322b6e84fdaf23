"""A bar chart as SVG, drawn by hand: a plotting library would be the largest dependency of the package."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

_WIDTH, _LABELS, _RIGHT = 900, 300, 90
_BAR, _GAP, _TOP = 14, 16, 74
#: Ours, then the rivals; colours that stay apart for the colour-blind (Okabe and Ito).
_COLOURS = ("#0072b2", "#e69f00", "#999999", "#009e73", "#cc79a7", "#d55e00")


@dataclass(frozen=True, slots=True)
class Group:
    """One group of bars: its label, and a value for each series (None leaves the bar out)."""

    label: str
    values: tuple[float | None, ...]


def bars(
    title: str, note: str, series: Sequence[str], groups: Sequence[Group], text: Callable[[float], str]
) -> ET.Element:
    """Draw horizontal bars, linear from 0.

    Args:
        title: Stands at the top.
        note: A smaller line under it: what is measured, and which way is better.
        series: Names of the bars within a group.
        groups: From top to bottom.
        text: Writes a value beside its bar.
    """
    height = _TOP + len(groups) * (len(series) * _BAR + _GAP) + 8
    root = canvas(title, _WIDTH, height)
    write_text(root, 12, 24, title, 16, "start", weight="bold")
    write_text(root, 12, 42, note, 12, "start", fill="#555")
    _legend(root, series)
    longest = max((value for group in groups for value in group.values if value is not None), default=0.0) or 1.0
    scale = (_WIDTH - _LABELS - _RIGHT) / longest
    y = _TOP
    for group in groups:
        write_text(root, _LABELS - 8, y + len(series) * _BAR / 2 + 4, group.label, 12, "end")
        for index, value in enumerate(group.values):
            if value is not None:
                length = f"{max(1.0, value * scale):.1f}"
                place = {"x": str(_LABELS), "y": str(y), "width": length, "height": str(_BAR - 2)}
                ET.SubElement(root, "rect", {**place, "fill": _COLOURS[index % len(_COLOURS)]})
                write_text(root, _LABELS + float(length) + 5, y + _BAR - 4, text(value), 11, "start")
            y += _BAR
        y += _GAP
    return root


def canvas(title: str, width: int, height: int) -> ET.Element:
    """An empty white SVG of a size in pixels."""
    size = {"width": str(width), "height": str(height), "viewBox": f"0 0 {width} {height}"}
    root = ET.Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img", "font-family": "sans-serif", **size}
    )
    ET.SubElement(root, "title").text = title
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    return root


def _legend(root: ET.Element, series: Sequence[str]) -> None:
    x = 12.0
    for index, name in enumerate(series):
        place = {"x": f"{x:.0f}", "y": "52", "width": "12", "height": "12"}
        ET.SubElement(root, "rect", {**place, "fill": _COLOURS[index % len(_COLOURS)]})
        write_text(root, x + 17, 62, name, 12, "start")
        x += 40 + 7.2 * len(name)


def write_text(
    root: ET.Element,
    x: float,
    y: float,
    content: str,
    size: int,
    anchor: str,
    fill: str = "#111",
    weight: str = "normal",
) -> None:
    """Write a text whose baseline is at y, and whose start, middle or end (``anchor``) is at x."""
    place = {"x": f"{x:.1f}", "y": f"{y:.1f}", "font-size": str(size), "text-anchor": anchor}
    ET.SubElement(root, "text", {**place, "fill": fill, "font-weight": weight}).text = content


def write(root: ET.Element, path: Path) -> None:
    """Write the picture as an SVG file."""
    ET.indent(root)
    path.write_text(ET.tostring(root, encoding="unicode") + "\n", "utf-8")
