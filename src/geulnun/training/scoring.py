"""A finished run, or weights to begin with, scored on sets of lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import torch

from geulnun.training.fit import prepare, trained
from geulnun.training.options import LineTraining, SetChoice
from geulnun.training.validation import Scores, validate, validation_sets


def scored(options: LineTraining, sets: Sequence[SetChoice], checkpoint: Path | None = None) -> dict[str, Scores]:
    """Read sets with a run's averaged weights, or with those that its options begin with.

    Args:
        options: of the run.
        sets: what is read; results go by their titles.
        checkpoint: the run's `last.pt`; without it nothing has been trained yet.

    Raises:
        ModelError: weights that do not fit.
        InputError: a set that cannot be read.
    """
    options = replace(options, validation=tuple(sets))
    made = prepare(options) if checkpoint is None else trained(checkpoint, options)
    cpu, found = torch.device("cpu"), dict[str, Scores]()
    for name, lines in validation_sets(options, made.mix).items():
        readings, loss, count = validate(made.net, made.spec, lines(), cpu)
        found[name] = Scores.of(readings, loss / max(1, count), options.sensitive)
    return found
