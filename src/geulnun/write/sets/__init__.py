"""Data sets on disk: images and their truth in the formats that trainers and evaluations read."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from pathlib import Path

from geulnun.errors import UsageError
from geulnun.write.sets.aihub import AiHubWriter
from geulnun.write.sets.base import Extension, Facts, Level, Pixels, SetOptions, SetWriter, encode
from geulnun.write.sets.coco_text import CocoTextWriter
from geulnun.write.sets.folder import FolderWriter
from geulnun.write.sets.icdar import IcdarWriter
from geulnun.write.sets.koocr import KoocrWriter
from geulnun.write.sets.lmdb import LmdbWriter
from geulnun.write.sets.tar import TarWriter

__all__ = ["FORMATS", "Extension", "Facts", "Level", "Pixels", "SetOptions", "SetWriter", "encode", "open_set"]

#: Builders by the name of the format: folder, options, number of samples to keep.
FORMATS: dict[str, Callable[[Path, SetOptions, int], SetWriter]] = {
    "folder": FolderWriter,
    "lmdb": LmdbWriter,
    "icdar": IcdarWriter,
    "aihub": AiHubWriter,
    "coco_text": CocoTextWriter,
    "koocr": KoocrWriter,
    "tar": TarWriter,
}

_DEFAULTS = SetOptions()


def open_set(format_: str, folder: Path, options: SetOptions = _DEFAULTS, start: int = 0) -> SetWriter:
    """Open a data set to write to it.

    Args:
        format_: one of `FORMATS`.
        folder: where it stands; made if need be.
        options: how it is written; must be the same for all runs that write one set.
        start: how many of its samples to keep, 0 to begin anew. `SetWriter.done` tells how many there really are, and
            so which sample comes next: after a loss of power it can be fewer.

    Raises:
        UsageError: no such format; the nearest is named.
        MissingDependencyError: the format needs a package that is not installed.
        OSError: the folder cannot be made or written.
    """
    if format_ not in FORMATS:
        near = difflib.get_close_matches(format_, FORMATS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FORMATS)}"
        raise UsageError(f"{format_!r}: no format of data sets; {hint}")
    if start < 0:
        raise UsageError(f"start is {start}; expected 0 or more")
    return FORMATS[format_](folder, options, start)
