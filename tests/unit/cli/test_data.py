"""`geulnun data` on the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from geulnun.cli.app import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def go(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["data", *map(str, arguments)])
        out, err = capfd.readouterr()
        return int(ended.value.code or 0), out, err

    return go


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "set"
    (folder / "images").mkdir(parents=True)
    (folder / "gt").mkdir()
    for at in range(6):
        pixels = np.random.default_rng(at).integers(0, 255, (30, 50, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"images/img_{at}.png")
        (folder / f"gt/gt_img_{at}.txt").write_text(
            "2,2,20,2,20,12,2,12,한글\n5,15,30,15,30,25,5,25,둘째 줄\n", "utf-8"
        )
    return folder


def test_inspect_names_format_counts_and_problems(source: Path, run: Run, tmp_path: Path) -> None:
    code, said, _ = run("inspect", source)
    assert code == 0
    assert said.splitlines() == [
        "format      icdar: ICDAR 2015", "samples     6", "images      6", "lines       12", "words       18",
        "characters  30", "vertical    0", "illegible   0", "sizes       50 x 30 pixels",
        "document    img_0 1, img_1 1, img_2 1, img_3 1, img_4 1, img_5 1", "source      icdar 6",
        "problems    0, 0 of them unpaired files",
    ]  # fmt: skip
    (source / "images/img_1.png").unlink()
    code, said, err = run("inspect", source, "--report", tmp_path / "report.json")
    assert code == 3
    assert "problems    1, 1 of them unpaired files" in said
    assert "gt/gt_img_1.txt: no image 'img_1' for it" in err
    assert json.loads((tmp_path / "report.json").read_text("utf-8"))["problems"][0]["unpaired"] is True


def test_convert_goes_on_and_ends_with_the_first_problems_code(source: Path, run: Run, tmp_path: Path) -> None:
    (source / "gt/gt_img_2.txt").write_text("1,2,3\n", "utf-8")
    code, said, err = run("convert", source, "--to", "ufo", "-o", tmp_path / "out", "--from", "icdar")
    assert code == 3
    assert "5 samples, icdar to ufo; 2 problems, 1 of them unpaired files" in said
    assert "gt/gt_img_2.txt:1: '1,2,3' is not eight numbers and a text" in err
    assert len(list((tmp_path / "out/images").iterdir())) == 5
    assert not list(tmp_path.glob(".*.part"))


def test_convert_refuses_a_folder_that_holds_something(source: Path, run: Run) -> None:
    code, _, err = run("convert", source, "--to", "ufo", "-o", source)
    assert code == 2
    assert "not an empty folder" in err
    code, _, err = run("convert", source, "--to", "ufu", "-o", source / "new")
    assert (code, (source / "new").exists()) == (2, False)
    assert "did you mean ufo?" in err


def test_only_so_many_problems_are_written_out(source: Path, run: Run, tmp_path: Path) -> None:
    for at in range(30):
        (source / f"gt/gt_more_{at}.txt").write_text("2,2,20,2,20,12,2,12,한글\n", "utf-8")
    code, _, err = run("convert", source, "--to", "mlt", "-o", tmp_path / "out")
    assert code == 3
    assert err.count("for it") == 20
    assert "10 more problems; --report FILE lists all" in err


def test_crop_and_split(source: Path, run: Run, tmp_path: Path) -> None:
    code, said, _ = run("crop", source, "-o", tmp_path / "crops", "--validation", 2, "--evaluation", 1)
    assert code == 0
    assert "10 crops of 6 pages" in said
    code, said, _ = run(
        "split", tmp_path / "crops/training_and_validation_set", "-o", tmp_path / "parts", "--parts", "a=1,b=1"
    )
    assert code == 0
    with (tmp_path / "parts/split.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 10
    sides: dict[str, str] = {}
    assert all(sides.setdefault(row["group"], row["part"]) == row["part"] for row in rows)
    assert set(sides.values()) == {"a", "b"}
    code, _, err = run("split", source, "-o", tmp_path / "by", "--by", "writer")
    assert code == 2
    assert "the writer is not known" in err


def test_formats_are_listed(run: Run) -> None:
    code, said, _ = run("formats")
    assert code == 0
    assert "aihub           read, written  AI-Hub 공공행정문서 OCR" in said
    assert "hocr            read           hOCR" in said
