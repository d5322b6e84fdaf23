"""The recogniser in PyTorch, in ONNX and in integers: the same numbers, whole, in batches and in pieces."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from geulnun.charset import PLAIN  # noqa: E402
from geulnun.export.lines import line_model  # noqa: E402
from geulnun.export.onnx import write  # noqa: E402
from geulnun.export.quantise import quantise  # noqa: E402
from geulnun.image import ops  # noqa: E402
from geulnun.nets.recognition.line import LineNet, dense  # noqa: E402
from geulnun.runtime import recogniser as runtime  # noqa: E402
from geulnun.spec import LineSpec  # noqa: E402


@pytest.fixture(scope="module")
def net() -> LineNet:
    """An untrained network whose normalisation has seen some numbers."""
    torch.manual_seed(3)
    made = dense(PLAIN).train()
    with torch.no_grad():
        for _ in range(3):
            made(torch.randn(2, 1, ops.LINE_HEIGHT, 96))
    return made.eval()


@pytest.fixture(scope="module")
def onnx_file(net: LineNet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("onnx") / "net.onnx"
    write(line_model(net, LineSpec(classes=PLAIN)), file)
    return file


def lines(*widths: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (ops.LINE_HEIGHT, width)).astype(np.float32) for width in widths]


def logits(reader: runtime.Recogniser, lines: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    return [raw.logits for raw, _ in reader.logits(lines)]


def test_onnx_equals_torch(net: LineNet, onnx_file: Path) -> None:
    batch = ops.line_batch(lines(200, 256))
    with torch.no_grad():
        wanted = net(torch.from_numpy(batch)).numpy()
    found = np.stack([raw.logits for raw in runtime.Recogniser(onnx_file)._run(batch)])
    assert found.shape == (2, 64, PLAIN.width)
    assert np.abs(found - wanted).max() < 1e-3


def test_a_line_reads_alike_alone_and_in_a_batch(onnx_file: Path) -> None:
    reader = runtime.Recogniser(onnx_file)
    both = lines(224, 256)
    together = logits(reader, both)
    # The shorter line's last steps see padding of another width; all others nothing of it.
    assert np.abs(together[1] - logits(reader, both[1:])[0]).max() < 1e-3
    assert np.abs(together[0][:-24] - logits(reader, both[:1])[0][:-24]).max() < 1e-3


def test_a_long_line_in_pieces_equals_the_whole(onnx_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = runtime.Recogniser(onnx_file)
    (line,) = lines(1408)
    whole = logits(reader, [line])[0]
    monkeypatch.setattr(runtime, "PIECE", 512)
    pieces = logits(reader, [line])[0]
    assert pieces.shape == whole.shape == (352, PLAIN.width)
    assert np.abs(pieces - whole).max() < 1e-3


def test_integers_follow_the_floats(net: LineNet, onnx_file: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.onnx"
    write(
        quantise(line_model(net, LineSpec(classes=PLAIN)), [ops.line_batch([line]) for line in lines(320, 320, 320)]),
        small,
    )
    assert small.stat().st_size < onnx_file.stat().st_size / 3
    (line,) = lines(320)
    wanted, found = (logits(runtime.Recogniser(file), [line])[0] for file in (onnx_file, small))
    assert np.corrcoef(wanted.ravel(), found.ravel())[0, 1] > 0.99


def test_another_charset_is_refused(net: LineNet, tmp_path: Path) -> None:
    from geulnun.charset import Charset
    from geulnun.errors import ModelError

    file = tmp_path / "other.onnx"
    write(line_model(dense(Charset((" ", "a"))), LineSpec(classes=PLAIN)), file)
    with pytest.raises(ModelError, match="the character set needs 523"):
        runtime.Recogniser(file)
