"""geulnun export: recognisers for EasyOCR and out of EasyOCR."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("lightning")

import torch
import yaml
from tests.unit.cli.conftest import Run

from geulnun.charset import FlatCharset
from geulnun.decode.options import DecodeOptions
from geulnun.nets.recognition.easyocr_names import theirs
from geulnun.nets.recognition.grid import GridOptions, grid
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec

CLASSES = FlatCharset(tuple(" 가나다0"))


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    """A checkpoint of ours of EasyOCR's network, smaller."""
    net = grid("none-vgg-bilstm-ctc", CLASSES, GridOptions(height=64, channels=32, hidden=16))
    spec = LineSpec(height=64, scaling="signed", padding="edge", classes=CLASSES)
    torch.save({"average": net.state_dict(), "spec": spec.to_json()}, tmp_path / "last.pt")
    torch.save(theirs(net.state_dict()), tmp_path / "their.pth")
    return tmp_path / "last.pt"


def test_to_easyocr(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    result = run("export", "easyocr", checkpoint, "-o", "made", "--name", "mine")
    assert result.code == 0, result.err
    assert result.out.splitlines() == [
        "made/model/mine.pth",
        "made/user_network/mine.py",
        "made/user_network/mine.yaml",
    ]
    config = yaml.safe_load((tmp_path / "made/user_network/mine.yaml").read_text("utf-8"))
    assert config == {"network_params": {}, "imgH": 64, "lang_list": ["ko", "en"], "character_list": " 가나다0"}
    again = run("export", "easyocr", checkpoint, "-o", "made", "--name", "mine")
    assert again.code != 0
    assert "--force" in again.err
    assert run("export", "easyocr", checkpoint, "-o", "made", "--name", "mine", "--force").code == 0


def test_installed(run: Run, checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path / "theirs"))
    (tmp_path / "few.txt").write_text("나가\n", "utf-8")
    result = run("export", "easyocr", checkpoint, "--name", "mine", "--install", "--only", "few.txt")
    assert result.code == 0, result.err
    config = yaml.safe_load((tmp_path / "theirs/user_network/mine.yaml").read_text("utf-8"))
    assert config["character_list"] == "나가"
    assert (tmp_path / "theirs/model/mine.pth").is_file()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("characters.txt", " 가나\n다0\n"),
        ("their.yaml", yaml.safe_dump({"character_list": " 가나다0"}, allow_unicode=True)),
        ("config.yaml", yaml.safe_dump({"number": "", "symbol": " 가", "lang_char": "나다0"}, allow_unicode=True)),
    ],
)
def test_out_of_easyocr(run: Run, checkpoint: Path, tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content, "utf-8")
    result = run("export", "onnx", "their.pth", "--characters", name, "-o", "theirs.onnx")
    assert result.code == 0, result.err
    assert result.out == "theirs.onnx\n"
    spec = Recogniser(tmp_path / "theirs.onnx", 1, DecodeOptions(decoder="greedy")).spec
    assert (spec.height, spec.classes, spec.scaling) == (64, CLASSES, "signed")


def test_refusals(run: Run, checkpoint: Path, tmp_path: Path) -> None:
    unnamed = run("export", "onnx", "their.pth")
    assert unnamed.code == 4
    assert "--characters" in unnamed.err
    (tmp_path / "last.onnx").write_bytes(b"")
    taken = run("export", "onnx", checkpoint)
    assert "--force" in taken.err
    assert (tmp_path / "last.onnx").read_bytes() == b""
    assert "no such file of characters" in run("export", "onnx", "their.pth", "--characters", "none.txt").err
    (tmp_path / "empty.yaml").write_text("imgH: 64\n", "utf-8")
    assert "character_list" in run("export", "onnx", "their.pth", "--characters", "empty.yaml").err
