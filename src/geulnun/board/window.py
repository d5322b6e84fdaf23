"""The window itself: left drag draws, right drag erases, two buttons, five guesses."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable
from tkinter import font as fonts
from tkinter import ttk
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from geulnun.board.ink import Ink
from geulnun.board.words import Words
from geulnun.errors import MissingDependencyError

if TYPE_CHECKING:
    from geulnun.runtime.characters import CharacterGuess

Pixels = NDArray[np.uint8]

#: Colours of the page: paper, ink, hairlines, faint text, what acts, and on it.
_PAPER, _SHEET, _INK, _LINE, _SOFT, _ACCENT, _ON = (
    "#f6f3ec", "#fffdf8", "#211f1b", "#dfd8ca", "#6a645a", "#24418e", "#ffffff",
)  # fmt: skip
#: Widths of pen and eraser as shares of the board's side.
_PEN, _ERASER = 0.035, 0.11
#: Pixels of a guess's bar at probability 1.
_BAR = 150


class BoardWindow:
    """A board to draw one character on.

    Args:
        read: tells what a picture of the board, uint8 (side, side), dark on light, may be.
        tell: is given each guess that was asked for, an empty one included.
        words: what the window says.
        side: of the board, in pixels.
        shown: how many guesses have a row.

    Attributes:
        ink: what is on the board.
        canvas: where it is drawn.
        recognise: the button that has it read.
        clear: the button that empties it.
        rows: the texts of the guesses shown, character and probability.

    Raises:
        MissingDependencyError: there is no display.
    """

    def __init__(
        self, read: Callable[[Pixels], CharacterGuess], tell: Callable[[CharacterGuess], None], words: Words,
        side: int = 360, shown: int = 5,
    ) -> None:  # fmt: skip
        try:
            self.root = tk.Tk()
        except tk.TclError as error:
            raise MissingDependencyError(
                f"no window can be opened ({error}); run this on a desktop, or draw on the page of geulnun serve"
            ) from error
        self._read, self._tell, self._words = read, tell, words
        self.ink = Ink(side)
        self.rows: list[tuple[str, str]] = []
        self.root.title(words.title)
        self.root.configure(background=_PAPER, padx=18, pady=18)
        self.root.resizable(False, False)
        self._style()
        self.canvas = self._board(side)
        side_pane = tk.Frame(self.root, background=_PAPER, width=240)
        side_pane.grid(row=0, column=1, sticky="ns", padx=(18, 0))
        self._guesses = tk.Canvas(side_pane, width=240, height=shown * 56, background=_PAPER, highlightthickness=0)
        self._guesses.pack(anchor="n")
        buttons = tk.Frame(side_pane, background=_PAPER)
        buttons.pack(side="bottom", fill="x")
        self.recognise = ttk.Button(buttons, text=words.recognise, style="Main.TButton", command=self.ask)
        self.clear = ttk.Button(buttons, text=words.clear, style="Plain.TButton", command=self.empty)
        for button in (self.recognise, self.clear):
            button.pack(side="left", expand=True, fill="x", padx=3)
        self._shown = shown
        self._keys()
        self._say(words.invite)

    def run(self) -> None:
        """Show the window until it is closed."""
        self.root.mainloop()

    def close(self) -> None:
        """Close the window."""
        self.root.destroy()

    def ask(self) -> None:
        """Have the drawing read, show the guesses and tell them."""
        guess = self._read(self.ink.image)
        self._show(guess)
        self._tell(guess)

    def empty(self) -> None:
        """Begin anew."""
        self.ink.clear()
        self.canvas.delete("ink")
        self._say(self._words.invite)

    def undo(self) -> None:
        """Take the last stroke back."""
        self.ink.undo()
        self.canvas.delete("ink")
        for stroke in self.ink.strokes:
            for start, end in zip(stroke.points[:1] + stroke.points, stroke.points, strict=False):
                self._segment(start, end, stroke.width, stroke.erases)

    def _style(self) -> None:
        style = ttk.Style(self.root)
        style.theme_use("clam")
        base: dict[str, Any] = {"padding": (10, 9), "borderwidth": 0, "focusthickness": 2, "focuscolor": _SOFT}
        style.configure("Main.TButton", background=_ACCENT, foreground=_ON, **base)
        style.configure("Plain.TButton", background=_LINE, foreground=_INK, **base)
        style.map("Main.TButton", background=[("active", "#1a3277")])
        style.map("Plain.TButton", background=[("active", "#cfc6b4")])

    def _board(self, side: int) -> tk.Canvas:
        canvas = tk.Canvas(
            self.root, width=side, height=side, background=_SHEET, cursor="pencil", highlightthickness=1,
            highlightbackground=_LINE,
        )  # fmt: skip
        canvas.grid(row=0, column=0)
        half = side // 2
        for ends in ((half, 0, half, side), (0, half, side, half)):
            canvas.create_line(*ends, fill=_LINE, dash=(6, 6), tags="guide")
        pen, eraser = max(3, round(side * _PEN)), max(9, round(side * _ERASER))
        # The right button is the second on a Mac and the third elsewhere.
        for button, width, erases in ((1, pen, False), (2, eraser, True), (3, eraser, True)):
            canvas.bind(f"<ButtonPress-{button}>", self._begin(width, erases))
            canvas.bind(f"<B{button}-Motion>", self._extend)
        return canvas

    def _keys(self) -> None:
        for keys, act in {
            ("<Return>", "<KP_Enter>"): self.ask,
            ("<Delete>", "<BackSpace>", "<Escape>"): self.empty,
            ("<Control-z>",): self.undo,
        }.items():
            for key in keys:
                self.root.bind(key, lambda _, act=act: act())  # type: ignore[misc]  # a default binds the loop's value

    def _begin(self, width: int, erases: bool) -> Callable[[tk.Event[tk.Misc]], None]:
        def begin(event: tk.Event[tk.Misc]) -> None:
            point = event.x, event.y
            self.ink.begin(point, width, erases=erases)
            self._segment(point, point, width, erases)

        return begin

    def _extend(self, event: tk.Event[tk.Misc]) -> None:
        if not self.ink.strokes:
            return  # the board was emptied in the middle of a stroke
        stroke = self.ink.strokes[-1]
        point = event.x, event.y
        self._segment(self.ink.extend(point), point, stroke.width, stroke.erases)

    def _segment(self, start: tuple[int, int], end: tuple[int, int], width: int, erases: bool) -> None:
        colour = _SHEET if erases else _INK
        self.canvas.create_line(*start, *end, width=width, fill=colour, capstyle="round", tags="ink")
        if erases:
            self.canvas.tag_raise("guide")

    def _say(self, text: str) -> None:
        self.rows = []
        self._guesses.delete("all")
        self._guesses.create_text(4, 8, anchor="nw", text=text, fill=_SOFT, font=self._font(12))

    def _show(self, guess: CharacterGuess) -> None:
        if not guess.alternatives:
            self._say(self._words.nothing)
            return
        self._guesses.delete("all")
        self.rows = [
            (text, f"{share:.1%}" if share >= 0.001 else "<0.1%") for text, share in guess.alternatives[: self._shown]
        ]
        for row, ((text, share), told) in enumerate(zip(guess.alternatives, self.rows, strict=False)):
            top = row * 56
            best = _ACCENT if row == 0 else _INK
            self._guesses.create_text(26, top + 26, text=text, fill=best, font=self._font(26))
            self._guesses.create_text(64, top + 16, anchor="w", text=told[1], fill=_SOFT, font=self._font(11))
            self._guesses.create_rectangle(64, top + 30, 64 + _BAR, top + 36, fill=_LINE, width=0)
            self._guesses.create_rectangle(64, top + 30, 64 + max(1, _BAR * share), top + 36, fill=best, width=0)

    def _font(self, size: int) -> fonts.Font:
        return fonts.Font(self.root, family=fonts.nametofont("TkDefaultFont", self.root).actual("family"), size=size)
