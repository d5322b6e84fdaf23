"""The exported orientation network tells what the PyTorch network tells."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

from geulnun.decode import posture  # noqa: E402
from geulnun.export.onnx import write  # noqa: E402
from geulnun.export.orientation import orientation_model  # noqa: E402
from geulnun.image import posture as images  # noqa: E402
from geulnun.nets.orientation import orientation_network  # noqa: E402
from geulnun.runtime.orientation import Orientation  # noqa: E402


def test_torch_and_onnx_runtime_agree(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = orientation_network().eval()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_(parameter.half().float())
    path = tmp_path / "orientation.onnx"
    write(orientation_model(net), path)
    assert path.stat().st_size < 1_000_000
    rng = np.random.default_rng(1)
    crops = [rng.integers(0, 256, (int(high), int(wide)), np.uint8) for high, wide in ((20, 90), (48, 30), (32, 900))]
    found = Orientation(path, threads=1).postures(crops)
    for crop, row in zip(crops, found, strict=True):
        # All in one batch there: as wide as the widest.
        whole = images.posture_batch([images.posture_input(one) for one in crops])
        at = next(at for at, one in enumerate(crops) if one is crop)
        with torch.inference_mode():
            wanted = posture.probabilities(net(torch.from_numpy(whole[at : at + 1])).numpy())
        np.testing.assert_allclose(row, wanted[0], atol=2e-3)
