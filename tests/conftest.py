"""What all tests share: the one font the repository carries, and the sample pages."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# The gate gives the same answer twice; a hunt for new cases is `HYPOTHESIS_PROFILE=hunt make gate`.
settings.register_profile("gate", derandomize=True, deadline=None, max_examples=60, database=None)
settings.register_profile("hunt", deadline=None, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "gate"))


@pytest.fixture(scope="session")
def test_font() -> Path:
    """A Korean font (403 syllables, ASCII, some signs) that is there on every machine."""
    return ROOT / "tests/fonts/geulnun-test-sans.ttf"


@pytest.fixture(scope="session")
def samples() -> Path:
    """The folder of sample pages, each with its text beside it."""
    return ROOT / "samples"
