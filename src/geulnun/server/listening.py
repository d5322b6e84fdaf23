"""An application on a socket: uvicorn, with the limits that it leaves to others."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import uvicorn
from fastapi import FastAPI

#: Bytes of a request's head, and connections: more are refused.
_LONGEST_HEAD, _CONNECTIONS = 32 * 1024, 512


def listen(app: FastAPI, host: str, port: int, *, stop_seconds: int, head_seconds: float) -> None:
    """Serve until a signal says to stop; requests at hand are then answered, and no new ones taken.

    Args:
        app: `geulnun.server.app.create_app`'s.
        host: address to listen at.
        port: port to listen at; 0 for any that is free, which the log tells.
        stop_seconds: how long requests at hand may take after the signal.
        head_seconds: after how long, at most twice, a connection is closed on which no request comes.

    Raises:
        GeulnunError: the application could not be started.
    """
    # Why it cannot start is told once, by whoever called this.
    logging.getLogger("uvicorn.error").addFilter(lambda _: app.state.failure is None)
    config = uvicorn.Config(
        app, host, port, http="h11", ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
        proxy_headers=False, limit_concurrency=_CONNECTIONS, h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=stop_seconds,
    )  # fmt: skip
    try:
        asyncio.run(_serve(uvicorn.Server(config), head_seconds))
    except SystemExit:  # uvicorn's own way to say that it could not start
        if app.state.failure is None:
            raise
    if app.state.failure is not None:
        raise app.state.failure


async def _serve(server: uvicorn.Server, head_seconds: float) -> None:
    sweeper = asyncio.create_task(_sweep(server, head_seconds))
    try:
        await server.serve()
    finally:
        sweeper.cancel()


async def _sweep(server: uvicorn.Server, seconds: float) -> None:
    """Close connections on which a request's head has been on its way for too long: uvicorn waits for ever."""
    before: dict[Any, Any] = {}
    while True:
        await asyncio.sleep(seconds)
        waiting = {}
        for connection in list(server.server_state.connections):
            # The request that came last: none yet, or one that has been answered.
            last = getattr(connection, "cycle", None)
            if last is None or last.response_complete:
                waiting[connection] = last
                if connection in before and before[connection] is last:
                    connection.transport.close()
        before = waiting
