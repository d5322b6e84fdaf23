"""How a server behaves: what it reads with, and how much anyone may ask of it."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ModelWrapValidatorHandler, model_validator

from geulnun.errors import UsageError
from geulnun.recipe import validated

#: An API key shorter than this can be guessed.
_SHORTEST_KEY = 16


#: Where Linux says how much time of all cores a container may take: microseconds of so many, or "max".
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def cores(quota: Path = _QUOTA) -> int:
    """Cores that this process may run on, a container's share of them counted."""
    found = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        allowed, of = (int(part) for part in quota.read_text().split())
    except (OSError, ValueError):  # no container, or one without a limit
        return found
    return max(1, min(found, math.ceil(allowed / of))) if of > 0 else found


class ServerOptions(BaseModel):
    """Frozen; a wrong value or a misspelt name raises `UsageError` with the remedy.

    Attributes:
        workers: processes that read, each with networks of its own, about 300 MB; None for one a core.
        threads: threads of each network; None shares the cores out among the workers.
        detector: finds text lines (.onnx); None for the package's own.
        recogniser: reads lines (.onnx); None for the package's own.
        characters: reads single characters (.onnx); None for the package's own.
        api_keys: any of them opens ``/v1``; without one it is open to all.
        max_bytes: largest body, in bytes.
        max_held: bytes of all bodies together that are held in memory at once.
        max_pixels: largest page, in pixels.
        max_pages: pages of one request.
        queue: requests that are read or wait to be; more are refused with 429.
        page_seconds: seconds a page, a line or a character may take, and the opening of a file.
        file_seconds: seconds that writing a file in another format may take.
        body_seconds: seconds a body may take to arrive, and an answer's part to be taken.
        worker_memory: MiB of data a worker may hold (Linux); it ends where it needs more.
        recycle: MiB that an idle worker may occupy; a larger one is replaced.
        preview_side: longer side of page previews, in pixels.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int | None = Field(default=None, ge=1, le=256)
    threads: int | None = Field(default=None, ge=1, le=1024)
    detector: Path | None = None
    recogniser: Path | None = None
    characters: Path | None = None
    api_keys: tuple[str, ...] = Field(default=(), repr=False)
    max_bytes: int = Field(default=50 * 2**20, ge=1024)
    max_held: int = Field(default=400 * 2**20, ge=1024)
    max_pixels: int = Field(default=60_000_000, ge=1)
    max_pages: int = Field(default=500, ge=1)
    queue: int = Field(default=32, ge=1)
    page_seconds: float = Field(default=60.0, gt=0, le=3600)
    file_seconds: float = Field(default=180.0, gt=0, le=3600)
    body_seconds: float = Field(default=60.0, gt=0, le=3600)
    worker_memory: int = Field(default=4096, ge=512)
    recycle: int = Field(default=768, ge=128)
    preview_side: int = Field(default=1600, ge=64, le=8192)

    @model_validator(mode="wrap")
    @classmethod
    def _checked(cls, data: object, handler: ModelWrapValidatorHandler[Self]) -> Self:
        options = validated(handler, data, list(cls.model_fields))
        if any(len(key) < _SHORTEST_KEY or not key.isascii() or not key.isprintable() for key in options.api_keys):
            raise UsageError(f"an API key is too short or not ASCII; expected {_SHORTEST_KEY} characters or more")
        if options.max_held < options.max_bytes:
            raise UsageError(f"max_held {options.max_held} is below max_bytes {options.max_bytes}; raise it")
        return options

    @property
    def worker_count(self) -> int:
        """Processes that read."""
        return self.workers or cores()

    @property
    def worker_threads(self) -> int:
        """Threads of each network in each worker."""
        return self.threads or max(1, cores() // self.worker_count)
