"""FixMatch: which readings count, what the loss is, and a set that only lines without labels can teach."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from geulnun.charset import Classes, FlatCharset
from geulnun.decode.ctc import Decoded
from geulnun.errors import RecipeError
from geulnun.spec import LineSpec
from geulnun.synth import recipes
from geulnun.training import networks, semisupervised
from geulnun.training.batches import Fit
from geulnun.training.easyocr_config import load
from geulnun.training.fit import Devices, prepare, read_run, train, trained
from geulnun.training.losses import flat_ctc
from geulnun.training.options import ClassChoice, LineTraining, SetChoice
from geulnun.training.semisupervised import FixMatch, Guess, confidence_of, confident, guess, weight_at
from geulnun.training.unlabelled import PairMix, Views
from geulnun.training.unlabelled_options import ImageChoice, UnlabelledChoice, ViewChoice
from geulnun.training.validation import Scores, validate, validation_sets

MakeSet = Callable[..., Path]
CPU = Devices("cpu")
RECIPES = Path(__file__).resolve().parents[3] / "recipes"
SPEC = LineSpec(height=32, scaling="signed", padding="edge", classes=FlatCharset((" ", "a", "b")))


def quiet(line: str) -> None: ...


def choice(**changes: Any) -> UnlabelledChoice:
    return replace(UnlabelledChoice(data=(ImageChoice(Path("crops")),)), **changes)


def logits(*classes: int, sure: float) -> np.ndarray:
    """Logits that give each step's class the probability ``sure``, and the other three the rest alike."""
    out = np.zeros((len(classes), 4), np.float32)
    out[np.arange(len(classes)), classes] = np.log(3 * sure / (1 - sure))
    return out


def test_confidences_by_hand() -> None:
    sure, unsure = (Decoded("a", p, 0, 0, 1, ()) for p in (0.9, 0.4))
    assert confidence_of([sure, unsure], "mean") == pytest.approx(0.6)
    assert confidence_of([sure, unsure], "least") == pytest.approx(0.4)
    assert confidence_of([], "mean") == confidence_of([], "least") == 0


def test_a_guess_is_what_is_read_with_its_confidence() -> None:
    # a, blank, b, b: "ab".
    assert guess(logits(2, 0, 3, 3, sure=0.8), SPEC, "mean").ids == (2, 3)
    assert guess(logits(2, 0, 3, 3, sure=0.8), SPEC, "mean").confidence == pytest.approx(0.8, abs=1e-5)
    mixed = np.concatenate([logits(2, 0, sure=0.9), logits(3, sure=0.4)])
    assert guess(mixed, SPEC, "mean").confidence == pytest.approx(0.6, abs=1e-5)
    assert guess(mixed, SPEC, "least").confidence == pytest.approx(0.4, abs=1e-5)
    # Nothing but space is no text, however sure.
    assert guess(logits(0, 1, 0, sure=0.99), SPEC, "mean").ids == ()


def test_only_sure_readings_with_text_count() -> None:
    guesses = [Guess((2,), 0.95), Guess((2, 3), 0.9), Guess((3,), 0.899), Guess((), 1.0), Guess((2, 2, 2), 0.99)]
    assert confident(guesses, 0.9) == [0, 1, 4]
    assert confident(guesses, 0.9, shortest=2) == [1, 4]
    assert confident(guesses, 0.0) == [0, 1, 2, 4]
    assert confident(guesses, 1.0) == []


def test_the_weight_waits_and_rises() -> None:
    made = choice(weight=2.0, wait=10, rise=4)
    assert [weight_at(made, step) for step in (0, 9, 10, 11, 13, 14, 99)] == [0, 0, 0.5, 1, 2, 2, 2]
    assert weight_at(choice(rise=0, wait=0), 0) == 1


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": ()}, "data is empty"),
        ({"ratio": 0}, "ratio is 0; expected more"),
        ({"threshold": 1.5}, "threshold is 1.5; expected a confidence"),
        ({"weight": -1}, "weight is -1; expected 0 or more"),
        ({"shortest": 0}, "shortest is 0; expected 1 character"),
    ],
)
def test_impossible_choices_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        choice(**changes)


class Said(nn.Module):
    """Gives the logits it is told, of the lines it is shown."""

    def __init__(self, rows: np.ndarray) -> None:
        super().__init__()
        self.rows = nn.Parameter(torch.from_numpy(rows))

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        # A line's first pixel says which it is.
        return self.rows[x[:, 0, 0, 0].long()]


