"""Timing of scoring: the pages it makes, and the reference where it is, is not or breaks."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from geulnun import metrics
from geulnun.bench import scoring
from geulnun.geometry import as_quads

#: A stand-in for the package: everything is found, and read by half.
STAND_IN = {
    "__init__.py": "raise ImportError('it would load PyTorch')",
    "box_types.py": "class QUAD:\n    def __init__(self, points, transcription):\n        self.text = transcription\n"
    "        assert len(points) == 8",
    "eval_functions.py": """
from types import SimpleNamespace as N
def evaluation(options, truth, found):
    assert options.E2E
    characters = sum(len(box.text) for box in truth)
    def side(hits):
        return N(num_char_tp_recall=hits, num_char_tp_precision=hits, num_char_gt=characters, num_char_det=characters,
                 gran_score_recall=0.0, gran_score_precision=0.0)
    return N(stats=N(det=side(characters), e2e=side(characters / 2)))
""",
}


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "cleval"
    package.mkdir()
    for name, content in STAND_IN.items():
        (package / name).write_text(content, encoding="utf-8")
    info = tmp_path / "cleval-9.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: cleval\nVersion: 9.9\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_the_same_seed_makes_the_same_pages_and_a_reading_is_good_but_not_perfect() -> None:
    truth, read = scoring.make_page(np.random.default_rng(3), 100)
    assert (truth, read) == scoring.make_page(np.random.default_rng(3), 100)
    assert len(truth.words) == 100
    quads = as_quads([word.quad for word in read.words if word.quad is not None])
    assert (quads == np.rint(quads)).all()
    found = metrics.page_cleval(truth, read)
    assert 0.9 < found.detection.f1 < 1
    assert 0.8 < found.end_to_end.f1 < found.detection.f1
    assert found.splits > 0
    assert found.merges > 0


@pytest.mark.usefixtures("stand_in")
def test_the_reference_is_timed_on_as_many_pages_as_are_asked_for() -> None:
    result = scoring.run(pages=3, words=20, reference_pages=2)
    assert result.missing == ""
    assert result.reference is not None
    assert (result.reference.version, result.reference.pages) == ("9.9", 2)
    two = [scoring.make_page(np.random.default_rng((20, number)), 20) for number in range(2)]
    ours = metrics.page_cleval([one for one, _ in two], [other for _, other in two])
    ratios = [ours.end_to_end.recall, ours.end_to_end.precision, ours.end_to_end.f1]
    # The stand-in's ratios are 1 and 0.5.
    assert result.reference.difference == pytest.approx(max(ratio - 0.5 for ratio in ratios))
    assert "cleval 9.9" in scoring.as_markdown("", result)
    assert json.loads(json.dumps(scoring.as_json({}, result)))["reference"]["pages"] == 2


def test_a_missing_reference_is_said() -> None:
    result = scoring.run(pages=1, words=5, python=str(Path(sys.executable).with_name("no-such-python")))
    assert result.reference is None
    assert "cannot be run" in result.missing
    assert result.missing in scoring.as_markdown("", result)
    assert scoring.as_json({}, result)["missing"] == result.missing


def test_an_interpreter_without_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cleval.py").write_text("", encoding="utf-8")  # found first, and no package
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = scoring.run(pages=1, words=5)
    assert result.reference is None
    assert "No module named 'cleval'" in result.missing


def test_pages_are_scored_in_time() -> None:
    # A fiftieth of the pages in thrice the time that is wanted, so that a busy machine does not fail it.
    result = scoring.run(pages=20, words=100, python="no-such-python")
    assert result.ours < 3 * scoring.WANTED / 50
