"""The detector's training: what it is shown, how it is scored, and that a killed run goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from geulnun import geometry  # noqa: E402
from geulnun.decode import heatmap  # noqa: E402
from geulnun.errors import RecipeError  # noqa: E402
from geulnun.nets.detection.network import line_network  # noqa: E402
from geulnun.runtime.detector import Detection  # noqa: E402
from geulnun.synth import fonts  # noqa: E402
from geulnun.synth.fonts import Face, Family  # noqa: E402
from geulnun.training import crops  # noqa: E402
from geulnun.training.crops import CropOptions, Crops, HeldOut, cut  # noqa: E402
from geulnun.training.detector import DetectorRecipe, judge, losses, train  # noqa: E402


@pytest.fixture
def one_font(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    monkeypatch.setattr(fonts, "faces", lambda split: (face,))


def test_the_network_draws_eight_maps_at_a_quarter() -> None:
    net = line_network()
    assert net(torch.zeros(1, 3, 96, 64)).shape == (1, heatmap.CHANNELS, 24, 16)
    assert sum(part.numel() for part in net.parameters()) < 1_000_000


def test_the_loss_is_least_for_the_true_maps() -> None:
    quads = geometry.from_boxes([[20, 20, 200, 50], [20, 100, 120, 116]])
    maps, weights = heatmap.encode(quads, 160, 256)
    truth, weight = torch.from_numpy(maps)[None], torch.from_numpy(weights)[None]
    perfect = truth.clone()
    perfect[:, [0, 7]] = perfect[:, [0, 7]] * 20 - 10
    best = losses(perfect, truth, weight)
    assert sum(float(part) for part in best.values()) < 0.05
    for channel, part in enumerate(["core", "height", "offset", "ends", "ends", "axis", "axis", "reads"]):
        worse = perfect.clone()
        worse[:, channel] = 0.5 - worse[:, channel]
        assert losses(worse, truth, weight)[part] > best[part] + 0.02, part


def test_cells_of_weight_nought_do_not_count() -> None:
    maps, weights = heatmap.encode(geometry.from_boxes([[20, 20, 200, 24], [20, 100, 200, 130]]), 160, 256)
    truth, weight = torch.from_numpy(maps)[None], torch.from_numpy(weights)[None]
    drawn = torch.zeros_like(truth)
    other = torch.where(weight[:, None] == 0, 9.0, drawn)
    assert (weight == 0).any()
    for first, second in zip(losses(drawn, truth, weight).values(), losses(other, truth, weight).values(), strict=True):
        assert torch.equal(first, second)


@pytest.mark.parametrize("size", [(100, 80), (600, 500)])
def test_a_window_moves_its_quads_with_it(size: tuple[int, int]) -> None:
    height, width = size
    page = np.full((height, width, 3), 255, np.uint8)
    page[40:60, 30:70] = 0
    quads = geometry.from_boxes([[30, 40, 70, 60]])
    for seed in range(10):
        window, moved = cut(page, quads, 256, 320, np.random.default_rng(seed))
        assert window.shape == (256, 320, 3)
        x0, y0, x1, y1 = geometry.to_boxes(moved)[0].astype(int)
        seen = window[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)]
        assert seen.size
        assert not seen.any()


@pytest.mark.usefixtures("one_font")
def test_a_batch_is_decided_by_its_number() -> None:
    options = CropOptions(size=(64, 128), em=(8, 9))
    first, second = (Crops(options, None, 2, seed=4, first=7) for _ in range(2))
    for one, other in zip(next(iter(first)), next(iter(second)), strict=True):
        assert torch.equal(one, other)
    assert not torch.equal(next(iter(Crops(options, None, 2, seed=4, first=8))).maps, next(iter(first)).maps)


def test_a_perfect_detector_scores_one_and_a_blind_one_nought() -> None:
    quads = geometry.from_boxes([[10, 10, 90, 30], [10, 50, 90, 70]])
    page = HeldOut("form", np.zeros((100, 100, 3), np.uint8), quads, 90)
    empty = page._replace(kind="sparse", quads=np.zeros((0, 4, 2)), rotation=0)
    perfect = judge([page, empty], lambda rgb: Detection(quads, np.ones(2), 90, 1.0))
    assert (perfect.kinds["form"], perfect.kinds["sparse"], perfect.rotation) == (1.0, 0.0, 1.0)
    assert perfect.f1 == pytest.approx(2 / 3)
    blind = judge([page, empty], lambda rgb: Detection(np.zeros((0, 4, 2)), np.zeros(0), 0, 0.0))
    assert (blind.f1, blind.kinds["sparse"], blind.rotation) == (0.0, 1.0, 0.0)


@pytest.mark.usefixtures("one_font")
def test_a_run_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crops, "KINDS", ("sparse",))
    look = CropOptions(size=(64, 64), em=(8, 9), mix={"sparse": 1.0})
    lines: list[str] = []
    for steps in (2, 3):
        recipe = DetectorRecipe(steps=steps, batch=1, workers=0, crops=look, validation_pages=1)
        train(recipe, tmp_path, device="cpu", log=lines.append)
    state = torch.load(tmp_path / "last.pt", weights_only=True)
    assert state["progress"]["steps"] == 3
    assert [line.split()[0] for line in lines if "F1" in line] == ["2", "3"]
    assert not (tmp_path / "last.tmp").exists()


@pytest.mark.parametrize("values", [{"batch": 0}, {"steps": 0}])
def test_impossible_recipes_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(RecipeError, match="expected"):
        DetectorRecipe(**values)  # type: ignore[arg-type]  # the point of the test


def test_crops_must_fit_the_network() -> None:
    with pytest.raises(RecipeError, match="multiples of 32"):
        CropOptions(size=(100, 64))
