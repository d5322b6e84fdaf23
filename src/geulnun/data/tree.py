"""A data set's files wherever they lie: in folders, in zip archives, or in archives in folders.

Nothing is ever unpacked onto the disk. Names are keys within the set and never paths of this machine, so an archive
whose names climb out of it ("../../etc/passwd") reaches nothing; such names are reported all the same.
"""

from __future__ import annotations

import os
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import IO, Self

from geulnun.data.sample import Problem, SampleImage
from geulnun.errors import DamagedInputError, InputError, MissingInputError, TooLargeError
from geulnun.read.images import SUFFIXES

#: Bytes of the largest file that is read whole; the labels of a million images in one JSON are some hundred megabytes.
LARGEST = 1 << 30
#: A member of an archive that is larger than this and shrank more than this is refused: labels do not shrink so.
_SUSPECT, _RATIO = 64 << 20, 200
_UTF8_FLAG = 0x800
_UNSAFE = re.compile(r"\A[/\\]|\A[A-Za-z]:|(?:\A|[/\\])\.\.(?:[/\\]|\Z)|\0")
#: AI-Hub's words for images and labels, and everybody else's, within the name of a folder.
_SIDES = re.compile(r"원천데이터|라벨링데이터|라벨데이터|원천|라벨|images?|labels?|gt|img|annotations?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """One file of a set. There may be millions, so it holds little.

    Attributes:
        path: where it lies in the set: NFC, forward slashes, no leading one.
        size: bytes, as the file system or the archive declares it.
        source: the file on the disk, or the archive that it is in.
        member: how the archive calls it; None for a file on the disk.
        archive: the archive it is in.
    """

    path: str
    size: int
    source: str
    member: zipfile.ZipInfo | None = None
    archive: zipfile.ZipFile | None = None

    @property
    def place(self) -> str:
        """What messages call it."""
        return f"{self.source}!/{decoded_name(self.member)}" if self.member else self.source

    @property
    def packed(self) -> int:
        """Its bytes in the archive, ``size`` for a file that is in none."""
        return max(self.member.compress_size, 1) if self.member else self.size

    def open(self) -> IO[bytes]:
        """Open it for reading; raises what the file system or the archive does."""
        if self.archive is not None and self.member is not None:
            return self.archive.open(self.member)
        return Path(self.source).open("rb")

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """Its path without the last part, "" at the top."""
        return self.path.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """Its name without the extension."""
        return PurePosixPath(self.name).stem

    @property
    def suffix(self) -> str:
        """Its extension in small letters, with the dot."""
        return PurePosixPath(self.name).suffix.lower()

    def read(self, limit: int = LARGEST) -> bytes:
        """All of it.

        Raises:
            TooLargeError: over ``limit`` bytes, or blown up out of proportion by its archive.
            InputError: it cannot be read.
        """
        if self.size > limit or (self.size > _SUSPECT and self.size > _RATIO * self.packed):
            raise TooLargeError(f"{self.place}: {self.size:,} bytes when unpacked; expected at most {limit:,}")
        content = self._part(limit + 1)
        if len(content) > limit:
            raise TooLargeError(f"{self.place}: more than {limit:,} bytes; its declared size is {self.size:,}")
        return content

    def head(self, count: int = 65_536) -> bytes:
        """The first bytes; raises `InputError` as `read` does."""
        return self._part(count)

    def _part(self, count: int) -> bytes:
        try:
            with self.open() as stream:
                return stream.read(count)
        except OSError as error:
            raise MissingInputError(f"{self.place}: cannot be read ({error.strerror or error})") from error
        except Exception as error:  # Archives: a wrong checksum, an encrypted member, an unknown method, a cut stream.
            text = " ".join(str(error).split()) or type(error).__name__
            raise DamagedInputError(f"{self.place}: cannot be unpacked ({text}); fetch the archive again") from error

    def image(self) -> SampleImage:
        """This file as a sample's image."""
        return SampleImage(self.place, self.read, self.path)


class Tree:
    """All files of a set in the order of their paths. Close it, or use it as a context manager."""

    def __init__(self, root: Path) -> None:
        """Find the files of a folder or an archive, or of a label file: itself and the images around it.

        Hidden files and what macOS adds to archives are left out.

        Raises:
            MissingInputError: nothing is there.
        """
        self.root = root
        #: Whether only one of the labels is asked for, so that images without one mean nothing.
        self.partial = root.is_file() and root.suffix.lower() != ".zip"
        self.problems: list[Problem] = []
        self._archives: list[zipfile.ZipFile] = []
        self._found: dict[str, File] = {}
        if root.is_dir():
            for path in _walk(root):
                self._take(path, unicodedata.normalize("NFC", path.relative_to(root).as_posix()))
        elif root.is_file() and root.suffix.lower() == ".zip":
            self._take(root, "", alone=True)
        elif root.is_file():
            self._beside(root)
        else:
            raise MissingInputError(f"{root}: no such file or folder; check the path")
        self.files = [self._found[path] for path in sorted(self._found)]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _beside(self, label: Path) -> None:
        for path in _walk(label.absolute().parent):
            if path == label.absolute() or path.suffix.lower() in SUFFIXES:
                self._take(path, unicodedata.normalize("NFC", path.relative_to(label.absolute().parent).as_posix()))

    def close(self) -> None:
        """Close the archives."""
        for archive in self._archives:
            archive.close()

    def of(self, *suffixes: str) -> list[File]:
        """The files with one of these extensions, in the order of their paths."""
        return [file for file in self.files if file.suffix in suffixes]

    @property
    def images(self) -> list[File]:
        """The image files."""
        return [file for file in self.files if file.suffix in SUFFIXES]

    def at(self, path: str) -> File | None:
        """The file at a path of the set."""
        return self._found.get(unicodedata.normalize("NFC", path))

    def _take(self, path: Path, name: str, alone: bool = False) -> None:
        try:
            size = path.stat().st_size
            if path.suffix.lower() == ".zip" and zipfile.is_zipfile(path):
                self._mount(path, "" if alone else name[:-4] + "/")
                return
        except OSError as error:
            self.problems.append(Problem(MissingInputError(f"{path}: cannot be read ({error.strerror or error})")))
            return
        if path.suffix.lower() == ".zip":
            self.problems.append(Problem(DamagedInputError(f"{path}: not a zip archive; fetch it again")))
            return
        self._found[name] = File(name, size, str(path))

    def _mount(self, path: Path, prefix: str) -> None:
        try:
            archive = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            self.problems.append(Problem(DamagedInputError(f"{path}: not a whole zip archive ({error})")))
            return
        self._archives.append(archive)
        for info in archive.infolist():
            name = unicodedata.normalize("NFC", decoded_name(info)).replace("\\", "/")
            if _UNSAFE.search(name):
                self.problems.append(
                    Problem(DamagedInputError(f"{path}!/{name}: a name that leads out of its archive"))
                )
            elif not info.is_dir() and not _hidden(name):
                self._found[prefix + name] = File(prefix + name, info.file_size, str(path), info, archive)


def decoded_name(info: zipfile.ZipInfo) -> str:
    """A member's name; where it is not marked as UTF-8 it is taken for Korean (code page 949, which holds EUC-KR)."""
    if info.flag_bits & _UTF8_FLAG:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("cp949")
    except UnicodeError:
        return info.filename


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not _hidden(name))
        yield from (Path(folder, name) for name in sorted(names) if not _hidden(name))


