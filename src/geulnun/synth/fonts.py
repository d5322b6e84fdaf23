"""Fonts: which families there are, where their files lie, and which characters each truly draws.

The committed list is ``fonts.toml``: family, style, licence, package and train/held-out split.
Files are looked for in the system font folders and under ``.fonts`` (or ``GEULNUN_FONTS``), where
`geulnun fonts fetch` puts the npm packages. A folder of the user's own serves as well.
"""

from __future__ import annotations

import difflib
import itertools
import os
import tomllib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from geulnun import hangul
from geulnun.errors import DamagedInputError, MissingDependencyError, MissingInputError, UsageError
from geulnun.synth import drawable

Style = Literal["sans", "serif", "mono", "hand", "brush", "display"]
Split = Literal["train", "held-out"]

STYLES: tuple[Style, ...] = get_args(Style)
CATALOGUE = Path(__file__).with_name("fonts.toml")
SYSTEM_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"), Path.home() / ".local/share/fonts")
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc", ".woff2", ".woff")
#: Ranges of code points that a face is counted by.
SCRIPTS: dict[str, tuple[tuple[int, int], ...]] = {
    "hangul": ((0xAC00, 0xD7A4),),
    "kana": ((0x3041, 0x3097), (0x30A1, 0x30FB), (0x30FC, 0x30FD)),
    "hanja": ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00)),
    "ascii": ((0x21, 0x7F),),
}
_SYLLABLES = hangul.syllables()


@dataclass(frozen=True)
class Family:
    """One entry of the catalogue.

    Attributes:
        name: as print shops know it; unique.
        style: what it looks like.
        split: the side it is drawn for; never both.
        licence: SPDX name, as its package states it.
        files: glob patterns inside its package.
        debian: the Debian package that carries it, or
        npm: the npm package that does.
        axes: values of a variable font's axes by tag; every combination is a face.
        design: the drawing it shares with other families, where it is not its own.
    """

    name: str
    style: Style
    split: Split
    licence: str
    files: tuple[str, ...]
    debian: str | None = None
    npm: str | None = None
    axes: Mapping[str, Sequence[float]] = field(default_factory=dict, hash=False)
    design: str | None = None

    @property
    def package(self) -> str:
        """The package to install, or "own" for a file of the user's."""
        return self.debian or self.npm or "own"


@dataclass(frozen=True)
class Face:
    """One font file (and index inside a collection, and place on its axes) of a family.

    Attributes:
        family: whose face it is.
        path: a TTF, OTF, TTC or WOFF2 file.
        index: which font of a collection.
        axes: (tag, value) of a variable font's axes; those not named stay at their default.
    """

    family: Family
    path: Path
    index: int = 0
    axes: tuple[tuple[str, float], ...] = ()

    @property
    def name(self) -> str:
        """The file's name without suffix, with the place on the axes: what a label tells."""
        return self.path.stem + "".join(f"-{tag}{value:g}" for tag, value in self.axes)

    def at(self, size: int) -> ImageFont.FreeTypeFont:
        """The face at an em size in pixels; kept, as opening a font is slow.

        Raises:
            DamagedInputError: the file is no font that can be opened.
        """
        return _open(str(self.file), self.index, size, self._place)

    @cached_property
    def file(self) -> Path:
        """The file itself, or an unpacked copy of a WOFF2: FreeType would unpack it anew for every size."""
        if self.path.suffix != ".woff2":
            return self.path
        target = root() / "plain" / f"{self.path.stem}-{self.path.stat().st_size}.ttf"
        if not target.is_file():
            _unpack(self.path, target)
        return target

    @cached_property
    def _place(self) -> tuple[float, ...]:
        """Values of all axes in the file's order; empty for a font that does not vary."""
        if not self.axes:
            return ()
        from fontTools.ttLib import TTFont

        wanted = dict(self.axes)
        with TTFont(str(self.file), fontNumber=self.index, lazy=True) as font:
            return tuple(float(wanted.get(axis.axisTag, axis.defaultValue)) for axis in font["fvar"].axes)

    @cached_property
    def cmap(self) -> frozenset[int]:
        """Code points the face claims to draw."""
        return drawable.cmap(self.file, self.index)

    @cached_property
    def shows(self) -> NDArray[np.bool_]:
        """Whether the character of each code point is truly drawn: bool (65536,), see `drawable`."""
        where = root() / "coverage" / f"{self._key}.bits"
        found = drawable.kept(where)
        if found is not None:
            return found
        with drawable.turn(where):
            found = drawable.kept(where)
            if found is None:
                found = drawable.probe(self.at(drawable.PROBE), self.cmap)
                drawable.keep(where, found)
        return found

    @property
    def _key(self) -> str:
        # Weights of a variable font have the same characters, but a probe is by what is seen.
        place = "".join(f"-{tag}{value:g}" for tag, value in self.axes)
        where = zlib.crc32(str(self.path.resolve().parent).encode())
        return f"{self.path.name}-{self.index}{place}-{self.path.stat().st_size}-{where:08x}"

    @cached_property
    def syllables(self) -> tuple[str, ...]:
        """The syllables this face truly draws, in code point order."""
        shown = np.flatnonzero(self.shows[hangul.BASE : hangul.BASE + hangul.COUNT])
        return tuple(_SYLLABLES[index] for index in shown)

    @cached_property
    def _bits(self) -> bytes:
        # Indexing bytes is several times faster than indexing an array, and lines ask for every character.
        return self.shows.tobytes()

    def draws(self, char: str) -> bool:
        """Tell whether the face draws ``char``; a space always."""
        code = ord(char)
        return char == " " or (code < drawable.PLANE and self._bits[code] == 1)

    def covers(self, text: Iterable[str]) -> bool:
        """Tell whether the face draws every character of ``text``."""
        return all(self.draws(char) for char in text)

    def count(self, script: str) -> int:
        """How many characters of one of `SCRIPTS` are truly drawn."""
        return int(sum(np.count_nonzero(self.shows[low:high]) for low, high in SCRIPTS[script]))


