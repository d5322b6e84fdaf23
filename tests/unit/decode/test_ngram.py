"""Character language models: sums, a count by hand, a reference written out in dictionaries, damaged files."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geulnun.decode import ngram
from geulnun.decode.ngram import NGram
from geulnun.decode.ngram_build import build
from geulnun.errors import DamagedInputError, MissingInputError, UsageError

LINES = [
    "나는 학교에 간다",
    "나는 집에 간다",
    "너는 학교에 간다",
    "나는 너를 안다",
    "학교는 집이 아니다",
    "간다 간다",
] * 2

texts = st.lists(st.text("가나다 .", min_size=1, max_size=9).map(str.strip).filter(bool), min_size=1, max_size=12)


def chances(model: NGram, state: ngram.State) -> list[float]:
    """Probabilities of everything that may come next: the vocabulary, the end, and what was never seen."""
    known = [math.exp(model.step(state, char)[1]) for char in model.characters]
    return [*known, math.exp(model.end(state)), model.unseen * math.exp(model.step(state, "\U0001f600")[1])]


@given(texts, st.integers(1, 5), st.integers(0, 2), st.text("가나다라 .", max_size=7))
@settings(max_examples=60, deadline=None)
def test_what_may_come_next_sums_to_one(lines: list[str], order: int, prune: int, context: str) -> None:
    model = build(lines, order, prune)
    for state in (model.begin, model.after(context)):
        assert sum(chances(model, state)) == pytest.approx(1.0, abs=2e-3)


def test_an_order_of_one_counts_contexts_of_nothing() -> None:
    # Raw counts of the highest order: 가 3, 나 2, two line ends; 12,000 - 2 characters unseen share what is taken off.
    model = build(["가나가", "가나"], order=1)
    discounts = {2: 1.0, 3: 1.5}
    total, left = 7, (1.5 + 1.0 + 1.0) / 7
    base = 1 / (2 + 1 + model.unseen)
    assert math.exp(model.score("가", end=False)) == pytest.approx((3 - discounts[3]) / total + left * base, rel=1e-3)
    assert math.exp(model.score("나", end=False)) == pytest.approx((2 - discounts[2]) / total + left * base, rel=1e-3)
    assert math.exp(model.end(())) == pytest.approx((2 - discounts[2]) / total + left * base, rel=1e-3)


def reference(lines: list[str], order: int, line: str) -> float:
    """The same model by dictionaries of tuples, straight from the equations; every character occurs twice."""
    sentences = [["<", *text, ">"] for text in lines]
    alphabet = set("".join(lines))
    raw = [Counter(tuple(s[i : i + n]) for s in sentences for i in range(len(s) - n + 1)) for n in range(order + 2)]
    counts: list[dict[tuple[str, ...], int]] = [{}]
    for n in range(1, order + 1):
        before: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
        for gram in raw[n + 1]:
            before[gram[1:]].add(gram[0])
        known = {gram: count for gram, count in raw[n].items() if gram != ("<",)}
        counts.append({g: c if n == order or g[0] == "<" else len(before[g]) for g, c in known.items()})

    def discount(n: int, count: int) -> float:
        a, b, c, d = (sum(value == times for value in counts[n].values()) for times in (1, 2, 3, 4))
        found = [0.5, 1.0, 1.5]
        if a and b and c:
            y = a / (a + 2 * b)
            exact = [1 - 2 * y * b / a, 2 - 3 * y * c / b, 3 - 4 * y * d / c]
            found = exact if all(0 < value < times for times, value in enumerate(exact, 1)) else found
        return found[min(count, 3) - 1]

    def chance(context: tuple[str, ...], char: str) -> float:
        n = len(context) + 1
        lower = chance(context[1:], char) if context else 1 / (len(alphabet) + 1 + 12_000 - len(alphabet))
        same = {gram: count for gram, count in counts[n].items() if gram[:-1] == context}
        total = sum(same.values())
        if not total:
            return lower
        kept = {gram: count - discount(n, count) for gram, count in same.items()}
        return kept.get((*context, char), 0.0) / total + (1 - sum(kept.values()) / total) * lower

    full = ["<", *line, ">"]
    return sum(
        math.log(chance(tuple(full[max(0, at - order + 1) : at]), full[at])) for at in range(1, len(full))
    )  # fmt: skip


@given(texts, st.integers(1, 4), st.text("가나다 .", min_size=1, max_size=8))
@settings(max_examples=50, deadline=None)
def test_scores_are_those_of_the_equations(lines: list[str], order: int, line: str) -> None:
    # Twice each, so that no character is rare enough to become the unknown one.
    doubled = [" ".join(text.split()) for text in lines] * 2
    line = line if set(line) <= set("".join(doubled)) else "".join(doubled)[:6]
    model = build(doubled, order)
    assert model.score(line) == pytest.approx(reference(doubled, order, line), abs=2e-3 * (len(line) + 1))


def test_a_longer_memory_writes_text_like_its_own_more_shortly() -> None:
    held_out = ["나는 학교에 간다", "너는 집에 간다"]
    bits = [build(LINES, order).bits(held_out).per_character for order in (1, 3, 5)]
    assert bits == sorted(bits, reverse=True)
    assert bits[1] < 0.5 * bits[0]
    assert build(LINES, 3).bits(["간다"]).perplexity == pytest.approx(2 ** build(LINES, 3).bits(["간다"]).per_character)
    assert build(LINES, 3).bits([]).per_character == 0.0


def test_a_context_in_the_middle_of_text_is_not_its_beginning() -> None:
    model = build(LINES, 4)
    at_begin = model.step(model.begin, "나")[1]
    assert at_begin > model.step(model.after(" "), "나")[1]
    assert model.after("나는 학") == model.after("너는 학")[:3]


def test_pruning_leaves_out_what_is_rare_and_only_that() -> None:
    model, small = build([*LINES, "뷁 뷁"], 4), build([*LINES, "뷁 뷁"], 4, prune=1)
    assert small.size < model.size
    assert small.score("나는 간다") == pytest.approx(model.score("나는 간다"), abs=2.0)


def test_a_file_gives_back_the_model(tmp_path: Path) -> None:
    model = build(LINES, 4)
    (tmp_path / "lm.npz").write_bytes(model.to_bytes())
    again = ngram.load(tmp_path / "lm.npz")
    assert again.order == 4
    assert again.characters == model.characters
    for line in (*LINES, "뷁", ""):
        assert again.score(line) == model.score(line)


def test_what_is_no_model_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="lm build"):
        ngram.load(tmp_path / "none.npz")
    for content in (b"", b"junk", "나는".encode(), b"PK\x03\x04" + bytes(40)):
        (tmp_path / "lm.npz").write_bytes(content)
        with pytest.raises(DamagedInputError, match=r"lm\.npz: not a language model") as caught:
            ngram.load(tmp_path / "lm.npz")
        assert "\n" not in str(caught.value)


def test_pickles_are_not_opened(tmp_path: Path) -> None:
    (tmp_path / "lm.npz").write_bytes(build(LINES, 2).to_bytes())
    arrays = dict(np.load(tmp_path / "lm.npz"))
    arrays["costs_1"] = np.array([object()], dtype=object)
    np.savez(tmp_path / "evil.npz", **arrays)
    with pytest.raises(DamagedInputError):
        ngram.load(tmp_path / "evil.npz")


@given(st.data())
@settings(max_examples=80, deadline=None)
def test_arrays_that_do_not_fit_are_refused_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    file = tmp_path_factory.mktemp("lm") / "lm.npz"
    (file).write_bytes(build(LINES, 3).to_bytes())
    arrays = dict(np.load(file))
    name = data.draw(st.sampled_from(sorted(arrays)))
    array = arrays[name].copy()
    if data.draw(st.booleans()):
        array[data.draw(st.integers(0, len(array) - 1))] = data.draw(st.integers(0, 255))
    else:
        array = array[: data.draw(st.integers(0, len(array) - 1))]
    np.savez(file, **(arrays | {name: array}))
    try:
        model = ngram.load(file)
    except DamagedInputError:
        return
    assert math.isfinite(model.score("나는 학교에 간다"))


@pytest.mark.parametrize(("order", "prune"), [(0, 0), (8, 0), (3, -1)])
def test_numbers_out_of_range_are_refused(order: int, prune: int) -> None:
    with pytest.raises(UsageError, match="expected"):
        build(LINES, order, prune)


def test_no_text_no_model() -> None:
    with pytest.raises(UsageError, match="no text"):
        build(["", "  "], 3)
