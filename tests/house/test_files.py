"""Habits of the tracked files: size, what they may speak of, what they may not leave open."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES_A_FILE = 400
LINES_A_FUNCTION = 60
#: A home or work folder is right on one machine and wrong on all others.
PRIVATE = re.compile(r"(?<![\w.:/-])/(?:home|root|work|Users|opt)/\w")
#: In brackets, so that this line does not find itself.
OPEN_ENDS = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X]|HAC[K])\b|\braise NotImplemente[d]Error\b")


def _tracked() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, timeout=30)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout", allow_module_level=True)
    return [ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


TRACKED = _tracked()
TEXTS = [file for file in TRACKED if b"\0" not in file.read_bytes()[:4096] and file.suffix not in (".jpg", ".png")]
CODE = [file for file in TEXTS if file.suffix == ".py"]


def _found(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{file.relative_to(ROOT)}:{number} {hit.group()}"
        for file in files
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        if (hit := pattern.search(line))
    ]


def test_files_can_be_seen_at_once() -> None:
    long = {str(file.relative_to(ROOT)): len(file.read_text(encoding="utf-8").splitlines()) for file in CODE}
    assert {name: count for name, count in long.items() if count >= LINES_A_FILE} == {}


def test_functions_can_be_seen_at_once() -> None:
    long = [
        f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"
        for file in CODE
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno >= LINES_A_FUNCTION
    ]
    assert not long


def test_nothing_is_left_open() -> None:
    assert not _found(OPEN_ENDS, TEXTS)


def test_no_file_names_a_place_of_one_machine() -> None:
    assert not _found(PRIVATE, TEXTS)


def test_texts_are_utf8_and_end_in_one_newline() -> None:
    texts = [file for file in TEXTS if file.stat().st_size]
    assert [str(file.relative_to(ROOT)) for file in texts if not re.search(rb"[^\n]\n\Z", file.read_bytes())] == []


def test_no_large_file_but_weights_is_tracked() -> None:
    # recipes/*.pt: the shipped weights before they became integers, for a run to begin with.
    weights = (".onnx", ".npz", ".pt")
    large = [file for file in TRACKED if file.stat().st_size > 500_000 and file.suffix not in weights]
    assert [str(file.relative_to(ROOT)) for file in large] == []
