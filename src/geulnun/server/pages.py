"""Routes for people and for those who look after the server: the page, its files, health and counts."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from geulnun import __version__
from geulnun.server.metrics import MEDIA_TYPE
from geulnun.server.parts import Server
from geulnun.server.problems import ProblemError
from geulnun.server.schemas import Health, ProblemDetails

router = APIRouter()


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
def index(request: Request, server: Server) -> Response:
    """The page."""
    return server.assets.response(request, "index.html")


@router.api_route("/static/{name:path}", methods=["GET", "HEAD"], include_in_schema=False)
def static(request: Request, server: Server, name: str) -> Response:
    """A file of the page."""
    return server.assets.response(request, name)


@router.get("/healthz", tags=["operation"])
async def health() -> Health:
    """The process answers."""
    return Health(status="ok", version=__version__)


@router.get("/readyz", tags=["operation"], responses={503: {"model": ProblemDetails}})
async def ready(server: Server) -> Health:
    """Requests are read now; 503 while they cannot be."""
    if not server.workers.ready:
        raise ProblemError("stopping", "no reader is ready")
    return Health(status="ok", version=__version__)


@router.get("/metrics", tags=["operation"], response_class=Response)
def metrics(server: Server) -> Response:
    """Counts for Prometheus."""
    return Response(server.metrics.written(), media_type=MEDIA_TYPE)