def numbered(count: int) -> Views:
    inputs = np.zeros((count, 1, 32, 12), np.float16)
    inputs[:, 0, 0, 0] = np.arange(count)
    return Views(inputs, np.full(count, 12))


def test_the_loss_is_that_of_sure_lines_times_their_share() -> None:
    mix = PairMix((ImageChoice(Path("crops")),), SPEC, ViewChoice(), ViewChoice())
    loss = FixMatch(choice(threshold=0.9), mix, None, 0, "fp32")
    teacher = np.stack([logits(2, 0, 3, sure=0.95), logits(2, 0, 3, sure=0.7), logits(3, 0, 3, sure=0.92)])
    views, cpu = numbered(3), torch.device("cpu")
    guesses = loss.read(Said(teacher), views, cpu)
    assert [one.ids for one in guesses] == [(2, 3), (2, 3), (3, 3)]
    student = Said(np.stack([logits(0, 1, 2, sure=0.5)] * 3))
    found = loss.of(student, views, guesses, cpu)
    assert found is not None
    expected = flat_ctc(student.rows[[0, 2]], torch.tensor([3, 3]), [[2, 3], [3, 3]], SPEC.classes) * 2 / 3
    assert float(found.detach()) == pytest.approx(float(expected.detach()))
    found.backward()  # type: ignore[no-untyped-call]
    assert student.rows.grad is not None
    assert (student.rows.grad.abs().sum((1, 2)) > 0).tolist() == [True, False, True]
    assert "66.7 % of 3 lines" in loss.told()
    assert loss.told() == "without labels: nothing read yet"
    assert loss.of(student, views, [replace(one, confidence=0.5) for one in guesses], cpu) is None


def test_a_view_too_narrow_for_its_text_counts_nothing() -> None:
    mix = PairMix((ImageChoice(Path("crops")),), SPEC, ViewChoice(), ViewChoice())
    loss = FixMatch(choice(), mix, Fit(None, 4.0), 0, "fp32")
    student = Said(np.stack([logits(0, 1, 2, sure=0.5)] * 2))
    # Three steps hold "ab" and "aba", but not "aab", which needs one more between its repeats.
    alone = [Guess((2, 3, 2), 1.0), Guess((2, 2, 3), 1.0)]
    loss.of(student, numbered(2), alone, torch.device("cpu"))
    assert loss.count.kept == 1


class Tiny(nn.Module):
    """Four columns a step, in four bands of rows."""

    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.feature = nn.Conv2d(1, 12, (8, 4), (8, 4))
        self.sequence = nn.Sequential(nn.ReLU(), nn.Dropout(dropout))
        self.prediction = nn.Conv2d(12, width, (4, 1))

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        steps: Tensor = self.prediction(self.sequence(self.feature(x)))
        return steps.squeeze(2).transpose(1, 2)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    def build(options: LineTraining, classes: Classes) -> tuple[nn.Module, LineSpec]:
        return Tiny(classes.width, 0.3 if options.net == "dropout" else 0.0), replace(SPEC, classes=classes)

    monkeypatch.setattr(networks, "build", build)


def written(folder: Path, texts: Iterable[str], top: bool, bottom: bool) -> Path:
    """Lines of "a" and "b", four columns each with four of paper between, told by their top or by their bottom.

    At the top a is black and b grey; at the bottom a is striped and b is not, or either by chance where it tells
    nothing. Without a top the bottom fills the line, as where the top is cut off.
    """
    rng = np.random.default_rng(len(folder.name))
    (folder / "images").mkdir(parents=True)
    rows = ["filename,words"]
    for at, text in enumerate(texts):
        image = np.full((32, 8 * len(text) + 4), 255, np.uint8)
        for place, char in enumerate(text):
            cell = image[:, 8 * place + 4 : 8 * place + 8]
            if top:
                cell[:6] = 0 if char == "a" else 128
            striped = char == "a" if bottom else bool(rng.random() < 0.5)
            cell[8 if top else 0 :] = np.array([[0, 255, 0, 255]], np.uint8) if striped else 60
        cv2.imwrite(str(folder / "images" / f"{at}.png"), image)
        rows.append(f"{at}.png,{text}")
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def words(seed: int, count: int = 24) -> list[str]:
    rng = np.random.default_rng(seed)
    return ["".join("ab"[bit] for bit in rng.integers(0, 2, 3 + at % 4)) for at in range(count)]


