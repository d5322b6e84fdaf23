"""Every shipped weight is vouched for, and all of them together stay small."""

from __future__ import annotations

import pytest

from geulnun.runtime import weights

LIMIT = 20 * 2**20
SHIPPED = {entry.name: entry for entry in weights.entries()}


@pytest.mark.parametrize("name", SHIPPED)
def test_digest_size_card_and_licence_are_in_order(name: str) -> None:
    entry = SHIPPED[name]
    file = weights.path(name)  # raises where the digest differs
    assert file.stat().st_size == entry.bytes
    assert entry.licence == "Apache-2.0"
    assert entry.version >= 1
    card = (weights.DIRECTORY / entry.card).read_text(encoding="utf-8")
    missing = [word for word in (entry.licence, entry.recipe, "## ") if word not in card]
    assert not missing, f"{entry.card} says nothing of {missing}"


@pytest.mark.parametrize("name", SHIPPED)
def test_the_recipe_that_trains_it_again_is_there(name: str) -> None:
    root = weights.DIRECTORY.parents[2]
    assert (root / SHIPPED[name].recipe).is_file()


def test_no_network_lies_outside_the_manifest() -> None:
    others = {".md", ".json"}
    found = {file.name for file in weights.DIRECTORY.iterdir() if file.suffix not in others}
    assert found == {entry.file for entry in SHIPPED.values()}


def test_the_networks_a_reader_needs_are_shipped() -> None:
    assert {"character", "columns", "detector", "language", "orientation", "recogniser"} <= SHIPPED.keys()


def test_all_weights_together_stay_under_the_limit() -> None:
    assert sum(entry.bytes for entry in SHIPPED.values()) <= LIMIT
