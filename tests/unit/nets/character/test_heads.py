"""Heads that look at the maps: what is said feeds what is said next."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from geulnun.charset import Charset, FlatCharset  # noqa: E402
from geulnun.nets.character.decoder import JamoDecoder  # noqa: E402
from geulnun.nets.character.heads import GatedCell, Refinement, VectorHead, blocks_of, wide_layers  # noqa: E402
from geulnun.nets.recognition.heads import split  # noqa: E402

JAMO = Charset(("a", "1"))
HANJA = Charset(("a", "1"), ("韓", "國"))


def test_blocks_fill_the_output() -> None:
    for classes in (FlatCharset(tuple("가나")), JAMO, HANJA):
        assert sum(blocks_of(classes)) == classes.width
    assert blocks_of(JAMO) == (4, 19, 21, 28)


def test_the_cell_is_pytorchs() -> None:
    torch.manual_seed(0)
    ours, theirs = GatedCell(3, 5), nn.GRUCell(3, 5)
    theirs.load_state_dict(
        {
            "weight_ih": ours.enter.weight,
            "bias_ih": ours.enter.bias,
            "weight_hh": ours.recur.weight,
            "bias_hh": ours.recur.bias,
        }
    )
    x, state = torch.randn(4, 3), torch.randn(4, 5)
    assert torch.allclose(ours(x, state), theirs(x, state), atol=1e-6)


def test_without_hidden_layers_a_head_is_linear() -> None:
    layers, width = wide_layers(3, ())
    head = VectorHead(layers, width, 2).eval()
    x = torch.randn(4, 3)
    assert torch.allclose(head(x)[:, 0], x @ head.linear.weight.T + head.linear.bias)


def test_refinement_is_told_what_all_said() -> None:
    torch.manual_seed(0)
    head = Refinement(6, blocks_of(JAMO), steps=3, hidden=8).eval()
    maps = torch.randn(2, 6, 3, 3)
    with torch.no_grad():
        before = head(maps)
        # Another answer of the initials' refiner alone: the first finals know nothing of it, the second do.
        last = head.get_submodule("refiners.1.answer.3")
        assert isinstance(last, nn.Linear)
        last.bias.add_(torch.linspace(-4, 4, 19))
        after = head(maps)
    assert before.shape == (2, 3, JAMO.width)
    finals = [split(states, JAMO)[3] for states in (before, after)]
    assert torch.equal(finals[0][:, 0], finals[1][:, 0])
    assert not torch.allclose(finals[0][:, 1], finals[1][:, 1], atol=1e-5)
    assert not torch.allclose(before[:, 0], before[:, 1], atol=1e-4)


def test_refinement_looks_at_places() -> None:
    torch.manual_seed(0)
    head = Refinement(6, (5,), steps=2, hidden=8).eval()
    maps = torch.randn(1, 6, 3, 3)
    with torch.no_grad():
        # The order of places is nothing to attention; what stands there is.
        assert torch.allclose(head(maps), head(maps.flip(2, 3)), atol=1e-5)
        assert not torch.allclose(head(maps), head(maps.roll(1, 1)), atol=1e-3)


@pytest.mark.parametrize("charset", [JAMO, HANJA])
def test_the_decoder_is_fed_with_the_true_jamo(charset: Charset) -> None:
    torch.manual_seed(0)
    head = JamoDecoder(6, charset, hidden=8).eval()
    maps = torch.randn(1, 6, 3, 3).expand(4, -1, -1, -1)
    # 각 and 나 differ in cho, 각 and 갹 in jung, 각 and 간 in jong only, which nothing comes after.
    ids = torch.tensor(charset.encode("각낙갹간"))
    with torch.no_grad():
        logits = head(maps, ids)
    assert logits.shape == (4, 1, charset.width)
    gate, cho, jung, jong, *more = split(logits[:, 0], charset)
    for first in (gate, cho, *more):
        assert torch.allclose(first, first[:1].expand_as(first), atol=1e-6)
    assert not torch.allclose(jung[0], jung[1], atol=1e-4)
    assert torch.allclose(jung[0], jung[2], atol=1e-6)
    assert not torch.allclose(jong[0], jong[2], atol=1e-4)
    assert torch.allclose(jong[0], jong[3], atol=1e-6)


def test_the_decoder_feeds_itself_with_what_it_reads() -> None:
    torch.manual_seed(1)
    head = JamoDecoder(6, JAMO, hidden=8).eval()
    maps = 3 * torch.randn(5, 6, 3, 3)
    with torch.no_grad():
        logits = head(maps)[:, 0]
        _, cho, jung, _ = split(logits, JAMO)
        code = (cho.argmax(1) * 21 + jung.argmax(1)) * 28
        assert torch.allclose(head(maps, JAMO.syllable_base + code)[:, 0], logits, atol=1e-6)


def test_what_is_no_syllable_can_be_fed() -> None:
    head = JamoDecoder(6, HANJA, hidden=8).eval()
    ids = torch.tensor([0, *HANJA.encode("a國")])
    assert head(torch.randn(3, 6, 3, 3), ids).isfinite().all()


def test_the_decoder_looks_elsewhere_next() -> None:
    torch.manual_seed(0)
    head = JamoDecoder(6, JAMO, hidden=8).eval()
    keys, state = torch.randn(1, 9, 8), torch.randn(1, 8)
    there = torch.zeros(1, 1, 3, 3)
    there[0, 0, 1, 1] = 1
    with torch.no_grad():
        new, again = head._look(keys, state, torch.zeros(1, 1, 3, 3)), head._look(keys, state, there)
    assert new.sum().item() == pytest.approx(1)
    assert not torch.allclose(new, again, atol=1e-4)
