"""XML without its dangers: no entities of a file's own, nothing fetched, no depth without end."""

from __future__ import annotations

from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from geulnun.errors import DamagedInputError

#: Elements in one another; ALTO and PAGE need about ten.
_DEEPEST = 100


def parse(content: bytes, place: str) -> Element:
    """The root element, with names freed of their namespaces.

    A document type is passed over; an entity that it declares, inside the file or outside, is refused, used or not.

    Raises:
        DamagedInputError: not well formed, with line and column, or it declares entities.
    """
    parser = expat.ParserCreate()
    builder = TreeBuilder()
    depth = 0

    def refuse(*_: object) -> NoReturn:
        raise DamagedInputError(f"{place}: it declares entities, which are refused; save it without a DTD")

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise DamagedInputError(f"{place}: more than {_DEEPEST} elements in one another; expected ALTO or PAGE")
        builder.start(_local(tag), {_local(name): value for name, value in attributes.items()})

    def end(tag: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_local(tag))

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.EntityDeclHandler = refuse
    parser.UnparsedEntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(content, True)
        return builder.close()
    except expat.ExpatError as error:
        reason = f"line {error.lineno}, column {error.offset + 1}: {expat.ErrorString(error.code)}"
        raise DamagedInputError(f"{place}: not XML ({reason}); fetch or export it again") from error
    except (AssertionError, ValueError, LookupError) as error:
        raise DamagedInputError(f"{place}: not XML ({error}); fetch or export it again") from error


def _local(name: str) -> str:
    return name.rpartition(":")[2]
