"""What the window says, by language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Words:
    """The window's words in one language.

    Attributes:
        title: of the window.
        recognise: on the button that has the drawing read.
        clear: on the button that empties the board.
        invite: what stands beside an empty board.
        nothing: what stands there where no character was seen.
    """

    title: str
    recognise: str
    clear: str
    invite: str
    nothing: str


LANGUAGES: dict[str, Words] = {
    "ko": Words("글눈 글자판", "인식", "삭제", "왼쪽 단추로 쓰고\n오른쪽 단추로 지웁니다", "글자로 보이지 않습니다"),
    "ja": Words("글눈 文字ボード", "認識", "削除", "左ボタンで書き\n右ボタンで消します", "文字に見えません"),
    "en": Words("Geulnun board", "Recognise", "Clear", "Left button draws,\nright button erases", "No character seen"),
}


def words_of(locale: str) -> str:
    """The language of `LANGUAGES` for a locale's name such as ``ko_KR.UTF-8``; English for those that are missing."""
    name = locale.replace("-", "_").split("_")[0].split(".")[0].lower()
    return name if name in LANGUAGES else "en"
