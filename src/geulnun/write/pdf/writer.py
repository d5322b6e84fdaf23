"""Searchable PDF: pages as they were, and over them, unseen, what was read."""

from __future__ import annotations

import io
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, runtime_checkable

import numpy as np

from geulnun import geometry
from geulnun.document import Document, Page, Quad, Word
from geulnun.errors import DamagedInputError, EncryptedError, UsageError
from geulnun.geometry import Floats
from geulnun.write.base import Original, maker_version, pixels_of
from geulnun.write.pdf import archive, images, layer, pages, strip
from geulnun.write.pdf.font import GlyphlessFont

if TYPE_CHECKING:
    import pikepdf

#: The name of the invisible font among a page's resources, unless the page has one of that name.
_FONT = "GeulnunText"
#: Resolution of images that state none: what archives scan at.
_USUAL_DPI = 300.0
#: Least and greatest side of a page in points (ISO 32000-1, Annex C).
_LEAST_SIDE, _GREATEST_SIDE = 3.01, 14400.0
#: So much less than its pixels say is a page, in points: PDFium reckons in 32 bits and rounds up, and would draw a row
#: of pixels more than there were.
_SHORTER = 0.001
#: A word is on the page already where so much of it lies under text that the page shows.
_COVERED = 0.5
#: Pages drawn at any resolution keep their shape but for the rounding to whole pixels; this share is more.
_SHAPES_APART = 0.02
#: PDFium, like Acrobat, lets the header stand anywhere in so many first bytes.
_PDF_HEAD = 1024


