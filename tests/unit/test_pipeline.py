import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from subprocess import run
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

import geulnun
from geulnun import Reader, ReaderOptions, geometry
from geulnun.decode.posture import PageTurn, righted
from geulnun.errors import DamagedInputError, PageRangeError, UsageError
from geulnun.runtime.detector import Detection
from geulnun.runtime.recogniser import CharReading, LineReading


class Ink:
    """A detector of fake pages: every bar of one grey value is a line."""

    def __init__(self, rotation: int = 0, flip: bool = False) -> None:
        self.rotation = rotation
        self.flip = flip

    def detect(self, rgb: NDArray[np.uint8], /) -> Detection:
        grey = rgb[..., 0]
        boxes = []
        for value in sorted(set(np.unique(grey).tolist()) - {255}):
            ys, xs = np.nonzero(grey == value)
            boxes.append([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1])
        quads = geometry.from_boxes(boxes)
        quads = np.roll(quads, -(-self.rotation // 90) % 4 + 2 * self.flip, axis=1)
        return Detection(quads, np.ones(len(boxes)), self.rotation, 1.0)


class Guessed:
    """An orientation that has nothing to say but what it is told to: the detector is right."""

    def __init__(self, rotation: int | None = None) -> None:
        self.rotation = rotation

    def page(self, image: NDArray[np.uint8], quads: NDArray[np.float64], guess: int, /) -> PageTurn:
        return PageTurn(guess if self.rotation is None else self.rotation, 1.0, 0.0)

    def begun(self, image: NDArray[np.uint8], quads: NDArray[np.float64], rotation: int, /) -> NDArray[np.float64]:
        return righted(quads, rotation)


class Grey:
    """A recogniser that writes a crop's middle grey value as two words, ``<value> 끝``."""

    def __init__(self, confidence: float = 0.875) -> None:
        self.confidence = confidence
        self.crops: list[tuple[int, ...]] = []

    def read(self, crops: Sequence[NDArray[np.uint8]], /) -> list[LineReading]:
        self.crops += [crop.shape for crop in crops]
        return [self._one(crop) for crop in crops]

    def _one(self, crop: NDArray[np.uint8]) -> LineReading:
        text = f"{crop[crop.shape[0] // 2, crop.shape[1] // 2]} 끝"
        if text.startswith("7 "):
            return LineReading((), 0.0)
        step = 1 / len(text)
        chars = [
            CharReading(char, self.confidence, i * step, (i + 1) * step, (("글", 0.25),)) for i, char in enumerate(text)
        ]
        return LineReading(tuple(chars), self.confidence)


def page(*boxes: tuple[int, int, int, int, int], size: tuple[int, int] = (400, 300)) -> NDArray[np.uint8]:
    grey = np.full((size[1], size[0]), 255, np.uint8)
    for x0, y0, x1, y1, value in boxes:
        grey[y0:y1, x0:x1] = value
    return np.repeat(grey[..., None], 3, 2)


TWO = page((50, 40, 250, 60, 10), (50, 72, 200, 92, 20))


def reader(options: ReaderOptions | None = None, **parts: object) -> Reader:
    tools = {"detector": Ink(), "recogniser": Grey(), "orientation": Guessed()}
    return Reader(options, **(tools | parts))  # type: ignore[arg-type]


def test_read_gives_lines_in_order_with_words_and_places() -> None:
    document = reader().read(TWO)
    (only,) = document.pages
    assert (only.width, only.height, only.number, only.rotation) == (400, 300, 1, 0)
    assert document.text == "10 끝\n20 끝"
    first = only.lines[0]
    assert first.confidence == 0.875
    assert [word.text for word in first.words] == ["10", "끝"]
    np.testing.assert_allclose(np.asarray(first.quad), geometry.from_boxes([[50, 40, 250, 60]])[0])
    char = first.words[0].chars[0]
    assert (char.text, char.confidence, char.alternatives[0].text) == ("1", 0.875, "글")


def test_character_quads_undo_the_margin_of_the_crop() -> None:
    recogniser = Grey()
    line = reader(recogniser=recogniser).read(TWO).pages[0].lines[0]
    # A line of 200 x 20 is cut with 15 % of its height more at both ends, and 8 % above and below.
    assert recogniser.crops[0] == (23, 204)
    last = line.words[-1].chars[-1]
    assert last.quad is not None
    (x0, y0), (x1, _), (_, y2), _ = last.quad
    assert (x0, x1) == pytest.approx((47 + 206 * 0.75, 253), abs=0.01)
    assert (y0, y2) == (40, 60)
    word = line.words[0].quad
    assert word is not None
    assert (word[0][0], word[1][0]) == pytest.approx((47, 47 + 206 * 0.5), abs=0.01)


def test_unsure_and_empty_lines_are_dropped() -> None:
    picture = page((50, 40, 250, 60, 7), (50, 72, 200, 92, 20))
    assert reader().read(picture).text == "20 끝"
    assert reader(ReaderOptions(min_confidence=0.9)).read(picture).pages[0].blocks == ()


@pytest.mark.parametrize("size", [(1, 1), (3, 50), (400, 300)])
def test_blank_pages_have_empty_text(size: tuple[int, int]) -> None:
    document = reader().read(page(size=size))
    assert (document.text, document.pages[0].width) == ("", size[0])


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_a_turned_page_is_read_upright(rotation: int) -> None:
    turned = np.ascontiguousarray(np.rot90(TWO, rotation // 90))  # the page lies turned back by ``rotation``
    for tool in (reader(detector=Ink(rotation)), reader(ReaderOptions(rotate=rotation))):  # type: ignore[arg-type]
        (only,) = tool.read(turned).pages
        assert (only.text, only.rotation) == ("10 끝\n20 끝", rotation)
        height, width = turned.shape[:2]
        quad = only.lines[0].quad
        assert quad is not None
        upright = geometry.transform(quad, geometry.turn_matrix(width, height, rotation))
        np.testing.assert_allclose(upright, geometry.from_boxes([[50, 40, 250, 60]])[0], atol=0.01)


@pytest.mark.parametrize("guess", [0, 180])
def test_the_page_is_turned_as_its_letters_say_whatever_the_detector_thinks(guess: int) -> None:
    turned = np.ascontiguousarray(TWO[::-1, ::-1])
    (only,) = reader(detector=Ink(rotation=guess), orientation=Guessed(180)).read(turned).pages
    assert (only.text, only.rotation) == ("10 끝\n20 끝", 180)
    # The one end of the first line that is its beginning on the turned page.
    assert only.lines[0].quad is not None
    assert only.lines[0].quad[0] == (350, 260)


def test_lines_that_start_at_the_wrong_end_are_turned_to_agree_with_the_page() -> None:
    quads = [line.quad for line in reader(detector=Ink(flip=True)).read(TWO).pages[0].lines]
    assert quads == [line.quad for line in reader().read(TWO).pages[0].lines]


class Dotted(Grey):
    """As `Grey`, and sure only of crops that begin with a white mark."""

    def _one(self, crop: NDArray[np.uint8]) -> LineReading:
        self.confidence = 0.98 if crop[crop.shape[0] // 2, crop.shape[0] // 3] > 128 else 0.4
        return super()._one(crop)


@pytest.mark.parametrize("rotate", ["auto", 0])
def test_a_page_that_reads_better_from_the_other_end_is_turned(rotate: Literal["auto", 0]) -> None:
    marked = TWO.copy()
    marked[:, 242:246] = 255
    marked[:, 192:196] = 255
    quads = geometry.from_boxes([[50, 40, 250, 60], [50, 72, 200, 92]])

    class Fixed:
        def detect(self, rgb: NDArray[np.uint8], /) -> Detection:
            return Detection(quads, np.ones(2), 0, 1.0)

    (only,) = (
        reader(ReaderOptions(rotate=rotate, min_confidence=0), detector=Fixed(), recogniser=Dotted()).read(marked).pages
    )
    if rotate == 0:
        assert (only.rotation, only.lines[0].quad) == (0, geometry.to_tuple(quads[0]))
    else:
        assert (only.rotation, only.text) == (180, "20 끝\n10 끝")
        assert only.lines[-1].quad == geometry.to_tuple(np.roll(quads[0], 2, axis=0))


def test_read_line_takes_the_whole_image() -> None:
    line = reader(detector=None).read_line(np.full((30, 120), 33, np.uint8))
    assert line.text == "33 끝"
    assert np.asarray(line.quad).tolist() == [[0, 0], [120, 0], [120, 30], [0, 30]]
    assert np.asarray(line.words[-1].chars[-1].quad).tolist() == [[90, 0], [120, 0], [120, 30], [90, 30]]


def test_iter_pages_is_lazy(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    frames = [Image.fromarray(page((50, 40, 250, 60, 10 * i))) for i in (1, 2, 3)]
    frames[0].save(path, save_all=True, append_images=frames[1:])
    content = bytearray(path.read_bytes())
    recogniser = Grey(confidence=0.95)
    pages = reader(ReaderOptions(pages="1,3"), recogniser=recogniser).iter_pages(bytes(content))
    assert next(pages).text == "10 끝"
    assert len(recogniser.crops) == 1
    assert [one.number for one in pages] == [3]


def test_another_detector_s_file_is_opened_once(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[object, object]] = []

    def open_file(path: object, threads: object) -> Ink:
        opened.append((path, threads))
        return Ink()

    monkeypatch.setattr("geulnun.runtime.detector.Detector", open_file)
    other = reader(ReaderOptions(threads=2), detector="points.onnx")
    assert [other.read(TWO).text, other.read(TWO).text] == ["10 끝\n20 끝"] * 2
    assert opened == [(Path("points.onnx"), 2)]


def test_one_reader_serves_many_threads_and_loads_once(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []

    def build(tool: object) -> object:
        def made(*_: object, **__: object) -> object:
            built.append(type(tool).__name__)
            return tool

        return made

    monkeypatch.setattr("geulnun.runtime.detector.Detector", build(Ink()))
    monkeypatch.setattr("geulnun.runtime.recogniser.Recogniser", build(Grey(0.95)))
    monkeypatch.setattr("geulnun.runtime.orientation.Orientation", build(Guessed()))
    shared = Reader()
    texts: list[str] = []
    threads = [threading.Thread(target=lambda: texts.append(shared.read(TWO).text)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert texts == ["10 끝\n20 끝"] * 8
    assert sorted(built) == ["Grey", "Guessed", "Ink"]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"dip": 300}, "unknown option 'dip'; did you mean 'dpi'"),
        ({"minconfidence": 1}, "did you mean 'min_confidence'"),
        ({"zzz": 1}, "unknown option 'zzz'; expected dpi, pages"),
        ({"min_confidence": 2}, "option 'min_confidence' is 2; should be less than or equal to 1"),
        ({"rotate": 45}, "option 'rotate' is 45"),
        ({"threads": 0}, "option 'threads' is 0"),
        ({"dpi": 1}, "dpi 1; expected 18 to 2400"),
    ],
)
def test_options_are_checked_where_they_are_made(values: dict[str, object], words: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        ReaderOptions(**values)  # type: ignore[arg-type]
    assert "\n" not in str(caught.value)
    with pytest.raises(PageRangeError, match="page range 'x'"):
        ReaderOptions(pages="x")


def test_errors_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "빈.png"
    path.touch()
    with pytest.raises(DamagedInputError, match=r"빈\.png: empty"):
        reader().read(path)


def test_importing_the_package_is_light() -> None:
    code = (
        "import sys, geulnun; assert not {'torch', 'onnxruntime', 'cv2', 'numpy'} & set(sys.modules), sys.modules;"
        "geulnun.Reader; assert not {'torch', 'onnxruntime'} & set(sys.modules)"
    )
    run([sys.executable, "-W", "error", "-c", code], check=True)
    with pytest.raises(AttributeError, match="has no attribute 'Readr'"):
        geulnun.Readr  # noqa: B018


class Columns(Grey):
    """A reader of columns: writes ``세로``, the first character on the upper half."""

    def _one(self, crop: NDArray[np.uint8]) -> LineReading:
        chars = tuple(CharReading(char, self.confidence, at / 2, at / 2 + 0.5) for at, char in enumerate("세로"))
        return LineReading(chars, self.confidence)


TALL = page((60, 40, 80, 240, 10), (30, 40, 50, 200, 20), size=(100, 300))


def test_a_page_whose_columns_read_better_standing_is_no_turned_page() -> None:
    columns = Columns(0.95)
    (only,) = reader(detector=Ink(rotation=270), recogniser=Grey(0.3), columns=columns).read(TALL).pages
    assert only.rotation == 0
    # From right to left, as columns go.
    assert [line.text for line in only.lines] == ["세로", "세로"]
    assert [line.vertical for line in only.lines] == [True, True]
    first = only.lines[0]
    assert first.quad is not None
    # The line starts at its upper right corner and first runs down; a character at its own upper left.
    assert first.quad[:2] == ((80, 40), (80, 240))
    quad = first.words[0].chars[0].quad
    assert quad is not None
    assert quad[0][0] == 60
    assert quad[2][0] == 80
    assert quad[0][1] < quad[2][1] < 145
    assert first.words[0].quad is not None
    assert first.words[0].quad[0][0] == 80
    # Columns are read as they stand.
    assert all(shape[0] > 4 * shape[1] for shape in columns.crops)


class Marked(Columns):
    """As `Columns`, and sure only of crops with a light mark in their upper part: those that stand on their feet."""

    def _one(self, crop: NDArray[np.uint8]) -> LineReading:
        upper = crop[crop.shape[0] // 10 : crop.shape[0] // 2, crop.shape[1] // 2]
        self.confidence = 0.95 if upper.max() > 128 else 0.3
        return super()._one(crop)


def test_columns_found_from_their_lower_end_are_read_from_the_upper() -> None:
    marked = TALL.copy()
    marked[90:94] = 255
    boxes = geometry.from_boxes([[60, 40, 80, 240], [30, 40, 50, 200]])

    class Upwards:
        def detect(self, rgb: NDArray[np.uint8], /) -> Detection:
            return Detection(np.roll(boxes, 1, axis=1), np.ones(2), 90, 1.0)

    # Lines are read as badly from either end, and a little better from the wrong one.
    (only,) = reader(detector=Upwards(), recogniser=Grey(0.5), columns=Marked()).read(marked).pages
    assert only.rotation == 0
    assert [line.text for line in only.lines] == ["세로", "세로"]
    assert only.lines[0].quad is not None
    assert only.lines[0].quad[:2] == ((80, 40), (80, 240))


def test_a_turned_page_stays_one_where_columns_read_no_better() -> None:
    (only,) = reader(detector=Ink(rotation=270), recogniser=Grey(0.9), columns=Columns(0.95)).read(TALL).pages
    assert only.rotation == 270
    assert not any(line.vertical for line in only.lines)


def test_columns_are_not_looked_for_on_pages_that_read_well() -> None:
    columns = Columns(0.95)
    assert reader(recogniser=Grey(0.95), columns=columns).read(TWO).text == "10 끝\n20 끝"
    assert columns.crops == []


def test_columns_are_left_alone_when_told_so() -> None:
    options = ReaderOptions(columns="never", min_confidence=0)
    (only,) = reader(options, detector=Ink(rotation=270), recogniser=Grey(0.1), columns=Columns(0.95)).read(TALL).pages
    assert only.rotation == 270


@pytest.mark.parametrize(("confidence", "text", "vertical"), [(0.95, "세로", True), (0.1, "0 끝", False)])
def test_a_tall_image_of_one_line_may_be_a_column(confidence: float, text: str, vertical: bool) -> None:
    image = np.zeros((200, 40, 3), np.uint8)
    line = reader(columns=Columns(confidence)).read_line(image)
    assert line.text == text
    assert line.vertical is vertical
