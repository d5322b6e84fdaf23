# ruff: noqa: E501  word lists and sentence templates, one a line
"""Dates and sums of money in the forms Korean papers write them, words and ideographs included."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from geulnun.synth.draws import any_of

Rng = np.random.Generator

_DIGITS = "영일이삼사오육칠팔구"
_FORMAL = "零壹貳參四五六七八九"
_PLAIN = "〇一二三四五六七八九"
_GROUPS = ("", "만", "억", "조")
_NATIVE = "한 두 세 네 다섯 여섯 일곱 여덟 아홉 열 열한 열두".split()
_ENGLISH = "January February March April May June July August September October November December".split()
_MONTHS = "일월 이월 삼월 사월 오월 유월 칠월 팔월 구월 시월 십일월 십이월".split()


def spelled(value: int, script: str = "hangul", ones: bool = True) -> str:
    """A whole number in words: 1,234,000 is 일백이십삼만사천.

    Args:
        value: 0 or more, below 10 ** 16.
        script: "hangul" 일이삼, or "hanja" 壹貳參 as deeds write them.
        ones: write the 일 before 천, 백 and 십, as contracts do against forgery; False as it is spoken (이천십).

    Raises:
        ValueError: the value or script is outside that.
    """
    if not 0 <= value < 10**16 or script not in ("hangul", "hanja"):
        raise ValueError(f"cannot spell {value} in {script!r}; expected 0 to 10**16 - 1 in hangul or hanja")
    letters, places = (_DIGITS, ("", "십", "백", "천")) if script == "hangul" else (_FORMAL, ("", "拾", "百", "千"))
    groups = _GROUPS if script == "hangul" else ("", "萬", "億", "兆")
    if value == 0:
        return letters[0]
    out = ""
    for group in range(3, -1, -1):
        part = value // 10 ** (4 * group) % 10_000
        text = ""
        for place in range(3, -1, -1):
            digit = part // 10**place % 10
            if digit:
                text += ("" if digit == 1 and place and not ones else letters[digit]) + places[place]
        if text:
            # Spoken, ten thousand is 만, not 일만, where nothing stands before it.
            short = not ones and part == 1 and group == 1 and not out
            out += ("" if short else text) + groups[group]
    return out


def grouped(value: int) -> str:
    """A whole number in digits and 만, 억, 조: 1억 2,345만 6,789."""
    parts = [
        f"{value // 10 ** (4 * group) % 10_000:,}{_GROUPS[group]}"
        for group in range(3, -1, -1)
        if value // 10 ** (4 * group) % 10_000
    ]
    return " ".join(parts) or "0"


def money(rng: Rng, hanja: bool = False) -> str:
    """A sum of money in one of its written forms; ``hanja`` allows those with ideographs."""
    value = int(10 ** rng.uniform(2.5, 9.5))
    exact = any_of(rng, (10, 100, 1000, 1000)) * max(value // 1000, 1)
    big = any_of(rng, (10_000, 10_000, 50_000, 1_000_000)) * int(rng.integers(1, 4000))
    forms = [
        f"{exact:,}원", f"₩{exact:,}", f"￦ {exact:,}", f"₩{exact:,}-", f"금 {exact:,}원", f"금{exact:,}원정",
        f"금 {spelled(big)}원정", f"금 {spelled(big)}원정(₩{big:,})", f"금{big:,}원(금{spelled(big)}원)",
        f"일금 {spelled(big)}원정", f"일금 {spelled(big)}원 정 (₩ {big:,})", f"{grouped(big)} 원", f"{grouped(big).replace(' ', '')}원",
        f"약 {grouped(big)}원", f"{rng.integers(1, 100)}만 {rng.integers(1, 10)}천 원", f"{rng.integers(1, 100)}만{rng.integers(1, 10)}천원",
        f"{rng.integers(1, 1000):,}천원", f"{rng.integers(1, 10000):,}백만 원", f"{rng.integers(1, 10)}조 {rng.integers(1, 10)},{rng.integers(100, 1000)}억 원",
        f"{rng.integers(1, 1000) / 10:.1f}억원", f"월 {exact:,}원", f"시간당 {exact:,}원", f"KRW {exact:,}", f"US${value / 100:,.2f}",
        f"€{value / 100:,.2f}", f"¥{value:,}", f"(-) {exact:,}원", f"▲{exact:,}", f"△ {exact:,}천원", f"{exact:,}.-",
        f"{spelled(big, ones=False)} 원", f"+{exact:,}원", f"합계 {exact:,} 원 (VAT 포함)", f"{exact:,}원/월",
    ]  # fmt: skip
    if hanja:
        forms += [
            f"金 {exact:,}원",
            f"一金 {spelled(big, 'hanja')}원整",
            f"一金 {spelled(big)}원정",
            f"金{spelled(big, 'hanja')}원정",
        ] * 2
    return any_of(rng, forms)


def when(rng: Rng, hanja: bool = False) -> str:
    """A date, a span, or a date and time in one of its written forms; ``hanja`` allows those with ideographs."""
    day = date(1930, 1, 1) + timedelta(days=int(rng.integers(39_000)))
    y, m, d = day.year, day.month, day.day
    until = day + timedelta(days=int(rng.integers(1, 700)))
    week = "월화수목금토일"[day.weekday()]
    h, minute = int(rng.integers(24)), int(rng.integers(12)) * 5
    half, hour = ("오전", "오후")[h >= 12], h % 12 or 12
    forms = [
        f"{y}년 {m}월 {d}일", f"{y}년 {m:02d}월 {d:02d}일", f"{y}년 {m}월 {d}일({week})", f"{y}년 {m}월 {d}일 {week}요일", f"{y}. {m}. {d}.",
        f"{y}. {m}. {d}. ({week})", f"{y}.{m}.{d}", f"{y}.{m:02d}.{d:02d}.", f"{y}-{m:02d}-{d:02d}", f"{y}/{m:02d}/{d:02d}", f"{y}{m:02d}{d:02d}",
        f"{y % 100:02d}.{m}.{d}.", f"'{y % 100:02d}. {m}. {d}.", f"’{y % 100:02d}년 {m}월", f"{m}월 {d}일", f"{m}. {d}.({week})", f"{m}/{d}({week})",
        f"{y}년", f"{y}년도", f"{y}년 상반기", f"{y}년 {(m + 2) // 3}/4분기", f"{y}. {m}.", f"단기 {y + 2333}년 {m}월 {d}일", f"서기 {y}년 {m}월 {d}일",
        f"{spelled(y, ones=False)}년 {_MONTHS[m - 1]} {spelled(d, ones=False)}일", f"음력 {m}월 {d}일", f"{y}년 {m}월 말", f"매월 {d}일", f"매주 {week}요일",
        f"{y}. {m}. {d}. ~ {until.year}. {until.month}. {until.day}.", f"{y}년 {m}월 {d}일부터 {until.year}년 {until.month}월 {until.day}일까지",
        f"{m}월 {d}일 ~ {until.month}월 {until.day}일", f"{y}.{m:02d}~{until.year}.{until.month:02d}", f"{m}월 {d}일({week}) {h:02d}:{minute:02d}",
        f"{y}. {m}. {d}. {h:02d}:{minute:02d}", f"{half} {hour}시 {minute}분", f"{half} {_NATIVE[hour - 1]} 시 {minute}분", f"{half} {_NATIVE[hour - 1]}시 반",
        f"{h:02d}:{minute:02d}~{min(h + 2, 23):02d}:{minute:02d}", f"{h:02d}시 {minute:02d}분", f"{y}-{m:02d}-{d:02d} {h:02d}:{minute:02d}:{int(rng.integers(60)):02d}",
        f"{y}년 {m}월 {d}일생", f"만 {rng.integers(1, 100)}세", f"{d}일", f"{_ENGLISH[m - 1][:3]} {d}, {y}", f"{d} {_ENGLISH[m - 1]} {y}", f"D-{rng.integers(1, 100)}",
    ]  # fmt: skip
    if hanja:
        plain = "".join(_PLAIN[int(digit)] for digit in str(y))
        forms += [f"{plain}年 {m}月 {d}日", f"{y}年 {m}月 {d}日", f"{m}月 {d}日({'月火水木金土日'[day.weekday()]})"] * 2
    return any_of(rng, forms)
