"""Detectors of words and characters on pages of any size, with networks that see black bars as words."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun import geometry
from geulnun.decode import points, regions
from geulnun.decode.shapes import Shapes
from geulnun.errors import ModelError
from geulnun.geometry import Floats
from geulnun.runtime.detector import Detector, DetectorOptions, Maps, Pixels, detect, vote
from geulnun.spec import DETECTOR_KEY, DetectorKind, DetectorSpec

SPECS = [DetectorSpec("regions", 2, short_side=832), DetectorSpec("points", 4, short_side=832)]


class Bars:
    """Draws the maps of black bars on white, words of square characters, and remembers how it was called."""

    def __init__(self, kind: DetectorKind) -> None:
        self.shapes: list[tuple[int, ...]] = []
        self.kind = kind

    def __call__(self, page: Pixels) -> Maps:
        assert page.shape[0] % 32 == page.shape[1] % 32 == 0
        self.shapes.append(page.shape)
        shapes, height, width = bars(page), *page.shape[:2]
        if self.kind == "regions":
            return regions.encode(shapes, height, width)[0]
        return points.perfect(points.encode(shapes, height, width)[0])


def bars(page: Pixels) -> Shapes:
    """The black bars of a page as words, cut into characters as wide as high."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((page[..., 0] < 128).astype(np.uint8))
    words: list[list[float]] = []
    chars: list[list[float]] = []
    owners: list[int] = []
    for x, y, w, h, _ in stats[1:].tolist():
        ends = np.linspace(x, x + w, max(1, round(w / h)) + 1)
        chars += [[a, y, b, y + h] for a, b in pairwise(ends.tolist())]
        owners += [len(words)] * (len(ends) - 1)
        words.append([x, y, x + w, y + h])
    return Shapes.of(geometry.from_boxes(words), geometry.from_boxes(chars), owners)


def page_with(boxes: list[list[int]], height: int, width: int) -> Pixels:
    page = np.full((height, width, 3), 255, np.uint8)
    for x0, y0, x1, y1 in boxes:
        page[y0:y1, x0:x1] = 0
    return page


def least_overlap(boxes: list[list[int]], found: Floats) -> float:
    return float(geometry.iou(geometry.from_boxes(boxes), found).max(1).min())


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_words_characters_and_lines_are_in_pixels_of_the_page_as_given(spec: DetectorSpec) -> None:
    boxes = [[300, 300, 800, 400], [840, 300, 1640, 400], [300, 3300, 1200, 3400]]
    network = Bars(spec.kind)
    found = detect(page_with(boxes, 3508, 2480), network, spec)
    assert least_overlap(boxes, found.shapes.words) > 0.85
    assert np.bincount(found.shapes.word_of).tolist() == [5, 8, 9]
    assert least_overlap([[300, 300, 1640, 400], boxes[2]], found.quads) > 0.9
    assert len(found.quads) == 2
    assert (found.rotation, found.rotation_confidence) == (0, 1.0)
    assert min(network.shapes[0][:2]) == spec.short_side


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_small_text_is_looked_at_again_with_more_pixels(spec: DetectorSpec) -> None:
    boxes = [[x, y, x + 132, y + 22] for y in range(100, 3000, 90) for x in (100, 280, 800)]
    network = Bars(spec.kind)
    found = detect(page_with(boxes, 3200, 2400), network, spec)
    assert len(network.shapes) > 1
    assert network.shapes[1][1] > 1.3 * network.shapes[0][1]
    assert len(found.shapes.words) == len(boxes)
    assert least_overlap(boxes, found.shapes.words) > 0.7


@pytest.mark.parametrize("tall", [True, False])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_long_pages_lose_and_double_nothing(spec: DetectorSpec, tall: bool) -> None:
    boxes = [[100, at, 280, at + 30] if tall else [at, 100, at + 60, 130] for at in range(50, 19_900, 150)]
    network = Bars(spec.kind)
    found = detect(page_with(boxes, *((20_000, 800) if tall else (800, 20_000))), network, spec)
    assert len(network.shapes) > 5
    assert max(max(shape) for shape in network.shapes) <= 2048 + 256
    assert len(found.shapes.words) == len(found.quads) == len(boxes)
    assert least_overlap(boxes, found.shapes.words) > 0.8


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 20_000), (0, 5)])
@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_odd_sizes_are_blank_pages(spec: DetectorSpec, shape: tuple[int, int]) -> None:
    found = detect(np.full((*shape, 3), 255, np.uint8), Bars(spec.kind), spec)
    assert len(found.quads) == 0
    assert len(found.shapes.words) == 0


def test_the_page_is_shrunk_to_what_the_file_says_unless_told_otherwise() -> None:
    for options, wanted in ((DetectorOptions(), 640), (DetectorOptions(short_side=480), 480)):
        network = Bars("points")
        detect(page_with([], 3000, 2400), network, DetectorSpec("points", 4, 32, 640), options)
        assert min(network.shapes[0][:2]) == wanted


def test_a_second_look_respects_the_pixel_limit() -> None:
    boxes = [[100, y, 1500, y + 12] for y in range(100, 3000, 60)]
    bars = Bars("points")
    detect(page_with(boxes, 3200, 2400), bars, SPECS[1], DetectorOptions(most_pixels=1_500_000))
    assert max(shape[0] * shape[1] for shape in bars.shapes) < 1_600_000


