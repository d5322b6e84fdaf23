"""EasyOCR itself reads with our networks: `make test-easyocr`, in an environment of its own.

The package brings torchvision, and with it another build of PyTorch, so the gate does not install it.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("easyocr", reason="make test-easyocr installs it")

import easyocr  # type: ignore[import-not-found]
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun.charset import FlatCharset
from geulnun.decode.options import DecodeOptions
from geulnun.export.easyocr import user_files
from geulnun.export.lines import export_lines
from geulnun.nets.recognition.builders import BUILDERS
from geulnun.nets.recognition.easyocr_names import theirs
from geulnun.runtime import weights
from geulnun.runtime.recogniser import Recogniser
from geulnun.training.finetune_start import Start, of_file

# Its own use of PyTorch's loader and of Pillow warns; that is not ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore")

#: As EasyOCR reads: without a language model.
GREEDY = DecodeOptions(decoder="greedy")
FONT = Path(__file__).resolve().parent.parent / "fonts" / "geulnun-test-sans.ttf"
TEXTS = (
    "대한민국 서울", "2026년 11월 21일", "합계 12,500원", "한글 ABC abc", "이", "전화 02-123-4567", "가나다라 마바사",
    "국민 모두의 나라", "주민 등록 번호", "100% (주) 한국",
)  # fmt: skip


def reader(folder: Path, name: str, **options: Any) -> Any:
    return easyocr.Reader(
        ["ko"], gpu=False, recog_network=name, detector=False, download_enabled=False, verbose=False,
        model_storage_directory=str(folder / "model"), user_network_directory=str(folder / "user_network"), **options,
    )  # fmt: skip


def read(package: Any, image: NDArray[np.uint8], **options: Any) -> str:
    ((_, text, confidence),) = package.recognize(image, **options)
    assert 0 <= confidence <= 1
    return str(text)


def drawn(text: str, size: int, grey: int, paper: int) -> NDArray[np.uint8]:
    face = ImageFont.truetype(str(FONT), size)
    left, top, right, bottom = face.getbbox(text)
    image = Image.new("L", (int(right - left) + size, int(bottom - top) + size // 2), paper)
    ImageDraw.Draw(image).text((size / 2 - left, size / 4 - top), text, grey, font=face)
    return np.asarray(image)


def test_the_default_reader(tmp_path: Path) -> None:
    user_files(of_file(weights.path("recogniser")), "geulnun_default").write(tmp_path)
    package, ours = reader(tmp_path, "geulnun_default"), Recogniser(threads=1, decoding=GREEDY)
    draw = random.Random(5)
    for text in TEXTS:
        for size in (18, 28, 40, 64):
            image = drawn(text, size, draw.randrange(90), draw.randrange(180, 256))
            assert read(package, image) == ours.read([image])[0].text
    # Its own allow list works on the characters.
    assert set(read(package, drawn("합계 12,500원", 32, 0, 255), allowlist="0125")) <= set("0125")


def alike(seed: int) -> tuple[torch.nn.Module, FlatCharset]:
    """A network of random weights whose readings are clear: its outputs are spread out."""
    classes = FlatCharset(tuple(" 0123456789가나다라마바사아자차카타파하"))
    torch.manual_seed(seed)
    net = BUILDERS["easyocr-g2"].build(classes, 0.25).eval()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.ndim > 1:
                parameter.mul_(1.6)
    return net, classes


def noise(seed: int) -> NDArray[np.uint8]:
    """Strokes, so high and wide that neither side changes the size or pads."""
    rng = np.random.default_rng(seed)
    image = np.full((64, 256), 255, np.uint8)
    for _ in range(24):
        x, y = rng.integers(0, 250), rng.integers(0, 56)
        image[y : y + rng.integers(4, 40), x : x + rng.integers(2, 30)] = rng.integers(0, 120)
    image[:, -1] = rng.integers(0, 256, 64)
    return image


def test_there_and_back_with_random_weights(tmp_path: Path) -> None:
    net, classes = alike(3)
    spec = BUILDERS["easyocr-g2"].line_spec(classes)
    own = Recogniser(export_lines(net, spec, tmp_path / "own.onnx"), 1, GREEDY)
    user_files(Start(net, spec), "geulnun_random").write(tmp_path)
    package = reader(tmp_path, "geulnun_random", quantize=False)
    # The other way: a file as EasyOCR keeps its own networks, read by us.
    torch.save(theirs(net.state_dict()), tmp_path / "their.pth")
    back = of_file(tmp_path / "their.pth", "".join(classes.characters))
    again = Recogniser(export_lines(back.net, back.spec, tmp_path / "again.onnx"), 1, GREEDY)
    seen = set()
    for seed in range(12):
        image = noise(seed)
        text = own.read([image])[0].text
        assert again.read([image])[0].text == text
        assert " ".join(read(package, image, contrast_ths=0.0).split()) == text
        seen.add(text)
    assert len(seen) > 6


def test_installed_where_easyocr_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from geulnun.export.easyocr import installed_in

    monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path))
    net, classes = alike(4)
    files = user_files(Start(net, BUILDERS["easyocr-g2"].line_spec(classes)), "geulnun_installed")
    files.write(installed_in())
    package = reader(tmp_path, "geulnun_installed")
    assert package.character == "".join(classes.characters)
