"""Messages between the server and its workers: a JSON head and any number of binary parts.

Layout: 4 bytes, big-endian, the length of the head in UTF-8; the head, whose key ``parts`` lists the parts' lengths;
the parts. Nothing that comes from a worker is ever unpickled: it works on files of strangers.
"""

from __future__ import annotations

import json
import struct
from asyncio import StreamReader
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

_LENGTH = struct.Struct(">I")


@dataclass(frozen=True, slots=True)
class Message:
    """What is asked or answered: ``head`` holds what JSON can, ``parts`` are bytes."""

    head: dict[str, Any]
    parts: Sequence[bytes] = field(default=())


def packed(message: Message) -> list[bytes]:
    """A message as it is sent, in pieces, so that large parts need not be copied."""
    head = json.dumps(message.head | {"parts": [len(part) for part in message.parts]}).encode()
    return [_LENGTH.pack(len(head)) + head, *message.parts]


def receive(stream: IO[bytes]) -> Message | None:
    """The next message; None where the stream has ended."""
    start = stream.read(_LENGTH.size)
    if len(start) < _LENGTH.size:
        return None
    head = json.loads(stream.read(_LENGTH.unpack(start)[0]))
    return Message(head, [stream.read(size) for size in head.pop("parts")])


async def receive_async(stream: StreamReader) -> Message:
    """The next message; raises `asyncio.IncompleteReadError` where the stream has ended."""
    (size,) = _LENGTH.unpack(await stream.readexactly(_LENGTH.size))
    head = json.loads(await stream.readexactly(size))
    return Message(head, [await stream.readexactly(part) for part in head.pop("parts")])
