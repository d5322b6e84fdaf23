"""What a recogniser of lines or of single characters, or a detector, takes and gives, as its file says of itself.

An ONNX file carries this as JSON in its metadata under `KEY`, `CHARACTER_KEY` or `DETECTOR_KEY`: a file is enough to
read with, whatever network it holds, and training, export and reading cannot drift apart.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeVar, get_args

from geulnun.charset import DEFAULT, PLAIN, Charset, Classes, FlatCharset
from geulnun.errors import ModelError

KEY, CHARACTER_KEY, DETECTOR_KEY = "geulnun.recogniser", "geulnun.character", "geulnun.detector"

Scaling = Literal["stretched", "signed"]
Padding = Literal["median", "edge"]
Decoding = Literal["ctc", "attention", "parallel"]
Direction = Literal["across", "down"]
Framing = Literal["ink", "whole"]
DetectorKind = Literal["regions", "points"]


@dataclass(frozen=True)
class LineSpec:
    """Input and output of a line recogniser.

    Attributes:
        height: rows of its input.
        width: columns of its input: narrower lines are padded at the end, wider ones squeezed; None for any width, a
            multiple of ``multiple``.
        multiple: what any width is a multiple of.
        channels: 1 for grey, 3 for RGB.
        scaling: "stretched" puts the 1st and 99th percentile of a line at -1 and 1, "signed" maps 0..255 there.
        padding: what fills the end: the median of the line's last columns, or its last column repeated.
        decoding: "ctc" has a blank; "attention" and "parallel" write a character a step, until class 0.
        direction: which way the text runs; lines that run "down", upright characters one below the other, are turned
            against the clock before they are read.
        classes: the characters, and the head's layout with them.
        temperature: what logits are divided by, so that confidences are as often right as they say.
    """

    height: int = 40
    width: int | None = None
    multiple: int = 4
    channels: Literal[1, 3] = 1
    scaling: Scaling = "stretched"
    padding: Padding = "median"
    decoding: Decoding = "ctc"
    direction: Direction = "across"
    classes: Classes = DEFAULT
    temperature: float = 1.0

    def __post_init__(self) -> None:
        for name, kind in (
            ("scaling", Scaling),
            ("padding", Padding),
            ("decoding", Decoding),
            ("direction", Direction),
        ):
            _check_choice(self, name, kind)
        if self.channels not in (1, 3):
            raise ValueError(f"channels is {self.channels}; expected 1 or 3")
        for name in ("height", "multiple", *(("width",) if self.width is not None else ())):
            if not 1 <= getattr(self, name) <= 4096:
                raise ValueError(f"{name} is {getattr(self, name)}; expected 1 to 4096 pixels")
        if not 0.01 <= self.temperature <= 100:
            raise ValueError(f"temperature is {self.temperature}; expected 0.01 to 100")

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: str, name: str) -> LineSpec:
        """Read what `to_json` wrote.

        Args:
            text: the JSON.
            name: the file it stands in, for errors.

        Raises:
            ModelError: it is no such JSON, or of a later version.
        """
        return _from_json(cls, text, name)

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str], name: str) -> LineSpec:
        """The spec in an ONNX file's metadata; where there is none, that of the first readers, without ideographs."""
        return cls.from_json(metadata[KEY], name) if KEY in metadata else cls(classes=PLAIN)


@dataclass(frozen=True)
class CharacterSpec:
    """Input and output of a recogniser of single characters: ``characters`` (N, 1, S, S) -> ``logits`` (N, K).

    K is ``classes.width``: one step of what line recognisers give (`geulnun.decode.steps` reads it), class 0 being "no
    character". The input is the ink: 0 for paper, 1 for full ink, whatever the colours of the image.

    Attributes:
        size: rows and columns of the input.
        framing: "ink" cuts the ink out, keeps its proportions and centres it, with a margin of a tenth of the input on
            the longer side; "whole" takes the image as it is, on a square of paper.
        classes: the characters, and the head's layout with them.
        temperature: what logits are divided by, so that confidences are as often right as they say.
        reject: confidence below which no character is named; 0 names one for all ink.
    """

    size: int = 64
    framing: Framing = "ink"
    classes: Classes = PLAIN
    temperature: float = 1.0
    reject: float = 0.0

    def __post_init__(self) -> None:
        _check_choice(self, "framing", Framing)
        if not 8 <= self.size <= 1024:
            raise ValueError(f"size is {self.size}; expected 8 to 1024 pixels")
        if not 0.01 <= self.temperature <= 100:
            raise ValueError(f"temperature is {self.temperature}; expected 0.01 to 100")
        if not 0 <= self.reject < 1:
            raise ValueError(f"reject is {self.reject}; expected 0 to below 1")

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return _to_json(self)

    @classmethod
    def from_json(cls, text: str, name: str) -> CharacterSpec:
        """Read what `to_json` wrote; arguments and errors as of `LineSpec.from_json`."""
        return _from_json(cls, text, name)

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str], name: str) -> CharacterSpec:
        """The spec in an ONNX file's metadata.

        Raises:
            ModelError: there is none.
        """
        if CHARACTER_KEY not in metadata:
            raise ModelError(f"{name}: no recogniser of characters; give a file of geulnun train character")
        return cls.from_json(metadata[CHARACTER_KEY], name)


