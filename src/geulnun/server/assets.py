"""Files of the page, served from memory: compressed where the browser can, and sent again only where they changed."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import Request, Response

from geulnun.server.problems import ProblemError

#: Types that systems' own tables lack or have otherwise.
_TYPES = {".js": "text/javascript", ".svg": "image/svg+xml", ".webmanifest": "application/manifest+json"}
#: Of smaller files compression saves nothing.
_LEAST_COMPRESSED = 500


@dataclass(frozen=True, slots=True)
class _Asset:
    content: bytes
    compressed: bytes | None
    tag: str
    media_type: str


class Assets:
    """The files of one folder, those below it included; no other can be asked for."""

    def __init__(self, folder: Path) -> None:
        self._files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}

    def response(self, request: Request, name: str) -> Response:
        """The answer to a request for a file.

        Raises:
            ProblemError: there is no such file.
        """
        if name not in self._files:
            raise ProblemError("not-found", f"{name!r:.80}: no such file")
        file = self._files[name]
        asset = _loaded(file, file.stat().st_mtime_ns)
        packed = asset.compressed is not None and "gzip" in request.headers.get("accept-encoding", "")
        # Compressed or not, it is the same to whoever asks whether it changed: hence weak.
        heads = {"ETag": f'W/"{asset.tag}"', "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        known = request.headers.get("if-none-match", "")
        if asset.tag in (tag.strip().removeprefix("W/").strip('"') for tag in known.split(",")):
            return Response(status_code=304, headers=heads)
        if packed:
            heads["Content-Encoding"] = "gzip"
        return Response(asset.compressed if packed else asset.content, headers=heads, media_type=asset.media_type)


@lru_cache(maxsize=256)
def _loaded(file: Path, changed: int) -> _Asset:
    """A file as it is served; ``changed`` is when it last was, so that one that is worked on is read again."""
    content = file.read_bytes()
    kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    small = len(content) < _LEAST_COMPRESSED or kind.startswith(("image/png", "image/webp", "image/jpeg", "font/"))
    packed = None if small else gzip.compress(content, 9, mtime=0)
    return _Asset(content, packed, hashlib.sha256(content).hexdigest()[:32], kind)
