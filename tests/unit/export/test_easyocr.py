"""User networks of EasyOCR, loaded as EasyOCR loads them; tests/easyocr does it with the package itself."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import yaml

pytest.importorskip("torch")

import cv2
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import nn

from geulnun.charset import PLAIN, Charset, FlatCharset
from geulnun.decode.options import DecodeOptions
from geulnun.errors import UsageError
from geulnun.export import easyocr
from geulnun.export.easyocr import UserFiles, check_name, installed_in, user_files
from geulnun.nets.recognition.builders import BUILDERS
from geulnun.nets.recognition.grid import GridOptions, grid
from geulnun.runtime import weights
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec
from geulnun.training.ctc import class_log_probs
from geulnun.training.finetune_start import Start, of_file

FLAT = FlatCharset(tuple(" 가나다라0"))


def loaded(files: UserFiles) -> nn.Module:
    """The network as EasyOCR makes it on a CPU: seven letters are taken off every name of the weights."""
    scope: dict[str, type[nn.Module]] = {}
    exec(compile(files.code, f"{files.name}.py", "exec"), scope)
    config = yaml.safe_load(files.config)
    net = scope["Model"](num_class=1 + len(config["character_list"]), **config["network_params"])
    net.load_state_dict({name[7:]: value for name, value in files.weights.items()})
    return net.eval()


def their_input(image: np.ndarray, height: int) -> torch.Tensor:
    """An image as EasyOCR gives it to a network: small by its neighbours, padded with its last column, in -1..1."""
    ratio = image.shape[1] / image.shape[0]
    sized = cv2.resize(image, (int(height * ratio), height), interpolation=cv2.INTER_LINEAR)
    scaled = sized.astype(np.float32) / 127.5 - 1
    padded = np.pad(scaled, ((0, 0), (0, math.ceil(ratio) * height - sized.shape[1])), mode="edge")
    return torch.from_numpy(padded)[None, None]


def collapsed(logits: torch.Tensor, characters: str) -> str:
    """EasyOCR's greedy reading of logits (T, K): repeats merged, blanks dropped."""
    ids = logits.argmax(-1).tolist()
    kept = [at for step, at in enumerate(ids) if at and (not step or ids[step - 1] != at)]
    return "".join(characters[at - 1] for at in kept)


@torch.no_grad()
def written(net: nn.Module, image: np.ndarray, config: dict[str, object]) -> str:
    """What EasyOCR would write."""
    height, characters = config["imgH"], config["character_list"]
    assert isinstance(height, int)
    assert isinstance(characters, str)
    return collapsed(net(their_input(image, height), torch.zeros(1, 11, dtype=torch.int64))[0], characters)


def drawn(text: str, font: Path, size: int, grey: int = 0, paper: int = 255) -> np.ndarray:
    face = ImageFont.truetype(str(font), size)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L", (int(right - left) + size, int(bottom - top) + size // 2), paper)
    ImageDraw.Draw(image).text((size / 2 - left, size / 4 - top), text, grey, font=face)
    return np.asarray(image)


LINES = [
    ("대한민국 서울", 26, 0, 255),
    ("2026년 11월 21일", 40, 60, 230),
    ("합계 12,500원", 64, 0, 255),
    ("한글 ABC", 20, 90, 200),
    ("이", 32, 0, 255),
]


def test_the_packages_reader_writes_the_same_text(test_font: Path) -> None:
    files = user_files(of_file(weights.path("recogniser")), "geulnun_test")
    net, config = loaded(files), yaml.safe_load(files.config)
    ours = Recogniser(threads=1, decoding=DecodeOptions(decoder="greedy"))
    for text, size, grey, paper in LINES:
        image = drawn(text, test_font, size, grey, paper)
        assert written(net, image, config) == ours.read([image])[0].text == text


@torch.no_grad()
def test_lines_in_one_batch_are_read_as_alone(test_font: Path) -> None:
    files = user_files(of_file(weights.path("recogniser")), "geulnun_test")
    net, characters = loaded(files), yaml.safe_load(files.config)["character_list"]
    texts = ("가나", "대한민국 만세")
    images = [their_input(drawn(text, test_font, 32), 40) for text in texts]
    width = max(image.shape[-1] for image in images)
    padded = [torch.cat([one, one[..., -1:].expand(-1, -1, -1, width - one.shape[-1])], -1) for one in images]
    assert [collapsed(row, characters) for row in net(torch.cat(padded))] == list(texts)


