"""A head with ideographs: the file that keeps them apart reads what the whole network reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from geulnun.charset import Charset  # noqa: E402
from geulnun.decode.steps import steps_of  # noqa: E402
from geulnun.export.ideographs import LEAST  # noqa: E402
from geulnun.export.lines import export_lines  # noqa: E402
from geulnun.image import ops  # noqa: E402
from geulnun.nets.recognition.line import LineNet, dense  # noqa: E402
from geulnun.runtime import recogniser as runtime  # noqa: E402
from geulnun.spec import LineSpec  # noqa: E402

MIXED = Charset((" ", "a"), tuple(chr(0x4E00 + at) for at in range(300)))


@pytest.fixture(scope="module")
def net() -> LineNet:
    torch.manual_seed(0)
    made = dense(MIXED, 0.25)
    made.train()
    with torch.no_grad():
        for _ in range(4):
            made(torch.randn(2, 1, ops.LINE_HEIGHT, 96))
        # A gate that lets ideographs in at half of the steps.
        head = made.eval().prediction
        assert isinstance(head, torch.nn.Conv2d)
        assert head.bias is not None
        head.weight[MIXED.ideograph] *= 200
        gate = made(torch.from_numpy(ops.line_batch(lines(224, 256))))[..., : MIXED.gate_size]
        others = torch.cat([gate[..., : MIXED.ideograph], gate[..., MIXED.ideograph + 1 :]], -1).logsumexp(-1)
        head.bias[MIXED.ideograph] -= (gate[..., MIXED.ideograph] - others).median() - np.log(LEAST)
    return made


def lines(*widths: int) -> list[NDArray[np.float32]]:
    rng = np.random.default_rng(0)
    return [rng.uniform(-1, 1, (ops.LINE_HEIGHT, width)).astype(np.float32) for width in widths]


def test_the_file_reads_what_the_network_reads(net: LineNet, tmp_path: Path) -> None:
    file = export_lines(net, LineSpec(classes=MIXED, temperature=1.3), tmp_path / "mixed.onnx")
    both = lines(224, 256)
    with torch.no_grad():
        wanted = net(torch.from_numpy(ops.line_batch(both))).numpy()
    found = runtime.Recogniser(file).logits(both)
    for (raw, _), row, line in zip(found, wanted, both, strict=True):
        steps = line.shape[1] // 4
        assert raw.rare is not None
        assert 0 < len(raw.rare.steps) < steps
        assert np.abs(raw.logits - row[:steps, : MIXED.core]).max() < 1e-3
        assert np.abs(raw.rare.logits - row[raw.rare.steps, MIXED.core :]).max() < 1e-3
        apart = steps_of(raw.logits, MIXED, 1.3, raw.rare).best()
        whole = steps_of(row[:steps], MIXED, 1.3).best()
        assert (apart[0] == whole[0]).all()
        assert apart[1] == pytest.approx(whole[1], rel=1e-3)


def test_long_lines_keep_their_ideographs_in_place(
    net: LineNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = runtime.Recogniser(export_lines(net, LineSpec(classes=MIXED), tmp_path / "mixed.onnx"))
    (line,) = lines(1408)
    ((whole, _),) = reader.logits([line])
    monkeypatch.setattr(runtime, "PIECE", 512)
    ((pieces, _),) = reader.logits([line])
    assert whole.rare is not None
    assert pieces.rare is not None
    assert pieces.rare.steps.tolist() == whole.rare.steps.tolist()
    assert np.abs(pieces.rare.logits - whole.rare.logits).max() < 1e-3
