"""Where a recogniser looks for each jamo of what it reads: class activation maps and occlusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from geulnun.errors import MissingDependencyError, ModelError, UsageError
from geulnun.evaluate.characters.run import Example
from geulnun.runtime import weights
from geulnun.runtime.characters import CharacterRecogniser, JamoOf, scores

Floats = NDArray[np.float32]
#: How maps are made: from the last feature map ("cam", "grad-cam", see `geulnun.export.explain`), or from the outside.
METHODS = ("cam", "grad-cam", "occlusion")
#: Side of the square that covers a part of the input, as a share of it, and its steps a side.
_SQUARE, _STEPS = 1 / 6, 16


class Maps(Protocol):
    """Makes maps of a prepared input."""

    def __call__(self, ink: Floats, targets: NDArray[np.bool_], /) -> Floats:
        """Maps (P, h, w) of an input (S, S), one for each target (P, K): larger where the target hangs on it."""


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """An example and where the recogniser looked for what it read.

    Attributes:
        example: the image and its guess.
        ink: the prepared input (S, S), 1 for ink.
        maps: by method and then by place ("cho", "jung", "jong", or "character"), (h, w) of any size.
    """

    example: Example
    ink: Floats
    maps: dict[str, dict[str, Floats]]


def explain(
    examples: Sequence[Example], recogniser: CharacterRecogniser, file: Path | None, methods: Sequence[str]
) -> tuple[list[Explained], list[str]]:
    """Maps of examples; what was not named, or has no ink, has none.

    Args:
        examples: what to explain.
        recogniser: who read them.
        file: its ONNX file; None for the package's own.
        methods: some of `METHODS`.

    Returns:
        the explained ones, and a line on each method that cannot be had of this file or machine: occlusion, which any
        file bears, is taken in its place.

    Raises:
        UsageError: a method is not known.
    """
    makers, notes = _makers(recogniser, file, methods)
    jamo = JamoOf(recogniser.spec.classes)
    out = []
    for example in examples:
        ink = recogniser.prepared(example.image)
        if ink is None or not example.guess.text:
            continue
        named = jamo.targets(example.guess.text)
        masks = np.stack(list(named.values()))
        maps = {name: dict(zip(named, make(ink, masks), strict=True)) for name, make in makers.items()}
        out.append(Explained(example, ink, maps))
    return out, notes


def _makers(
    recogniser: CharacterRecogniser, file: Path | None, methods: Sequence[str]
) -> tuple[dict[str, Maps], list[str]]:
    for name in methods:
        if name not in METHODS:
            raise UsageError(f"maps {name!r}; expected some of {', '.join(METHODS)}")
    found: dict[str, Maps] = {}
    notes = []
    for name in dict.fromkeys(methods):
        if name == "occlusion":
            found[name] = occlusion(recogniser)
            continue
        try:
            found[name] = _from_features(file or weights.path("character"), name)
        except (ModelError, MissingDependencyError) as error:
            notes.append(f"{name}: {error}")
            found.setdefault("occlusion", occlusion(recogniser))
    return found, notes


def _from_features(file: Path, method: str) -> Maps:
    try:
        from geulnun.export.explain import Explainer
    except ModuleNotFoundError as error:
        raise MissingDependencyError(
            f"{error.name} is not installed; maps of features need the extra: pip install geulnun[train]"
        ) from error
    explainer = Explainer(file)
    return lambda ink, targets: explainer.maps(ink, targets, "cam" if method == "cam" else "grad-cam")


def occlusion(recogniser: CharacterRecogniser) -> Maps:
    """How much less each target is spoken for where a square of paper covers the ink.

    Source: Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2. Needs nothing but the network's outputs.
    """

    def maps(ink: Floats, targets: NDArray[np.bool_], /) -> Floats:
        size = len(ink)
        side = max(2, round(size * _SQUARE))
        starts = np.linspace(0, size - side, _STEPS).round().astype(int)
        covered = np.repeat(ink[None], len(starts) ** 2, axis=0)
        for at, (top, left) in enumerate((top, left) for top in starts for left in starts):
            covered[at, top : top + side, left : left + side] = 0
        whole = scores(recogniser.logits(ink[None, None]), targets)
        parts = [scores(recogniser.logits(part[:, None]), targets) for part in np.array_split(covered, 4)]
        return (whole - np.concatenate(parts)).T.reshape(len(targets), len(starts), len(starts))

    return maps
