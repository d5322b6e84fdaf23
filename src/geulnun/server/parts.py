"""The parts of a running server that its routes share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, cast

from fastapi import Depends, Request

from geulnun.server.admission import Admission
from geulnun.server.assets import Assets
from geulnun.server.bodies import Bodies
from geulnun.server.metrics import Metrics
from geulnun.server.options import ServerOptions
from geulnun.server.pool import Workers


@dataclass(frozen=True)
class Parts:
    """What `geulnun.server.app.create_app` put together."""

    options: ServerOptions
    workers: Workers
    metrics: Metrics
    bodies: Bodies
    admission: Admission
    assets: Assets


def parts_of(request: Request) -> Parts:
    """The parts of the server that a request came to."""
    return cast(Parts, request.app.state.parts)


Server = Annotated[Parts, Depends(parts_of)]
