"""Both heads in PyTorch: the class a step says is the one that decoding finds; syllables are sums of their jamo."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from geulnun.charset import DEFAULT, HANGUL, Charset, Classes, FlatCharset  # noqa: E402
from geulnun.decode.steps import steps_of  # noqa: E402
from geulnun.nets.recognition.heads import FactoredEmbedding, best_of, embedding_of  # noqa: E402

FLAT = FlatCharset(tuple("가나다a"))
JAMO = Charset((" ", "a"))
HANJA = Charset((" ", "a"), ("韓", "國"))


@given(st.integers(0, 2**32 - 1), st.sampled_from([FLAT, JAMO, HANJA, DEFAULT]))
@settings(max_examples=40, deadline=None)
def test_the_best_class_is_the_one_that_decoding_finds(seed: int, classes: Classes) -> None:
    logits = np.random.default_rng(seed).normal(scale=3, size=(7, classes.width)).astype(np.float32)
    wanted, _ = steps_of(logits, classes).best()
    assert best_of(classes)(torch.from_numpy(logits)).tolist() == wanted.tolist()


def test_a_syllable_is_the_sum_of_its_parts() -> None:
    table = FactoredEmbedding(HANJA, 6)
    (index,) = HANJA.encode("각")
    wanted = table.gate.weight[HANGUL] + table.cho.weight[0] + table.jung.weight[0] + table.jong.weight[1]
    assert torch.allclose(table(torch.tensor([[index]]))[0, 0], wanted)


def test_symbols_and_ideographs_have_vectors_of_their_own() -> None:
    table = FactoredEmbedding(HANJA, 6)
    assert table.ideographs is not None
    ids = torch.tensor([0, *HANJA.encode("a國")])
    vectors = table(ids)
    assert torch.equal(vectors[0], table.gate.weight[0])
    assert torch.equal(vectors[1], table.gate.weight[3])
    assert torch.allclose(vectors[2], table.gate.weight[HANJA.ideograph] + table.ideographs.weight[1])


def test_the_factored_table_is_small() -> None:
    rows = sum(p.numel() for p in embedding_of(DEFAULT, 1, 1.0).parameters())
    assert rows == DEFAULT.width
    assert sum(p.numel() for p in embedding_of(FLAT, 3, 1.0).parameters()) == 3 * FLAT.width


def test_new_vectors_are_as_spread_as_asked() -> None:
    torch.manual_seed(0)
    for classes in (FlatCharset(tuple(chr(0xAC00 + at) for at in range(400))), DEFAULT):
        vectors = torch.cat([weight.flatten() for weight in embedding_of(classes, 64, 0.1).parameters()])
        assert vectors.std().item() == pytest.approx(0.1, rel=0.05)


def test_other_classes_are_refused() -> None:
    class Neither:
        width = 3

    for function in (best_of, lambda classes: embedding_of(classes, 4, 1.0)):
        with pytest.raises(TypeError, match="Neither"):
            function(Neither())  # type: ignore[arg-type]
