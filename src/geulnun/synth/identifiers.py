# ruff: noqa: E501  word lists and sentence templates, one a line
"""Numbers that identify: of residents, foreigners, businesses, corporations, cards, accounts, telephones.

Check digits follow the public rules, so a reader that verifies them finds them valid. All other digits are drawn at random:
whom or what such a number belongs to, if anyone, is chance, and nothing here was taken from a register.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from geulnun.synth.draws import any_of, digits

Rng = np.random.Generator

_RESIDENT = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
_BUSINESS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
_CORPORATION = (1, 2) * 6
_AREAS = "02 031 032 033 041 042 043 044 051 052 053 054 055 061 062 063 064".split()
_BANKS = {
    "국민은행": (6, 2, 6), "신한은행": (3, 3, 6), "우리은행": (4, 3, 6), "하나은행": (3, 6, 5), "농협": (3, 4, 4, 2),
    "기업은행": (3, 6, 2, 3), "새마을금고": (4, 4, 4, 1), "우체국": (6, 2, 6), "신협": (3, 3, 6), "수협": (4, 4, 4),
}  # fmt: skip


def _weighed(number: str, weights: Sequence[int]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=True))


def resident_check(number: str) -> int:
    """The 13th digit of a resident registration number, of its first 12 (those given until October 2020)."""
    return (11 - _weighed(number, _RESIDENT) % 11) % 10


def foreigner_check(number: str) -> int:
    """The 13th digit of a foreigner's registration number, of its first 12."""
    return (13 - _weighed(number, _RESIDENT) % 11) % 10


def business_check(number: str) -> int:
    """The 10th digit of a business registration number, of its first 9."""
    return (10 - (_weighed(number, _BUSINESS) + int(number[8]) * 5 // 10) % 10) % 10


def corporation_check(number: str) -> int:
    """The 13th digit of a corporation registration number, of its first 12."""
    return (10 - _weighed(number, _CORPORATION) % 10) % 10


def luhn_check(number: str) -> int:
    """The last digit of a card number, of those before it (Luhn, ISO/IEC 7812-1 annex B)."""
    doubled = [int(digit) * (2 - index % 2) for index, digit in enumerate(reversed(number))]
    return (10 - sum(value // 10 + value % 10 for value in doubled) % 10) % 10


def _birthday(rng: Rng) -> date:
    return date(1930, 1, 1) + timedelta(days=int(rng.integers(33_500)))


def resident(rng: Rng) -> str:
    """A resident registration number with its check digit."""
    born = _birthday(rng)
    sex = int(rng.integers(1, 3)) + (2 if born.year >= 2000 else 0)
    head = f"{born:%y%m%d}{sex}{digits(rng, 5)}"
    return f"{head[:6]}-{head[6:]}{resident_check(head)}"


def foreigner(rng: Rng) -> str:
    """A foreigner's registration number with its check digit."""
    born = _birthday(rng)
    kind = int(rng.integers(5, 7)) + (2 if born.year >= 2000 else 0)
    # The office's number, digits eight and nine, is even.
    head = f"{born:%y%m%d}{kind}{int(rng.integers(50)) * 2:02d}{digits(rng, 3)}"
    return f"{head[:6]}-{head[6:]}{foreigner_check(head)}"


def business(rng: Rng) -> str:
    """A business registration number with its check digit."""
    head = f"{rng.integers(101, 1000)}{rng.integers(1, 100):02d}{digits(rng, 4)}"
    return f"{head[:3]}-{head[3:5]}-{head[5:]}{business_check(head)}"


def corporation(rng: Rng) -> str:
    """A corporation registration number with its check digit."""
    head = (
        f"{any_of(rng, ('1101', '1311', '1801', '1201', '1501', '2001', '1601'))}{rng.integers(11, 25)}{digits(rng, 6)}"
    )
    return f"{head[:6]}-{head[6:]}{corporation_check(head)}"


def card(rng: Rng) -> str:
    """A card number with its check digit, in one of its written forms."""
    head = any_of(rng, ("4", "51", "52", "55", "9", "35", "62"))
    head += digits(rng, 15 - len(head))
    number = head + str(luhn_check(head))
    parts = [number[at : at + 4] for at in range(0, 16, 4)]
    if rng.random() < 0.25:
        parts[int(rng.integers(1, 3))] = "****"
    return any_of(rng, ("-", " ", "-", "")).join(parts)


def account(rng: Rng) -> str:
    """A bank account number in its bank's grouping, mostly with the bank's name."""
    bank = any_of(rng, tuple(_BANKS))
    number = "-".join(digits(rng, size) for size in _BANKS[bank])
    return any_of(rng, (f"{bank} {number}", f"{number} ({bank})", number))


def telephone(rng: Rng) -> str:
    """A telephone number as cards, letters and signs write it."""
    roll = rng.random()
    if roll < 0.12:
        return f"{any_of(rng, ('1544', '1588', '1577', '1600', '1661', '1899'))}-{digits(rng, 4)}"
    if roll < 0.22:
        return f"+82-{any_of(rng, ('2', '10', '31', '51', '64'))}-{rng.integers(200, 9999)}-{digits(rng, 4)}"
    if roll < 0.27:
        return f"0507-{rng.integers(1300, 1500)}-{digits(rng, 4)}"
    area = "010" if rng.random() < 0.5 else any_of(rng, _AREAS)
    middle = str(rng.integers(2000, 10000) if area == "010" else rng.integers(200, 9000))
    form = any_of(
        rng, ("{}-{}-{}", "{}-{}-{}", "{}.{}.{}", "({}){}-{}", "{}) {}-{}", "{} {} {}", "☎ {}-{}-{}", "{}{}{}")
    )
    number = form.format(area, middle, digits(rng, 4))
    return f"{number}~{rng.integers(1, 10)}" if rng.random() < 0.04 else number


_KINDS = (
    ("주민등록번호", resident), ("외국인등록번호", foreigner), ("사업자등록번호", business), ("법인등록번호", corporation),
    ("카드번호", card), ("계좌번호", account), ("연락처", telephone), ("전화", telephone), ("", telephone),
)  # fmt: skip


def identifier(rng: Rng) -> str:
    """One of them, sometimes with what it is."""
    label, draw = any_of(rng, _KINDS)
    number = draw(rng)
    if not label or rng.random() < 0.6:
        return number
    return label + any_of(rng, (": ", " ", " : ")) + number
