"""``geulnun lm``: what build writes and score says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from geulnun.cli.lm import app
from geulnun.decode import ngram
from geulnun.errors import DamagedInputError, GeulnunError, MissingInputError, UsageError
from geulnun.synth.corpora import held_out

LINES = [f"{who} {where}에 {what}다" for who in "나너우" for where in ("집", "학교") for what in ("간", "온", "있")]


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=True)


@pytest.fixture
def texts(tmp_path: Path) -> Path:
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("\n".join(LINES * 3), encoding="utf-8")
    return tmp_path / "texts"


def test_what_is_built_scores_its_own_text_well(texts: Path, tmp_path: Path) -> None:
    model = tmp_path / "new" / "lm.npz"
    assert re.search(r"n-grams, \d+ characters", run("build", texts, "-o", model, "--order", "4").output)
    assert ngram.load(model).order == 4
    known = float(re.search(r"([\d.]+) bits", run("score", model, texts).output)[1])  # type: ignore[index]
    (tmp_path / "other.txt").write_text("하늘이 매우 푸르구나\n", encoding="utf-8")
    other = float(re.search(r"([\d.]+) bits", run("score", model, tmp_path / "other.txt").output)[1])  # type: ignore[index]
    assert known < 2 < other


def test_held_out_sentences_do_not_count_for_training(texts: Path, tmp_path: Path) -> None:
    secret = next(line for at in range(500) if held_out(line := f"뷁뷁 {at}"))
    (texts / "b.txt").write_text(f"{secret}\n" * 3, encoding="utf-8")
    for split, known in (("train", False), ("all", True), ("held-out", True)):
        run("build", texts, "-o", tmp_path / "lm.npz", "--split", split)
        assert ("뷁" in ngram.load(tmp_path / "lm.npz").characters) is known


def test_errors_are_one_line(texts: Path, tmp_path: Path) -> None:
    out = tmp_path / "lm.npz"
    assert isinstance(run("build", tmp_path / "none.txt", "-o", out).exception, MissingInputError)
    assert isinstance(run("build", texts, "-o", out, "--order", "9").exception, UsageError)
    (tmp_path / "file").write_text("")
    assert isinstance(run("build", texts, "-o", tmp_path / "file" / "lm.npz").exception, GeulnunError)
    (tmp_path / "bad.npz").write_bytes(b"PK")
    assert isinstance(run("score", tmp_path / "bad.npz", texts).exception, DamagedInputError)
    run("build", texts, "-o", out)
    (tmp_path / "empty.txt").write_text("")
    assert isinstance(run("score", out, tmp_path / "empty.txt").exception, MissingInputError)


def test_a_recipe_says_what_is_counted(texts: Path, tmp_path: Path) -> None:
    recipe = tmp_path / "language.yaml"
    recipe.write_text(f"texts: [{texts.name}]\norder: 3\nprune: 0\n", "utf-8")
    plain, asked = tmp_path / "plain.npz", tmp_path / "asked.npz"
    run("build", texts, "-o", plain, "--order", "3", "--prune", "0")
    run("build", texts.parent, "-o", asked, "--recipe", recipe)
    assert plain.read_bytes() == asked.read_bytes()
