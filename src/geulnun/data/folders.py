"""A folder that is there whole or not at all."""

from __future__ import annotations

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from geulnun.errors import GeulnunError, UsageError

#: Marks a folder as one of ours that may be deleted.
_MARK = ".geulnun-data"


@contextlib.contextmanager
def whole_folder(out: Path) -> Iterator[Path]:
    """Give a hidden folder beside ``out`` to write into, which gets that name when all went well, else is removed.

    What a killed run left there is deleted first.

    Raises:
        UsageError: ``out`` holds something already.
        GeulnunError: the disk is full, or the folder cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out}: not an empty folder; choose another with -o")
    part = out.absolute().with_name(f".{out.absolute().name}.part")
    if part.exists() and not (part / _MARK).exists():
        raise UsageError(f"{part}: in the way, and nothing of this program's; move it or choose another folder with -o")
    try:
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        (part / _MARK).touch()
        yield part
        (part / _MARK).unlink()
        if out.exists():
            out.rmdir()
        part.replace(out)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise GeulnunError(f"{out}: no space is left on the disk; free some and repeat the command") from error
        raise GeulnunError(f"{out}: cannot be written ({error.strerror or error}); choose another folder") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)
