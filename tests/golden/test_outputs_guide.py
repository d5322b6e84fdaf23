"""The samples in the guide to formats are what the command it names writes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from geulnun.write import WRITERS, read_json

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "docs/guides/outputs.md").read_text(encoding="utf-8")
#: The file that a sample is of, and the blocks that follow it.
SAMPLES = re.findall(r"^`(\S+)`:\n((?:\n```\w+\n.*?\n```\n)+)", GUIDE, re.DOTALL | re.MULTILINE)


def _squeezed(text: str) -> str:
    """Indents and breaks aside: a part of a file stands in the guide as it is best read."""
    return " ".join(text.split())


@pytest.mark.parametrize(("name", "blocks"), SAMPLES, ids=[name for name, _ in SAMPLES])
def test_samples_are_what_is_written(name: str, blocks: str) -> None:
    stored = ROOT / "samples/note.json"
    suffix = name.removeprefix("note")
    made = stored.read_bytes() if name == "samples/note.json" else _written(suffix, stored)
    for block in re.findall(r"```\w+\n(.*?)\n```", blocks, re.DOTALL):
        assert _squeezed(block) in _squeezed(made.decode())


def _written(suffix: str, stored: Path) -> bytes:
    (format_,) = (one for one in WRITERS.values() if one.suffix == suffix)
    return format_.build().encode(read_json(stored.read_bytes()))


def test_the_guide_names_every_format() -> None:
    listed = set(re.findall(r"^\| \[`(\w+)`\]\(#", GUIDE, re.MULTILINE))
    assert listed == set(WRITERS)
    for name, format_ in WRITERS.items():
        assert f"`{format_.suffix}` | `{format_.media_type}`" in GUIDE or name == "docx"
    assert len(SAMPLES) >= 11
