"""The drawing board of the desktop: a window to write one character in, and what the reader takes it for."""

from geulnun.board.ink import Ink
from geulnun.board.words import LANGUAGES, Words, words_of

__all__ = ["LANGUAGES", "Ink", "Words", "words_of"]
