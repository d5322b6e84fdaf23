"""Networks, heads and methods for single characters: trained alike, read alike, on fonts and hands never trained on.

All learn from the same images of KoOCR's three kinds: print, handwriting fonts, and writing of the hand
model (`recipes/synth/koocr_64.yaml`), and are tested on the same kinds in held-out fonts and hands. The exported file
is what reads.
"""

from __future__ import annotations

import itertools
import json
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from geulnun import hangul, recipe
from geulnun.bench.laboratory import Clock, Tell, keep
from geulnun.errors import GeulnunError, UsageError
from geulnun.evaluate.characters.run import RunOptions, evaluate
from geulnun.evaluate.characters.sets import Glyph, drawn, read_set
from geulnun.runtime.characters import BATCH, CharacterRecogniser

if TYPE_CHECKING:
    from geulnun.synth.sample import Sample, Source

#: The heading of images that people wrote, where a folder of them is given.
REAL = "real"
#: Images by which a network is timed, and how often.
_ALONE, _BATCHES = 40, 6


@dataclass(frozen=True)
class Plan:
    """What is done to every network alike.

    Attributes:
        recipe: of the images to learn from, with a part for each kind; tests are drawn from its held-out side.
        drawn: training images, as many of each part of the recipe; they are drawn once.
        images: training images each network sees; more than are drawn are seen again.
        tests: test images of each kind.
        factor: of the networks' channels.
        size: side of the input.
        batch: images a step.
        rate: learning rate at its height, of AdamW.
        characters: alphabet that is named, see `geulnun.training.characters.alphabets`.
        real: folder with an index of images that people wrote, read and never learnt from; None for none.
        seed: of weights and images.
    """

    recipe: Path = Path("recipes/synth/koocr_64.yaml")
    drawn: int = 30_000
    images: int = 60_000
    tests: int = 1_000
    factor: float = 0.5
    size: int = 64
    batch: int = 64
    rate: float = 2e-3
    characters: str = "ks_x_1001"
    real: Path | None = None
    seed: int = 1

    @property
    def steps(self) -> int:
        """Steps of a run."""
        return max(1, self.images // self.batch)


@dataclass(frozen=True)
class Variant:
    """A row to be: a network with a link, a head and a method.

    Attributes:
        name: of the row and its folder.
        net: keys of `net` in a recipe of training: name, link, head, direct.
        method: further keys of such a recipe, and what the table calls them.
        told: what the table says of the method.
        precision: how its file is stored.
    """

    name: str
    net: Mapping[str, Any]
    method: Mapping[str, Any] = field(default_factory=dict)
    told: str = "–"
    precision: str = "float16"


@dataclass
class Result:
    """A row: shares right of each kind of test, and what the network costs.

    Attributes:
        name: of the variant; ``net``, ``link``, ``head`` and ``method`` say what it is.
        parameters: millions.
        megabytes: of its file.
        alone: milliseconds of an image read alone, with its preparation, two threads.
        batched: milliseconds of an image in batches of 64.
        images: how many it learnt from.
        minutes: CPU minutes of the process that trained it; another one prepares the images.
        top1: share of each kind whose best character is right.
        top5: share with the truth among the five best.
    """

    name: str
    net: str
    link: str
    head: str
    method: str
    parameters: float = 0.0
    megabytes: float = 0.0
    alone: float = 0.0
    batched: float = 0.0
    images: int = 0
    minutes: float = 0.0
    top1: dict[str, float] = field(default_factory=dict)
    top5: dict[str, float] = field(default_factory=dict)


def variants(plan: Plan) -> tuple[Variant, ...]:
    """All rows: networks with the head they share, links and heads on one network, and methods on the default one."""
    nets = ("dense", "melnyk", "efficient", "afl", "vgg16", "inception-resnet-v2", "mobilenet-v3-small", "densenet")
    rows = [Variant(name, {"name": name}) for name in nets]
    rows.append(Variant("kana", {"name": "kana", "head": "whole"}))
    rows += [Variant(f"melnyk-{link}", {"name": "melnyk", "link": link}) for link in ("flatten", "gap", "gwoap")]
    rows += [Variant(f"melnyk-{head}", {"name": "melnyk", "head": head}) for head in ("whole", "refine")]
    rows.append(Variant("densenet-denseran", {"name": "densenet", "head": "denseran"}))
    rows += [Variant(f"dense-{head}", {"name": "dense", "head": head}) for head in ("whole", "refine", "denseran")]
    rows.append(Variant("dense-direct", {"name": "dense", "direct": True}, {}, "DirectMap"))
    return (*rows, *(Variant(f"dense-{name}", {"name": "dense"}, *rest) for name, *rest in _methods(plan)))


def _methods(plan: Plan) -> list[tuple[Any, ...]]:
    """Name, keys, what the table says and the file's precision of each method on the default network."""
    moved = {"chance": 0.7, "zoom": [0.9, 1.1], "rotation": 8, "translation": 0.06, "shear": 0.1}
    expanded = {"expand": 0.5, "expand_every": max(1, plan.steps // 40)}
    dropped = {"drop_from": plan.steps // 4, "drop_until": plan.steps * 3 // 4, "drop_every": max(1, plan.steps // 100)}
    out: list[tuple[Any, ...]] = [
        ("augmented", {"augment": moved}, "augmentation"),
        ("hybrid", {"hybrid": {}}, "hybrid learning loss"),
        ("adversarial", {"adversarial": {}}, "adversarial features"),
        ("adam", {"optimiser": "adam", "rate": plan.rate / 2}, "Adam"),
        ("adabound", {"optimiser": "adabound", "rate": plan.rate / 2}, "AdaBound"),
        ("sgd", {"optimiser": "sgd", "rate": 25 * plan.rate}, "SGD"),
        ("gslre", {"compress": expanded}, "GSLRE, half of the weights"),
    ]
    for share in (0.5, 0.8, 0.9):
        told = f"GSLRE and {share:.0%} dropped"
        out.append((f"drop-{share:.0%}"[:-1], {"compress": {**expanded, **dropped, "drop": share}}, told, "packed"))
    return out


Tests = Mapping[str, Sequence[Glyph]]


def tests(plan: Plan) -> Tests:
    """The test images of each kind, spread over the held-out side of each part of the recipe, and the real ones."""
    from geulnun.synth import recipes

    out: dict[str, list[Glyph]] = {}
    for part in recipes.load(plan.recipe, "chars", split="held-out").parts:
        for glyph in drawn(part.recipe.source(), plan.tests, plan.seed):
            out.setdefault(glyph.group, []).append(glyph)
    if plan.real is not None:
        known = frozenset(hangul.ks_x_1001())
        out[REAL] = [glyph for glyph in read_set(plan.real) if glyph.truth in known]
    return out


def measure(
    names: Iterable[str],
    plan: Plan,
    work: Path,
    device: str | None = None,
    tell: Tell = print,
    again: bool = False,
) -> list[Result]:
    """Train, export, score and time variants one after the other; what ``work`` holds finished is not done again.

    Args:
        names: of `variants`; all where empty.
        plan: what is done to each.
        work: folder of the runs, one below it for each variant.
        device: to train on; None for what there is.
        tell: receives a line of progress now and then.
        again: time all rows anew at the end, one after the other: rows of many hours were timed in many companies.

    Raises:
        UsageError: a name is not known.
        GeulnunError: a training was stopped before its end.
    """
    known = {one.name: one for one in variants(plan)}
    chosen = list(names) or list(known)
    for name in chosen:
        if name not in known:
            raise UsageError(f"no row is called {name!r}; expected some of {', '.join(known)}")
    left = [name for name in chosen if not (work / name / "result.json").is_file()]
    images: Tests = tests(plan) if left else {}
    data = draw(plan, work) if left else work
    for name in left:
        tell(f"{name}: begins")
        result = train(known[name], plan, data, work / name, device, tell)
        reader = CharacterRecogniser(work / name / "net.onnx", 2)
        score(reader, images, result)
        result.alone, result.batched = timed(reader, [glyph for one in images.values() for glyph in one])
        keep(work / name / "result.json", result)
        tell(f"{name}: " + ", ".join(f"{kind} {share:.1%}" for kind, share in result.top1.items()))
    if again:
        glyphs = list(itertools.islice(read_set(work / "drawn"), BATCH))
        for name in chosen:
            result = load(work / name / "result.json")
            result.alone, result.batched = timed(CharacterRecogniser(work / name / "net.onnx", 2), glyphs)
            keep(work / name / "result.json", result)
            tell(f"{name}: {result.alone:.2f} ms alone, {result.batched:.2f} ms in batches")
    return [load(work / name / "result.json") for name in chosen]


class _Spread:
    """As many characters of each part of a recipe, spread over it, the parts in turn."""

    def __init__(self, parts: Sequence[Source], count: int) -> None:
        self.parts, self.size = parts, count

    def sample(self, index: int, seed: int) -> Sample:
        """The character of an index."""
        place, at = divmod(index, len(self.parts))
        part, each = self.parts[at], -(-self.size // len(self.parts))
        return part.sample(place if part.size is None else place * part.size // each, seed)


def draw(plan: Plan, work: Path) -> Path:
    """Draw the training images once, as KoOCR's pickles; their folder. What was drawn is not drawn again."""
    from geulnun.synth import recipes
    from geulnun.synth.produce import Order, Target, produce

    found = recipes.load(plan.recipe, "chars", split="train")
    source = _Spread([part.recipe.source() for part in found.parts], plan.drawn)
    folder = work / "drawn"
    produce(lambda: source, Order(plan.drawn, plan.seed), Target(folder, "koocr"), found.digest())
    return folder


def training(variant: Variant, plan: Plan, data: Path) -> dict[str, Any]:
    """The recipe of a variant that learns from the set ``data``, as YAML would have it."""
    return {
        "data": [{"path": data, "name": "koocr"}],
        "validation": [{"path": plan.recipe, "name": "held-out", "count": 200, "split": "held-out"}],
        "net": {"factor": plan.factor, **variant.net}, "classes": {"alphabets": [plan.characters]},
        "input": {"size": plan.size}, "images": plan.images, "rise": plan.images // 20, "batch": plan.batch,
        "rate": plan.rate, "seed": plan.seed, "tensorboard": False, "validate_minutes": 60, "save_minutes": 3,
        **variant.method,
    }  # fmt: skip


def train(
    variant: Variant, plan: Plan, data: Path, folder: Path, device: str | None = None, tell: Tell = print
) -> Result:
    """Train one variant on the set ``data`` and leave ``folder``/net.onnx; a run that was cut off goes on."""
    from geulnun.export.characters import export_characters
    from geulnun.nets.character.builders import BUILDERS, MAP_HEADS, parameters
    from geulnun.training.characters import fit
    from geulnun.training.characters.options import CharacterTraining

    options = recipe.parse(training(variant, plan, data), CharacterTraining, variant.name)
    used = Clock(folder / "seconds.txt")
    try:
        checkpoint = fit.train(options, folder, log=tell, device=device)
    finally:
        seconds = used.stop()
    seen = int(fit.read_run(checkpoint)["progress"]["images"])
    if seen < plan.images:
        raise GeulnunError(f"{folder}: stopped after {seen:,} of {plan.images:,} images; start again to go on")
    made = fit.trained(checkpoint, options)
    file = export_characters(made.net, made.spec, folder / "net.onnx", variant.precision)
    net = options.net
    link = "–" if net.head in MAP_HEADS else net.link or BUILDERS[net.name].link
    return Result(
        variant.name, net.name, link, net.head, variant.told, parameters(made.net) / 1e6, file.stat().st_size / 1e6,
        images=seen, minutes=seconds / 60,
    )  # fmt: skip


def score(reader: CharacterRecogniser, images: Tests, result: Result) -> Result:
    """Fill in the shares of each kind that are right."""
    for kind, glyphs in images.items():
        found = evaluate(kind, result.name, reader, glyphs, RunOptions(n=5, wrong=0, right=0)).whole
        result.top1[kind], result.top5[kind] = found.top1, found.topn
    return result


def timed(
    reader: CharacterRecogniser, glyphs: Sequence[Glyph], clock: Callable[[], float] = time.perf_counter
) -> tuple[float, float]:
    """Milliseconds of an image alone and in batches of 64, with its preparation: medians, the first not counted."""
    images = [glyphs[at % len(glyphs)].load() for at in range(BATCH)]
    times: tuple[list[float], list[float]] = ([], [])
    for kept, count, parts in ((times[0], _ALONE, [[image] for image in images]), (times[1], _BATCHES, [images])):
        for at in range(count):
            begun = clock()
            reader.read(parts[at % len(parts)])
            kept.append((clock() - begun) / len(parts[0]))
    alone, batched = (1e3 * float(np.median(kept[1:])) for kept in times)
    return alone, batched


def load(file: Path) -> Result:
    """A result that `measure` kept."""
    return Result(**json.loads(file.read_text("utf-8")))


def mean(result: Result) -> float:
    """Share right over all kinds, each counting alike."""
    return statistics.fmean(result.top1.values())
