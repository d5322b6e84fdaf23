"""JSON of foreign making, taken apart with messages that say where in which file something is wrong."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from geulnun.data.tree import File
from geulnun.errors import DamagedInputError


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a JSON file and the way to it.

    Attributes:
        raw: what `json` made of it.
        place: the file.
        way: as ``annotations[3].bbox``, "" for the whole file.
    """

    raw: Any
    place: str
    way: str = ""

    def wrong(self, expected: str) -> DamagedInputError:
        """The error that this value is not what it should be."""
        shown = f"{self.raw!r:.40}" if not isinstance(self.raw, dict | list) else f"a {type(self.raw).__name__}"
        return DamagedInputError(f"{self.place}: {self.way or 'the file'} is {shown}; expected {expected}")

    def get(self, *names: str) -> Value | None:
        """The first member that is there and not null, of these names; None where there is none."""
        if not isinstance(self.raw, dict):
            raise self.wrong("an object")
        for name in names:
            if self.raw.get(name) is not None:
                return Value(self.raw[name], self.place, f"{self.way}.{name}".lstrip("."))
        return None

    def need(self, *names: str) -> Value:
        """As `get`, but it must be there."""
        found = self.get(*names)
        if found is None:
            where = f"{self.way} has" if self.way else "there is"
            raise DamagedInputError(
                f"{self.place}: {where} no {names[0]!r}; the file is cut short or of another format"
            )
        return found

    def items(self) -> Iterator[Value]:
        """The elements of a list."""
        if not isinstance(self.raw, list):
            raise self.wrong("a list")
        return (Value(item, self.place, f"{self.way}[{index}]") for index, item in enumerate(self.raw))

    def first(self) -> Value:
        """The first element of a list that is not empty."""
        found = next(self.items(), None)
        if found is None:
            raise self.wrong("a list that is not empty")
        return found

    def members(self) -> Iterator[tuple[str, Value]]:
        """Names and values of an object."""
        if not isinstance(self.raw, dict):
            raise self.wrong("an object")
        return ((name, Value(item, self.place, f"{self.way}.{name}".lstrip("."))) for name, item in self.raw.items())

    def number(self) -> float:
        """A finite number; numbers in quotes, which some files have, count."""
        raw = self.raw
        if isinstance(raw, str):
            try:
                raw = float(raw)
            except ValueError:
                raise self.wrong("a number") from None
        if isinstance(raw, bool) or not isinstance(raw, int | float) or not math.isfinite(raw) or abs(raw) > 1e9:
            raise self.wrong("a number")
        return float(raw)

    def numbers(self, count: int | None = None) -> list[float]:
        """A list of numbers, ``count`` of them."""
        found = [item.number() for item in self.items()]
        if count is not None and len(found) != count:
            raise self.wrong(f"{count} numbers")
        return found

    def size(self) -> int:
        """A number of pixels, at least 1."""
        number = self.number()
        if number < 1 or number != int(number):
            raise self.wrong("a whole number of at least 1")
        return int(number)

    def text(self) -> str:
        """Text in NFC; a number counts as its digits."""
        if isinstance(self.raw, bool) or not isinstance(self.raw, str | int | float):
            raise self.wrong("text")
        return unicodedata.normalize("NFC", str(self.raw))

    def points(self) -> list[tuple[float, float]]:
        """Points: pairs of numbers, or numbers in a row."""
        items = list(self.items())
        if items and isinstance(items[0].raw, list):
            pairs = [item.numbers(2) for item in items]
            return [(x, y) for x, y in pairs]
        flat = self.numbers()
        if len(flat) % 2:
            raise self.wrong("an even count of numbers")
        return list(zip(flat[::2], flat[1::2], strict=True))


def load(file: File) -> Value:
    """Read a JSON file.

    Raises:
        DamagedInputError: not JSON; the message says at which line and column.
        InputError: it cannot be read.
    """
    content = file.read()
    try:
        return Value(json.loads(content.decode("utf-8-sig")), file.place)
    except json.JSONDecodeError as error:
        reason = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except UnicodeDecodeError as error:
        reason = f"byte {error.start}: not UTF-8"
    except (ValueError, RecursionError) as error:
        reason = str(error)
    raise DamagedInputError(f"{file.place}: not JSON ({reason}); fetch or export it again")
