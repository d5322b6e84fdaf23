"""Documents as JSON, without loss: what `JsonWriter` writes, `read_json` reads back as an equal tree.

Schema, version 1, which `schema` gives as JSON Schema (``?`` marks what is left out when it has its default)::

    document: {"format": "geulnun-document", "version": 1, "source", "metadata"?: [[key, value], ...], "pages": [page]}
    page:     {"number", "width", "height", "rotation", "dpi"?, "text", "blocks": [block], "entities"?: [entity]}
    block:    {"kind", "quad"?, "lines": [line]}
    line:     {"text", "confidence", "quad"?, "vertical"?: true, "words": [word]}
    word:     {"text", "quad"?, "space_after"?: false, "chars": [char]}
    char:     {"text", "confidence", "quad"?, "alternatives"?: [[text, probability], ...]}
    entity:   {"kind", "start", "end", "confidence"}
    quad:     [[x, y], [x, y], [x, y], [x, y]]  pixels, clockwise from the text's start

The ``text`` of pages, lines and words is there for people and scripts; reading takes the characters.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from importlib import resources
from typing import Any, TypeVar, cast, get_args

from geulnun.document import Alternative, Block, BlockKind, Char, Document, Entity, Line, Page, Quad, Word
from geulnun.errors import DamagedInputError
from geulnun.write.base import Original

FORMAT = "geulnun-document"
VERSION = 1

#: What UTF-8 cannot hold, and a file name that is not UTF-8 carries; JSON can, escaped.
_SURROGATE = re.compile("[\ud800-\udfff]")

#: No page is so large and no document so long: what writers make of whole numbers stays within 32 bits.
_MOST = 1 << 31

_T = TypeVar("_T")
_Object = dict[str, Any]


class JsonWriter:
    """The whole tree as JSON in UTF-8, a newline at its end."""

    def __init__(self, rows: bool = True) -> None:
        """Choose the layout: one line of text a row, or with False all in one row, as JSON Lines wants it."""
        self._row_end = "\n" if rows else ""

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content."""
        head: _Object = {"format": FORMAT, "version": VERSION, "source": document.source}
        if document.metadata:
            head["metadata"] = document.metadata
        text = self._nest(head, "pages", [self._page(page) for page in document.pages]) + "\n"
        return text.encode()

    def _page(self, page: Page) -> str:
        head: _Object = {"number": page.number, "width": page.width, "height": page.height, "rotation": page.rotation}
        if page.dpi is not None:
            head["dpi"] = page.dpi
        head["text"] = page.text
        if page.entities:
            head["entities"] = [
                {"kind": item.kind, "start": item.start, "end": item.end, "confidence": item.confidence}
                for item in page.entities
            ]
        return self._nest(head, "blocks", [self._block(block) for block in page.blocks])

    def _block(self, block: Block) -> str:
        return self._nest(
            {"kind": block.kind} | _quad(block.quad), "lines", [_dump(_line(line)) for line in block.lines]
        )

    def _nest(self, head: _Object, key: str, items: Sequence[str]) -> str:
        """An object whose last member is a list of objects written already."""
        end = self._row_end
        inner = end + ("," + end).join(items) + end if items else ""
        return f"{_dump(head)[:-1]},{_dump(key)}:[{inner}]}}"


