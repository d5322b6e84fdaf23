"""Exported detectors of words and characters draw what the PyTorch networks draw, and say what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnxruntime")

import onnxruntime
import torch
from numpy.typing import NDArray
from torch import nn

from geulnun.decode import point_maps, regions
from geulnun.errors import UsageError
from geulnun.export.detection import PRECISIONS, export_detection
from geulnun.nets.detection.builders import BUILDERS
from geulnun.spec import DETECTOR_KEY, DetectorKind, DetectorSpec

SPECS: dict[DetectorKind, tuple[DetectorSpec, int]] = {
    "regions": (DetectorSpec("regions", regions.STRIDE), regions.CHANNELS),
    "points": (DetectorSpec("points", point_maps.STRIDE, short_side=800), point_maps.CHANNELS),
}


def network(kind: DetectorKind) -> nn.Module:
    """A network whose short cuts add something, as those of a trained one do."""
    torch.manual_seed(3)
    net = BUILDERS[kind]()
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.weight.uniform_(0.5, 1.0)
                module.bias.uniform_(-0.1, 0.1)
        net(torch.rand(2, 3, 96, 96))
    return net.eval()


def pages(count: int, height: int = 96, width: int = 128) -> list[NDArray[np.uint8]]:
    """Blocks of any tone."""
    rng = np.random.default_rng(1)
    small = [rng.integers(0, 256, (height // 8, width // 8, 3), np.uint8) for _ in range(count)]
    return [one.repeat(8, 0).repeat(8, 1) for one in small]


def drawn(path: Path, page: NDArray[np.uint8]) -> NDArray[np.float32]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    (maps,) = session.run(["maps"], {"page": page})
    return np.asarray(maps)


@pytest.mark.parametrize("kind", SPECS)
@pytest.mark.parametrize(("precision", "off"), [("float32", 1e-4), ("float16", 0.01)])
def test_torch_and_onnx_runtime_agree_on_any_size(
    tmp_path: Path, kind: DetectorKind, precision: str, off: float
) -> None:
    net, (spec, channels) = network(kind), SPECS[kind]
    path = export_detection(net, spec, tmp_path / "detector.onnx", precision)
    for page in (*pages(1), *pages(1, 32, 32), *pages(1, 64, 160)):
        with torch.inference_mode():
            wanted = net(torch.from_numpy(page).permute(2, 0, 1)[None].float() / 255)[0].numpy()
        found = drawn(path, page)
        assert found.shape == wanted.shape == (channels, page.shape[0] // spec.stride, page.shape[1] // spec.stride)
        assert np.abs(found - wanted).max() < off * np.abs(wanted).max()


@pytest.mark.parametrize("kind", SPECS)
def test_integers_are_near_and_half_of_the_half_in_size(tmp_path: Path, kind: DetectorKind) -> None:
    net, (spec, _) = network(kind), SPECS[kind]
    path = export_detection(net, spec, tmp_path / "detector.onnx", "int8", pages(4))
    page = pages(1)[0]
    with torch.inference_mode():
        wanted = net(torch.from_numpy(page).permute(2, 0, 1)[None].float() / 255)[0].numpy()
    found = drawn(path, page)
    for one, other in zip(wanted, found, strict=True):
        assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 0.97
    half = export_detection(net, spec, tmp_path / "half.onnx", "float16").stat().st_size
    assert path.stat().st_size < 0.65 * half
    assert half < 8_000_000


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_file_says_what_it_is(tmp_path: Path, precision: str) -> None:
    spec = SPECS["points"][0]
    path = export_detection(network("points"), spec, tmp_path / "detector.onnx", precision, pages(1))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    assert DetectorSpec.of_metadata(metadata, "it") == spec
    assert metadata[DETECTOR_KEY] == spec.to_json()


def test_what_cannot_be_exported_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected one of float32, float16, int8"):
        export_detection(nn.Identity(), DetectorSpec(), tmp_path / "a.onnx", "int4")
    with pytest.raises(UsageError, match="takes its ranges from pages"):
        export_detection(nn.Identity(), DetectorSpec(), tmp_path / "a.onnx", "int8")
