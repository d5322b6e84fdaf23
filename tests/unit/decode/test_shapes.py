"""Words and characters of a page as arrays."""

from __future__ import annotations

import numpy as np
import pytest

from geulnun import geometry
from geulnun.decode.shapes import Shapes
from geulnun.document import Block, Char, Line, Page, Quad, Word


def box(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def page_of(*lines: Line) -> Page:
    return Page(100, 100, (Block(lines),))


def test_words_and_characters_come_in_reading_order_with_their_owners() -> None:
    first = Word((Char("가", box(0, 0, 10, 10)), Char("나", box(10, 0, 20, 10), 0.5)), box(0, 0, 20, 10))
    second = Word((Char("다", box(30, 0, 40, 10)),), box(30, 0, 40, 10))
    shapes = Shapes.of_page(page_of(Line((first, second), box(0, 0, 40, 10))))
    assert geometry.to_boxes(shapes.words).tolist() == [[0, 0, 20, 10], [30, 0, 40, 10]]
    assert shapes.word_of.tolist() == [0, 0, 1]
    assert shapes.char_scores.tolist() == [1, 0.5, 1]
    assert shapes.known.all()


def test_a_word_without_a_quad_takes_that_of_its_characters() -> None:
    word = Word((Char("가", box(0, 0, 10, 10)), Char("나", box(10, 0, 20, 10))))
    other = Word((Char("다", box(30, 0, 40, 10)),))
    shapes = Shapes.of_page(page_of(Line((word, other))))
    assert shapes.words[0].tolist() == [[0, 0], [20, 0], [20, 10], [0, 10]]
    column = Word((Char("가", box(0, 0, 10, 10)), Char("나", box(0, 10, 10, 20))))
    shapes = Shapes.of_page(page_of(Line((column, other), vertical=True)))
    assert shapes.words[0].tolist() == [[10, 0], [10, 20], [0, 20], [0, 0]]


def test_what_has_no_place_of_its_own_is_not_learned_from() -> None:
    bare = Line((Word((Char("가"),)), Word((Char("나"),))), box(0, 0, 40, 10))
    illegible = Line((Word((Char("가"),), box(0, 20, 40, 30)),), box(0, 20, 40, 30), confidence=0.0)
    single = Line((Word((Char("가"),)),), box(0, 40, 40, 50))
    nowhere = Line((Word((Char("가"),)),))
    shapes = Shapes.of_page(page_of(bare, illegible, single, nowhere))
    assert shapes.words[:, 0, 1].tolist() == [0, 20, 40]
    assert shapes.known.tolist() == [False, False, True]
    assert len(shapes.chars) == 0


def test_a_page_without_text_is_empty() -> None:
    for shapes in (Shapes.of_page(Page(5, 5)), Shapes.empty()):
        assert shapes.words.shape == shapes.chars.shape == (0, 4, 2)


def test_moving_and_scaling_move_words_and_characters_alike() -> None:
    shapes = Shapes.of(geometry.from_boxes([[0, 0, 20, 10]]), geometry.from_boxes([[0, 0, 10, 10]]), [0])
    turned = shapes.transformed(geometry.turn_matrix(20, 10, 90))
    assert turned.words[0].tolist() == [[10, 0], [10, 20], [0, 20], [0, 0]]
    assert turned.chars[0].tolist() == [[10, 0], [10, 10], [0, 10], [0, 0]]
    assert shapes.scaled((2, 3)).chars[0, 2].tolist() == [20, 30]


def test_kept_words_take_their_characters_along() -> None:
    words, chars = (geometry.from_boxes([[10 * i, 0, 10 * i + 5, 5] for i in range(n)]) for n in (3, 5))
    shapes = Shapes.of(words, chars, [0, 1, -1, 2, 1])
    kept = shapes.kept([2, 1])
    assert kept.words[:, 0, 0].tolist() == [20, 10]
    assert kept.chars[:, 0, 0].tolist() == [10, 30, 40]
    assert kept.word_of.tolist() == [1, 0, 1]
    assert shapes.kept(np.array([False, False, True])).word_of.tolist() == [0]


def test_joined_shapes_keep_their_owners() -> None:
    one = Shapes.of(geometry.from_boxes([[0, 0, 5, 5]]), geometry.from_boxes([[0, 0, 5, 5], [9, 9, 10, 10]]), [0, -1])
    assert one.joined(one).word_of.tolist() == [0, -1, 1, -1]


def test_what_does_not_fit_together_is_refused() -> None:
    words = geometry.from_boxes([[0, 0, 5, 5]])
    with pytest.raises(ValueError, match=r"word_of in 1\.\.1; expected -1 to 0"):
        Shapes.of(words, words, [1])
    with pytest.raises(ValueError, match="word_of of shape"):
        Shapes.of(words, words, [0, 0])
    with pytest.raises(ValueError, match="NaN"):
        Shapes.of(words * np.nan)
