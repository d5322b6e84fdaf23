"""Every line recogniser in PyTorch and in ONNX: the same logits, for several lines at once and for other widths."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from geulnun.charset import Charset, Classes, FlatCharset  # noqa: E402
from geulnun.decode.options import DecodeOptions  # noqa: E402
from geulnun.decode.steps import Steps, steps_of  # noqa: E402
from geulnun.errors import UsageError  # noqa: E402
from geulnun.export.lines import export_lines, line_model  # noqa: E402
from geulnun.image import ops  # noqa: E402
from geulnun.nets.recognition.builders import BUILDERS  # noqa: E402
from geulnun.runtime.recogniser import Recogniser  # noqa: E402
from geulnun.runtime.session import open_session  # noqa: E402
from geulnun.spec import KEY, LineSpec  # noqa: E402

FLAT = FlatCharset(tuple("가나다라마바사"))
JAMO = Charset((" ", "a", "."), ("韓", "國"))
FACTOR, MOST = 0.125, 3


def made(name: str, classes: Classes) -> tuple[nn.Module, LineSpec]:
    """A small network whose normalisation has seen some numbers, and whose outputs are not all alike."""
    torch.manual_seed(3)
    preset = BUILDERS[name]
    net, spec = preset.build(classes, FACTOR, MOST), preset.line_spec(classes)
    net.train()
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None  # the statistics are those of the pass below, not a tenth of them
            nn.init.uniform_(module.weight, 0.5, 1.5)
    with torch.no_grad():
        net(lines(spec, 2, 96))
    return net.eval(), spec


def lines(spec: LineSpec, count: int, width: int) -> Tensor:
    rng = np.random.default_rng(0)
    # As smooth as scans are: in white noise a shift of a thousandth of a pixel shows.
    wide, high = spec.width or width, spec.height
    shape = (count, spec.channels, high, wide)
    noise = rng.uniform(-1, 1, (count * spec.channels, high // 4, wide // 4)).astype(np.float32)
    smooth = np.stack([cv2.resize(one, (wide, high), interpolation=cv2.INTER_LINEAR) for one in noise]).reshape(shape)
    light = np.linspace(0.3, 1, count).reshape(-1, 1, 1, 1)  # lines that differ as a whole, too
    inputs: Tensor = torch.from_numpy((light * smooth).astype(np.float32))
    return inputs


def greedy_ids(steps: Steps, spec: LineSpec) -> list[int]:
    best: list[int] = steps.best()[0].tolist()
    if spec.decoding == "ctc":
        return [at for at, _ in itertools.groupby(best)]
    return best[: best.index(0)] if 0 in best else best


def run(file: Path, inputs: Tensor) -> np.ndarray:
    found = open_session(file, 1).run(["logits"], {"lines": inputs.numpy()})[0]
    return np.asarray(found)


@pytest.mark.parametrize("name", sorted(set(BUILDERS) - {"crnn", "grcnn", "aster"}))
def test_onnx_equals_torch(name: str, tmp_path: Path) -> None:
    # The heads take turns; decoders that feed on what they wrote are tried with the factored one below.
    net, spec = made(name, JAMO if name.endswith(("ctc", "jamo")) else FLAT)
    file = export_lines(net, spec, tmp_path / "net.onnx")
    for inputs in [lines(spec, 3, 96)] if spec.width else [lines(spec, 3, 96), lines(spec, 1, 132)]:
        with torch.no_grad():
            wanted = net(inputs).numpy()
        found = run(file, inputs)
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() < 1e-3
        assert wanted.std(0).max() > 3e-3 or len(wanted) == 1  # or a file that mixes lines up would pass
    # And the file is enough to read with: what it writes is what the decoder makes of PyTorch's logits.
    crop = np.random.default_rng(1).integers(0, 256, (30, 120, 3), np.uint8)  # no padding
    with torch.no_grad():
        logits = net(torch.from_numpy(ops.line_batch([ops.line_input(crop, spec)], spec=spec)))[0].numpy()
    ids = greedy_ids(steps_of(logits, spec.classes), spec)
    assert Recogniser(file, 1, DecodeOptions(decoder="greedy")).read([crop])[0].text == " ".join(
        spec.classes.decode(ids).split()
    )


def test_attention_with_the_factored_head_equals_torch(tmp_path: Path) -> None:
    net, spec = made("none-vgg-none-attn", JAMO)
    inputs = lines(spec, 3, 0)
    with torch.no_grad():
        wanted = net(inputs).numpy()
    assert np.abs(run(export_lines(net, spec, tmp_path / "net.onnx"), inputs) - wanted).max() < 1e-3


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    net, spec = made("none-vgg-none-ctc", FLAT)
    said = replace(spec, temperature=1.5)
    model = line_model(net, said)
    assert LineSpec.from_json({entry.key: entry.value for entry in model.metadata_props}[KEY], "net.onnx") == said


@pytest.mark.parametrize("name", ["none-vgg-bilstm-ctc", "tps-vgg-none-attn", "kakao-tobe", "svtr-jamo"])
@pytest.mark.parametrize(("precision", "least"), [("float16", 0.9999), ("int8", 0.97)])
def test_fewer_bits_say_nearly_the_same(name: str, precision: str, least: float, tmp_path: Path) -> None:
    net, spec = made(name, FLAT)
    inputs = lines(spec, 2, 96)
    plain = export_lines(net, spec, tmp_path / "plain.onnx")
    small = export_lines(net, spec, tmp_path / "small.onnx", precision, [inputs.numpy()] * 2)
    metadata = open_session(small, 1).get_modelmeta().custom_metadata_map
    assert LineSpec.from_json(metadata[KEY], "small.onnx") == spec
    assert np.corrcoef(run(plain, inputs).ravel(), run(small, inputs).ravel())[0, 1] > least


def test_unknown_precisions_and_integers_without_lines_are_refused(tmp_path: Path) -> None:
    net, spec = made("none-vgg-none-ctc", FLAT)
    for precision in ("int4", "int8"):
        with pytest.raises(UsageError, match=precision):
            export_lines(net, spec, tmp_path / "net.onnx", precision)
    assert not list(tmp_path.iterdir())
