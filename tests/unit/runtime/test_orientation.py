"""Which way up pages stand, with a network that knows it of lines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.unit.runtime.conftest import write_headed

from geulnun import geometry
from geulnun.decode.posture import PageTurn
from geulnun.errors import ModelError
from geulnun.runtime.orientation import VOTERS, Orientation, line_crop

#: Level lines of one page; their ink is in their upper halves.
BOXES = np.array([[30, 40 + 40 * at, 330 - 15 * at, 64 + 40 * at] for at in range(6)], float)


def _page() -> tuple[np.ndarray, np.ndarray]:
    page = np.full((300, 400), 250, np.uint8)
    for left, top, right, _ in BOXES.astype(int):
        page[top + 3 : top + 12, left + 4 : right - 4 : 3] = 10
    return page, geometry.from_boxes(BOXES)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
@pytest.mark.parametrize("backwards", [False, True])
def test_a_page_is_turned_by_what_its_lines_say(headed: Path, turn: int, backwards: bool) -> None:
    page, quads = _page()
    shown = np.ascontiguousarray(np.rot90(page, -turn // 90))
    found = geometry.transform(quads, geometry.turn_matrix(400, 300, turn))
    found = np.roll(found, 2, axis=1) if backwards else found
    told = Orientation(headed, threads=1).page(np.repeat(shown[..., None], 3, 2), found)
    assert told.rotation == (360 - turn) % 360
    assert told.confidence > 0.99
    assert told.columns == 0.0


def test_upside_down_crops_are_told_in_their_order(headed: Path) -> None:
    page, quads = _page()
    crops = [line_crop(page, quad) for quad in quads]
    crops[1::2] = [np.ascontiguousarray(crop[::-1, ::-1]) for crop in crops[1::2]]
    told = Orientation(headed, threads=1).upside_down([*crops * 4, page[:2, :2]])
    assert len(told) == 4 * len(crops) + 1 > VOTERS
    np.testing.assert_array_equal(told[:-1] > 0.5, np.tile([False, True], 2 * len(crops)))
    assert told[-1] == 0.5


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("turn", [0, 180])
def test_lines_across_begin_where_their_own_letters_say(headed: Path, turn: int, backwards: bool) -> None:
    page, level = _page()
    # Beside the lines, one that reads down, and one that reads up.
    side = np.full((300, 60), 250, np.uint8)
    side[40:160:3, 15:24] = side[180:290:3, 36:45] = 10
    whole = np.hstack([page, side, np.full((300, 40), 250, np.uint8)])
    up = np.array([[[412, 164], [412, 36], [436, 36], [436, 164]]], float)
    down = np.array([[[448, 176], [448, 294], [424, 294], [424, 176]]], float)
    wanted = geometry.transform(np.concatenate([level, up, down]), geometry.turn_matrix(500, 300, turn))
    shown = np.ascontiguousarray(np.rot90(whole, -turn // 90))
    found = np.roll(wanted, 2, axis=1) if backwards else wanted
    np.testing.assert_allclose(Orientation(headed, threads=1).begun(shown, found, turn), wanted)


def test_a_page_without_lines_stays_as_guessed(headed: Path) -> None:
    told = Orientation(headed, threads=1).page(np.full((40, 40), 255, np.uint8), np.zeros((0, 4, 2)), 270)
    assert told == PageTurn(270, 0.0, 0.0)


def test_crops_show_the_middle_of_long_lines() -> None:
    page = np.full((40, 2000), 255, np.uint8)
    page[10:30, 900:1100] = 0
    crop = line_crop(page, geometry.from_boxes([[0, 8, 2000, 32]])[0])
    assert crop.shape[0] == 32
    # Twelve heights and the overhang, at the scale of a line with its overhang.
    assert crop.shape[1] == pytest.approx((12 + 0.3) * 32 / 1.16, abs=2)
    assert (crop[16] < 128).mean() == pytest.approx(200 / (24 * 12.3), abs=0.02)


def test_other_networks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="does not tell orientations"):
        Orientation(write_headed(tmp_path / "other.onnx", "geulnun.other"))
