"""The application: everything a server needs, put together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError

from geulnun import __version__
from geulnun.errors import GeulnunError
from geulnun.server import pages, routes
from geulnun.server.admission import Admission
from geulnun.server.assets import Assets
from geulnun.server.bodies import Bodies
from geulnun.server.context import Context
from geulnun.server.descriptions import with_documents
from geulnun.server.metrics import Metrics
from geulnun.server.options import ServerOptions
from geulnun.server.parts import Parts
from geulnun.server.pool import Pool, Workers
from geulnun.server.problems import ProblemError, of_error

_STATIC = Path(__file__).with_name("static")
_ABOUT = """Reads Korean pages: images and PDFs to text with its spaces, and to the files people use.

Nothing that is sent is kept. Errors are `application/problem+json` (RFC 9457); their `type` names their kind. Every
answer bears `X-Request-ID`, under which the log knows the request."""


def create_app(options: ServerOptions | None = None, workers: Workers | None = None) -> FastAPI:
    """Make the application; uvicorn or another ASGI server runs it.

    Args:
        options: what it reads with, and its limits.
        workers: who reads; processes of their own if not given.
    """
    options = options or ServerOptions()
    metrics = Metrics()
    at_work = workers or Pool(options, metrics)
    bodies, admission = Bodies(options, metrics), Admission(options.queue, metrics)

    @asynccontextmanager
    async def life(_: FastAPI) -> AsyncIterator[None]:
        try:
            await at_work.start()
        except GeulnunError as error:
            app.state.failure = error
            raise
        try:
            yield
        finally:
            await at_work.stop()

    # No page of documentation: those that come with FastAPI load their scripts from elsewhere.
    app = FastAPI(
        title="Geulnun", version=__version__, description=_ABOUT, lifespan=life, docs_url=None, redoc_url=None
    )
    app.add_middleware(Context, metrics=metrics, send_seconds=options.body_seconds)
    _tell_errors(app, metrics)
    app.state.failure = None
    app.state.parts = Parts(options, at_work, metrics, bodies, admission, Assets(_STATIC))
    app.include_router(routes.router)
    app.include_router(pages.router)
    app.openapi_schema = with_documents(app.openapi())
    return app


def _tell_errors(app: FastAPI, metrics: Metrics) -> None:
    """Every error as a problem."""

    async def told(request: Request, error: Exception) -> Response:
        if isinstance(error, ProblemError):
            problem = error
        elif isinstance(error, GeulnunError):
            problem = of_error(error)
        elif isinstance(error, RequestValidationError):
            problem = ProblemError("usage", _first(error))
        elif getattr(error, "status_code", 0) == 405:
            problem = ProblemError("method", f"{request.method} is not for {request.url.path!r:.80}; see /openapi.json")
        else:
            problem = ProblemError("not-found", f"{request.url.path!r:.80}: there is nothing; see /openapi.json")
        metrics.problems.labels(problem.kind).inc()
        return problem.response(request.scope.get("geulnun.request", ""))

    for kind in (ProblemError, GeulnunError, RequestValidationError, 404, 405):
        app.add_exception_handler(kind, told)


def _first(error: RequestValidationError) -> str:
    """The first thing that is wrong with a request, in one line."""
    problem = error.errors()[0]
    return f"{problem['loc'][-1]} is {problem.get('input')!r:.80}; {problem['msg'][:1].lower()}{problem['msg'][1:]}"
