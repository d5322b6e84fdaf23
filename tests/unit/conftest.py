"""A recogniser of characters that needs no training: it compares with how a font draws them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun import hangul
from geulnun.charset import HANGUL, Charset, Classes, FlatCharset
from geulnun.image import ops
from geulnun.spec import CHARACTER_KEY, CharacterSpec

Glyph = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]
SIZE = 32


@pytest.fixture(scope="session")
def glyph(test_font: Path) -> Glyph:
    """Draws a character: ``glyph("가", size=60, paper=255, ink=0)``, grey uint8."""

    def draw(char: str, size: int = 60, paper: int = 255, ink: int = 0) -> NDArray[np.uint8]:
        sheet = Image.new("L", (size, size), paper)
        font = ImageFont.truetype(str(test_font), round(size * 0.7))
        ImageDraw.Draw(sheet).text((size / 2, size / 2), char, ink, font, "mm")
        return np.asarray(sheet)

    return draw


@pytest.fixture
def matcher(glyph: Glyph, tmp_path: Path) -> Matcher:
    """Writes a recogniser of ``chars``: ``matcher("가나다", jamo=True, reject=0.2)``; the nearest template wins.

    Its input is averaged to an eighth of its side in each direction, which is its feature map (N, 1, 4, 4).
    """
    onnx = pytest.importorskip("onnx")

    def make(chars: str, *, jamo: bool = False, sharpness: float = 40.0, **options: Any) -> Path:
        classes: Classes
        classes = Charset(tuple(c for c in chars if not hangul.is_syllable(c))) if jamo else FlatCharset(tuple(chars))
        spec = CharacterSpec(SIZE, classes=classes, **options)
        templates = []
        for char in chars:
            ink = ops.character_input(glyph(char), spec)
            assert ink is not None
            templates.append(ink.reshape(4, 8, 4, 8).mean((1, 3)).ravel())
        flat = np.stack(templates)
        first = sharpness * 2 * flat.T, -sharpness * (flat**2).sum(1)
        second = _laid_out(chars, classes)
        return _write(onnx, tmp_path / f"matcher-{'jamo' if jamo else 'flat'}.onnx", spec, first, second)

    return make


def _laid_out(chars: str, classes: Classes) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """What turns the probability of each template into logits of the head's layout."""
    weight = np.zeros((len(chars), classes.width), np.float32)
    for at, char in enumerate(chars):
        if isinstance(classes, FlatCharset):
            weight[at, 1 + at] = 12.0
            continue
        assert isinstance(classes, Charset)
        if not hangul.is_syllable(char):
            weight[at, classes.encode(char)] = 12.0
            continue
        cho, jung, jong = hangul.split(char)
        start = classes.gate_size
        places = (HANGUL, start + cho, start + hangul.N_CHO + jung, start + hangul.N_CHO + hangul.N_JUNG + jong)
        weight[at, places] = 12.0
    return weight, np.zeros(classes.width, np.float32)


def _write(onnx: Any, path: Path, spec: CharacterSpec, *layers: tuple[Any, Any]) -> Path:
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    nodes = [
        helper.make_node("AveragePool", ["characters"], ["features"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Flatten", ["features"], ["flat"]),
        helper.make_node("Gemm", ["flat", "w0", "b0"], ["near"]),
        helper.make_node("Softmax", ["near"], ["chances"]),
        helper.make_node("Gemm", ["chances", "w1", "b1"], ["logits"]),
    ]
    tensors = [
        onnx.numpy_helper.from_array(np.asarray(array, np.float32), f"{name}{at}")
        for at, layer in enumerate(layers)
        for name, array in zip("wb", layer, strict=True)
    ]
    given = helper.make_tensor_value_info("characters", kind, ["count", 1, spec.size, spec.size])
    made = helper.make_tensor_value_info("logits", kind, ["count", spec.classes.width])
    graph = helper.make_graph(nodes, "matcher", [given], [made], tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    model.metadata_props.add(key=CHARACTER_KEY, value=spec.to_json())
    path.write_bytes(model.SerializeToString())
    return path
