"""Word beam search: words come from a lexicon, what stands between them is free.

Scheidl, Fiel and Sablatnig, "Word Beam Search: A Connectionist Temporal Classification Decoding Algorithm", ICFHR 2018.
A prefix tree of the words says which character may follow; a word may end only where the lexicon has one. Without
counts that is their mode "Words"; with those of a text, a completed word is weighed by a bigram model of words
smoothed by adding k, their mode "NGrams".
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from geulnun.charset import PLAIN, normalise
from geulnun.errors import DamagedInputError, MissingInputError, UsageError

#: Node of the prefix tree, and the word completed last; -1 for none.
State = tuple[int, int]

_ROOT, _OUTSIDE, _NO_WORD = 0, -1, -1
#: Longer words are no words: the file is something else.
_LONGEST = 200


@dataclass(frozen=True)
class WordCounts:
    """How often words, and words after another, occur in a text; indices are those of the lexicon.

    Attributes:
        words: occurrences of each word.
        pairs: occurrences of a word after another.
        k: what is added to every count.
    """

    words: dict[int, int]
    pairs: dict[tuple[int, int], int]
    k: float = 0.1

    @cached_property
    def _total(self) -> int:
        return sum(self.words.values())

    @cached_property
    def _heads(self) -> Counter[int]:
        heads: Counter[int] = Counter()
        for (before, _), count in self.pairs.items():
            heads[before] += count
        return heads

    def score(self, before: int, word: int, vocabulary: int) -> float:
        """Natural logarithm of the probability of a word after another; ``before`` is -1 at the beginning."""
        if before == _NO_WORD:
            seen, total = self.words.get(word, 0), self._total
        else:
            seen, total = self.pairs.get((before, word), 0), self._heads[before]
        return math.log((seen + self.k) / (total + self.k * vocabulary))


class Lexicon:
    """A prefix tree of words.

    Args:
        words: the words, normalised; one with spaces counts as several.

    Raises:
        UsageError: there are none.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self.words: list[str] = []
        self._index: dict[str, int] = {}
        self.children: list[dict[str, int]] = [{}]
        #: Index of the word that ends at a node; -1 for none.
        self.ends: list[int] = [_NO_WORD]
        for line in words:
            for word in line.split():
                self._add(word)
        if not self.words:
            raise UsageError("the lexicon has no words; give one a line")

    def _add(self, word: str) -> None:
        if word in self._index:
            return
        node = _ROOT
        for char in word:
            after = self.children[node].get(char)
            if after is None:
                after = self.children[node][char] = len(self.children)
                self.children.append({})
                self.ends.append(_NO_WORD)
            node = after
        self._index[word] = self.ends[node] = len(self.words)
        self.words.append(word)

    def __contains__(self, word: object) -> bool:
        return word in self._index

    @cached_property
    def alphabet(self) -> frozenset[str]:
        """The characters of the words."""
        return frozenset(char for children in self.children for char in children)

    def count(self, lines: Iterable[str], k: float = 0.1) -> WordCounts:
        """Count the lexicon's words in a text; others break the chain."""
        words: Counter[int] = Counter()
        pairs: Counter[tuple[int, int]] = Counter()
        for line in lines:
            found = [self._index.get(word, _NO_WORD) for word in normalise(line).split()]
            words.update(word for word in found if word != _NO_WORD)
            pairs.update(pair for pair in pairwise(found) if _NO_WORD not in pair)
        return WordCounts(dict(words), dict(pairs), k)


class Words:
    """A lexicon as a scorer of beam search.

    Args:
        lexicon: the words.
        unknown: natural logarithm of the weight of a word that the lexicon lacks; minus infinity refuses it.
        counts: of words and pairs of words in a text; None for the mode without them.
        alpha: how much the counts weigh.
        others: characters that stand between words; None for all of ours that are no letters and in no word.
    """

    start: State = (_ROOT, _NO_WORD)

    def __init__(
        self,
        lexicon: Lexicon,
        unknown: float = -math.inf,
        counts: WordCounts | None = None,
        alpha: float = 0.5,
        others: Iterable[str] | None = None,
    ) -> None:
        self._lexicon, self._unknown, self._counts, self._alpha = lexicon, unknown, counts, alpha
        between = (char for char in PLAIN.symbols if not char.isalpha()) if others is None else others
        self._others = frozenset(between) - lexicon.alphabet
        self._open = unknown > -math.inf
        self.alphabet = None if self._open else lexicon.alphabet | self._others

    def step(self, state: State, char: str) -> tuple[State, float] | None:
        """See `geulnun.decode.beam.Scorer.step`."""
        node, before = state
        if char in self._others:
            ended = self._ended(node, before)
            return None if ended is None else ((_ROOT, ended[0]), ended[1])
        if node == _OUTSIDE:
            return state, 0.0
        after = self._lexicon.children[node].get(char)
        if after is not None:
            return (after, before), 0.0
        return ((_OUTSIDE, before), self._unknown) if self._open else None

    def end(self, state: State) -> float:
        """See `geulnun.decode.beam.Scorer.end`."""
        ended = self._ended(*state)
        return -math.inf if ended is None else ended[1]

    def follows(self, state: State) -> Iterable[str] | None:
        """See `geulnun.decode.beam.Scorer.follows`."""
        if self._open:
            return None
        node = state[0]
        ends = node == _ROOT or self._lexicon.ends[node] != _NO_WORD
        return self._lexicon.children[node].keys() | self._others if ends else self._lexicon.children[node].keys()

    def _ended(self, node: int, before: int) -> tuple[int, float] | None:
        """The word completed at a node and what that weighs; None where there is none."""
        if node == _ROOT:
            return before, 0.0
        if node == _OUTSIDE:
            return _NO_WORD, 0.0
        word = self._lexicon.ends[node]
        if word == _NO_WORD:
            return (_NO_WORD, self._unknown) if self._open else None
        if self._counts is None:
            # States that differ in what no one asks for would be worked out anew each.
            return _NO_WORD, 0.0
        return word, self._alpha * self._counts.score(before, word, len(self._lexicon.words))


def load(path: Path) -> Lexicon:
    """Read a lexicon: UTF-8 text, a word a line.

    Raises:
        MissingInputError: there is no such file.
        DamagedInputError: it is no such text, or has no word.
    """
    if not path.is_file():
        raise MissingInputError(f"{path}: no such lexicon; give a UTF-8 text file, a word a line")
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise DamagedInputError(f"{path}: not UTF-8 text ({error.reason}); convert it, e.g. iconv -f cp949") from error
    except OSError as error:
        raise DamagedInputError(f"{path}: cannot be read ({error.strerror}); give another file") from error
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST or any(char < " " and char != "\t" for char in line):
            raise DamagedInputError(f"{path}: line {number} is no word; give UTF-8 text, a word a line")
    words = [word for word in map(normalise, lines) if word]
    if not words:
        raise DamagedInputError(f"{path}: holds no words; give a word a line")
    return Lexicon(words)
