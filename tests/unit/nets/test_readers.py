"""Kakao's readers and ours: what a step may know, what a column keeps, what widths they take."""

from __future__ import annotations

from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from torch import Tensor, nn  # noqa: E402

from geulnun.charset import Charset, FlatCharset  # noqa: E402
from geulnun.errors import RecipeError  # noqa: E402
from geulnun.nets.recognition import parseq  # noqa: E402
from geulnun.nets.recognition.builders import BUILDERS, listing  # noqa: E402
from geulnun.nets.recognition.kakao import to_be  # noqa: E402
from geulnun.nets.recognition.svtr import RowChoice  # noqa: E402
from geulnun.nets.recognition.transformer import Attention, Mixing, Neighbours  # noqa: E402

FLAT = FlatCharset(tuple("가나다라마"))
JAMO = Charset((" ", "a"))
SMALL = 0.125


def reader(name: str, most: int = 6) -> nn.Module:
    torch.manual_seed(0)
    return BUILDERS[name].build(JAMO, SMALL, most)


@pytest.mark.parametrize("name", ["kakao-asis", "svtr-jamo"])
def test_readers_of_columns_take_any_width(name: str) -> None:
    net = reader(name).eval()
    for width in (32, 100):
        assert net(torch.randn(2, 1, 40, width)).shape == (2, width // 4, JAMO.width)


@pytest.mark.parametrize("name", ["kakao-tobe", "parseq-jamo"])
def test_readers_of_one_pass_write_as_many_steps_as_asked(name: str) -> None:
    net = reader(name).eval()
    x = torch.randn(2, 1, 40, 640)
    free = net(x)
    assert free.shape == (2, 7, JAMO.width)
    assert torch.equal(net(x, torch.ones(2, 3, dtype=torch.int64)), free)


def test_a_pass_reader_has_no_more_characters_than_patches() -> None:
    with pytest.raises(RecipeError, match="at most 79"):
        to_be(FLAT, most=80)


@pytest.mark.parametrize("name", ["kakao-asis", "kakao-tobe", "svtr-jamo", "parseq-jamo"])
def test_all_that_they_have_learns(name: str) -> None:
    net = reader(name)
    logits = net(torch.randn(8, 1, 40, 640), torch.randint(2, 9, (8, 4)))
    (logits * torch.randn_like(logits)).sum().backward()
    still = [key for key, p in net.named_parameters() if p.grad is None or not p.grad.abs().sum() > 0]
    # A new block passes on what it gets: what stands before its last normalisation waits for that to move. And the
    # characters drawn above are plain symbols and syllables with few of the jamo.
    assert not [key for key in still if ".first." not in key and ".second.0" not in key and "embedding" not in key]


def test_masks_are_those_drawn_by_hand() -> None:
    known = torch.tensor([[5, 6, 0]])
    # Rows are steps, columns the beginning and the three characters, of which the last is the end.
    assert parseq.written(known).int().tolist() == [[1, 1, 1, 0]]
    assert parseq.others_mask(known)[0].int().tolist() == [[1, 0, 1, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]]


def test_training_masks_know_nothing_of_themselves_and_all_ways_occur() -> None:
    torch.manual_seed(0)
    known = torch.tensor([[5, 6, 7, 8]]).repeat(400, 1)
    masks = parseq.training_mask(known)
    assert masks[:, :, 0].all()
    own = torch.stack([masks[:, step, step + 1] for step in range(4)], 1)
    assert not own.any()
    in_turn = torch.ones(5, 5).tril().bool()
    nothing = torch.zeros(5, 5).bool()
    nothing[:, 0] = True
    others = parseq.others_mask(known[:1])[0]
    shares = [(masks == way).all(2).all(1).float().mean().item() for way in (nothing, others, in_turn)]
    assert shares == pytest.approx([parseq.NONE, parseq.OTHERS, 0.2], abs=0.06)
    # In any order, of two steps one knows the other, never both: but for lines that know nothing or all the others.
    rest = masks[~(masks == nothing).all(2).all(1) & ~(masks == others).all(2).all(1)]
    between = rest[:, :4, 1:]
    upper = torch.ones(4, 4).triu(1).bool()
    assert torch.equal((between ^ between.transpose(1, 2))[:, upper], torch.ones_like(between[:, upper]))


def test_a_step_in_training_does_not_see_its_own_character() -> None:
    net = reader("parseq-jamo")
    decoder = net.prediction
    assert isinstance(decoder, parseq.PermutedDecoder)
    decoder.train()
    for module in decoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    with torch.no_grad():
        for vectors in decoder.get_submodule("embedding").parameters():
            vectors.mul_(50)
    columns = torch.randn(16, 10, 32)
    one = torch.tensor([[2, 3, 5, 6]]).repeat(16, 1)
    other = one.clone()
    other[:, 2] = 100
    torch.manual_seed(1)
    first = decoder(columns, one)
    torch.manual_seed(1)
    second = decoder(columns, other)
    assert first.shape == (16, 5, JAMO.width)
    assert torch.allclose(first[:, 2], second[:, 2], atol=1e-6)
    assert not torch.allclose(first, second, atol=1e-3)


def test_longer_targets_than_places_are_cut() -> None:
    net = reader("parseq-jamo", most=3)
    assert net(torch.randn(2, 1, 40, 64), torch.full((2, 5), 2)).shape == (2, 4, JAMO.width)


def test_a_batch_of_empty_lines_has_an_end_to_learn() -> None:
    nothing = torch.zeros(2, 0, dtype=torch.int64)
    assert reader("parseq-jamo")(torch.randn(2, 1, 40, 64), nothing).shape == (2, 1, JAMO.width)


def test_the_second_pass_knows_the_first() -> None:
    decoder = reader("parseq-jamo").prediction
    assert isinstance(decoder, parseq.PermutedDecoder)
    decoder.eval()
    columns = torch.randn(2, 10, 32)
    with torch.no_grad():
        for vectors in decoder.get_submodule("embedding").parameters():
            vectors.mul_(50)  # as if trained: new ones hardly count
        decoder.get_submodule("linear").get_parameter("1.bias")[
            0
        ] = -10.0  # no line ends, so there is something to know
        more = decoder(columns)
        decoder.again = 0
        once = decoder(columns)
        again = decoder._pass(columns, decoder.best(once)[:, :-1], parseq.others_mask(decoder.best(once)[:, :-1]))
        decoder.again = 1
        assert torch.allclose(decoder(columns), again, atol=1e-6)
    assert not torch.allclose(more, once, atol=1e-3)


def test_rows_are_chosen_by_what_is_in_them() -> None:
    choice = RowChoice(2, 32, 3)
    nn.init.zeros_(choice.fixed.weight)
    nn.init.zeros_(choice.values.weight)
    choice.after = nn.Sequential()
    with torch.no_grad():
        choice.values.weight[0, 0] = 1.0  # the first feature tells its row's first channel
        choice.scores.weight[0, :, 0, 0] = torch.tensor([0.0, 50.0])  # the head looks where the second channel is lit
    x = torch.zeros(1, 2, 3, 2)
    x[0, 0] = torch.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    x[0, 1, 0, 0] = x[0, 1, 2, 1] = 1.0
    assert torch.allclose(choice(x)[0, 0, 0], torch.tensor([1.0, 6.0]))


def test_attention_looks_only_where_it_may() -> None:
    torch.manual_seed(0)
    attention = Attention(64)
    queries, at = torch.randn(1, 3, 64), torch.randn(1, 4, 64)
    allowed = torch.tensor([[True, False, True, False]]).expand(1, 3, 4)
    changed = at.clone()
    changed[:, [1, 3]] = 0.0
    assert torch.allclose(attention(queries, at, allowed), attention(queries, changed, allowed), atol=1e-6)
    assert torch.allclose(attention(queries, at, allowed), attention(queries, at[:, [0, 2]]), atol=1e-6)


def test_mixing_alone_knows_no_order_and_neighbours_do() -> None:
    torch.manual_seed(0)
    x, mixing, neighbours = torch.randn(1, 6, 32), Mixing(32).eval(), Neighbours(32)

    def moves_along(layer: nn.Module) -> bool:
        there: Tensor = layer(x.flip(1)).flip(1)
        return bool(torch.allclose(there, layer(x), atol=1e-5))

    assert moves_along(mixing)
    assert not moves_along(neighbours)


def test_the_guide_lists_what_the_listing_says() -> None:
    rows = list(listing())
    assert [row.split()[0] for row in rows[1:]] == list(BUILDERS)
    guide = Path(__file__).parents[3] / "docs/guides/recognisers.md"
    # A failure is mended by the output of: python -m geulnun.nets.recognition.builders
    assert "\n".join(rows) in guide.read_text(encoding="utf-8")
