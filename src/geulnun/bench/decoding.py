"""What decoders make of the same network's output: accuracy and time of each, and what confidences are worth.

Lines are rendered in held-out faces from held-out sentences. Weights of the language model and the temperature are
chosen on other lines: training faces, and sentences of the training side that the language model has not seen either.
"""

from __future__ import annotations

import re
import tempfile
import time
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun.bench import decoding_real
from geulnun.bench.decoding_real import Compared
from geulnun.bench.rendered import LOOKS, PRINT
from geulnun.charset import normalise
from geulnun.decode import calibration, ngram_build
from geulnun.decode.ctc import text_of
from geulnun.decode.ngram import NGram
from geulnun.decode.options import DecodeOptions, Decoder, build
from geulnun.decode.steps import Steps, steps_of
from geulnun.errors import MissingDependencyError
from geulnun.image import ops
from geulnun.metrics.confidence import outcomes
from geulnun.metrics.counts import Accuracy, ErrorRate
from geulnun.metrics.text import cer
from geulnun.runtime.recogniser import Raw, Recogniser
from geulnun.synth import corpora, identifiers
from geulnun.synth.fonts import Split, faces
from geulnun.synth.lines import LineRenderer
from geulnun.synth.text import TextSource

Rng = np.random.Generator
Texts = Callable[[Rng, int], str]

#: The language model: characters of its longest n-grams, and the pruning of `geulnun lm build`.
ORDER, PRUNE = 6, 1
#: Weights that are tried.
ALPHAS, BETAS, UNKNOWNS = (0.2, 0.35, 0.5, 0.7), (0.0, 1.0, 2.0, 3.0), (2.0, 4.0, 8.0)
#: One sentence in so many of the training side is kept from the language model, to choose its weights with.
_TUNING = 20
#: Held-out sentences that the language model's bits are counted on.
_SCORED = 2000
#: Error rates of characters that are wanted of what is kept.
WANTED = (0.01, 0.005)


@dataclass(frozen=True)
class Line:
    """A line: what the network says of it, and what stands there."""

    raw: Raw
    text: str


@dataclass(frozen=True)
class Measured:
    """A decoder on a set of lines; seconds are those of one thread's CPU time, of decoding alone."""

    set: str
    decoder: str
    cer: ErrorRate
    exact: Accuracy
    seconds: float
    steps: int


@dataclass(frozen=True)
class Kept:
    """Characters kept above a threshold that was chosen elsewhere."""

    wanted: float
    threshold: float
    coverage: float
    error: float


@dataclass(frozen=True)
class Calibration:
    """Temperature and expected calibration error of characters, before and after, on lines it was not fitted on."""

    temperature: float
    before: float
    after: float
    kept: tuple[Kept, ...]


@dataclass
class Result:
    """All that was measured."""

    options: DecodeOptions
    unknown: float
    tried: list[Measured] = field(default_factory=list)
    measured: list[Measured] = field(default_factory=list)
    network: float = 0.0
    bits: float = 0.0
    lexicon: int = 0
    calibration: Calibration | None = None
    real: list[Compared] = field(default_factory=list)


class _Drawer:
    """Draws lines of one side of the split in print faces and runs the network over them."""

    def __init__(self, recogniser: Recogniser, texts: Path, side: Split, seed: int) -> None:
        self._recogniser, self._texts, self._seed = recogniser, texts, seed
        try:
            pool = [face for face in faces(side) if face.draws("한") and face.family.style in PRINT]
        except ImportError as error:
            raise MissingDependencyError(f"rendering needs {error.name}; install geulnun[train]") from None
        if not pool:
            raise MissingDependencyError(f"no {side} font draws Hangul; run `make fonts`")
        self._pool, self._source = pool, TextSource(texts, side)
        self.seconds, self.count = 0.0, 0

    def lines(self, name: str, count: int, look: str, text: Texts) -> list[Line]:
        """Draw ``count`` lines; the same name, seed and look give the same ones."""
        rng = np.random.default_rng((self._seed, zlib.crc32(f"{name} {look}".encode())))
        renderer = LineRenderer(self._pool, self._source, LOOKS[look], fallback=False)
        out = []
        for _ in range(count):
            drawn = renderer.draw(rng, text=text(rng, int(np.clip(rng.gamma(2.2, 5.0), 8, 30))))
            out.append(Line(self._run(drawn.image), drawn.text))
        return out

    def _run(self, image: NDArray[np.uint8]) -> Raw:
        start = time.thread_time()
        ((raw, _),) = self._recogniser.logits([ops.line_input(image, self._recogniser.spec)])
        self.seconds, self.count = self.seconds + time.thread_time() - start, self.count + 1
        return raw

    def steps(self, line: Line) -> Steps:
        """What the decoders take."""
        spec = self._recogniser.spec
        return steps_of(line.raw.logits, spec.classes, spec.temperature, line.raw.rare)

    def decoder(self, options: DecodeOptions) -> Decoder:
        """The decoder for this network."""
        return build(options, self._recogniser.spec.classes, self._recogniser.spec.decoding)

    def kind(self, name: str) -> Texts:
        """Texts of a kind of the data engine."""
        return lambda rng, length: self._source.line_of(name, rng, length)

    def syllables(self, rng: Rng, length: int) -> str:
        """Syllables at random, of those that a face draws."""
        drawn = self._pool[int(rng.integers(len(self._pool)))].syllables
        return "".join(drawn[int(at)] for at in rng.integers(len(drawn), size=length))

    def measure(self, name: str, lines: Sequence[Line], title: str, options: DecodeOptions) -> Measured:
        """Decode lines and compare."""
        decode = self.decoder(options)
        errors, right, seconds, count = ErrorRate(), 0, 0.0, 0
        for line in lines:
            steps = self.steps(line)
            start = time.thread_time()
            text = text_of(decode(steps))
            seconds += time.thread_time() - start
            count += len(steps)
            errors += cer(line.text, text)
            right += normalise(line.text) == text
        return Measured(name, title, errors, Accuracy(right, len(lines)), seconds, count)