@dataclass(frozen=True)
class PdfOptions:
    """How a PDF is written.

    Attributes:
        text: what happens where a PDF that was read has text of its own: "redo" removes what is invisible and lays over
            what was read where the page shows none; "keep" and "skip" leave such pages as they are.
        archival: write PDF/A-2b, for pages from images; a PDF is only ever as archival as it came.
        title: the document's; without it the one in its metadata.
        language: of the text, as BCP 47 names it.
        upright: pages of images that lie on a side are shown upright; their pixels stay as they are.
        password: opens an encrypted PDF, which stays encrypted.
        date: of the file; now without it.
    """

    text: Literal["redo", "keep", "skip"] = "redo"
    archival: bool = False
    title: str | None = None
    language: str = "ko"
    upright: bool = True
    password: str | None = None
    date: datetime | None = None

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: ``text`` is none of the three, or ``date`` has no time zone.
        """
        if self.text not in ("redo", "keep", "skip"):
            raise UsageError(f"text {self.text!r} of a PDF; expected redo, keep or skip")
        if self.date is not None and self.date.tzinfo is None:
            raise UsageError(f"date {self.date}; expected one with a time zone")


class OwnText(Protocol):
    """The text that a PDF page holds already."""

    @property
    def page(self) -> Page:
        """All of it, visible or not."""

    @property
    def shown(self) -> tuple[Quad, ...]:
        """The words of it that can be seen, in pixels of the page."""


@runtime_checkable
class PdfOriginal(Original, Protocol):
    """An original that knows the text its pages hold; `geulnun.read.PageStream` is one."""

    def own_text(self, number: int) -> OwnText | None:
        """The text of the page of this number, None if it has none."""
        ...


class PdfWriter:
    """PDF with invisible text over the pages that were read.

    Pages of a PDF stay as they are, those not read included; an image becomes a page with its own bytes or, where a
    PDF cannot hold them, its pixels without loss.
    """

    suffix = ".pdf"

    def __init__(self, options: PdfOptions | None = None) -> None:
        """Take options."""
        self.options = options or PdfOptions()

    def encode(self, document: Document, original: Original | None = None) -> bytes:
        """The file's content.

        Args:
            document: what was read.
            original: what it was read from.

        Raises:
            UsageError: no original, one of other pages, or PDF/A asked of a PDF.
            EncryptedError: the original is encrypted and the password is missing or wrong.
            DamagedInputError: the original is a PDF whose structure cannot be read.
        """
        if original is None:
            raise UsageError("format pdf shows the pages; give the file that was read as well")
        with ExitStack() as stack:
            book = _Book(self.options, original, document, stack)
            for page, target in zip(document.pages, book.targets, strict=True):
                book.lay(page, target)
            return book.saved(document)


def text_layer(page: Page, font_name: str = _FONT) -> bytes:
    """A PDF of one page that holds the page's text and nothing to see, for programs that put it over the page.

    It is as large as the page's resolution says, a point for each pixel where that is unknown; ``font_name`` is the
    font's name among its resources, without a slash.
    """
    import pikepdf

    font = GlyphlessFont()
    with pikepdf.new() as pdf:
        scale = 72 / (page.dpi or 72.0)
        target = pdf.add_blank_page(page_size=(page.width * scale, page.height * scale))
        to_user = np.array([[scale, 0, 0], [0, -scale, page.height * scale]])
        target.obj.Contents = pdf.make_stream(layer.content(page, to_user, font, font_name))
        target.obj.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary({f"/{font_name}": font.add_to(pdf)}))
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True)
    return out.getvalue()


@dataclass(frozen=True)
class _Target:
    """A page of the file being made: the place of pixels on it, and whether a PDF brought it along."""

    page: pikepdf.Page
    to_user: Floats
    turn: int
    found: bool


class _Book:
    """A file being made: the one that was read if that is a PDF, else a new one."""

    def __init__(self, options: PdfOptions, original: Original, document: Document, stack: ExitStack) -> None:
        import pikepdf

        self._options, self._original = options, original
        self._font = GlyphlessFont()
        self._fonts: list[tuple[pikepdf.Page, str]] = []
        places = [original.place(page.number) for page in document.pages]
        contents = [None if place is None else _content(place[0]) for place in places]
        bound = [content is not None and b"%PDF-" in content[:_PDF_HEAD] for content in contents]
        if options.archival and any(bound):
            raise UsageError(
                "PDF/A is written of images only; a PDF becomes one with `ocrmypdf --plugin geulnun.ocrmypdf`"
            )
        opened = {
            content: stack.enter_context(_opened(content, document.source, options.password))
            for content in {content for content, is_pdf in zip(contents, bound, strict=True) if content and is_pdf}
        }
        self._found = len(opened) == 1 and all(bound)
        self._pdf = next(iter(opened.values())) if self._found else stack.enter_context(pikepdf.new())
        self.targets = []
        for page, place, content, is_pdf in zip(document.pages, places, contents, bound, strict=True):
            if is_pdf and content is not None and place is not None:
                self.targets.append(self._from_pdf(page, opened[content], place[1]))
            else:
                self.targets.append(self._from_image(page, content))

    def _from_pdf(self, page: Page, source: pikepdf.Pdf, index: int) -> _Target:
        if not self._found:
            self._pdf.pages.append(source.pages[index])
            index = len(self._pdf.pages) - 1
        target = self._pdf.pages[index]
        to_user, apart = pages.to_user(target, page.width, page.height)
        if apart > _SHAPES_APART:
            raise UsageError(f"page {page.number} of the file given has another shape; give the file that was read")
        return _Target(target, to_user, 0, True)

    def _from_image(self, page: Page, content: bytes | None) -> _Target:
        import pikepdf

        packed = images.from_file(content) if content is not None else None
        if (
            packed is None
            or packed.shown_size != (page.width, page.height)
            or (packed.components == 4 and self._options.archival)
        ):
            packed = images.from_pixels(pixels_of(page, self._original, "pdf"))
        scale = 72 / (page.dpi or _USUAL_DPI)
        scale = max(scale, _LEAST_SIDE / min(page.width, page.height))
        scale = min(scale, _GREATEST_SIDE / max(page.width, page.height))
        width, height = page.width * scale - _SHORTER, page.height * scale - _SHORTER
        target = self._pdf.add_blank_page(page_size=(width, height))
        flip = np.array([[1, 0, 0], [0, -1, 1], [0, 0, 1]])
        shown = np.diag([width, height, 1]) @ flip @ np.vstack([packed.as_shown, [0, 0, 1]]) @ flip
        matrix = " ".join(f"{value:.4f}" for value in shown[:2].T.ravel())
        target.add_resource(packed.add_to(self._pdf), pikepdf.Name.XObject, name=pikepdf.Name.Image)
        target.obj.Contents = self._pdf.make_stream(f"q {matrix} cm /Image Do Q".encode())
        turn = page.rotation if self._options.upright else 0
        if turn:
            target.obj.Rotate = turn
        return _Target(target, np.array([[width / page.width, 0, 0], [0, -height / page.height, height]]), turn, False)

    def lay(self, page: Page, target: _Target) -> None:
        """Lay a page's text over it."""
        import pikepdf

        own = self._original.own_text(page.number) if target.found and isinstance(self._original, PdfOriginal) else None
        if own is not None:
            if self._options.text != "redo":
                return
            try:
                strip.invisible_text(self._pdf, target.page)
            except pikepdf.PdfError as error:
                raise DamagedInputError(f"page {page.number}: a damaged page ({error}); repair the PDF") from error
            page = _without(page, own.shown)
        name = pages.free_font_name(target.page, _FONT)
        content = layer.content(page, target.to_user, self._font, name, target.turn)
        if content:
            # Before what is there, where the page's own coordinates are sure to hold: it is not seen anyway.
            target.page.contents_add(content, prepend=True)
            self._fonts.append((target.page, name))

    def saved(self, document: Document) -> bytes:
        """The file's content."""
        if self._fonts:
            font = self._font.add_to(self._pdf)
            for page, name in self._fonts:
                pages.add_font(page, name, font)
        if "/Lang" not in self._pdf.Root:
            self._pdf.Root.Lang = self._options.language
        if not self._found or self._options.title is not None:
            self._describe(document)
        out = io.BytesIO()
        encrypted = self._pdf.is_encrypted
        self._pdf.save(
            out, encryption=encrypted, deterministic_id=not encrypted,
            min_version="1.7" if self._options.archival else "",
        )  # fmt: skip
        return out.getvalue()

    def _describe(self, document: Document) -> None:
        """Say what the file is: title, maker and date, and which standard it keeps."""
        options = self._options
        date = (options.date or datetime.now(UTC)).replace(microsecond=0).isoformat()
        title = options.title or dict(document.metadata).get("title") or Path(document.source).stem
        with self._pdf.open_metadata(set_pikepdf_as_editor=False) as facts:
            facts["dc:title"] = title or "geulnun"
            if self._found:
                return
            facts["xmp:CreatorTool"] = facts["pdf:Producer"] = f"geulnun {maker_version()}"
            facts["xmp:CreateDate"] = facts["xmp:ModifyDate"] = date
            facts["dc:language"] = [options.language]
            if options.archival:
                facts["pdfaid:part"], facts["pdfaid:conformance"] = "2", "B"
        if options.archival:
            archive.add_intent(self._pdf)


