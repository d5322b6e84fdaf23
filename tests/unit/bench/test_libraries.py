"""OCR libraries as engines: what they are given, what is made of their answers, and what is said where they lack."""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from geulnun.bench import libraries
from geulnun.bench.libraries import EasyOcr, Library, PaddleOcr, RapidOcr
from geulnun.errors import MissingDependencyError

BOX = [[1, 2], [9, 2], [9, 6], [1, 6]]
IMAGE = np.zeros((10, 20, 3), np.uint8)
IMAGE[..., 0] = 200


def pretend(monkeypatch: pytest.MonkeyPatch, name: str, **members: Any) -> None:
    """Install a stand-in for a library."""
    module = types.ModuleType(name)
    module.__spec__ = ModuleSpec(name, None, origin=f"/lib/{name}/__init__.py")
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)


@pytest.fixture
def easyocr(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    asked: dict[str, Any] = {}

    class Reader:
        def __init__(self, languages: list[str], **options: Any) -> None:
            asked.update(options, languages=languages)

        def readtext(self, image: Any) -> list[Any]:
            asked["page"] = image.shape
            return [(BOX, "  한글  둘 ", 0.9), (BOX, " ", 0.1)]

        def recognize(self, image: Any) -> list[Any]:
            asked["line"] = image.shape
            return [(BOX, "줄", 0.9)]

    pretend(monkeypatch, "easyocr", Reader=Reader)
    monkeypatch.setenv("EASYOCR_MODULE_PATH", str(tmp_path))
    (tmp_path / "model").mkdir()
    for name, size in (("craft_mlt_25k.pth", 300), ("korean_g2.pth", 100)):
        (tmp_path / "model" / name).write_bytes(bytes(size))
    return asked


def test_easyocr_reads_without_downloading(easyocr: dict[str, Any], tmp_path: Path) -> None:
    engine = EasyOcr()
    assert engine.weights_bytes == 400
    assert "korean_g2 100" in engine.identity
    [page] = engine.read([IMAGE], "page")
    assert [(line.text, line.quad) for line in page.page.lines] == [("한글 둘", ((1, 2), (9, 2), (9, 6), (1, 6)))]
    assert (page.page.width, page.page.height) == (20, 10)
    [line] = engine.read([IMAGE], "line")
    assert line.page.text == "줄"
    assert easyocr["download_enabled"] is False
    assert easyocr["model_storage_directory"] == str(tmp_path / "model")
    assert (easyocr["page"], easyocr["line"]) == ((10, 20, 3), (10, 20))


def test_a_model_that_lacks_is_named(easyocr: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "model" / "korean_g2.pth").unlink()
    with pytest.raises(MissingDependencyError, match=r"no korean_g2\.pth there; put EasyOCR's"):
        EasyOcr()


@pytest.mark.parametrize("library", libraries.LIBRARIES)
def test_a_library_that_lacks_is_named(library: type[Library], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geulnun.bench.libraries.find_spec", lambda _: None)
    with pytest.raises(MissingDependencyError, match=f"{library.package} is not installed"):
        library()


def test_rapidocr_gets_every_path_and_blue_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    class Rapid:
        def __init__(self, params: dict[str, Any]) -> None:
            asked.update(params)

        def __call__(self, image: Any, **options: Any) -> Any:
            assert image[0, 0].tolist() == [0, 0, 200]
            lines = None if options else np.array([BOX], np.float32)
            return types.SimpleNamespace(txts=("글",) if image.any() else None, boxes=lines)

    pretend(monkeypatch, "rapidocr", RapidOCR=Rapid, LangRec=types.SimpleNamespace(KOREAN="korean"))
    monkeypatch.setenv("GEULNUN_RAPIDOCR", str(tmp_path))
    with pytest.raises(MissingDependencyError, match="korean"):
        RapidOcr()
    for name in ("a_det_b.onnx", "a_cls_b.onnx", "korean_x_rec_y.onnx"):
        (tmp_path / name).write_bytes(b"12")
    engine = RapidOcr()
    assert engine.read([IMAGE], "page")[0].page.lines[0].quad is not None
    assert engine.read([IMAGE], "word")[0].page.text == "글"
    assert asked["Rec.model_path"] == str(tmp_path / "korean_x_rec_y.onnx")
    assert asked["Rec.lang_type"] == "korean"


def test_paddleocr_gets_its_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked: dict[str, Any] = {}

    class Paddle:
        def __init__(self, **options: Any) -> None:
            asked.update(options)

        def predict(self, image: Any) -> list[dict[str, Any]]:
            return [{"rec_texts": ["가", "나"], "rec_polys": [np.array(BOX), np.array(BOX)]}]

    pretend(monkeypatch, "paddleocr", PaddleOCR=Paddle)
    monkeypatch.setenv("PADDLE_PDX_CACHE_HOME", str(tmp_path))
    for name in ("PP-OCRv5_server_det", "korean_PP-OCRv5_mobile_rec"):
        (tmp_path / "official_models" / name).mkdir(parents=True)
        (tmp_path / "official_models" / name / "weights").write_bytes(bytes(7))
    engine = PaddleOcr()
    assert engine.weights_bytes == 14
    assert engine.read([IMAGE], "page")[0].page.text == "가\n나"
    assert asked["text_recognition_model_dir"].endswith("korean_PP-OCRv5_mobile_rec")


def test_commands_name_the_engine_the_page_and_the_copies(easyocr: dict[str, Any], tmp_path: Path) -> None:
    command, variables = EasyOcr().command(tmp_path / "a.png", 3)
    assert command[0] == sys.executable
    assert command[-3:] == ["EasyOcr", str(tmp_path / "a.png"), "3"]
    assert not variables
