"""Where a network looks: held against what is computed by hand and by automatic differentiation."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from geulnun.charset import Charset, FlatCharset  # noqa: E402
from geulnun.errors import ModelError, UsageError  # noqa: E402
from geulnun.export.explain import Explainer  # noqa: E402
from geulnun.export.onnx import trace, write  # noqa: E402
from geulnun.runtime.characters import JamoOf  # noqa: E402

SIDE, CLASSES = 16, 5


class Toy(nn.Module):
    """Convolutions, a pooled or flat link, a head."""

    def __init__(self, head: nn.Module, pooled: bool) -> None:
        super().__init__()
        self.feature = nn.Sequential(nn.Conv2d(1, 6, 3, 2, 1), nn.ReLU(), nn.Conv2d(6, 8, 3, 2, 1), nn.ReLU())
        self.head, self.pooled = head, pooled

    def answer(self, features: Any) -> Any:
        return self.head(features.mean((2, 3)) if self.pooled else features.flatten(1))

    def forward(self, x: Any) -> Any:
        return self.answer(self.feature(x))


def saved(net: nn.Module, path: Path) -> Path:
    axes = {"characters": {0: "count"}, "logits": {0: "count"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        write(trace(net, torch.zeros(1, 1, SIDE, SIDE), "characters", "logits", axes), path)
    return path


@pytest.fixture
def ink() -> NDArray[np.float32]:
    return np.random.default_rng(1).random((SIDE, SIDE)).astype(np.float32)


def test_cam_is_that_of_a_pooled_linear_head(tmp_path: Path, ink: NDArray[np.float32]) -> None:
    torch.manual_seed(1)
    linear = nn.Linear(8, CLASSES)
    net = Toy(linear, pooled=True).eval()
    explainer = Explainer(saved(net, tmp_path / "net.onnx"), 1)
    assert explainer.shape == (8, 4, 4)
    found = explainer.maps(ink, np.eye(CLASSES, dtype=bool))
    with torch.inference_mode():
        feature = net.feature(torch.from_numpy(ink)[None, None])[0]
        wanted = torch.einsum("kc,chw->khw", linear.weight, feature) / 16
    assert found == pytest.approx(wanted.numpy(), abs=1e-5)


def test_grad_cam_is_that_of_automatic_differentiation(tmp_path: Path, ink: NDArray[np.float32]) -> None:
    torch.manual_seed(2)
    head = nn.Sequential(nn.Linear(128, 12), nn.Tanh(), nn.Linear(12, CLASSES))
    net = Toy(head, pooled=False).eval()
    targets = np.array([[1, 0, 0, 0, 0], [0, 1, 1, 0, 1]], bool)
    found = Explainer(saved(net, tmp_path / "net.onnx"), 1).maps(ink, targets, "grad-cam")
    feature = net.feature(torch.from_numpy(ink)[None, None]).detach().requires_grad_()
    for target, one in zip(targets, found, strict=True):
        score = net.answer(feature)[0, torch.from_numpy(target)].logsumexp(0)
        (slope,) = torch.autograd.grad(score, feature)
        wanted = (slope.mean((2, 3), keepdim=True) * feature).sum(1)[0].relu().detach().numpy()
        assert one == pytest.approx(wanted, abs=2e-3 * max(1e-3, float(wanted.max())))


def test_a_head_that_asks_the_input_again_has_no_map(tmp_path: Path) -> None:
    class Again(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.feature, self.head = nn.Conv2d(1, 2, 3, 2, 1), nn.Linear(3, CLASSES)

        def forward(self, x: Any) -> Any:
            return self.head(torch.cat([self.feature(x).mean((2, 3)), x.mean((2, 3))], 1))

    with pytest.raises(ModelError, match="no feature map"):
        Explainer(saved(Again().eval(), tmp_path / "net.onnx"))


def test_the_matchers_map_is_found(matcher: Callable[..., Path], ink: NDArray[np.float32]) -> None:
    explainer = Explainer(matcher("가각나"), 1)
    assert (explainer.tensor, explainer.shape) == ("features", (1, 4, 4))
    with pytest.raises(UsageError, match="method is 'cma'"):
        explainer.maps(np.zeros((32, 32), np.float32), np.ones((1, 4), bool), "cma")  # type: ignore[arg-type]


def test_files_that_are_no_network_are_told(tmp_path: Path) -> None:
    (tmp_path / "no.onnx").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"no\.onnx: not a network"):
        Explainer(tmp_path / "no.onnx")


def test_targets_are_the_outputs_of_a_characters_jamo() -> None:
    factored = JamoOf(Charset(("a", "b"), ("一",)))
    found = factored.targets("각")
    assert {place: np.flatnonzero(mask).tolist() for place, mask in found.items()} == {
        "cho": [5], "jung": [5 + 19], "jong": [5 + 19 + 21 + 1]
    }  # fmt: skip
    assert np.flatnonzero(factored.targets("b")["character"]).tolist() == [3]
    assert np.flatnonzero(factored.targets("一")["character"]).tolist() == [5 + 19 + 21 + 28]
    flat = JamoOf(FlatCharset(("가", "각", "나", "a")))
    assert np.flatnonzero(flat.targets("각")["cho"]).tolist() == [1, 2]
    assert np.flatnonzero(flat.targets("각")["jong"]).tolist() == [2]
    assert np.flatnonzero(flat.targets("a")["character"]).tolist() == [4]
    with pytest.raises(KeyError):
        flat.targets("b")