def options(folder: Path, **changes: Any) -> LineTraining:
    made = LineTraining(
        data=(SetChoice(folder),), net="tiny", classes=ClassChoice("flat", " ab"), steps=100, rise=0, decay=20,
        rate=2e-2, batch=8, group=2, validation=(SetChoice(folder),), validate_steps=10_000, workers=0, threads=1,
        tensorboard=False, save_minutes=1e9, average=0.9, precision="fp32", show=0,
    )  # fmt: skip
    return replace(made, **changes)


@pytest.mark.usefixtures("tiny")
def test_lines_without_labels_decide(tmp_path: Path) -> None:
    # Labels come with the top alone. Unlabelled lines have both, so they say what the bottom means: the weak view is
    # read by its top, the strong one has often lost it. What is tested has the bottom alone.
    labelled = written(tmp_path / "labelled", words(1), top=True, bottom=False)
    both = written(tmp_path / "both", words(2), top=True, bottom=True)
    (both / "labels.csv").unlink()
    test = SetChoice(written(tmp_path / "test", words(3), top=False, bottom=True))
    beside = UnlabelledChoice(
        (ImageChoice(both),), ratio=2, threshold=0.6, wait=40, rise=10, weak=ViewChoice(), strong=ViewChoice(crop=0.38)
    )
    scores = {}
    for name, run in {
        "labelled": options(labelled, validation=(test,)),
        "both": options(labelled, validation=(test,), unlabelled=beside),
    }.items():
        checkpoint = train(run, tmp_path / name, log=quiet, devices=CPU)
        assert checkpoint is not None
        made = trained(checkpoint, run)
        (lines,) = validation_sets(run, made.mix).values()
        readings, _, _ = validate(made.net, made.spec, lines(), torch.device("cpu"))
        scores[name] = Scores.of(readings, 0.0).cer.value
    assert scores["both"] < 0.1
    assert scores["labelled"] > 0.4
    assert "without labels: " in (tmp_path / "both" / "log_train.txt").read_text("utf-8")


@pytest.mark.usefixtures("tiny")
def test_a_run_killed_and_resumed_equals_the_uninterrupted_one(tmp_path: Path) -> None:
    labelled = written(tmp_path / "labelled", words(1), top=True, bottom=False)
    both = written(tmp_path / "both", words(2), top=True, bottom=True)
    beside = UnlabelledChoice((ImageChoice(both),), threshold=0.0, rise=3)
    run = options(labelled, net="dropout", steps=8, unlabelled=beside)

    def kill(text: str, done: int, total: int) -> None:
        if done == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    train(run, tmp_path / "whole", log=quiet, devices=CPU)
    train(run, tmp_path / "parts", log=quiet, devices=CPU, bar=kill)
    assert 3 <= read_run(tmp_path / "parts" / "last.pt")["progress"]["steps"] < 8
    torch.manual_seed(99)
    train(run, tmp_path / "parts", log=quiet, devices=CPU)
    train(replace(run, unlabelled=None), tmp_path / "plain", log=quiet, devices=CPU)
    whole, parts, plain = (read_run(tmp_path / name / "last.pt") for name in ("whole", "parts", "plain"))
    for part in ("net", "average"):
        assert all(torch.equal(whole[part][name], parts[part][name]) for name in whole[part])
    # And they did teach something.
    assert any(not torch.equal(whole["net"][name], plain["net"][name]) for name in whole["net"])


def test_without_a_moving_average_nobody_writes_labels(make_set: MakeSet) -> None:
    folder = make_set("a")
    with pytest.raises(RecipeError, match="unlabelled needs average"):
        options(folder, average=0.0, unlabelled=choice())


def test_the_shipped_recipe_is_valid_and_begins_with_the_shipped_weights(tmp_path: Path) -> None:
    path = RECIPES / "lines" / "fixmatch.yaml"
    read = load(path).options
    assert read.unlabelled is not None
    assert read.start is not None
    assert all(recipes.load(one.path, "lines").parts for one in read.unlabelled.data)
    # Of one's own crops instead of drawn lines, which need fonts.
    beside = replace(read.unlabelled, data=(ImageChoice(written(tmp_path / "crops", words(1), True, True)),))
    own = SetChoice(written(tmp_path / "labelled", words(2), True, True))
    made = prepare(replace(read, data=(own,), unlabelled=beside))
    extra = semisupervised.extra(replace(read, unlabelled=beside), made.mix)
    assert extra is not None
    assert not [note for note in made.notes if note.startswith("not loaded")]
    assert "geulnun train recogniser recipes/lines/fixmatch.yaml" in path.read_text("utf-8")
