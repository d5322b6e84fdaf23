"""The truth: documents with their images and what is known of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal

from geulnun.data import DataSet, Problem, Sample, SampleImage
from geulnun.data.readers.common import crop_document
from geulnun.document import Document, Page
from geulnun.errors import DamagedInputError, InputError, MissingInputError
from geulnun.evaluate.documents import LABELS, SUFFIXES, label_page, read_document, read_labels, without_char_quads
from geulnun.read import Source
from geulnun.read.sources import SUFFIXES as IMAGE_SUFFIXES

Level = Literal["page", "line"]
#: What the files of a report are called.
REPORT = "evaluation"
#: Formats of `geulnun.data` whose boxes are words in any order; a reading has lines.
_BOXES = frozenset(
    ("aihub", "aihub_outdoor", "ufo", "coco_text", "icdar", "mlt", "cleval", "label_studio")
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One file of the truth.

    Attributes:
        name: its path within the set, without the suffix, with forward slashes: what pairs it with a reading.
        pages: what stands on it, one page or more.
        facts: what is known of it: "source", "style", "font", "size", "wear" and whatever else the set tells.
        image: what gives its image to `geulnun.read.open_source`; None where there is none.
        level: "line" where the image is a cut-out line or word, which is read without detection.
        loose: whether the pages hold boxes of words in any order, which only together make lines.
    """

    name: str
    pages: tuple[Page, ...]
    facts: Mapping[str, str] = field(default_factory=dict)
    image: Callable[[], Source] | None = None
    level: Level = "page"
    loose: bool = False

    @property
    def group(self) -> str:
        """The document it is a part of, which resampling draws whole: a crop's page, or itself."""
        known = self.facts.get("document") or crop_document(PurePosixPath(self.name).name).get("document")
        return str(known or self.name)


def read_truth(path: Path, kind: str = "auto") -> list[Case]:
    """Read a truth.

    Args:
        path: a folder with a ``labels.csv``, a folder of documents (JSON of ours or of `geulnun synth`, text, ALTO,
            PAGE, hOCR, TSV) with their images beside them or without, one such file, or a data set of `geulnun.data`.
        kind: the format of `geulnun.data` to read it in; "auto" to see what it is.

    Raises:
        MissingInputError: there is nothing, or nothing that tells a text.
        DamagedInputError: a file of it is broken; the message names the file and the place.
        UsageError: ``kind`` is not a format.
    """
    if not path.exists():
        raise MissingInputError(f"{path}: no such file or folder; check the path of the truth")
    listing = path if path.name == LABELS else path / LABELS
    files = [path] if path.is_file() else document_files(path)
    if kind != "auto":
        cases = data_set(path, kind)
    elif listing.is_file():
        cases = _from_labels(listing)
    elif not files and not any(path.iterdir()):
        raise MissingInputError(f"{path}: an empty folder; name the set that has labels")
    elif files and are_documents(path, files):
        root = path if path.is_dir() else path.parent
        images = _images(files)
        cases = [_from_document(file, root, images) for file in files]
    else:
        cases = data_set(path, kind)
    if not any(page.lines for case in cases for page in case.pages):
        raise MissingInputError(f"{path}: the truth holds no text at all; name the set that has labels")
    return cases


def document_files(folder: Path) -> list[Path]:
    """Files that hold documents, at any depth; of several with one stem, the one of the most telling suffix."""
    chosen: dict[Path, Path] = {}
    for file in sorted(folder.rglob("*")):
        suffix = file.suffix.lower()
        hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
        if hidden or suffix not in SUFFIXES or not file.is_file() or _is_report(file):
            continue
        key = file.with_suffix("")
        if key not in chosen or SUFFIXES.index(suffix) < SUFFIXES.index(chosen[key].suffix.lower()):
            chosen[key] = file
    return list(chosen.values())


def _is_report(file: Path) -> bool:
    """Whether this is an earlier report of ours, written among the readings."""
    if file.stem != REPORT:
        return False
    try:
        with file.with_suffix(".json").open("rb") as stream:
            return b'"geulnun-evaluation"' in stream.read(100)
    except OSError:
        return False


def are_documents(path: Path, files: Sequence[Path]) -> bool:
    """Whether the files of a path are documents and no labels of a public set.

    Those have JSON of another kind or rows of boxes. What is neither is taken for documents, whose reader tells the
    place where one is broken.
    """
    return _look_like_documents(files) or not _is_known_set(path)


def _is_known_set(path: Path) -> bool:
    try:
        DataSet(path).close()
    except InputError:
        return False
    return True


