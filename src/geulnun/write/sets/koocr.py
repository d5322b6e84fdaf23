"""Pickles of character images, a few thousand each, as KoOCR reads them (https://github.com/sieu-n/KoOCR-tensorflow).

A pickle holds a dict: "image" is uint8 (n, h, w), dark ink on white, and "label" an array (n,) of single characters.
The file's name begins with the group ("printed", "handwritten", "clova"), by which KoOCR tells kinds apart; all files
lie in one folder, as its loader looks no deeper.
"""

from __future__ import annotations

import csv
import io
import pickle
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from geulnun.document import Page
from geulnun.errors import DamagedInputError, UsageError
from geulnun.write.sets.base import Facts, Pixels, SetOptions, check_name, check_size, put
from geulnun.write.sets.growing import Growing, Rows, csv_row

#: Bytes at the beginning of a spool: height and width in decimal.
_HEAD = 16


class KoocrWriter:
    """``<group>_0.pickle`` and so on, and ``labels.csv`` with the columns name, group, label.

    The group is the fact "group", "printed" where there is none. Colour is made grey. Images of an unfinished pickle
    stand in a hidden spool file, and so survive a kill.
    """

    extension = None

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder`` with the first ``start`` samples it holds.

        Raises:
            DamagedInputError: a pickle or spool is not what the list says.
        """
        self._folder = folder
        self._size = options.pickle_size
        self._rows = Rows(folder / "labels.csv", start, csv_row("name", "group", "label"), quoted=True)
        self._patches: dict[str, _Patch] = {}
        try:
            for group, (count, labels) in _groups(self._rows, self._size).items():
                self._patches[group] = self._reopened(group, count, labels)
        except BaseException:
            self.abort()
            raise

    def _reopened(self, group: str, count: int, last: deque[str]) -> _Patch:
        """The unfinished patch of a group that holds ``count`` images, the labels of the last of which are ``last``."""
        number, rest = divmod(count, self._size)
        if rest == 0:
            before = self._file(group, number - 1)
            if not before.exists():
                # Killed when the spool was full and the pickle was not yet there.
                _Patch(before, list(last)).finish()
            return _Patch(self._file(group, number))
        return _Patch(self._file(group, number), list(last)[-rest:])

    def _file(self, group: str, number: int) -> Path:
        return self._folder / f"{group}_{number}.pickle"

    @property
    def done(self) -> int:
        """How many samples it holds."""
        return self._rows.count

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`.

        Raises:
            UsageError: encoded bytes, a text that is not one character, or an image of another size than those before.
        """
        if isinstance(image, bytes):
            raise UsageError(f"{name}: encoded already; koocr takes pixels")
        check_size(image, page)
        if len(page.text) != 1:
            raise UsageError(f"{name}: {page.text!r:.40} is not one character; write it in another format than koocr")
        group = check_name(str(facts.get("group", "printed")))
        check_name(name)
        patch = self._patches.setdefault(group, _Patch(self._file(group, 0)))
        grey = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8)
        patch.append(grey, name)
        self._rows.add(csv_row(name, group, page.text))
        patch.labels.append(page.text)
        if len(patch.labels) == self._size:
            patch.finish()
            self._patches[group] = _Patch(self._file(group, patch.number + 1))

    def flush(self) -> None:
        """Nothing waits: every sample is written when it is added."""

    def close(self) -> None:
        """Write what is left of each group as a smaller pickle, and the list."""
        for patch in self._patches.values():
            if patch.labels:
                patch.finish()
        self._rows.finish()

    def abort(self) -> None:
        """Leave spools and list."""
        for patch in self._patches.values():
            patch.abort()
        self._rows.close()


