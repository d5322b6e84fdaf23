"""Searchable PDF of rendered pages: is the text that programs take out of it the text that was put in?

Each page is drawn and read, and written as a PDF twice: with what was read, and with what truly stands there, whose
lines lean, cross and touch more. Two programs take the text out again, PDFium and Poppler's pdftotext.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from geulnun.bench.rendered import page_slices
from geulnun.bench.samples import Sample
from geulnun.document import Document, Page
from geulnun.errors import MissingDependencyError, UsageError
from geulnun.pipeline import Reader
from geulnun.read import open_source
from geulnun.write import TextWriter
from geulnun.write.pdf import PdfWriter

#: How text is taken out: PDFium as Chrome copies it, pdftotext in the file's order, and pdftotext in the order that
#: it makes of the layout itself.
PROGRAMS = ("PDFium", "pdftotext -raw", "pdftotext")
#: What was put in.
TREES = ("as read", "truth")


@dataclass
class Tally:
    """Pages of one tree and program.

    Attributes:
        pages: how many there are.
        words: of them with all words, in their order, no space more or less.
        bag: of them with all words in any order.
        rows: of them with all lines; cells of a row may share one.
    """

    pages: int = 0
    words: int = 0
    bag: int = 0
    rows: int = 0

    def add(self, wanted: str, rows: list[str], found: str) -> None:
        """Count a page: its text, its rows, and the text that came out."""
        self.pages += 1
        self.words += found.split() == wanted.split()
        self.bag += Counter(found.split()) == Counter(wanted.split())
        self.rows += _rows(found) == rows


@dataclass
class PdfScore:
    """What came of all pages.

    Attributes:
        tallies: by tree and program.
        failed: pages whose words did not come out, as "page, tree, program".
        written: seconds that writing a page took, each.
        share: bytes of the PDF beside its image's, each.
    """

    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    share: list[float] = field(default_factory=list)


def rendered(texts: Path | None, count: int, seed: int) -> Iterator[Sample]:
    """So many pages of every kind and look in turn: letters, columns, forms, receipts, vertical text, clean and worn.

    Raises:
        UsageError: fewer pages than kinds.
        MissingDependencyError: fonts, or what opens them, are not installed.
    """
    slices = page_slices(texts, -(-count // 10), seed)
    if count < len(slices):
        raise UsageError(f"{count} pages; expected at least {len(slices)}, one of each kind")
    streams = [part.samples() for part in slices]
    for at in range(count):
        yield next(streams[at % len(streams)])


def png(sample: Sample) -> bytes:
    """The page's image as a PNG file."""
    content = io.BytesIO()
    Image.fromarray(sample.image).save(content, "PNG", compress_level=4)
    return content.getvalue()


def measure(samples: Iterable[Sample], reader: Reader, tell: Callable[[str, int], None]) -> PdfScore:
    """Write each page as PDF and take its text out again.

    Args:
        samples: pages with their truth.
        reader: reads them.
        tell: called with each page's name and number, from 1.

    Raises:
        MissingDependencyError: pdftotext is not installed.
    """
    if shutil.which("pdftotext") is None:
        raise MissingDependencyError("pdftotext is not installed; install poppler-utils")
    score = PdfScore()
    for number, sample in enumerate(samples, 1):
        image = png(sample)
        for tree, document in zip(TREES, (reader.read(image), Document((sample.truth,))), strict=True):
            with open_source(image) as original:
                since = time.perf_counter()
                content = PdfWriter().encode(document, original)
                score.written.append(time.perf_counter() - since)
            score.share.append(len(content) / len(image))
            _count(score, sample.name, tree, document.pages[0], content)
        tell(sample.name, number)
    return score


def _count(score: PdfScore, name: str, tree: str, page: Page, content: bytes) -> None:
    rows = _rows(TextWriter().encode(Document((page,))).decode())
    found = (from_pdfium(content), from_poppler(content, "-raw"), from_poppler(content))
    for program, text in zip(PROGRAMS, found, strict=True):
        tally = score.tallies.setdefault((tree, program), Tally())
        before = tally.words
        tally.add(page.text, rows, text)
        if tally.words == before and program != PROGRAMS[-1]:
            score.failed.append(f"{name}, {tree}, {program}")


def from_pdfium(content: bytes) -> str:
    """The text of a PDF's first page as PDFium has it."""
    import pypdfium2 as pdfium  # here and not above: it loads a library that other benches do without

    document = pdfium.PdfDocument(content)
    try:
        return str(document[0].get_textpage().get_text_range())
    finally:
        document.close()


def from_poppler(content: bytes, *options: str) -> str:
    """The text of a PDF as pdftotext has it."""
    command = ["pdftotext", "-enc", "UTF-8", *options, "-", "-"]
    return subprocess.run(command, input=content, capture_output=True, check=True, timeout=120).stdout.decode()


def _rows(text: str) -> list[str]:
    """The lines that hold something, gaps in them as one space."""
    return [" ".join(line.split()) for line in re.split(r"[\r\n\f]+", text) if line.strip()]
