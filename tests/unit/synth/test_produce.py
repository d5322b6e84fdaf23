"""Sets on disk: the same bytes by any number of workers, through kills and full disks."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from geulnun.document import Block, Page, line_from_text
from geulnun.errors import GeulnunError, UsageError
from geulnun.synth import produce as engine
from geulnun.synth.fonts import Face, Family
from geulnun.synth.lines import LineOptions
from geulnun.synth.produce import STATE, Order, Target, draw, name_of, produce
from geulnun.synth.sample import Facts, Sample
from geulnun.synth.sources import LineSource
from geulnun.synth.text import TextSource
from geulnun.write.sets import SetOptions, SetWriter, open_set


class Numbers:
    """A source of small noisy images whose text is their number."""

    def __init__(self, size: int | None, bad: int | None = None) -> None:
        self._size, self._bad = size, bad

    @property
    def size(self) -> int | None:
        return self._size

    def sample(self, index: int, seed: int) -> Sample:
        if index == self._bad:
            raise OSError("unknown file format")
        rng = np.random.default_rng((seed, index))
        image = rng.integers(0, 256, (8, 12), np.uint8)
        box = ((0.0, 0.0), (12.0, 0.0), (12.0, 8.0), (0.0, 8.0))
        return Sample(image, Page(12, 8, (Block((line_from_text(f"수 {index}", box),)),)), {"kind": "number"})


def numbers(size: int | None = None, bad: int | None = None) -> Numbers:
    return Numbers(size, bad)


def missing_fonts() -> Numbers:
    raise GeulnunError("no font; install one")


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Wrapped:
    """A writer that fails after so many samples, as a full disk or a kill would make it."""

    def __init__(self, inner: SetWriter, room: int, error: BaseException) -> None:
        self.inner, self.room, self.error = inner, room, error
        self.ended = ""

    @property
    def extension(self) -> Literal["png", "jpg"] | None:
        return self.inner.extension

    @property
    def done(self) -> int:
        return self.inner.done

    def add(self, name: str, image: np.ndarray | bytes, page: Page, facts: Facts) -> None:
        if self.inner.done >= self.room:
            raise self.error
        self.inner.add(name, image, page, facts)

    def flush(self) -> None:
        self.inner.flush()

    def close(self) -> None:
        self.ended = "closed"
        self.inner.close()

    def abort(self) -> None:
        self.ended = "aborted"
        self.inner.abort()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, BaseException], list[Wrapped]]:
    def fail(room: int, error: BaseException) -> list[Wrapped]:
        made: list[Wrapped] = []

        def opened(format: str, folder: Path, options: SetOptions, start: int) -> Wrapped:
            made.append(Wrapped(open_set(format, folder, options, start), room, error))
            return made[-1]

        monkeypatch.setattr(engine, "open_set", opened)
        return made

    return fail


@pytest.mark.parametrize("start", ["spawn", "fork"])
def test_workers_do_not_change_a_byte(
    tmp_path: Path, test_font: Path, monkeypatch: pytest.MonkeyPatch, start: Literal["spawn", "fork"]
) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    face = Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)
    lines = partial(LineSource, LineOptions(), (face,), TextSource())
    alone, four, other = tmp_path / "alone", tmp_path / "four", tmp_path / "other"
    assert produce(lines, Order(90, seed=3), Target(alone), "r") == 90
    assert produce(lines, Order(90, seed=3, workers=4, start=start), Target(four), "r") == 90
    assert content(alone) == content(four)
    assert len(list(alone.rglob("*.png"))) == 90
    produce(lines, Order(90, seed=4), Target(other), "r")
    assert content(alone) != content(other)


def test_samples_come_in_order_and_few_are_held(tmp_path: Path) -> None:
    drawn = draw(numbers, range(5, 300), Order(300, workers=2, start="fork"))
    assert [one.index for one in drawn] == list(range(5, 300))


@pytest.mark.parametrize("format", ["folder", "tar", "coco_text"])
def test_a_killed_run_goes_on_to_the_same_bytes(
    tmp_path: Path, failing: Callable[[int, BaseException], list[Wrapped]], monkeypatch: pytest.MonkeyPatch, format: str
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    lines = SetOptions(level="line")
    produce(numbers, Order(40), Target(whole, format, lines), "r")
    monkeypatch.setattr(engine, "SAVE_EVERY", -1.0)
    made = failing(17, MemoryError())
    with pytest.raises(MemoryError):
        produce(numbers, Order(40), Target(killed, format, lines), "r")
    assert made[0].ended == "aborted"
    state = json.loads((killed / STATE).read_text())
    assert (state["written"], state["finished"]) == (17, False)
    monkeypatch.undo()
    said: list[int] = []
    assert produce(numbers, Order(40), Target(killed, format, lines), "r", said.append) == 23
    assert said == list(range(18, 41))
    assert content(whole) == content(killed)
    assert produce(numbers, Order(40), Target(killed, format, lines), "r") == 0


def test_samples_written_after_the_last_note_are_drawn_again(
    tmp_path: Path, failing: Callable[[int, BaseException], list[Wrapped]], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    produce(numbers, Order(40), Target(whole), "r")
    failing(17, MemoryError())
    with pytest.raises(MemoryError):
        produce(numbers, Order(40), Target(killed), "r")
    assert json.loads((killed / STATE).read_text())["written"] == 0
    monkeypatch.undo()
    assert produce(numbers, Order(40), Target(killed), "r") == 40
    assert content(whole) == content(killed)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_full_disk_is_one_line_and_the_run_goes_on_when_there_is_room(
    tmp_path: Path,
    failing: Callable[[int, BaseException], list[Wrapped]],
    monkeypatch: pytest.MonkeyPatch,
    workers: int,
) -> None:
    whole, full = tmp_path / "whole", tmp_path / "full"
    order = Order(30, workers=workers, start="fork")
    produce(numbers, order, Target(whole), "r")
    made = failing(11, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(GeulnunError, match=r"full: no space is left on the disk; free some and repeat the command"):
        produce(numbers, order, Target(full), "r")
    assert made[0].ended == "aborted"
    monkeypatch.undo()
    produce(numbers, order, Target(full), "r")
    assert content(whole) == content(full)


def test_an_interrupt_keeps_what_is_written(
    tmp_path: Path, failing: Callable[[int, BaseException], list[Wrapped]]
) -> None:
    failing(9, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        produce(numbers, Order(30), Target(tmp_path / "set"), "r")
    assert json.loads((tmp_path / "set" / STATE).read_text())["written"] == 9


@pytest.mark.parametrize(
    ("recipe", "order", "target", "title"),
    [
        ("q", Order(5), ("folder", SetOptions()), "recipe, fonts or texts"),
        ("r", Order(5, seed=1), ("folder", SetOptions()), "seed"),
        ("r", Order(6), ("folder", SetOptions()), "number of samples"),
        ("r", Order(5), ("icdar", SetOptions()), "format"),
        ("r", Order(5), ("folder", SetOptions(extension="jpg")), "writing options"),
    ],
)
def test_another_set_in_the_folder_is_refused(
    tmp_path: Path, recipe: str, order: Order, target: tuple[str, SetOptions], title: str
) -> None:
    folder = tmp_path / "set"
    produce(numbers, Order(5), Target(folder), "r")
    before = content(folder)
    with pytest.raises(UsageError, match=rf"holds 5 samples of a set with another {title} .*choose another folder"):
        produce(numbers, order, Target(folder, *target), recipe)
    assert content(folder) == before


def test_a_folder_of_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="not an empty folder"):
        produce(numbers, Order(5), Target(tmp_path), "r")
    assert list(content(tmp_path)) == ["thesis.txt"]
    (tmp_path / STATE).write_text("{")
    with pytest.raises(UsageError, match="damaged; delete the folder"):
        produce(numbers, Order(5), Target(tmp_path), "r")


@pytest.mark.parametrize("workers", [1, 2])
def test_what_cannot_be_drawn_is_one_line(tmp_path: Path, workers: int) -> None:
    order = Order(20, seed=7, workers=workers, start="fork")
    with pytest.raises(
        GeulnunError, match=r"sample 12 of seed 7 cannot be drawn \(OSError: unknown file format\); a font"
    ):
        produce(partial(numbers, bad=12), order, Target(tmp_path / "bad"), "r")
    with pytest.raises(UsageError, match="20 samples were asked for; this recipe has 4"):
        produce(partial(numbers, size=4), order, Target(tmp_path / "short"), "r")
    with pytest.raises(GeulnunError, match="no font; install one"):
        produce(missing_fonts, order, Target(tmp_path / "none"), "r")


def test_orders_are_checked() -> None:
    with pytest.raises(UsageError, match="count 0, seed 0, workers 1"):
        Order(0)


def test_names_are_fit_for_files() -> None:
    assert name_of(12, {}) == "00000012"
    assert name_of(12, {"name": "글_{index}"}) == "글_12"
    assert name_of(12, {"name": "A4/a"}) == "A4_a_12"
    assert name_of(12, {"name": ".a{index}"}) == "_a12"
    long = name_of(12, {"name": "가" * 100 + "{index}" + "나" * 100})
    assert long == "가" * 29 + "12" + "나" * 29
