"""Errors as HTTP tells them: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import JSONResponse

from geulnun import errors
from geulnun.errors import GeulnunError

MEDIA_TYPE = "application/problem+json"

#: What each kind of error is called, and its status; a kind that is missing takes its base's. Bases stand below.
_KINDS: dict[str, tuple[str, int]] = {
    "TooLargeError": ("too-large", 413),
    "EncryptedError": ("encrypted", 422),
    "PageRangeError": ("page-range", 400),
    "MissingInputError": ("missing", 400),
    "DamagedInputError": ("unreadable", 422),
    "InputError": ("unreadable", 422),
    "UsageError": ("usage", 400),
    "ModelError": ("model", 503),
    "MissingDependencyError": ("not-installed", 501),
    "GeulnunError": ("error", 500),
}

#: What an error of this server is called, by its name in `ProblemError.type`, for its documentation.
STATUSES: dict[str, int] = dict(_KINDS.values()) | {
    "unauthorised": 401,
    "not-found": 404,
    "method": 405,
    "not-acceptable": 406,
    "slow-body": 408,
    "length": 411,
    "media-type": 415,
    "busy": 429,
    "gone": 499,
    "internal": 500,
    "too-slow": 503,
    "worker-lost": 503,
    "stopping": 503,
}


class ProblemError(Exception):
    """An error to answer with.

    Args:
        kind: its name, one of `STATUSES`.
        detail: what, which file and what to do, in one line.
        headers: of the answer, beside the usual ones.
    """

    def __init__(self, kind: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.kind, self.detail = kind, detail
        self.headers = dict(headers or {})

    @property
    def status(self) -> int:
        """The status of its answer."""
        return STATUSES[self.kind]

    @property
    def plain(self) -> dict[str, Any]:
        """The members of RFC 9457, section 3.1; ``type`` is a name, not an address."""
        try:
            title = HTTPStatus(self.status).phrase
        except ValueError:  # 499, which servers use among themselves
            title = "Client Closed Request"
        return {"type": f"urn:geulnun:{self.kind}", "title": title, "status": self.status, "detail": self.detail}

    def response(self, request_id: str = "") -> JSONResponse:
        """The answer."""
        content = self.plain | ({"request": request_id} if request_id else {})
        return JSONResponse(content, self.status, self.headers, MEDIA_TYPE)


def of_error(error: GeulnunError) -> ProblemError:
    """The problem that an error of the package is."""
    return _of(type(error), str(error))


def of_kind(name: str, message: str) -> ProblemError:
    """The problem that a worker tells of by the name of its error's class and its message."""
    kind = getattr(errors, name, None)
    if not isinstance(kind, type) or not issubclass(kind, GeulnunError):
        return ProblemError("internal", message)
    return _of(kind, message)


def _of(kind: type[GeulnunError], message: str) -> ProblemError:
    name = next(base.__name__ for base in kind.__mro__ if base.__name__ in _KINDS)
    return ProblemError(_KINDS[name][0], message)
