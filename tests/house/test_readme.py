"""The README says what the reports say."""

from __future__ import annotations

from pathlib import Path

import pytest

from geulnun.bench.readme import BEGIN, END, figures, update
from geulnun.errors import DamagedInputError, MissingInputError

ROOT = Path(__file__).resolve().parents[2]


def test_figures_are_those_of_the_reports() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert update(readme, figures(ROOT / "docs/benchmarks")) == readme, "run `geulnun bench readme`"


def test_figures_are_replaced_between_their_marks() -> None:
    assert update(f"a\n{BEGIN}\nold\n{END}\nb", "new") == f"a\n{BEGIN}\n\nnew\n\n{END}\nb"


@pytest.mark.parametrize("readme", ["", BEGIN, f"{END} {BEGIN}"])
def test_marks_must_be_there(readme: str) -> None:
    with pytest.raises(DamagedInputError, match="expected"):
        update(readme, "new")


def test_a_report_that_is_absent_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="geulnun bench accuracy"):
        figures(tmp_path)
