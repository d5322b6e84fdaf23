"""HTML as a tree: text goes in as text, so that nothing an image says can become markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from importlib import resources
from xml.etree import ElementTree as ET

Element = ET.Element
Child = Element | str | None

#: What no HTML document may hold; a reading may.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")


def tag(name: str, /, *children: Child | Iterable[Child], **attributes: str) -> Element:
    """An element. ``_`` in an attribute's name is written ``-``, and one at its end left out (``class_``)."""
    made = ET.Element(name, {_attribute(key): clean(value) for key, value in attributes.items()})
    for child in children:
        if isinstance(child, str | Element) or child is None:
            _append(made, child)
        else:
            for one in child:
                _append(made, one)
    return made


def _attribute(key: str) -> str:
    return key.removesuffix("_").replace("_", "-")


def _append(parent: Element, child: Child) -> None:
    if child is None:
        return
    if isinstance(child, Element):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + clean(child)
    else:
        parent.text = (parent.text or "") + clean(child)


def clean(text: str) -> str:
    """The text with U+FFFD for what cannot stand in HTML."""
    return _FORBIDDEN.sub("\ufffd", text)


def korean(text: str, class_: str = "") -> Element:
    """Text from an image or a truth: marked as Korean, so that screen readers and fonts take it as such."""
    return tag("span", text, lang="ko", **({"class_": class_} if class_ else {}))


def table(head: Iterable[Child], rows: Iterable[Iterable[Child]], class_: str = "") -> Element:
    """A table that scrolls sideways where it is wider than the screen; the first cell of a row is its heading."""
    body = []
    for row in rows:
        first, *rest = row
        body.append(tag("tr", tag("th", first, scope="row"), [tag("td", cell) for cell in rest]))
    heads = tag("thead", tag("tr", [tag("th", cell, scope="col") for cell in head]))
    made = tag("table", heads, tag("tbody", body), **({"class_": class_} if class_ else {}))
    return tag("div", made, class_="scroll", tabindex="0")


def document(title: str, body: Iterable[Child]) -> bytes:
    """A whole page that fetches nothing and runs nothing: its policy forbids both."""
    style = resources.files("geulnun.evaluate").joinpath("report.css").read_text("utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="color-scheme", content="light dark"),
        tag("title", title),
        tag("style", style),
    )
    page = tag("html", head, tag("body", body), lang="en")
    return b"<!doctype html>\n" + ET.tostring(page, encoding="unicode", method="html").encode() + b"\n"