@pytest.mark.parametrize("name", ["none-vgg-bilstm-ctc", "tps-rcnn-none-ctc", "none-resnet-bilstm-ctc"])
@torch.no_grad()
def test_networks_of_the_grid_are_built_anew_with_their_sizes(name: str) -> None:
    options = GridOptions(height=32, width=96, channels=32, hidden=24, fiducials=8, localisation=16)
    net = grid(name, FLAT, options).eval()
    spec = LineSpec(
        height=32, width=96 if name.startswith("tps") else None, scaling="signed", padding="edge", classes=FLAT,
        temperature=2.0,
    )  # fmt: skip
    made = loaded(user_files(Start(net, spec), "geulnun_test"))
    # The last two columns differ, so nothing is taken for padding.
    image = torch.rand(1, 1, 32, 96) * 2 - 1
    assert torch.allclose(made(image, None), net(image) / 2, atol=1e-5)


@pytest.mark.parametrize("name", ["dense", "kakao-asis", "svtr-jamo"])
@torch.no_grad()
def test_the_jamo_head_gives_the_chances_of_whole_characters(name: str) -> None:
    classes = Charset((" ", "a"), ("韓", "國"))
    net = BUILDERS[name].build(classes, 0.25).eval()
    spec = BUILDERS[name].line_spec(classes)
    wanted = "가a國힣 뷁"
    made = loaded(user_files(Start(net, spec), "geulnun_test", wanted))
    columns = torch.rand(2, 7, classes.width) * 8 - 4
    characters = made.characters
    assert isinstance(characters, nn.Module)
    ids = torch.tensor([0, *classes.encode(wanted)])
    assert torch.allclose(characters(columns), class_log_probs(columns, ids, classes), atol=1e-4)


def test_some_characters_of_a_flat_head() -> None:
    net = grid("none-vgg-none-ctc", FLAT, GridOptions(channels=16)).eval()
    files = user_files(Start(net, LineSpec(height=32, scaling="signed", classes=FLAT)), "geulnun_test", "다 가")
    logits = torch.arange(7.0)[None, None]
    characters = loaded(files).characters
    assert isinstance(characters, nn.Module)
    assert yaml.safe_load(files.config)["character_list"] == "다 가"
    assert characters(logits).tolist() == [[[0.0, 4.0, 1.0, 2.0]]]
    with pytest.raises(UsageError, match="does not write '마'"):
        user_files(Start(net, LineSpec(height=32, classes=FLAT)), "geulnun_test", "가마")


def test_what_easyocr_cannot_decode_is_refused() -> None:
    net = grid("none-vgg-none-attn", FLAT, GridOptions(channels=16, hidden=16))
    with pytest.raises(UsageError, match="decoding attention"):
        user_files(Start(net, LineSpec(decoding="attention", classes=FLAT)), "geulnun_test")
    with pytest.raises(UsageError, match="3 channels"):
        user_files(Start(net, LineSpec(channels=3, classes=FLAT)), "geulnun_test")
    with pytest.raises(UsageError, match="name ends in -ctc"):
        user_files(Start(net, LineSpec(classes=FLAT)), "geulnun_test")


@pytest.mark.parametrize("name", ["", "my-net", "json", "standard", "korean_g2", "../up", "class"])
def test_names_that_mean_something_else_are_refused(name: str) -> None:
    with pytest.raises(UsageError, match="name"):
        check_name(name)


def small() -> UserFiles:
    net = grid("none-vgg-none-ctc", FLAT, GridOptions(channels=16)).eval()
    return user_files(Start(net, LineSpec(height=32, scaling="signed", classes=FLAT)), "geulnun_small")


def test_three_files_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = small()
    found = files.write(tmp_path)
    assert [file.relative_to(tmp_path).as_posix() for file in found] == [
        "model/geulnun_small.pth", "user_network/geulnun_small.py", "user_network/geulnun_small.yaml",
    ]  # fmt: skip
    assert set(yaml.safe_load(found[2].read_text("utf-8"))) == {"network_params", "imgH", "lang_list", "character_list"}
    assert all(name.startswith("module.") for name in torch.load(found[0], weights_only=True))
    with pytest.raises(UsageError, match="--force"):
        files.write(tmp_path)
    found[1].write_text("old")
    files.write(tmp_path, force=True)
    assert found[1].read_text("utf-8") == files.code

    def full(*_: object) -> None:
        raise OSError("no space")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="no space"):
        files.write(tmp_path / "other")
    assert not [path for path in (tmp_path / "other").rglob("*") if path.is_file()]


def test_where_easyocr_looks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("EASYOCR_MODULE_PATH", raising=False)
    monkeypatch.delenv("MODULE_PATH", raising=False)
    assert installed_in() == Path.home() / ".EasyOCR"
    monkeypatch.setenv("MODULE_PATH", str(tmp_path / "b"))
    assert installed_in() == tmp_path / "b"
    monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path / "a"))
    assert installed_in() == tmp_path / "a"


def test_every_character_in_the_order_of_classes() -> None:
    assert easyocr.every_character(FLAT) == " 가나다라0"
    whole = easyocr.every_character(PLAIN)
    assert PLAIN.encode(whole) == [*range(2, PLAIN.classes)]