@dataclass(frozen=True)
class DetectorSpec:
    """Input and output of a detector: ``page`` (h, w, 3), RGB uint8 -> ``maps`` (C, h / stride, w / stride), float32.

    Attributes:
        kind: what the maps mean: "regions" are those of `geulnun.decode.regions`, "points" of
            `geulnun.decode.points`.
        stride: pixels of the page a cell of the maps is wide and high.
        multiple: what height and width of the page are multiples of.
        short_side: pixels that the shorter side of a larger page is shrunk to, the size of text learned from.
    """

    kind: DetectorKind = "regions"
    stride: int = 2
    multiple: int = 32
    short_side: int = 832

    def __post_init__(self) -> None:
        _check_choice(self, "kind", DetectorKind)
        for name, most in (("stride", 64), ("multiple", 256), ("short_side", 8192)):
            if not isinstance(getattr(self, name), int) or not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is {getattr(self, name)!r}; expected 1 to {most} pixels")
        if self.multiple % self.stride:
            raise ValueError(f"multiple is {self.multiple}; expected a multiple of the stride, {self.stride}")

    def to_json(self) -> str:
        """The text that `from_json` reads."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str, name: str) -> DetectorSpec:
        """Read what `to_json` wrote.

        Args:
            text: the JSON.
            name: the file it stands in, for errors.

        Raises:
            ModelError: it is no such JSON, or of a later version.
        """
        try:
            plain = json.loads(text)
            unknown = set(plain) - {field.name for field in dataclasses.fields(cls)}
            if unknown:
                raise ValueError(f"unknown {', '.join(sorted(unknown))}")
            return cls(**plain)
        except (ValueError, TypeError) as error:
            raise ModelError(
                f"{name}: does not say what detector it is ({error}); export it with this version of geulnun"
            ) from error

    @classmethod
    def of_metadata(cls, metadata: Mapping[str, str], name: str) -> DetectorSpec:
        """The spec in an ONNX file's metadata.

        Raises:
            ModelError: there is none.
        """
        if DETECTOR_KEY not in metadata:
            raise ModelError(f"{name}: no detector of this version; give a file of geulnun train detector")
        return cls.from_json(metadata[DETECTOR_KEY], name)


Spec = TypeVar("Spec", LineSpec, CharacterSpec)


def _check_choice(spec: LineSpec | CharacterSpec | DetectorSpec, name: str, kind: Any) -> None:
    if getattr(spec, name) not in get_args(kind):
        raise ValueError(f"{name} is {getattr(spec, name)!r}; expected one of {', '.join(get_args(kind))}")


def _to_json(spec: LineSpec | CharacterSpec) -> str:
    plain = {field.name: getattr(spec, field.name) for field in dataclasses.fields(spec)}
    return json.dumps(plain | {"classes": _classes_out(spec.classes)}, ensure_ascii=False)


def _from_json(kind: type[Spec], text: str, name: str) -> Spec:
    try:
        plain = json.loads(text)
        unknown = set(plain) - {field.name for field in dataclasses.fields(kind)}
        if unknown:
            raise ValueError(f"unknown {', '.join(sorted(unknown))}")
        return kind(**(plain | {"classes": _classes_in(plain["classes"])}))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelError(
            f"{name}: does not say what recogniser it is ({error}); export it with this version of geulnun"
        ) from error


def _classes_out(classes: Classes) -> dict[str, str]:
    if isinstance(classes, Charset):
        return {"head": "jamo", "symbols": "".join(classes.symbols), "ideographs": "".join(classes.ideographs)}
    if isinstance(classes, FlatCharset):
        return {"head": "flat", "characters": "".join(classes.characters)}
    raise TypeError(f"classes of type {type(classes).__name__}; expected Charset or FlatCharset")


def _classes_in(plain: Mapping[str, Any]) -> Charset | FlatCharset:
    if plain["head"] == "jamo":
        return Charset(tuple(plain["symbols"]), tuple(plain["ideographs"]))
    if plain["head"] == "flat":
        return FlatCharset(tuple(plain["characters"]))
    raise ValueError(f"head is {plain['head']!r}, expected jamo or flat")
