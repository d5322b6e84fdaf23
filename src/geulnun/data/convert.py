"""One format to another."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path

from geulnun.data.boxes import joined
from geulnun.data.folders import whole_folder
from geulnun.data.formats import DataSet
from geulnun.data.sample import Header, Pixels, Problem, Sample
from geulnun.data.writers import TARGETS, TEXT_ONLY, WITHOUT_IMAGES, Writer
from geulnun.document import Page
from geulnun.errors import DamagedInputError, GeulnunError, InputError, MissingInputError, UsageError
from geulnun.write.sets import Extension, SetOptions

#: Samples whose images decide what kind of image files a set gets.
_PEEKED = 50
_KINDS: dict[Extension, str] = {"jpg": "JPEG", "png": "PNG"}
#: Bytes of a name, with room for what formats put around it.
_LONGEST = 150


@dataclass(frozen=True, slots=True)
class ConvertOptions:
    """How a set is converted.

    Attributes:
        to: name of the format to write, one of `TARGETS`; "folder" is another name of "labels".
        save: how it is written; an extension of None takes "jpg" where the first images all are JPEG, else "png".
        join: whether boxes of words that stand side by side become lines (`geulnun.data.joined`).
    """

    to: str
    save: SetOptions = field(default_factory=lambda: SetOptions(level="line"))
    join: bool = False

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            near = difflib.get_close_matches(self.to, TARGETS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(TARGETS)}"
            raise UsageError(f"{self.to!r}: no format that is written; {hint}")

    @property
    def target(self) -> str:
        """The format's own name."""
        return "labels" if self.to == "folder" else self.to


@dataclass(slots=True)
class Report:
    """What came of reading and writing a set.

    Attributes:
        samples: how many were written.
        recoded: how many of their images were encoded anew, being of another kind or turned by their EXIF.
        problems: all that could not be read or written, in order.
    """

    samples: int = 0
    recoded: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def unpaired(self) -> int:
        """Images without truth and truth without images."""
        return sum(problem.unpaired for problem in self.problems)


def convert(
    source: DataSet,
    out: Path,
    options: ConvertOptions,
    note: Callable[[Problem], None] | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Write a set in another format; ``out`` gets its name when all of it is there.

    Args:
        source: what is read.
        out: the folder to write; must not exist, or be empty.
        options: how.
        note: called with each problem as it comes; what it is about is left out, the rest goes on.
        progress: called with the number of samples written so far.

    Raises:
        UsageError: ``out`` holds something, or no sample fits the format.
        InputError: not one sample could be read.
        GeulnunError: the disk is full.
    """
    report = Report()

    def tell(problem: Problem) -> None:
        report.problems.append(problem)
        if note:
            note(problem)

    with whole_folder(out) as folder:
        samples = source.samples(tell)
        first = list(islice(samples, _PEEKED))
        save = options.save if options.save.extension else replace(options.save, extension=extension_of(first))
        writer = TARGETS[options.target](folder, save)
        try:
            names = Names()
            for sample in chain(first, samples):
                if write(sample, names, writer, options, report, tell) and progress:
                    progress(report.samples)
            if not report.samples:
                raise nothing(source.tree.root, report)
            writer.close()
        except BaseException:
            writer.abort()
            raise
    return report


def nothing(root: Path, report: Report) -> GeulnunError:
    """The error that not one sample came through."""
    if report.problems:
        return type(report.problems[0].error)(f"{report.problems[0]}; so it is with all of {root}")
    return MissingInputError(f"{root}: no sample in it; check the path, or name the format with --from")


def write(
    sample: Sample, names: Names, writer: Writer, options: ConvertOptions, report: Report,
    tell: Callable[[Problem], None],
) -> bool:  # fmt: skip
    """Write a sample under a name that no other has; where that cannot be, ``tell`` why. Whether it was written."""
    try:
        page = _page(sample, options)
        image, recoded = stored(sample, page, writer.extension, options.target)
        writer.add(names.of(sample), image, page, sample.facts)
    except (InputError, UsageError) as error:
        tell(Problem(error))
        return False
    except ValueError as error:
        tell(Problem(DamagedInputError(f"{sample.name}: {error}")))
        return False
    report.samples += 1
    report.recoded += recoded
    return True


def extension_of(samples: Iterable[Sample]) -> Extension:
    """Choose "jpg" where all images are JPEG, and can be taken as they are; else "png", which loses nothing."""
    kinds: set[str] = set()
    for sample in samples:
        try:
            content = sample.image.load() if sample.image else b""
            kinds.add(Header.of(content, sample.name).kind if isinstance(content, bytes) and content else "")
        except InputError:
            continue
    return "jpg" if kinds == {"JPEG"} else "png"


def _page(sample: Sample, options: ConvertOptions) -> Page:
    page = joined(sample.page) if options.join else sample.page
    if options.target not in TEXT_ONLY:
        return page
    blocks = tuple(
        replace(block, lines=tuple(line for line in block.lines if line.confidence > 0)) for block in page.blocks
    )
    page = replace(page, blocks=tuple(block for block in blocks if block.lines), entities=())
    if not page.text.strip():
        raise DamagedInputError(f"{sample.name}: nothing in it is to be read, and {options.target} keeps texts only")
    return page


def stored(sample: Sample, page: Page, extension: Extension | None, target: str) -> tuple[Pixels | bytes, bool]:
    """A sample's image as a writer takes it, and whether it has to be encoded anew.

    Raises:
        InputError: it is missing or damaged, or its size is not the page's.
    """
    if sample.image is None:
        if target in WITHOUT_IMAGES:
            return b"", False
        raise MissingInputError(f"{sample.name}: no image for it, and {target} needs one")
    content = sample.image.load()
    if not isinstance(content, bytes):
        return content, False
    header = Header.of(content, sample.image.place)
    if (header.width, header.height) != (page.width, page.height):
        raise DamagedInputError(
            f"{sample.image.place}: {header.width} x {header.height} pixels, but its label says "
            f"{page.width} x {page.height}; the boxes would lie elsewhere"
        )
    if extension and header.kind == _KINDS[extension] and not header.turned:
        return content, False
    return sample.image.pixels(), True


class Names:
    """Gives each sample a name of its own: its own where it can, with its document before or a number behind it."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, sample: Sample) -> str:
        """The name for a sample, one that every system takes for a file."""
        plain = _safe(sample.name)
        kind = _safe(str(sample.facts.get("kind", "")))
        for name in chain((plain, f"{kind}_{plain}"), (f"{plain}-{number}" for number in range(2, 1 << 40))):
            if name.casefold() not in self._taken:
                self._taken.add(name.casefold())
                return name
        raise AssertionError("unreachable")


def _safe(name: str) -> str:
    name = "".join(
        "_" if char in '/\\:*?"<>|\x7f' or ord(char) < 32 or 0xD800 <= ord(char) < 0xE000 else char for char in name
    )
    name = name.encode()[:_LONGEST].decode("utf-8", "ignore").rstrip(". ")
    return f"_{name}" if not name or name.startswith(".") else name
