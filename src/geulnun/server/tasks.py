"""What a worker can do: open, read and write documents, read lines and characters."""

from __future__ import annotations

import base64
import io
import json
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from geulnun import hangul
from geulnun.characters import CharacterReader
from geulnun.decode.options import DecodeOptions
from geulnun.document import Block, Document, Page
from geulnun.errors import DamagedInputError, GeulnunError, MissingDependencyError
from geulnun.image.ops import character_square
from geulnun.pipeline import LineRecogniser, Pixels, Reader, ReaderOptions
from geulnun.read import LoadOptions, PageStream, Raster, drawn_at, open_source
from geulnun.server.documents import check
from geulnun.server.wire import Message
from geulnun.write import WRITERS, JsonWriter, Writer, read_json

if TYPE_CHECKING:
    from geulnun.runtime.characters import CharacterGuess, CharacterRecogniser
    from geulnun.runtime.recogniser import LineReading

_log = logging.getLogger("geulnun.server.worker")

#: Readers of characters kept, one for each choice of what they may name.
_CHARACTER_READERS = 4
_PREVIEW_QUALITY = 70


@dataclass(frozen=True)
class WorkerOptions:
    """The part of `geulnun.server.options.ServerOptions` that workers need; paths as text."""

    threads: int
    max_pixels: int
    preview_side: int
    detector: str | None = None
    recogniser: str | None = None
    characters: str | None = None


