"""Words and characters of one page as arrays: what detectors learn from, and what they find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun import geometry
from geulnun.document import Line, Page, Quad, Word
from geulnun.geometry import Floats

Indices = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shapes:
    """Words and characters of a page.

    Attributes:
        words: quads (n, 4, 2) in pixels of the page, clockwise from the start of the text.
        chars: quads (m, 4, 2) of characters, clockwise from the upper left of the glyph as a reader sees it: in text
            that runs across this is the word's order, in a column of upright characters it is not.
        word_of: index (m,) of each character's word, -1 for none; the characters of a word are in reading order.
        scores: of the words (n,), 0..1. Of truth: 1.
        char_scores: of the characters (m,), 0..1. Of truth: 1, or less where a box is only guessed.
        known: False (n,) for words that are neither text nor background to learn from, such as illegible ones.

    Raises:
        ValueError: lengths that do not fit together, a word index out of range, or NaN or infinity in a quad.
    """

    words: Floats
    chars: Floats
    word_of: Indices
    scores: Floats
    char_scores: Floats
    known: Bools

    def __post_init__(self) -> None:
        object.__setattr__(self, "words", geometry.as_quads(self.words))
        object.__setattr__(self, "chars", geometry.as_quads(self.chars))
        n, m = len(self.words), len(self.chars)
        for name, kind, length in (
            ("word_of", np.int64, m),
            ("scores", np.float64, n),
            ("char_scores", np.float64, m),
            ("known", np.bool_, n),
        ):
            values = np.asarray(getattr(self, name), kind)
            if values.shape != (length,):
                raise ValueError(f"{name} of shape {values.shape} for {n} words and {m} characters; expected {length}")
            object.__setattr__(self, name, values)
        if m and not -1 <= int(self.word_of.min()) <= int(self.word_of.max()) < n:
            raise ValueError(f"word_of in {self.word_of.min()}..{self.word_of.max()}; expected -1 to {n - 1}")

    @classmethod
    def of(cls, words: ArrayLike, chars: ArrayLike = (), word_of: ArrayLike = ()) -> Shapes:
        """Known words (n, 4, 2) and characters (m, 4, 2) with all scores 1; without ``word_of`` no char has a word."""
        quads, glyphs = geometry.as_quads(words), geometry.as_quads(chars)
        n, m = len(quads), len(glyphs)
        owners = np.asarray(word_of, np.int64)
        owners = owners if owners.size or not m else np.full(m, -1, np.int64)
        return cls(quads, glyphs, owners, np.ones(n), np.ones(m), np.ones(n, bool))

    @classmethod
    def empty(cls) -> Shapes:
        """No words and no characters."""
        return cls.of(())

    @classmethod
    def of_page(cls, page: Page) -> Shapes:
        """The words and characters of a document's page that have quads.

        A word without a quad takes that around its characters, and the only word of a line the line's. Lines of
        several words without any quads, and lines of confidence 0, which is how illegible ones are kept, give words
        that are not known. Characters without quads are left out.
        """
        words: list[Quad] = []
        chars: list[Quad] = []
        word_of: list[int] = []
        scores: list[float] = []
        char_scores: list[float] = []
        known: list[bool] = []
        for line in page.lines:
            for quad, word, clear in _words(line):
                for char in word.chars if word is not None else ():
                    if char.quad is not None:
                        chars.append(char.quad)
                        word_of.append(len(words))
                        char_scores.append(char.confidence)
                words.append(quad)
                scores.append(line.confidence if word is None else word.confidence)
                known.append(clear and line.confidence > 0)
        return cls(
            geometry.as_quads(words),
            geometry.as_quads(chars),
            np.asarray(word_of, np.int64),
            np.asarray(scores, np.float64),
            np.asarray(char_scores, np.float64),
            np.asarray(known, np.bool_),
        )

    def transformed(self, matrix: ArrayLike) -> Shapes:
        """All quads under an affine (2, 3) or projective (3, 3) matrix."""
        return replace(self, words=geometry.transform(self.words, matrix), chars=geometry.transform(self.chars, matrix))

    def scaled(self, factors: ArrayLike) -> Shapes:
        """All quads with x and y multiplied by ``factors``: one number, or two."""
        by = np.asarray(factors, np.float64)
        return replace(self, words=self.words * by, chars=self.chars * by)

    def kept(self, words: ArrayLike) -> Shapes:
        """Only the words marked or indexed by ``words``, in that order, and the characters of these; none without."""
        chosen = np.asarray(words)
        chosen = np.flatnonzero(chosen) if chosen.dtype == np.bool_ else chosen.astype(np.int64)
        place = np.full(len(self.words) + 1, -1, np.int64)
        place[chosen] = np.arange(len(chosen))
        owner = place[self.word_of]  # the last entry, -1, is that of characters without a word
        left = owner >= 0
        return Shapes(
            self.words[chosen],
            self.chars[left],
            owner[left],
            self.scores[chosen],
            self.char_scores[left],
            self.known[chosen],
        )

    def joined(self, other: Shapes) -> Shapes:
        """These words and characters, then those of ``other``."""
        after = np.where(other.word_of >= 0, other.word_of + len(self.words), -1)
        return Shapes(
            np.concatenate([self.words, other.words]),
            np.concatenate([self.chars, other.chars]),
            np.concatenate([self.word_of, after]),
            np.concatenate([self.scores, other.scores]),
            np.concatenate([self.char_scores, other.char_scores]),
            np.concatenate([self.known, other.known]),
        )


def _words(line: Line) -> Iterator[tuple[Quad, Word | None, bool]]:
    """Quad, word and whether it may be learned from, for all of a line that has a place."""
    quads = [_quad_of(word, line) for word in line.words]
    if line.quad is not None and not any(quads):
        yield line.quad, None, False
        return
    for quad, word in zip(quads, line.words, strict=True):
        if quad is not None:
            yield quad, word, True


def _quad_of(word: Word, line: Line) -> Quad | None:
    if word.quad is not None:
        return word.quad
    if len(line.words) == 1 and line.quad is not None:
        return line.quad
    chars = [char.quad for char in word.chars]
    quads = [quad for quad in chars if quad is not None]
    if not quads or len(quads) < len(chars):
        return None
    if line.vertical:
        # Upright characters one below the other: a word's quad starts where they have their upper right corners.
        quads = [(*quad[1:], quad[0]) for quad in quads]
    return quads[0][0], quads[-1][1], quads[-1][2], quads[0][3]
