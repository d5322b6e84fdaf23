"""Bodies of requests: read while they are counted and timed, kept in memory, taken apart by a parser of forms."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from geulnun.server.metrics import Metrics
from geulnun.server.options import ServerOptions
from geulnun.server.problems import ProblemError

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

#: Parts of a form, and bytes of one that is no file.
_MOST_PARTS: Final = 8
_LONGEST_FIELD: Final = 64 * 1024
_LONGEST_NAME: Final = 120
_UNUSABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(slots=True)
class Part:
    """A part of a form: its name, the name of its file if it is one, and its content."""

    name: str = ""
    filename: str | None = None
    content: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class Upload:
    """What came in a body.

    Attributes:
        content: the file.
        name: its name, fit to be shown and written: without folders, control characters or undue length.
        fields: the other parts of the form, by name.
    """

    content: bytes
    name: str
    fields: Mapping[str, bytes] = field(default_factory=dict)


class Bodies:
    """Takes in bodies within a server's limits; all that are held count together."""

    def __init__(self, options: ServerOptions, metrics: Metrics) -> None:
        self._options, self._metrics = options, metrics
        self._held = 0

    @contextmanager
    def room(self) -> Iterator[_Room]:
        """A place to take one request's body in; what it took is free again at the end."""
        room = _Room(self)
        try:
            yield room
        finally:
            self.count(-room.taken)

    def count(self, size: int) -> None:
        """Count bytes that came, or with a minus went.

        Raises:
            ProblemError: too many are held already.
        """
        if size > 0 and self._held + size > self._options.max_held:
            raise ProblemError("busy", "too many uploads at once; send it again in a while", {"Retry-After": "5"})
        self._held += size
        self._metrics.held.set(self._held)

    @property
    def options(self) -> ServerOptions:
        """The server's limits."""
        return self._options


class _Room:
    """One request's share of what `Bodies` holds."""

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self.taken = 0

    async def upload(self, request: Request, main: str = "file") -> Upload:
        """The body of a request: a form with a part called ``main``, or the file itself.

        Raises:
            ProblemError: the body is too large, too slow, cut short or not of a kind that can be taken.
        """
        kind = request.headers.get("content-type", "")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProblemError("media-type", "a compressed body; send the file as it is")
        media, options = parse_options_header(kind)
        if media == b"application/x-www-form-urlencoded":
            raise ProblemError("media-type", "a form without files; send multipart/form-data or the file itself")
        if media == b"multipart/form-data":
            return await self._form(request, options, main)
        content = bytearray()
        async for chunk in self._chunks(request):
            content += chunk
        if not content:
            raise ProblemError(
                "missing", f"an empty body; send the file itself, or multipart/form-data with a part {main!r}"
            )
        return Upload(bytes(content), shown_name(unquote(request.headers.get("x-file-name", ""))) or "upload")

    async def _form(self, request: Request, options: Mapping[bytes, bytes], main: str) -> Upload:
        if b"boundary" not in options:
            raise ProblemError("media-type", "multipart/form-data without a boundary; let your client make the header")
        try:
            form = _Form(options[b"boundary"])
            async for chunk in self._chunks(request):
                form.feed(chunk)
        except FormParserError as error:
            raise ProblemError("unreadable", f"not a form as its head says ({' '.join(str(error).split())})") from error
        if not form.complete:
            raise ProblemError("unreadable", "a form that is cut short; send it again")
        parts = {part.name: part for part in form.parts}
        if "url" in parts:
            raise ProblemError("usage", "this server fetches nothing; send the file itself")
        if main not in parts or not parts[main].content:
            raise ProblemError("missing", f"a form without a part {main!r}; put the file there")
        wanted = parts.pop(main)
        fields = {name: bytes(part.content) for name, part in parts.items()}
        return Upload(bytes(wanted.content), shown_name(wanted.filename or "") or "upload", fields)

    async def _chunks(self, request: Request) -> AsyncIterator[bytes]:
        """The body in pieces, while it stays within the limits."""
        limits = self._bodies.options
        stated = request.headers.get("content-length", "0")
        if not stated.isdecimal() or int(stated[:20]) > limits.max_bytes:
            raise _too_large(limits.max_bytes)
        late = asyncio.get_running_loop().time() + limits.body_seconds
        more = True
        while more:
            try:
                async with asyncio.timeout_at(late):
                    message = await request.receive()
            except TimeoutError:
                detail = f"the body did not arrive within {limits.body_seconds:g} s; send it again"
                raise ProblemError("slow-body", detail, {"Connection": "close"}) from None
            if message["type"] == "http.disconnect":
                raise ProblemError("gone", "the client went away before its body was complete")
            chunk, more = message.get("body", b""), message.get("more_body", False)
            if self.taken + len(chunk) > limits.max_bytes:
                raise _too_large(limits.max_bytes)
            self._bodies.count(len(chunk))
            self.taken += len(chunk)
            yield chunk


class _Form:
    """Parts of a multipart form (RFC 7578) as its pieces come."""

    def __init__(self, boundary: bytes) -> None:
        self.parts: list[Part] = []
        self.complete = False
        self._field, self._value = bytearray(), bytearray()
        callbacks: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": lambda data, start, end: self._field.extend(data[start:end]),
            "on_header_value": lambda data, start, end: self._value.extend(data[start:end]),
            "on_header_end": self._header,
            "on_part_data": self._data,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, chunk: bytes) -> None:
        """Take the next piece; raises `FormParserError` where it is none of a form."""
        self._parser.write(chunk)

    def _begin(self) -> None:
        if len(self.parts) == _MOST_PARTS:
            raise ProblemError("too-large", f"a form of more than {_MOST_PARTS} parts; send one file at a time")
        self.parts.append(Part())

    def _header(self) -> None:
        if self._field.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self._value))
            self.parts[-1].name = options.get(b"name", b"").decode("utf-8", "replace")
            if b"filename" in options:
                self.parts[-1].filename = options[b"filename"].decode("utf-8", "replace")
        self._field, self._value = bytearray(), bytearray()

    def _data(self, data: bytes, start: int, end: int) -> None:
        part = self.parts[-1]
        if part.filename is None and len(part.content) + end - start > _LONGEST_FIELD and part.name != "document":
            raise ProblemError("too-large", f"a field of more than {_LONGEST_FIELD} bytes; give a file a filename")
        part.content += data[start:end]

    def _end(self) -> None:
        self.complete = True


def shown_name(name: str) -> str:
    """A file's name without its folders, fit to be shown; "" where nothing is left of it."""
    # Windows knows both kinds of slashes.
    plain = _UNUSABLE.sub("", PureWindowsPath(name).name).strip(" .")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) <= _LONGEST_NAME:
        return plain
    return stem[: _LONGEST_NAME - len(ending) - 1] + dot + ending if len(ending) < 10 else plain[:_LONGEST_NAME]


def _too_large(limit: int) -> ProblemError:
    detail = f"a body over the limit of {limit / 2**20:g} MiB; send fewer pages or smaller pictures"
    return ProblemError("too-large", detail, {"Connection": "close"})
