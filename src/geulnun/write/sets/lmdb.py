"""An LMDB of encoded images and labels, as deep-text-recognition-benchmark and its kin read it (Baek et al. 2019).

Keys are ``image-%09d`` and ``label-%09d`` from 1, and ``num-samples``. https://github.com/clovaai/deep-text-recognition-benchmark
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from geulnun.document import Page
from geulnun.errors import MissingDependencyError
from geulnun.write.sets.base import Extension, Facts, Pixels, SetOptions, check_name, encoded

if TYPE_CHECKING:
    import lmdb

#: A transaction waits for the disk, so samples share one.
_BATCH_SAMPLES, _BATCH_BYTES = 1_000, 64 << 20
#: Bytes of the first map; doubled whenever it is full. On Windows the file is as large as its map.
_FIRST_MAP = 64 << 20
#: Bytes that a transaction may need beside its values.
_MARGIN = 1 << 20
_COUNT = b"num-samples"


class LmdbWriter:
    """``data.mdb`` (and ``lock.mdb``), valid after every transaction; the label is the whole text of the page.

    Samples added since the last `flush`, a thousand at most, are lost with the process. Its contents are always the
    same, the bytes of the file are not: they depend on where transactions ended.
    """

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder`` with the first ``start`` samples it holds.

        Raises:
            MissingDependencyError: the package lmdb is not installed.
        """
        try:
            import lmdb
        except ImportError as error:
            raise MissingDependencyError(
                "the format lmdb needs the package lmdb; install it with: pip install 'geulnun[synth]'"
            ) from error
        self._lmdb = lmdb
        self.extension: Extension = options.extension or "png"
        self._options = options
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        if not start:
            for name in ("data.mdb", "lock.mdb"):
                (folder / name).unlink(missing_ok=True)
        self._batch: list[tuple[bytes, bytes]] = []
        self._bytes = 0
        self._env = lmdb.open(str(folder), map_size=_FIRST_MAP)
        try:
            self.done = self._cut(start)
        except BaseException:
            self._env.close()
            raise

    def _cut(self, start: int) -> int:
        """Delete what is beyond the first ``start`` samples, and tell how many there are."""
        with self._env.begin() as read:
            held = int(read.get(_COUNT, b"0"))
        if held > start:
            with self._transaction() as txn:
                for number in range(start + 1, held + 1):
                    for key in _keys(number):
                        txn.delete(key)
                txn.put(_COUNT, b"%d" % start)
        return min(held, start)

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[lmdb.Transaction]:
        """A write transaction, whose failure is an `OSError` as everywhere else.

        LMDB calls a write that a full disk cut short an input or output error, so the disk is asked.
        """
        try:
            with self._env.begin(write=True) as txn:
                yield txn
        except self._lmdb.MapFullError:
            raise
        except self._lmdb.Error as error:
            full = shutil.disk_usage(self._folder).free < self._bytes + _MARGIN
            code = errno.ENOSPC if full or isinstance(error, self._lmdb.DiskError) else errno.EIO
            raise OSError(code, f"{os.strerror(code)} ({error})", str(self._folder)) from error

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        check_name(name)
        content = encoded(image, page, self.extension, self._options)
        image_key, label_key = _keys(self.done + 1)
        self._batch += [(image_key, content), (label_key, page.text.encode())]
        self._bytes += len(content)
        self.done += 1
        if len(self._batch) >= 2 * _BATCH_SAMPLES or self._bytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Commit what was added; returns when it is on the disk."""
        while self._batch:
            try:
                with self._transaction() as txn:
                    for key, value in self._batch:
                        txn.put(key, value)
                    txn.put(_COUNT, b"%d" % self.done)
            except self._lmdb.MapFullError:
                self._env.set_mapsize(2 * self._env.info()["map_size"])
            else:
                self._batch, self._bytes = [], 0

    def close(self) -> None:
        """Commit what was added and close the file."""
        self.flush()
        if not self.done:
            with self._transaction() as txn:
                txn.put(_COUNT, b"0")
        self._env.close()

    def abort(self) -> None:
        """Close the file without what was not yet committed."""
        self._env.close()


def _keys(number: int) -> tuple[bytes, bytes]:
    return b"image-%09d" % number, b"label-%09d" % number
