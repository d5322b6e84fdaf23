r"""A small language of regular expressions, compiled so that one may ask after every character what may come next.

Known are characters, ``\`` before one that means something, ``.`` (any character), ``\d`` (0 to 9), sets ``[...]``
with ranges and ``[^...]``, groups, ``|``, and the repeats ``? * + {m} {m,} {m,n}``. The whole text has to match: there
are no anchors. Expressions become a non-deterministic automaton (Thompson, "Regular Expression Search Algorithm", 1968)
whose sets of states are worked out as they are met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from geulnun.errors import UsageError

#: Half-open ranges of code points, sorted, apart from each other.
Ranges = tuple[tuple[int, int], ...]

_EVERY: Ranges = ((0, 0x110000),)
#: As in `re`, where `.` is any character but the end of a line.
_ANY: Ranges = ((0, 10), (11, 0x110000))
_DIGITS: Ranges = ((0x30, 0x3A),)
#: States an expression may have; repeats of repeats grow quickly.
_MOST_STATES = 20_000
#: Sets of more characters are not written out.
_MOST_CHARACTERS = 25_000


@dataclass
class _Network:
    """States with what they lead to: without a character, and with one of a set."""

    silent: list[list[int]] = field(default_factory=list)
    spoken: list[tuple[Ranges, int] | None] = field(default_factory=list)

    def add(self) -> int:
        if len(self.silent) >= _MOST_STATES:
            raise ValueError(f"more than {_MOST_STATES:,} states; ask for fewer repeats")
        self.silent.append([])
        self.spoken.append(None)
        return len(self.silent) - 1


#: Adds its states to a network behind a state and returns the last of them.
_Part = Callable[[_Network, int], int]


class Automaton:
    """An expression compiled; states are small ints, 0 the first. Every state can still lead to a match.

    Raises:
        UsageError: the expression cannot be understood; the message says where.
    """

    def __init__(self, expression: str) -> None:
        self.expression = expression
        self._network = _Network()
        try:
            part = _Parser(expression).parse()
            first = self._network.add()
            self._last = part(self._network, first)
        except ValueError as error:
            raise UsageError(f"pattern {expression!r}: {error}") from None
        self._sets: list[frozenset[int]] = []
        self._numbers: dict[frozenset[int], int] = {}
        self._steps: dict[tuple[int, str], int | None] = {}
        self._number(self._closure({first}))

    def step(self, state: int, char: str) -> int | None:
        """The state after one more character; None where it may not follow."""
        key = (state, char)
        if key not in self._steps:
            code = ord(char)
            reached = {
                edge[1]
                for at in self._sets[state]
                if (edge := self._network.spoken[at]) is not None and _holds(edge[0], code)
            }
            self._steps[key] = self._number(self._closure(reached)) if reached else None
        return self._steps[key]

    def accepts(self, state: int) -> bool:
        """Whether the text so far is a match."""
        return self._last in self._sets[state]

    def matches(self, text: str) -> bool:
        """Whether a text is a match as a whole."""
        state: int | None = 0
        for char in text:
            state = self.step(state, char) if state is not None else None
        return state is not None and self.accepts(state)

    def follows(self, state: int) -> frozenset[str] | None:
        """The characters that may follow; None for more than can be listed."""
        return _written(self._network, self._sets[state])

    @property
    def alphabet(self) -> frozenset[str] | None:
        """The characters of all texts that match; None for more than can be listed."""
        return _written(self._network, range(len(self._network.spoken)))

    def _number(self, states: frozenset[int]) -> int:
        if states not in self._numbers:
            self._sets.append(states)
            self._numbers[states] = len(self._sets) - 1
        return self._numbers[states]

    def _closure(self, states: set[int]) -> frozenset[int]:
        found, waiting = set(states), list(states)
        while waiting:
            for other in self._network.silent[waiting.pop()]:
                if other not in found:
                    found.add(other)
                    waiting.append(other)
        return frozenset(found)


def characters(text: str) -> Callable[[str], bool]:
    """Whether a character is one of those listed, single ones and ranges as in ``[...]``: ``0-9가-힣,``.

    Raises:
        UsageError: a range runs backwards, or the list is empty.
    """
    # A bracket in the list is a character of it, and one that was escaped stays so.
    inside = text.replace("\\]", "]").replace("]", "\\]")
    try:
        parser = _Parser(f"{inside}]")
        ranges = parser.set()
    except ValueError as error:
        raise UsageError(f"characters {text!r}: {error}") from None
    return lambda char: _holds(ranges, ord(char))


class _Parser:
    """Recursive descent over an expression; errors are `ValueError`."""

    def __init__(self, expression: str) -> None:
        self._text, self._at = expression, 0

    def parse(self) -> _Part:
        part = self._choice()
        if self._at < len(self._text):
            raise ValueError(f"')' without '(' at character {self._at + 1}")
        return part

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self, missing: str) -> str:
        if self._at >= len(self._text):
            raise ValueError(f"it ends where {missing} is expected")
        self._at += 1
        return self._text[self._at - 1]

    def _choice(self) -> _Part:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        return parts[0] if len(parts) == 1 else _either(parts)

    def _sequence(self) -> _Part:
        parts: list[_Part] = []
        while self._peek() not in ("", "|", ")"):
            parts.append(self._repeated(self._atom()))
        return _after_another(parts)

    def _repeated(self, part: _Part) -> _Part:
        while (sign := self._peek()) in ("?", "*", "+", "{") and sign:
            self._at += 1
            low, high = {"?": (0, 1), "*": (0, None), "+": (1, None)}.get(sign) or self._bounds()
            part = _repeat(part, low, high)
        return part

    def _bounds(self) -> tuple[int, int | None]:
        start = self._at
        while self._take("'}'") != "}":
            pass
        inside = self._text[start : self._at - 1]
        low, comma, high = inside.partition(",")
        if not (low.isdecimal() and low.isascii()) or (high and not (high.isdecimal() and high.isascii())):
            raise ValueError(f"{{{inside}}} is no repeat; expected {{m}}, {{m,}} or {{m,n}}")
        most = None if comma and not high else int(high or low)
        if most is not None and most < int(low):
            raise ValueError(f"{{{inside}}} repeats at least {low} and at most {high} times")
        return int(low), most

    def _atom(self) -> _Part:
        char = self._take("a character")
        if char == "(":
            if self._text.startswith("?:", self._at):
                self._at += 2
            part = self._choice()
            if self._take("')'") != ")":
                raise ValueError(f"'(' is not closed at character {self._at}")
            return part
        if char == "[":
            return _one_of(self.set())
        if char in "?*+{":
            raise ValueError(
                f"{char!r} at character {self._at} has nothing to repeat; write \\{char} for the character"
            )
        if char in "^$":
            raise ValueError(f"{char!r} at character {self._at}: the whole text has to match anyway; leave it out")
        if char == ".":
            return _one_of(_ANY)
        return _one_of(self._escaped() if char == "\\" else _single(char))

    def _escaped(self) -> Ranges:
        char = self._take("a character after \\")
        if char == "d":
            return _DIGITS
        if char.isalnum():
            raise ValueError(f"\\{char} is not known; of letters only \\d is")
        return _single(char)

    def set(self) -> Ranges:
        """The set whose '[' has been read."""
        negated = self._peek() == "^"
        self._at += negated
        ranges: list[tuple[int, int]] = []
        while (char := self._take("']'")) != "]":
            first = self._escaped() if char == "\\" else _single(char)
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in ("]", ""):
                self._at += 1
                char = self._take("the end of a range")
                last = self._escaped() if char == "\\" else _single(char)
                if _DIGITS in (first, last) or last[0][1] <= first[0][0]:
                    raise ValueError(f"a range up to {char!r} at character {self._at} runs backwards")
                first = ((first[0][0], last[0][1]),)
            ranges += first
        found = _merged(ranges)
        found = _others(found) if negated else found
        if not found:
            raise ValueError(f"the set that ends at character {self._at} is empty")
        return found


def _single(char: str) -> Ranges:
    return ((ord(char), ord(char) + 1),)


def _merged(ranges: list[tuple[int, int]]) -> Ranges:
    out: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if out and low <= out[-1][1]:
            out[-1] = out[-1][0], max(high, out[-1][1])
        else:
            out.append((low, high))
    return tuple(out)


def _others(ranges: Ranges) -> Ranges:
    edges = [0, *(edge for pair in ranges for edge in pair), _EVERY[0][1]]
    return tuple((low, high) for low, high in zip(edges[::2], edges[1::2], strict=True) if low < high)


def _holds(ranges: Ranges, code: int) -> bool:
    return any(low <= code < high for low, high in ranges)


def _written(network: _Network, states: frozenset[int] | range) -> frozenset[str] | None:
    edges = [edge for at in states if (edge := network.spoken[at]) is not None]
    ranges = _merged([pair for edge in edges for pair in edge[0]])
    if sum(high - low for low, high in ranges) > _MOST_CHARACTERS:
        return None
    return frozenset(chr(code) for low, high in ranges for code in range(low, high))


def _one_of(ranges: Ranges) -> _Part:
    def add(network: _Network, first: int) -> int:
        # A state has one edge with characters: it begins at a state of its own.
        at, last = network.add(), network.add()
        network.silent[first].append(at)
        network.spoken[at] = (ranges, last)
        return last

    return add


def _after_another(parts: list[_Part]) -> _Part:
    def add(network: _Network, first: int) -> int:
        for part in parts:
            first = part(network, first)
        return first

    return add


def _either(parts: list[_Part]) -> _Part:
    def add(network: _Network, first: int) -> int:
        ends = []
        for part in parts:
            start = network.add()
            network.silent[first].append(start)
            ends.append(part(network, start))
        last = network.add()
        for end in ends:
            network.silent[end].append(last)
        return last

    return add


def _repeat(part: _Part, low: int, high: int | None) -> _Part:
    def add(network: _Network, first: int) -> int:
        for _ in range(low):
            first = part(network, first)
        start, last = network.add(), network.add()
        network.silent[first].append(start)
        network.silent[start].append(last)
        if high is None:
            network.silent[part(network, start)].append(start)
            return last
        for _ in range(high - low):
            start = part(network, start)
            network.silent[start].append(last)
        return last

    return add
