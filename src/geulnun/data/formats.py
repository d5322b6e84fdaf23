"""The formats of data sets: by name, and recognised by what lies in a folder or archive."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from geulnun.data import lmdb_pages
from geulnun.data.readers import (
    aihub,
    coco_text,
    hgu1,
    hocr,
    icdar,
    koocr,
    label_studio,
    labels,
    lmdb,
    own,
    typeface,
    ufo,
    xml,
)
from geulnun.data.sample import Problem, Sample
from geulnun.data.tree import File, Tree
from geulnun.errors import GeulnunError, InputError, UsageError

#: Files of a kind that are looked into; among labels there may be a list of fonts or a licence.
_LOOKED_INTO = 5


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Attributes:
        title: what it is, for people.
        read: samples and problems of a set.
        fits: whether a set looks like it.
    """

    title: str
    read: Callable[[Tree], Iterator[Sample | Problem]]
    fits: Callable[[_Look], bool]


class _Look:
    """A glance at the files of a set, each read once."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self._heads: dict[str, str] = {}

    def heads(self, *suffixes: str) -> Iterator[tuple[File, str]]:
        """The first files with these extensions and the text they begin with."""
        for file in self.tree.of(*suffixes)[:_LOOKED_INTO]:
            if file.path not in self._heads:
                try:
                    self._heads[file.path] = file.head().decode("utf-8-sig", "replace").replace("\r\n", "\n")
                except GeulnunError:
                    self._heads[file.path] = ""
            yield file, self._heads[file.path]

    def json(self, *patterns: str) -> bool:
        """Whether a JSON file begins with text in which all patterns are found."""
        return any(all(re.search(pattern, head) for pattern in patterns) for _, head in self.heads(".json"))

    def rows(self, fits: Callable[[str], object]) -> bool:
        """Whether the rows that text files begin with are all read by ``fits``."""
        tried = False
        for _, head in self.heads(".txt"):
            rows = [row for row in head.split("\n")[:20] if row.strip()]
            rows = rows[:-1] if len(rows) == 20 else rows
            try:
                tried = [fits(row) for row in rows] != [] or tried
            except ValueError:
                return False
        return tried


def _key(name: str) -> str:
    return f'"{re.escape(name)}"\\s*:'


def _is_lmdb(look: _Look) -> bool:
    magic = lmdb_pages.MAGIC.to_bytes(4, "little")
    at = lmdb_pages.MAGIC_AT
    return any(file.head(at + 4)[at:] == magic for file in look.tree.of(".mdb") if file.name != "lock.mdb")


def _is_hgu1(look: _Look) -> bool:
    return any(file.head(4) == hgu1.MAGIC for file in look.tree.of(".hgu1")[:_LOOKED_INTO])


def _is_typeface(look: _Look) -> bool:
    by_name = any("data_info" in file.name for file in look.tree.of(".json"))
    return by_name or look.json(_key("file_name"), _key("date_captured"))


def _has_quads(look: _Look) -> bool:
    # With a row's head alone it cannot be told from MLT's, so that is asked first.
    return bool(look.tree.images) and look.rows(icdar.icdar_row)


def _is_cleval(look: _Look) -> bool:
    return look.rows(icdar.cleval_rows([])) or look.rows(icdar.cleval_rows(["0,0,1,1"]))


def _is_ours(look: _Look) -> bool:
    return look.json(_key("format") + r'\s*"geulnun-document"')


def _is_list(look: _Look) -> bool:
    return any(labels.is_list(file, head) for file, head in look.heads(".csv", ".txt", ".tsv"))


def _is_aihub(look: _Look) -> bool:
    dotted = look.json(r'"(?:annotation\.(?:bbox|text|type)|image\.file\.name)"')
    nested = look.json(_key("annotations"), _key("annotation") + r"\s*\{", _key("bbox"))
    return dotted or nested or look.json(_key("Bbox"), _key("Images"))


def _is_ufo(look: _Look) -> bool:
    return look.json(_key("images") + r"\s*\{", _key("words") + r"\s*\{")


def _is_coco_text(look: _Look) -> bool:
    listed = look.json(_key("images") + r"\s*\[", _key("annotations"), _key("utf8_string"))
    return listed or look.json(_key("imgs") + r"\s*\{")


def _is_label_studio(look: _Look) -> bool:
    tasks = look.json(r"\A\s*\[", _key("annotations"), _key("data"))
    return tasks or look.json(r"\A\s*\[", _key("original_width"))


def _is_outdoor(look: _Look) -> bool:
    return look.json(_key("images") + r"\s*\[", _key("annotations"), _key("bbox"), _key("text"))


def _has(pattern: str, *suffixes: str) -> Callable[[_Look], bool]:
    return lambda look: any(re.search(pattern, head) for _, head in look.heads(*suffixes))


#: In the order in which they are tried: what is told by one sure sign comes before what merely fits.
FORMATS: dict[str, Format] = {
    "labels": Format("image files and a list of texts: labels.csv, gt.txt", labels.read, _is_list),
    "json": Format("this project's documents as JSON", own.read_documents, _is_ours),
    "tar": Format("shards for WebDataset", own.read_shards, lambda look: bool(look.tree.of(".tar"))),
    "lmdb": Format("LMDB of deep-text-recognition-benchmark", lmdb.read, _is_lmdb),
    "hgu1": Format("HGU1: HanDB, PE92, SERI95", hgu1.read, _is_hgu1),
    "koocr": Format("pickles of KoOCR", koocr.read, lambda look: bool(look.tree.of(".pickle", ".pkl"))),
    "aihub": Format("AI-Hub 공공행정문서 OCR", aihub.read_documents, _is_aihub),
    "ufo": Format("UFO (Upstage, boostcamp)", ufo.read, _is_ufo),
    "coco_text": Format("COCO-Text", coco_text.read, _is_coco_text),
    "label_studio": Format("Label Studio's JSON export", label_studio.read, _is_label_studio),
    "aihub_typeface": Format("AI-Hub 한국어 글자체 이미지", typeface.read, _is_typeface),
    "aihub_outdoor": Format("AI-Hub 야외 실제 촬영 한글 이미지", aihub.read_outdoor, _is_outdoor),
    "alto": Format("ALTO XML", xml.read_alto, _has(r"<(?:\w+:)?alto[\s>]", ".xml", ".alto")),
    "page": Format("PAGE XML", xml.read_page, _has(r"<(?:\w+:)?PcGts[\s>]", ".xml", ".page")),
    "hocr": Format("hOCR", hocr.read, _has("ocr_page", ".hocr", ".html", ".htm", ".xhtml")),
    "mlt": Format("ICDAR 2017 and 2019 MLT", icdar.read_mlt, lambda look: look.rows(icdar.mlt_row)),
    "icdar": Format("ICDAR 2015", icdar.read_icdar, _has_quads),
    "cleval": Format("CLEval's text files", icdar.read_cleval, _is_cleval),
}


class DataSet:
    """A data set on disk that is being read. Close it, or use it as a context manager.

    Attributes:
        format: the name of its format.
        tree: its files.
    """

    def __init__(self, path: Path | str, format_: str = "auto") -> None:
        """Open a folder, a zip archive or a file.

        Raises:
            UsageError: no such format; the nearest is named.
            InputError: nothing is there, or ``auto`` does not know what it is.
        """
        if format_ != "auto" and format_ not in FORMATS:
            near = difflib.get_close_matches(format_, FORMATS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(FORMATS)}"
            raise UsageError(f"{format_!r}: no format of data sets; {hint}")
        self.tree = Tree(Path(path))
        try:
            self.format = recognised(self.tree) if format_ == "auto" else format_
        except BaseException:
            self.tree.close()
            raise

    def __iter__(self) -> Iterator[Sample | Problem]:
        """Samples in an order that is always the same, and problems where they come up."""
        yield from self.tree.problems
        yield from FORMATS[self.format].read(self.tree)

    def samples(self, note: Callable[[Problem], None] | None = None) -> Iterator[Sample]:
        """The samples alone; problems go to ``note``, and without it the first one is raised."""
        for one in self:
            if isinstance(one, Sample):
                yield one
            elif note is None:
                raise one.error
            else:
                note(one)

    def close(self) -> None:
        """Close its archives."""
        self.tree.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def recognised(tree: Tree) -> str:
    """The name of the format that a set is in.

    Raises:
        InputError: none fits.
    """
    look = _Look(tree)
    for name, format_ in FORMATS.items():
        if format_.fits(look):
            return name
    kinds = sorted({file.suffix or "(none)" for file in tree.files})
    found = f"{len(tree.files)} files of the kinds {', '.join(kinds[:8])}" if kinds else "no files"
    raise InputError(f"{tree.root}: not a data set of a known format ({found}); name it with --from")
