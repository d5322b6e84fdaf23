"""The characters that a recogniser of characters names."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from geulnun import hangul
from geulnun.charset import PLAIN, Charset, Classes, FlatCharset
from geulnun.errors import MissingInputError, RecipeError
from geulnun.synth.kana import KANA

Alphabet = Literal["syllables", "ks_x_1001", "jamo", "digits", "latin", "kana", "symbols", "labels"]

#: Alphabets by name; "labels" is what the labels of the stored sets hold.
ALPHABETS: dict[str, tuple[str, ...]] = {
    "syllables": hangul.syllables(),
    "ks_x_1001": hangul.ks_x_1001(),
    "jamo": tuple(hangul.COMPATIBILITY_JAMO),
    "digits": tuple(string.digits),
    "latin": tuple(string.ascii_letters),
    "kana": KANA,
    "symbols": tuple(char for char in PLAIN.symbols if char != " "),
}


@dataclass(frozen=True)
class ClassChoice:
    """Which characters there are.

    Attributes:
        alphabets: "syllables" (all 11,172), "ks_x_1001" (its 2,350), "jamo", "digits", "latin", "kana" (83 hiragana and
            86 katakana), "symbols" (the package's characters beside syllables, jamo and kana among them), "labels"
            (what the labels of the stored sets hold). Heads of jamo name all syllables anyway.
        others: further characters, one after another.
        file: a UTF-8 text file of further ones; its spaces and line ends are none.
    """

    alphabets: tuple[Alphabet, ...] = ("ks_x_1001", "symbols")
    others: str = ""
    file: Path | None = None

    def __post_init__(self) -> None:
        unknown = [name for name in self.alphabets if name not in get_args(Alphabet)]
        if unknown:
            raise RecipeError(f"classes.alphabets: no {unknown[0]!r}; there are {', '.join(get_args(Alphabet))}")

    def classes(self, whole: bool, labels: Callable[[], str]) -> Classes:
        """The classes that are meant.

        Args:
            whole: whether a class is a whole character, instead of jamo.
            labels: gives the characters of the stored sets' labels, where they are asked for.

        Raises:
            MissingInputError: there is no such file.
            RecipeError: no characters.
        """
        found: list[str] = []
        for name in self.alphabets:
            found += labels() if name == "labels" else ALPHABETS[name]
        found += "".join((self.others + self._text()).split())
        chars = tuple(dict.fromkeys(char for char in found if not char.isspace()))
        if not whole:
            return Charset(tuple(char for char in chars if not hangul.is_syllable(char)))
        if not chars:
            raise RecipeError("classes: no characters; name alphabets, others or a file")
        return FlatCharset(chars)

    def beneath(self, folder: Path) -> ClassChoice:
        """The choice with a relative file taken from ``folder``."""
        return replace(self, file=folder / self.file) if self.file else self

    def _text(self) -> str:
        if self.file is None:
            return ""
        if not self.file.is_file():
            raise MissingInputError(f"{self.file}: no such file of characters; name a UTF-8 text file in classes.file")
        return hangul.normalise(self.file.read_text("utf-8"))
