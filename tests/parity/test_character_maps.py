"""Maps of characters from exported files: every network and head has a feature map, and what it says is PyTorch's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from geulnun.charset import Charset, Classes, FlatCharset  # noqa: E402
from geulnun.export.characters import export_characters  # noqa: E402
from geulnun.export.explain import Explainer  # noqa: E402
from geulnun.nets.character.builders import BUILDERS  # noqa: E402
from geulnun.spec import CharacterSpec  # noqa: E402

SIDE, FACTOR = 48, 0.125
FLAT, FACTORED = FlatCharset(tuple("가각나다라")), Charset(("A", "7"))


@pytest.fixture
def ink() -> NDArray[np.float32]:
    return np.random.default_rng(1).random((SIDE, SIDE)).astype(np.float32)


@pytest.mark.parametrize(
    ("name", "link", "head"),
    [
        ("dense", "gap", "split"), ("dense", "flatten", "split"), ("efficient", "gap", "whole"),
        ("dense", None, "refine"), ("dense", None, "denseran"),
    ],
)  # fmt: skip
def test_slopes_are_those_of_pytorch(
    name: str, link: str | None, head: str, ink: NDArray[np.float32], tmp_path: Path
) -> None:
    torch.manual_seed(3)
    classes: Classes = FLAT if head == "whole" else FACTORED
    net = BUILDERS[name].build(classes, SIDE, FACTOR, link, head).eval()
    explainer = Explainer(export_characters(net, CharacterSpec(SIDE, classes=classes), tmp_path / "net.onnx"), 1)
    targets = np.eye(classes.width, dtype=bool)[1:4]
    found = explainer.maps(ink, targets, "grad-cam")
    feature = net.features(torch.from_numpy(ink)[None, None]).detach().requires_grad_()
    assert explainer.shape[1:] == tuple(feature.shape[2:])
    scores = net.answer(feature)[0, -1]
    for at, one in zip((1, 2, 3), found, strict=True):
        (slope,) = torch.autograd.grad(scores[at], feature, retain_graph=True)
        wanted = (slope.mean((2, 3), keepdim=True) * feature).sum(1)[0].relu().detach().numpy()
        assert one == pytest.approx(wanted, abs=0.02 * max(float(wanted.max()), 1e-3))


def test_cam_adds_up_to_the_logits_of_a_pooled_head(ink: NDArray[np.float32], tmp_path: Path) -> None:
    torch.manual_seed(4)
    net = BUILDERS["melnyk"].build(FACTORED, SIDE, FACTOR, "gwap", "split").eval()
    explainer = Explainer(export_characters(net, CharacterSpec(SIDE, classes=FACTORED), tmp_path / "net.onnx"), 1)
    found = explainer.maps(ink, np.eye(FACTORED.width, dtype=bool)).sum((1, 2))
    with torch.inference_mode():
        feature = net.features(torch.from_numpy(ink)[None, None])
        whole, nothing = net.answer(feature)[0, -1], net.answer(torch.zeros_like(feature))[0, -1]
    assert found == pytest.approx((whole - nothing).numpy(), abs=1e-4)
