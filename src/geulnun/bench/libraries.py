"""OCR libraries of the user's as engines: EasyOCR, RapidOCR and PaddleOCR.

They take part where they are installed and their Korean models lie on this machine; nothing is downloaded for them.
Each runs in this process, on the CPU, with its own defaults.
"""

from __future__ import annotations

import importlib
import os
import sys
import time
from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from geulnun.bench.engines import Engine, Image, Level, Reading
from geulnun.bench.samples import page_of_lines
from geulnun.document import Page, Quad
from geulnun.errors import MissingDependencyError
from geulnun.geometry import to_tuple
from geulnun.image.ops import to_grey

#: What a library found on one image: text and quad, in its own order.
Found = list[tuple[str, Quad | None]]


class Library(Engine):
    """An OCR library with its models on disk.

    Raises:
        MissingDependencyError: the library or a model is not there.
    """

    #: How the tables, and the package index, call it.
    title: ClassVar[str]
    package: ClassVar[str]

    def __init__(self) -> None:
        if find_spec(self.package) is None:
            raise MissingDependencyError(f"{self.package} is not installed")
        self.models = self.find_models()
        absent = [path.name for path in self.models if not path.exists()]
        if absent:
            where = self.models[0].parent
            raise MissingDependencyError(
                f"{where}: no {', '.join(absent)} there; put {self.title}'s models there first"
            )
        self.name = self.title
        self.setting = "default"
        self.levels = frozenset({"page", "line", "word"})

    @abstractmethod
    def find_models(self) -> list[Path]:
        """The files that will be loaded, whether they are there or not."""

    @abstractmethod
    def load(self) -> Any:
        """Open the library with these models."""

    @abstractmethod
    def page(self, loaded: Any, image: Image) -> Found:
        """Find and read the texts of a page, RGB uint8 (h, w, 3)."""

    @abstractmethod
    def line(self, loaded: Any, image: Image) -> Found:
        """Read one cropped line or word."""

    @cached_property
    def _loaded(self) -> Any:
        return self.load()

    @cached_property
    def identity(self) -> str:
        """The library's version, and name and size of its models."""
        try:
            release = version(self.package)
        except PackageNotFoundError:
            release = "unknown"
        return f"{self.title} {release} " + " ".join(f"{path.stem} {_size(path)}" for path in self.models)

    @property
    def weights_bytes(self) -> int:
        """Size of the models."""
        return sum(map(_size, self.models))

    def read(self, images: Sequence[Image], level: Level, names: Sequence[str] = ()) -> list[Reading]:
        """Read one after the other; the models are loaded before the clock starts."""
        loaded = self._loaded
        read: Callable[[Any, Image], Found] = self.page if level == "page" else self.line
        out = []
        for image in images:
            wall, cpu = time.perf_counter(), time.process_time()
            page = _page(read(loaded, image), image)
            out.append(Reading(page, time.perf_counter() - wall, time.process_time() - cpu))
        return out

    def command(self, image: Path, copies: int = 1) -> tuple[list[str], Mapping[str, str]]:
        """A Python that loads the library and reads the page so many times."""
        program = (
            "import sys; from geulnun.bench import libraries, real; "
            "engine = getattr(libraries, sys.argv[1])(); "
            "engine.read([real.load(libraries.Path(sys.argv[2]))] * int(sys.argv[3]), 'page')"
        )
        return [sys.executable, "-c", program, type(self).__name__, str(image), str(copies)], {}


class EasyOcr(Library):
    """EasyOCR with its CRAFT detector and ``korean_g2``."""

    title, package = "EasyOCR", "easyocr"

    def find_models(self) -> list[Path]:
        """The two models of `Reader(['ko', 'en'])`, where EasyOCR looks for them."""
        base = os.environ.get("EASYOCR_MODULE_PATH") or os.environ.get("MODULE_PATH")
        folder = Path(base) if base else Path.home() / ".EasyOCR"
        return [folder / "model" / name for name in ("craft_mlt_25k.pth", "korean_g2.pth")]

    def load(self) -> Any:
        """A reader that may not download."""
        return importlib.import_module("easyocr").Reader(
            ["ko", "en"], gpu=False, download_enabled=False, verbose=False,
            model_storage_directory=str(self.models[0].parent),
        )  # fmt: skip

    def page(self, loaded: Any, image: Image) -> Found:
        """`readtext`: words in the order it gives them."""
        return [(str(text), _quad(box)) for box, text, _ in loaded.readtext(image)]

    def line(self, loaded: Any, image: Image) -> Found:
        """`recognize` over the whole image."""
        return [(str(text), _quad(box)) for box, text, _ in loaded.recognize(to_grey(image))]


