"""Elements of XML and HTML, built one below the other."""

from __future__ import annotations

from typing import cast

from lxml import etree

LANG = "{http://www.w3.org/XML/1998/namespace}lang"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"

Node = etree._Element


def root(name: str, namespace: str, schema: str = "") -> Node:
    """The root of a file whose elements are of one namespace; ``schema`` says where that one's XSD is."""
    names: dict[str | None, str] = {None: namespace} | ({"xsi": _XSI} if schema else {})
    node = etree.Element(f"{{{namespace}}}{name}", nsmap=names)  # type: ignore[arg-type]  # the stubs know no default one
    if schema:
        node.set(f"{{{_XSI}}}schemaLocation", f"{namespace} {schema}")
    return node


def under(parent: Node, name: str, text: str = "", **attributes: str) -> Node:
    """A new last child in the parent's namespace; attributes that Python has names for end in ``_``."""
    space, brace, _ = parent.tag.rpartition("}")
    node = etree.SubElement(parent, f"{space}{brace}{name}")
    for key, value in attributes.items():
        node.set(key.rstrip("_"), value)
    if text:
        node.text = text
    return node


def content(node: Node, doctype: str | None = None) -> bytes:
    """The file's content: UTF-8 with an XML declaration, a newline at its end."""
    written = etree.tostring(node, encoding="UTF-8", xml_declaration=True, doctype=doctype)  # type: ignore[arg-type]
    return cast(bytes, written) + b"\n"


def indented(node: Node) -> bytes:
    """`content`, an element a line. Only for formats in which white space between elements means nothing."""
    etree.indent(node)
    return content(node)
