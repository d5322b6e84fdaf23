"""The public reader of characters: every way to hand it images."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from geulnun.characters import CharacterReader
from geulnun.errors import DamagedInputError, InputError, MissingInputError, UsageError

Glyph = Callable[..., NDArray[np.uint8]]
Matcher = Callable[..., Path]


@pytest.fixture
def reader(matcher: Matcher) -> CharacterReader:
    return CharacterReader(matcher("가각나단라A7"), threads=1)


def texts(reader: CharacterReader, images: object) -> str:
    return "".join(guess.text or "·" for guess in reader.predict(images))  # type: ignore[arg-type]


def test_every_source_is_taken(reader: CharacterReader, glyph: Glyph, tmp_path: Path) -> None:
    picture = Image.fromarray(glyph("단"))
    picture.save(tmp_path / "a.png")
    Image.fromarray(glyph("라")).save(tmp_path / "b.png")
    content = (tmp_path / "a.png").read_bytes()
    assert texts(reader, tmp_path / "a.png") == texts(reader, str(tmp_path / "a.png")) == "단"
    assert texts(reader, content) == texts(reader, io.BytesIO(content)) == texts(reader, picture) == "단"
    assert texts(reader, tmp_path) == "단라"
    assert texts(reader, [tmp_path / "b.png", picture, content, glyph("7")]) == "라단단7"


def test_arrays_are_one_image_or_several(reader: CharacterReader, glyph: Glyph) -> None:
    one, two = glyph("가"), glyph("나")
    colour = np.repeat(one[..., None], 3, 2)
    assert texts(reader, one) == texts(reader, colour) == texts(reader, colour[..., :1]) == "가"
    assert texts(reader, np.stack([one, two, 255 - one])) == "가나가"
    assert texts(reader, np.stack([colour, colour])) == "가가"
    assert texts(reader, one / 255.0) == "가"
    assert texts(reader, (np.full((20, 20), 255, np.uint8), two)) == "·나"
    assert reader.predict([]) == []


def test_n_tells_how_many(reader: CharacterReader, glyph: Glyph) -> None:
    (guess,) = reader.predict(glyph("가"), n=2)
    assert (len(guess.alternatives), len(guess.cho), len(guess.jong)) == (2, 2, 2)


def test_what_cannot_be_read_is_told(reader: CharacterReader, tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nno")
    with pytest.raises(DamagedInputError, match=r"broken\.png"):
        reader.predict(tmp_path / "broken.png")
    with pytest.raises(MissingInputError):
        reader.predict("gone.png")
    with pytest.raises(InputError, match="shape"):
        reader.predict(np.zeros(4, np.uint8))
    with pytest.raises(UsageError, match="n is 0"):
        reader.predict([], n=0)
    with pytest.raises(MissingInputError, match=r"none\.onnx"):
        CharacterReader("none.onnx")
    with pytest.raises(UsageError, match="reject"):
        CharacterReader(reject=-0.1)
