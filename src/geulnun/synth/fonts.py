"""Fonts: which families there are, where their files lie, and which characters each truly draws.

The committed list is ``fonts.toml``: family, style, licence, package and train/held-out split.
Files are looked for in the system font folders and under ``.fonts`` (or ``GEULNUN_FONTS``), where
`make fonts` puts the npm packages.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import ImageFont

from geulnun import hangul
from geulnun.errors import MissingDependencyError

Style = Literal["sans", "serif", "mono", "hand", "brush", "display"]
Split = Literal["train", "held-out"]

CATALOGUE = Path(__file__).with_name("fonts.toml")
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
#: Size in pixels at which a glyph is drawn to see whether it holds any ink.
_PROBE = 24


@dataclass(frozen=True)
class Family:
    """One entry of the catalogue; ``files`` are glob patterns inside its package."""

    name: str
    style: Style
    split: Split
    licence: str
    files: tuple[str, ...]
    debian: str | None = None
    npm: str | None = None


@dataclass(frozen=True)
class Face:
    """One font file (and index inside a collection) of a family."""

    family: Family
    path: Path
    index: int = 0

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at an em size in pixels; kept, as opening a font is slow."""
        return _open(str(self._plain), self.index, size)

    @cached_property
    def _plain(self) -> Path:
        """The file itself, or an unpacked copy of a WOFF2: FreeType would unpack it anew for every size."""
        if self.path.suffix != ".woff2":
            return self.path
        target = _root() / "plain" / f"{self.path.stem}-{self.path.stat().st_size}.ttf"
        if not target.is_file():
            from fontTools.ttLib import TTFont

            target.parent.mkdir(parents=True, exist_ok=True)
            temporary = target.with_suffix(f".{os.getpid()}.tmp")
            with TTFont(str(self.path)) as font:
                font.flavor = None
                font.save(str(temporary))
            temporary.replace(target)
        return target

    @cached_property
    def cmap(self) -> frozenset[int]:
        """Code points the face claims to draw."""
        from fontTools.ttLib import TTFont

        with TTFont(str(self.path), fontNumber=self.index, lazy=True) as font:
            return frozenset(font.getBestCmap())

    @cached_property
    def syllables(self) -> tuple[str, ...]:
        """The syllables this face truly draws, in code point order.

        A cmap entry is not enough: several Korean fonts map a syllable to an empty outline or to one
        shared box, so every claimed syllable is drawn small and must hold ink that is not the most
        repeated picture.
        """
        kept = _coverage().get(self._key)
        if kept is None:
            kept = "".join(_drawn(self, [char for char in hangul.syllables() if ord(char) in self.cmap]))
            _remember(self._key, kept)
        return tuple(kept)

    @property
    def _key(self) -> str:
        return f"{self.path.name}:{self.index}:{self.path.stat().st_size}"

    @cached_property
    def _syllable_set(self) -> frozenset[str]:
        return frozenset(self.syllables)

    @lru_cache(maxsize=4096)  # noqa: B019  faces live as long as the process
    def draws(self, char: str) -> bool:
        """Tell whether the face draws ``char``; a space always."""
        if char == " ":
            return True
        if hangul.is_syllable(char):
            return char in self._syllable_set
        return ord(char) in self.cmap and bool(_picture(self.at(_PROBE), char))

    def covers(self, text: Iterable[str]) -> bool:
        """Tell whether the face draws every character of ``text``."""
        return all(self.draws(char) for char in text)


@lru_cache(maxsize=1)
def _coverage() -> dict[str, str]:
    """Syllables drawn by faces probed before; probing every face takes a minute, so it is kept on disk."""
    path = _root() / "coverage.json"
    try:
        kept: dict[str, str] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return kept


def _remember(key: str, syllables: str) -> None:
    _coverage()[key] = syllables
    temporary = _root() / f"coverage.{os.getpid()}.tmp"
    try:
        temporary.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(json.dumps(_coverage(), ensure_ascii=False), "utf-8")
        temporary.replace(_root() / "coverage.json")
    except OSError:
        # A folder that cannot be written costs time at the next start, nothing else.
        temporary.unlink(missing_ok=True)


@lru_cache(maxsize=4000)
def _open(path: str, index: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)


def _picture(font: ImageFont.FreeTypeFont, char: str) -> bytes:
    """The glyph's pixels with its size, empty where nothing is drawn."""
    mask = font.getmask(char, mode="L")
    pixels = np.asarray(mask, dtype=np.uint8)
    return bytes(str(mask.size), "ascii") + pixels.tobytes() if pixels.any() else b""


def _drawn(face: Face, claimed: list[str]) -> tuple[str, ...]:
    font = face.at(_PROBE)
    pictures = [_picture(font, char) for char in claimed]
    seen: dict[bytes, int] = {}
    for picture in pictures:
        seen[picture] = seen.get(picture, 0) + 1
    # Two syllables may look alike at this size; a box stands for dozens.
    return tuple(char for char, picture in zip(claimed, pictures, strict=True) if picture and seen[picture] < 8)


def families() -> tuple[Family, ...]:
    """The catalogue, in the order of the file."""
    with CATALOGUE.open("rb") as file:
        entries = tomllib.load(file)["family"]
    return tuple(Family(**{**entry, "files": tuple(entry["files"])}) for entry in entries)


def _root() -> Path:
    return Path(os.environ.get("GEULNUN_FONTS", ".fonts"))


@lru_cache(maxsize=1)
def _system_files() -> dict[str, Path]:
    return {path.name: path for folder in SYSTEM_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.*"))}


def locate(family: Family) -> list[Face]:
    """The family's installed faces, sorted by file name; empty where its package is absent."""
    if family.npm:
        found = [path for pattern in family.files for path in (_root() / "node_modules" / family.npm).glob(pattern)]
    else:
        found = [
            path for name, path in _system_files().items() for pattern in family.files if Path(name).match(pattern)
        ]
    # Noto's collections hold Japanese, Korean, Chinese: index 1 is Korean.
    return [Face(family, path, 1 if path.suffix == ".ttc" and "Noto" in path.name else 0) for path in sorted(found)]


@lru_cache(maxsize=8)
def faces(split: Split, styles: tuple[Style, ...] | None = None) -> tuple[Face, ...]:
    """All installed faces of one side of the split.

    Raises:
        MissingDependencyError: not one face of that side is installed.
    """
    wanted = [family for family in families() if family.split == split and (styles is None or family.style in styles)]
    found = tuple(face for family in wanted for face in locate(family))
    if not found:
        raise MissingDependencyError(f"no {split} font of {CATALOGUE.name} is installed; run `make fonts`")
    return found
