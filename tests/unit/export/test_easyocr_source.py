"""One file with a network's own code."""

from __future__ import annotations

import ast

import pytest
import torch

pytest.importorskip("torch")

from geulnun.export.easyocr_source import bundle
from geulnun.nets.recognition import kakao, line
from geulnun.nets.recognition.transformation import Localisation, ThinPlateSpline


def names(text: str) -> set[str]:
    tree = ast.parse(text)
    return {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}


def test_all_that_is_needed_and_nothing_else() -> None:
    text = bundle([line.dense], "Head.", "made = dense")
    assert text.startswith('"""Head."""\n')
    assert names(text) == {"scaled", "conv_norm", "conv_act", "Residual", "LineNet", "dense"}
    assert "geulnun.nets" not in text
    assert "\nLINE_HEIGHT = 40\n" in text


def test_it_runs_alone_and_builds_the_same() -> None:
    text = bundle([ThinPlateSpline, Localisation], "Head.", "net = ThinPlateSpline(Localisation(1, 16, 8), 32, 64, 8)")
    scope: dict[str, object] = {"__name__": "alone"}
    exec(compile(text, "alone.py", "exec"), scope)
    net, own = scope["net"], ThinPlateSpline(Localisation(1, 16, 8), 32, 64, 8)
    assert isinstance(net, torch.nn.Module)
    net.load_state_dict(own.state_dict())
    image = torch.rand(1, 1, 32, 80)
    with torch.no_grad():
        assert torch.equal(net.eval()(image), own.eval()(image))


def test_names_given_together_are_found() -> None:
    # HEIGHT and WIDTH stand in one assignment there.
    assert "HEIGHT = 40" in bundle([kakao.as_is], "Head.", "")
