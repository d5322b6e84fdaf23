"""Pictures of the page for the README and for whoever changes its looks.

    .venv/bin/python tests/browser/shots.py                  # into out/
    .venv/bin/python tests/browser/shots.py docs/images      # page.png and board.png of the README
    .venv/bin/python tests/browser/shots.py --paint docs/benchmarks     # how soon it shows, into doors.md

Starts a server of its own and needs Chromium, as the tests beside it do.
"""

from __future__ import annotations

import argparse
import io
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from geulnun.bench import doors_report, machine, report

ROOT = Path(__file__).resolve().parents[2]
#: Bytes of a picture.
LARGEST = 300_000
#: Loads of which the median counts.
LOADS = 9
#: Milliseconds until something was painted; paints that were before are told as well.
PAINT = """() => new Promise((tell) => new PerformanceObserver((seen) => {
    for (const one of seen.getEntriesByName("first-contentful-paint")) tell(one.startTime);
}).observe({ type: "paint", buffered: true }))"""
#: Bytes of all that the page asks for: as it is used, and as it is sent.
SIZES = """() => ["decodedBodySize", "encodedBodySize"].map((size) =>
    [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
        .reduce((sum, one) => sum + one[size], 0))"""

#: 글, in shares of the board's height.
STROKES: list[list[tuple[float, float]]] = [
    [(0.28, 0.16), (0.71, 0.15), (0.69, 0.26), (0.64, 0.37)],
    [(0.15, 0.475), (0.86, 0.465)],
    [(0.29, 0.585), (0.70, 0.58), (0.695, 0.71)],
    [(0.30, 0.715), (0.695, 0.71)],
    [(0.30, 0.715), (0.30, 0.865), (0.75, 0.855)],
]


@contextmanager
def served() -> Iterator[str]:
    """Address of a server with one worker."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-m", "geulnun", "serve", "--port", str(port), "--workers", "1"])
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
                break
            except urllib.error.URLError:
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def reading(page: Page, *files: str) -> None:
    """Have files read, to the last page."""
    page.set_input_files("#files", [str(ROOT / "samples" / file) for file in files])
    page.wait_for_selector("#text .w")
    page.wait_for_selector(".thumb.unread", state="detached")
    page.wait_for_timeout(1500)


def drawing(page: Page, strokes: Sequence[Sequence[tuple[float, float]]]) -> None:
    """Draw on the board."""
    board = page.locator("canvas.ink").bounding_box()
    assert board
    for stroke in strokes:
        points = [(board["x"] + x * board["height"], board["y"] + y * board["height"]) for x, y in stroke]
        page.mouse.move(*points[0])
        page.mouse.down()
        for point in points[1:]:
            page.mouse.move(*point, steps=8)
        page.mouse.up()
    page.mouse.move(5, 5)
    page.wait_for_selector(".tile[data-char], .reading-line")
    page.wait_for_timeout(2500)


def documents(page: Page) -> None:
    """Two documents, a doubtful word pointed at."""
    reading(page, "letter.png", "receipt.jpg")
    doubt = page.locator("#stage .unsure, #stage .doubtful").first
    doubt.scroll_into_view_if_needed()
    doubt.hover()
    page.wait_for_timeout(400)


def editing(page: Page) -> None:
    """A doubtful word being mended."""
    reading(page, "letter.png")
    page.keyboard.press("n")
    page.keyboard.press("Enter")
    page.wait_for_timeout(400)


def menu(page: Page) -> None:
    """The formats to download."""
    reading(page, "receipt.jpg")
    page.click("#download")
    page.wait_for_selector("#menu:not([hidden])")


def receipt(page: Page) -> None:
    """One document."""
    reading(page, "receipt.jpg")
    page.mouse.move(5, 5)


def board(page: Page) -> None:
    """A character drawn."""
    page.goto(page.url.split("#")[0] + "#draw")
    drawing(page, STROKES)


def line(page: Page) -> None:
    """A line drawn."""
    page.goto(page.url.split("#")[0] + "#draw")
    page.click('[data-mode="line"]')
    drawing(page, [[(x * 0.6 + left, y * 0.6 + 0.18) for x, y in stroke] for left in (0.2, 0.9) for stroke in STROKES])


def keys(page: Page) -> None:
    """The keys."""
    page.keyboard.press("?")
    page.wait_for_timeout(300)


SHOTS: dict[str, tuple[Callable[[Page], None] | None, dict[str, object]]] = {
    "page": (documents, {}),
    "board": (board, {}),
    "welcome": (None, {}),
    "welcome-dark": (None, {"color_scheme": "dark", "locale": "en-US"}),
    "welcome-phone": (None, {"phone": True}),
    "edit": (editing, {}),
    "menu": (menu, {}),
    "receipt-dark": (receipt, {"color_scheme": "dark", "locale": "en-US"}),
    "receipt-phone": (receipt, {"phone": True}),
    "board-dark": (board, {"color_scheme": "dark", "locale": "en-US"}),
    "board-phone": (board, {"phone": True}),
    "line": (line, {}),
    "keys": (keys, {}),
}


def shoot(browser: Browser, address: str, name: str, folder: Path) -> Path:
    """Take one picture, in few colours where it would be large."""
    act, options = SHOTS[name]
    settings: dict[str, object] = {"locale": "ko-KR", "viewport": {"width": 1360, "height": 850}}
    settings |= {key: value for key, value in options.items() if key != "phone"}
    if options.get("phone"):
        settings |= {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2, "is_mobile": True}
    context = browser.new_context(**settings)  # type: ignore[arg-type]  # of many types
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(address)
    page.wait_for_timeout(500)
    if act is not None:
        act(page)
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    file = folder / f"{name}.png"
    picture.save(file, optimize=True)
    if file.stat().st_size > LARGEST:
        picture.quantize(256, Image.Quantize.FASTOCTREE).save(file, optimize=True)
    return file


def paint(browser: Browser, address: str, folder: Path) -> None:
    """Add to the report of the doors in ``folder`` how soon the page shows, from nothing, and what it weighs."""
    times: list[float] = []
    sizes = [0, 0]
    for _ in range(LOADS):
        # A context of its own keeps nothing of the load before.
        context = browser.new_context()
        page = context.new_page()
        page.goto(address, wait_until="networkidle")
        times.append(float(page.evaluate(PAINT)))
        sizes = [int(size) for size in page.evaluate(SIZES)]
        context.close()
    content = doors_report.before(folder)
    content["page"] = machine.describe(()) | {
        "command": "python tests/browser/shots.py --paint docs/benchmarks",
        "browser": browser.version,
        "loads": LOADS,
        "paint_ms": round(statistics.median(times)),
        "paint_ms_most": round(max(times)),
        "bytes": sizes[0],
        "bytes_sent": sizes[1],
    }
    report.write(folder, "doors", content, doors_report.as_markdown(content))


def main() -> None:
    """Take the pictures that the arguments name."""
    parser = argparse.ArgumentParser(description="Take pictures of the page.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("out"))
    parser.add_argument("--only", default="", help=f"such as page,board; of {', '.join(SHOTS)}")
    parser.add_argument("--paint", type=Path, metavar="DIR", help="measure instead, for the report there")
    given = parser.parse_args()
    usual = "page,board" if given.folder != Path("out") else ",".join(SHOTS)
    given.folder.mkdir(parents=True, exist_ok=True)
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        if given.paint:
            paint(browser, address, given.paint)
            return
        for name in (given.only or usual).split(","):
            file = shoot(browser, address, name, given.folder)
            sys.stdout.write(f"{file} {file.stat().st_size:,}\n")
        browser.close()


if __name__ == "__main__":
    main()