def _tuning(sentence: str) -> bool:
    """Whether a training sentence is kept from the language model; another draw than that of the split."""
    return zlib.crc32(sentence[::-1].encode()) % _TUNING == 0


def windows(sentences: Sequence[str]) -> Texts:
    """Runs of whole words out of sentences, of about the length asked for."""

    def text(rng: Rng, length: int) -> str:
        words = sentences[int(rng.integers(len(sentences)))].split(" ")
        first = int(rng.integers(len(words)))
        out = words[first]
        for word in words[first + 1 :]:
            if len(out) >= length:
                break
            out += f" {word}"
        return out[: 2 * length].strip()

    return text


def _date(rng: Rng, length: int) -> str:
    year, month, day = int(rng.integers(1950, 2030)), int(rng.integers(1, 13)), int(rng.integers(1, 29))
    form = ("{}.{:02d}.{:02d}", "{}. {}. {}.", "{}-{:02d}-{:02d}", "{}년 {}월 {}일")[int(rng.integers(4))]
    return form.format(year, month, day)


def _amount(rng: Rng, length: int) -> str:
    form = ("{:,}원", "₩{:,}", "{:,}", "금 {:,}원정")[int(rng.integers(4))]
    return form.format(int(np.exp(rng.uniform(5, 19))))


_Named = Mapping[str, DecodeOptions]


def run(
    texts: Path,
    lines: int,
    seed: int,
    weights: Path | None = None,
    real: Path | None = None,
    advance: Callable[[str], None] = lambda name: None,
) -> Result:
    """Choose weights on ``lines`` lines, then measure on as many of each set.

    Args:
        texts: folder of corpora.
        lines: lines of each set.
        seed: the same seed draws the same lines.
        weights: a recogniser's file; None for the package's own.
        real: folder of real images with an index.jsonl; None for none.
        advance: told what is begun.

    Raises:
        MissingInputError: the folder holds no text.
        MissingDependencyError: fonts, or what opens them, are not installed.
    """
    recogniser = Recogniser(weights, threads=1)
    sides: dict[Split, _Drawer] = {side: _Drawer(recogniser, texts, side, seed) for side in ("train", "held-out")}
    with tempfile.TemporaryDirectory() as folder:
        advance("language model")
        spoken, kept = _split(texts)
        unseen = corpora.sentences(texts, True)
        model = ngram_build.build(spoken, ORDER, PRUNE)
        files = _write(Path(folder), model, spoken, texts)
        advance("choose weights")
        tuning = sides["train"].lines("sentences", lines, "harsh", windows(kept))
        result = _chosen(sides["train"], tuning, files)
        result.bits = model.bits(unseen[:_SCORED]).per_character
        result.lexicon = len(files["words"].read_text("utf-8").splitlines())
        sentences: list[Line] = []
        for name, look, text, decoders in _sets(sides["held-out"], unseen, result, files):
            advance(f"{name}, {look}")
            drawn = sides["held-out"].lines(name, lines, look, text)
            sentences += drawn if name == "sentences" and look != "clean" else []
            for title, options in decoders.items():
                result.measured.append(sides["held-out"].measure(f"{name}, {look}", drawn, title, options))
        advance("confidences")
        tuning += sides["train"].lines("sentences", lines, "worn", windows(kept))
        result.calibration = _calibration(recogniser, tuning, sentences)
        if real is not None:
            result.real = decoding_real.compare(real, _plain() | _fused(result), weights, advance)
    result.network = sides["held-out"].seconds / max(sides["held-out"].count, 1)
    return result


def _split(texts: Path) -> tuple[list[str], list[str]]:
    """Sentences the language model learns from, and those its weights are chosen with."""
    sentences = corpora.sentences(texts, False)
    spoken = [line for line in sentences + corpora.lines(texts, corpora.CHATTER, False) if not _tuning(line)]
    return spoken, [line for line in sentences if _tuning(line)]


