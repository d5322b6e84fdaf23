"""Saved readings: one JSON file per engine and setting, so that they can be scored again without reading again.

Each file holds ``identity``, ``date`` and ``readings``, the last by level and sha256 of the pixels: size, times, and
the lines as [text, quad]. Readings may hold texts of images that must not be published, so git ignores the folder.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.bench.samples import page_of_lines
from geulnun.geometry import to_tuple


class Store:
    """The readings of a folder.

    Args:
        folder: Where the files lie; made when first written to.
        reuse: Give saved readings back; False only saves.
    """

    def __init__(self, folder: Path, reuse: bool) -> None:
        self.folder = folder
        self.reuse = reuse
        self.reused = 0
        self._files: dict[str, dict[str, Any]] = {}
        self._changed: set[str] = set()

    def get(self, engine: Engine, image: Image, level: Level) -> Reading | None:
        """The saved reading of these very pixels by this very engine, if there is one and it may be used."""
        saved = self._file(engine)["readings"].get(_key(image, level)) if self.reuse else None
        if saved is None:
            return None
        self.reused += 1
        page = page_of_lines(saved["width"], saved["height"], [(text, _quad(quad)) for text, quad in saved["lines"]])
        return Reading(page, saved["wall"], saved["cpu"])

    def put(self, engine: Engine, image: Image, level: Level, reading: Reading) -> None:
        """Keep a reading; `flush` writes it."""
        page = reading.page
        self._file(engine)["readings"][_key(image, level)] = {
            "width": page.width, "height": page.height, "wall": reading.wall, "cpu": reading.cpu,
            "lines": [[line.text, line.quad] for line in page.lines],
        }  # fmt: skip
        self._changed.add(engine.identity)

    def flush(self) -> None:
        """Write what is new, each file under a temporary name first."""
        if not self._changed:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / ".gitignore").write_text("*\n")
        for identity in sorted(self._changed):
            path = self._path(identity)
            part = path.with_suffix(".part")
            part.write_text(json.dumps(self._files[identity], ensure_ascii=False), "utf-8")
            part.replace(path)
        self._changed.clear()

    def _path(self, identity: str) -> Path:
        return self.folder / f"{re.sub(r'[^A-Za-z0-9.]+', '-', identity)}.json"

    def _file(self, engine: Engine) -> dict[str, Any]:
        identity = engine.identity
        if identity not in self._files:
            path = self._path(identity)
            fresh = {"identity": identity, "date": datetime.now(UTC).isoformat(timespec="seconds"), "readings": {}}
            self._files[identity] = json.loads(path.read_text("utf-8")) if path.is_file() else fresh
        return self._files[identity]


def _key(image: Image, level: Level) -> str:
    digest = hashlib.sha256(repr(image.shape).encode())
    digest.update(image.tobytes())
    return f"{level}:{digest.hexdigest()}"


def _quad(points: Any) -> Any:
    return None if points is None else to_tuple(points)
