"""What is refused, and how: too much, too slow, unknown, unnamed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from geulnun.errors import UsageError
from geulnun.server.app import create_app
from geulnun.server.options import ServerOptions, cores
from geulnun.server.pool import File
from geulnun.server.wire import Message

Client = Callable[..., Any]
PAGE = b'{"number":1,"width":9,"height":9,"rotation":0,"text":"","blocks":[]}'
KEY = "a key that is long enough"


def scripted(task: Message, file: File | None) -> Message:
    """Answers without networks: every file has 3 pages."""
    answers = {
        "open": Message({"numbers": [1, 2, 3]}),
        "page": Message({"seconds": 0.5}, [PAGE, b""]),
        "encode": Message({}, [b"encoded"]),
    }
    return answers.get(task.head["task"], Message({}, [b"{}"]))


async def chunks(number: int) -> AsyncIterator[bytes]:
    """A body that does not tell its length."""
    for _ in range(number):
        yield b"x" * 500


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "kind"),
    [
        ("GET", "/v1/nothing", {}, 404, "not-found"),
        ("GET", "/static/../app.py", {}, 404, "not-found"),
        ("GET", "/static/%2e%2e/app.py", {}, 404, "not-found"),
        ("GET", "/v1/read", {}, 405, "method"),
        ("POST", "/v1/read?fromat=txt", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?format=hocrr", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?format=txt,json", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?dpi=much", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?dpi=nan", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?dpi=1", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?rotate=45", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read?pages=3-1", {"content": b"x"}, 400, "page-range"),
        ("POST", "/v1/read?format=overlay", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/char?n=0", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/convert?format=ndjson", {"content": b"x"}, 400, "usage"),
        ("POST", "/v1/read", {"content": b"x", "headers": {"Accept": "audio/ogg"}}, 406, "not-acceptable"),
        ("POST", "/v1/read", {"content": b""}, 400, "missing"),
        ("POST", "/v1/read", {"content": b"x" * 5000}, 413, "too-large"),
        ("POST", "/v1/read", {"content": chunks(10)}, 413, "too-large"),
        ("POST", "/v1/read", {"content": b"x", "headers": {"Content-Encoding": "gzip"}}, 415, "media-type"),
        ("POST", "/v1/read", {"data": {"url": "http://127.0.0.1/"}}, 415, "media-type"),
        ("POST", "/v1/read", {"files": {"url": (None, "http://127.0.0.1/")}}, 400, "usage"),
        ("POST", "/v1/read", {"files": {"other": b"x"}}, 400, "missing"),
        ("POST", "/v1/read", {"files": {"file": b""}}, 400, "missing"),
        ("POST", "/v1/read", {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 415, "media-type"),
        (
            "POST", "/v1/read",
            {"content": b"no form", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 422, "unreadable",
        ),
        (
            "POST", "/v1/read",
            {
                "content": b'--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nhal',
                "headers": {"Content-Type": "multipart/form-data; boundary=b"},
            },
            422, "unreadable",
        ),
        ("POST", "/v1/read", {"files": [(f"f{n}", b"x") for n in range(20)]}, 413, "too-large"),
    ],
)  # fmt: skip
def test_every_error_is_a_problem_that_says_what_to_do(
    client: Client, workers: Any, method: str, path: str, options: dict[str, Any], status: int, kind: str
) -> None:
    with client(workers(scripted), max_bytes=4096) as http:
        done = http.request(method, path, **options)
        held = http.get("/metrics").text
    told = done.json()
    assert (done.status_code, told["type"]) == (status, f"urn:geulnun:{kind}")
    assert done.headers["content-type"] == "application/problem+json"
    assert done.headers["x-request-id"] == told["request"]
    assert told["status"] == status
    assert told["detail"]
    assert "\n" not in told["detail"]
    assert "geulnun_bodies_bytes 0.0" in held
    assert "geulnun_requests_admitted 0.0" in held


def test_too_many_pages_are_refused_before_one_is_read(client: Client, workers: Any) -> None:
    readers = workers(scripted)
    with client(readers, max_pages=2) as http:
        done = http.post("/v1/read", content=b"x")
    assert (done.status_code, done.json()["detail"]) == (
        413, "upload: 3 pages, over the limit of 2; ask for some, as pages=1-2",
    )  # fmt: skip
    assert readers.asked == ["open"]


def test_keys_open_the_interface_and_nothing_else_needs_one(client: Client, workers: Any) -> None:
    with client(workers(scripted), api_keys=("another key of some length", KEY)) as http:
        answers = [
            http.post("/v1/read", content=b"x", headers=headers).status_code
            for headers in (
                {}, {"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}, {"Authorization": f"Basic {KEY}"},
                {"X-API-Key": KEY[:-1]}, {"X-API-Key": ""}, {"Authorization": "Bearer \xe9".encode("latin-1")},
            )
        ]  # fmt: skip
        open_ = [http.get(path).status_code for path in ("/healthz", "/readyz", "/metrics")]
        asked = http.get("/v1/formats").headers["www-authenticate"]
    assert answers == [401, 200, 200, 401, 401, 401, 401]
    assert open_ == [200, 200, 200]
    assert asked == "Bearer"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"max_page": 3}, "did you mean 'max_pages'"),
        ({"queue": 0}, "'queue' is 0"),
        ({"api_keys": ("short",)}, "too short"),
        ({"max_bytes": 2**20, "max_held": 2**19}, "raise it"),
    ],
)
def test_options_are_checked_where_they_are_made(options: dict[str, Any], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        ServerOptions(**options)
    assert KEY not in repr(ServerOptions(api_keys=(KEY,)))


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again(workers: Any) -> None:
    go = threading.Event()

    def slow(task: Message, file: File | None) -> Message:
        go.wait(20)
        return scripted(task, file)

    async def run() -> list[httpx.Response]:
        app = create_app(ServerOptions(queue=1), workers(slow))
        transport = httpx.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=transport, base_url="http://t") as http,
        ):
            first = asyncio.create_task(http.post("/v1/char", content=b"x"))
            while not app.state.parts.admission.inside:
                await asyncio.sleep(0.01)
            refused = await http.post("/v1/char", content=b"x")
            go.set()
            return [await first, refused, await http.post("/v1/char", content=b"x")]

    first, refused, after = asyncio.run(run())
    assert (refused.status_code, refused.json()["type"]) == (429, "urn:geulnun:busy")
    assert int(refused.headers["retry-after"]) >= 1
    assert (first.status_code, after.status_code) == (200, 200)


class Wire:
    """One request at the ASGI interface itself, whose client does as the test says."""

    def __init__(self, workers: Any, **options: object) -> None:
        self.app = create_app(ServerOptions(**options), workers)  # type: ignore[arg-type]
        self.workers = workers
        self.sent: list[Any] = []
        self.begun = asyncio.Event()

    async def send(self, message: Any) -> None:
        self.sent.append(message)
        self.begun.set()

    async def request(self, path: str, receive: Any, send: Any = None) -> None:
        name, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1", "method": "POST",
            "path": name, "raw_path": name.encode(), "query_string": query.encode(), "headers": [], "scheme": "http",
            "root_path": "", "server": ("h", 80), "client": ("c", 1),
        }  # fmt: skip
        async with self.app.router.lifespan_context(self.app):
            await self.app(scope, receive, send or self.send)


def test_a_body_that_never_ends_is_given_up(workers: Any) -> None:
    async def run() -> list[Any]:
        wire = Wire(workers(scripted), body_seconds=0.2)
        await wire.request(
            "/v1/read", lambda: asyncio.sleep(0.05, {"type": "http.request", "body": b"x", "more_body": True})
        )
        return wire.sent

    began = time.monotonic()
    sent = asyncio.run(run())
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("path", ["/v1/read", "/v1/read?format=ndjson"])
def test_when_the_client_goes_away_no_more_pages_are_read(workers: Any, path: str) -> None:
    async def run() -> Any:
        gone = asyncio.Event()
        reading = threading.Event()

        def slow(task: Message, file: File | None) -> Message:
            if task.head["task"] == "page":
                reading.set()
                time.sleep(0.05)
            return scripted(task, file) if task.head["task"] != "open" else Message({"numbers": list(range(1, 500))})

        wire = Wire(workers(slow))
        first = iter([{"type": "http.request", "body": b"x", "more_body": False}])

        async def receive() -> Any:
            for message in first:
                return message
            await gone.wait()
            return {"type": "http.disconnect"}

        async def leave() -> None:
            await asyncio.to_thread(reading.wait, 20)
            gone.set()

        await asyncio.gather(wire.request(path, receive), leave())
        return wire.workers

    readers = asyncio.run(run())
    assert readers.asked.count("page") < 20
    assert len(readers.dropped) == 1


def test_who_takes_nothing_in_is_cut_off(workers: Any) -> None:
    async def run() -> Wire:
        wire = Wire(workers(scripted), body_seconds=0.2)
        body = iter([{"type": "http.request", "body": b"x", "more_body": False}])

        async def receive() -> Any:
            for message in body:
                return message
            return await asyncio.Event().wait()

        async def send(message: Any) -> None:
            wire.sent.append(message)
            if message.get("body"):
                await asyncio.Event().wait()

        with pytest.raises(BaseException) as caught:  # noqa: PT011 (a group or not, as the framework has it)
            await wire.request("/v1/read?format=ndjson", receive, send)
        assert "TimeoutError" in repr(caught.value)
        return wire

    wire = asyncio.run(run())
    assert wire.sent[0]["status"] == 200
    assert len(wire.workers.dropped) == 1


def test_heads_keep_browsers_careful_and_requests_have_ids(client: Client, workers: Any) -> None:
    with client(workers(scripted)) as http:
        given = http.get("/healthz", headers={"X-Request-ID": "abc-1.2_3"})
        forged = http.get("/healthz", headers={"X-Request-ID": "a b\tc"})
        missing = http.get("/nothing", headers={"X-Request-ID": "abc"})
    assert given.headers["x-request-id"] == "abc-1.2_3"
    assert forged.headers["x-request-id"] not in ("", "a b\tc")
    assert missing.json()["request"] == "abc"
    for done in (given, missing):
        assert done.headers["x-content-type-options"] == "nosniff"
        policy = done.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy


def test_errors_nobody_foresaw_are_told_as_such_and_without_detail(client: Client, workers: Any) -> None:
    def broken(task: Message, file: File | None) -> Message:
        raise ZeroDivisionError("a secret")

    with client(workers(broken)) as http:
        done = http.post("/v1/char", content=b"x")
    assert (done.status_code, done.json()["type"]) == (500, "urn:geulnun:internal")
    assert "secret" not in done.text


def test_counts_are_kept_by_route_and_never_by_path(client: Client, workers: Any) -> None:
    with client(workers(scripted)) as http:
        http.post("/v1/read", content=b"x")
        http.get("/v1/some-path-of-a-stranger")
        http.request("BREW", "/healthz")
        text = http.get("/metrics").text
    assert 'geulnun_requests_total{method="POST",route="/v1/read",status="200"} 1.0' in text
    assert "geulnun_pages_total 3.0" in text
    assert 'geulnun_problems_total{kind="not-found"} 1.0' in text
    assert "stranger" not in text
    assert "BREW" not in text


def test_readiness_is_the_workers(client: Client, workers: Any) -> None:
    with client(workers(scripted, ready=False)) as http:
        assert (http.get("/healthz").status_code, http.get("/readyz").status_code) == (200, 503)


@pytest.mark.parametrize(
    ("text", "most"),
    [("50000 100000", 1), ("250000 100000", 3), ("max 100000", 10**6), ("nonsense", 10**6), ("1 0", 10**6)],
)
def test_a_containers_share_of_the_cores_counts(tmp_path: Path, text: str, most: int) -> None:
    (tmp_path / "cpu.max").write_text(text)
    assert 1 <= cores(tmp_path / "cpu.max") <= most
    assert cores(tmp_path / "cpu.max") == min(most, cores(tmp_path / "absent"))
