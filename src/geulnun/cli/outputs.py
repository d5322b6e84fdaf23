"""Where a batch writes: one name per input, never two inputs in one file, never over an input."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from geulnun.document import Document, Page
from geulnun.errors import UsageError

if TYPE_CHECKING:
    from geulnun.cli.options import PdfText
    from geulnun.write import Format, Original, Writer


def formats(names: str, out: Path | None) -> dict[str, Format]:
    """The formats of ``-f``, checked against where they go.

    Raises:
        UsageError: a name is none, or several formats, or one of a file for each page, would go to stdout.
    """
    from geulnun.write import chosen

    wanted = chosen(names)
    if out is None and (len(wanted) > 1 or any(format_.single for format_ in wanted.values())):
        raise UsageError(f"format {names!r} cannot go to stdout; say where with -o DIR")
    return wanted


def pdf_writer(text: PdfText, archival: bool, password: str | None) -> Writer:
    """The writer of searchable PDF that the options ask for."""
    from geulnun.write.pdf import PdfOptions, PdfWriter

    return PdfWriter(PdfOptions(text.value, archival, password=password))


@dataclass(frozen=True)
class Target:
    """What is written of one input, and where.

    Attributes:
        base: the files' path without their suffixes; None for stdout.
        formats: what is wanted, by name.
        writers: the writer of each.
        inputs: what must not be written over.
    """

    base: Path | None
    formats: Mapping[str, Format]
    writers: Mapping[str, Writer]
    inputs: Sequence[Path]

    def write(self, document: Document, original: Original | None) -> dict[str, bytes]:
        """Write all; returns what goes to stdout, by format."""
        for page in document.pages:
            self.write_page(document.source, page, original, len(document.pages))
        return self.write_whole(document, original)

    def write_page(self, source: str, page: Page, original: Original | None, pages: int) -> None:
        """Write the formats that have a file for each page, of one page of so many."""
        for name, format_ in self.formats.items():
            if format_.single and self.base is not None:
                path = page_path(self.base, format_.suffix, page.number, pages)
                self._put(path, self.writers[name].encode(Document((page,), source), original))

    def write_whole(self, document: Document, original: Original | None) -> dict[str, bytes]:
        """Write the formats that have a file for all pages; returns what goes to stdout, by format."""
        shown = {}
        for name, format_ in self.formats.items():
            if format_.single:
                continue
            content = self.writers[name].encode(document, original)
            if self.base is None:
                shown[name] = content
            else:
                self._put(self.base.with_name(self.base.name + format_.suffix), content)
        return shown

    def _put(self, path: Path, content: bytes) -> None:
        from geulnun.write import write_file

        guard(path, self.inputs)
        write_file(path, content)


def plan(inputs: Sequence[Path], folder: Path) -> list[Path]:
    """Output paths without their suffix, one for each input.

    An input's stem where no other has it, else its whole file name, else its folders too, joined by ``_``; the last
    resort is a number. Names that differ in case only count as one, as they are on some file systems.
    """
    choices = [
        [path.stem for path in inputs],
        [path.name for path in inputs],
        ["_".join(part for part in path.parts if part not in ("/", "..", ".")) for path in inputs],
    ]
    names: list[str | None] = [None] * len(inputs)
    taken: set[str] = set()
    for choice in choices:
        open_ = [i for i, name in enumerate(names) if name is None]
        counts = Counter(choice[i].casefold() for i in open_)
        for i in open_:
            key = choice[i].casefold()
            if counts[key] == 1 and key not in taken:
                names[i] = choice[i]
        taken |= {name.casefold() for name in names if name is not None}
    for i, path in enumerate(inputs):
        number = 2
        while names[i] is None:
            candidate = f"{path.stem}-{number}"
            if candidate.casefold() not in taken:
                names[i] = candidate
                taken.add(candidate.casefold())
            number += 1
    return [folder / str(name) for name in names]


def guard(output: Path, inputs: Sequence[Path]) -> None:
    """Refuse to write over an input.

    Raises:
        UsageError: ``output`` is one of ``inputs``.
    """
    if output.exists() and any(path.exists() and output.samefile(path) for path in inputs):
        raise UsageError(f"{output}: would overwrite an input; choose another folder with -o")


def page_path(base: Path, suffix: str, number: int, pages: int) -> Path:
    """The path of one page's file: numbered where there are several pages."""
    middle = f"-{number:04d}" if pages > 1 else ""
    return base.with_name(base.name + middle + suffix)