@lru_cache(maxsize=8000)
def _open(path: str, index: int, size: int, place: tuple[float, ...]) -> ImageFont.FreeTypeFont:
    try:
        font = ImageFont.truetype(path, size, index=index, layout_engine=ImageFont.Layout.BASIC)
        if place:
            font.set_variation_by_axes(list(place))
    except (OSError, ValueError) as error:
        raise DamagedInputError(f"{path}: not a font that can be opened ({error}); install it anew") from error
    return font


def _unpack(path: Path, target: Path) -> None:
    from fontTools.ttLib import TTFont

    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        with TTFont(str(path)) as font:
            font.flavor = None
            font.save(str(temporary))
    except ImportError as error:
        raise MissingDependencyError(f"{path}: WOFF2 needs {error.name}; install geulnun[train]") from error
    except Exception as error:  # a damaged font fails in as many ways as it has tables
        temporary.unlink(missing_ok=True)
        reason = " ".join(str(error).split())[:80] or type(error).__name__
        raise DamagedInputError(f"{path}: not a font that can be read ({reason}); install it anew") from error
    temporary.replace(target)


@lru_cache(maxsize=1)
def families() -> tuple[Family, ...]:
    """The catalogue, in the order of the file."""
    with CATALOGUE.open("rb") as file:
        entries = tomllib.load(file)["family"]
    return tuple(Family(**{**entry, "files": tuple(entry["files"])}) for entry in entries)


def root() -> Path:
    """The folder of npm fonts and of what was found out about fonts."""
    return Path(os.environ.get("GEULNUN_FONTS", ".fonts"))


@lru_cache(maxsize=1)
def _system_files() -> dict[str, Path]:
    return {path.name: path for folder in SYSTEM_FOLDERS if folder.is_dir() for path in sorted(folder.rglob("*.*"))}


def forget() -> None:
    """Look for files anew, after fonts were installed."""
    _system_files.cache_clear()
    faces.cache_clear()


def locate(family: Family) -> list[Face]:
    """The family's installed faces, sorted by file name; empty where its package is absent."""
    if family.npm:
        found = {path for pattern in family.files for path in (root() / "node_modules" / family.npm).glob(pattern)}
    else:
        found = {
            path for name, path in _system_files().items() for pattern in family.files if Path(name).match(pattern)
        }
    # Noto's collections hold Japanese, Korean, Chinese: index 1 is Korean.
    return [
        Face(family, path, 1 if path.suffix == ".ttc" and "Noto" in path.name else 0, axes)
        for path in sorted(found)
        for axes in _places(family)
    ]


