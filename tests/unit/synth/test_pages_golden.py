"""The four kinds that the benches are defined by draw, for a seed, what they always drew.

Words and fonts are fixed here, so that what is pinned is the layouts alone.
"""

from __future__ import annotations

import zlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from geulnun.synth import papers
from geulnun.synth.fonts import Face, Family
from geulnun.synth.pages import PageOptions, render_page
from geulnun.synth.text import TextSource

WORDS = "우리 나라 사람 2026년 가을, 하늘이 높고 (바람) 12,000원 서울 시장 도로 생활 문화 안내".split()

#: crc32 of the text and of the characters' rounded quads, and how many lines there are: kind, seed -> those.
GOLDEN: dict[tuple[str, int], tuple[int, int, int]] = {
    ("letter", 0): (1471742136, 3382410246, 37),
    ("letter", 1): (1076171414, 1139476522, 22),
    ("two_columns", 0): (995220154, 2019602391, 64),
    ("two_columns", 1): (3136473148, 4032196062, 67),
    ("form", 0): (3959642493, 1701669209, 77),
    ("form", 1): (954183642, 1795814503, 79),
    ("receipt", 0): (1683131586, 1004397441, 41),
    ("receipt", 1): (2763041544, 58877787, 44),
}


class FixedTexts(TextSource):
    """Words in turn: as many draws of the generator whatever the corpora hold."""

    def line_of(self, kind: str, rng: np.random.Generator, length: int, syllables: object = None) -> str:
        start = int(rng.integers(len(WORDS)))
        out = WORDS[start]
        for at in range(start + 1, start + length):
            longer = f"{out} {WORDS[at % len(WORDS)]}"
            if len(longer) > length:
                break
            out = longer
        return out

    def line(self, rng: np.random.Generator, length: int, syllables: object = None) -> str:
        return self.line_of("", rng, length)

    def paragraph(self, rng: np.random.Generator, sentences: int) -> str:
        return " ".join(self.line_of("", rng, 30) for _ in range(sentences))


def fixed(text: str) -> object:
    return lambda rng: f"{text}{rng.integers(10)}"


GRAMMAR = SimpleNamespace(
    office=fixed("총무과"), day=fixed("2026-03-0"), person=fixed("김하나"), company=fixed("한빛"), amount=fixed("1,20"),
    registration=fixed("123-45-6789"),
)  # fmt: skip


@pytest.fixture
def face(test_font: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Face:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path))
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


def drawn(face: Face, kind: str, seed: int) -> tuple[int, int, int]:
    options = PageOptions(em=(14, 20), wear=0, turns=True)
    _, page = render_page(np.random.default_rng([9, seed]), [face], FixedTexts(), kind, options)
    quads = np.array([char.quad for word in page.words for char in word.chars]).round().astype(np.int32)
    return zlib.crc32(page.text.encode()), zlib.crc32(quads.tobytes()), len(page.lines)


@pytest.mark.parametrize(("kind", "seed"), sorted(GOLDEN))
def test_the_benches_pages_stay_what_they_were(
    face: Face, kind: str, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(papers, "grammar", GRAMMAR)
    assert drawn(face, kind, seed) == GOLDEN[kind, seed]
