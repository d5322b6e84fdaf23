"""``geulnun board``: a window to draw one character in."""

from __future__ import annotations

import locale
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli.char import Allow, Block, ModelFile, Reject, listed
from geulnun.cli.console import show
from geulnun.errors import MissingDependencyError, UsageError

if TYPE_CHECKING:
    from geulnun.runtime.characters import CharacterGuess

#: The two Japanese syllabaries, small letters and the mark of long vowels included.
_KANA = "ぁ-んァ-ヶー"


class Language(StrEnum):
    """Languages of the window."""

    auto = "auto"
    ko = "ko"
    ja = "ja"
    en = "en"


def board(
    number: Annotated[int, typer.Option("-n", "--number", min=1, max=9, help="How many guesses to show.")] = 5,
    language: Annotated[
        Language, typer.Option(help="Language of the window; auto takes the system's.")
    ] = Language.auto,
    kana: Annotated[bool, typer.Option("--kana", help="Name hiragana and katakana only.")] = False,
    size: Annotated[int, typer.Option(min=120, max=2000, help="Side of the board, in pixels.")] = 360,
    model: ModelFile = None,
    reject: Reject = None,
    allow: Allow = "",
    block: Block = "",
    threads: opt.Threads = None,
) -> None:
    """Draw a character in a window: the left button draws, the right one erases.

    Return or the first button reads what is drawn; each result is also written to stdout, one line of the most probable
    characters. Delete or the second button empties the board, Ctrl+Z takes the last stroke back.
    """
    from geulnun.characters import CharacterReader

    if kana and allow:
        raise UsageError(f"--kana and --allow {allow!r} both say what may be named; give one of them")
    try:
        from geulnun.board.window import BoardWindow
    except ModuleNotFoundError as error:
        if error.name not in ("tkinter", "_tkinter"):
            raise
        raise MissingDependencyError(
            "this Python has no Tk; install it (python3-tk on Debian and Ubuntu), or draw on the page of geulnun serve"
        ) from error
    from geulnun.board.words import LANGUAGES, words_of

    reader = CharacterReader(
        opt.existing(model), threads=threads, reject=reject, allow=_KANA if kana else allow, block=block
    )
    _ = reader.recogniser  # what is wrong with it is told before a window opens
    spoken = words_of(locale.getlocale()[0] or "") if language is Language.auto else language.value

    def tell(guess: CharacterGuess) -> None:
        show(f"{listed(guess.alternatives) or '(no character)'}\n".encode())

    BoardWindow(lambda image: reader.predict(image, number)[0], tell, LANGUAGES[spoken], size, number).run()