def _content(file: Path | bytes) -> bytes:
    return file if isinstance(file, bytes) else file.read_bytes()


def _opened(content: bytes, name: str, password: str | None) -> pikepdf.Pdf:
    import pikepdf

    try:
        return pikepdf.open(io.BytesIO(content), password=password or "")
    except pikepdf.PasswordError as error:
        raise EncryptedError(f"{name}: encrypted; give its password with --password (or password=)") from error
    except pikepdf.PdfError as error:
        raise DamagedInputError(f"{name}: a damaged PDF ({error}); repair or print it to a new file") from error


def _without(page: Page, shown: tuple[Quad, ...]) -> Page:
    """A page without the words that lie under text which can be seen."""
    if not shown:
        return page
    boxes = geometry.to_boxes(shown)

    def covered(word: Word) -> bool:
        if word.quad is None:
            return False
        box = geometry.to_boxes(word.quad)[0]
        sides = np.minimum(boxes[:, 2:], box[2:]) - np.maximum(boxes[:, :2], box[:2])
        return bool(np.clip(sides, 0, None).prod(1).sum() > _COVERED * (box[2:] - box[:2]).prod())

    blocks = []
    for block in page.blocks:
        lines = [replace(line, words=tuple(word for word in line.words if not covered(word))) for line in block.lines]
        blocks.append(replace(block, lines=tuple(line for line in lines if line.words)))
    return replace(page, blocks=tuple(blocks), entities=())
