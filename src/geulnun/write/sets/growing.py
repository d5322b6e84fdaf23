"""Files that grow piece by piece, and lists of rows: cut to what is wanted, they go on as if never stopped."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from geulnun.write.sets.base import part_of


class Growing:
    """A file to which pieces are appended, each whole or not at all, and each handed to the operating system at once.

    Attributes:
        size: its bytes.
    """

    def __init__(self, path: Path, size: int) -> None:
        """Open or make ``path`` and cut it to its first ``size`` bytes."""
        self._path = path
        self._file: BinaryIO = path.open("ab", buffering=0)
        self._file.truncate(size)
        self.size = size

    def append(self, content: bytes) -> None:
        """Add a piece.

        Raises:
            OSError: it could not be written; the file is as it was before.
        """
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[self._file.write(rest) :]
        except BaseException:
            self._file.truncate(self.size)
            raise
        self.size += len(content)

    def finish(self, path: Path) -> None:
        """Close the file when it is on the disk, and give it its name."""
        os.fsync(self._file.fileno())
        self._file.close()
        self._path.replace(path)

    def close(self) -> None:
        """Close the file and leave it where it is; never raises."""
        with contextlib.suppress(OSError):
            self._file.close()

    def drop(self) -> None:
        """Close the file and remove it."""
        self.close()
        self._path.unlink(missing_ok=True)


class Rows:
    """A text file of rows, each ended by a newline, under its part name until it is finished."""

    def __init__(self, path: Path, keep: int, head: bytes = b"", quoted: bool = False) -> None:
        """Open ``path``, finished or not, and keep its first rows.

        Args:
            path: its final name.
            keep: how many rows to keep, not counting the head; fewer are kept where fewer are whole.
            head: what stands above the rows, with its newline.
            quoted: whether newlines within double quotes do not end a row, as in CSV.
        """
        self._path = path
        self._part = part_of(path)
        self._head = head
        self._quoted = quoted
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.replace(self._part)
        self.count, size = self._measure(keep)
        self._file = Growing(self._part, size)
        if not size:
            self._file.append(head)

    def _measure(self, keep: int) -> tuple[int, int]:
        """How many rows to keep and where they end, 0 if not even the head is whole."""
        if not self._part.exists():
            return 0, 0
        with self._part.open("rb") as file:
            if file.read(len(self._head)) != self._head:
                return 0, 0
            count, size = 0, len(self._head)
            for row in self._whole(file):
                if count == keep:
                    break
                count, size = count + 1, size + len(row)
            return count, size

    def _whole(self, file: BinaryIO) -> Iterator[bytes]:
        """Rows from where ``file`` stands; one that is cut short at the end is left out."""
        row = b""
        for line in file:
            row += line
            if line.endswith(b"\n") and not (self._quoted and row.count(b'"') % 2):
                yield row
                row = b""

    def add(self, row: bytes) -> None:
        """Append one row, with its newline; raises as `Growing.append` does."""
        self._file.append(row)
        self.count += 1

    def __iter__(self) -> Iterator[bytes]:
        """The rows so far, without the head."""
        with self._part.open("rb") as file:
            file.seek(len(self._head))
            yield from self._whole(file)

    def finish(self) -> None:
        """Give the list its final name."""
        self._file.finish(self._path)

    def close(self) -> None:
        """Close the part file and leave it; never raises."""
        self._file.close()

    def drop(self) -> None:
        """Close the list and remove it."""
        self._file.drop()


def csv_row(*fields: str) -> bytes:
    """Fields as a row of CSV after RFC 4180, in UTF-8, but ended by a newline alone.

    The standard library's writer leaves a lone carriage return bare when rows end so, and its own reader then splits
    the row there.
    """
    return (",".join(map(_field, fields)) + "\n").encode()


def _field(text: str) -> str:
    plain = not any(sign in text for sign in ',"\r\n') and text == text.strip()
    return text if plain else '"' + text.replace('"', '""') + '"'
