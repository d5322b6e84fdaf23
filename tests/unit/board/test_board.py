from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from geulnun.board.ink import Ink
from geulnun.board.words import LANGUAGES, words_of
from geulnun.cli.app import main
from geulnun.errors import MissingDependencyError
from geulnun.runtime.characters import CharacterGuess

tkinter = pytest.importorskip("tkinter", reason="this Python has no Tk")

from geulnun.board.window import BoardWindow  # noqa: E402  # needs Tk

#: 한, as someone might draw it, in shares of the board's side.
HAN = (
    ((0.36, 0.13), (0.50, 0.14)),
    ((0.24, 0.24), (0.62, 0.235)),
    ((0.43, 0.29), (0.33, 0.38), (0.36, 0.48), (0.45, 0.51), (0.53, 0.45), (0.52, 0.34), (0.43, 0.29)),
    ((0.74, 0.10), (0.745, 0.60)),
    ((0.745, 0.35), (0.88, 0.35)),
    ((0.34, 0.64), (0.34, 0.86), (0.80, 0.855)),
)


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1024x768x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    with os.fdopen(reading) as told:
        number = told.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


@pytest.fixture
def on_display(display: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", display)


class Reader:
    """Names 가 and 나, and keeps the picture it was shown."""

    def __init__(self, guess: CharacterGuess | None = None) -> None:
        self.seen: list[NDArray[np.uint8]] = []
        self.told: list[CharacterGuess] = []
        self.guess = CharacterGuess((("가", 0.75), ("나", 0.2)), 0.75, 0.0) if guess is None else guess

    def __call__(self, image: NDArray[np.uint8]) -> CharacterGuess:
        self.seen.append(image)
        return self.guess


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def window(on_display: None, reader: Reader) -> Iterator[BoardWindow]:
    made = BoardWindow(reader, reader.told.append, LANGUAGES["ko"], side=200)
    made.root.update()
    yield made
    made.close()


def drag(window: BoardWindow, button: int, points: Sequence[tuple[float, float]]) -> None:
    x, y = points[0]
    window.canvas.event_generate(f"<ButtonPress-{button}>", x=round(x), y=round(y))
    held = {1: 0x100, 3: 0x400}[button]
    for x, y in points[1:]:
        window.canvas.event_generate("<Motion>", x=round(x), y=round(y), state=held)
    window.canvas.event_generate(f"<ButtonRelease-{button}>", x=round(x), y=round(y))
    window.root.update()


def test_the_left_button_draws_and_the_right_one_erases(window: BoardWindow, reader: Reader) -> None:
    drag(window, 1, [(20, 100), (180, 100)])
    drag(window, 3, [(100, 60), (100, 140)])
    window.recognise.invoke()
    (image,) = reader.seen
    assert image.shape == (200, 200)
    assert (image[100, [30, 70, 130, 170]] == 0).all()
    assert image[100, 100] == 255
    assert (image[60, :] == 255).all()
    assert reader.told == [reader.guess]
    assert window.rows == [("가", "75.0%"), ("나", "20.0%")]


def test_clear_empties_the_board(window: BoardWindow, reader: Reader) -> None:
    drag(window, 1, [(20, 100), (180, 100)])
    window.recognise.invoke()
    window.clear.invoke()
    assert window.rows == []
    assert not window.canvas.find_withtag("ink")
    window.recognise.invoke()
    assert (reader.seen[1] == 255).all()


def test_keys_read_undo_and_empty(window: BoardWindow, reader: Reader) -> None:
    drag(window, 1, [(20, 50), (180, 50)])
    drag(window, 1, [(20, 150), (180, 150)])
    window.root.focus_force()
    window.root.update()
    for key in ("<Control-z>", "<Return>", "<Delete>", "<Return>"):
        window.root.event_generate(key)
        window.root.update()
    once, emptied = reader.seen
    assert (once[50, 100], once[150, 100]) == (0, 255)
    assert (emptied == 255).all()


def test_a_drawing_that_is_no_character_says_so(on_display: None) -> None:
    reader = Reader(CharacterGuess())
    window = BoardWindow(reader, reader.told.append, LANGUAGES["en"], side=150)
    window.ask()
    assert window.rows == []
    assert [guess.text for guess in reader.told] == [""]
    window.close()


@pytest.mark.parametrize(
    ("language", "texts"), [("ko", ("인식", "삭제")), ("ja", ("認識", "削除")), ("en", ("Recognise", "Clear"))]
)
def test_the_buttons_speak_the_language(
    on_display: None, reader: Reader, language: str, texts: tuple[str, str]
) -> None:
    window = BoardWindow(reader, reader.told.append, LANGUAGES[language], side=150)
    assert (window.recognise["text"], window.clear["text"]) == texts
    window.close()


def draws_han(window: BoardWindow) -> None:
    """Draw 한 and have it read, in place of whoever sits before the window."""
    for stroke in HAN:
        drag(window, 1, [(360 * x, 360 * y) for x, y in stroke])
    window.recognise.invoke()
    window.close()


def test_the_command_reads_what_is_drawn(
    on_display: None, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(BoardWindow, "run", draws_han)
    with pytest.raises(SystemExit) as ended:
        main(["board", "--threads", "1", "--language", "ko"])
    assert ended.value.code == 0
    (line,) = capfdbinary.readouterr().out.decode().splitlines()
    assert "한" in [one.split(" ")[0] for one in line.split("  ")]
    assert len(line.split("  ")) == 5


def test_kana_names_kana_only(
    on_display: None, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    monkeypatch.setattr(BoardWindow, "run", draws_han)
    with pytest.raises(SystemExit) as ended:
        main(["board", "--threads", "1", "--kana", "-n", "3", "--reject", "0"])
    assert ended.value.code == 0
    (line,) = capfdbinary.readouterr().out.decode().splitlines()
    named = [one.split(" ")[0] for one in line.split("  ")]
    assert all("ぁ" <= char <= "ー" for char in named)


def test_kana_and_other_lists_exclude_each_other(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["board", "--kana", "--allow", "가-힣"])
    assert ended.value.code == 2
    assert "--kana" in capfd.readouterr().err


def test_no_display_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, reader: Reader) -> None:
    if sys.platform != "linux":
        pytest.skip("only X may lack a display")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(MissingDependencyError, match=r"no window can be opened .*geulnun serve") as raised:
        BoardWindow(reader, reader.told.append, LANGUAGES["en"])
    assert "\n" not in str(raised.value)


def test_no_tk_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delitem(sys.modules, "geulnun.board.window")
    monkeypatch.setitem(sys.modules, "tkinter", None)
    with pytest.raises(SystemExit) as ended:
        main(["board"])
    assert ended.value.code == 5
    (line,) = capfd.readouterr().err.splitlines()
    assert "python3-tk" in line


def test_a_press_without_a_drag_leaves_a_dot() -> None:
    ink = Ink(100)
    ink.begin((50, 50), 10)
    assert ink.image[50, 50] == 0
    assert 40 < (ink.image < 128).sum() < 140


def test_undo_of_an_empty_board_is_nothing() -> None:
    ink = Ink(50)
    ink.undo()
    assert (ink.image == 255).all()


@pytest.mark.parametrize(
    ("locale", "language"),
    [("ko_KR.UTF-8", "ko"), ("ja-JP", "ja"), ("de_DE", "en"), ("", "en"), ("C", "en"), ("ko.utf8", "ko")],
)
def test_the_language_follows_the_locale(locale: str, language: str) -> None:
    assert words_of(locale) == language


def test_all_languages_say_all() -> None:
    for words in LANGUAGES.values():
        assert all(getattr(words, name) for name in words.__dataclass_fields__)
