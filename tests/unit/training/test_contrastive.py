"""SeqCLR: the loss by value, which columns make an instance, views that keep their order, runs that go on."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from geulnun import recipe
from geulnun.charset import PLAIN
from geulnun.errors import InputError, MissingInputError, ModelError, RecipeError
from geulnun.spec import LineSpec
from geulnun.training import contrastive, networks, weights
from geulnun.training.contrastive import all_to_instance, frames_to_instances, nt_xent, windows_to_instances
from geulnun.training.options import LineTraining
from geulnun.training.pretrain import Pretraining, build, pretrain
from geulnun.training.unlabelled import PairMix, Pairs, open_images
from geulnun.training.unlabelled_options import CONTRASTIVE, STRONG, WEAK, ImageChoice, ViewChoice
from geulnun.training.views import Placement, placement, view

MakeSet = Callable[..., Path]
RECIPES = Path(__file__).resolve().parents[3] / "recipes"


def test_the_loss_of_two_pairs_by_hand() -> None:
    # Both views say (1, 0) and (0, 1): each instance has cosine 1 to its partner and 0 to the two others.
    views = torch.eye(2)
    assert float(nt_xent(views, views, 1.0)) == pytest.approx(-math.log(math.e / (math.e + 2)))
    assert float(nt_xent(views, views, 0.5)) == pytest.approx(-math.log(math.e**2 / (math.e**2 + 2)))
    # Lengths say nothing.
    assert float(nt_xent(views * 7, views * 0.1, 1.0)) == pytest.approx(-math.log(math.e / (math.e + 2)))
    # Partners swapped: 0 to the partner, 1 to one of the others, 0 to the third.
    assert float(nt_xent(views, views.flip(0), 1.0)) == pytest.approx(-math.log(1 / (math.e + 2)))
    assert contrastive.found(views, views) == 1
    assert contrastive.found(views, views.flip(0)) == 0


def test_the_loss_is_that_of_its_formula() -> None:
    first, second = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(1)).double()
    both = [row / row.norm() for row in (*first, *second)]
    terms = []
    for at, row in enumerate(both):
        others = [math.exp(float(row @ other) / 0.3) for index, other in enumerate(both) if index != at]
        terms.append(-math.log(math.exp(float(row @ both[(at + 5) % 10]) / 0.3) / sum(others)))
    assert float(nt_xent(first, second, 0.3)) == pytest.approx(sum(terms) / 10, rel=1e-5)


def test_windows_are_those_of_adaptive_pooling() -> None:
    columns = torch.arange(24.0).reshape(2, 12, 1) ** 2
    filled = torch.tensor([12, 7])
    pooled = windows_to_instances(filled, 12, 5) @ columns
    for row, length in enumerate(filled.tolist()):
        expected = torch.nn.functional.adaptive_avg_pool1d(columns[row, :length].T, 5).T
        assert torch.allclose(pooled[row], expected)
    # Fewer columns than windows: some are in several, none beyond the line's end in any.
    few = windows_to_instances(torch.tensor([2]), 4, 3)[0]
    assert few.tolist() == [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 1, 0, 0]]


def test_a_line_may_be_one_instance_or_as_many_as_it_has_columns() -> None:
    filled = torch.tensor([2, 3])
    assert all_to_instance(filled, 3).tolist() == [[[0.5, 0.5, 0]], [[pytest.approx(1 / 3)] * 3]]
    frames = frames_to_instances(filled, 3)
    assert frames[0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]
    assert (frames.sum(-1) > 0).tolist() == [[True, True, False], [True, True, True]]


def test_instances_are_chosen_from_those_of_both_views() -> None:
    both = torch.tensor([[True, False], [True, True]])
    assert contrastive.chosen(both, 9).tolist() == [0, 2, 3]
    some = contrastive.chosen(both, 2).tolist()
    assert len(set(some)) == 2
    assert set(some) <= {0, 2, 3}


def test_a_projection_in_context_knows_nothing_of_what_is_beyond_the_end() -> None:
    projection = contrastive.InContext(3, 4).eval()
    line = torch.randn(1, 6, 3)
    other = line.clone()
    other[:, 4:] = 9
    filled = torch.tensor([4])
    assert torch.allclose(projection(line, filled)[:, :4], projection(other, filled)[:, :4])
    assert not torch.allclose(projection(line, torch.tensor([6])), projection(other, torch.tensor([6])))


def test_a_placement_by_hand() -> None:
    still = Placement(5, 9)
    assert np.array_equal(still.matrix, [[1, 0, 0], [0, 1, 0]])
    # The top third is cut off: what stood there is gone, and the rest is half as high again.
    cut = Placement(5, 9, above=3)
    assert cut.matrix[1] @ [0, 2.5, 1] == pytest.approx(-0.5)
    assert cut.matrix[1] @ [0, 8.5, 1] == pytest.approx(8.5)
    assert cut.columns(np.arange(5.0)).tolist() == [0, 1, 2, 3, 4]
    sheared = Placement(5, 9, shear=2)
    assert [sheared.matrix[0] @ [2, y, 1] for y in (0, 4, 8)] == pytest.approx([4, 2, 0])
    sloped = Placement(5, 9, slope=1)
    assert [sloped.matrix[1] @ [x, 4, 1] for x in (0, 2, 4)] == pytest.approx([3, 4, 5])
    assert Placement(5, 9, shift=1.5, stretch=2).columns(np.array([0.0, 2, 4])) == pytest.approx([-0.5, 3.5, 7.5])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 1 << 30), width=st.integers(2, 300), name=st.sampled_from(["weak", "strong", "contrastive"]))
def test_views_keep_columns_in_their_order(seed: int, width: int, name: str) -> None:
    choice = {"weak": WEAK, "strong": STRONG, "contrastive": CONTRASTIVE}[name]
    placed = placement(width, 40, np.random.default_rng(seed), choice)
    before = np.arange(width, dtype=np.float64)
    after = placed.columns(before)
    assert (np.diff(after) > 0).all()
    reach = choice.shift * 40 + (math.exp(choice.stretch) - 1) * width / 2
    assert np.abs(after - before).max() <= reach + 1e-6
    if name == "contrastive":
        # A network's step of four columns: what is compared stands in the same one or the next.
        assert np.abs(after - before).max() < 4


def test_a_view_shows_a_line_where_its_placement_says() -> None:
    image = np.full((40, 120), 255, np.uint8)
    image[:, 30:33] = 0
    spec = LineSpec()
    choice = ViewChoice(crop=0.2, shift=0.4, stretch=0.2)
    for seed in range(8):
        seen, placed = view(image, np.random.default_rng(seed), choice, spec)
        assert seen.shape == (40, 120)
        darkness = 255.0 - seen.mean(0)
        centre = float((darkness * np.arange(120)).sum() / darkness.sum())
        assert centre == pytest.approx(float(placed.columns(np.array([31.0]))[0]), abs=0.6)
    assert len({view(image, np.random.default_rng(seed), choice, spec)[0].tobytes() for seed in range(8)}) == 8


def test_a_view_of_nothing_is_the_line_itself() -> None:
    image = np.random.default_rng(1).integers(0, 256, (40, 90), np.uint8)
    seen, _ = view(image, np.random.default_rng(2), ViewChoice(), LineSpec())
    assert np.array_equal(seen, image)
    coloured = np.repeat(image[..., None], 3, 2)
    assert view(coloured, np.random.default_rng(2), STRONG, LineSpec(channels=3))[0].shape[2] == 3
    assert view(coloured, np.random.default_rng(2), STRONG, LineSpec())[0].ndim == 2
    first, again = (view(image, np.random.default_rng(5), STRONG, LineSpec())[0] for _ in range(2))
    assert np.array_equal(first, again)


@pytest.mark.parametrize(("name", "value"), [("crop", 0.5), ("shift", -0.1), ("worn", 1.1)])
def test_impossible_views_are_refused(name: str, value: float) -> None:
    given: dict[str, Any] = {name: value}
    with pytest.raises(RecipeError, match=f"{name} of a view is {value}; expected 0 to"):
        ViewChoice(**given)


def mix(folder: Path, **changes: Any) -> PairMix:
    made = PairMix((ImageChoice(folder),), LineSpec(height=32), WEAK, CONTRASTIVE, batch=4, group=3)
    return replace(made, **changes)


def test_batches_follow_from_their_step(make_set: MakeSet) -> None:
    folder = make_set("a", 20)
    whole = [next(batches) for batches in [iter(Pairs(mix(folder), 0, 0))] for _ in range(7)]
    again = next(iter(Pairs(mix(folder), 5, 0)))
    assert np.array_equal(again.first.inputs, whole[5].first.inputs)
    assert np.array_equal(again.second.inputs, whole[5].second.inputs)
    assert not np.array_equal(whole[5].first.inputs, whole[5].second.inputs)
    # Of five chunks' lines none comes twice before all have come, on one device as on two.
    seen = [next(iter(Pairs(mix(folder, rank=rank, world=2, group=1), 0, 0))) for rank in (0, 1)]
    assert [len(one.first.inputs) for one in seen] == [2, 2]


def test_images_of_a_folder_need_no_labels(make_set: MakeSet, tmp_path: Path) -> None:
    folder = make_set("a", 5)
    (folder / "labels.csv").unlink()
    lines = open_images(ImageChoice(folder))
    assert lines.size == 5
    line = lines.line(3, 1)
    assert line is not None
    assert line.text == ""
    with pytest.raises(MissingInputError, match="no such folder of line images"):
        open_images(ImageChoice(tmp_path / "nowhere"))
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError):
        open_images(ImageChoice(tmp_path / "empty"))


def test_labels_of_a_drawn_set_stay_where_they_are(
    test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))
    file = tmp_path / "lines.yaml"
    file.write_text(f"kind: lines\nsplit: held-out\nfonts: {{folder: {test_font.parent}}}\n", "utf-8")
    line = open_images(ImageChoice(file)).line(0, 1)
    assert line is not None
    assert line.text == ""
    file.write_text("kind: pages\n", "utf-8")
    with pytest.raises(RecipeError, match="it draws pages; expected a recipe of lines or words"):
        open_images(ImageChoice(file))


def run(folder: Path, **changes: Any) -> Pretraining:
    made = Pretraining(
        data=(ImageChoice(folder),), width=0.12, size=8, batch=4, steps=6, rise=1, decay=3, rate=1e-2, workers=0,
        threads=1, precision="fp32",
    )  # fmt: skip
    return replace(made, **changes)


def test_a_run_that_is_stopped_goes_on_as_if_it_were_not(make_set: MakeSet, tmp_path: Path) -> None:
    # The rate falls after the last step only, so a shorter run is the beginning of a longer one.
    options, said = run(make_set("a", 12), decay=1), list[str]()
    whole = pretrain(options, tmp_path / "whole", log=said.append, device="cpu")
    half = pretrain(replace(options, steps=3), tmp_path / "parts", log=said.append, device="cpu")
    between = torch.load(half, weights_only=True)["average"]
    torch.manual_seed(99)
    parts = pretrain(options, tmp_path / "parts", log=said.append, device="cpu")
    one, other = (torch.load(path, weights_only=True)["average"] for path in (whole, parts))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert any(not torch.equal(one[name], between[name]) for name in one)
    assert "other views: " in said[-1]


def test_a_run_learns_to_tell_lines_apart_and_its_encoder_begins_a_recogniser(
    make_set: MakeSet, tmp_path: Path
) -> None:
    options = run(make_set("a", 12), steps=24, batch=6, rate=3e-3, projection="none", windows=2, average=0.5)
    said = list[str]()
    encoder = pretrain(options, tmp_path, log=said.append, device="cpu")
    share = float(said[-1].split("other views: ")[1].split(" %")[0])
    # 6 lines of 2 windows in 2 views: by chance 1 of 23 is right.
    assert share > 20
    begun = weights.read(encoder)
    assert {name.split(".")[0] for name in begun.state} == {"feature", "sequence"}
    net, spec = networks.build(LineTraining(width=0.12), PLAIN)
    weights.begin(net, spec.classes, begun, strict=True, new_head=True)
    for name, value in net.state_dict().items():
        assert name.startswith("prediction.") or torch.equal(value, begun.state[name])


@pytest.mark.parametrize(
    ("net", "width", "changes"),
    [
        ("dense", 0.12, {"stage": "feature", "instances": "frame", "projection": "none"}),
        ("crnn", 0.06, {"instances": "all", "projection": "mlp"}),
        ("tps-vgg-none-ctc", 0.06, {"windows": 3}),
        ("svtr-jamo", 0.12, {"instances": "frame", "most": 5}),
    ],
)
def test_any_network_gives_instances(
    make_set: MakeSet, tmp_path: Path, net: str, width: float, changes: dict[str, Any]
) -> None:
    options = run(make_set("a", 6), net=net, width=width, steps=1, **changes)
    encoder = pretrain(options, tmp_path, log=lambda line: None, device="cpu")
    state = torch.load(encoder, weights_only=True)["average"]
    parts = {name.split(".")[0] for name in state}
    assert "feature" in parts
    assert parts <= {"transformation", "feature", *(["sequence"] if options.stage == "sequence" else [])}


def test_what_cannot_be_is_refused(make_set: MakeSet, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="data is empty"):
        Pretraining(data=())
    for changes in ({"batch": 1}, {"temperature": 0}, {"average": 1}):
        with pytest.raises(RecipeError, match=f"{next(iter(changes))} is "):
            run(tmp_path, **changes)
    options = run(make_set("a", 6), steps=1)
    pretrain(options, tmp_path, log=lambda line: None, device="cpu")
    with pytest.raises(ModelError, match="of another run than the recipe's"):
        pretrain(replace(options, width=0.25), tmp_path, log=lambda line: None, device="cpu")


def test_the_shipped_recipe_is_valid() -> None:
    path = RECIPES / "lines" / "seqclr.yaml"
    options = recipe.load(path, Pretraining).beneath(path.parent)
    net, spec = build(replace(options, width=0.12))
    assert isinstance(net, contrastive.Contrast)
    assert spec.decoding == "ctc"
    assert "geulnun train encoder recipes/lines/seqclr.yaml" in path.read_text("utf-8")
