"""The error tree: every error is caught as one, and each family ends the program with its own code."""

from __future__ import annotations

import pytest

from geulnun import errors

TREE = [item for item in vars(errors).values() if isinstance(item, type) and issubclass(item, errors.GeulnunError)]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_is_caught_as_the_one_base(kind: type[errors.GeulnunError]) -> None:
    with pytest.raises(errors.GeulnunError, match="what to do"):
        raise kind("what to do")


def test_exit_codes_are_the_documented_ones() -> None:
    """Scripts depend on these; a change is a breaking one."""
    assert {kind.__name__: kind.exit_code for kind in TREE} == {
        "GeulnunError": 1,
        "UsageError": 2,
        "InputError": 3,
        "MissingInputError": 3,
        "DamagedInputError": 3,
        "TooLargeError": 3,
        "EncryptedError": 3,
        "PageRangeError": 3,
        "ModelError": 4,
        "MissingDependencyError": 5,
        "RecipeError": 6,
    }