class _Named(io.BytesIO):
    """Bytes that know the name of the file they came from, which messages about them tell."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class _Later:
    """A recogniser that is loaded when the first page needs it; most never need the one of columns."""

    def __init__(self, load: Callable[[], LineRecogniser]) -> None:
        self._load = load

    @cached_property
    def _loaded(self) -> LineRecogniser:
        return self._load()

    def read(self, crops: Sequence[Pixels], /) -> Sequence[LineReading]:
        """Read each crop."""
        return self._loaded.read(crops)


@dataclass(frozen=True)
class _Held:
    """A file that is being worked on."""

    content: bytes
    name: str
    reader: Reader

    def open(self, pages: str | None, dpi: float | None = None) -> PageStream:
        loading = self.reader.options.loading()
        chosen = replace(loading, dpi=dpi or loading.dpi, pages=pages)
        return open_source(_Named(self.content, self.name), chosen)


class Tasks:
    """Does what messages ask for, one at a time; networks are loaded once and serve all documents.

    A document's tasks name it by ``id``. The first one brings its file along, as ``hold`` in the head and first of the
    parts; `drop` forgets it.
    """

    def __init__(self, options: WorkerOptions) -> None:
        self.options = options
        self._held: dict[str, _Held] = {}
        self._character_readers = lru_cache(maxsize=_CHARACTER_READERS)(self._character_reader)
        self._kinds: dict[str, Callable[[dict[str, Any], Sequence[bytes]], Message]] = {
            "open": self._open,
            "page": self._page,
            "encode": self._encode,
            "line": self._line,
            "char": self._char,
        }

    def warm(self) -> None:
        """Load the networks that nearly every request needs.

        Raises:
            ModelError: one cannot be loaded.
        """
        paper = np.full((64, 64, 3), 255, np.uint8)
        reader = self._reader({})
        reader.read_page(Raster(paper))
        reader.read_line(paper)
        _ = self._character_readers("", "").recogniser

    def do(self, asked: Message) -> Message:
        """Do one task.

        Raises:
            GeulnunError: it cannot be done; the message says why.
        """
        parts = list(asked.parts)
        if (hold := asked.head.get("hold")) is not None:
            self._held[asked.head["id"]] = _Held(parts.pop(0), hold["name"], self._reader(hold["options"]))
        return self._kinds[asked.head["task"]](asked.head, parts)

    def drop(self, document: str) -> None:
        """Forget a document's file."""
        self._held.pop(document, None)

    @property
    def held_bytes(self) -> int:
        """Bytes of all files held."""
        return sum(len(file.content) for file in self._held.values())

    def _open(self, head: dict[str, Any], _: Sequence[bytes]) -> Message:
        """The numbers of the pages asked for."""
        held = self._held[head["id"]]
        with held.open(held.reader.options.pages) as rasters:
            return Message({"numbers": rasters.numbers})

    def _page(self, head: dict[str, Any], _: Sequence[bytes]) -> Message:
        """One page, read: its JSON, and its preview's or nothing."""
        held = self._held[head["id"]]
        started = time.perf_counter()
        with held.open(str(head["number"])) as rasters:
            raster = next(iter(rasters))
        page = held.reader.read_page(raster)
        preview = _json(self._preview(raster.rgb)) if head["preview"] else b""
        return Message({"seconds": time.perf_counter() - started}, [_json(_plain(page)), preview])

    def _encode(self, head: dict[str, Any], parts: Sequence[bytes]) -> Message:
        """A document in another format, with pictures of its pages where its file is held."""
        document = read_json(parts[0], "document")
        check(document)
        held = self._held.get(head.get("id", ""))
        writer = _pdf_writer(head, held) if head["format"] == "pdf" else WRITERS[head["format"]].build()
        try:
            if held is None:
                return Message({}, [writer.encode(document)])
            with held.open(None, drawn_at(document)) as original:
                return Message({}, [writer.encode(document, original)])
        except GeulnunError:
            raise
        except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
            # Documents come from outside; values that no reader makes may be more than a format can say.
            _log.exception("format %s", head["format"])
            reason = " ".join(f"{type(error).__name__}: {error}".split())
            raise DamagedInputError(f"document: cannot be written as {head['format']} ({reason:.200})") from error

    def _line(self, head: dict[str, Any], parts: Sequence[bytes]) -> Message:
        """The one line of an image."""
        raster = self._raster(parts[0], head["name"])
        line = self._reader({}).read_line(raster.rgb)
        height, width = raster.rgb.shape[:2]
        page = _plain(Page(width, height, (Block((line,), line.quad),)))
        return Message({}, [_json({"width": width, "height": height} | page["blocks"][0]["lines"][0])])

    def _char(self, head: dict[str, Any], parts: Sequence[bytes]) -> Message:
        """What the one character of an image may be, and where that is seen."""
        raster = self._raster(parts[0], head["name"])
        recogniser = self._character_readers(head["allow"], head["block"]).recogniser
        (guess,) = recogniser.read([raster.rgb], head["n"])
        height, width = raster.rgb.shape[:2]
        out: dict[str, Any] = {
            "text": guess.text,
            "confidence": round(guess.confidence, 6),
            "blank": round(guess.blank, 6),
            "width": width,
            "height": height,
            "characters": _ranked(guess.alternatives),
            "jamo": {"cho": _ranked(guess.cho), "jung": _ranked(guess.jung), "jong": _ranked(guess.jong)},
        }
        if head["explain"]:
            out["maps"] = self._maps(raster.rgb, recogniser, guess)
            out["square"] = character_square(raster.rgb, recogniser.spec)
        return Message({}, [_json(out)])

    def _maps(self, rgb: Pixels, recogniser: CharacterRecogniser, guess: CharacterGuess) -> list[dict[str, Any]]:
        """Where the network looks for each jamo of the best character, or for the whole of another."""
        from geulnun.runtime.characters import PLACES, JamoOf

        ink = recogniser.prepared(rgb)
        if ink is None or not guess.text:
            return []
        named = JamoOf(recogniser.spec.classes).targets(guess.text)
        letters = [guess.text]
        if hangul.is_syllable(guess.text):
            letters = [PLACES[place][jamo] for place, jamo in zip(named, hangul.split(guess.text), strict=True)]
        grids = self._explainer.maps(ink, np.stack(list(named.values())))
        return [
            {"place": place, "letter": letter, "grid": np.round(grid.astype(float), 4).tolist()}
            for place, letter, grid in zip(named, letters, grids, strict=True)
        ]

    @cached_property
    def _explainer(self) -> Any:
        from geulnun.runtime import weights

        try:
            from geulnun.export.explain import Explainer
        except ModuleNotFoundError as error:
            raise MissingDependencyError(
                f"{error.name} is not installed; maps need the extra: pip install geulnun[serve]"
            ) from error
        return Explainer(weights.choose("character", self.options.characters), self.options.threads)

    @cached_property
    def _networks(self) -> dict[str, Any]:
        from geulnun.runtime import weights
        from geulnun.runtime.detector import Detector
        from geulnun.runtime.orientation import Orientation
        from geulnun.runtime.recogniser import Recogniser

        options, decoding = self.options, DecodeOptions()
        networks: dict[str, Any] = {
            "detector": Detector(path=weights.choose("detector", options.detector), threads=options.threads),
            "recogniser": Recogniser(weights.choose("recogniser", options.recogniser), options.threads, decoding),
            "orientation": Orientation(threads=options.threads),
        }
        if options.recogniser is None:  # one that was fine-tuned reads no columns
            networks["columns"] = _Later(lambda: Recogniser(weights.path("columns"), options.threads, decoding))
        return networks

    def _reader(self, choices: dict[str, Any]) -> Reader:
        options = ReaderOptions(max_pixels=self.options.max_pixels, threads=self.options.threads, **choices)
        return Reader(options, **self._networks)

    def _character_reader(self, allow: str, block: str) -> CharacterReader:
        return CharacterReader(self.options.characters, threads=self.options.threads, allow=allow, block=block)

    def _raster(self, content: bytes, name: str) -> Raster:
        """The first page of a small image."""
        with open_source(_Named(content, name), LoadOptions(max_pixels=self.options.max_pixels)) as rasters:
            return next(iter(rasters))

    def _preview(self, rgb: Pixels) -> dict[str, Any]:
        """A small picture of a page as a data URI; ``scale`` times the page's coordinates are its own."""
        image = Image.fromarray(rgb)
        image.thumbnail((self.options.preview_side, self.options.preview_side), reducing_gap=2.0)
        stream = io.BytesIO()
        image.save(stream, "WEBP", quality=_PREVIEW_QUALITY, method=2)
        uri = "data:image/webp;base64," + base64.b64encode(stream.getvalue()).decode()
        return {"scale": image.width / rgb.shape[1], "width": image.width, "height": image.height, "uri": uri}


def _pdf_writer(head: dict[str, Any], held: _Held | None) -> Writer:
    """The writer of PDF for the file that is held."""
    from geulnun.write.pdf import PdfOptions, PdfWriter

    options = held.reader.options if held else ReaderOptions()
    return PdfWriter(PdfOptions(options.pdf_text, head.get("archival", False), password=options.password))


def _ranked(found: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    return [{"text": text, "probability": round(probability, 6)} for text, probability in found]


def _plain(page: Page) -> dict[str, Any]:
    """A page as its JSON holds it."""
    plain: dict[str, Any] = json.loads(JsonWriter(rows=False).encode(Document((page,))))["pages"][0]
    return plain


def _json(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")