def _write(folder: Path, model: NGram, spoken: list[str], texts: Path) -> dict[str, Path]:
    """The files that decoders take: ``lm``, ``words`` of the same sentences, and ``names`` where there are any."""
    files = {name: folder / name for name in ("lm", "words")}
    files["lm"].write_bytes(model.to_bytes())
    words = Counter(word for line in spoken for word in re.findall(r"[^\W\d_]+", line))
    files["words"].write_text("\n".join(word for word, count in words.items() if count > 1), "utf-8")
    names = texts / corpora.WORDS[-1]
    return files | ({"names": names} if names.is_file() else {})


def _chosen(drawer: _Drawer, tuning: Sequence[Line], files: Mapping[str, Path]) -> Result:
    """The weights with the fewest errors on the lines kept for that."""
    fused = [DecodeOptions(lm=files["lm"], alpha=alpha, beta=beta) for alpha in ALPHAS for beta in BETAS]
    worded = [DecodeOptions(lexicon=files["words"], unknown=unknown) for unknown in UNKNOWNS]
    tried = [
        (drawer.measure("tuning", tuning, _title(options), options), options)
        for options in (DecodeOptions(), DecodeOptions(decoder="beam"), *fused, *worded)
    ]

    def fewest(among: Sequence[DecodeOptions]) -> DecodeOptions:
        return min((one for one in tried if one[1] in among), key=lambda one: one[0].cer.errors)[1]

    return Result(fewest(fused), fewest(worded).unknown or 0.0, [measured for measured, _ in tried])


def _title(options: DecodeOptions) -> str:
    if options.lm is not None:
        return f"beam + language model, alpha {options.alpha:g}, beta {options.beta:g}"
    if options.lexicon is not None:
        return "words" if options.unknown is None else f"words, others cost {options.unknown:g}"
    return "greedy" if options.decoder == "auto" else options.decoder


def _plain() -> dict[str, DecodeOptions]:
    return {"greedy": DecodeOptions(), "beam": DecodeOptions(decoder="beam")}


def _fused(result: Result) -> dict[str, DecodeOptions]:
    usual = DecodeOptions(lm=result.options.lm)
    return {"beam + language model": result.options, "beam + language model, default weights": usual}


def _sets(
    drawer: _Drawer, unseen: Sequence[str], result: Result, files: Mapping[str, Path]
) -> Iterator[tuple[str, str, Texts, _Named]]:
    """Name, look, texts and decoders of each set."""
    plain, fused = _plain(), _plain() | _fused(result)
    words = {
        f"words, others cost {result.unknown:g}": DecodeOptions(lexicon=files["words"], unknown=result.unknown),
        "words": DecodeOptions(lexicon=files["words"]),
    }
    wide = {"beam of 32 + language model": replace(result.options, width=32)}
    for look in LOOKS:
        yield "sentences", look, windows(unseen), {**fused, **(wide | words if look == "harsh" else {})}
    yield "random syllables", "harsh", drawer.syllables, fused
    yield "digits and punctuation", "harsh", drawer.kind("figures"), fused
    yield "Latin", "harsh", drawer.kind("latin"), fused
    if "names" in files:
        names = corpora.read(files["names"])
        lexicon = {"words": DecodeOptions(lexicon=files["names"])}
        yield "place names", "harsh", lambda rng, _: names[int(rng.integers(len(names)))], {**fused, **lexicon}
    digits = {"allow 0-9-": DecodeOptions(allow="0-9-")}
    checked = {f"pattern {name}": DecodeOptions(pattern=name) for name in ("business", "business-checked")}
    yield "registration numbers", "harsh", lambda rng, _: identifiers.business(rng), {**plain, **digits, **checked}
    yield "dates", "harsh", _date, {**plain, "pattern date": DecodeOptions(pattern="date")}
    yield "amounts", "harsh", _amount, {**plain, "pattern amount": DecodeOptions(pattern="amount")}


def _calibration(recogniser: Recogniser, tuning: Sequence[Line], unseen: Sequence[Line]) -> Calibration:
    classes, decoding = recogniser.spec.classes, recogniser.spec.decoding
    own, other = ([(line.raw.logits, line.text) for line in group] for group in (tuning, unseen))
    temperature = calibration.fit(own, classes, decoding).temperature
    before, after = (
        outcomes(*calibration.confidences(other, classes, value, decoding)).calibration().ece
        for value in (recogniser.spec.temperature, temperature)
    )
    sure, right = calibration.confidences(own, classes, temperature, decoding)
    kept = []
    for wanted in WANTED:
        least = calibration.threshold(sure, ~right, wanted)
        found, good = calibration.confidences(other, classes, temperature, decoding)
        above = found >= least
        kept.append(Kept(wanted, least, float(above.mean()), float((~good[above]).mean()) if above.any() else 0.0))
    return Calibration(temperature, before, after, tuple(kept))
