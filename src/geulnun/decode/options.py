"""How steps of a network become text: the options of decoding, and the decoder they make."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np

from geulnun.charset import Classes
from geulnun.decode import ctc, lexicon, masks, ngram, patterns, positions
from geulnun.decode.beam import BeamSearch, Scorer, spelled
from geulnun.decode.ctc import Decoded
from geulnun.decode.expressions import characters
from geulnun.decode.fusion import Fusion, Together
from geulnun.decode.steps import Steps
from geulnun.errors import UsageError

Decoder = Callable[[Steps], list[Decoded]]
Kind = Literal["auto", "greedy", "beam", "words"]

#: A reading that does not have the form asked for keeps this share of its confidence.
DOUBT = 0.5


@dataclass(frozen=True)
class DecodeOptions:
    """How to decode.

    Attributes:
        decoder: "greedy"; "beam"; "words", a beam over words of a lexicon; "auto" takes the simplest that what else is
            given needs.
        width: prefixes that beam search follows.
        lexicon: text file with a word a line; words come from it. Implies the decoder "words".
        unknown: what a word that the lexicon lacks costs, as -ln of its weight; None lets none be written.
        lm: file of a character language model, see `geulnun lm build`.
        alpha: weight of the language model, 0 and up; 0.35 to 0.5 suits running text.
        beta: what each character is worth beside it, in nats.
        allow: characters and ranges (``0-9가-힣,``) beside which none is written; empty for all. A space is one.
        block: characters and ranges that are not written.
        doubt: a line is searched only if its greedy reading has a character of less confidence than this; 1 searches
            every line.
        pattern: name or expression of what the whole line must be, see `geulnun.decode.patterns`; empty for anything.
        reject: lines with less confidence, 0..1, are read as nothing.
        alternatives: at most so many other readings a character.

    Raises:
        UsageError: a value is out of range, or options contradict each other.
    """

    decoder: Kind = "auto"
    width: int = 8
    lexicon: Path | None = None
    unknown: float | None = None
    lm: Path | None = None
    alpha: float = 0.4
    beta: float = 1.0
    allow: str = ""
    block: str = ""
    pattern: str = ""
    reject: float = 0.0
    alternatives: int = 4
    doubt: float = 1.0

    def __post_init__(self) -> None:
        if self.decoder not in get_args(Kind):
            raise UsageError(f"decoder is {self.decoder!r}; expected one of {', '.join(get_args(Kind))}")
        for name, low, high in _LIMITS:
            value = getattr(self, name)
            if value is not None and not low <= value <= high:
                raise UsageError(f"{name} is {value}; expected {low} to {high}")
        for name in ("allow", "block"):
            if getattr(self, name):
                characters(getattr(self, name))
        if self.pattern:
            patterns.pattern(self.pattern)
        if self.decoder == "greedy" and (self.lexicon or self.lm or self.pattern):
            raise UsageError(
                "greedy decoding weighs no lexicon, language model or pattern; use the decoder beam or words"
            )
        if self.decoder == "words" and self.lexicon is None:
            raise UsageError("the decoder words needs a lexicon; give a text file, a word a line")
        if self.decoder == "beam" and self.lexicon is not None:
            raise UsageError("the decoder beam takes no lexicon; use the decoder words")
        if self.pattern and self.doubt < 1:
            raise UsageError("a pattern holds for every line, sure or not; leave doubt at 1")

    @property
    def plain(self) -> bool:
        """Whether nothing is asked for: running text, decoded as suits it best."""
        return replace(self, reject=0.0, alternatives=4, width=8) == DecodeOptions()

    @property
    def searches(self) -> bool:
        """Whether decoding is a beam search."""
        return self.decoder in ("beam", "words") or bool(self.lexicon or self.lm or self.pattern)


_LIMITS = (
    ("width", 1, 1000),
    ("unknown", 0.0, 100.0),
    ("alpha", 0.0, 10.0),
    ("beta", -20.0, 20.0),
    ("reject", 0.0, 1.0),
    ("doubt", 0.0, 1.0),
    ("alternatives", 0, 100),
)


def build(options: DecodeOptions, classes: Classes, decoding: str = "ctc") -> Decoder:
    """The decoder that options make for one network; keep it, it has read the files and remembers what it worked out.

    Where a lexicon or a pattern lets nothing within the beam be written, the line is read greedily instead, and the
    characters keep half their confidence: a reading that does not have the form asked for is in doubt, and a
    ``reject`` of 0.5 and more drops it.

    Args:
        options: how to decode.
        classes: the characters of the network.
        decoding: of `geulnun.spec.LineSpec`: "ctc", or "attention" or "parallel", which write a character a step.

    Raises:
        MissingInputError, DamagedInputError: the lexicon or language model is absent or damaged.
        UsageError: allow and block leave no character.
    """
    mask = masks.mask(classes, options.allow, options.block)
    read = _searching(options, classes, decoding) if options.searches else _greedy(options, classes, decoding)

    def decode(steps: Steps) -> list[Decoded]:
        found = read(steps if mask is None else mask.over(steps))
        return found if options.reject == 0 or confidence(found) >= options.reject else []

    return decode


def confidence(decoded: list[Decoded]) -> float:
    """Geometric mean of the characters' confidences, as `LineReading` has it; 0.0 for none."""
    if not decoded:
        return 0.0
    return float(np.exp(np.mean(np.log([max(char.confidence, 1e-6) for char in decoded]))))