def _dump(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    if _SURROGATE.search(text):
        return json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text


def _line(line: Line) -> _Object:
    out: _Object = {"text": line.text, "confidence": line.confidence} | _quad(line.quad)
    if line.vertical:
        out["vertical"] = True
    return out | {"words": [_word(word) for word in line.words]}


def _word(word: Word) -> _Object:
    out: _Object = {"text": word.text} | _quad(word.quad)
    if not word.space_after:
        out["space_after"] = False
    return out | {"chars": [_char(char) for char in word.chars]}


def _char(char: Char) -> _Object:
    out: _Object = {"text": char.text, "confidence": char.confidence} | _quad(char.quad)
    if char.alternatives:
        out["alternatives"] = [[one.text, one.probability] for one in char.alternatives]
    return out


def _quad(quad: Quad | None) -> _Object:
    return {} if quad is None else {"quad": quad}


def schema() -> _Object:
    """The format as JSON Schema (draft 2020-12), from the file ``document-1.schema.json`` of this package."""
    text = resources.files("geulnun.write").joinpath(f"document-{VERSION}.schema.json").read_text(encoding="utf-8")
    return cast(_Object, json.loads(text))


def read_json(content: bytes | str, name: str = "JSON") -> Document:
    """Read back what `JsonWriter` wrote.

    Args:
        content: the file's content.
        name: what error messages call it.

    Raises:
        DamagedInputError: not JSON, not a document of this format and version, or a value of the wrong kind.
    """
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DamagedInputError(f"{name}: not JSON ({error}); write it again with -f json") from error
    if not isinstance(tree, dict) or tree.get("format") != FORMAT:
        raise DamagedInputError(f'{name}: no "format": "{FORMAT}" in it; expected a file written with -f json')
    if tree.get("version") != VERSION:
        raise DamagedInputError(f"{name}: version {tree.get('version')!r}; this program reads version {VERSION}")
    try:
        return _read_document(tree)
    except (KeyError, TypeError, ValueError) as error:
        reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
        raise DamagedInputError(f"{name}: not a document ({reason}); write it again with -f json") from error


def _read_document(tree: _Object) -> Document:
    pages = _each(tree["pages"], _read_page)
    metadata = tuple((_text(key), _text(value)) for key, value in _list(tree.get("metadata", [])))
    return Document(pages, _text(tree["source"]), metadata)


def _read_page(tree: _Object) -> Page:
    dpi = tree.get("dpi")
    return Page(
        width=_whole(tree["width"]),
        height=_whole(tree["height"]),
        blocks=_each(tree["blocks"], _read_block),
        number=_whole(tree["number"]),
        rotation=_whole(tree["rotation"]),
        dpi=None if dpi is None else _number(dpi),
        entities=_each(tree.get("entities", []), _read_entity),
    )


def _read_entity(tree: _Object) -> Entity:
    return Entity(_text(tree["kind"]), _whole(tree["start"]), _whole(tree["end"]), _number(tree["confidence"]))


def _read_block(tree: _Object) -> Block:
    kind = tree["kind"]
    if kind not in get_args(BlockKind):
        raise ValueError(f"block kind {kind!r}")
    return Block(_each(tree["lines"], _read_line), _read_quad(tree), cast(BlockKind, kind))


def _read_line(tree: _Object) -> Line:
    words = _each(tree["words"], _read_word)
    return Line(words, _read_quad(tree), _number(tree["confidence"]), _truth(tree.get("vertical", False)))


def _read_word(tree: _Object) -> Word:
    return Word(_each(tree["chars"], _read_char), _read_quad(tree), _truth(tree.get("space_after", True)))


def _read_char(tree: _Object) -> Char:
    others = tuple(Alternative(_text(text), _number(share)) for text, share in _list(tree.get("alternatives", [])))
    return Char(_text(tree["text"]), _read_quad(tree), _number(tree["confidence"]), others)


def _read_quad(tree: Mapping[str, Any]) -> Quad | None:
    points = tree.get("quad")
    if points is None:
        return None
    a, b, c, d = ((_number(x), _number(y)) for x, y in points)
    return a, b, c, d


def _each(value: object, read: Callable[[_Object], _T]) -> tuple[_T, ...]:
    return tuple(read(_object(item)) for item in _list(value))


def _object(value: object) -> _Object:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.40} where an object was expected")
    return value


def _list(value: object) -> Sequence[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{value!r:.40} where a list was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} where text was expected")
    return value


def _truth(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{value!r:.40} where true or false was expected")
    return value


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} where a whole number was expected")
    if abs(value) >= _MOST:
        raise ValueError(f"{str(value)[:20]}… where a whole number of at most ten digits was expected")
    return value


def _number(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{value!r:.40} where a number was expected")
    # JSON has neither infinity nor NaN, Python's parser takes both, and 1e999 for infinity.
    if not (isinstance(value, int) and abs(value) < _MOST) and not (isinstance(value, float) and math.isfinite(value)):
        raise ValueError(f"{str(value)[:20]} where a number was expected that a page can have")
    return value
