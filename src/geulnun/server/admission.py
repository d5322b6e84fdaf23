"""How many requests are let in at once, and what those that are not are told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from geulnun.server.metrics import Metrics
from geulnun.server.problems import ProblemError


class Admission:
    """Lets in so many requests at a time; more are refused at once, rather than kept waiting without end."""

    def __init__(self, most: int, metrics: Metrics) -> None:
        self._most, self._metrics = most, metrics
        self.inside = 0

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those that are let in.

        Raises:
            ProblemError: there is none.
        """
        self.check()
        self._move(1)
        try:
            yield
        finally:
            self._move(-1)

    def check(self) -> None:
        """Refuse where there is no place.

        Raises:
            ProblemError: with the seconds after which it is worth to ask again, one for every few that are inside.
        """
        if self.inside >= self._most:
            wait = str(min(60, 1 + self.inside // 4))
            raise ProblemError(
                "busy", f"{self.inside} requests are being read; ask again in {wait} s", {"Retry-After": wait}
            )

    def _move(self, by: int) -> None:
        self.inside += by
        self._metrics.admitted.set(self.inside)
