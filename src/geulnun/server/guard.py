"""What comes before every request of the interface: its key, its query, its body, a place among those that are read."""

from __future__ import annotations

import asyncio
import difflib
import hmac
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Request

from geulnun.server.bodies import Upload
from geulnun.server.parts import Server
from geulnun.server.pool import File
from geulnun.server.problems import ProblemError
from geulnun.server.reading import held

T = TypeVar("T")


def key_checked(request: Request, server: Server) -> None:
    """Refuse requests without a key, where the server has keys.

    Raises:
        ProblemError: there is none, or another.
    """
    keys = server.options.api_keys
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token.strip() if scheme.lower() == "bearer" else request.headers.get("x-api-key", "")
    # Each key is compared, and each in the same time, so that time tells nothing of any.
    fits = [hmac.compare_digest(given.encode(), key.encode()) for key in keys]
    if keys and not any(fits):
        detail = "send a key of this server, as Authorization: Bearer KEY or X-API-Key: KEY"
        raise ProblemError("unauthorised", detail, {"WWW-Authenticate": "Bearer"})


def query_checked(request: Request) -> None:
    """Refuse names in the query that the route does not know.

    Raises:
        ProblemError: there is one; the nearest that is known is told.
    """
    known = [field.alias for field in request.scope["route"].dependant.query_params]
    for name in request.query_params:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected {', '.join(known) or 'none'}"
            raise ProblemError("usage", f"unknown name {name!r:.80} in the query; {hint}")


@dataclass(frozen=True)
class Job:
    """One request that was let in.

    Attributes:
        upload: what it brought.
        request: the request.
        server: the server's parts.
        until_answered: what ends when the answer has been sent.
    """

    upload: Upload
    request: Request
    server: Server
    until_answered: ExitStack

    def held(self, content: bytes, name: str, options: dict[str, Any]) -> File:
        """A file that workers know until the answer has been sent."""
        return self.until_answered.enter_context(held(self.server.workers, content, name, options))

    async def unless_gone(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some work, but give it up when the client goes away.

        Raises:
            ProblemError: it did.
        """
        task, gone = asyncio.create_task(work), asyncio.create_task(self._gone())
        try:
            await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                return task.result()
            raise ProblemError("gone", "the client went away before its answer")
        finally:
            task.cancel()
            gone.cancel()
            await asyncio.gather(task, gone, return_exceptions=True)

    async def _gone(self) -> None:
        # After the body, all that can come is that the client went away.
        while (await self.request.receive())["type"] != "http.disconnect":
            pass

    @property
    def password(self) -> str | None:
        """What opens the file, from the form or the head."""
        field = self.upload.fields.get("password", b"").decode("utf-8", "replace")
        return field or self.request.headers.get("x-pdf-password") or None


def job_with(part: str) -> Callable[[Request, Server], AsyncIterator[Job]]:
    """Takes a request's body in and lets it in, until it is answered.

    Args:
        part: what the form calls the part that the request is about.
    """

    async def job(request: Request, server: Server) -> AsyncIterator[Job]:
        server.admission.check()  # before a body is sent for nothing
        with ExitStack() as stack:
            upload = await stack.enter_context(server.bodies.room()).upload(request, part)
            stack.enter_context(server.admission.place())
            yield Job(upload, request, server, stack)

    return job


FileJob = Annotated[Job, Depends(job_with("file"))]
DocumentJob = Annotated[Job, Depends(job_with("document"))]
