"""Pages to crops for training a recogniser, in the layout of train_easyocr (https://github.com/KimRass/train_easyocr).

Three sets of pages that share no document: training and validation, which become crops, and evaluation, which stays
pages.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from geulnun.data.convert import ConvertOptions, Names, Report, nothing, stored
from geulnun.data.folders import whole_folder
from geulnun.data.formats import DataSet
from geulnun.data.sample import Problem, Sample
from geulnun.data.split import groups, ranked
from geulnun.data.writers import TARGETS, Writer, directed
from geulnun.document import Page, Quad
from geulnun.errors import DamagedInputError, InputError, UsageError
from geulnun.image.ops import crop_quad
from geulnun.write.sets import Level, SetOptions, encode
from geulnun.write.sets.base import check_name, put
from geulnun.write.sets.growing import Rows, csv_row

CROPS, PAGES = "training_and_validation_set", "evaluation_set"
PARTS = ("training", "validation", "evaluation")


@dataclass(frozen=True, slots=True)
class CropOptions:
    """How pages are chosen and cut.

    Attributes:
        training: pages to take for training; None is all that are left.
        validation: pages for validation.
        evaluation: pages for evaluation, which stay whole.
        select_data: name of the folder of a set's crops, as in train_easyocr's configuration.
        seed: of the choice.
        level: what is cut: every "word" or every "line"; sets of boxes have only lines.
        by: facts by which pages belong together.
        straighten: whether turned boxes are cut along their sides and made level, instead of upright around them;
            vertical lines are always cut upright.
    """

    training: int | None = None
    validation: int = 0
    evaluation: int = 0
    select_data: str = "select_data"
    seed: int = 1111
    level: Level = "line"
    by: tuple[str, ...] = ("document",)
    straighten: bool = False

    def __post_init__(self) -> None:
        check_name(self.select_data)
        for name in PARTS:
            if (getattr(self, name) or 0) < 0:
                raise UsageError(f"{name} is {getattr(self, name)}; expected 0 or more pages")


@dataclass(slots=True)
class CropReport(Report):
    """What came of it: ``samples`` counts crops.

    Attributes:
        pages: pages of each part.
        same: boxes left out because one of the same corners came before.
        illegible: boxes left out because nobody is asked to read them.
    """

    pages: Counter[str] = field(default_factory=Counter)
    same: int = 0
    illegible: int = 0


def choose(samples: Sequence[Sample], options: CropOptions) -> list[str]:
    """The part of each page: one of `PARTS`, or "" for one that is not taken.

    Where the set says which pages are for training and which for validation, each part takes from its own, and
    evaluation from those for validation. A document is in one part only.

    Raises:
        UsageError: fewer pages than asked for; the message says how many there are.
    """
    group_of = groups(samples, options.by)
    splits = [str(sample.facts.get("split", "")) for sample in samples]
    own = "training" in splits and ("validation" in splits or "test" in splits)
    pages: dict[str, list[int]] = {}
    for at, group in enumerate(group_of):
        pages.setdefault(group, []).append(at)
    parts = [""] * len(samples)
    used: set[str] = set()
    for part, count in (
        ("evaluation", options.evaluation), ("validation", options.validation), ("training", options.training),
    ):  # fmt: skip
        pool = {at for at, split in enumerate(splits) if not own or (split == "training") == (part == "training")}
        free = [group for group in ranked(pages, options.seed) if group not in used]
        for at in _take(pages, free, pool, count, part, used):
            parts[at] = part
    return parts


def _take(
    pages: Mapping[str, list[int]], free: Iterable[str], pool: set[int], count: int | None, part: str, used: set[str]
) -> list[int]:
    """Pages of the first groups that have any, as many as wanted; their groups are then used."""
    taken: list[int] = []
    for group in free:
        if count is not None and len(taken) >= count:
            break
        held = [at for at in pages[group] if at in pool]
        if held:
            used.add(group)
            taken += held
    if count is not None and len(taken) < count:
        raise UsageError(f"{count} pages for {part}; only {len(taken)} are left of documents in no other part")
    return taken[:count]


def crop(
    source: DataSet,
    out: Path,
    options: CropOptions,
    note: Callable[[Problem], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CropReport:
    """Cut the chosen pages; ``out`` gets its name when all is there.

    Crops are ``training_and_validation_set/<part>/<select_data>/images/<page>_<x1>-<y1>-<x2>-<y2>.png`` with
    ``labels.csv`` beside ``images``, evaluation pages ``evaluation_set/images`` and ``labels`` as AI-Hub has them, and
    ``pages.csv`` tells the part of every page.

    Args:
        source: what is read; twice, first without its images.
        out: the folder to write; must not exist, or be empty.
        options: how.
        note: called with each problem as it comes.
        progress: called with pages done and pages chosen.

    Raises:
        UsageError: too few pages, or ``out`` holds something.
        InputError: not one crop could be made.
    """
    report = CropReport()
    listed = [_light(sample) for sample in source.samples(report.problems.append)]
    for problem in report.problems:
        if note:
            note(problem)
    parts = choose(listed, options)
    chosen = sum(1 for part in parts if part)

    def tell(problem: Problem) -> None:
        report.problems.append(problem)
        if note:
            note(problem)

    with whole_folder(out) as folder:
        cutter = _Cutter(folder, options, report)
        try:
            # The problems of the first reading come again and are known.
            for sample, part in zip(source.samples(lambda _: None), parts, strict=True):
                if part:
                    cutter.take(sample, part, tell)
                    if progress:
                        progress(sum(report.pages.values()), chosen)
            if not sum(report.pages.values()):
                raise nothing(source.tree.root, report)
            cutter.close()
        except BaseException:
            cutter.abort()
            raise
    return report


def _light(sample: Sample) -> Sample:
    """The sample without what takes memory."""
    return Sample(sample.name, Page(1, 1), None, dict(sample.facts))


def _is_upright(quad: Quad) -> bool:
    """Whether a quad is an upright box that starts at its top left corner."""
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    return x0 == x3 <= x1 == x2 and y0 == y1 <= y2 == y3


class _Cutter:
    """Writes crops, evaluation pages and the list of pages."""

    def __init__(self, folder: Path, options: CropOptions, report: CropReport) -> None:
        self._folder = folder
        self._options = options
        self._report = report
        self._names = Names()
        self._lists: dict[str, Rows] = {}
        self._pages = Rows(folder / "pages.csv", 0, csv_row("page", "document", "part"))
        self._whole: Writer | None = None

    def take(self, sample: Sample, part: str, tell: Callable[[Problem], None]) -> None:
        """Cut one page, or keep it for evaluation."""
        try:
            name = self._names.of(sample)
            if part == "evaluation":
                image, _ = stored(sample, sample.page, "jpg", "aihub")
                self._evaluation().add(name, image, sample.page, sample.facts)
            else:
                self._cut(sample, name, part)
        except (InputError, UsageError) as error:
            tell(Problem(error))
        except ValueError as error:
            tell(Problem(DamagedInputError(f"{sample.name}: {error}")))
        else:
            self._report.pages[part] += 1
            self._pages.add(csv_row(name, str(sample.facts.get("document", "")), part))

    def _evaluation(self) -> Writer:
        if self._whole is None:
            options = ConvertOptions("aihub", SetOptions(level=self._options.level, extension="jpg"))
            self._whole = TARGETS["aihub"](self._folder / PAGES, options.save)
        return self._whole

    def _cut(self, sample: Sample, name: str, part: str) -> None:
        found = list(directed(sample.page, SetOptions(level=self._options.level), name))
        stored(sample, sample.page, None, "a crop")  # Refuses an image of another size than its label says.
        pixels = sample.image.pixels() if sample.image else np.zeros((0, 0), np.uint8)
        folder = self._folder / CROPS / part / self._options.select_data
        if part not in self._lists:
            self._lists[part] = Rows(folder / "labels.csv", 0, csv_row("filename", "words"), quoted=True)
        seen: set[str] = set()
        for region, vertical in found:
            if not region.legible:
                self._report.illegible += 1
                continue
            x, y, w, h = region.box(sample.page.width, sample.page.height)
            file = f"{name}_{x}-{y}-{x + w}-{y + h}.png"
            if file in seen:
                self._report.same += 1
                continue
            seen.add(file)
            piece = pixels[y : y + h, x : x + w]
            if self._options.straighten and not vertical and not _is_upright(region.quad):
                piece = crop_quad(pixels, region.quad)
            put(folder / "images" / file, encode(piece, "png"))
            self._lists[part].add(csv_row(file, region.text))
            self._report.samples += 1

    def close(self) -> None:
        """Finish the lists."""
        for rows in self._every():
            rows.finish()
        if self._whole:
            self._whole.close()

    def abort(self) -> None:
        """Leave the lists."""
        for rows in self._every():
            rows.close()

    def _every(self) -> Iterator[Rows]:
        yield from self._lists.values()
        yield self._pages