class RapidOcr(Library):
    """RapidOCR with its detector and the Korean recogniser of PaddleOCR as ONNX."""

    title, package = "RapidOCR", "rapidocr"

    @cached_property
    def _folder(self) -> Path:
        spec = find_spec(self.package)
        given = os.environ.get("GEULNUN_RAPIDOCR")
        origin = spec.origin if spec is not None else None
        return Path(given) if given else Path(origin or ".").parent / "models"

    def find_models(self) -> list[Path]:
        """A detector, a classifier and a Korean recogniser of the package's folder, or of ``GEULNUN_RAPIDOCR``."""
        parts = ("*_det_*.onnx", "*_cls_*.onnx", "korean*rec*.onnx")
        found = [sorted(self._folder.glob(part)) for part in parts]
        return [files[-1] if files else self._folder / part for files, part in zip(found, parts, strict=True)]

    def load(self) -> Any:
        """Given each model's path, it looks for none."""
        detector, classifier, recogniser = map(str, self.models)
        paths = {"Det.model_path": detector, "Cls.model_path": classifier, "Rec.model_path": recogniser}
        rapidocr = importlib.import_module("rapidocr")
        return rapidocr.RapidOCR(
            params={**paths, "Global.log_level": "error", "Rec.lang_type": rapidocr.LangRec.KOREAN}
        )

    def page(self, loaded: Any, image: Image) -> Found:
        """Lines as it orders them."""
        read = loaded(image[..., ::-1])
        boxes = [] if read.boxes is None else read.boxes
        return [(str(text), _quad(box)) for text, box in zip(read.txts or (), boxes, strict=True)]

    def line(self, loaded: Any, image: Image) -> Found:
        """Its recogniser alone."""
        return [(str(text), None) for text in loaded(image[..., ::-1], use_det=False, use_cls=False).txts or ()]


class PaddleOcr(Library):
    """PaddleOCR 3 with ``lang="korean"``, without its document preprocessing."""

    title, package = "PaddleOCR", "paddleocr"

    def find_models(self) -> list[Path]:
        """Folders of the detector and of the Korean recogniser, where PaddleX keeps what it has downloaded."""
        base = Path(os.environ.get("PADDLE_PDX_CACHE_HOME") or Path.home() / ".paddlex") / "official_models"
        return [base / name for name in ("PP-OCRv5_server_det", "korean_PP-OCRv5_mobile_rec")]

    def load(self) -> Any:
        """Given each model's folder, it looks for none."""
        detector, recogniser = self.models
        return importlib.import_module("paddleocr").PaddleOCR(
            text_detection_model_name=detector.name, text_detection_model_dir=str(detector),
            text_recognition_model_name=recogniser.name, text_recognition_model_dir=str(recogniser),
            use_doc_orientation_classify=False, use_doc_unwarping=False, use_textline_orientation=False,
        )  # fmt: skip

    def page(self, loaded: Any, image: Image) -> Found:
        """Lines as it orders them."""
        (read,) = loaded.predict(image[..., ::-1])
        return [(str(text), _quad(box)) for text, box in zip(read["rec_texts"], read["rec_polys"], strict=True)]

    def line(self, loaded: Any, image: Image) -> Found:
        """Its pipeline on the one line: it has no other door."""
        return self.page(loaded, image)


#: Every library known, in the order of the tables.
LIBRARIES: tuple[type[Library], ...] = (EasyOcr, RapidOcr, PaddleOcr)


def _size(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.stat().st_size for file in files if file.is_file())


def _quad(box: Any) -> Quad | None:
    points = np.asarray(box, np.float64)
    return to_tuple(points) if points.shape == (4, 2) else None


def _page(found: Found, image: Image) -> Page:
    height, width = image.shape[:2]
    lines = [(" ".join(text.split()), quad) for text, quad in found]
    return page_of_lines(width, height, [line for line in lines if line[0]])
