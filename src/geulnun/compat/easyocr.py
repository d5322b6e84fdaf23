"""EasyOCR's `Reader` (version 1.7) over this package: ``from geulnun.compat import easyocr``.

``easyocr.Reader(["ko", "en"]).readtext("page.png")`` gives ``[(box, text, confidence), …]``, a line each, in reading
order. docs/guides/compat.md tells which arguments mean something here.
"""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from geulnun import geometry
from geulnun.compat.readers import Readers, literal, warn_unused
from geulnun.decode.options import DecodeOptions
from geulnun.document import Block, Line, Quad
from geulnun.errors import InputError, UsageError
from geulnun.image.ops import crop_quad
from geulnun.read import LoadOptions, open_source

#: The languages that are read, all of them always.
LANGUAGES = ("ko", "en")
#: Boxes that rise by less than this share of their length are upright (EasyOCR's ``slope_ths``).
_SLOPE = 0.1
_DECODERS: dict[str, Literal["auto", "greedy", "beam"]] = {
    "auto": "auto", "greedy": "greedy", "beamsearch": "beam", "wordbeamsearch": "beam",
}  # fmt: skip
#: What EasyOCR's arguments are without being given; these tune its own networks and its own joining of boxes.
_UNUSED: dict[str, object] = {
    "contrast_ths": 0.1, "adjust_contrast": 0.5, "text_threshold": 0.7, "low_text": 0.4, "link_threshold": 0.4,
    "canvas_size": 2560, "mag_ratio": 1.0, "slope_ths": 0.1, "ycenter_ths": 0.5, "height_ths": 0.5, "width_ths": 0.5,
    "y_ths": 0.5, "x_ths": 1.0, "add_margin": 0.1, "threshold": 0.2, "bbox_min_score": 0.2, "bbox_min_size": 3,
    "max_candidates": 0, "optimal_num_chars": None, "reformat": True, "rotation_info": None,
}  # fmt: skip
#: Arguments that change nothing in what is read, only how fast; they are taken without a word.
_SPEED = ("batch_size", "workers")

Box = list[list[int]] | list[list[float]]
Picture = str | Path | bytes | IO[bytes] | Image.Image | NDArray[Any]


class UnsupportedLanguageError(UsageError, ValueError):
    """A language that is not read; EasyOCR raises ValueError."""


