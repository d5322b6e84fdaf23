"""A server that strangers may send anything to: it answers, declares what it refuses, and is as it was before."""

from __future__ import annotations

import json
import socket
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from geulnun.server.problems import STATUSES
from geulnun.write import WRITERS


@pytest.mark.timeout(400)  # 10 seconds of computing, on a machine that does little else
def test_more_than_two_hundred_hostile_uploads_harm_nothing(server: Any, hostile: Any, samples: Path) -> None:
    cases = hostile.cases(samples)
    assert len(cases) >= 200
    with httpx.Client(base_url=server.url, timeout=120) as http:
        _well_meant(http, hostile, samples)
        before = server.occupied
        results = [(case.name, *_sent(http, case)) for case in cases]
        after = server.occupied
        read = http.post("/v1/read?format=txt", content=(samples / "receipt.jpg").read_bytes()).text
    wrong = [(name, status, kind) for name, status, kind in results if status >= 500 or kind not in {"", *STATUSES}]
    assert not wrong
    # Most are refused, and some can still be read; else they would test little.
    counts = Counter(status for _, status, _ in results)
    assert counts[200] > 20, counts
    assert counts[422] > 60, counts
    assert counts[413] >= 5, counts
    assert read.startswith("달빛분식")
    assert after <= 1.1 * before, f"{after / before:.3f} of the memory before"
    assert not [line for line in server.log if "Traceback" in line]


def _well_meant(http: httpx.Client, hostile: Any, samples: Path) -> None:
    """Good requests of all the kinds that the others pretend to be."""
    for content in hostile.originals(samples).values():
        http.post("/v1/char?explain=1", content=content)
        http.post("/v1/read", content=content)
    page = (samples / "letter.png").read_bytes()
    document = http.post("/v1/read?preview=1", content=page).json()["document"]
    for name in WRITERS:
        http.post(f"/v1/convert?format={name}", files={"document": json.dumps(document), "file": page})


def _sent(http: httpx.Client, case: Any) -> tuple[int, str]:
    """Status and kind of problem, "" for none; a stream's errors count as well."""
    part = "document" if "convert" in case.path else "file"
    done = http.post(case.path, files={part: (case.name, case.content)})
    if done.headers["content-type"] == "application/problem+json":
        return done.status_code, done.json()["type"].removeprefix("urn:geulnun:")
    rows = map(json.loads, done.text.splitlines()) if "ndjson" in done.headers["content-type"] else ()
    for row in rows:
        if "error" in row:
            return row["error"]["status"], row["error"]["type"].removeprefix("urn:geulnun:")
    return done.status_code, ""


def _raw(server: Any, content: bytes, *, seconds: float = 20.0, drip: float = 0.0) -> bytes:
    """What comes back for bytes at the socket; with ``drip`` they are sent one by one, so many seconds apart."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as line:
        out = b""
        try:
            if drip:
                for byte in content:
                    line.sendall(bytes((byte,)))
                    time.sleep(drip)
            else:
                line.sendall(content)
            while chunk := line.recv(65536):
                out += chunk
        except (ConnectionError, TimeoutError):
            pass
        return out


POST = b"POST /v1/read HTTP/1.1\r\nHost: x\r\n"
FORM = b"Content-Type: multipart/form-data; boundary="


@pytest.mark.parametrize(
    ("content", "statuses"),
    [
        (b"nonsense\r\n\r\n", {400}),
        (b"GET / HTTP/9.9\r\n\r\n", {200, 400, 505}),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + bytes(500), {400}),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n", {400, 431}),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X%d: a\r\n" % n for n in range(90_000)) + b"\r\n", {400, 431}),
        (b"GET /" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", {400, 414}),
        (POST + b"Content-Length: -5\r\n\r\n", {400}),
        (POST + b"Content-Length: abc\r\n\r\n", {400}),
        (POST + b"Content-Length: 99999999999999999999\r\n\r\nx", {400, 413}),
        (POST + b"Content-Length: 3000000\r\n\r\nx", {413}),
        (POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", {400}),
        (POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        (POST + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3\r\nxxx\r\n0\r\n\r\n", {422}),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + (b"10000\r\n" + b"x" * 65536 + b"\r\n") * 40, {413}),
        (POST + FORM + b"b" * 500 + b"\r\nContent-Length: 3\r\nConnection: close\r\n\r\nxxx", {422}),
        (
            POST + FORM + b"b\r\nContent-Length: 20000\r\nConnection: close\r\n\r\n"
            + (b'--b\r\nContent-Disposition: form-data; name="' + b"n" * 30_000)[:20_000],
            {413, 422},
        ),
        (POST.replace(b"read", b"char?n=" + b"9" * 20) + b"Content-Length: 1\r\nConnection: close\r\n\r\nx", {400}),
        (b"GET /static/..%2f..%2fapp.py HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {404}),
        (b"GET /%00%ff%0d%0a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {404}),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", {404, 405}),
    ],
)  # fmt: skip
def test_what_is_hardly_http_is_answered_and_let_go(server: Any, content: bytes, statuses: set[int]) -> None:
    answer = _raw(server, content)
    assert answer.startswith(b"HTTP/1.1 "), answer
    assert int(answer.split()[1]) in statuses
    assert httpx.get(server.url + "/readyz").status_code == 200


@pytest.mark.parametrize(
    "start",
    [
        POST + b"Content-Length: 100\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\n",
        POST + b"Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 100\r\n\r\n--b\r\n",
    ],
)
def test_a_body_that_does_not_arrive_is_given_up(server: Any, start: bytes) -> None:
    began = time.monotonic()
    answer = _raw(server, start)
    assert b" 408 " in answer.split(b"\r\n")[0]
    assert time.monotonic() - began < 10


def test_a_head_that_does_not_arrive_is_given_up(server: Any) -> None:
    began = time.monotonic()
    assert _raw(server, b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 300, drip=0.02) == b""
    assert time.monotonic() - began < 10


def test_a_body_that_drips_is_given_up(server: Any) -> None:
    began = time.monotonic()
    answer = _raw(server, POST + b"Content-Length: 500\r\n\r\n" + b"x" * 500, drip=0.005)
    assert b" 408 " in answer.split(b"\r\n")[0] or answer == b""  # it may be cut off before it has read why
    assert time.monotonic() - began < 10


def test_many_who_leave_at_once_leave_nothing_behind(server: Any, samples: Path) -> None:
    content = (samples / "receipt.jpg").read_bytes()
    head = POST + f"Content-Length: {len(content)}\r\n\r\n".encode()
    for cut in (10, len(head), len(head) + 100, len(head) + len(content)):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port)) as line:
                line.sendall((head + content)[:cut])
    late = time.monotonic() + 60
    while time.monotonic() < late:
        counts = httpx.get(server.url + "/metrics").text
        if "geulnun_requests_admitted 0.0" in counts and "geulnun_bodies_bytes 0.0" in counts:
            break
        time.sleep(0.1)
    else:
        pytest.fail("requests of clients that left are still counted")
    assert httpx.post(server.url + "/v1/read?format=txt", content=content, timeout=60).text.startswith("달빛분식")
