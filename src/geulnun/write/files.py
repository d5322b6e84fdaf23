"""Writing a file whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from geulnun.errors import GeulnunError


def write_file(path: Path, content: bytes) -> None:
    """Write ``content`` to ``path`` through a temporary file beside it, renamed at the end.

    Whatever stops it, an interrupt included, ``path`` holds either what it held before or all of ``content``.

    Raises:
        GeulnunError: the folder cannot be made or written; the message names the file.
    """
    temporary = path.with_name(f".{path.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise GeulnunError(f"{path}: cannot be written ({reason}); choose another folder or free space") from error
    finally:
        # Gone already where all went well.
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
