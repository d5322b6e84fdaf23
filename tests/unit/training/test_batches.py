"""Batches: what a step sees follows from its number, sets keep their ratios, devices share one batch."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")

from geulnun.charset import FlatCharset
from geulnun.errors import InputError, MissingInputError
from geulnun.image import ops
from geulnun.spec import LineSpec
from geulnun.synth import recipes
from geulnun.training.batches import Batches, Chunks, Fit, LineBatch, Mix, alike, mean_width, raised
from geulnun.training.options import SetChoice
from geulnun.training.sets import Line, Shuffled, Words, open_set, stored
from geulnun.write.sets import SetOptions
from geulnun.write.sets.lmdb import LmdbWriter

MakeSet = Callable[..., Path]
CHARACTERS = " 0123456789"
SPEC = LineSpec(height=32, scaling="signed", padding="edge", classes=FlatCharset(tuple(CHARACTERS)))


def mix(*sets: SetChoice, **changes: object) -> Mix:
    made = Mix(sets, Words(SPEC.classes), SPEC, Fit(), batch=8, group=3, seed=5)
    return replace(made, **changes)  # type: ignore[arg-type]


def take(made: Mix, step: int, count: int, workers: int = 0) -> list[LineBatch]:
    return list(itertools.islice(Batches(made, step, workers), count))


def same(left: LineBatch, right: LineBatch) -> bool:
    return left.texts == right.texts and np.array_equal(left.inputs, right.inputs)


@pytest.mark.parametrize("step", [1, 3, 4, 8])
def test_batches_from_a_step_on_are_those_the_first_step_leads_to(make_set: MakeSet, step: int) -> None:
    made = mix(SetChoice(make_set("a", 20)))
    whole, late = take(made, 0, step + 4), take(made, step, 4)
    assert all(same(one, other) for one, other in zip(whole[step:], late, strict=True))
    assert len({tuple(batch.texts) for batch in whole}) == len(whole)


def test_the_number_of_workers_changes_nothing(make_set: MakeSet) -> None:
    made = mix(SetChoice(make_set("a", 20)))
    assert all(same(one, other) for one, other in zip(take(made, 2, 7), take(made, 2, 7, workers=2), strict=True))


@pytest.mark.parametrize("width", [None, 128])
def test_every_batch_holds_the_sets_in_their_ratio(make_set: MakeSet, width: int | None) -> None:
    made = mix(
        SetChoice(make_set("a", prefix="1"), ratio=3),
        SetChoice(make_set("b", prefix="2"), ratio=1),
        spec=replace(SPEC, width=width),
    )
    for batch in take(made, 0, 6):
        counts = [sum(text.startswith(first) for text in batch.texts) for first in "12"]
        if width is None:
            # Both sets are cut at the same shares, to whole lines.
            assert abs(counts[0] - 3 * counts[1]) <= 2
        else:
            assert counts == [6, 2]


def test_an_epoch_shows_every_line_once(make_set: MakeSet) -> None:
    folder = make_set("a", 12)
    made = mix(SetChoice(folder), batch=4)
    texts = [text for batch in take(made, 0, 6) for text in batch.texts]
    labels = sorted(row.partition(",")[2] for row in (folder / "labels.csv").read_text().splitlines()[1:])
    assert sorted(texts[:12]) == labels == sorted(texts[12:])
    assert texts[:12] != texts[12:]


@pytest.mark.parametrize("width", [None, 128])
def test_devices_share_the_lines_of_one_batch(make_set: MakeSet, width: int | None) -> None:
    made = mix(SetChoice(make_set("a", 30)), spec=replace(SPEC, width=width), group=1)
    for one, first, second in zip(
        take(made, 0, 5), take(replace(made, rank=0, world=2), 0, 5), take(replace(made, rank=1, world=2), 0, 5),
        strict=True,
    ):  # fmt: skip
        assert sorted(one.texts) == sorted(first.texts + second.texts)
        assert len(first.texts) == len(second.texts) == 4


def test_batches_of_any_width_hold_lines_of_like_widths(make_set: MakeSet) -> None:
    batches = take(mix(SetChoice(make_set("a", 40)), batch=16, group=4), 0, 4)
    spreads = [int(batch.widths.max() - batch.widths.min()) for batch in batches]
    everything = np.concatenate([batch.widths for batch in batches])
    assert max(spreads) <= 0.6 * (everything.max() - everything.min())
    assert all(batch.inputs.shape[-1] % 64 == 0 for batch in batches)
    assert sum(len(batch.texts) for batch in batches) == 64


@given(st.lists(st.lists(st.integers(16, 1100), min_size=1, max_size=60), min_size=1, max_size=3), st.integers(1, 8))
def test_cuts_cover_every_list_in_order(widths: list[list[int]], group: int) -> None:
    for one, cuts in zip(widths, alike([sorted(one) for one in widths], group), strict=True):
        assert cuts[0] == 0
        assert cuts[-1] == len(one)
        assert cuts == sorted(cuts)
        assert len(cuts) == group + 1


def test_parts_of_wide_lines_hold_fewer() -> None:
    # Padded, 30 lines of 100 columns and 30 of 300 cost 13,440, and the first third ends two lines after the change
    # of widths, so it is cut there; the second ends 16 lines later.
    (cuts,) = alike([[100] * 30 + [300] * 30], 3)
    assert cuts[:2] == [0, 30]
    assert abs(cuts[2] - 46) <= 1


def test_lines_that_the_steps_cannot_write_are_left_out_and_too_few_are_repeated(make_set: MakeSet) -> None:
    folder = make_set("a", 5)
    made = mix(SetChoice(folder), fit=Fit(steps=1), batch=2, group=3, spec=replace(SPEC, width=64))
    batches = take(made, 0, 6)
    assert {len(text) for batch in batches for text in batch.texts} == {1}
    assert all(batch.texts for batch in batches)
    with pytest.raises(InputError, match="none of 6 lines can be used"):
        Chunks(replace(made, fit=Fit(steps=0)))[0]


def test_what_cannot_be_read_is_told_and_left_out(make_set: MakeSet) -> None:
    folder = make_set("a", 6)
    (folder / "images" / "3.png").write_bytes(b"no image")
    (batch,) = Chunks(mix(SetChoice(folder), batch=6, group=1))[0]
    assert len(batch.texts) == 5
    (problem,) = batch.problems
    assert "3.png" in problem


def test_fit_counts_steps_and_repeats() -> None:
    assert Fit(stride=4).of(33) == 9
    assert Fit(stride=4).holds(16, "1234")
    assert not Fit(stride=4).holds(16, "1134")
    assert Fit(steps=5).holds(10_000, "1134")


def test_mean_width_counts_buckets(make_set: MakeSet) -> None:
    folder = make_set("a", 10, width=70)
    assert mean_width(Chunks(mix(SetChoice(folder)))) == 128


def test_low_contrast_is_raised_and_high_kept() -> None:
    # p10 is 100 and p90 is 120: contrast 20 / 220. Then (100 - 100 + 25) * 200 / 20 = 250, and all above is white.
    image = np.repeat(np.array([[90, 100, 110, 120, 130]], np.uint8), [5, 20, 50, 20, 5], axis=1)
    assert np.array_equal(np.unique(raised(image, 0.4)), [150, 250, 255])
    assert raised(image, 0.05) is image


# --- sets


def test_an_lmdb_gives_what_was_put_into_it(tmp_path: Path) -> None:
    pytest.importorskip("lmdb")
    from geulnun.data.boxes import page_of_text

    writer = LmdbWriter(tmp_path / "db", SetOptions(), 0)
    grey = np.full((20, 50), 200, np.uint8)
    for text in ("12", "a1", "345"):
        writer.add(text, grey, page_of_text(text, 50, 20), {})
    writer.close()
    lines = open_set(SetChoice(tmp_path / "db"), Words(SPEC.classes))
    assert lines.size == 2
    assert [one.text for at in range(2) if (one := lines.line(at, 0))] == ["12", "345"]
    first = lines.line(0, 0)
    assert first is not None
    assert ops.to_grey(first.image).tolist() == grey.tolist()


def test_a_list_with_tabs_is_read_and_the_first_part_used(tmp_path: Path, make_set: MakeSet) -> None:
    folder = make_set("a", 4)
    rows = (folder / "labels.csv").read_text().splitlines()[1:]
    (folder / "labels.csv").unlink()
    (folder / "gt.txt").write_text("\n".join(row.replace(",", "\t", 1) for row in rows))
    lines = open_set(SetChoice(folder, use=0.5), Words(SPEC.classes))
    assert lines.size == 2


def test_pages_are_cut_into_their_lines(tmp_path: Path) -> None:
    page = np.full((60, 120), 255, np.uint8)
    page[10:30, 10:90] = 40
    cv2.imwrite(str(tmp_path / "img_1.png"), page)
    rows = ["10,10,90,10,90,30,10,30,12", "5,40,50,40,50,55,5,55,34", "60,40,90,40,90,55,60,55,###"]
    (tmp_path / "gt_img_1.txt").write_text("\n".join(rows) + "\n")
    (first, label), (second, other) = stored(tmp_path)
    assert (label, other) == ("12", "34")
    assert first().shape[:2] == (20, 80)
    assert int(ops.to_grey(first()).max()) <= 60
    assert second().shape[:2] == (15, 45)


def test_drawn_lines_are_a_set(test_font: Path, tmp_path: Path) -> None:
    file = tmp_path / "lines.yaml"
    look = "options: {size: [20, 30], length: [1, 6]}"
    file.write_text(f"kind: lines\nmix: {{figures: 1}}\nfonts: {{folder: {test_font.parent}}}\n{look}\n", "utf-8")
    lines = open_set(SetChoice(file), Words(recipes_classes()))
    again = open_set(SetChoice(file), Words(recipes_classes()))
    one, other = lines.line(3, 1), again.line(3, 1)
    assert one is not None
    assert other is not None
    assert one.text == other.text
    assert np.array_equal(one.image, other.image)
    assert recipes.load(file, "lines").parts


def recipes_classes() -> FlatCharset:
    return FlatCharset(tuple(chr(code) for code in range(0x20, 0x7F)))


def test_a_set_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such set of lines"):
        open_set(SetChoice(tmp_path / "nothing"), Words(SPEC.classes))


def test_words_keep_drop_and_lower() -> None:
    classes = FlatCharset(tuple("abc １"))
    assert Words(classes)("ab  c") == "ab c"
    assert Words(classes)("abd") is None
    assert Words(classes, unknown="character")("adb") == "ab"
    assert Words(classes, sensitive=False)("ABC") == "abc"
    assert Words(classes, longest=2)("abc") is None
    # A look-alike that is in the list stays; one that is not is folded.
    assert Words(classes)("１") == "１"
    assert Words(FlatCharset(("1",)))("１") == "1"
    assert Words(classes)("") is None


class Counted:
    size = 5

    def line(self, index: int, seed: int) -> Line:
        return Line(np.zeros((2, 2), np.uint8), str(index))


def test_turns_differ_and_each_is_whole() -> None:
    lines = Shuffled(Counted())
    turns = ["".join(one.text for at in range(5) if (one := lines.line(5 * turn + at, 9))) for turn in range(4)]
    assert {"".join(sorted(turn)) for turn in turns} == {"01234"}
    assert len(set(turns)) > 1


def test_a_signal_to_the_whole_group_leaves_the_batches_coming(make_set: MakeSet) -> None:
    # Loaders of other tests may not have been collected yet.
    others = {one.pid for one in multiprocessing.active_children()}
    batches = iter(Batches(mix(SetChoice(make_set("a", 20))), 0, 1))
    next(batches)
    (worker,) = (one for one in multiprocessing.active_children() if one.pid not in others)
    assert worker.pid is not None
    assert os.getpgid(worker.pid) != os.getpgrp()


UNFINISHED = """
import multiprocessing, sys
import numpy as np
from torch.utils.data import Dataset
from geulnun.training.batches import batches_of

class Big(Dataset):
    def __getitem__(self, chunk):
        return [np.zeros(8_000_000, np.uint8)]

kept = batches_of(Big(), 1, 0, 1)
next(kept)
print(multiprocessing.active_children()[0].pid, flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("killed", [False, True])
def test_a_program_and_its_workers_end_though_batches_are_left_to_hand_over(killed: bool) -> None:
    # The pipe is full, and nobody will ever read it.
    program = subprocess.Popen(
        [sys.executable, "-c", UNFINISHED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with program:
        assert program.stdin is not None
        assert program.stdout is not None
        worker = int(program.stdout.readline())
        if killed:
            program.kill()
        program.stdin.close()
        assert program.wait(60) == (-signal.SIGKILL if killed else 0)
    until = time.monotonic() + 30
    while runs(worker) and time.monotonic() < until:
        time.sleep(0.1)
    assert not runs(worker)


def runs(process: int) -> bool:
    """Whether a process is there and no mere entry whose parent did not ask for its end."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
