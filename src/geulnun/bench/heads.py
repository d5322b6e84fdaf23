"""The factored jamo head beside a flat softmax over all syllables, on characters that no training line held.

For each way of decoding one network learns the same lines twice, once with each head (`recipes/synth/syllables.yaml`,
without the 200 syllables of `recipes/lines/unseen.txt`). Read are lines in held-out fonts that draw nearly all
syllables, half of them clean and half worn: words, random syllables, and the 200.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun import hangul
from geulnun.bench import laboratory
from geulnun.bench.laboratory import GREEDY, Size, Tell
from geulnun.bench.rendered import syllable_families
from geulnun.bench.report import Json, table
from geulnun.charset import PLAIN, Classes, FlatCharset, normalise
from geulnun.errors import MissingInputError
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import cer
from geulnun.runtime.recogniser import Recogniser
from geulnun.synth.lines import CLEAN, WORN, LineRenderer
from geulnun.synth.text import TextSource

#: A network for each way of decoding.
NETS = {"ctc": "dense", "attention": "none-vgg-bilstm-attn", "parallel": "parseq-jamo"}
HEADS = ("jamo", "flat")
#: What is read, and the letters of a line of random syllables.
KINDS, LENGTH = ("words", "random syllables", "the 200 never seen"), 8
_SYLLABLES = tuple(chr(hangul.BASE + index) for index in range(hangul.COUNT))
_CHARACTERS = (*PLAIN.symbols, *_SYLLABLES)
#: Image that is timed: a line of twenty characters.
TIMED = (40, 640)


@dataclass(frozen=True)
class Plan:
    """What is done to every network alike.

    Attributes:
        recipe: of the lines to learn from.
        unseen: UTF-8 text file of the syllables left out.
        texts: folder of texts; None for the built-in grammars.
        lines: training lines each network sees.
        tests: test lines of each kind.
        width: factor of channels while training.
        batch: lines a step.
        rate: learning rate at its height.
        seed: of weights and lines.
    """

    recipe: Path = Path("recipes/synth/syllables.yaml")
    unseen: Path = Path("recipes/lines/unseen.txt")
    texts: Path | None = None
    lines: int = 24_000
    tests: int = 400
    width: float = 0.5
    batch: int = 16
    rate: float = 1.5e-3
    seed: int = 1


@dataclass
class Result:
    """A row: character errors of each kind, and what network it was."""

    net: str
    head: str
    size: Size | None = None
    lines: int = 0
    minutes: float = 0.0
    cer: dict[str, float] = field(default_factory=dict)


Tests = Mapping[str, Sequence[tuple[NDArray[np.uint8], str]]]


def tests(plan: Plan) -> Tests:
    """The lines of each kind: images and their texts, the families in turn, every second line worn.

    Raises:
        MissingInputError: no file of the syllables left out.
        MissingDependencyError: no font that could draw them.
    """
    if not plan.unseen.is_file():
        raise MissingInputError(f"{plan.unseen}: no such file of characters; name the syllables that were left out")
    unseen = "".join(plan.unseen.read_text("utf-8").split())
    seen, every = (TextSource(plan.texts, "held-out", without=frozenset(chars)) for chars in (unseen, ""))
    families = list(syllable_families().values())
    faces = [face for group in families for face in group]
    drawers = [LineRenderer(faces, every, options, fallback=False) for options in (CLEAN, WORN)]
    pools = ((seen, None), (seen, sorted(set(_SYLLABLES) - set(unseen))), (every, sorted(unseen)))
    rng = np.random.default_rng(plan.seed)
    out = {}
    for kind, (source, pool) in zip(KINDS, pools, strict=True):
        lines = []
        for at in range(plan.tests):
            group = families[at // 2 % len(families)]
            face = group[int(rng.integers(len(group)))]
            text = source.line_of("syllables" if pool else "words", rng, LENGTH, pool and [*filter(face.draws, pool)])
            drawn = drawers[at % 2].draw(rng, text=text, face=face)
            lines.append((drawn.image, normalise(drawn.text)))
        out[kind] = lines
    return out


def score(read: Callable[[NDArray[np.uint8]], str], lines: Tests, result: Result) -> Result:
    """Fill in the character error rates, spaces counted, of what ``read`` makes of the lines."""
    for kind, samples in lines.items():
        errors = (cer(truth, normalise(read(image))) for image, truth in samples)
        result.cer[kind] = sum(errors, start=ErrorRate()).value
    return result


def measure(
    plan: Plan, work: Path, nets: Iterable[str] = NETS.values(), also: Mapping[str, Path] = {}, tell: Tell = print
) -> list[Result]:
    """Train and score every network with each head, then ``also``; what ``work`` holds finished is not done again.

    Args:
        plan: what is done to each.
        work: folder of the runs, one below it for each network and head.
        nets: names of builders.
        also: ONNX files of other runs, by the name of their row; they have not seen the syllables either.
        tell: receives a line of progress now and then.
    """
    pairs = [(net, head, work / f"{net}-{head}") for net in nets for head in HEADS]
    sizes = [laboratory.kept_size(at / "size.json", partial(size, net, head, plan)) for net, head, at in pairs]
    lines = tests(plan)
    out = []
    for (net, head, folder), whole in zip(pairs, sizes, strict=True):
        file = folder / "result.json"
        if file.is_file():
            result = Result(**json.loads(file.read_text("utf-8")))
        else:
            tell(f"{net}, {head}: begins")
            result = train(net, head, plan, folder, tell)
            score(_greedy(folder / "net.onnx"), lines, result)
            laboratory.keep(file, result)
            tell(f"{net}, {head}: {_rates(result)}")
        out.append(replace(result, size=whole))
    return [*out, *(score(_greedy(file), lines, Result(name, "")) for name, file in also.items())]


def size(net: str, head: str, plan: Plan) -> Size:
    """Size and speed of a network as wide as it is trained; its weights are not."""
    from geulnun.nets.recognition.builders import BUILDERS

    classes: Classes = PLAIN if head == "jamo" else FlatCharset(_CHARACTERS)
    preset = BUILDERS[net]
    return laboratory.weigh(preset.build(classes, plan.width).eval(), preset.line_spec(classes), TIMED)


def train(net: str, head: str, plan: Plan, folder: Path, tell: Tell = print) -> Result:
    """Train one network with one head; a run that was cut off goes on."""
    from geulnun.training.options import ClassChoice, LineTraining, SetChoice

    classes = ClassChoice() if head == "jamo" else ClassChoice("flat", "".join(_CHARACTERS))
    options = LineTraining(
        data=(SetChoice(plan.recipe, without=plan.unseen, texts=plan.texts),),
        validation=(SetChoice(plan.recipe, name="seen", lines=16, texts=plan.texts),),
        net=net, classes=classes, width=plan.width, lines=plan.lines, rise=plan.lines // 15, decay=plan.lines // 2,
        rate=plan.rate, batch=plan.batch, seed=plan.seed, workers=0,
    )  # fmt: skip
    _, lines, minutes = laboratory.learn(options, folder, tell=tell)
    return Result(net, head, None, lines, minutes)


def _greedy(file: Path) -> Callable[[NDArray[np.uint8]], str]:
    reader = Recogniser(file, 1, GREEDY)
    return lambda image: reader.read([image])[0].text


def as_json(meta: Json, results: Sequence[Result], plan: Plan) -> Json:
    """The run as JSON."""
    plain = {name: value for name, value in asdict(plan).items() if not isinstance(value, Path)}
    return {**meta, "plan": plain, "results": [asdict(one) for one in results]}


def as_markdown(preamble: str, results: Sequence[Result], plan: Plan) -> str:
    """The run as Markdown."""
    notes = (
        f"Each network learned {plan.lines:,} drawn lines (batches of {plan.batch}, channels times {plan.width:g}) in "
        "which 200 syllables never stood, with each of two heads: jamo is the factored one, flat a softmax over all "
        f"11,172 syllables and the same symbols. Then it read {plan.tests} lines of each kind in held-out fonts that "
        "draw nearly all syllables, half clean and half worn. CER counts spaces. MB are those of half precision, "
        "milliseconds those of two threads for a line of 40 x 640 pixels. Rows without a head are longer runs."
    )
    heads = ["network", "head", "M", "MB", "ms a line", "lines", "CPU minutes", *(f"{kind}, CER" for kind in KINDS)]
    rows = [[one.net, one.head, *_whole(one), *(f"{one.cer[kind]:.2%}" for kind in KINDS)] for one in results]
    return "\n\n".join(["# Heads", preamble, notes, table(heads, rows)]) + "\n"


def _whole(one: Result) -> list[str]:
    if one.size is None:
        return [""] * 5
    parts = f"{one.size.parameters:.2f}", f"{one.size.megabytes:.1f}", f"{one.size.milliseconds:.1f}"
    return [*parts, f"{one.lines:,}", f"{one.minutes:.1f}"]


def _rates(result: Result) -> str:
    return ", ".join(f"{kind} {rate:.2%}" for kind, rate in result.cer.items())
