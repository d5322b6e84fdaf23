"""What a character set cannot write of a text, and the error rate that costs whatever the network does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a text a character set can write.

    Attributes:
        missing: characters it cannot write with their counts, most frequent first.
        chars: characters of the text, single spaces between words included.
        eojeols: words of the text.
        eojeols_hit: words with at least one such character.
    """

    missing: tuple[tuple[str, int], ...]
    chars: int
    eojeols: int
    eojeols_hit: int

    @property
    def cer_floor(self) -> float:
        """Least character error rate, 0..1: each missing character is at least one wrong one."""
        return sum(count for _, count in self.missing) / self.chars if self.chars else 0.0

    @property
    def eojeol_ceiling(self) -> float:
        """Greatest share of words, 0..1, that can come out right."""
        return 1 - self.eojeols_hit / self.eojeols if self.eojeols else 1.0


def coverage(text: str, charset: Container[str]) -> Coverage:
    """Measure ``text`` against ``charset``.

    Args:
        text: normalised as the character set's owner normalises; runs of white space count as one space, which every
            reader writes.
        charset: characters that can be written.
    """
    words = text.split()
    counts = Counter(char for word in words for char in word if char not in charset)
    missing = tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
    hit = sum(any(char in counts for char in word) for word in words)
    return Coverage(missing, sum(map(len, words)) + max(0, len(words) - 1), len(words), hit)
