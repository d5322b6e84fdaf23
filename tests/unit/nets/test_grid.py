"""The grid of 24: published sizes, the spline, the decoders' contract."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from geulnun.charset import Charset, Classes, FlatCharset  # noqa: E402
from geulnun.errors import RecipeError  # noqa: E402
from geulnun.nets.recognition.builders import BUILDERS, parameters  # noqa: E402
from geulnun.nets.recognition.grid import NAMES, GridOptions, grid  # noqa: E402
from geulnun.nets.recognition.prediction import AttentionDecoder  # noqa: E402
from geulnun.nets.recognition.transformation import (  # noqa: E402
    Localisation,
    ThinPlateSpline,
    level_points,
    pixel_centres,
    spline_basis,
)

FLAT = FlatCharset(tuple("가나다라마"))
JAMO = Charset((" ", "a"), ("韓", "國"))
SMALL = GridOptions(width=64, channels=32, hidden=16, localisation=16, most=3)

#: Millions of parameters with 972 characters, as published for Korean sentences.
PUBLISHED = {
    "none-rcnn-none-ctc": 2.35,
    "tps-rcnn-none-ctc": 4.05,
    "tps-vgg-none-attn": 9.46,
    "tps-resnet-bilstm-attn": 50.75,
    "tps-vgg-bilstm-attn": 12.04,
    "none-vgg-none-ctc": 6.04,
    "none-vgg-bilstm-ctc": 8.69,
    "tps-vgg-bilstm-ctc": 10.38,
    "tps-rcnn-bilstm-ctc": 6.69,
}


@pytest.mark.parametrize(("name", "millions"), PUBLISHED.items())
def test_sizes_are_the_published_ones(name: str, millions: float) -> None:
    classes = FlatCharset(tuple(chr(0xAC00 + index) for index in range(972)))
    assert parameters(BUILDERS[name].build(classes)) / 1e6 == pytest.approx(millions, rel=0.02)


def test_the_second_generation_of_easyocr_has_its_size() -> None:
    classes = FlatCharset(tuple(chr(0xAC00 + index) for index in range(1008)))
    assert parameters(BUILDERS["easyocr-g2"].build(classes)) == 4_015_729


def test_there_are_24() -> None:
    assert len(NAMES) == len(set(NAMES)) == 24
    assert set(NAMES) <= set(BUILDERS)


@pytest.mark.parametrize("name", ["vgg", "tps-vgg-bilstm", "bilstm-vgg-tps-ctc", "none-vgg-none-"])
def test_another_name_says_what_names_are(name: str) -> None:
    with pytest.raises(RecipeError, match="tps-vgg-bilstm-attn"):
        grid(name, FLAT)


@pytest.mark.parametrize("classes", [FLAT, JAMO], ids=["flat", "jamo"])
@pytest.mark.parametrize("name", NAMES)
def test_every_one_gives_logits_and_learns_in_all_its_parts(name: str, classes: Classes) -> None:
    torch.manual_seed(0)
    net = grid(name, classes, SMALL)
    targets = torch.tensor([[1, 2], [3, 0]])
    logits = net(torch.randn(2, 1, 32, 64), targets)
    steps = 3 if name.endswith("attn") else 15 if "vgg" in name else 17
    assert logits.shape == (2, steps, classes.width)
    (logits * torch.randn_like(logits)).sum().backward()
    moved = {key.split(".")[0] for key, p in net.named_parameters() if p.grad is not None and p.grad.abs().sum() > 0}
    stages = {
        "transformation": name.startswith("tps"),
        "feature": True,
        "sequence": "bilstm" in name,
        "prediction": True,
    }
    assert moved == {stage for stage, there in stages.items() if there}


@pytest.mark.parametrize("classes", [FLAT, JAMO], ids=["flat", "jamo"])
def test_attention_fed_with_its_own_reading_says_the_same(classes: Classes) -> None:
    torch.manual_seed(1)
    net = grid("none-vgg-none-attn", classes, SMALL).eval()
    decoder = net.prediction
    assert isinstance(decoder, AttentionDecoder)
    x = torch.randn(3, 1, 32, 64)
    with torch.no_grad():
        free = net(x)
        forced = net(x, decoder.best(free)[:, :-1])
    assert free.shape == forced.shape == (3, SMALL.most + 1, classes.width)
    assert torch.allclose(free, forced, atol=1e-5)


def test_new_weights_are_as_spread_as_he_has_them() -> None:
    torch.manual_seed(5)
    net = grid("tps-vgg-bilstm-attn", FLAT, GridOptions(width=64, channels=128, hidden=64, localisation=64))
    weights = dict(net.named_parameters())
    for name, inputs in (
        ("feature.11.weight", 9 * 64),
        ("sequence.0.rnn.weight_ih_l0", 128),
        ("prediction.keys.weight", 64),
    ):
        assert weights[name].std().item() == pytest.approx((2 / inputs) ** 0.5, rel=0.05)
    assert weights["prediction.embedding.weight"].std().item() == pytest.approx((2 / (64 + FLAT.width)) ** 0.5, rel=0.1)
    assert not weights["sequence.1.rnn.bias_hh_l0"].any()
    assert (weights["feature.12.weight"] == 1).all()  # a normalisation
    image = torch.rand(1, 1, 32, 64)
    assert torch.allclose(net.transformation.eval()(image), image, atol=1e-3)


def test_the_attention_decoder_is_the_published_one() -> None:
    # An LSTM cell fed with the attended columns and the last character as a one-hot vector.
    torch.manual_seed(4)
    net = grid("none-vgg-none-attn", FLAT, SMALL).eval()
    ours = net.prediction
    assert isinstance(ours, AttentionDecoder)
    columns, targets = torch.randn(2, 7, 32), torch.tensor([[1, 2], [3, 0]])
    cell = nn.LSTMCell(32 + FLAT.width, 16)
    parts = {name: weight.detach() for name, weight in ours.named_parameters()}
    cell.load_state_dict(
        {
            "weight_ih": torch.cat([parts["context.weight"], parts["embedding.weight"].T], 1),
            "bias_ih": parts["context.bias"],
            "weight_hh": parts["recur.weight"],
            "bias_hh": parts["recur.bias"],
        }
    )
    state = (torch.zeros(2, 16), torch.zeros(2, 16))
    with torch.no_grad():
        for step, before in enumerate(([0, 0], [1, 3], [2, 0])):
            weights = ours.score(torch.tanh(ours.keys(columns) + ours.query(state[0])[:, None])).softmax(1)
            attended = (weights.transpose(1, 2) @ columns)[:, 0]
            onehot = nn.functional.one_hot(torch.tensor(before), FLAT.width).float()
            state = cell(torch.cat([attended, onehot], 1), state)
            assert torch.allclose(ours.linear(state[0]), ours(columns, targets)[:, step], atol=1e-5)


def test_attention_does_not_look_ahead() -> None:
    torch.manual_seed(2)
    net = grid("none-vgg-none-attn", FLAT, SMALL).eval()
    x = torch.randn(1, 1, 32, 64)
    with torch.no_grad():
        one, other = net(x, torch.tensor([[1, 2, 3]])), net(x, torch.tensor([[1, 2, 5]]))
    assert torch.equal(one[:, :3], other[:, :3])
    assert not torch.allclose(one[:, 3], other[:, 3])


def test_a_new_spline_leaves_the_image_as_it_is() -> None:
    image = torch.rand(2, 3, 32, 100)
    spline = ThinPlateSpline(Localisation(3, 16), 32, 100).eval()
    assert torch.allclose(spline(image), image, atol=1e-3)


def test_a_spline_through_moved_points_moves_what_lies_between() -> None:
    points = level_points(8)
    basis = spline_basis(points, pixel_centres(5, 9))
    # A spline carries affine maps exactly (Bookstein 1989): a turn, a stretch and a shift.
    turn, shift = np.array([[0.9, 0.2], [-0.3, 1.1]]), np.array([0.1, -0.2])
    moved = pixel_centres(5, 9) @ turn + shift
    assert np.allclose(basis @ (points @ turn + shift), moved, atol=1e-9)
    # And it goes through its points, wherever they are.
    anywhere = np.random.default_rng(0).normal(size=(8, 2))
    assert np.allclose(spline_basis(points, points) @ anywhere, anywhere, atol=1e-9)


def test_a_spline_takes_a_shifted_line_to_the_middle() -> None:
    image = torch.zeros(1, 1, 16, 64)
    image[:, :, 10] = 1.0  # a level line two pixels below the middle

    class Lower(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            points: Tensor = torch.from_numpy(level_points(6)).float() + torch.tensor([0.0, 0.25])
            return points.expand(len(x), -1, -1)

    straight = ThinPlateSpline(Lower(), 16, 64, 6)(image)
    assert straight[0, 0].mean(1).argmax() == 8
    assert straight.max() == pytest.approx(1.0, abs=1e-3)
