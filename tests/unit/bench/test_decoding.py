"""The decoders' bench: one small run from end to end, and what its tables say."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PillowImage

from geulnun.bench import decoding, decoding_report
from geulnun.bench.decoding import Calibration, Kept, Measured, Result
from geulnun.bench.decoding_real import Compared, compare
from geulnun.bench.score import Ratio
from geulnun.decode.options import DecodeOptions
from geulnun.metrics.counts import Accuracy, ErrorRate
from geulnun.synth import corpora
from geulnun.synth.fonts import Face, Family, Split

WORDS = ("나는", "학교에", "간다", "우리", "집에", "있는", "사람이", "온다", "그", "가게")


def test_a_run_measures_every_set_and_keeps_sides_apart(
    tmp_path: Path, test_font: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(1)
    lines = [" ".join(rng.choice(WORDS, 6)) + "." for _ in range(900)]
    (tmp_path / "texts" / "admin_districts").mkdir(parents=True)
    (tmp_path / "texts" / "a.txt").write_text("\n".join(lines), "utf-8")
    (tmp_path / "texts" / corpora.WORDS[-1]).write_text("서울 강남\n부산\n", "utf-8")
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    sides: list[Split] = []

    def faces(side: Split) -> list[Face]:
        sides.append(side)
        return [face]

    monkeypatch.setattr(decoding, "faces", faces)
    for name, values in (("ALPHAS", (0.3,)), ("BETAS", (1.0,)), ("UNKNOWNS", (4.0,))):
        monkeypatch.setattr(decoding, name, values)
    result = decoding.run(tmp_path / "texts", 2, seed=3)
    assert sorted(sides) == ["held-out", "train"]
    sets = {one.set for one in result.measured}
    assert {"sentences, harsh", "place names, harsh", "dates, harsh"} <= sets
    clean = [one for one in result.measured if one.set == "sentences, clean"]
    assert all(one.cer.value < 0.2 and one.seconds > 0 for one in clean)
    assert result.options.lm is not None
    assert 0 < result.bits < 3
    assert result.network > 0
    assert result.calibration is not None


def test_sentences_that_choose_weights_are_not_learned_from(tmp_path: Path) -> None:
    lines = [f"문장 {at} 이다" for at in range(500)]
    (tmp_path / "a.txt").write_text("\n".join(lines), "utf-8")
    spoken, kept = decoding._split(tmp_path)
    assert kept
    assert not set(spoken) & set(kept)
    assert not any(map(corpora.held_out, spoken + kept))


def test_windows_are_whole_words_of_a_sentence() -> None:
    text = decoding.windows(["하나 둘 셋 넷 다섯 여섯"])
    drawn = {text(np.random.default_rng(seed), 5) for seed in range(40)}
    assert all(f" {one} " in " 하나 둘 셋 넷 다섯 여섯 " for one in drawn)
    assert max(map(len, drawn)) <= 10


def test_the_report_names_sets_decoders_and_what_was_chosen() -> None:
    one = Measured("sentences, harsh", "greedy", ErrorRate(4, 100), Accuracy(3, 4), 0.002, 200)
    result = Result(DecodeOptions(alpha=0.35, beta=1.0), 4.0, [one], [one], 0.004, 3.7, 1234)
    ratios = {"greedy": Ratio(1, 8), "beam": Ratio(1, 10)}
    result.real = [Compared("print, lines", 3, "cer", ratios)]
    result.calibration = Calibration(1.25, 0.02, 0.01, (Kept(0.01, 0.8, 0.95, 0.009),))
    text = decoding_report.as_markdown("- preamble", result)
    assert "| sentences, harsh | 4 | greedy | 4.00% | 75.0% | 0.50 | 10.0 |" in text
    assert "alpha 0.35, beta 1" in text
    assert "Temperature 1.25" in text
    assert "| 1.0% | 0.800 | 95.0% | 0.90% |" in text
    assert "| print, lines | 3 | CER | 12.50 % | 10.00 % |" in text
    assert decoding_report.as_json({}, result)["network_ms"] == 4.0


def test_real_lines_are_read_with_each_decoder(tmp_path: Path) -> None:
    image = PillowImage.new("L", (200, 40), 255)
    image.save(tmp_path / "a.png")
    rows = [
        {"image": "a.png", "level": "line", "script": script, "style": "print", "text": "가"} for script in ("ko", "ja")
    ]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    decoders = {"greedy": DecodeOptions(), "beam": DecodeOptions(decoder="beam")}
    (found,) = compare(tmp_path, decoders)
    assert found.images == 1
    # Nothing stands there: one character is lost.
    assert {title: ratio.value for title, ratio in found.ratios.items()} == {"greedy": 1.0, "beam": 1.0}