def _look_like_documents(files: Sequence[Path]) -> bool:
    heads = []
    for file in files:
        with file.open("rb") as stream:
            heads.append((file.suffix.lower(), stream.read(2000)))
    if any(suffix == ".json" for suffix, _ in heads):
        return any(b'"geulnun-document"' in head for suffix, head in heads if suffix == ".json")
    with_commas = [head for suffix, head in heads if suffix == ".txt" and _is_boxes(head)]
    return any(suffix in SUFFIXES for suffix, _ in heads) and not with_commas


def _is_boxes(head: bytes) -> bool:
    """Whether a text begins with eight numbers and commas, as ICDAR's and CLEval's labels do."""
    cells = head.decode("utf-8-sig", "replace").split("\n")[0].split(",")
    return len(cells) >= 8 and all(cell.strip().lstrip("-").replace(".", "", 1).isdigit() for cell in cells[:8])


def _from_document(file: Path, root: Path, images: Mapping[Path, Path]) -> Case:
    document = read_document(file)
    name = without_image_suffix(file.relative_to(root).with_suffix("").as_posix())
    facts = dict(document.metadata)
    facts.setdefault("source", PurePosixPath(name).parent.name or root.name)
    image = images.get(file.with_suffix(""))
    pages = tuple(map(without_char_quads, document.pages))
    return Case(name, pages, facts, None if image is None else _opener(image), _level(document))


def without_image_suffix(name: str) -> str:
    """``page.png`` to ``page``: some engines add their suffix to the whole name of the image."""
    suffix = PurePosixPath(name).suffix
    return name.removesuffix(suffix) if suffix.lower() in IMAGE_SUFFIXES else name


def _images(files: Sequence[Path]) -> dict[Path, Path]:
    """The image of each path without its suffix: ``page`` and ``page.png`` both give ``page.png``."""
    found: dict[Path, Path] = {}
    for folder in {file.parent for file in files}:
        for image in sorted(folder.iterdir()):
            if image.suffix.lower() in IMAGE_SUFFIXES:
                found.setdefault(image.with_suffix(""), image)
                found.setdefault(image, image)
    return found


def _level(document: Document) -> Level:
    """A drawn line or character fills its image; a page has room around its lines, or several of them."""
    if len(document.pages) != 1 or len(document.pages[0].lines) != 1:
        return "page"
    page = document.pages[0]
    quad = page.lines[0].quad
    if quad is None or not page.height or not page.width:
        return "page"
    xs, ys = [point[0] for point in quad], [point[1] for point in quad]
    # The side along the line tells nothing: two letters on a strip are a line too.
    across = (max(xs) - min(xs)) / page.width if page.lines[0].vertical else (max(ys) - min(ys)) / page.height
    return "line" if across > 0.4 else "page"


def _from_labels(path: Path) -> list[Case]:
    cases = []
    for name, text in read_labels(path):
        file = path.parent / name
        source = PurePosixPath(name).parent.name
        # Our own lists have folders 0000, 0001 and so on, which say nothing.
        facts = {"source": path.parent.name if not source or source.isdecimal() else source}
        page, truth = label_page(text), file.with_suffix(".json")
        level: Level = "line" if len(page.lines) < 2 else "page"
        if truth.is_file():
            document = read_document(truth)
            if len(document.pages) != 1:
                raise DamagedInputError(f"{truth}: {len(document.pages)} pages for one image; expected one")
            page, level = without_char_quads(document.pages[0]), _level(document)
            facts |= dict(document.metadata)
        cases.append(Case(PurePosixPath(name).with_suffix("").as_posix(), (page,), facts, _opener(file), level))
    return cases


def _opener(file: Path) -> Callable[[], Source]:
    return lambda: file


def data_set(path: Path, kind: str = "auto") -> list[Case]:
    """Any set that `geulnun.data` reads; what is broken in it is raised, what has no counterpart left out."""
    cases: list[Case] = []
    seen: Counter[str] = Counter()
    with DataSet(path, kind) as found:
        for one in found:
            if isinstance(one, Problem):
                if not one.unpaired:
                    raise one.error
                continue
            page, loose = without_char_quads(one.page), found.format in _BOXES
            seen[one.key] += 1
            name = one.key if seen[one.key] == 1 else f"{one.key}-{seen[one.key]}"
            facts = {key: str(value) for key, value in one.facts.items()}
            image = None if one.image is None else _pixels(one.image)
            cases.append(Case(name, (page,), facts, image, _sample_level(one), loose))
    return cases


def _pixels(image: SampleImage) -> Callable[[], Source]:
    return image.pixels


def _sample_level(sample: Sample) -> Level:
    lines = sample.page.lines
    if len(lines) == 1 and lines[0].quad is None:
        return "line"
    return _level(Document((sample.page,)))
