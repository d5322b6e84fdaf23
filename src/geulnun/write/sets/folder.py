"""Image files and a list of their texts, as EasyOCR's trainer and many others read them."""

from __future__ import annotations

from pathlib import Path

from geulnun.document import Page
from geulnun.write.sets.base import Extension, Facts, Pixels, SetOptions, check_name, encoded, put, truth_json
from geulnun.write.sets.growing import Rows, csv_row

#: Images a sub-folder: more make file managers and some file systems slow.
PER_FOLDER = 1_000


class FolderWriter:
    """``0000/<name>.png``, ``0001/...`` of a thousand images each, and ``labels.csv`` with the columns filename, words.

    File names are relative to the list and use forward slashes. The list is CSV after RFC 4180 in UTF-8: a text with
    commas, quotes or newlines stands in quotes. With `SetOptions.truth` the whole page is in ``<name>.json`` beside its
    image.
    """

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder`` with the first ``start`` samples it holds."""
        self.extension: Extension = options.extension or "png"
        self._folder = folder
        self._options = options
        self._rows = Rows(folder / "labels.csv", start, csv_row("filename", "words"), quoted=True)

    @property
    def done(self) -> int:
        """How many samples it holds."""
        return self._rows.count

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        file = f"{self.done // PER_FOLDER:04d}/{check_name(name)}.{self.extension}"
        content = encoded(image, page, self.extension, self._options)
        if self._options.truth:
            put((self._folder / file).with_name(f"{name}.json"), truth_json(name, page, facts))
        put(self._folder / file, content)
        self._rows.add(csv_row(file, page.text))

    def flush(self) -> None:
        """Nothing waits: every sample is written when it is added."""

    def close(self) -> None:
        """Give the list its name."""
        self._rows.finish()

    def abort(self) -> None:
        """Leave the list unfinished."""
        self._rows.close()
