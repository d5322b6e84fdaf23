"""Confidences that are as often right as they say, and the confidence below which to give a reading back.

Temperature scaling (Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2): logits are divided by
one number, fitted on lines whose text is known. It changes no flat head's greedy reading, only how sure it is; with
the factored head a doubtful symbol and a doubtful syllable may change places. The number belongs into
`geulnun.spec.LineSpec.temperature`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from rapidfuzz.distance import Levenshtein

from geulnun import hangul
from geulnun.charset import BLANK, HANGUL, Charset, Classes, normalise
from geulnun.decode import ctc, positions
from geulnun.decode.ctc import Decoded
from geulnun.decode.steps import Steps, steps_of

Floats = NDArray[np.float64]

#: Temperatures that are sought between.
_LEAST, _MOST = 0.05, 20.0
_GOLDEN = (5**0.5 - 1) / 2


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A temperature and what it brings.

    Attributes:
        temperature: what to divide logits by.
        before: mean negative log-likelihood in nats of the characters that truly stand there, as the network says it.
        after: the same with the temperature.
        characters: how many there are.
    """

    temperature: float
    before: float
    after: float
    characters: int


def fit(lines: Iterable[tuple[ArrayLike, str]], classes: Classes, decoding: str = "ctc") -> Calibrated:
    """Find the temperature under which the truth of lines is likeliest.

    Each line is read greedily and aligned with its text; characters read count with the one that stands there, those
    that stand nowhere with the blank, at their clearest step. What was not read at all has no step and does not count.

    Args:
        lines: logits (T, K) and truth of each.
        classes: the characters of the head.
        decoding: of `geulnun.spec.LineSpec`: "ctc", or a decoder that writes a character a step.

    Raises:
        ValueError: nothing was read in any line, or logits have another width.
    """
    rows: list[NDArray[np.float32]] = []
    wanted: list[int] = []
    for logits, truth in lines:
        array = np.asarray(logits, np.float32)
        decoded = _greedy(decoding)(steps_of(array, classes), classes, 0)
        for char, should in zip(decoded, aligned(decoded, truth), strict=True):
            # What the head cannot write is no fault of its confidence.
            if not should or should in classes:
                rows.append(array[char.step])
                wanted.append(classes.encode(should)[0] if should else BLANK)
    if not rows:
        raise ValueError("no characters were read; give lines that the network can read, with their text")
    blocks = _blocks(np.stack(rows), np.asarray(wanted, np.int64), classes)
    temperature = float(np.exp(_least(lambda log: _loss(blocks, np.exp(log)), np.log(_LEAST), np.log(_MOST))))
    return Calibrated(temperature, _loss(blocks, 1.0), _loss(blocks, temperature), len(rows))


def confidences(
    lines: Iterable[tuple[ArrayLike, str]], classes: Classes, temperature: float = 1.0, decoding: str = "ctc"
) -> tuple[Floats, NDArray[np.bool_]]:
    """Confidence (n,) of each character read, and whether it is right (n,), for `geulnun.metrics.confidence`."""
    sure: list[float] = []
    right: list[bool] = []
    for logits, truth in lines:
        decoded = _greedy(decoding)(steps_of(logits, classes, temperature), classes, 0)
        sure += [char.confidence for char in decoded]
        right += [char.text == should for char, should in zip(decoded, aligned(decoded, truth), strict=True)]
    return np.asarray(sure, np.float64), np.asarray(right, np.bool_)


def aligned(decoded: list[Decoded], truth: str) -> list[str]:
    """For each character read the one that stands there; "" for one that stands nowhere."""
    out = [""] * len(decoded)
    text = normalise(truth)
    read = [char.text for char in decoded]
    for code in Levenshtein.opcodes(read, list(text)):
        if code.tag in ("equal", "replace"):
            for at in range(code.src_end - code.src_start):
                out[code.src_start + at] = text[code.dest_start + at]
    return out