class Reader:
    """Reads images as EasyOCR's `Reader` does. Safe to share between threads."""

    def __init__(
        self,
        lang_list: Sequence[str],
        gpu: bool | str | None = None,
        model_storage_directory: str | None = None,
        user_network_directory: str | None = None,
        detect_network: str = "craft",
        recog_network: str = "standard",
        download_enabled: bool = True,
        detector: bool = True,
        recognizer: bool = True,
        verbose: bool = True,
        quantize: bool = True,
        cudnn_benchmark: bool = False,
    ) -> None:
        """Take languages and, as ``detect_network`` and ``recog_network``, ONNX files of networks of one's own.

        Nothing is downloaded, so where networks are stored, and whether they may be fetched, does not matter.

        Raises:
            UnsupportedLanguageError: a language that is not read.
            UsageError: a network of EasyOCR's is named.
            MissingInputError: an ONNX file is not there.
        """
        other = [code for code in lang_list if code not in LANGUAGES]
        if other or not lang_list:
            raise UnsupportedLanguageError(
                f"languages {', '.join(other) or 'none'}; expected any of {', '.join(LANGUAGES)}"
            )
        if gpu:
            warnings.warn("Reader: gpu has no meaning here; pages are read on the CPU", UserWarning, stacklevel=2)
        self.lang_list = list(lang_list)
        self._finds, self._reads = detector, recognizer
        files = [_file(detect_network, ("craft", "dbnet18")), _file(recog_network, ("standard",))]
        self._readers = Readers(*files)

    def readtext(
        self,
        image: Picture,
        decoder: str = "auto",
        beamWidth: int = 5,  # noqa: N803
        allowlist: str | None = None,
        blocklist: str | None = None,
        detail: int = 1,
        paragraph: bool = False,
        min_size: int = 20,
        filter_ths: float | None = None,
        output_format: str = "standard",
        **others: object,
    ) -> list[Any]:
        """Find and read the text of an image.

        Args:
            image: a path, bytes, an open file, a PIL image, or an array as OpenCV has it: grey or BGR, or RGBA.
            decoder: "auto" is the package's own; "greedy", "beamsearch" and "wordbeamsearch" as EasyOCR has them, the
                last without its dictionaries.
            beamWidth: prefixes that beam search follows.
            allowlist: characters beside which none is written.
            blocklist: characters that are not written.
            detail: 0 for texts only.
            paragraph: a block each instead of a line, without confidences.
            min_size: text whose longer side has fewer pixels is left out.
            filter_ths: lines of less confidence are left out; 0.5 without it.
            output_format: "standard" or "free_merge" (the same here, as lines come in reading order), "dict", "json".
            **others: EasyOCR's other arguments; those that tune its networks are not heeded, with a warning.

        Returns:
            (box, text, confidence) each, box four [x, y], clockwise from the text's start; ints where it is upright.

        Raises:
            InputError: the image cannot be read, or holds several pages.
            UsageError: an argument that EasyOCR does not have, or a value that cannot be.
        """
        self._check(others, output_format, "readtext")
        reader = self._readers.get(_decoding(decoder, beamWidth, allowlist, blocklist), filter_ths)
        page = reader.read(_pixels(image)).pages[0]
        blocks = [
            Block(tuple(line for line in block.lines if _long_enough(line.quad, min_size)), block.quad, block.kind)
            for block in page.blocks
        ]
        if paragraph:
            found: list[Any] = [[_around(block), _flowing(block)] for block in blocks if block.lines]
        else:
            found = [(_box(line.quad), line.text, line.confidence) for block in blocks for line in block.lines]
        return _formatted(found, detail, output_format)

    def readtext_batched(
        self,
        image: Sequence[Picture] | NDArray[Any],
        n_width: int | None = None,
        n_height: int | None = None,
        **options: Any,
    ) -> list[list[Any]]:
        """`readtext` of each image, scaled to ``n_width`` by ``n_height`` pixels before, where these are given."""
        size = (n_width, n_height)
        return [self.readtext(one if size == (None, None) else _scaled(one, *size), **options) for one in image]

    def detect(
        self, img: Picture, min_size: int = 20, **others: object
    ) -> tuple[list[list[list[int]]], list[list[list[list[float]]]]]:
        """Find lines of text without reading them.

        Returns:
            Upright boxes as [left, right, top, bottom], and leaning ones as four [x, y]; each in a list for the one
            image.
        """
        self._check(others, "standard", "detect")
        if not self._finds:
            raise UsageError("this Reader was made with detector=False; make one without it")
        quads = geometry.to_tuples(self._readers.detector().detect(_pixels(img)).quads)
        quads = [quad for quad in quads if _long_enough(quad, min_size)]
        upright = [np.round(geometry.to_boxes(quad)[0]).astype(int).tolist() for quad in quads if _upright(quad)]
        leaning = [[[float(x), float(y)] for x, y in quad] for quad in quads if not _upright(quad)]
        return [[[left, right, top, bottom] for left, top, right, bottom in upright]], [leaning]

    def recognize(
        self,
        img_cv_grey: Picture,
        horizontal_list: Sequence[Sequence[float]] | None = None,
        free_list: Sequence[Sequence[Sequence[float]]] | None = None,
        decoder: str = "auto",
        beamWidth: int = 5,  # noqa: N803
        allowlist: str | None = None,
        blocklist: str | None = None,
        detail: int = 1,
        paragraph: bool = False,
        filter_ths: float = 0.0,
        output_format: str = "standard",
        **others: object,
    ) -> list[Any]:
        """Read lines whose places are known: boxes as `detect` returns them for one image; the whole image without.

        Every box gets a reading, the upright ones first, but those of less confidence than ``filter_ths``.
        """
        if paragraph:
            raise UsageError("recognize gathers no paragraphs; call readtext with paragraph=True")
        self._check(others, output_format, "recognize")
        grey = _pixels(img_cv_grey)
        height, width = grey.shape[:2]
        if horizontal_list is None and free_list is None:
            horizontal_list = [[0, width, 0, height]]
        boxes = [[left, top, right, bottom] for left, right, top, bottom in horizontal_list or []]
        quads = [
            *geometry.to_tuples(geometry.from_boxes(boxes)),
            *(geometry.to_tuple(quad) for quad in free_list or []),
        ]
        reader = self._readers.get(_decoding(decoder, beamWidth, allowlist, blocklist))
        lines: list[Line] = [reader.read_line(crop_quad(grey, np.asarray(quad))) for quad in quads]
        found = [(_box(quad), line.text, line.confidence) for quad, line in zip(quads, lines, strict=True)]
        return _formatted([one for one in found if one[2] >= filter_ths], detail, output_format)

    def _check(self, others: Mapping[str, object], output_format: str, where: str) -> None:
        for name in others:
            if name not in _UNUSED and name not in _SPEED:
                raise UsageError(f"{where} has no argument {name!r}; expected one of EasyOCR's")
        if where != "detect" and not self._reads:
            raise UsageError("this Reader was made with recognizer=False; make one without it")
        if output_format not in ("standard", "dict", "json", "free_merge"):
            raise UsageError(f"output_format {output_format!r}; expected standard, dict, json or free_merge")
        warn_unused({name: value for name, value in others.items() if name in _UNUSED}, _UNUSED, where)


