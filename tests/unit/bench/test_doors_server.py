"""The bench of the server: what it counts, on a server that runs."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from PIL import Image

from geulnun.bench import doors_server
from geulnun.bench.doors_server import ServerScore, measure
from geulnun.errors import GeulnunError


@pytest.fixture(scope="module")
def pages(samples: Path) -> list[bytes]:
    """Small pages: parts of the receipt."""
    receipt = Image.open(samples / "receipt.jpg").convert("L")
    out = []
    for top in (0, 150):
        stream = io.BytesIO()
        receipt.crop((0, top, receipt.width, top + 150)).save(stream, "PNG")
        out.append(stream.getvalue())
    return out


def test_pages_are_served_as_the_library_reads_them(pages: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(doors_server.__file__).parents[2]))
    texts = doors_server._with_library

    def with_one_wrong(given: list[bytes]) -> tuple[float, list[str]]:
        seconds, found = texts(given)
        return seconds, [found[0], "another text"]

    score = measure(pages, clients=2, workers=1)
    assert (score.clients, score.pages, score.errors) == (2, 2, 0)
    assert score.served > 0
    assert score.library > 0
    assert 0 <= score.wait_median <= score.wait_p99 <= score.wait_most < 60
    # Errors are counted where there are some.
    monkeypatch.setattr(doors_server, "_with_library", with_one_wrong)
    assert measure(pages, clients=2, workers=1).errors == 2


def test_a_server_that_does_not_start_is_told(pages: list[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors_server, "_with_library", lambda _: (1.0, ["", ""]))
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(GeulnunError, match="does not start"):
        measure(pages, clients=1)


def test_the_share_is_of_the_librarys_throughput() -> None:
    assert ServerScore(8, 50, 0, 3.0, 2.0, 0.1, 0.2, 0.3).share == 1.5
