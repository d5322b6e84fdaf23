"""What every request gets: an id, heads that keep browsers careful, a line in the log, and a place in the counts."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, MutableMapping
from secrets import token_hex
from typing import Any

from geulnun.server.metrics import Metrics
from geulnun.server.problems import ProblemError

Scope = MutableMapping[str, Any]
ASGIMessage = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[ASGIMessage]]
Send = Callable[[ASGIMessage], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_log = logging.getLogger("geulnun.server")
_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")

#: Everything comes from here; pictures may also be made by the page itself.
_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Context:
    """An ASGI application around another one."""

    def __init__(self, app: App, metrics: Metrics, send_seconds: float) -> None:
        self._app, self._metrics, self._send_seconds = app, metrics, send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"")
        request_id = given.decode() if _ID.fullmatch(given) else token_hex(8)
        scope["geulnun.request"] = request_id
        status, since = 0, time.perf_counter()

        async def answer(message: ASGIMessage) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                own = (*_HEADS, (b"x-request-id", request_id.encode()))
                message = {**message, "headers": [*message["headers"], *own]}
            # Who takes nothing in holds what was made for them, and a place in the queue.
            async with asyncio.timeout(self._send_seconds):
                await send(message)

        try:
            await self._app(scope, receive, answer)
        except TimeoutError:
            _log.warning("%s the client takes nothing in", request_id)
            raise
        except Exception:
            _log.exception("%s failed", request_id)
            if status:
                raise  # the answer has begun; all that is left is to break it off
            problem = ProblemError(
                "internal", "an error that nobody foresaw; the log tells more under this request's id"
            )
            self._metrics.problems.labels(problem.kind).inc()
            await problem.response(request_id)(scope, receive, answer)
        finally:
            self._note(scope, status, time.perf_counter() - since, request_id)

    def _note(self, scope: Scope, status: int, seconds: float, request_id: str) -> None:
        route = getattr(scope.get("route"), "path", "other")
        method = scope["method"] if scope["method"] in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        self._metrics.requests.labels(method, route, str(status)).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        # Paths are percent-encoded again, so that no request writes lines of its own into the log.
        path = scope.get("raw_path", b"").decode("latin-1").encode("unicode_escape").decode()[:200]
        level = logging.DEBUG if route in ("/healthz", "/readyz", "/metrics") else logging.INFO
        _log.log(level, "%s %s %s %s %.0f ms", request_id, method, path, status or "-", 1000 * seconds)