def _file(name: str, own: Sequence[str]) -> Path | None:
    """The ONNX file that a network's name is, None for those that mean the usual one."""
    if name in own:
        return None
    if not name.endswith(".onnx"):
        raise UsageError(f"network {name!r}; expected {' or '.join(own)}, or an ONNX file of this package's")
    return Path(name)


def _decoding(decoder: str, width: int, allow: str | None, block: str | None) -> DecodeOptions:
    if decoder not in _DECODERS:
        raise UsageError(f"decoder {decoder!r}; expected {', '.join(_DECODERS)}")
    return DecodeOptions(_DECODERS[decoder], width, allow=literal(allow), block=literal(block))


def _pixels(image: Picture) -> NDArray[np.uint8]:
    """An image as EasyOCR takes it, RGB uint8 (h, w, 3)."""
    if isinstance(image, np.ndarray) and image.ndim == 3 and image.shape[2] == 3:
        image = image[..., ::-1]  # as OpenCV has it
    with open_source(image, LoadOptions()) as pages:
        if len(pages) != 1:
            raise InputError(f"{pages.name}: {len(pages)} pages; expected one image, read others with geulnun.Reader")
        return next(iter(pages)).rgb


def _scaled(image: Picture, width: int | None, height: int | None) -> NDArray[np.uint8]:
    rgb = _pixels(image)
    picture = Image.fromarray(rgb).resize((width or rgb.shape[1], height or rgb.shape[0]), Image.Resampling.BICUBIC)
    return np.asarray(picture)[..., ::-1]


def _long_enough(quad: Quad | None, least: float) -> bool:
    if quad is None:
        return True
    left, top, right, bottom = geometry.to_boxes(quad)[0]
    return bool(max(right - left, bottom - top) > least)


def _upright(quad: Quad) -> bool:
    (x0, y0), (x1, y1) = quad[:2]
    return x1 > x0 and abs(y1 - y0) < _SLOPE * (x1 - x0)


def _box(quad: Quad | None) -> Box:
    if quad is None:
        return []
    if not _upright(quad):
        return [[float(x), float(y)] for x, y in quad]
    left, top, right, bottom = (round(float(value)) for value in geometry.to_boxes(quad)[0])
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def _around(block: Block) -> Box:
    """The upright box around a block's lines, as EasyOCR's paragraphs have it."""
    boxes = geometry.to_boxes([line.quad for line in block.lines if line.quad is not None])
    (left, top), (right, bottom) = boxes[:, :2].min(0), boxes[:, 2:].max(0)
    return _box(((left, top), (right, top), (right, bottom), (left, bottom)))


def _flowing(block: Block) -> str:
    return " ".join(line.text for line in block.lines)


def _formatted(found: list[Any], detail: int, output_format: str) -> list[Any]:
    if detail == 0:
        return [one[1] for one in found]
    if output_format in ("standard", "free_merge"):
        return found
    keys = ("boxes", "text", "confident")
    rows = [dict(zip(keys, one, strict=False)) for one in found]
    if output_format == "dict":
        return rows
    whole = [row | {"boxes": [[int(x), int(y)] for x, y in row["boxes"]]} for row in rows]
    return [json.dumps(row, ensure_ascii=False) for row in whole]
