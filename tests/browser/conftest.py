"""The page in a real browser, before a real server; without Chromium these tests are skipped."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

pytest.importorskip("playwright", reason="playwright is not installed")
pytest.importorskip("fastapi", reason="the extra serve is not installed")

import uvicorn
from playwright.sync_api import Browser, Page, Request, sync_playwright

from geulnun.server.app import create_app
from geulnun.server.options import ServerOptions

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Address of a server with one worker."""
    config = uvicorn.Config(create_app(ServerOptions(workers=1, threads=1)), port=0, log_level="error")
    serving = uvicorn.Server(config)
    thread = threading.Thread(target=serving.run)
    thread.start()
    until = time.monotonic() + 90
    while not serving.started:
        if not thread.is_alive() or time.monotonic() > until:
            pytest.fail("the server did not start")
        time.sleep(0.05)
    yield f"http://127.0.0.1:{serving.servers[0].sockets[0].getsockname()[1]}"
    serving.should_exit = True
    thread.join(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, Debian's or the one that CHROMIUM names.

    Not for all of a run: while Playwright is at work, nothing else in this thread can run an event loop.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("chromium is not installed; CHROMIUM may name one")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(server: str, browser: Browser) -> Iterator[Open]:
    """Opens the page; at the end, that it asked nobody else for anything, and that its scripts did not fail.

    The function takes a fragment of the address and options of the browser's context.
    """
    asked: list[str] = []
    failures: list[str] = []
    contexts = []

    def open_one(fragment: str = "", **options: object) -> Page:
        settings: dict[str, object] = {"locale": "ko-KR", "viewport": {"width": 1280, "height": 820}}
        context = browser.new_context(**(settings | options))  # type: ignore[arg-type]  # of many types
        contexts.append(context)
        context.on("request", lambda request: asked.append(_host(request)))
        page = context.new_page()
        page.set_default_timeout(60_000)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", lambda told: failures.append(told.text) if "Content Security" in told.text else None)
        page.goto(f"{server}/{fragment}")
        page.wait_for_selector("[data-act=sample]:not(:empty)", state="attached")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert set(asked) <= {server, "blob:", "data:"}
    assert failures == []


def _host(request: Request) -> str:
    return request.url[:5] if request.url[:5] in ("blob:", "data:") else "/".join(request.url.split("/")[:3])


@pytest.fixture(scope="session")
def note(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The head of the sample letter: eight lines, quickly read."""
    file = tmp_path_factory.mktemp("note") / "공문.png"
    with Image.open(samples / "letter.png") as letter:
        letter.convert("L").crop((0, 130, letter.width, 1080)).save(file)
    return file
