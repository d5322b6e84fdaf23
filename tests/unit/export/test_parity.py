"""PyTorch and ONNX Runtime on the same lines: alike for one network, and told apart for two."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from geulnun.charset import FlatCharset  # noqa: E402
from geulnun.decode.options import DecodeOptions  # noqa: E402
from geulnun.export.lines import export_lines  # noqa: E402
from geulnun.export.parity import parity  # noqa: E402
from geulnun.nets.recognition.builders import BUILDERS  # noqa: E402
from geulnun.runtime.recogniser import Recogniser  # noqa: E402

GREEDY = DecodeOptions(decoder="greedy")


def test_onnx_is_held_against_torch(tmp_path: Path) -> None:
    torch.manual_seed(1)
    classes, preset = FlatCharset(tuple("가나다라")), BUILDERS["none-vgg-none-ctc"]
    net, other = (preset.build(classes, 0.1).eval() for _ in range(2))
    reader = Recogniser(export_lines(net, preset.line_spec(classes), tmp_path / "net.onnx"), 1, GREEDY)
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (40, width)).astype(np.uint8) for width in (90, 200, 333)]
    same = parity(net, reader, images)
    assert (same.lines, same.same) == (3, 3)
    assert same.apart < 1e-3
    assert parity(other, reader, images).apart > 1e-2
