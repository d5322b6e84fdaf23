"""Patterns of fields, such as dates, amounts and registration numbers, that limit what beam search may write.

A pattern is an expression (`geulnun.decode.expressions`) and may have a check digit; beam search then writes matches
only. Where it finds none within its beam the field is something else: see `geulnun.decode.options.build`.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from geulnun.decode.expressions import Automaton
from geulnun.errors import UsageError


@dataclass(frozen=True)
class Checksum:
    """A last digit that follows from those before it; separators do not count, masks (``*``) leave it open.

    Attributes:
        digits: how many there are, the check digit among them.
        value: what a digit at a place, both from 0, adds to the sum.
        modulus: what the sum is taken modulo.
        last: the check digit of the sum.
    """

    digits: int
    value: Callable[[int, int], int]
    modulus: int
    last: Callable[[int], int]

    def step(self, state: tuple[int, int], char: str) -> tuple[int, int] | None:
        """Count and sum after one more character; None for a wrong check digit."""
        count, total = state
        if not "0" <= char <= "9":
            return state
        if count == self.digits - 1 and int(char) != self.last(total):
            return None
        return count + 1, (total + self.value(count, int(char))) % self.modulus


class Pattern:
    """A pattern as a scorer of beam search: it weighs nothing, and refuses what does not match.

    Args:
        expression: see `geulnun.decode.expressions`.
        check: the check digit; None for none.

    Raises:
        UsageError: the expression cannot be understood.
    """

    def __init__(self, expression: str, check: Checksum | None = None) -> None:
        self._automaton, self._check = Automaton(expression), check
        self.alphabet = self._automaton.alphabet
        self.start = (0, (0, 0))

    def step(self, state: tuple[int, tuple[int, int]], char: str) -> tuple[tuple[int, tuple[int, int]], float] | None:
        """See `geulnun.decode.beam.Scorer.step`."""
        after = self._automaton.step(state[0], char)
        checked = state[1] if self._check is None else self._check.step(state[1], char)
        return None if after is None or checked is None else ((after, checked), 0.0)

    def end(self, state: tuple[int, tuple[int, int]]) -> float:
        """See `geulnun.decode.beam.Scorer.end`."""
        return 0.0 if self._automaton.accepts(state[0]) else -math.inf

    def follows(self, state: tuple[int, tuple[int, int]]) -> frozenset[str] | None:
        """See `geulnun.decode.beam.Scorer.follows`."""
        found = self._automaton.follows(state[0])
        if found is None or self._check is None:
            return found
        return frozenset(char for char in found if self._check.step(state[1], char) is not None)

    def matches(self, text: str) -> bool:
        """Whether a whole text matches, its check digit too."""
        state = self.start
        for char in text:
            found = self.step(state, char)
            if found is None:
                return False
            state = found[0]
        return self.end(state) == 0.0


def _weighted(weights: tuple[int, ...]) -> Callable[[int, int], int]:
    return lambda place, digit: weights[place] * digit if place < len(weights) else 0


def _business(place: int, digit: int) -> int:
    weights = (1, 3, 7, 1, 3, 7, 1, 3, 5, 0)
    return (weights[place] if place < 10 else 0) * digit + (digit * 5 // 10 if place == 8 else 0)


def _luhn(place: int, digit: int) -> int:
    doubled = digit * (2 - place % 2)
    return doubled // 10 + doubled % 10


#: Resident registration numbers given until October 2020; later ones have no check digit.
RESIDENT = Checksum(13, _weighted((2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)), 11, lambda total: (11 - total) % 10)
BUSINESS = Checksum(10, _business, 10, lambda total: -total % 10)
CORPORATION = Checksum(13, _weighted((1, 2) * 6), 10, lambda total: -total % 10)
#: Luhn's, ISO/IEC 7812-1 annex B, for 16 digits.
CARD = Checksum(16, _luhn, 10, lambda total: -total % 10)

_YEAR, _MONTH, _DAY = r"(19|20)\d\d", "(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_HOUR, _SIXTY = r"([01]?\d|2[0-3])", r"[0-5]\d"
_WHOLE = r"(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)"
_AREA = "(02|0[3-6][1-5]|070|080|050[2-8]|01[016-9])"
_REGIONS = "(서울|부산|대구|인천|광주|대전|울산|세종|경기|강원|충북|충남|전북|전남|경북|경남|제주)"
_USES = "[가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주아바사자하허호배]"
_RESIDENT = r"\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-[0-9](\d{6}|\*{6})"
_CARD = r"\d{4}-\d{4}-\d{4}-\d{4}|\d{4} \d{4} \d{4} \d{4}|\d{16}"

#: Expression and check digit by name.
NAMED: dict[str, tuple[str, Checksum | None]] = {
    "account": (r"\d{2,6}(-\d{1,8}){1,4}|\d{10,14}", None),
    "amount": (rf"(금 ?)?[₩\\]? ?[\-△▲]?{_WHOLE}( ?원)?정?|{_WHOLE}(천|만|백만|천만|억) ?원정?", None),
    "business": (r"\d{3}-\d{2}-\d{5}", None),
    "business-checked": (r"\d{3}-\d{2}-\d{5}", BUSINESS),
    "card": (_CARD, None),
    "card-checked": (_CARD, CARD),
    "corporation": (r"\d{6}-\d{7}", None),
    "corporation-checked": (r"\d{6}-\d{7}", CORPORATION),
    "date": (
        rf"{_YEAR}(\. ?{_MONTH}\. ?{_DAY}\.?|-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY}|년 ?{_MONTH}월 ?{_DAY}일)"
        rf"|\d\d(\. ?{_MONTH}\. ?{_DAY}\.?|-{_MONTH}-{_DAY}|/{_MONTH}/{_DAY})"
        rf"|{_YEAR}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])",
        None,
    ),
    "e-mail": (r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)*\.[A-Za-z]{2,}", None),
    "percentage": (rf"[\-△▲]?{_WHOLE}(\.\d+)? ?[%‰]", None),
    "phone": (
        rf"{_AREA}(-\d{{3,4}}-|\.\d{{3,4}}\.| \d{{3,4}} |\) ?\d{{3,4}}-|\d{{3,4}})\d{{4}}"
        rf"|\({_AREA}\) ?\d{{3,4}}-\d{{4}}|1[568]\d\d-\d{{4}}|\+82[\- ]\d{{1,2}}[\- ]\d{{3,4}}[\- ]\d{{4}}",
        None,
    ),
    "plate": (rf"{_REGIONS}? ?\d{{2,3}} ?{_USES} ?\d{{4}}", None),
    "postcode": (r"\d{5}|\d{3}-\d{3}", None),
    "resident": (_RESIDENT, None),
    "resident-checked": (_RESIDENT, RESIDENT),
    "time": (
        rf"{_HOUR}:{_SIXTY}(:{_SIXTY})?|(오전|오후) ?(0?[1-9]|1[0-2])(:{_SIXTY}|시( ?[0-5]?\d분)?)"
        rf"|{_HOUR}시( ?[0-5]?\d분)?",
        None,
    ),
}


def pattern(text: str) -> Pattern:
    """The pattern of that name, or of that expression; small letters and hyphens alone are a name.

    Raises:
        UsageError: there is no such name, and the nearest is named, or the expression cannot be understood.
    """
    if text in NAMED:
        return Pattern(*NAMED[text])
    if re.fullmatch(r"[a-z-]+", text):
        near = difflib.get_close_matches(text, NAMED, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"expected an expression, or one of {', '.join(NAMED)}"
        raise UsageError(f"no pattern is called {text!r}; {hint}")
    if not text:
        raise UsageError("the pattern is empty; give a name or an expression, or leave it out")
    return Pattern(text)
