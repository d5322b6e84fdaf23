"""Parts of a set that share no document, writer or font: never a crop of one page on two sides."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from geulnun.data.sample import Sample
from geulnun.errors import UsageError

#: What a set may be split by.
KEYS = ("document", "writer", "font", "family", "group", "office", "kind", "source")


@dataclass(frozen=True, slots=True)
class SplitOptions:
    """How a set is split.

    Attributes:
        parts: names and shares; shares count in proportion, so 8, 1, 1 is as good as 0.8, 0.1, 0.1.
        by: facts; samples that share the value of any of them are on one side.
        seed: another one splits otherwise.
    """

    parts: tuple[tuple[str, float], ...] = (("train", 0.8), ("validation", 0.1), ("test", 0.1))
    by: tuple[str, ...] = ("document",)
    seed: int = 0

    def __post_init__(self) -> None:
        names = [name for name, _ in self.parts]
        if len(self.parts) < 2 or len(set(names)) != len(names) or not all(names):
            raise UsageError(f"parts are {', '.join(names) or 'none'}; expected two or more different names")
        if not all(math.isfinite(share) and share > 0 for _, share in self.parts):
            raise UsageError(
                f"shares are {', '.join(f'{share:g}' for _, share in self.parts)}; expected numbers over 0"
            )
        if not self.by:
            raise UsageError(f"nothing to split by; expected some of {', '.join(KEYS)}")
        for key in self.by:
            if key not in KEYS:
                raise UsageError(f"split by {key!r}; expected some of {', '.join(KEYS)}")


def parse_parts(text: str) -> tuple[tuple[str, float], ...]:
    """``train=0.8,validation=0.1,test=0.1`` as `SplitOptions.parts`.

    Raises:
        UsageError: it is not that.
    """
    parts = []
    for part in text.split(","):
        name, sign, share = part.strip().partition("=")
        try:
            parts.append((name, float(share)))
        except ValueError:
            raise UsageError(f"part {part!r}; expected NAME=SHARE, such as train=0.8,validation=0.1,test=0.1") from None
        if not sign or any(char in name for char in "/\\.\0"):
            raise UsageError(f"part {part!r}; expected a name without slashes and dots, = and a share")
    return tuple(parts)


def groups(samples: Iterable[Sample], by: Sequence[str]) -> list[str]:
    """The group of each sample: samples that share a value of any of these facts are of one group.

    A group is named by the least of its values, so names do not depend on the order of samples.

    Raises:
        UsageError: a sample for which one of the facts is not known.
    """
    parent: dict[str, str] = {}

    def root(value: str) -> str:
        while parent[value] != value:
            parent[value] = parent[parent[value]]
            value = parent[value]
        return value

    firsts: list[str] = []
    missing: Counter[str] = Counter()
    for sample in samples:
        values = [f"{key}:{sample.facts[key]}" for key in by if key in sample.facts]
        missing.update(key for key in by if key not in sample.facts)
        for value in values:
            parent.setdefault(value, value)
            low, high = sorted((root(values[0]), root(value)))
            parent[high] = low
        firsts.append(values[0] if values else "")
    if missing:
        key, count = missing.most_common(1)[0]
        raise UsageError(
            f"of {count} of {len(firsts)} samples the {key} is not known, and splitting single images would put pieces "
            "of one page on two sides; split by another fact, or split the pages before they are cut"
        )
    return [root(value) for value in firsts]


def ranked(names: Iterable[str], seed: int) -> list[str]:
    """Different names in an order that the seed alone decides, whatever order they come in."""

    def key(name: str) -> bytes:
        return hashlib.blake2b(name.encode("utf-8", "surrogatepass"), key=str(seed).encode(), digest_size=16).digest()

    return sorted(set(names), key=lambda name: (key(name), name))


def assign(group_of: Sequence[str], options: SplitOptions) -> dict[str, str]:
    """The part of each group.

    Groups go, in the order of `ranked`, to the part that lacks most of its share; so shares of samples are met as
    closely as whole groups allow.

    Raises:
        UsageError: there are fewer groups than parts.
    """
    sizes = Counter(group_of)
    if len(sizes) < len(options.parts):
        raise UsageError(
            f"{len(sizes)} groups by {' and '.join(options.by)} for {len(options.parts)} parts; split by another fact"
        )
    total, whole = sum(sizes.values()), sum(share for _, share in options.parts)
    left = {name: share / whole * total for name, share in options.parts}
    taken: dict[str, str] = {}
    empty = [name for name, _ in options.parts]
    order = ranked(sizes, options.seed)
    for at, group in enumerate(order):
        # The last groups go to parts that have none yet.
        choices = empty if len(order) - at <= len(empty) else list(left)
        part = max(choices, key=lambda name: (left[name], -list(left).index(name)))
        taken[group] = part
        left[part] -= sizes[group]
        if part in empty:
            empty.remove(part)
    return taken


def split(samples: Iterable[Sample], options: SplitOptions) -> list[tuple[str, str]]:
    """The group and the part of each sample, in order; raises as `groups` and `assign` do."""
    group_of = groups(samples, options.by)
    part_of: Mapping[str, str] = assign(group_of, options)
    return [(group, part_of[group]) for group in group_of]