@pytest.mark.parametrize("page", [np.zeros((5, 5), np.uint8), np.zeros((5, 5, 4), np.uint8), np.zeros((5, 5, 3))])
def test_other_arrays_are_refused(page: Pixels) -> None:
    with pytest.raises(ValueError, match="expected"):
        detect(page, Bars("regions"), SPECS[0])


@pytest.mark.parametrize(("turn", "wanted"), [(0, 0), (90, 270), (180, 180), (270, 90)])
def test_the_vote_undoes_the_turn(turn: int, wanted: int) -> None:
    quads = geometry.from_boxes([[10, 10, 200, 30], [10, 50, 150, 70]])
    turned = geometry.transform(quads, geometry.turn_matrix(300, 400, turn))
    assert vote(turned, np.ones(2)) == (wanted, 1.0)


@pytest.mark.parametrize("options", [{"short_side": 8}, {"strip": 1000}, {"overlap": 2048}, {"overlap": 0}])
def test_options_out_of_range_are_refused(options: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="expected"):
        DetectorOptions(**options)  # type: ignore[arg-type]


def test_long_lines_outvote_short_ones() -> None:
    quads = geometry.from_boxes([[10, 10, 400, 30], *[[10, 50 + 40 * i, 30, 70 + 40 * i] for i in range(4)]])
    quads[1:] = np.roll(quads[1:], 2, axis=1)
    rotation, confidence = vote(quads, np.ones(5))
    assert rotation == 0
    assert 0.5 < confidence < 1


Network = Callable[..., Path]


@pytest.fixture
def network(tmp_path: Path) -> Network:
    """Writes a network whose ``channels`` maps are the page's mean, with a spec or without."""
    onnx = pytest.importorskip("onnx")
    helper, kinds = onnx.helper, onnx.TensorProto

    def make(channels: int, spec: str | None, stride: int = 4, output: str = "maps") -> Path:
        nodes = [
            helper.make_node("Cast", ["page"], ["float"], to=kinds.FLOAT),
            helper.make_node("Transpose", ["float"], ["planes"], perm=[2, 0, 1]),
            helper.make_node("Unsqueeze", ["planes", "first"], ["batch"]),
            helper.make_node("AveragePool", ["batch"], ["small"], kernel_shape=[stride] * 2, strides=[stride] * 2),
            helper.make_node("Conv", ["small", "weight"], ["drawn"]),
            helper.make_node("Squeeze", ["drawn", "first"], [output]),
        ]
        weight = np.full((channels, 3, 1, 1), -1e-3, np.float32)
        tensors = [onnx.numpy_helper.from_array(weight, "weight")]
        tensors.append(onnx.numpy_helper.from_array(np.zeros(1, np.int64), "first"))
        given = helper.make_tensor_value_info("page", kinds.UINT8, ["h", "w", 3])
        made = helper.make_tensor_value_info(output, kinds.FLOAT, [channels, "rows", "columns"])
        graph = helper.make_graph(nodes, "bars", [given], [made], tensors)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        if spec is not None:
            model.metadata_props.add(key=DETECTOR_KEY, value=spec)
        path = tmp_path / "other.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    return make


@pytest.mark.parametrize(("spec", "channels"), [(SPECS[0], 2), (SPECS[1], 22)])
def test_a_file_says_of_itself_what_it_is(network: Network, spec: DetectorSpec, channels: int) -> None:
    detector = Detector(network(channels, spec.to_json(), spec.stride), threads=1)
    assert detector.spec == spec
    found = detector.detect(np.full((50, 70, 3), 255, np.uint8))
    assert len(found.quads) == len(found.shapes.words) == 0


@pytest.mark.parametrize(
    ("channels", "spec", "output", "message"),
    [
        (8, SPECS[1].to_json(), "maps", "8 maps, expected the 22 of a detector of points"),
        (8, '{"kind": "magic"}', "maps", "does not say what detector"),
        (8, None, "maps", "no detector of this version"),
        (8, SPECS[1].to_json(), "logits", "not a detector: takes page and gives logits"),
    ],
)
def test_other_files_are_refused(network: Network, channels: int, spec: str | None, output: str, message: str) -> None:
    with pytest.raises(ModelError, match=rf"^other\.onnx: .*{message}"):
        Detector(network(channels, spec, output=output), threads=1)


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.kind)
def test_a_page_that_bends_is_laid_flat(spec: DetectorSpec) -> None:
    boxes = []
    for row in range(12):
        # Unlike cells, words of text do not stand below one another.
        for x in range(40 + 14 * (row % 3), 740, 42):
            y = round(60 + 40 * row + 30 * np.exp(-x / 250))
            boxes.append([x, y, x + 33, y + 20])
    page = page_with(boxes, 700, 800)
    found = detect(page, Bars(spec.kind), spec)
    assert found.flat is not None
    assert len(found.quads) == len(found.flat.quads) == 12
    # On the page as it is, a line's quad lies around its words, and those of the flat page are hardly higher than one.
    assert geometry.sizes(found.quads)[1].min() > 26
    assert geometry.sizes(found.flat.quads)[1].max() < 24
    as_it_is = detect(page, Bars(spec.kind), spec, DetectorOptions(bends=False))
    assert as_it_is.flat is None
    assert detect(page_with([box for box in boxes if box[1] < 140], 700, 800), Bars(spec.kind), spec).flat is None
