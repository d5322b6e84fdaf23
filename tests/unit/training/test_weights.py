"""Weights to begin with: of ours, Lightning and EasyOCR, with other characters, strict or not."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from geulnun.charset import PLAIN, Charset, Classes, FlatCharset
from geulnun.errors import ModelError
from geulnun.nets.recognition.builders import BUILDERS, easyocr_g2
from geulnun.nets.recognition.easyocr_names import theirs
from geulnun.spec import LineSpec
from geulnun.training.weights import Weights, begin, names, read

OLD, NEW = FlatCharset(tuple("가나다 12")), FlatCharset(tuple("2나라가마"))


def net(name: str, classes: Classes, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return BUILDERS[name].build(classes, 0.04, 10)


def same(left: dict[str, Tensor], right: dict[str, Tensor]) -> bool:
    return left.keys() == right.keys() and all(torch.equal(left[name], right[name]) for name in left)


def test_the_same_network_is_copied_whole() -> None:
    one, other = net("crnn", OLD), net("crnn", OLD, 1)
    assert begin(other, OLD, Weights(one.state_dict(), OLD)) == []
    assert same(one.state_dict(), other.state_dict())


@pytest.mark.parametrize("name", ["crnn", "none-vgg-none-attn"])
def test_rows_of_known_characters_move_with_them(name: str) -> None:
    one, other = net(name, OLD), net(name, NEW, 1)
    fresh = {key: value.clone() for key, value in other.state_dict().items()}
    notes = begin(other, NEW, Weights(one.state_dict(), OLD))
    assert notes == ["head: 4 of 6 rows kept, the others begin anew"]
    for key in [key for key, value in fresh.items() if value.shape[:1] == (6,) and "prediction" in key]:
        now, then, before = other.state_dict()[key], one.state_dict()[key], fresh[key]
        # blank 2 나 라 가 마 of blank 가 나 다 space 1 2.
        assert torch.equal(now[[0, 1, 2, 4]], then[[0, 6, 2, 1]])
        assert torch.equal(now[[3, 5]], before[[3, 5]])
    assert torch.equal(other.state_dict()["feature.0.weight"], one.state_dict()["feature.0.weight"])


def test_a_factored_head_keeps_symbols_and_all_jamo() -> None:
    old, new = Charset(tuple("ab1")), Charset(tuple("1cb"), ("一",))
    one, other = net("none-vgg-none-attn", old), net("none-vgg-none-attn", new, 1)
    fresh = {key: value.clone() for key, value in other.state_dict().items()}
    begin(other, new, Weights(one.state_dict(), old), strict=False)
    now, then = other.state_dict(), one.state_dict()
    # blank hangul 1 c b ideograph, of blank hangul a b 1; then 68 jamo, then the ideograph.
    for key in ("prediction.linear.weight", "prediction.linear.bias"):
        assert torch.equal(now[key][[0, 1, 2, 4]], then[key][[0, 1, 4, 3]])
        assert torch.equal(now[key][6:74], then[key][5:73])
        assert torch.equal(now[key][[3, 5, 74]], fresh[key][[3, 5, 74]])
    gate = "prediction.embedding.gate.weight"
    assert torch.equal(now[gate][[0, 1, 2, 4]], then[gate][[0, 1, 4, 3]])
    assert torch.equal(now["prediction.embedding.jong.weight"], then["prediction.embedding.jong.weight"])


def test_from_flat_to_factored_symbols_stay() -> None:
    old, new = FlatCharset(tuple("가1b")), Charset(tuple("b1"))
    one, other = net("crnn", old), net("crnn", new, 1)
    begin(other, new, Weights(one.state_dict(), old))
    key = "prediction.linear.bias"
    assert torch.equal(other.state_dict()[key][[0, 2, 3]], one.state_dict()[key][[0, 3, 2]])


def test_every_row_of_a_head_has_its_own_name() -> None:
    assert names(OLD) == ["blank", "가", "나", "다", " ", "1", "2"]
    for classes in (PLAIN, Charset(("a",), ("一", "二")), OLD):
        assert len(set(names(classes))) == len(names(classes)) == classes.width


def test_strict_refuses_and_loose_takes_what_fits() -> None:
    state = dict(net("crnn", OLD).state_dict())
    state["feature.0.weight"] = torch.zeros(3, 3)
    state["other"] = torch.zeros(1)
    del state["prediction.linear.bias"]
    target = net("crnn", OLD, 1)
    before = target.state_dict()["feature.0.weight"].clone()
    with pytest.raises(ModelError, match="set strict: false"):
        begin(target, OLD, Weights(state, OLD))
    notes = begin(target, OLD, Weights(state, OLD), strict=False)
    assert [note.split()[2] for note in notes] == ["feature.0.weight", "other", "prediction.linear.bias"]
    assert torch.equal(target.state_dict()["feature.0.weight"], before)
    assert torch.equal(target.state_dict()["prediction.linear.weight"], state["prediction.linear.weight"])
    with pytest.raises(ModelError, match="not one tensor"):
        begin(target, OLD, Weights({"other": torch.zeros(1)}, OLD), strict=False)


def test_a_new_head_begins_anew() -> None:
    one, other = net("crnn", OLD), net("crnn", OLD, 1)
    fresh = other.state_dict()["prediction.linear.weight"].clone()
    assert begin(other, OLD, Weights(one.state_dict(), OLD), new_head=True) == ["the prediction layer begins anew"]
    assert torch.equal(other.state_dict()["prediction.linear.weight"], fresh)
    assert torch.equal(other.state_dict()["feature.0.weight"], one.state_dict()["feature.0.weight"])


def test_files_of_four_kinds_are_read(tmp_path: Path) -> None:
    one = net("crnn", OLD)
    state = one.state_dict()
    torch.save({"average": state, "spec": LineSpec(classes=OLD).to_json()}, tmp_path / "last.pt")
    torch.save({"average": {key: value.half() for key, value in state.items()}}, tmp_path / "start.pt")
    torch.save({"state_dict": {f"net.{key}": value for key, value in state.items()}}, tmp_path / "one.ckpt")
    for name, classes in {"last.pt": OLD, "start.pt": None, "one.ckpt": None}.items():
        found = read(tmp_path / name)
        assert found.classes == classes
        assert found.state.keys() == state.keys()
        target = net("crnn", OLD, 1)
        begin(target, OLD, found)
        for key, value in target.state_dict().items():
            assert torch.allclose(value, state[key], atol=1e-2), key


def test_easyocrs_weights_are_read_under_our_names(tmp_path: Path) -> None:
    torch.manual_seed(0)
    one = easyocr_g2(OLD, 0.1)
    torch.save(theirs(one.state_dict()), tmp_path / "korean.pth")
    found = read(tmp_path / "korean.pth", "".join(OLD.characters))
    assert found.classes == OLD
    target = easyocr_g2(OLD, 0.1)
    begin(target, OLD, found)
    assert same(target.state_dict(), one.state_dict())


def test_files_without_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such weights"):
        read(tmp_path / "no.pt")
    (tmp_path / "text.pt").write_text("no weights")
    with pytest.raises(ModelError, match=r"text\.pt"):
        read(tmp_path / "text.pt")
    torch.save([1], tmp_path / "list.pt")
    with pytest.raises(ModelError, match="expected tensors by name"):
        read(tmp_path / "list.pt")
