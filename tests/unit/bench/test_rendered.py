"""Rendered slices, drawn with the one font that is always there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("fontTools", reason="rendering needs geulnun[train]")

from geulnun.bench import rendered
from geulnun.errors import MissingDependencyError
from geulnun.synth.fonts import Face, Family


@pytest.fixture(autouse=True)
def _one_font(test_font: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    family = Family("Test Sans", "sans", "held-out", "OFL-1.1", (test_font.name,))
    monkeypatch.setattr(rendered, "faces", lambda split: (Face(family, test_font),))


def test_lines_are_the_same_for_the_same_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendered, "_NEARLY_ALL", 0.0)
    first, again, other = (rendered.line_slices(None, 2, seed) for seed in (1, 1, 2))
    assert [part.name for part in first] == [
        f"{kind.name}, {look} (1 families)"
        for kind in rendered.KINDS
        if kind.styles == rendered.PRINT and not kind.ideographs
        for look in ("clean", "worn", "harsh")
    ]
    assert [part.name.split(",")[0] for part in first][-1] == "columns of sentences"
    standing = next(iter(first[-3].samples()))
    assert standing.image.shape[0] > standing.image.shape[1]
    for one, two, three in zip(first, again, other, strict=True):
        drawn = list(one.samples())
        assert len(drawn) == one.size == 2
        for sample, same in zip(drawn, two.samples(), strict=True):
            assert np.array_equal(sample.image, same.image)
            assert sample.truth == same.truth
            assert sample.image.shape[2] == 3
            assert sample.truth.text
            assert sample.part == "Test Sans"
        assert [sample.truth.text for sample in three.samples()] != [sample.truth.text for sample in drawn]


def test_a_font_without_most_syllables_takes_no_part_in_random_ones() -> None:
    with pytest.raises(MissingDependencyError, match="random syllables"):
        rendered.line_slices(None, 1, 1)


def test_pages_of_each_kind_and_look() -> None:
    slices = rendered.page_slices(None, 1, 1)
    assert [part.name for part in slices[:6]] == [
        "letters, clean", "two columns, clean", "forms, clean", "receipts, clean", "vertical text, clean",
        "letters, worn",
    ]  # fmt: skip
    assert {part.pool for part in slices if not part.vertical} == {
        "all pages, clean",
        "all pages, worn",
        "all pages, curled",
    }
    assert [(part.name, part.pool) for part in slices if part.vertical] == [
        ("vertical text, clean", ""), ("vertical text, worn", ""),
    ]  # fmt: skip
    [sample] = slices[0].samples()
    [same] = rendered.page_slices(None, 1, 1)[0].samples()
    assert np.array_equal(sample.image, same.image)
    assert len(sample.truth.lines) > 5
    assert all(line.quad for line in sample.truth.lines)