def threshold(confidences: ArrayLike, errors: ArrayLike, wanted: float, units: ArrayLike | None = None) -> float:
    """The least confidence at which what is kept has no more errors than wanted.

    Args:
        confidences: (n,) in 0..1, of characters or of lines.
        errors: (n,) of each; of a character 0 or 1, of a line its edits.
        wanted: error rate of what is kept, 0..1.
        units: (n,) what each counts in the rate, such as a line's length; None for 1 each.

    Returns:
        A threshold: readings below it are to be given back. Above 1 where not even the surest are good enough.
    """
    sure, wrong = np.asarray(confidences, np.float64), np.asarray(errors, np.float64)
    count = np.ones(len(sure)) if units is None else np.asarray(units, np.float64)
    if not len(sure) == len(wrong) == len(count):
        raise ValueError(f"{len(sure)} confidences, {len(wrong)} errors and {len(count)} units; expected as many")
    order = np.argsort(-sure, kind="stable")
    sure, wrong, count = sure[order], wrong[order].cumsum(), count[order].cumsum()
    # Readings of equal confidence are kept or given back together.
    last = np.append(sure[1:] < sure[:-1], True)[: len(sure)]
    good = np.flatnonzero(last & (wrong <= wanted * count))
    if not len(sure) or (len(good) and good[-1] == len(sure) - 1):
        return 0.0
    return float(sure[good[-1]]) if len(good) else float(np.nextafter(1.0, 2.0))


def _greedy(decoding: str) -> Callable[[Steps, Classes, int], list[Decoded]]:
    return ctc.greedy if decoding == "ctc" else positions.greedy


#: Logits (n, B) of one softmax, the entry (n,) that should have been chosen, and at which rows (n,) it was asked.
_Block = tuple[Floats, NDArray[np.int64], NDArray[np.bool_]]


def _blocks(rows: NDArray[np.float32], wanted: NDArray[np.int64], classes: Classes) -> list[_Block]:
    """The softmaxes that the probability of each wanted class is a product of."""
    wide = rows.astype(np.float64)
    every = np.ones(len(rows), np.bool_)
    if not isinstance(classes, Charset):
        return [(wide, wanted, every)]
    base, first = classes.syllable_base, classes.ideograph_base
    syllable, ideograph = (wanted >= base) & (wanted < first), wanted >= first
    gate = np.where(syllable, HANGUL, np.where(ideograph, classes.ideograph, wanted))
    code = np.where(syllable, wanted - base, 0)
    rest = code // hangul.N_JONG
    sizes = (classes.gate_size, hangul.N_CHO, hangul.N_JUNG, hangul.N_JONG)
    parts = (gate, rest // hangul.N_JUNG, rest % hangul.N_JUNG, code % hangul.N_JONG)
    asked = (every, syllable, syllable, syllable)
    cuts = np.cumsum(sizes)
    out = [
        (block, part, rows_asked)
        for block, part, rows_asked in zip(np.split(wide[:, : cuts[-1]], cuts[:-1], axis=1), parts, asked, strict=True)
    ]
    # Networks that keep ideographs apart have none in their logits; their choice among these is left as it is.
    if classes.ideographs and wide.shape[1] == classes.width:
        out.append((wide[:, classes.core :], np.where(ideograph, wanted - first, 0), ideograph))
    return out


def _loss(blocks: list[_Block], temperature: float) -> float:
    """Mean negative log-likelihood in nats a character."""
    total = 0.0
    for logits, wanted, asked in blocks:
        scaled = logits[asked] / temperature
        top = scaled.max(1, initial=-np.inf)
        sums = np.log(np.exp(scaled - top[:, None]).sum(1)) + top
        total += float((sums - scaled[np.arange(len(scaled)), wanted[asked]]).sum())
    return total / max(len(blocks[0][1]), 1)


def _least(loss: Callable[[float], float], low: float, high: float) -> float:
    """Golden-section search (Kiefer 1953) for the least of a function with one valley, to a thousandth."""
    one, other = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
    at_one, at_other = loss(one), loss(other)
    while high - low > 1e-3:
        if at_one < at_other:
            high, other, at_other = other, one, at_one
            one = high - _GOLDEN * (high - low)
            at_one = loss(one)
        else:
            low, one, at_one = one, other, at_other
            other = low + _GOLDEN * (high - low)
            at_other = loss(other)
    return (low + high) / 2
