"""What lines without labels are worth: SeqCLR and FixMatch beside labelled lines alone, at equal numbers of steps.

The labelled set is of one domain, the unlabelled one of another; lines of both that no training saw are read, and real
ones, which are measured on and nothing else.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image as PillowImage

from geulnun.bench import real
from geulnun.bench.engines import Image
from geulnun.bench.report import Json, table
from geulnun.errors import UsageError
from geulnun.image import ops

if TYPE_CHECKING:
    from geulnun.training.options import LineTraining, SetChoice
    from geulnun.training.pretrain import Pretraining

Log = Callable[[str], None]
#: What the run's own validation at its end reads; the tables have all lines.
_GLANCE = 32


@dataclass(frozen=True)
class Comparison:
    """What is compared.

    Attributes:
        labelled: a set with labels, see `SetChoice.path`.
        unlabelled: a set whose labels are not looked at.
        tests: sets that are read, by name.
        texts: folder of texts of drawn sets.
        start: weights to begin with, such as `recipes/recogniser.pt`; without them networks begin anew, and SeqCLR
            takes part.
        net: name of a builder.
        width: factor of its channels.
        batch: labelled lines in a step, and unlabelled ones.
        steps: of labelled lines from the beginning.
        pretrain: of SeqCLR before them.
        more: that FixMatch, or labelled lines alone, go on for.
        rate: learning rate of labelled lines; going on has a third of it.
        threshold: of FixMatch.
        threads: of PyTorch.
        seed: of everything.
    """

    labelled: Path
    unlabelled: Path
    tests: Mapping[str, Path]
    texts: Path | None = None
    start: Path | None = None
    net: str = "dense"
    width: float = 1.0
    batch: int = 64
    steps: int = 6_000
    pretrain: int = 3_000
    more: int = 2_000
    rate: float = 2e-3
    threshold: float = 0.9
    threads: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.tests:
            raise UsageError("no set to test on; name one with --test NAME=SET")
        for name in ("batch", "steps", "pretrain", "more"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}; expected 1 or more")

    @property
    def run(self) -> LineTraining:
        """A run on labelled lines from the beginning."""
        from geulnun.training.options import LineTraining, SetChoice

        return LineTraining(
            data=(SetChoice(self.labelled),), net=self.net, width=self.width, texts=self.texts, steps=self.steps,
            rise=max(1, self.steps // 20), decay=self.steps // 2, rate=self.rate, batch=self.batch,
            validation=tuple(replace(one, lines=_GLANCE) for one in self.sets), validate_steps=10 * self.steps,
            threads=self.threads, tensorboard=False, seed=self.seed, show=4, average=0.99,
        )  # fmt: skip

    @property
    def sets(self) -> tuple[SetChoice, ...]:
        """What is read."""
        from geulnun.training.options import SetChoice

        return tuple(SetChoice(path, name=name, split="held-out") for name, path in self.tests.items())

    def further(self, start: Path) -> LineTraining:
        """A run that goes on from weights."""
        return replace(
            self.run, start=start, steps=self.more, rise=max(1, self.more // 20), decay=self.more // 2,
            rate=self.rate / 3, seed=self.seed + 1,
        )  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A way to learn, and how it reads.

    Attributes:
        name: the way.
        steps: of labelled lines.
        others: of SeqCLR before them; those of FixMatch are among ``steps``.
        minutes: of this way's last part, by the clock.
        cer: of each set.
        exact: share of its lines without an error.
        lines: how many it has.
    """

    name: str
    steps: int
    others: int
    minutes: float
    cer: Mapping[str, float]
    exact: Mapping[str, float]
    lines: Mapping[str, int]


