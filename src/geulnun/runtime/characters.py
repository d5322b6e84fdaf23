"""The recogniser of single characters at work: images in, the most probable characters and their jamo out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.charset import BLANK, HANGUL, Charset, Classes, FlatCharset
from geulnun.decode.masks import mask
from geulnun.decode.steps import Factored, Flat, Steps, steps_of
from geulnun.errors import ModelError, UsageError
from geulnun.image import ops
from geulnun.runtime import weights
from geulnun.runtime.session import open_session
from geulnun.spec import CharacterSpec

Floats = NDArray[np.float32]
#: A character or jamo and its probability.
Ranked = tuple[str, float]

#: Images of one run; more brings no speed and costs memory.
BATCH = 64
#: Letters of each place in the order of the head; the first final, "", is none.
PLACES: dict[str, tuple[str, ...]] = {"cho": hangul.CHO, "jung": hangul.JUNG, "jong": hangul.JONG}
#: The products of so many best jamo of each place are sought at most: one less than there are initials.
_MOST_JAMO = hangul.N_CHO - 1


@dataclass(frozen=True, slots=True)
class CharacterGuess:
    """What an image of one character may be.

    Attributes:
        alternatives: characters with their probabilities 0..1, the best first; empty where none is named.
        confidence: the probability of the best character, also where it is too small for it to be named; 0 for an
            image without ink.
        blank: probability that it is no character at all; 1 for an image without ink.
        cho: initials with the probabilities that the character is a syllable with it, the best first; empty where
            none is named, and where the recogniser knows no syllables.
        jung: medials, likewise.
        jong: finals, likewise; "" is none.
    """

    alternatives: tuple[Ranked, ...] = ()
    confidence: float = 0.0
    blank: float = 1.0
    cho: tuple[Ranked, ...] = ()
    jung: tuple[Ranked, ...] = ()
    jong: tuple[Ranked, ...] = ()

    @property
    def text(self) -> str:
        """The best character; "" where none is named."""
        return self.alternatives[0][0] if self.alternatives else ""


class CharacterRecogniser:
    """Reads images of one character each with one network; safe to share between threads.

    Args:
        path: ONNX file of `geulnun.spec.CharacterSpec`; None for the package's own.
        threads: threads of one run; None for one a core.
        reject: confidence below which no character is named, 0 to below 1; None for what the file says.
        allow: characters and ranges (``0-9가-힣``) beside which none is named; empty for all.
        block: characters and ranges that are not named. What is left has all the probability.

    Attributes:
        spec: what the network takes and gives.
        reject: confidence below which no character is named.

    Raises:
        ModelError: the file is missing or is not such a network.
        UsageError: ``reject`` is out of its range; ``allow`` and ``block`` cannot be understood or leave nothing.
    """

    def __init__(
        self,
        path: Path | None = None,
        threads: int | None = None,
        reject: float | None = None,
        allow: str = "",
        block: str = "",
    ) -> None:
        if reject is not None and not 0 <= reject < 1:
            raise UsageError(f"reject is {reject}; expected 0 to below 1")
        file = path or weights.path("character")
        self._session = open_session(file, threads)
        self.spec = CharacterSpec.of_metadata(self._session.get_modelmeta().custom_metadata_map, str(file))
        self.reject = self.spec.reject if reject is None else reject
        self._input = self._session.get_inputs()[0].name
        wide = self._session.get_outputs()[0].shape[-1]
        if wide != self.spec.classes.width:
            raise ModelError(f"{file}: writes {wide} outputs; its characters need {self.spec.classes.width}")
        self._jamo = JamoOf(self.spec.classes)
        self._mask = mask(self.spec.classes, allow, block)

    def read(self, images: Sequence[NDArray[np.uint8]], n: int = 5) -> list[CharacterGuess]:
        """Read images, uint8 (h, w) or (h, w, 3) of any size; a guess each, in their order.

        Args:
            images: dark on light or light on dark.
            n: alternatives of characters and of jamo, 1 or more.

        Raises:
            UsageError: ``n`` is below 1.
        """
        if n < 1:
            raise UsageError(f"n is {n}; expected 1 or more alternatives")
        guesses = [CharacterGuess()] * len(images)
        inputs = [(at, ink) for at, image in enumerate(images) if (ink := self.prepared(image)) is not None]
        for start in range(0, len(inputs), BATCH):
            group = inputs[start : start + BATCH]
            steps = self.steps(self.logits(np.stack([ink for _, ink in group])[:, None]))
            for (at, _), guess in zip(group, self._guesses(steps, n), strict=True):
                guesses[at] = guess
        return guesses

    def prepared(self, image: NDArray[np.uint8]) -> Floats | None:
        """An image as the network takes it, (size, size); None where it holds no ink."""
        return ops.character_input(image, self.spec)

    def logits(self, batch: Floats) -> Floats:
        """Run prepared images (N, 1, size, size); logits (N, K)."""
        (found,) = self._session.run(None, {self._input: batch})
        return np.asarray(found, np.float32)

    def steps(self, logits: Floats) -> Steps:
        """What logits (N, K) say, an image a step."""
        return steps_of(logits, self.spec.classes, self.spec.temperature)

    def _guesses(self, steps: Steps, n: int) -> list[CharacterGuess]:
        if self._mask is None:
            ids, chances = top(steps, n)
            parts = self._jamo.probabilities(steps)
        else:
            steps = self._mask.over(steps)
            left = self._mask.ids[1:]
            every = steps.of(left)
            best = np.argsort(-every, axis=1, kind="stable")[:, :n]
            ids, chances = left[best], np.take_along_axis(every, best, 1)
            parts = {place: every @ members for place, members in self._left.items()}
        blanks = steps.of([BLANK])[:, 0]
        jamo = {place: _ranked(p, PLACES[place], n) for place, p in parts.items()}
        out = []
        for at, (row, p, blank) in enumerate(zip(ids, chances, blanks.tolist(), strict=True)):
            sure = float(p[0]) if len(p) else 0.0
            if sure <= 0 or sure < self.reject or blank > sure:
                out.append(CharacterGuess(confidence=sure, blank=blank))
                continue
            # Of few classes fewer than n are characters; the rest has no probability.
            found = [(one, float(share)) for one, share in zip(row, p, strict=True) if share > 0]
            named = tuple((self.spec.classes.decode([one]), share) for one, share in found)
            out.append(CharacterGuess(named, sure, blank, **{place: ranked[at] for place, ranked in jamo.items()}))
        return out

    @cached_property
    def _left(self) -> dict[str, Floats]:
        """By place, (A, jamo): 1 where a character that is left by the lists is a syllable with the jamo."""
        assert self._mask is not None
        classes = self.spec.classes
        chars = [classes.decode([one]) for one in self._mask.ids[1:].tolist()]
        rows = [at for at, char in enumerate(chars) if hangul.is_syllable(char)]
        if not rows:
            return {}
        jamo = np.array([hangul.split(chars[at]) for at in rows])
        out = {}
        for column, (place, letters) in enumerate(PLACES.items()):
            out[place] = np.zeros((len(chars), len(letters)), np.float32)
            out[place][rows, jamo[:, column]] = 1
        return out


def top(steps: Steps, n: int) -> tuple[NDArray[np.int64], Floats]:
    """The ``n`` most probable characters (class ids and probabilities, (N, at most n)) of each step, best first.

    With the factored head they are exact up to n = 18: the n best products are of the n best jamo of each place.
    """
    rows = np.arange(len(steps))
    wanted = n + 2  # the blank and the gate's entry of all syllables may be among them
    if isinstance(steps, Factored):
        ids, chances = steps.top(rows, wanted, min(max(n, 3), _MOST_JAMO))
    else:
        ids, chances = steps.top(rows, wanted)
    nothing = (ids == BLANK) | ((ids == HANGUL) & isinstance(steps, Factored))
    order = np.argsort(nothing, axis=1, kind="stable")[:, :n]
    chances = np.where(nothing, 0, chances).astype(np.float32)
    return np.take_along_axis(ids, order, 1), np.take_along_axis(chances, order, 1)


@dataclass(frozen=True)
class JamoOf:
    """Which outputs of a head speak of which jamo."""

    classes: Classes

    @cached_property
    def members(self) -> dict[str, NDArray[np.bool_]]:
        """By place, (jamo, K): which entries of the last axis stand for a jamo of the place, alone or in a syllable."""
        wide = self.classes.width
        out = {place: np.zeros((len(letters), wide), bool) for place, letters in PLACES.items()}
        if isinstance(self.classes, Charset):
            start = self.classes.gate_size
            for mask in out.values():
                mask[np.arange(len(mask)), start + np.arange(len(mask))] = True
                start += len(mask)
        elif isinstance(self.classes, FlatCharset):
            for at, char in enumerate(self.classes.characters, 1):
                if hangul.is_syllable(char):
                    for mask, jamo in zip(out.values(), hangul.split(char), strict=True):
                        mask[jamo, at] = True
        return out

    @property
    def known(self) -> bool:
        """Whether the head knows syllables at all."""
        return any(bool(mask.any()) for mask in self.members.values())

    def targets(self, char: str) -> dict[str, NDArray[np.bool_]]:
        """What of the last axis (K,) speaks for a character: by place of a syllable, else under "character".

        Raises:
            KeyError: the character cannot be written.
        """
        if hangul.is_syllable(char) and char in self.classes:
            parts = zip(self.members.items(), hangul.split(char), strict=True)
            return {place: mask[jamo] for (place, mask), jamo in parts}
        (index,) = self.classes.encode(char)
        if isinstance(self.classes, Charset) and index >= self.classes.ideograph_base:
            index += self.classes.core - self.classes.ideograph_base
        return {"character": np.arange(self.classes.width) == index}

    def probabilities(self, steps: Steps) -> dict[str, Floats]:
        """By place, (N, jamo): probabilities that the character is a syllable with the jamo; none without syllables."""
        if isinstance(steps, Factored):
            gate = steps.gate[:, HANGUL, None]
            return {"cho": gate * steps.cho, "jung": gate * steps.jung, "jong": gate * steps.jong}
        if isinstance(steps, Flat) and self.known:
            return {place: steps.probabilities @ mask.T.astype(np.float32) for place, mask in self.members.items()}
        return {}


def _ranked(probabilities: Floats, letters: Sequence[str], n: int) -> list[tuple[Ranked, ...]]:
    order = np.argsort(-probabilities, axis=1, kind="stable")[:, :n]
    pairs = zip(probabilities, order, strict=True)
    return [tuple((letters[jamo], float(row[jamo])) for jamo in best) for row, best in pairs]


def scores(logits: Floats, targets: NDArray[np.bool_]) -> Floats:
    """How much logits (N, K) speak for each target (P, K): (N, P), the logarithm of the summed exponentials.

    Of a target of one logit that is the logit itself.
    """
    found = np.where(targets[None], np.asarray(logits, np.float64)[:, None], -np.inf)
    best = found.max(2)
    return np.asarray(best + np.log(np.exp(found - best[..., None]).sum(2)), np.float32)