def _places(family: Family) -> list[tuple[tuple[str, float], ...]]:
    """Every combination of the family's axes; one empty place where it has none."""
    named = [[(tag, float(value)) for value in values] for tag, values in family.axes.items()]
    return list(itertools.product(*named))


@lru_cache(maxsize=8)
def faces(split: Split, styles: tuple[Style, ...] | None = None) -> tuple[Face, ...]:
    """All installed faces of one side of the split.

    Raises:
        MissingDependencyError: not one face of that side is installed.
    """
    wanted = [family for family in families() if family.split == split and (styles is None or family.style in styles)]
    found = tuple(face for family in wanted for face in locate(family))
    if not found:
        raise MissingDependencyError(f"no {split} font of {CATALOGUE.name} is installed; run `geulnun fonts fetch`")
    return found


def named(name: str) -> Family:
    """The family of the catalogue with that name, whatever its capitals and spaces.

    Raises:
        UsageError: there is none; the nearest name is told.
    """
    known = {_plainly(family.name): family for family in families()}
    if _plainly(name) not in known:
        near = difflib.get_close_matches(_plainly(name), known, 1, 0.5)
        hint = f"did you mean {known[near[0]].name!r}?" if near else "`geulnun fonts list` names them"
        raise UsageError(f"no font family {name!r} in {CATALOGUE.name}; {hint}")
    return known[_plainly(name)]


def _plainly(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())


def choose(
    split: Split,
    styles: Sequence[Style] | None = None,
    families: Sequence[str] | None = None,
    folder: Path | None = None,
) -> tuple[Face, ...]:
    """The faces a recipe asks for.

    Args:
        split: Side of the split; not looked at with ``folder``.
        styles: Styles to keep; None or empty for all.
        families: Names of families to keep; None or empty for all.
        folder: A folder of the user's own font files to take instead of the catalogue's; see `own`.

    Raises:
        UsageError: a family is unknown, or all named ones are on the other side of the split.
        MissingDependencyError: none of the faces is installed.
        MissingInputError, DamagedInputError: of ``folder``.
    """
    if folder is not None:
        return own(folder)
    wanted = {named(name) for name in families or ()}
    if wanted and not {family for family in wanted if family.split == split}:
        raise UsageError(f"{', '.join(sorted(family.name for family in wanted))}: not drawn for the {split} split")
    found = tuple(
        face for face in faces(split, tuple(styles) if styles else None) if not wanted or face.family in wanted
    )
    if not found:
        asked = ", ".join(sorted(family.name for family in wanted)) or "those styles"
        raise MissingDependencyError(f"no installed {split} face of {asked}; run `geulnun fonts fetch`")
    return found


def own(place: Path, *, korean: bool = True) -> tuple[Face, ...]:
    """Faces of the user's own: one font file, or all of a folder, looked for in its subfolders too.

    Args:
        place: A font file or a folder; a collection gives all its fonts.
        korean: Refuse a font that draws no syllable.

    Raises:
        MissingInputError: nothing there, or no font, or a font without Hangul where it is wanted.
        DamagedInputError: a file cannot be opened as a font.
    """
    if not place.exists():
        raise MissingInputError(f"{place}: no such font or folder of fonts; check the path")
    paths = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES) if place.is_dir() else [place]
    if not paths:
        raise MissingInputError(f"{place}: holds no font; expected {', '.join(SUFFIXES)} files")
    out = []
    for path in paths:
        family = Family(path.stem, "sans", "train", "unknown", (path.name,))
        for index in range(_fonts_in(path)):
            face = Face(family, path, index)
            if korean and not face.syllables:
                raise MissingInputError(f"{path}: draws no Hangul syllable; choose a Korean font")
            out.append(face)
    return tuple(out)


def _fonts_in(path: Path) -> int:
    """How many fonts a file holds: those of a collection, else one."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except OSError as error:
        raise MissingInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    return int.from_bytes(head[8:12], "big") if head[:4] == b"ttcf" else 1