class _Patch:
    """The images of a pickle that is not full yet, one after the other in a spool file beside it."""

    def __init__(self, path: Path, labels: Iterable[str] = ()) -> None:
        """Open the patch that becomes ``path``, with the images of ``labels`` from its spool or the pickle itself."""
        self.path = path
        self.number = int(path.stem.rpartition("_")[2])
        self.labels = list(labels)
        self._spool = path.with_name(f".{path.stem}.spool")
        self._file: Growing | None = None
        self._shape = (0, 0)
        if self.labels:
            self._reopen(len(self.labels))

    def _reopen(self, count: int) -> None:
        if not self._spool.exists():
            images = read_pickle(self.path)["image"][:count]
            put(self._spool, _head(images.shape[1:]) + images.tobytes())
        with self._spool.open("rb") as file:
            height, width = (int(part) for part in file.read(_HEAD).split())
        self._shape = (height, width)
        end = _HEAD + count * height * width
        if self._spool.stat().st_size < end:
            raise DamagedInputError(f"{self._spool}: shorter than labels.csv says; write the set anew")
        self._file = Growing(self._spool, end)

    def append(self, grey: Pixels, name: str) -> None:
        """Add the image of the label that comes next."""
        if self._file is None:
            self._shape = (grey.shape[0], grey.shape[1])
            self._file = Growing(self._spool, 0)
            self._file.append(_head(self._shape))
        elif grey.shape != self._shape:
            raise UsageError(
                f"{name}: {grey.shape[1]} x {grey.shape[0]} pixels; the images of a pickle are of one size, here "
                f"{self._shape[1]} x {self._shape[0]}"
            )
        self._file.append(grey.tobytes())

    def finish(self) -> None:
        """Write the pickle and remove the spool."""
        self.abort()
        with self._spool.open("rb") as file:
            file.seek(_HEAD)
            images = np.frombuffer(file.read(len(self.labels) * self._shape[0] * self._shape[1]), np.uint8)
        content = io.BytesIO()
        labels = np.array(self.labels, dtype="<U1")
        _Pickler(content, protocol=4).dump({"image": images.reshape(-1, *self._shape), "label": labels})
        put(self.path, content.getvalue())
        self._spool.unlink()

    def abort(self) -> None:
        """Close the spool and leave it."""
        if self._file is not None:
            self._file.close()


class _Pickler(pickle.Pickler):
    """Names arrays by their public constructor.

    NumPy's own way names private modules, which have moved: what version 2 writes, the versions of KoOCR's day cannot
    read.
    """

    def reducer_override(self, obj: object) -> Any:
        """How an array is rebuilt; everything else as usual. The buffer is one that may be written to."""
        if isinstance(obj, np.ndarray):
            return np.ndarray, (obj.shape, obj.dtype.str, bytearray(obj.tobytes()))
        return NotImplemented


class _Unpickler(pickle.Unpickler):
    """Reads what `_Pickler` writes and calls nothing else, whatever the file says."""

    def find_class(self, module: str, name: str) -> Callable[..., object]:
        """Arrays and their buffers."""
        known: dict[tuple[str, str], Callable[..., object]] = {
            ("numpy", "ndarray"): np.ndarray,
            ("builtins", "bytearray"): bytearray,
        }
        if (module, name) not in known:
            raise pickle.UnpicklingError(f"{module}.{name} is no part of such a pickle")
        return known[module, name]


def read_pickle(path: Path) -> dict[str, Any]:
    """Read a pickle that `KoocrWriter` wrote: "image", uint8 (n, h, w), and "label", (n,) of one character each.

    Raises:
        DamagedInputError: it is missing, cut short, or holds anything else.
    """
    try:
        with path.open("rb") as file:
            content = _Unpickler(file).load()
        if set(content) != {"image", "label"} or len(content["image"]) != len(content["label"]):
            raise ValueError("not a dict of image and label")
    except (OSError, EOFError, ValueError, TypeError, pickle.UnpicklingError) as error:
        raise DamagedInputError(f"{path}: not a pickle of this format ({error}); write the set anew") from error
    return dict(content)


def _head(shape: tuple[int, ...]) -> bytes:
    return b"%-7d %-7d\n" % (shape[0], shape[1])


def _groups(rows: Rows, size: int) -> dict[str, tuple[int, deque[str]]]:
    """How many rows each group has, and the labels of its last ones, ``size`` at most."""
    found: dict[str, tuple[int, deque[str]]] = {}
    for row in rows:
        _, group, label = next(csv.reader([row.decode()]))
        count, labels = found.get(group, (0, deque(maxlen=size)))
        labels.append(label)
        found[group] = count + 1, labels
    return found
