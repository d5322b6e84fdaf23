"""Intervals and tests, against distributions that can be written down."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geulnun.errors import UsageError
from geulnun.evaluate import resample
from geulnun.evaluate.resample import Bootstrap, ResampleOptions, harmonic, holm, permutation_test, ratio

ALL = np.arange(2)


def test_a_ratio_of_nothing_has_no_value() -> None:
    assert ratio(np.array([3.0, 4.0])) == 0.75
    assert np.isnan(ratio(np.array([0.0, 0.0])))


@pytest.mark.parametrize(
    ("sums", "value"),
    [
        ((3.0, 4.0, 3.0, 6.0), 0.6),  # 2 * 0.75 * 0.5 / 1.25
        ((0.0, 4.0, 0.0, 6.0), 0.0),
        ((0.0, 0.0, 0.0, 6.0), 0.0),
        ((-1.0, 4.0, 3.0, 6.0), 0.0),  # penalties never cost more than all hits
    ],
)
def test_the_harmonic_mean_of_precision_and_recall(sums: tuple[float, ...], value: float) -> None:
    assert harmonic(np.array(sums)) == pytest.approx(value)


def test_the_harmonic_mean_of_nothing_has_no_value() -> None:
    assert np.isnan(harmonic(np.zeros(4)))


def test_each_round_draws_as_many_documents_as_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resample, "_CELLS", 30)  # several blocks
    blocks = list(Bootstrap(7, ResampleOptions(rounds=10)).weights())
    assert [len(block) for block in blocks] == [4, 4, 2]
    assert (np.concatenate(blocks).sum(1) == 7).all()
    assert (np.concatenate(blocks) >= 0).all()


def test_two_documents_give_the_distribution_that_two_coins_do() -> None:
    """One of 0 errors and one of 10 in 10: none, both or one of each are drawn in 1/4, 1/4 and 1/2 of the rounds."""
    bootstrap = Bootstrap(2, ResampleOptions(rounds=4000, seed=1))
    (sums,) = bootstrap.sums([(ALL, np.array([[0.0, 10.0], [10.0, 10.0]]))])
    values = ratio(sums)
    shares = [float((values == value).mean()) for value in (0.0, 0.5, 1.0)]
    assert shares == pytest.approx([0.25, 0.5, 0.25], abs=0.03)
    assert bootstrap.interval(values, 2) == resample.Interval(0.0, 1.0)


def test_an_interval_is_the_middle_of_the_rounds_values() -> None:
    bootstrap = Bootstrap(5, ResampleOptions(confidence=0.5))
    found = bootstrap.interval(np.array([0.0, 1.0, 2.0, 3.0, 4.0, np.nan]), 5)
    assert found == resample.Interval(1.0, 3.0)


def test_one_document_has_no_interval() -> None:
    assert Bootstrap(5, ResampleOptions()).interval(np.array([0.1, 0.2]), 1) is None


def test_the_seed_alone_decides() -> None:
    table = [(np.arange(6), np.arange(12.0).reshape(6, 2))]
    once, again, other = (
        Bootstrap(6, ResampleOptions(rounds=50, seed=seed)).sums(table)[0] for seed in (3, 3, 4)
    )  # fmt: skip
    assert (once == again).all()
    assert (once != other).any()


def test_a_slice_is_summed_over_its_own_documents() -> None:
    """Rows of a table are those of the documents it names, in every round."""
    bootstrap = Bootstrap(4, ResampleOptions(rounds=30))
    whole, part = bootstrap.sums([(np.arange(4), np.eye(4)), (np.array([1, 3]), np.array([[1.0], [10.0]]))])
    assert (whole[:, 1] + 10 * whole[:, 3] == part[:, 0]).all()


def test_no_document_is_an_error() -> None:
    with pytest.raises(UsageError, match="no document"):
        Bootstrap(0, ResampleOptions())


@pytest.mark.parametrize("wrong", [{"rounds": -1}, {"permutations": 0}, {"confidence": 1.0}, {"seed": -1}])
def test_options_are_checked(wrong: dict[str, float]) -> None:
    with pytest.raises(UsageError, match="expected"):
        ResampleOptions(**wrong)  # type: ignore[arg-type]


def _columns(*errors: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array([(error, 10.0) for error in errors])


def test_three_documents_all_better_are_no_proof() -> None:
    """Of the 8 exchanges only none and all reach the observed 0.2, so p is 2/8."""
    found = permutation_test(_columns(1, 2, 3), _columns(0, 0, 0), ratio)
    assert found is not None
    assert found.difference == pytest.approx(-0.2)
    assert (found.p, found.exact, found.documents) == (0.25, True, 3)


def test_what_speaks_against_counts_too() -> None:
    """Differences of 4, 2 and -1: the observed sum is 5; |±4 ± 2 ± 1| reaches 5 for ±(4 + 2 + 1), ±(4 + 2 - 1): 4/8."""
    found = permutation_test(_columns(1, 1, 1), _columns(5, 3, 0), ratio)
    assert found is not None
    assert found.difference == pytest.approx(5 / 30)
    assert found.p == 0.5


def test_equal_runs_differ_by_chance_alone() -> None:
    found = permutation_test(_columns(1, 2), _columns(1, 2), ratio)
    assert found == resample.PairedTest(0.0, 1.0, True, 0)


def test_documents_that_agree_decide_nothing() -> None:
    one = permutation_test(_columns(1, 2, 3, *[5] * 40), _columns(0, 0, 0, *[5] * 40), ratio)
    assert one is not None
    assert (one.p, one.exact, one.documents) == (0.25, True, 3)


def test_drawn_exchanges_come_near_to_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _columns(3, 1, 4, 1, 5, 9, 2, 6), _columns(2, 2, 3, 0, 5, 6, 3, 3)
    exact = permutation_test(first, second, ratio)
    monkeypatch.setattr(resample, "EXACT", 0)
    drawn = permutation_test(first, second, ratio)
    assert exact is not None
    assert drawn is not None
    assert exact.exact
    assert not drawn.exact
    assert drawn.p == pytest.approx(exact.p, abs=0.02)
    assert drawn == permutation_test(first, second, ratio)


def test_a_drawn_p_is_never_nought() -> None:
    found = permutation_test(_columns(*[9] * 40), _columns(*[0] * 40), ratio, ResampleOptions(permutations=99))
    assert found is not None
    assert found.p == 0.01


def test_of_very_many_documents_fewer_exchanges_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resample, "_DRAWN", 40 * 1500)
    found = permutation_test(_columns(*[9] * 40), _columns(*[0] * 40), ratio)
    assert found is not None
    assert found.p == pytest.approx(1 / 1501)


def test_a_measure_without_a_value_is_not_tested() -> None:
    assert permutation_test(np.zeros((3, 2)), np.zeros((3, 2)), ratio) is None


def test_runs_on_other_documents_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        permutation_test(np.zeros((3, 2)), np.zeros((2, 2)), ratio)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8))
def test_the_order_of_runs_and_documents_does_not_matter(pairs: list[tuple[int, int]]) -> None:
    first, second = _columns(*(a for a, _ in pairs)), _columns(*(b for _, b in pairs))
    one, other = permutation_test(first, second, ratio), permutation_test(second[::-1], first[::-1], ratio)
    assert one is not None
    assert other is not None
    assert one.p == other.p
    assert one.difference == pytest.approx(-other.difference)
    assert 0 < one.p <= 1


def test_holm_by_hand() -> None:
    """0.01 x 3; 0.03 x 2; 0.04 x 1, but never less than the one before."""
    assert holm([0.01, 0.04, None, 0.03]) == pytest.approx([0.03, 0.06, None, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
