import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from geulnun import __version__
from geulnun.runtime import weights

Run = Callable[..., Any]
Make = Callable[..., Path]

ENTRY = {
    "name": "toy", "file": "toy.onnx", "licence": "Apache-2.0", "card": "toy.md", "version": 3,
    "recipe": "recipes/toy.yaml", "input": "float32 (n, 1)", "data": ["rendered pages"], "scores": {"cer": 0.004},
}  # fmt: skip


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_version_and_help(run: Run) -> None:
    assert run("--version").out == f"geulnun {__version__}\n"
    text = run("--help").out
    assert all(verb in text for verb in ("read", "overlay", "coverage", "info", "bench", "train"))


def test_unknown_verb_is_wrong_usage(run: Run) -> None:
    result = run("reed")
    assert result.code == 2
    assert "reed" in result.err
    assert result.out == ""


def test_overlay_beside_the_image_or_where_told(run: Run, picture: Make) -> None:
    path = picture("in/a.png", 9)
    result = run("overlay", path)
    assert result.out == f"{path.with_name('a.overlay.png')}\n"
    assert size(path.with_name("a.overlay.png")) == (60, 20)
    assert run("overlay", path, "-o", "b.png").out == "b.png\n"
    assert run("overlay", picture("c.tif", 1, 2), "-o", "d.png").out == "d-0001.png\nd-0002.png\n"
    before = path.read_bytes()
    result = run("overlay", path, "-o", path)
    assert (result.code, path.read_bytes()) == (2, before)
    assert run("overlay", "none.png").code == 3


def test_coverage_of_text_file_and_stdin(run: Run, tmp_path: Path) -> None:
    text = "𠮷字 한글 𠮷"
    (tmp_path / "a.txt").write_text(text, encoding="utf-8")
    expected = run("coverage", text)
    assert run("coverage", "a.txt").out == run("coverage", "-", stdin=text.encode()).out == expected.out
    lines = expected.out.splitlines()
    assert lines[0].split()[:3] == ["𠮷", "U+20BB7", "2"]
    assert lines[-2] == "2 of 7 characters (1 different) cannot be written"
    assert lines[-1] == "CER at least 28.57%, eojeol accuracy at most 33.33%"


def test_coverage_of_another_charset(run: Run, tmp_path: Path) -> None:
    (tmp_path / "set.txt").write_text("가\n나\n다", encoding="utf-8")
    tree = json.loads(run("coverage", "가나 뷁", "--charset", "set.txt", "--json").out)
    assert tree["missing"] == [{"character": "뷁", "count": 1}]
    assert (tree["cer_floor"], tree["eojeol_accuracy_ceiling"]) == (0.25, 0.5)


def test_coverage_of_everything_the_model_writes_is_full(run: Run) -> None:
    tree = json.loads(run("coverage", "한글 ABC 123, ㈜뷁～", "--json").out)
    assert (tree["missing"], tree["cer_floor"], tree["eojeol_accuracy_ceiling"]) == ([], 0.0, 1.0)
    assert json.loads(run("coverage", "", "--json").out)["cer_floor"] == 0.0


def test_coverage_of_files_that_are_no_text(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("한글".encode("cp949"))
    result = run("coverage", "a.txt")
    assert (result.code, "not UTF-8 text" in result.err) == (3, True)
    assert run("coverage", "가", "--charset", "none.txt").code == 3


def test_info_tells_intact_damaged_and_missing_apart(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toy.onnx").write_bytes(b"weights")
    digest = weights.digest(tmp_path / "toy.onnx")
    manifest = {"version": 1, "weights": [ENTRY | {"sha256": digest, "bytes": 7}]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    entries = weights.entries
    monkeypatch.setattr(weights, "DIRECTORY", tmp_path)
    monkeypatch.setattr(weights, "entries", lambda: entries(tmp_path))
    text = run("info").out
    assert digest in text
    assert "toy, version 3, 0.00 MB, Apache-2.0, intact" in text
    for content, state in ((b"other", "damaged"), (None, "missing")):
        (tmp_path / "toy.onnx").write_bytes(content) if content else (tmp_path / "toy.onnx").unlink()
        (model,) = json.loads(run("info", "--json").out)["models"]
        assert (model["state"], Path(model["card"]).name) == (state, "toy.md")


@pytest.mark.parametrize("verb", ["read", "overlay", "coverage", "info", "bench", "train"])
def test_every_verb_has_help(run: Run, verb: str) -> None:
    result = run(verb, "--help")
    assert (result.code, result.err) == (0, "")
    assert len(result.out) > 200
