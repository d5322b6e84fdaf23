"""What the routes take and give, for the interface's description (`/openapi.json`)."""

from __future__ import annotations

from typing import Any

from geulnun.server.negotiation import STREAM_TYPE
from geulnun.server.problems import MEDIA_TYPE as PROBLEM_TYPE
from geulnun.server.problems import STATUSES
from geulnun.server.schemas import Character, ProblemDetails
from geulnun.write import WRITERS
from geulnun.write.json import schema

_BINARY = {"type": "string", "format": "binary"}
_DOCUMENT = {"$ref": "#/components/schemas/Document"}
_WORD = {
    "text": "한국",
    "quad": [[8, 6], [71, 6], [71, 38], [8, 38]],
    "chars": [{"text": "한", "confidence": 0.99}, {"text": "국", "confidence": 0.98}],
}
_LINE = {"text": "한국", "confidence": 0.98, "quad": _WORD["quad"], "words": [_WORD]}
_PAGE = {
    "number": 1, "width": 80, "height": 44, "rotation": 0, "text": "한국",
    "blocks": [{"kind": "text", "lines": [_LINE]}],
}  # fmt: skip
_EXAMPLE = {"format": "geulnun-document", "version": 1, "source": "sign.png", "pages": [_PAGE]}
_STREAM = (
    '{"file": {"name": "book.pdf", "pages": 2, "numbers": [1, 2]}, "document": {...}}\n'
    '{"page": {...}, "seconds": 0.912}\n'
    '{"error": {"type": "urn:geulnun:unreadable", ...}, "number": 2}\n'
    '{"done": {"pages": 1, "failed": 1, "seconds": 1.034}}\n'
)

_MEANINGS = {
    400: "A name or value in the query or the form that cannot be used.",
    401: "No key, or another.",
    406: "Nothing that `Accept` likes can be made.",
    408: "The body came too slowly.",
    413: "Too many bytes, pixels or pages.",
    415: "A body of a kind that is not taken.",
    422: "The file cannot be read, or the document is none.",
    429: "Too many requests at once; `Retry-After` says when to ask again.",
    500: "An error that nobody foresaw.",
    501: "A package is missing that this needs.",
    503: "A page took too long or ended its reader, or the server is being stopped.",
}


def _kinds(status: int) -> str:
    return ", ".join(sorted(name for name, one in STATUSES.items() if one == status))


#: Errors of every route: by status, what they mean and which kinds there are.
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {
        "model": ProblemDetails,
        "description": f"{meaning} Kinds: {_kinds(status)}.",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
    }
    for status, meaning in _MEANINGS.items()
}


def _content() -> dict[str, Any]:
    """Every media type that a file may have."""
    found: dict[str, Any] = {one.media_type: {"schema": _BINARY} for one in WRITERS.values()}
    return found | {"application/json": {"schema": _DOCUMENT, "example": _EXAMPLE}}


def with_documents(described: dict[str, Any]) -> dict[str, Any]:
    """The description of all routes, that of documents added; its ``$id`` keeps its references its own."""
    described["components"]["schemas"]["Document"] = schema()
    return described


FILES: dict[int | str, dict[str, Any]] = {200: {"description": "The file.", "content": _content()}}
READ: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file, or pages as they are read. With `preview`, JSON is `{document, previews}`.",
        "content": _content() | {STREAM_TYPE: {"schema": {"type": "string"}, "example": _STREAM}},
    }
}
LINE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The line, and the image's size; without words where nothing was read.",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["width", "height", "text", "confidence", "words"],
                    "properties": {"width": {"type": "integer"}, "height": {"type": "integer"}},
                },
                "example": {"width": 80, "height": 44} | _LINE,
            }
        },
    }
}
CHARACTER: dict[int | str, dict[str, Any]] = {200: {"model": Character, "description": "What it may be."}}


def _body(types: dict[str, Any], form: dict[str, Any], needed: str) -> dict[str, Any]:
    schema = {"type": "object", "required": [needed], "properties": form}
    content = {"multipart/form-data": {"schema": schema}} | {name: {"schema": one} for name, one in types.items()}
    return {"requestBody": {"required": True, "content": content}}


_IMAGES = dict.fromkeys(("image/png", "image/jpeg", "image/webp", "image/tiff", "image/heic"), _BINARY)
_PASSWORD = {"type": "string", "description": "Opens an encrypted PDF; also taken as the head `X-PDF-Password`."}

FILE_BODY = _body(
    {"application/pdf": _BINARY} | _IMAGES | {"application/octet-stream": _BINARY},
    {"file": _BINARY, "password": _PASSWORD},
    "file",
)
IMAGE_BODY = _body(_IMAGES, {"file": _BINARY}, "file")
DOCUMENT_BODY = _body(
    {"application/json": _DOCUMENT}, {"document": _BINARY, "file": _BINARY, "password": _PASSWORD}, "document"
)
