"""Every recogniser of characters in PyTorch and in ONNX: the same logits, alone and in batches, in any precision."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch")

import onnx  # noqa: E402
from torch import Tensor, nn  # noqa: E402

from geulnun.charset import Charset, Classes, FlatCharset  # noqa: E402
from geulnun.errors import UsageError  # noqa: E402
from geulnun.export.characters import PRECISIONS, export_characters  # noqa: E402
from geulnun.nets.character.builders import BUILDERS  # noqa: E402
from geulnun.nets.character.network import CharacterNet  # noqa: E402
from geulnun.nets.compression import LowRank, expanded  # noqa: E402
from geulnun.runtime.session import open_session  # noqa: E402
from geulnun.spec import CHARACTER_KEY, CharacterSpec  # noqa: E402

FLAT = FlatCharset(tuple("가나다라마바사"))
JAMO = Charset(("a", "1"), ("韓", "國"))


def inked(count: int, size: int = 64) -> Tensor:
    """Smooth blots, all different."""
    noise = np.random.default_rng(0).uniform(0, 1, (count, size // 8, size // 8)).astype(np.float32)
    smooth = np.stack([cv2.resize(one, (size, size), interpolation=cv2.INTER_CUBIC) for one in noise]).clip(0, 1)
    inputs: Tensor = torch.from_numpy(smooth.astype(np.float32))[:, None]
    return inputs


def settled(net: CharacterNet, size: int = 64) -> CharacterNet:
    """The network, its normalisation having seen some numbers, its outputs not all alike."""
    net.train()
    for module in net.modules():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.momentum = None
            nn.init.uniform_(module.weight, 0.5, 1.5)
    with torch.no_grad():
        net(inked(4, size))
    return net.eval()


def made(
    name: str, classes: Classes, head: str | None = None, link: str | None = None, direct: bool = False
) -> CharacterNet:
    torch.manual_seed(3)
    return settled(BUILDERS[name].build(classes, 64, 0.125, link, head, direct, steps=3))


def logits(net: nn.Module, inputs: Tensor) -> np.ndarray:
    with torch.no_grad():
        return np.asarray(net(inputs).numpy())


def run(file: Path, inputs: Tensor) -> np.ndarray:
    found = open_session(file, 1).run(["logits"], {"characters": inputs.numpy()})[0]
    return np.asarray(found)


def agree(net: CharacterNet, classes: Classes, file: Path) -> None:
    export_characters(net, CharacterSpec(classes=classes), file)
    inputs = inked(3)
    wanted = logits(net, inputs)
    found = run(file, inputs)
    assert found.shape == (3, classes.width)
    assert np.abs(found - wanted).max() < 1e-3
    assert np.abs(run(file, inputs[1:2]) - wanted[1:2]).max() < 1e-3
    assert wanted.std(0).max() > 3e-3  # or a file that mixes characters up would pass


@pytest.mark.parametrize("name", list(BUILDERS))
def test_every_network(name: str, tmp_path: Path) -> None:
    agree(made(name, JAMO), JAMO, tmp_path / "net.onnx")


@pytest.mark.parametrize("link", ["flatten", "gap", "gwoap"])
def test_every_link(link: str, tmp_path: Path) -> None:
    agree(made("dense", FLAT, link=link), FLAT, tmp_path / "net.onnx")


@pytest.mark.parametrize(("head", "classes"), [("refine", JAMO), ("refine", FLAT), ("denseran", JAMO)])
def test_heads_that_look_again(head: str, classes: Classes, tmp_path: Path) -> None:
    agree(made("dense", classes, head), classes, tmp_path / "net.onnx")


def test_direction_maps_and_halved_convolutions(tmp_path: Path) -> None:
    net = made("melnyk", JAMO, direct=True)
    expanded(net.feature, 0.5)
    assert any(isinstance(module, LowRank) for module in net.modules())
    agree(net, JAMO, tmp_path / "net.onnx")


def test_a_file_says_what_it_is(tmp_path: Path) -> None:
    spec = CharacterSpec(classes=JAMO, temperature=1.5, reject=0.25)
    for precision in PRECISIONS:
        file = export_characters(made("dense", JAMO), spec, tmp_path / "net.onnx", precision, [inked(2).numpy()])
        metadata = {entry.key: entry.value for entry in onnx.load(str(file)).metadata_props}
        assert CharacterSpec.of_metadata(metadata, "net.onnx") == spec
        assert list(metadata).count(CHARACTER_KEY) == 1


#: How much smaller than float32, and how much alike, each must be.
WANTED = {"float16": (0.6, 0.99999), "int8": (0.45, 0.98), "packed": (0.45, 0.998)}


@pytest.mark.parametrize(
    ("name", "precision"),
    [
        *(("dense", each) for each in WANTED),
        ("efficient", "int8"),
        # Not mobilenet-v3-small: its depthwise layers and gates lose too much in one scale a tensor (docs/guides).
        ("densenet", "int8"),
    ],
)
def test_small_files_follow_large_ones(name: str, precision: str, tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = settled(BUILDERS[name].build(FLAT, 64, 0.5))
    spec = CharacterSpec(classes=FLAT)
    large = export_characters(net, spec, tmp_path / "large.onnx")
    small = export_characters(net, spec, tmp_path / "small.onnx", precision, [inked(8).numpy()])
    share, alike = WANTED[precision]
    assert small.stat().st_size < large.stat().st_size * share
    inputs = inked(8)
    assert np.corrcoef(logits(net, inputs).ravel(), run(small, inputs).ravel())[0, 1] > alike


def test_dropped_weights_take_a_bit_each(tmp_path: Path) -> None:
    torch.manual_seed(3)
    net = settled(BUILDERS["dense"].build(FLAT, 64, 0.5))
    spec = CharacterSpec(classes=FLAT)
    whole = export_characters(net, spec, tmp_path / "whole.onnx", "packed").stat().st_size
    count = 0
    with torch.no_grad():
        for module in net.feature.modules():
            if isinstance(module, nn.Conv2d) and module.weight.numel() >= 1024:
                weight = module.weight
                weight[weight.abs() < weight.abs().flatten().kthvalue(int(0.9 * weight.numel())).values] = 0
                count += weight.numel()
    file = export_characters(net, spec, tmp_path / "pruned.onnx", "packed")
    # 8 bits a weight before; a bit and 8 bits for each tenth weight after.
    saved = whole - file.stat().st_size
    assert saved == pytest.approx(count * (8 - 1 - 0.8) / 8, rel=0.05)
    # Rounding to 8 bits of each row's largest is all that changes.
    scale = logits(net, inked(4))
    assert np.abs(run(file, inked(4)) - scale).max() < 0.03 * np.abs(scale).max()


def test_what_cannot_be_stored_so_is_refused(tmp_path: Path) -> None:
    net = made("kana", FLAT)
    with pytest.raises(UsageError, match="int4"):
        export_characters(net, CharacterSpec(classes=FLAT), tmp_path / "net.onnx", "int4")
    with pytest.raises(UsageError, match="there are none"):
        export_characters(net, CharacterSpec(classes=FLAT), tmp_path / "net.onnx", "int8")
    assert list(tmp_path.iterdir()) == []
