"""The bench of files and the server as JSON and Markdown; a part that was not measured again keeps its last figures."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict
from pathlib import Path
from typing import Any

from geulnun.bench.doors import PROGRAMS, TREES, PdfScore, Tally
from geulnun.bench.doors_server import ServerScore
from geulnun.bench.report import Json, preamble, table
from geulnun.errors import DamagedInputError

_PDF = (
    "Pages of every kind, clean and worn, in fonts and texts that no training saw, each written as searchable PDF "
    "twice: with what was read, and with the truth. A page counts as equal if the program's text has the same words, "
    "parted by the same spaces, in the same order. pdftotext without `-raw` makes an order of its own of the layout, "
    "so there words are also compared in any order. The last column asks for the same lines: programs write what "
    "stands level, such as the cells of a form, in one."
)
_SERVER = (
    "Clients that each send all pages, one a request and the next when its answer is there, to `geulnun serve` on this "
    "machine, against `geulnun.Reader` reading the same pages in a loop. An error is no answer, another status than "
    "200, or another text than the library's. The wait is that for a worker, as the server tells it."
)
_PAGE = (
    "Loads by a browser that has kept nothing, from a server on this machine. The weight counts all that the page asks "
    "for before anything is read."
)
_TESTS = (
    "What is not measured here, tests hold at each run of the gate: hostile uploads "
    "([tests/server](../../tests/server)), the page in Chromium and its weight "
    "([tests/browser](../../tests/browser)), each format read back ([tests/property/test_formats.py]"
    "(../../tests/property/test_formats.py))."
)


def before(folder: Path) -> Json:
    """The parts of the last report, empty if there is none.

    Raises:
        DamagedInputError: it is no JSON object.
    """
    file = folder / "doors.json"
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise DamagedInputError(f"{file}: not JSON ({error}); delete it") from error
    if not isinstance(found, dict):
        raise DamagedInputError(f"{file}: not a report; delete it")
    return found


def pdf_json(meta: Json, score: PdfScore) -> Json:
    """The part about PDF."""
    tallies = [
        {"tree": tree, "program": program, **asdict(score.tallies.get((tree, program), Tally()))}
        for tree in TREES
        for program in PROGRAMS
    ]
    return {
        **meta, "tallies": tallies, "failed": score.failed,
        "ms_to_write": round(1e3 * statistics.median(score.written), 1),
        "bytes_beside_image": round(statistics.median(score.share), 4),
    }  # fmt: skip


def server_json(meta: Json, score: ServerScore) -> Json:
    """The part about the server."""
    return {**meta, **asdict(score), "share": score.share}


def as_markdown(content: dict[str, Any]) -> str:
    """All parts that there are."""
    parts = ["# Doors: files and the server"]
    if "pdf" in content:
        parts += [
            "## Searchable PDF",
            preamble(content["pdf"]),
            _PDF,
            _pdf_table(content["pdf"]),
            _pdf_notes(content["pdf"]),
        ]
    if "server" in content:
        parts += ["## Server", preamble(content["server"]), _SERVER, _server_table(content["server"])]
    if "page" in content:
        parts += ["## Page", preamble(content["page"]), _PAGE, _page_table(content["page"])]
    return "\n\n".join([*parts, "## Held by tests", _TESTS]) + "\n"


def _pdf_table(part: dict[str, Any]) -> str:
    head = ["tree", "taken out by", "pages", "words and spaces equal", "words equal in any order", "lines equal"]
    rows = [
        [
            row["tree"],
            row["program"],
            str(row["pages"]),
            *(f"{row[key]} of {row['pages']}" for key in ("words", "bag", "rows")),
        ]
        for row in part["tallies"]
    ]
    return table(head, rows)


def _pdf_notes(part: dict[str, Any]) -> str:
    failed = "; ".join(part["failed"]) or "none"
    return (
        f"Writing a page takes {part['ms_to_write']:g} ms (median), the file is {part['bytes_beside_image']:.1%} of "
        f"its image's size. Pages that did not come out equal in the file's order: {failed}."
    )


def _server_table(part: dict[str, Any]) -> str:
    head = ["clients", "pages each", "errors", "server, pages/s", "library in a loop, pages/s", "share",
            "wait, median", "wait, p99", "longest wait"]  # fmt: skip
    waits = (f"{part[key]:.2f} s" for key in ("wait_median", "wait_p99", "wait_most"))
    row = [str(part[key]) for key in ("clients", "pages", "errors")]
    row += [f"{part['served']:.3f}", f"{part['library']:.3f}", f"{part['share']:.1%}", *waits]
    return table(head, [row])


def _page_table(part: dict[str, Any]) -> str:
    head = ["browser", "loads", "first paint, median", "slowest", "weight", "as sent"]
    weights = (f"{part[key] / 1e3:.0f} KB" for key in ("bytes", "bytes_sent"))
    return table(
        head,
        [
            [
                f"Chromium {part['browser']}",
                str(part["loads"]),
                f"{part['paint_ms']} ms",
                f"{part['paint_ms_most']} ms",
                *weights,
            ]
        ],
    )
