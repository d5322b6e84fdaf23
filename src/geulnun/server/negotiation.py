"""Which format an answer has: the query's ``format``, else what the head ``Accept`` likes best."""

from __future__ import annotations

from urllib.parse import quote

from geulnun.errors import UsageError
from geulnun.server.problems import ProblemError, of_error
from geulnun.write import WRITERS, chosen

#: The stream of pages, which is no file and so none of `geulnun.write.WRITERS`.
STREAM, STREAM_TYPE = "ndjson", "application/x-ndjson"
_DEFAULT = "json"


def format_of(query: str | None, accept: str | None, *, stream: bool) -> str:
    """The name of a format.

    Args:
        query: the query's ``format``, which wins.
        accept: the head ``Accept`` (RFC 9110, section 12.5.1).
        stream: whether `STREAM` may be chosen.

    Raises:
        ProblemError: the query names none, or nothing that is accepted can be made.
    """
    if query is not None:
        if stream and query == STREAM:
            return STREAM
        try:
            (name,) = chosen(query)
        except UsageError as error:
            raise of_error(error) from error
        except ValueError:
            raise ProblemError("usage", f"format {query!r}; expected one, ask again for others") from None
        return name
    types = {format_.media_type: name for name, format_ in reversed(WRITERS.items())}
    types |= {STREAM_TYPE: STREAM} if stream else {}
    types |= {"*/*": _DEFAULT, "application/*": _DEFAULT, "text/*": "txt"}
    for media in _liked(accept or "*/*"):
        if media in types:
            return types[media]
    raise ProblemError("not-acceptable", f"none of {accept!r:.80} can be made; GET /v1/formats lists what can")


def _liked(accept: str) -> list[str]:
    """Media ranges of a head, the best first."""
    ranges = []
    for part in accept.split(",")[:50]:
        media, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((piece[2:] for piece in parameters if piece.startswith("q=")), "1")
        try:
            ranges.append((float(quality), media))
        except ValueError:
            continue
    return [media for quality, media in sorted(ranges, key=lambda one: -one[0]) if quality > 0]


def disposition(source: str, suffix: str) -> str:
    """A head that names the file to save, after the file it came from (RFC 6266)."""
    stem = source.rpartition(".")[0] or source
    name = stem + suffix
    plain = "".join(char if char.isascii() and char.isprintable() and char not in '"\\%' else "_" for char in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
