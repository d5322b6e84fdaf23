"""What a sample of a data set holds: characters, scripts, lengths, rare syllables and jamo, novelty, fonts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from geulnun import hangul
from geulnun.synth.sample import Facts, Sample

#: Jamo that running text seldom holds and a reader must know all the same.
RARE_JAMO = tuple("ㄳㄵㄽㄾㄿㅀㅄㄺㄻㄼㅃㅉㅒㅖㅙㅞㅢㅋ")
#: Facts that are counted by their value.
_COUNTED = ("kind", "style", "family", "font", "group", "layout")
_N = 3


def is_common(syllable: str) -> bool:
    """Tell whether KS X 1001 holds a syllable: one of the 2,350 that old encodings can write."""
    if not hangul.is_syllable(syllable):
        return False
    try:
        # EUC-KR is KS X 1001 in bytes: two each; Python's codec writes others as sequences of jamo, eight each.
        return len(syllable.encode("euc_kr")) == 2
    except UnicodeEncodeError:
        return False


def script(char: str) -> str:
    """The script of one character, as the shares below name it."""
    code = ord(char)
    if hangul.is_syllable(char):
        return "syllables"
    if 0x3131 <= code <= 0x318E or 0x1100 <= code <= 0x11FF:
        return "jamo"
    if char.isdigit() and char.isascii():
        return "digits"
    if char.isalpha() and code < 0x250:
        return "Latin"
    if 0x3041 <= code <= 0x30FF and char != "・":
        return "kana"
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF:
        return "ideographs"
    return "space" if char.isspace() else "signs"


@dataclass(frozen=True)
class Statistics:
    """Counts of a sample of texts.

    Attributes:
        texts: how many there were.
        characters: how often each character stood in them, spaces included.
        lines: how many lines of each length in characters.
        eojeols: how many eojeol of each length.
        jamo: how often each jamo stood in syllables, by compatibility letter; initials and finals are counted together.
        novelty: share of runs of three characters that no earlier line held: 1 where nothing repeats.
        facts: counts of the values of each counted fact.
    """

    texts: int
    characters: Mapping[str, int]
    lines: Mapping[int, int]
    eojeols: Mapping[int, int]
    jamo: Mapping[str, int]
    novelty: float
    facts: Mapping[str, Mapping[str, int]]

    @property
    def total(self) -> int:
        """Characters in all, spaces included."""
        return sum(self.characters.values())

    @property
    def scripts(self) -> dict[str, float]:
        """Share of each script in all characters, the largest first."""
        counts: Counter[str] = Counter()
        for char, count in self.characters.items():
            counts[script(char)] += count
        return {name: count / self.total for name, count in counts.most_common()}

    @property
    def syllables(self) -> list[tuple[str, int]]:
        """Syllables and how often each stood, the most frequent first."""
        found = [(char, count) for char, count in self.characters.items() if hangul.is_syllable(char)]
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))

    def text(self) -> str:
        """The statistics as Markdown."""
        syllables = self.syllables
        common = sum(is_common(char) for char, _ in syllables)
        rows = [
            ("texts", f"{self.texts:,}"),
            ("characters", f"{self.total:,}, {len(self.characters):,} different"),
            ("scripts", ", ".join(f"{name} {share:.1%}" for name, share in self.scripts.items()) or "none"),
            ("line length", _spread(self.lines)),
            ("eojeol length", _spread(self.eojeols)),
            ("syllables seen", f"{len(syllables):,} of {hangul.COUNT:,}; {common:,} of KS X 1001's 2,350"),
            ("most frequent", " ".join(f"{char}{count}" for char, count in syllables[:50]) or "none"),
            ("rare jamo", " ".join(f"{letter}{self.jamo.get(letter, 0)}" for letter in RARE_JAMO)),
            ("new runs of three", f"{self.novelty:.1%}"),
        ]
        for name, counts in self.facts.items():
            shown = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
            more = f", and {len(shown) - 20} more" if len(shown) > 20 else ""
            rows.append((name, ", ".join(f"{value} {count}" for value, count in shown[:20]) + more))
        return (
            "\n".join(["| what | count |", "|---|---|", *(f"| {name} | {_cell(value)} |" for name, value in rows)])
            + "\n"
        )


def describe(samples: Iterable[Sample]) -> Statistics:
    """Statistics of drawn samples, their facts included."""
    return count((sample.text, sample.facts) for sample in samples)


def count(texts: Iterable[tuple[str, Facts]]) -> Statistics:
    """Statistics of texts with what each was made of; empty texts and lines count for nothing but a text."""
    characters: Counter[str] = Counter()
    lengths: Counter[int] = Counter()
    eojeols: Counter[int] = Counter()
    facts: dict[str, Counter[str]] = {}
    seen: set[str] = set()
    runs = new = number = 0
    for text, made_of in texts:
        number += 1
        for name in _COUNTED:
            if name in made_of:
                facts.setdefault(name, Counter())[str(made_of[name])] += 1
        for line in filter(None, text.splitlines()):
            characters.update(line)
            lengths[len(line)] += 1
            eojeols.update(map(len, line.split()))
            pieces = [line[at : at + _N] for at in range(len(line) - _N + 1)]
            runs += len(pieces)
            new += sum(piece not in seen for piece in pieces)
            seen.update(pieces)
    jamo: Counter[str] = Counter()
    for char, many in characters.items():
        if hangul.is_syllable(char):
            for letter in hangul.decompose(char):
                jamo[letter] += many
    return Statistics(number, characters, lengths, eojeols, jamo, new / runs if runs else 1.0, facts)


def _spread(lengths: Mapping[int, int]) -> str:
    many = sum(lengths.values())
    if not many:
        return "none"
    mean = sum(length * count for length, count in lengths.items()) / many
    marks = []
    for share in (0.05, 0.5, 0.95):
        left = share * many
        for length in sorted(lengths):
            left -= lengths[length]
            if left <= 0:
                marks.append(length)
                break
    return f"mean {mean:.1f}, median {marks[1]}, nine in ten {marks[0]} to {marks[2]}, longest {max(lengths)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
