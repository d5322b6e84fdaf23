"""The exported detector draws what the PyTorch network draws."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnxruntime = pytest.importorskip("onnxruntime")

from geulnun.export.detector import detector_model  # noqa: E402
from geulnun.export.onnx import write  # noqa: E402
from geulnun.nets.detection.network import line_network  # noqa: E402
from geulnun.runtime.detector import Detector  # noqa: E402


@pytest.mark.parametrize("size", [(64, 96), (32, 32), (160, 64)])
def test_torch_and_onnx_runtime_agree_on_any_size(tmp_path: Path, size: tuple[int, int]) -> None:
    torch.manual_seed(3)
    net = line_network().eval()
    # Weights are stored in half precision: let the network have such weights, so that the rest must agree exactly.
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(parameter.half().float())
    path = tmp_path / "detector.onnx"
    write(detector_model(net), path)
    page = np.random.default_rng(1).integers(0, 256, (*size, 3), np.uint8)
    with torch.inference_mode():
        wanted = net(torch.from_numpy(page).permute(2, 0, 1)[None].float() / 255)[0].numpy()
    drawn = Detector(path, threads=1)._forward(page)
    assert drawn.shape == wanted.shape == (8, size[0] // 4, size[1] // 4)
    # Batch norms folded into convolutions round again when halved.
    assert np.abs(drawn - wanted).max() < 0.01 * np.abs(wanted).max()
    assert path.stat().st_size < 2_000_000
