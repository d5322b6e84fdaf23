"""Where the bench's images come from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from geulnun.bench import page, real
from geulnun.errors import DamagedInputError, MissingInputError


def _index(folder: Path, *rows: dict[str, object]) -> Path:
    for row in rows:
        path = folder / str(row["image"])
        path.parent.mkdir(exist_ok=True)
        PillowImage.new("RGBA", (40, 20), (0, 0, 0, 0)).save(path)
    (folder / "index.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return folder


def _row(image: str, **changes: object) -> dict[str, object]:
    return {
        "image": image,
        "level": "page",
        "script": "ko",
        "style": "print",
        "text": "가\n\n나",
        "boxes": None,
    } | changes


def test_sets_and_levels_are_slices(tmp_path: Path) -> None:
    root = _index(
        tmp_path,
        _row("web/a.png"),
        _row("web/b.png", script="mixed"),
        _row("web/c.png", script="ja"),
        _row("pen/d.png", level="line", style="hand"),
        _row("book/e.png", level="line"),
    )
    found = {part.name: part for part in real.slices(root)}
    assert {name: (part.size, part.primary, part.pool) for name, part in found.items()} == {
        "web, pages": (2, "eojeol_bag_f1", "all Korean pages"),
        "web, pages (ja)": (1, "eojeol_bag_f1", ""),
        "pen, lines": (1, "cer_without_spaces", "all Korean lines"),
        "book, lines": (1, "cer", "all Korean lines"),
    }
    [sample] = real.slices(root, limit=1)[0].samples()
    assert sample.image.shape == (20, 40, 3)
    assert sample.image.min() == 255  # transparent is white
    assert [line.text for line in sample.truth.lines] == ["가", "나"]


def test_boxes_are_the_truths_lines(tmp_path: Path) -> None:
    boxes = [{"poly": [[1, 2], [9, 2], [9, 8], [1, 8]], "text": "가"}, {"poly": [[1, 12], [9, 18]], "text": "나"}]
    [part] = real.slices(_index(tmp_path, _row("paper/a.png", boxes=boxes)))
    [sample] = part.samples()
    assert sample.truth.lines[1].quad == ((1.0, 12.0), (9.0, 12.0), (9.0, 18.0), (1.0, 18.0))
    assert "soft_f1" in part.measures


def test_a_folder_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"no index\.jsonl"):
        real.slices(tmp_path)


def test_a_damaged_index_names_its_line(tmp_path: Path) -> None:
    root = _index(tmp_path, _row("web/a.png"))
    with (root / "index.jsonl").open("a") as file:
        file.write('{"image": "web/b.png"}\n')
    with pytest.raises(DamagedInputError, match=r"index\.jsonl:2"):
        real.slices(root)


def test_the_speed_page_is_always_the_same(test_font: Path) -> None:
    page.a4_page.cache_clear()
    first = page.a4_page(test_font)
    page.a4_page.cache_clear()
    second = page.a4_page(test_font)
    assert first.image.shape == (3508, 2480, 3)
    assert np.array_equal(first.image, second.image)
    assert 38 <= len(first.truth.lines) <= 40
    assert 2000 < len(first.truth.text) < 2500
    for line in first.truth.lines:
        assert line.quad is not None
        (left, top), _, (right, bottom), _ = (tuple(map(round, point)) for point in line.quad)
        assert first.image[top:bottom, left:right].min() < 100
        assert right <= 2480
        assert bottom <= 3508


def test_single_lines_are_tight_and_as_long_as_asked(test_font: Path) -> None:
    lines = page.text_lines(5, 20, test_font)
    assert len({line.name for line in lines}) == 5
    for line in lines:
        assert len(line.truth.text) == 20
        assert line.truth.text.strip() == line.truth.text
        ink = np.asarray(line.image[..., 0] < 128)
        # Five pixels of paper on each side, and what letters leave beside themselves.
        rows, columns = np.flatnonzero(ink.max(1)), np.flatnonzero(ink.max(0))
        high, wide = ink.shape
        edges = [rows[0], high - 1 - rows[-1], columns[0], wide - 1 - columns[-1]]
        assert all(4 <= edge <= 12 for edge in edges)