def compare(options: Comparison, folder: Path, log: Log) -> Iterator[Row]:
    """Train and read; a run that is in ``folder`` already goes on, or is only read.

    A run that is stopped (SIGTERM) is saved and ends the comparison; called again, that goes on from there.

    Args:
        options: what.
        folder: where the runs are kept, one in each of its folders.
        log: receives progress.

    Yields:
        a row when it is known.
    """
    from geulnun.training.pretrain import pretrain
    from geulnun.training.unlabelled_options import ImageChoice, UnlabelledChoice

    def learnt(name: str, run: LineTraining, steps: int, others: int = 0, before: float = 0.0) -> Row:
        began = time.monotonic()
        log(f"{name}: {run.steps} steps")
        checkpoint = _trained(run, folder / name.replace(" ", "-").replace(",", ""), log)
        return _row(name, run, steps, others, before + (time.monotonic() - began) / 60, options, checkpoint)

    if options.start is None:
        yield learnt("labels", options.run, options.steps)
        began = time.monotonic()
        log(f"SeqCLR: {options.pretrain} steps")
        encoder = pretrain(_pretraining(options), folder / "seqclr", log=log)
        run = replace(options.run, start=encoder, new_head=True)
        spent = (time.monotonic() - began) / 60
        yield learnt("SeqCLR, then labels", run, options.steps, options.pretrain, spent)
        begin, done = folder / "labels" / "last.pt", options.steps
    else:
        begin, done = options.start, 0
        run = replace(options.run, start=begin)
        yield _row("the weights begun with", run, 0, 0, 0.0, options, None)
    run = options.further(begin)
    yield learnt("labels, then more labels", run, done + options.more)
    beside = UnlabelledChoice((ImageChoice(options.unlabelled),), threshold=options.threshold, rise=options.more // 10)
    run = replace(run, unlabelled=beside)
    yield learnt("labels, then FixMatch", run, done + options.more)


def _trained(run: LineTraining, folder: Path, log: Log) -> Path:
    from geulnun.training.fit import read_run, train

    checkpoint = train(run, folder, log=log, tell=lambda line: None)
    if checkpoint is None or read_run(checkpoint)["progress"]["steps"] < run.total:
        # Training takes SIGTERM for "save and end"; nothing may be compared with half a run.
        raise KeyboardInterrupt
    return checkpoint


def _pretraining(options: Comparison) -> Pretraining:
    from geulnun.training.pretrain import Pretraining
    from geulnun.training.unlabelled_options import ImageChoice

    return Pretraining(
        data=(ImageChoice(options.unlabelled),), net=options.net, width=options.width, texts=options.texts,
        batch=options.batch, steps=options.pretrain, rise=max(1, options.pretrain // 20), decay=options.pretrain // 2,
        average=0.99, threads=options.threads, seed=options.seed,
    )  # fmt: skip


def _row(
    name: str, run: LineTraining, steps: int, others: int, minutes: float, options: Comparison, checkpoint: Path | None
) -> Row:
    from geulnun.training.scoring import scored

    scores = scored(run, options.sets, checkpoint)
    return Row(
        name, steps, others, minutes,
        {title: one.cer.value for title, one in scores.items()},
        {title: one.accuracy for title, one in scores.items()},
        {title: len(one.readings) for title, one in scores.items()},
    )  # fmt: skip


def real_lines(root: Path, folder: Path) -> Path:
    """Put the Korean lines and words of real images into a folder with labels.csv, to be read and nothing else.

    Whole images of single lines, cut as the reader cuts them, and the boxes of pages that have any.
    """
    (folder / "images").mkdir(parents=True, exist_ok=True)
    rows = [("filename", "words")]
    for entry in real.entries(root):
        if entry.script not in ("ko", "mixed"):
            continue
        for image, text in _crops(entry):
            name = f"{len(rows):04d}.png"
            PillowImage.fromarray(image).save(folder / "images" / name)
            rows.append((name, text))
    with (folder / "labels.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return folder


def _crops(entry: real.Entry) -> Iterator[tuple[Image, str]]:
    image = real.load(entry.image)
    if entry.level != "page":
        yield ops.crop_quad(image, ops.line_quad(ops.to_grey(image))), entry.text
        return
    for quad, text in entry.boxes:
        if text.strip():
            yield ops.crop_quad(image, quad), text


def as_json(meta: Json, rows: Sequence[Row]) -> Json:
    """The rows as JSON."""
    return {**meta, "rows": [asdict(row) for row in rows]}


def as_markdown(preamble: str, options: Comparison, rows: Sequence[Row]) -> str:
    """The rows as a table: CER with spaces, and in brackets the share of lines without an error."""
    titles = list(rows[0].cer)
    head = ["way", "steps", "SeqCLR's", "minutes", *(f"{title}, {rows[0].lines[title]} lines" for title in titles)]
    body = [
        [
            *(row.name, str(row.steps), str(row.others), f"{row.minutes:.1f}"),
            *(f"{row.cer[title]:.2%} ({row.exact[title]:.1%})" for title in titles),
        ]
        for row in rows
    ]
    note = (
        f"{options.net}, channels times {options.width:g}; {options.batch} labelled lines a step, and as many without "
        f"labels in steps of SeqCLR and FixMatch (threshold {options.threshold:g}). CER counts spaces; in brackets, "
        "lines exact. Steps are those with labelled lines; minutes are the clock's, of a way's own part."
    )
    return "\n\n".join(["# Lines without labels", preamble, note, table(head, body)]) + "\n"
