"""The bench of heads: what is drawn, what is counted, and that nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.bench import heads, laboratory
from geulnun.bench.heads import KINDS, Plan, Result
from geulnun.bench.laboratory import Size
from geulnun.errors import MissingInputError
from geulnun.synth.fonts import Face, Family

UNSEEN = "가나다라마"


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "sans", "held-out", "OFL-1.1", (test_font.name,)), test_font)


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, face: Face) -> Plan:
    monkeypatch.setattr(heads, "syllable_families", lambda: {"test": [face]})
    (tmp_path / "unseen.txt").write_text(UNSEEN + "\n", "utf-8")
    return Plan(unseen=tmp_path / "unseen.txt", tests=6)


def test_each_kind_holds_what_it_should(plan: Plan) -> None:
    lines = heads.tests(plan)
    texts = {kind: "".join(text for _, text in lines[kind]).replace(" ", "") for kind in KINDS}
    assert [len(lines[kind]) for kind in KINDS] == [6, 6, 6]
    assert set(texts["the 200 never seen"]) <= set(UNSEEN)
    assert not set(texts["random syllables"] + texts["words"]) & set(UNSEEN)
    assert all(image.ndim == 2 and image.dtype == np.uint8 for kind in KINDS for image, _ in lines[kind])
    again = heads.tests(plan)
    assert [text for _, text in again["words"]] == [text for _, text in lines["words"]]


def test_a_missing_list_is_named(plan: Plan, tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match=r"none\.txt: no such file of characters"):
        heads.tests(Plan(unseen=tmp_path / "none.txt"))


def test_rates_count_spaces() -> None:
    image = np.zeros((3, 3), np.uint8)
    lines = {kind: [(image, "가 나"), (image, "다라")] for kind in KINDS}
    result = heads.score(lambda image: "가나", lines, Result("a", "jamo", None, 0, 0.0))
    # A space of the first line and both letters of the second, of five characters.
    assert result.cer == dict.fromkeys(KINDS, pytest.approx(0.6))


def test_finished_rows_are_kept(plan: Plan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[tuple[str, str]] = []

    def train(net: str, head: str, plan: Plan, folder: Path, tell: laboratory.Tell) -> Result:
        trained.append((net, head))
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "net.onnx").touch()
        return Result(net, head, None, plan.lines, 4.0)

    def greedy(file: Path) -> Callable[[NDArray[np.uint8]], str]:
        # There is nothing to read with before the training.
        assert file.is_file()
        return lambda image: "가"

    monkeypatch.setattr(heads, "train", train)
    monkeypatch.setattr(heads, "size", lambda net, head, plan: Size(1.0, 2.0, 3.0))
    monkeypatch.setattr(heads, "_greedy", greedy)
    first = heads.measure(plan, tmp_path, ["dense"], tell=lambda text: None)
    long = tmp_path / "dense-jamo" / "net.onnx"
    again = heads.measure(plan, tmp_path, ["dense"], {"long": long}, tell=lambda text: None)
    assert trained == [("dense", "jamo"), ("dense", "flat")]
    assert again[:2] == first
    page = heads.as_markdown("- a day", again, plan)
    assert "| dense | jamo | 1.00 | 2.0 | 3.0 | 24,000 | 4.0 |" in page
    assert "| long |  |  |  |  |  |  |" in page
