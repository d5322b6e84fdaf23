"""Text to draw: lines sampled from corpora, word lists and grammars, mixed by weight.

A `TextSource` yields strings of the recogniser's character set. Corpora are plain UTF-8 files, one
sentence a line; without any, the built-in grammars and word lists of `geulnun.synth.grammar` serve.
A sentence belongs to one side of the train/held-out split by its own hash, whatever file it stands in.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from geulnun import charset, hangul
from geulnun.errors import MissingInputError
from geulnun.synth import grammar
from geulnun.synth.fonts import Split

Rng = np.random.Generator

#: One sentence in this many is held out.
HELD_OUT_SHARE = 25
#: Files of a corpus folder, by what they serve as. Absent ones are skipped.
SENTENCES = (
    "klue_dev/dp_sentences.txt",
    "klue_dev/ner_sentences.txt",
    "klue_dev/nli_sentences.txt",
    "klue_dev/sts_sentences.txt",
    "kornlu/sentences.txt",
    "ud_korean_kaist/sentences.txt",
    "wiki_synthdog/kowiki.txt",
)
CHATTER = ("nsmc_reviews/reviews.txt",)
WORDS = (
    "wordlists/ocr_kor_ko.txt",
    "open_korean_text/noun_nouns.txt",
    "open_korean_text/noun_entities.txt",
    "open_korean_text/noun_foreign.txt",
    "open_korean_text/adverb_adverb.txt",
    "open_korean_text/adjective_adjective.txt",
    "tesseract_langdata/kor/kor.wordlist",
    "admin_districts/full_names.txt",
)
LATIN = ("wiki_synthdog/enwiki.txt",)
KANA = ("wiki_synthdog/jawiki.txt", "ud_japanese_gsd/sentences.txt")

#: Share of each kind of line in a mix; any mapping over the same names will do.
DEFAULT_MIX: dict[str, float] = {
    "sentence": 36,
    "chatter": 7,
    "formal": 8,
    "words": 7,
    "syllables": 10,
    "neighbours": 4,
    "figures": 10,
    "latin": 10,
    "mixed": 5,
    "symbols": 3,
    "kana": 3,
}


def held_out(sentence: str) -> bool:
    """Tell on which side of the split a sentence lies; stable over files, runs and machines."""
    return zlib.crc32(sentence.encode("utf-8")) % HELD_OUT_SHARE == 0


@dataclass(frozen=True)
class TextSource:
    """Draws lines of text.

    Args:
        folder: a folder laid out like the lists above, or holding any ``*.txt``; None for the
            built-in grammars alone.
        split: which side of the sentence split to draw from.
        mix: weight of each kind of line.
    """

    folder: Path | None = None
    split: Split = "train"
    mix: dict[str, float] = field(default_factory=lambda: dict(DEFAULT_MIX))

    def __post_init__(self) -> None:
        unknown = set(self.mix) - set(_KINDS)
        if unknown:
            raise ValueError(f"unknown kinds of text {sorted(unknown)}; expected some of {sorted(_KINDS)}")
        if self.folder is not None and not self.folder.is_dir():
            raise MissingInputError(f"{self.folder}: no such folder of texts; name one, or none for the built-in text")

    def line(self, rng: Rng, length: int, syllables: Sequence[str] | None = None) -> str:
        """Draw one line of about ``length`` characters, 1 at least, normalised and never empty.

        ``syllables`` are those that a random string may hold (those a font draws); None for all.
        """
        return self.line_of(_pick(rng, self.mix), rng, length, syllables)

    def line_of(self, kind: str, rng: Rng, length: int, syllables: Sequence[str] | None = None) -> str:
        """Draw one line of the given kind."""
        pool = syllables or _ALL
        for _ in range(20):
            text = charset.normalise(_KINDS[kind](self, rng, length, pool))
            text = "".join(char for char in text if char in charset.DEFAULT).strip()
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
        if self.folder is None:
            return []
        out: list[str] = []
        for name in files:
            path = self.folder / name
            if path.is_file():
                out += _read(path)
        return [line for line in out if held_out(line) == (self.split == "held-out")]

    @cached_property
    def _sentences(self) -> list[str]:
        named = self._lines(SENTENCES)
        if named or self.folder is None:
            return named
        return self._lines([path.name for path in sorted(self.folder.glob("*.txt"))])

    @cached_property
    def _chatter(self) -> list[str]:
        return self._lines(CHATTER) or self._sentences

    @cached_property
    def _words(self) -> list[str]:
        return [word for word in self._lines(WORDS) if len(word) <= 20]

    @cached_property
    def _latin(self) -> list[str]:
        return self._lines(LATIN)

    @cached_property
    def _kana(self) -> list[str]:
        keep = {char for char in charset.DEFAULT.symbols if "\u3041" <= char <= "\u30fc"} | set("、。「」")
        out: list[str] = []
        for line in self._lines(KANA):
            run = "".join(char if char in keep else " " for char in line)
            out += [part for part in run.split() if len(part) > 1]
        return out

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
        return _spaced(rng, [_choice(rng, pool) for _ in range(length)])

    def neighbours(self, rng: Rng, length: int, pool: Sequence[str]) -> str:
        """Runs of syllables that differ from each other in one jamo: what small detail decides."""
        known = set(pool)
        out: list[str] = []
        while len(out) < length:
            base = _choice(rng, pool)
            out.append(base)
            out += [near for near in (_neighbour(rng, base) for _ in range(3)) if near in known]
        return _spaced(rng, out[:length])

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


_Kind = Callable[[TextSource, Rng, int, Sequence[str]], str]
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
}
_ALL = hangul.syllables()
_KANA = [char for char in charset.DEFAULT.symbols if "\u3041" <= char <= "\u30fc"]
_MARKS = [char for char in charset.DEFAULT.symbols if not char.isascii() and char not in _KANA]


def _read(path: Path) -> list[str]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", errors="ignore") as file:
        lines = [charset.normalise(line) for line in file]
    out: list[str] = []
    for line in lines:
        # Encyclopaedia files hold an article a line: cut it into sentences, so that the split is by sentence.
        out += [part for part in line.replace(". ", ".\n").split("\n") if part] if len(line) > 300 else [line]
    return [line for line in out if line and not line.isupper()]


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


def _spaced(rng: Rng, chars: Sequence[str]) -> str:
    out: list[str] = []
    at = 0
    while at < len(chars):
        step = int(rng.integers(1, 7))
        out.append("".join(chars[at : at + step]))
        at += step
    return " ".join(out)


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
