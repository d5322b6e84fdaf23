"""EasyOCR's names for the weights of its second generation of networks, there and back."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from geulnun.charset import FlatCharset  # noqa: E402
from geulnun.errors import ModelError  # noqa: E402
from geulnun.nets.recognition.builders import easyocr_g2  # noqa: E402
from geulnun.nets.recognition.easyocr_names import is_theirs, ours, theirs  # noqa: E402
from geulnun.nets.recognition.grid import grid  # noqa: E402

FLAT = FlatCharset(tuple("가나다"))

#: Convolutions with a bias, those without (each before a normalisation), and normalisations, by their place.
BIASED, PLAIN, NORMS = (0, 3, 6, 8, 18), (11, 14), (12, 15)
EXPECTED = {
    *(f"FeatureExtraction.ConvNet.{at}.{kind}" for at in BIASED for kind in ("weight", "bias")),
    *(f"FeatureExtraction.ConvNet.{at}.weight" for at in PLAIN),
    *(
        f"FeatureExtraction.ConvNet.{at}.{kind}"
        for at in NORMS
        for kind in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")
    ),
    *(
        f"SequenceModeling.{layer}.rnn.{kind}_{side}_l0{way}"
        for layer in (0, 1)
        for kind in ("weight", "bias")
        for side in ("ih", "hh")
        for way in ("", "_reverse")
    ),
    *(f"SequenceModeling.{layer}.linear.{kind}" for layer in (0, 1) for kind in ("weight", "bias")),
    "Prediction.weight",
    "Prediction.bias",
}


def test_names_are_theirs_and_come_back() -> None:
    state = easyocr_g2(FLAT).state_dict()
    there = theirs(state, wrapped=False)
    assert set(there) == EXPECTED
    assert {f"module.{name}" for name in EXPECTED} == set(theirs(state))
    back = ours(theirs(state))
    assert set(back) == set(state)
    assert all(torch.equal(back[name], state[name]) for name in state)
    assert set(ours(there)) == set(state)


def test_sizes_are_those_of_their_korean_network() -> None:
    state = theirs(easyocr_g2(FlatCharset(tuple(chr(0xAC00 + at) for at in range(1008)))).state_dict(), wrapped=False)
    assert state["FeatureExtraction.ConvNet.0.weight"].shape == (32, 1, 3, 3)
    assert state["FeatureExtraction.ConvNet.18.weight"].shape == (256, 256, 2, 2)
    assert state["SequenceModeling.1.rnn.weight_ih_l0_reverse"].shape == (1024, 256)
    assert state["Prediction.weight"].shape == (1009, 256)


def test_files_are_told_apart() -> None:
    state = easyocr_g2(FLAT).state_dict()
    assert is_theirs(theirs(state))
    assert is_theirs(theirs(state, wrapped=False))
    assert not is_theirs(state)
    assert not is_theirs({})


def test_another_network_is_refused() -> None:
    with pytest.raises(ModelError, match=r"korean.pth: holds 'Transformation.x'"):
        ours({"module.Transformation.x": torch.zeros(1)}, "korean.pth")
    with pytest.raises(ModelError, match=r"prediction\.keys"):
        theirs(grid("none-vgg-none-attn", FLAT).state_dict())
