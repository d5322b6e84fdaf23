"""Allow and block lists: steps of a network with some characters taken out, for any decoder.

What is left is scaled to sum to 1 at every step, so that a confidence says how sure a character is among those allowed.
The blank, and the end of decoders by position, stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from geulnun.charset import BLANK, Classes
from geulnun.decode.expressions import characters
from geulnun.decode.steps import Floats, Ids, Steps
from geulnun.errors import UsageError

_TINY = np.float32(1e-30)


@dataclass(frozen=True, eq=False)
class Mask:
    """Class ids that may be written, sorted, the blank first, and a flag for every class id."""

    ids: Ids
    flags: NDArray[np.bool_]

    def over(self, steps: Steps) -> Steps:
        """The steps with nothing but these."""
        return Masked(steps, self)


def mask(classes: Classes, allow: str = "", block: str = "") -> Mask | None:
    """The mask of two lists of characters and ranges (``0-9가-힣,``); None where both are empty.

    Args:
        classes: what the network writes.
        allow: nothing but these may be written; empty for no limit. A space is a character as well.
        block: these may not, not even if allowed.

    Raises:
        UsageError: a list cannot be understood, or nothing is left to write.
    """
    if not allow and not block:
        return None
    allowed = characters(allow) if allow else None
    blocked = characters(block) if block else None
    flags = np.zeros(classes.classes, np.bool_)
    for index in range(1, len(flags)):
        char = classes.decode([index])
        flags[index] = bool(char) and (allowed is None or allowed(char)) and not (blocked is not None and blocked(char))
    if not flags.any():
        raise UsageError(f"allow {allow!r} and block {block!r} leave none of the characters that the network writes")
    flags[BLANK] = True
    return Mask(np.flatnonzero(flags), flags)


class Masked:
    """Steps with some classes taken out; see `geulnun.decode.steps.Steps`."""

    def __init__(self, steps: Steps, mask: Mask) -> None:
        self._steps, self._mask = steps, mask

    def __len__(self) -> int:
        return len(self._steps)

    def best(self) -> tuple[Ids, Floats]:
        """Class id and probability (T,) of the most probable class at each step."""
        ids, chances = self._steps.best()
        ids, chances = ids.copy(), np.minimum(chances * self._scale, 1.0)
        bad = np.flatnonzero(~self._mask.flags[ids])
        if len(bad):
            found = self._dense[bad]
            at = found.argmax(1)
            ids[bad], chances[bad] = self._mask.ids[at], found[np.arange(len(bad)), at]
        return ids, chances

    def top(self, steps: ArrayLike, count: int) -> tuple[Ids, Floats]:
        """The most probable classes at each of ``steps`` (n,), best first: ``count``, or as many as there are."""
        rows = np.asarray(steps, np.int64)
        ids, chances = self._steps.top(rows, count)
        if self._mask.flags[ids].all():
            return ids, np.minimum(chances * self._scale[rows, None], 1.0)
        found = self._dense[rows]
        kept = min(count, found.shape[1])
        at = np.argpartition(-found, kept - 1, axis=1)[:, :kept]
        chances = np.take_along_axis(found, at, 1)
        order = np.argsort(-chances, axis=1, kind="stable")
        return self._mask.ids[np.take_along_axis(at, order, 1)], np.take_along_axis(chances, order, 1)

    def of(self, ids: ArrayLike) -> Floats:
        """Probabilities (T, U) of the class ids (U,), 0 where they are taken out."""
        wanted = np.asarray(ids, np.int64)
        found = self._steps.of(wanted) * self._scale[:, None] * self._mask.flags[wanted]
        return np.asarray(np.minimum(found, 1.0), np.float32)

    @cached_property
    def _scale(self) -> Floats:
        """What the probabilities that are left are multiplied by, (T,)."""
        out = np.flatnonzero(~self._mask.flags)
        if len(out) < len(self._mask.ids):
            left = 1 - self._steps.of(out).sum(1)
            # A difference of nearly equal numbers is no number to divide by.
            sure = left > 1e-3
            left = left if sure.all() else np.where(sure, left, self._steps.of(self._mask.ids).sum(1))
        else:
            left = self._steps.of(self._mask.ids).sum(1)
        return np.asarray(1 / np.maximum(left, _TINY), np.float32)

    @cached_property
    def _dense(self) -> Floats:
        """Probabilities (T, A) of all that is left; worked out only where the likeliest class is taken out."""
        return np.asarray(np.minimum(self._steps.of(self._mask.ids) * self._scale[:, None], 1.0), np.float32)
