"""The comparison of labels alone with SeqCLR and FixMatch: its rows, its table, and the crops of real images."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from geulnun.bench import unlabelled
from geulnun.bench.unlabelled import Comparison, Row
from geulnun.errors import UsageError
from geulnun.training.sets import stored


def a_set(folder: Path, count: int) -> Path:
    (folder / "images").mkdir(parents=True)
    rows = ["filename,words"]
    for at in range(count):
        image = np.full((32, 60), 255, np.uint8)
        cv2.putText(image, str(at), (4, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.7, 0, 2)
        cv2.imwrite(str(folder / "images" / f"{at}.png"), image)
        rows.append(f"{at}.png,{at}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def test_every_way_has_its_row_and_its_steps(tmp_path: Path) -> None:
    labelled = a_set(tmp_path / "labelled", 6)
    options = Comparison(
        labelled, labelled, {"test": labelled}, width=0.06, batch=3, steps=2, pretrain=1, more=1, threads=1
    )
    said = list[str]()
    rows = list(unlabelled.compare(options, tmp_path / "runs", said.append))
    assert [(row.name, row.steps, row.others) for row in rows] == [
        ("labels", 2, 0),
        ("SeqCLR, then labels", 2, 1),
        ("labels, then more labels", 3, 0),
        ("labels, then FixMatch", 3, 0),
    ]
    assert all(row.lines == {"test": 6} for row in rows)
    assert "the prediction layer begins anew" in said
    # What is done is only read again.
    again = list(unlabelled.compare(options, tmp_path / "runs", said.append))
    assert [row.cer for row in again] == [row.cer for row in rows]


def test_the_table() -> None:
    options = Comparison(Path("a"), Path("b"), {"real": Path("c")}, width=0.5, batch=8)
    row = Row("labels", 20, 3, 1.25, {"real": 0.12345}, {"real": 0.5}, {"real": 40})
    text = unlabelled.as_markdown("- a machine", options, [row])
    assert "| way | steps | SeqCLR's | minutes | real, 40 lines |" in text
    assert "| labels | 20 | 3 | 1.2 | 12.35% (50.0%) |" in text
    assert unlabelled.as_json({}, [row])["rows"] == [
        {"name": "labels", "steps": 20, "others": 3, "minutes": 1.25, "cer": {"real": 0.12345}, "exact": {"real": 0.5},
         "lines": {"real": 40}}
    ]  # fmt: skip


def test_korean_lines_words_and_boxes_of_real_images_are_cut_out(tmp_path: Path) -> None:
    folder = tmp_path / "real" / "set"
    folder.mkdir(parents=True)
    page = np.full((100, 200), 255, np.uint8)
    page[10:30, 20:80] = 0
    cv2.imwrite(str(folder / "page.png"), page)
    cv2.imwrite(str(folder / "word.png"), np.random.default_rng(1).integers(0, 256, (20, 50), np.uint8))
    base = {"style": "print", "boxes": []}
    boxes = [{"poly": [[20, 10], [80, 10], [80, 30], [20, 30]], "text": "가나"}, {"poly": [0, 0, 5, 5], "text": " "}]
    rows = [
        base | {"image": "set/page.png", "level": "page", "script": "mixed", "text": "가나", "boxes": boxes},
        base | {"image": "set/word.png", "level": "word", "script": "ko", "text": "다라"},
        base | {"image": "set/word.png", "level": "word", "script": "ja", "text": "ひと"},
    ]
    (tmp_path / "real" / "index.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    cut = unlabelled.real_lines(tmp_path / "real", tmp_path / "cut")
    found = [(text, load().shape[:2], int(load().mean())) for load, text in stored(cut)]
    assert [(text, shape) for text, shape, _ in found] == [("가나", (20, 60)), ("다라", (20, 50))]
    assert found[0][2] < 30


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(UsageError, match="no set to test on"):
        Comparison(Path("a"), Path("b"), {})
    with pytest.raises(UsageError, match="more is 0; expected 1"):
        Comparison(Path("a"), Path("b"), {"c": Path("c")}, more=0)