def _greedy(options: DecodeOptions, classes: Classes, decoding: str) -> Decoder:
    greedy = ctc.greedy if decoding == "ctc" else positions.greedy
    return lambda steps: greedy(steps, classes, options.alternatives)


def _searching(options: DecodeOptions, classes: Classes, decoding: str) -> Decoder:
    otherwise = _greedy(options, classes, decoding)
    if options.doubt == 1:
        return _search(options, classes, decoding)
    # Most pages hold no doubtful line: what a search needs is read when the first one comes.
    searched: list[Decoder] = []

    def read(steps: Steps) -> list[Decoded]:
        sure = otherwise(steps)
        if all(char.confidence >= options.doubt for char in sure):
            return sure
        if not searched:
            searched.append(_search(options, classes, decoding))
        return searched[0](steps)

    return read


def _search(options: DecodeOptions, classes: Classes, decoding: str) -> Decoder:
    search = BeamSearch(classes, _scorer(options), options.width)
    find = search.ctc if decoding == "ctc" else search.positions
    otherwise = _greedy(options, classes, decoding)

    def read(steps: Steps) -> list[Decoded]:
        found = find(steps)
        if found is None:
            return [replace(char, confidence=char.confidence * DOUBT) for char in otherwise(steps)]
        return spelled(found, steps, classes, options.alternatives, positions=decoding != "ctc")

    return read


def _scorer(options: DecodeOptions) -> Scorer[Any] | None:
    scorers: list[Scorer[Any]] = []
    if options.lm is not None:
        scorers.append(Fusion(ngram.load(options.lm), options.alpha, options.beta))
    if options.lexicon is not None:
        unknown = -math.inf if options.unknown is None else -options.unknown
        scorers.append(lexicon.Words(lexicon.load(options.lexicon), unknown))
    if options.pattern:
        scorers.append(patterns.pattern(options.pattern))
    if scorers and (options.allow or options.block):
        # What a mask takes out has no probability, but a pattern gives every character that may follow a little.
        scorers.append(_Listed(options.allow, options.block))
    if not scorers:
        return None
    return scorers[0] if len(scorers) == 1 else Together(*scorers)


class _Listed:
    """Allow and block lists as a scorer."""

    alphabet: frozenset[str] | None = None
    start = 0

    def __init__(self, allow: str, block: str) -> None:
        self._allowed = characters(allow) if allow else None
        self._blocked = characters(block) if block else None

    def step(self, state: int, char: str) -> tuple[int, float] | None:
        """See `Scorer.step`."""
        if self._allowed is not None and not self._allowed(char):
            return None
        return None if self._blocked is not None and self._blocked(char) else (0, 0.0)

    def end(self, state: int) -> float:
        """See `Scorer.end`."""
        return 0.0

    def follows(self, state: int) -> None:
        """Any character that `step` lets pass."""
        return None
