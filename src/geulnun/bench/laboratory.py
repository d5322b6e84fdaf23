"""Every line recogniser on ocr_kor's protocol: trained alike, read alike, on lines of unseen words and fonts.

Training sets are ocr_kor's "basic" and "skew" (9,000 lines each, half of every batch), tests are its skewed, distorted,
blurred and patterned lines, drawn with held-out fonts from held-out words (`recipes/synth/ocr_kor_*.yaml`). A line
counts as right when every character is, spaces among them. All networks learn from as many lines, with the same
head; channels are narrowed by one factor, so that a CPU gets through the table, while size and speed are those of the
whole network.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar
from typing import Protocol as Structural

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import FlatCharset, normalise
from geulnun.decode.options import DecodeOptions
from geulnun.errors import GeulnunError, UsageError
from geulnun.metrics.counts import ErrorRate
from geulnun.metrics.text import cer
from geulnun.pipeline import Reader, ReaderOptions
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec

if TYPE_CHECKING:
    from geulnun.export.parity import Module, Parity
    from geulnun.training.fit import Prepared
    from geulnun.training.options import LineTraining

Tell = Callable[[str], None]
Read = Callable[[NDArray[np.uint8]], str]

#: The kinds of lines that are trained on and tested.
TRAINED, TESTED = ("basic", "skew"), ("skew", "dist", "blur", "back")
#: Characters of ocr_kor's head, which the sizes of whole networks are for.
CHARACTERS = 972
#: Image that is timed: a line of the protocol's size.
TIMED = (64, 1_000)
#: Other names of networks that the grid has.
SAME = frozenset(("crnn", "grcnn", "aster"))
#: What networks are judged by is theirs alone, without the package's language model.
GREEDY = DecodeOptions(decoder="greedy")
#: Lines that are read by PyTorch and by ONNX Runtime.
PARITY = 500
#: Row of the reader that ships, which learned from more than the protocol has.
SHIPPED = "the shipped reader"


class _Dataclass(Structural):
    __dataclass_fields__: ClassVar[dict[str, Any]]


@dataclass(frozen=True)
class Protocol:
    """What is done to every network alike.

    Attributes:
        recipes: folder of the drawn sets, `ocr_kor_*.yaml`.
        texts: folder of texts; None for the built-in grammars.
        lines: training lines each network sees.
        tests: test lines of each kind.
        width: factor of channels while training.
        batch: lines a step. Few, as the steps and not the lines are what a small budget lacks.
        rate: learning rate at its height.
        seed: of weights and lines.
    """

    recipes: Path = Path("recipes/synth")
    texts: Path | None = None
    lines: int = 12_000
    tests: int = 250
    width: float = 0.25
    batch: int = 8
    rate: float = 1.5e-3
    seed: int = 1


@dataclass(frozen=True)
class Size:
    """A whole network as published: millions of parameters, MB as float16 ONNX, milliseconds a line."""

    parameters: float
    megabytes: float
    milliseconds: float


@dataclass
class Result:
    """A row: lines right and character errors of each kind of test, and what the training took."""

    name: str
    size: Size | None
    lines: int
    minutes: float
    trained: float
    parity: Parity | None = None
    exact: dict[str, float] = field(default_factory=dict)
    cer: dict[str, float] = field(default_factory=dict)

    @property
    def mean_exact(self) -> float:
        """Share of lines right over all kinds, each counting alike."""
        return statistics.fmean(self.exact.values())

    @property
    def mean_cer(self) -> float:
        """Character error rate over all kinds, each counting alike."""
        return statistics.fmean(self.cer.values())


def draw(protocol: Protocol, work: Path) -> dict[str, Path]:
    """Draw the training sets once, as LMDB, which is what the original trains from; their folders by kind."""
    from geulnun.synth import recipes
    from geulnun.synth.produce import Order, Target, produce

    out = {}
    for kind in TRAINED:
        plan = recipes.load(_recipe(protocol, kind), "lines", protocol.texts)
        out[kind] = work / "sets" / kind
        order = Order(plan.source().size or 0, protocol.seed, 1)
        produce(plan.source, order, Target(out[kind], plan.format, plan.save), plan.digest(), lambda done: None)
    return out


Tests = Mapping[str, list[tuple[NDArray[np.uint8], str]]]


def tests(protocol: Protocol) -> Tests:
    """The test lines of each kind: images and their texts, spread over the recipe's parts."""
    from geulnun.synth import recipes

    out: dict[str, list[tuple[NDArray[np.uint8], str]]] = {}
    for kind in TESTED:
        plan = recipes.load(_recipe(protocol, kind), "lines", protocol.texts, "held-out")
        source = plan.source()
        size = source.size or protocol.tests
        drawn = [source.sample(at * size // protocol.tests, protocol.seed) for at in range(min(size, protocol.tests))]
        out[kind] = [(sample.image, normalise(sample.text)) for sample in drawn]
    return out


def score(read: Read, lines: Tests, result: Result) -> Result:
    """Fill in what ``read`` gets right."""
    for kind, samples in lines.items():
        found = [(truth, normalise(read(image))) for image, truth in samples]
        errors = sum((cer(truth, text) for truth, text in found), start=ErrorRate())
        result.exact[kind] = sum(truth == text for truth, text in found) / max(len(found), 1)
        result.cer[kind] = errors.value
    return result


def size(name: str, threads: int = 2) -> Size:
    """Size and speed of a whole network with a flat head of `CHARACTERS`; its weights are not trained."""
    from geulnun.nets.recognition.builders import BUILDERS

    preset = BUILDERS[name]
    classes = FlatCharset(tuple(chr(0xAC00 + index) for index in range(CHARACTERS)))
    return weigh(preset.build(classes).eval(), preset.line_spec(classes), TIMED, threads)


def weigh(net: Module, spec: LineSpec, shape: tuple[int, int], threads: int = 2) -> Size:
    """Size of a network as an ONNX file of half precision, and the time it takes for a line of ``shape`` (h, w)."""
    from geulnun.export.lines import export_lines
    from geulnun.nets.recognition.builders import parameters

    with tempfile.TemporaryDirectory() as folder:
        file = export_lines(net, spec, Path(folder, "net.onnx"), "float16")
        reader = Recogniser(file, threads, GREEDY)
        image = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
        times = []
        for _ in range(12):
            begun = time.perf_counter()
            reader.read([image])
            times.append(time.perf_counter() - begun)
        return Size(parameters(net) / 1e6, file.stat().st_size / 1e6, statistics.median(times[2:]) * 1e3)


def train(
    name: str,
    protocol: Protocol,
    sets: Mapping[str, Path],
    folder: Path,
    minutes: float | None = None,
    tell: Tell = print,
) -> tuple[Result, Prepared]:
    """Train one network narrowed on ``sets``, and leave what `learn` leaves."""
    from geulnun.nets.recognition.builders import BUILDERS, parameters
    from geulnun.training.options import LineTraining, SetChoice

    if name not in BUILDERS:
        raise UsageError(f"no network is called {name!r}; expected some of {', '.join(BUILDERS)}")
    options = LineTraining(
        data=tuple(SetChoice(path, name=kind, ratio=0.5) for kind, path in sets.items()),
        validation=(SetChoice(sets[TRAINED[0]], name="seen", lines=16),),
        net=name, width=protocol.width, lines=protocol.lines, rise=protocol.lines // 15, decay=protocol.lines // 2,
        rate=protocol.rate, batch=protocol.batch, workers=0, seed=protocol.seed,
    )  # fmt: skip
    made, lines, spent = learn(options, folder, minutes, tell)
    return Result(name, None, lines, spent, parameters(made.net) / 1e6), made


def learn(
    options: LineTraining, folder: Path, minutes: float | None = None, tell: Tell = print
) -> tuple[Prepared, int, float]:
    """Train as benches do, quietly on one thread, and leave ``folder``/net.onnx; a run that was cut off goes on.

    Returns:
        the trained network with its spec, the lines it saw, and the CPU minutes of all its runs.

    Raises:
        GeulnunError: a signal ended the training early.
    """
    from geulnun.export.lines import export_lines
    from geulnun.training import fit

    quiet = replace(options, validate_minutes=60, save_minutes=3, tensorboard=False, threads=1)
    used = Clock(folder / "seconds.txt")
    checkpoint = fit.train(quiet, folder, log=tell, devices=fit.Devices("cpu"), minutes=minutes)
    spent = used.stop()
    assert checkpoint is not None
    seen = int(fit.read_run(checkpoint)["progress"]["lines"])
    if minutes is None and seen < options.total:
        # Training takes SIGTERM for "save and end"; a row of half a run would be no row.
        raise GeulnunError(f"{folder}: stopped after {seen:,} of {options.total:,} lines; start again to go on")
    made = fit.trained(checkpoint, quiet)
    export_lines(made.net, made.spec, folder / "net.onnx")
    return made, seen, spent / 60


class Clock:
    """CPU seconds of this process, those of runs before it that were cut off among them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.before = float(file.read_text()) if file.is_file() else 0.0
        self.begun = time.process_time()

    def stop(self) -> float:
        """All seconds so far, kept for the next run."""
        total = self.before + time.process_time() - self.begun
        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(f"{total}")
        return total


def measure(
    names: Iterable[str], protocol: Protocol, work: Path, minutes: float | None = None, tell: Tell = print
) -> list[Result]:
    """Train, export and score networks one after the other; those that ``work`` holds finished are not done again.

    Args:
        names: of `geulnun.nets.recognition.builders.BUILDERS`; `SHIPPED` for the package's own reader.
        protocol: what is done to each.
        work: folder of the runs, one below it for each network.
        minutes: a network's training ends, and is scored as it is, after so long.
        tell: receives a line of progress now and then.
    """
    files = {name: work / name.replace(" ", "-") / "result.json" for name in names}
    sizes = {}
    for name, file in files.items():
        if name != SHIPPED:
            sizes[name] = kept_size(file.with_name("size.json"), partial(size, name))
            tell(f"{name}: {sizes[name].parameters:.2f} M, {sizes[name].milliseconds:.1f} ms a line")
    # What is only shown again needs no lines.
    done = all(file.is_file() for file in files.values())
    lines: Tests = {} if done else tests(protocol)
    sets = {} if done else draw(protocol, work)
    out = []
    for name, file in files.items():
        if file.is_file():
            out.append(replace(load(file), size=sizes.get(name)))
            continue
        tell(f"{name}: begins")
        result, read = (
            _shipped() if name == SHIPPED else _trained(name, protocol, sets, lines, file.parent, minutes, tell)
        )
        score(read, lines, result)
        keep(file, result)
        tell(f"{name}: {result.mean_exact:.1%} of lines right, CER {result.mean_cer:.2%}")
        out.append(replace(result, size=sizes.get(name)))
    return out


def _shipped() -> tuple[Result, Read]:
    reader = Reader(ReaderOptions(min_confidence=0))
    return Result(SHIPPED, None, 0, 0, 0), lambda image: reader.read_line(image).text


def _trained(
    name: str,
    protocol: Protocol,
    sets: Mapping[str, Path],
    lines: Tests,
    folder: Path,
    minutes: float | None,
    tell: Tell,
) -> tuple[Result, Read]:
    from geulnun.export.parity import parity

    result, made = train(name, protocol, sets, folder, minutes, tell)
    recogniser = Recogniser(folder / "net.onnx", 1, GREEDY)
    # A few of each kind, so that all are among them.
    images = [samples[at][0] for at in range(protocol.tests) for samples in lines.values() if at < len(samples)]
    result.parity = parity(made.net, recogniser, images[:PARITY])
    return result, lambda image: recogniser.read([image])[0].text


def kept_size(file: Path, measured: Callable[[], Size]) -> Size:
    """What ``file`` keeps, or what is measured now and kept there: apart from training, when the machine is quiet."""
    if not file.is_file():
        keep(file, measured())
    return Size(**json.loads(file.read_text("utf-8")))


def keep(file: Path, found: _Dataclass) -> None:
    """Write what was found as JSON."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(asdict(found), ensure_ascii=False, indent=1), "utf-8")


def load(file: Path) -> Result:
    """A result that `measure` kept; its size is kept apart."""
    return replace(as_result(json.loads(file.read_text("utf-8"))), size=None)


def as_result(content: Mapping[str, Any]) -> Result:
    """A row from its JSON, as `dataclasses.asdict` gives it."""
    from geulnun.export.parity import Parity

    size, parity = content.get("size"), content.get("parity")
    return Result(**{**content, "size": Size(**size) if size else None, "parity": Parity(**parity) if parity else None})


def _recipe(protocol: Protocol, kind: str) -> Path:
    return protocol.recipes / f"ocr_kor_{kind}.yaml"