def _hidden(name: str) -> bool:
    return any(part.startswith(".") or part == "__MACOSX" for part in name.split("/"))


class Pairing:
    """Finds the image of a label by its name, and tells in the end which images nothing asked for."""

    def __init__(self, tree: Tree) -> None:
        """Take the images of ``tree``; they are sorted by name when one is looked for."""
        self._by_name: dict[str, list[File]] = {}
        self._by_stem: dict[str, list[File]] = {}
        self._images = tree.images
        self._partial = tree.partial
        self._used: set[str] = set()

    def _index(self) -> None:
        for file in self._images if not self._by_name else ():
            self._by_name.setdefault(file.name.casefold(), []).append(file)
            self._by_stem.setdefault(file.stem.casefold(), []).append(file)

    def find(self, name: str, label: File) -> File:
        """The image called ``name`` (with or without folders and extension) that belongs to ``label``.

        Of several with that name it is the one whose folders are most like the label's.

        Raises:
            MissingInputError: there is none.
            DamagedInputError: several would do.
        """
        self._index()
        wanted = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2].casefold()
        found = self._by_name.get(wanted) or self._by_stem.get(wanted) or self._by_stem.get(_stem(wanted)) or []
        if not found:
            raise MissingInputError(f"{label.place}: no image {name!r} for it")
        if len(found) > 1:
            likeness = [_likeness(file, label) for file in found]
            best = max(likeness)
            if likeness.count(best) > 1:
                raise DamagedInputError(f"{label.place}: {len(found)} images called {name!r}; give each its own name")
            found = [found[likeness.index(best)]]
        self.use(found[0])
        return found[0]

    def use(self, image: File) -> None:
        """Note that a label named this image."""
        self._used.add(image.path)

    def unused(self) -> Iterator[Problem]:
        """A problem for each image that no label named."""
        for file in () if self._partial else self._images:
            if file.path not in self._used:
                yield Problem(MissingInputError(f"{file.place}: no label for this image"), unpaired=True)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem if PurePosixPath(name).suffix.lower() in SUFFIXES else name


def _likeness(image: File, label: File) -> int:
    """How many folders two paths share, from the top and from the bottom, but for the words for images and labels."""
    ours, theirs = ([_SIDES.sub("", part) for part in file.folder.split("/")] for file in (image, label))
    first = next((n for n, (a, b) in enumerate(zip(ours, theirs, strict=False)) if a != b), min(len(ours), len(theirs)))
    pairs = zip(reversed(ours), reversed(theirs), strict=False)
    last = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(ours), len(theirs)))
    return first + last


def unpaired(error: InputError) -> Problem:
    """The problem that an error of `Pairing.find` is."""
    return Problem(error, unpaired=isinstance(error, MissingInputError))
