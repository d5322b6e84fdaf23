"""Tesseract 5 as an engine: a subprocess, its text output for the text and its TSV for the boxes.

Joining the words of the TSV would put spaces inside eojeols: the Korean model cuts words anywhere and keeps the true
spaces only in the text output. Both outputs list the same lines in the same order, so each line takes its box from the
one and its text from the other.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, final

import cv2
import numpy as np
from PIL import Image as PillowImage

from geulnun.bench.child import run_child
from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.document import Block, Page, Quad, line_from_text
from geulnun.errors import GeulnunError, MissingDependencyError
from geulnun.geometry import from_boxes, to_tuple

#: Languages tried, as Debian names them: the model of the language, the one of the script, and the one of columns.
LANGUAGES = ("kor", "Hangul", "kor_vert")
#: Models of vertical text, and the mode that they are for: one block of it.
VERTICAL = {"kor_vert": 5}
#: Page segmentation modes worth trying: automatic, one column, one block, sparse; then line, word, raw line, character.
MODES: dict[int, frozenset[Level]] = {
    3: frozenset({"page"}),
    4: frozenset({"page"}),
    5: frozenset({"page"}),
    6: frozenset({"page"}),
    11: frozenset({"page"}),
    7: frozenset({"line", "word", "char"}),
    8: frozenset({"word", "char"}),
    13: frozenset({"line", "word", "char"}),
    10: frozenset({"char"}),
}


class _Box(NamedTuple):
    left: int
    top: int
    width: int
    height: int

    def quad(self, edge: int) -> Quad:
        """The box as a quad, moved back by the edge its image was given."""
        x, y = self.left - edge, self.top - edge
        return to_tuple(from_boxes([x, y, x + self.width, y + self.height]))


@dataclass(frozen=True)
class Installation:
    """A Tesseract on this machine: program, version, and the folder of its models."""

    program: str
    version: str
    tessdata: Path
    languages: tuple[str, ...]


def find() -> Installation:
    """Find Tesseract on PATH.

    Raises:
        MissingDependencyError: no program, or neither of the Korean models.
    """
    remedy = "install tesseract-ocr, tesseract-ocr-kor and tesseract-ocr-script-hang"
    program = shutil.which("tesseract")
    if program is None:
        raise MissingDependencyError(f"no tesseract on PATH; {remedy}")
    version = _output(program, "--version").split()[1]
    heading, *names = _output(program, "--list-langs").splitlines()
    languages = tuple(name for name in LANGUAGES if name in names)
    if not set(languages) - set(VERTICAL):
        raise MissingDependencyError(f"tesseract {version} has no Korean model; {remedy}")
    return Installation(program, version, Path(heading.split('"')[1]), languages)


def _output(program: str, flag: str) -> str:
    done = subprocess.run([program, flag], capture_output=True, text=True, check=False)
    return done.stdout or done.stderr


@final
class Tesseract(Engine):
    """One language and page segmentation mode of an installed Tesseract.

    Args:
        installation: Where it is.
        language: One of the installed languages.
        mode: A key of `MODES`.
        threads: OMP_THREAD_LIMIT, one being its fastest for single images; None leaves it to Tesseract.
    """

    def __init__(self, installation: Installation, language: str, mode: int, threads: int | None = 1) -> None:
        self.installation = installation
        self.language = language
        self.mode = mode
        self.threads = threads
        self.name = f"Tesseract {language}"
        self.setting = f"psm {mode}" + ("" if threads == 1 else f", {threads or 'default'} threads")
        self.levels = MODES[mode]
        self.vertical = mode in VERTICAL.values()

    @cached_property
    def identity(self) -> str:
        """Version, size of the model, and mode."""
        model = self._model
        return f"tesseract {self.installation.version} {self.language} {model.stat().st_size} psm {self.mode}"

    @property
    def _model(self) -> Path:
        return self.installation.tessdata / f"{self.language}.traineddata"

    @property
    def weights_bytes(self) -> int:
        """Size of the language's model."""
        return self._model.stat().st_size

    @property
    def _environment(self) -> dict[str, str]:
        return {"OMP_THREAD_LIMIT": str(self.threads)} if self.threads else {}

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """The command line; several copies are given as a list in a text file."""
        source = image
        if copies > 1:
            source = image.with_suffix(f".{copies}.txt")
            source.write_text(f"{image}\n" * copies)
        return self._command(source, image.with_suffix(".out")), self._environment

    def _command(self, source: Path, output: Path) -> list[str]:
        options = ["-l", self.language, "--psm", str(self.mode)]
        return [self.installation.program, str(source), str(output), *options, "txt", "tsv"]

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        """Read all images in one process, so that its start is spread over them."""
        with tempfile.TemporaryDirectory(prefix="geulnun-bench-") as folder:
            paths = [Path(folder, f"{index}.png") for index in range(len(images))]
            edges = [0 if level == "page" else max(10, image.shape[0] // 3) for image in images]
            for path, image, edge in zip(paths, images, edges, strict=True):
                PillowImage.fromarray(_framed(image, edge)).save(path, compress_level=1)
            listing, output = Path(folder, "list.txt"), Path(folder, "out")
            listing.write_text("".join(f"{path}\n" for path in paths))
            wall, cpu = self._run(listing, output)
            tsv, text = output.with_suffix(".tsv").read_text("utf-8"), output.with_suffix(".txt").read_text("utf-8")
        sizes = [(image.shape[1], image.shape[0]) for image in images]
        pages = parse(tsv, text, sizes, edges)
        return [Reading(page, wall / len(pages), cpu / len(pages)) for page in pages]

    def _run(self, source: Path, output: Path) -> tuple[float, float]:
        usage = run_child(self._command(source, output), self._environment)
        return usage.wall, usage.cpu


def _framed(image: Image, edge: int) -> Image:
    """Add an edge of the paper's colour: a line that touches its border reads worse, and so does one in a frame."""
    if not edge:
        return image
    rim = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    paper = [float(value) for value in np.median(rim, axis=0)]
    return np.asarray(cv2.copyMakeBorder(image, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=paper), np.uint8)


def parse(tsv: str, text: str, sizes: Sequence[tuple[int, int]], edges: Sequence[int]) -> list[Page]:
    """Turn Tesseract's two outputs for a list of images into pages.

    Args:
        tsv: The TSV output, pages numbered from 1.
        text: The text output, pages apart by form feeds.
        sizes: Width and height of each image, without its edge.
        edges: Width of the white edge that each image was given; boxes are moved back by it.

    Raises:
        GeulnunError: the two outputs do not tell of the same number of lines.
    """
    boxes: list[list[_Box]] = [[] for _ in sizes]
    for line_box, page, has_text in _tsv_lines(tsv):
        if has_text and page <= len(boxes):
            boxes[page - 1].append(line_box)
    texts = [[line for line in page.splitlines() if line.strip()] for page in text.split("\f")[: len(sizes)]]
    texts += [[]] * (len(sizes) - len(texts))
    out = []
    for page_boxes, lines, (width, height), edge in zip(boxes, texts, sizes, edges, strict=True):
        if len(page_boxes) != len(lines):
            raise GeulnunError(
                f"tesseract gave {len(lines)} lines of text and {len(page_boxes)} in its TSV; expected as many"
            )
        read = tuple(
            line_from_text(" ".join(line.split()), box.quad(edge)) for line, box in zip(lines, page_boxes, strict=True)
        )
        out.append(Page(width, height, (Block(read),) if read else ()))
    return out


def _tsv_lines(tsv: str) -> list[tuple[_Box, int, bool]]:
    """Each line (level 4): its box, page number, and whether a word (level 5) of it holds text."""
    out: list[tuple[_Box, int, bool]] = []
    for row in tsv.splitlines()[1:]:
        cells = row.split("\t", 11)
        if cells[0] == "4":
            out.append((_Box(*map(int, cells[6:10])), int(cells[1]), False))
        elif cells[0] == "5" and out and cells[11].strip():
            out[-1] = (*out[-1][:2], True)
    return out


def engines(installation: Installation, modes: Iterable[int] = MODES, threads: int | None = 1) -> list[Tesseract]:
    """One engine for each installed language and each mode that suits it."""
    return [
        Tesseract(installation, language, mode, threads)
        for language in installation.languages
        for mode in modes
        if mode == VERTICAL.get(language) or (language not in VERTICAL and mode not in VERTICAL.values())
    ]


def installed(missing: list[str], modes: Iterable[int] | None = None, threads: int | None = 1) -> list[Engine]:
    """As `engines`, in all modes without any; nothing, and a line in ``missing``, where there is no Tesseract."""
    try:
        installation = find()
    except MissingDependencyError as error:
        missing.append(f"Tesseract: {error}")
        return []
    return list(engines(installation, modes or MODES, threads))
