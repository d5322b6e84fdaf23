"""Text to draw: lines sampled from corpora, word lists and grammars, mixed by weight.

A `TextSource` yields strings of the recogniser's character set. Corpora are plain UTF-8 files, one
sentence a line; without any, the built-in grammars and word lists of `geulnun.synth.grammar` serve.
A sentence belongs to one side of the train/held-out split by its own hash, whatever file it stands in.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from geulnun import charset, hangul
from geulnun.errors import UsageError
from geulnun.synth import corpora, eojeol, grammar, identifiers, lists, numerals, official, people
from geulnun.synth.corpora import held_out
from geulnun.synth.draws import Lacking, filled, spaced
from geulnun.synth.fonts import Split

__all__ = ["DEFAULT_MIX", "TextSource", "held_out"]

Rng = np.random.Generator

#: Share of each kind of line in a mix; any mapping over the same names will do.
DEFAULT_MIX: dict[str, float] = {
    "sentence": 30,
    "chatter": 6,
    "formal": 3,
    "official": 7,
    "eojeol": 5,
    "words": 5,
    "syllables": 9,
    "neighbours": 3,
    "look-alikes": 2,
    "figures": 5,
    "people": 2,
    "addresses": 2,
    "dates": 2,
    "money": 2,
    "identifiers": 2,
    "laws": 2,
    "fields": 2,
    "goods": 2,
    "dialogue": 2,
    "latin": 7,
    "program": 1,
    "mixed": 4,
    "symbols": 2,
    "kana": 2,
    "hanja": 1,
}


@dataclass(frozen=True)
class TextSource:
    """Draws lines of text.

    Args:
        folder: a folder laid out like the lists above, or holding any ``*.txt``; None for the
            built-in grammars alone.
        split: which side of the sentence split to draw from.
        mix: weight of each kind of line.
        alphabet: which characters may come out; None for those every recogniser writes, `charset.PLAIN`, and the
            ideographs of KS X 1001 where the mix weighs "ideographs".
        without: characters of these that may not come out after all.

    Raises:
        MissingInputError: the folder is absent or holds no text; when sentences are first drawn, none is on this side.
        DamagedInputError: a file of it is not UTF-8, found when it is first read.
        UsageError: the mix names a kind there is not, or weighs none.
    """

    folder: Path | None = None
    split: Split = "train"
    mix: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_MIX))
    alphabet: Container[str] | None = None
    without: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        for name in self.mix:
            if name not in _KINDS:
                near = difflib.get_close_matches(name, _KINDS, 1, 0.5)
                hint = f"did you mean {near[0]!r}?" if near else f"expected some of {', '.join(sorted(_KINDS))}"
                raise UsageError(f"unknown kind of text {name!r}; {hint}")
        if not sum(self.mix.values()) > 0 or min(self.mix.values()) < 0:
            raise UsageError(f"weights of kinds of text {self.mix}; expected none below 0 and one above")
        if self.folder is not None:
            corpora.checked(self.folder)

    def line(self, rng: Rng, length: int, syllables: Sequence[str] | None = None) -> str:
        """Draw one line of about ``length`` characters, 1 at least, normalised and never empty.

        ``syllables`` are those that a random string may hold (those a font draws); None for all.
        """
        return self.line_of(_pick(rng, self.mix), rng, length, syllables)

    def line_of(self, kind: str, rng: Rng, length: int, syllables: Sequence[str] | None = None) -> str:
        """Draw one line of the given kind."""
        pool = syllables or self._pool
        for _ in range(20):
            text = charset.normalise(_KINDS[kind](self, rng, length, pool))
            text = " ".join("".join(char for char in text if char in self._allowed).split())
            if text:
                return text
        return grammar.noun(rng)

    def paragraph(self, rng: Rng, sentences: int) -> str:
        """Some whole sentences, joined by spaces."""
        kinds = ("sentence", "sentence", "formal")
        drawn = [self._sentence(rng, kinds[int(rng.integers(3))]) for _ in range(sentences)]
        return charset.normalise(" ".join(drawn))

    def _sentence(self, rng: Rng, kind: str) -> str:
        if kind == "formal" or not self._sentences:
            return grammar.formal(rng)
        return _choice(rng, self._sentences)

    def _lines(self, files: Sequence[str]) -> list[str]:
        return [] if self.folder is None else corpora.lines(self.folder, files, self.split == "held-out")

    @cached_property
    def _allowed(self) -> Container[str]:
        usual = charset.WITH_IDEOGRAPHS if self.mix.get("ideographs", 0) > 0 else charset.PLAIN
        given = usual if self.alphabet is None else self.alphabet
        return Lacking(given, self.without) if self.without else given

    @cached_property
    def _pool(self) -> Sequence[str]:
        return _ALL if self.alphabet is None else [char for char in _ALL if char in self.alphabet] or _ALL

    @cached_property
    def _writes_ideographs(self) -> bool:
        return "\u4e00" in self._allowed

    @cached_property
    def _sentences(self) -> list[str]:
        return [] if self.folder is None else corpora.sentences(self.folder, self.split == "held-out")

    @cached_property
    def _chatter(self) -> list[str]:
        return self._lines(corpora.CHATTER) or self._sentences

    @cached_property
    def _words(self) -> list[str]:
        return [word for word in self._lines(corpora.WORDS) if len(word) <= 20]

    @cached_property
    def _latin(self) -> list[str]:
        return self._lines(corpora.LATIN)

    @cached_property
    def _kana(self) -> list[str]:
        keep = {char for char in charset.PLAIN.symbols if "\u3041" <= char <= "\u30fc"} | set("、。「」")
        out: list[str] = []
        for line in self._lines(corpora.KANA):
            run = "".join(char if char in keep else " " for char in line)
            out += [part for part in run.split() if len(part) > 1]
        return out

    @cached_property
    def _hanja(self) -> list[tuple[str, str]]:
        """Words with their ideographs that may all be written; single ideographs of the folder's table among them."""
        table = corpora.hanja(self.folder) if self.folder else {}
        words = [*lists.HANJA_WORDS.items(), *((reading, char) for char, reading in table.items())]
        return [(word, hanja) for word, hanja in words if all(char in self._allowed for char in hanja)]

    @cached_property
    def _ideographs(self) -> list[str]:
        return [char for char in charset.WITH_IDEOGRAPHS.ideographs if char in self._allowed]

    @cached_property
    def _readings(self) -> dict[str, list[str]]:
        """Ideographs that may be written, by their reading."""
        out: dict[str, list[str]] = {}
        for reading, char in self._hanja:
            if len(char) == 1:
                out.setdefault(reading, []).append(char)
        return out

    @cached_property
    def _look_alikes(self) -> list[str]:
        kept = ["".join(char for char in chosen if char in self._allowed) for chosen in lists.LOOK_ALIKES]
        return [chosen for chosen in kept if len(chosen) > 1] or list("가나다")

    # Kinds of line: (rng, wanted length, syllables a font draws) -> text.

    def sentence(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """A window of a sentence, cut at spaces."""
        return _window(rng, self._sentence(rng, "sentence"), length)

    def chatter(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """A window of informal text, with its typos and ㅋㅋ."""
        return _window(rng, _choice(rng, self._chatter) if self._chatter else grammar.formal(rng), length)

    def formal(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """A window of an official sentence."""
        return _window(rng, grammar.formal(rng), length)

    def words(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Dictionary words, some with a particle or in quotation marks or brackets."""
        out: list[str] = []
        while sum(map(len, out)) < length:
            word = _choice(rng, self._words) if self._words else grammar.noun(rng)
            if rng.random() < 0.35:
                word = grammar.with_particle(rng, word)
            if rng.random() < 0.15:
                word = grammar.wrap(rng, word)
            out.append(word + grammar.comma(rng))
        return " ".join(out)

    def syllables(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Uniform syllables of the pool, with spaces at eojeol lengths."""
        return spaced(rng, [_choice(rng, pool) for _ in range(length)])

    def neighbours(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Runs of syllables that differ from each other in one jamo: what small detail decides."""
        known = set(pool)
        out: list[str] = []
        while len(out) < length:
            base = _choice(rng, pool)
            out.append(base)
            out += [near for near in (_neighbour(rng, base) for _ in range(3)) if near in known]
        return spaced(rng, out[:length])

    def figures(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Digits, dates, amounts, numbers, addresses, e-mails."""
        return _fill(rng, grammar.figure, length)

    def latin(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """English text, sometimes in capitals; or letters and digits without sense."""
        if rng.random() < 0.08 or not self._latin:
            return _fill(rng, grammar.code, length)
        text = _window(rng, _choice(rng, self._latin), length)
        roll = rng.random()
        return text.upper() if roll < 0.15 else text.title() if roll < 0.3 else text

    def mixed(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Korean, Latin and figures in one line."""
        out: list[str] = []
        while sum(map(len, out)) < length:
            kind = ("sentence", "latin", "figures", "words", "sentence")[int(rng.integers(5))]
            part = _KINDS[kind](self, rng, int(rng.integers(2, 8)), pool)
            out.append(grammar.wrap(rng, part) if rng.random() < 0.2 else part)
        return " ".join(out)

    def symbols(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Marks, units, circled numbers and lone jamo among words."""
        out: list[str] = []
        while sum(map(len, out)) < length:
            mark = "".join(_choice(rng, _MARKS) for _ in range(int(rng.integers(1, 4))))
            word = grammar.noun(rng) if rng.random() < 0.6 else str(rng.integers(1000))
            out.append((mark + word, word + mark, f"{mark} {word}", mark)[int(rng.integers(4))])
        return " ".join(out)

    def kana(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Japanese written in kana, or kana at random."""
        out: list[str] = []
        while sum(map(len, out)) < length:
            if self._kana and rng.random() < 0.7:
                out.append(_choice(rng, self._kana))
            else:
                out.append("".join(_choice(rng, _KANA) for _ in range(int(rng.integers(2, 8)))))
        return "".join(out)[: length + 4] if rng.random() < 0.7 else " ".join(out)

    def eojeol(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Nouns with particles and predicates with endings, dictionary words of the folder's among them."""
        if not self._words or rng.random() < 0.5:
            return eojeol.clause(rng, length)
        return filled(rng, lambda rng: eojeol.noun_with_particle(rng, _choice(rng, self._words)), length)

    def look_alikes(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Characters that print makes alike: 0 and O, 1 and l, 를 and 틀, 웨 and 왜."""
        return filled(rng, lambda rng: lists.look_alikes(rng, self._look_alikes), length)

    def dates(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Dates, spans and times in their written forms."""
        return filled(rng, lambda rng: numerals.when(rng, self._writes_ideographs), length)

    def money(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Sums of money in their written forms."""
        return filled(rng, lambda rng: numerals.money(rng, self._writes_ideographs), length)

    def ideographs(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Ideographs each as often as any other, or a sentence with syllables written by one of that reading."""
        known = self._ideographs
        if not known:
            return self.syllables(rng, length, pool)
        if rng.random() < 0.55 or not self._readings:
            return spaced(rng, [_choice(rng, known) for _ in range(length)])
        share = float(rng.uniform(0.3, 1.0))
        return "".join(
            _choice(rng, self._readings[char]) if char in self._readings and rng.random() < share else char
            for char in self.sentence(rng, length, pool)
        )

    def hanja(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Words with their ideographs in brackets; words with particles where ideographs cannot be written."""
        if not self._hanja:
            return self.eojeol(rng, length, pool)
        return filled(rng, lambda rng: lists.with_ideographs(rng, self._hanja), length)


_Kind = Callable[[TextSource, Rng, int, Sequence[str]], str]


def _grammar(draw: Callable[[Rng], str], whole: bool = True) -> _Kind:
    """A kind of line made of a grammar's draws, or of a window of one."""

    def line(source: TextSource, rng: Rng, length: int, pool: Sequence[str]) -> str:
        return filled(rng, draw, length) if whole else _window(rng, draw(rng), length)

    return line


_KINDS: dict[str, _Kind] = {
    "sentence": TextSource.sentence,
    "chatter": TextSource.chatter,
    "formal": TextSource.formal,
    "words": TextSource.words,
    "syllables": TextSource.syllables,
    "neighbours": TextSource.neighbours,
    "figures": TextSource.figures,
    "latin": TextSource.latin,
    "mixed": TextSource.mixed,
    "symbols": TextSource.symbols,
    "kana": TextSource.kana,
    "eojeol": TextSource.eojeol,
    "official": _grammar(official.sentence, whole=False),
    "people": _grammar(people.name_line),
    "addresses": _grammar(people.address_line, whole=False),
    "dates": TextSource.dates,
    "money": TextSource.money,
    "identifiers": _grammar(identifiers.identifier),
    "laws": _grammar(official.law_line),
    "fields": _grammar(official.field),
    "goods": _grammar(lists.goods),
    "program": _grammar(lists.program),
    "dialogue": _grammar(lists.dialogue),
    "look-alikes": TextSource.look_alikes,
    "hanja": TextSource.hanja,
    "ideographs": TextSource.ideographs,
}
_ALL = hangul.syllables()
_KANA = [char for char in charset.PLAIN.symbols if "\u3041" <= char <= "\u30fc"]
_MARKS = [char for char in charset.PLAIN.symbols if not char.isascii() and char not in _KANA]


def _choice(rng: Rng, items: Sequence[str]) -> str:
    return items[int(rng.integers(len(items)))]


def _pick(rng: Rng, weights: dict[str, float]) -> str:
    names = list(weights)
    share = np.cumsum([weights[name] for name in names])
    return names[int(np.searchsorted(share, rng.random() * share[-1], side="right"))]


def _window(rng: Rng, text: str, length: int) -> str:
    words = text.split(" ")
    start = int(rng.integers(len(words)))
    # The end of a sentence holds its punctuation: begin so that it is seen as often as the middle.
    while start > 0 and sum(map(len, words[start:])) + len(words) - start < length:
        start -= 1
    out = words[start]
    for word in words[start + 1 :]:
        if len(out) + 1 + len(word) > length:
            break
        out += " " + word
    return out[: max(length + 6, 8)]


def _neighbour(rng: Rng, syllable: str) -> str:
    parts = list(hangul.split(syllable))
    at = int(rng.integers(3))
    parts[at] = int(rng.integers((hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG)[at]))
    return hangul.join(*parts)


def _fill(rng: Rng, draw: Callable[[Rng], str], length: int) -> str:
    out = draw(rng)
    while len(out) < length:
        out += (" " if rng.random() < 0.85 else ", ") + draw(rng)
    return out
