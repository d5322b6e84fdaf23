"""A recogniser fine-tuned, written as a file that readers take, and measured as they will use it."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from geulnun.decode import calibration
from geulnun.decode.options import DecodeOptions
from geulnun.errors import UsageError
from geulnun.export.lines import export_lines
from geulnun.image import ops
from geulnun.metrics.counts import ErrorRate, Matches
from geulnun.metrics.text import cer, eojeol_accuracy, exact
from geulnun.runtime import weights
from geulnun.runtime.recogniser import Recogniser
from geulnun.spec import LineSpec
from geulnun.training import finetune, finetune_start
from geulnun.training.finetune import FinetuneOptions, Material
from geulnun.training.finetune_data import Feed
from geulnun.training.sets import Line

#: Batches that integers take their ranges from.
_CALIBRATION = 24
#: Lines read at a time.
_AT_ONCE = 64


@dataclass(frozen=True)
class Figures:
    """How a set is read; rates in 0..1.

    Attributes:
        lines: how many there are.
        cer: character error rate, spaces counted.
        eojeols: share of eojeols read exactly.
        exact: share of lines read exactly, spaces counted.
    """

    lines: int
    cer: float
    eojeols: float
    exact: float


@dataclass(frozen=True)
class Report:
    """What a fine-tuning brought.

    Attributes:
        file: the recogniser written.
        before: figures of the recogniser it began with, by the name of the set.
        after: figures of the file written.
        trained: the user's lines that were trained on.
        kept_together: what the user's lines were parted by.
        left_out: lines that could not be used.
        steps: of the weights kept; 0 where none were better than those at the start.
        way: how far they are on the way from the first weights to those trained, 0..1.
        seconds: of training.
        temperature: what the file divides logits by.
    """

    file: Path
    before: dict[str, Figures]
    after: dict[str, Figures]
    trained: int
    kept_together: str
    left_out: int
    steps: int
    way: float
    seconds: float
    temperature: float


def finetuned(
    folder: Path,
    out: Path,
    options: FinetuneOptions,
    log: Callable[[str], None],
    recogniser: Path | None = None,
    float_start: Path | None = None,
) -> Report:
    """Fine-tune on a user's lines and write ``recogniser.onnx``, ``recogniser.pt``, ``report.md`` and ``report.json``.

    Args:
        folder: the user's lines, see `geulnun.training.finetune_data.parted`.
        out: folder to write into; files of these names in it are replaced.
        options: how.
        log: receives progress in lines.
        recogniser: the file to begin with, and to compare with; None for the package's own.
        float_start: a checkpoint whose float weights to begin with instead of that file's.

    Raises:
        InputError: nothing to learn from.
        ModelError: weights that cannot be trained on.
        UsageError: lines would run down, which is not supported.
    """
    file = recogniser or weights.path("recogniser")
    start = finetune_start.of_file(float_start or file)
    if start.spec.direction == "down":
        raise UsageError(f"{file}: reads columns of characters; only readers of lines are fine-tuned")
    material = finetune.gather(folder, start, options)
    for reason in material.parts.left_out[:5]:
        log(f"left out: {reason}")
    log(_told(material))
    tuned = finetune.tune(start, material, options, log)
    spec = replace(start.spec, temperature=_temperature(tuned.net, start.spec, [*material.yours, *material.others]))
    out.mkdir(parents=True, exist_ok=True)
    target = out / "recogniser.onnx"
    reading = file if file.suffix == ".onnx" else None
    before = _figures(reading or _written(start.net, start.spec, out / "before.onnx", material, options), material)
    (out / "before.onnx").unlink(missing_ok=True)
    _written(tuned.net, spec, target, material, options)
    _keep(tuned.net, spec, out / "recogniser.pt")
    report = Report(
        target, before, _figures(target, material), material.parts.train.size or 0, material.parts.by,
        len(material.parts.left_out), tuned.best.steps, tuned.way, round(tuned.seconds, 1), round(spec.temperature, 4),
    )  # fmt: skip
    _whole(out / "report.md", as_markdown(report))
    _whole(out / "report.json", json.dumps(asdict(report) | {"file": target.name}, ensure_ascii=False, indent=2) + "\n")
    return report


def _told(material: Material) -> str:
    parts = material.parts
    fonts = "" if material.rehearsed is not None else "; no fonts to rehearse other styles with (make fonts)"
    return f"{parts.train.size} lines to learn from, {len(material.yours)} to measure with, parted by {parts.by}{fonts}"


def _written(net: torch.nn.Module, spec: LineSpec, target: Path, material: Material, options: FinetuneOptions) -> Path:
    """Export as the package's own is: 8-bit integers where convolutions do the work, else half precision."""
    integers = spec.width is None and spec.decoding == "ctc" and not any(
        isinstance(module, torch.nn.LSTM) for module in net.modules()
    )  # fmt: skip
    if not integers:
        return export_lines(net, spec, target, "float16")
    return export_lines(net, spec, target, "int8", list(islice(_samples(material, options), _CALIBRATION)))


def _samples(material: Material, options: FinetuneOptions) -> Iterator[NDArray[np.float32]]:
    """Batches of lines to train on, none of which trains."""
    mix = replace(material.mix, seed=options.seed + 777, batch=8, group=1)
    feed = Feed(material.parts.train, material.rehearsed, options.rehearsal, mix)
    return (batch.inputs.astype(np.float32) for batch, _ in feed)


def _temperature(net: torch.nn.Module, spec: LineSpec, lines: Sequence[Line]) -> float:
    """The temperature for lines with known text; that of the start where too little was read to tell."""
    try:
        found = calibration.fit(_logits(net, spec, lines), spec.classes, spec.decoding).temperature
    except ValueError:
        return spec.temperature
    # A few lines without an error would make the reader certain of everything.
    return float(min(max(found, 0.5), 3.0)) if math.isfinite(found) else spec.temperature


@torch.no_grad()
def _logits(net: torch.nn.Module, spec: LineSpec, lines: Sequence[Line]) -> Iterator[tuple[NDArray[np.float32], str]]:
    for line in lines:
        made = ops.line_input(line.image, spec)
        batch = ops.line_batch([made], spec=spec)
        logits = net(torch.from_numpy(batch))[0].float().numpy()
        free = spec.width is None and spec.decoding == "ctc"
        seen = math.ceil(len(logits) * made.shape[-1] / batch.shape[-1] - 1e-6) if free else len(logits)
        yield logits[:seen], line.text


def _figures(file: Path, material: Material) -> dict[str, Figures]:
    """How a file reads the user's lines for validation and, where there are any, lines of other styles."""
    sets = {"your lines": material.yours, "other styles": material.others}
    return {name: measured(file, lines) for name, lines in sets.items() if lines}


def measured(file: Path, lines: Sequence[Line], threads: int = 1) -> Figures:
    """How a recogniser's file reads lines: greedily, so that no language model hides what the network does."""
    reader = Recogniser(file, threads, DecodeOptions(decoder="greedy", alternatives=0))
    errors, right, eojeols = ErrorRate(), 0, Matches()
    for first in range(0, len(lines), _AT_ONCE):
        part = lines[first : first + _AT_ONCE]
        for line, reading in zip(part, reader.read([one.image for one in part]), strict=True):
            errors += cer(line.text, reading.text)
            right += exact(line.text, reading.text)
            eojeols += eojeol_accuracy(line.text, reading.text)
    return Figures(len(lines), errors.value, eojeols.recall, right / max(1, len(lines)))


def _keep(net: torch.nn.Module, spec: LineSpec, target: Path) -> None:
    """Float weights, for a later run to begin with and for `geulnun export`."""
    draft = target.with_suffix(".part")
    torch.save({"average": net.state_dict(), "spec": spec.to_json()}, draft)
    draft.replace(target)


def _whole(target: Path, text: str) -> None:
    draft = target.with_suffix(".part")
    draft.write_text(text, "utf-8")
    draft.replace(target)


def as_markdown(report: Report) -> str:
    """The report as a table, and what it was measured on."""
    rows = ["| lines | CER before | after | eojeols right before | after | lines exact before | after |",
            "|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, old in report.before.items():
        new = report.after[name]
        pairs = ((old.cer, new.cer), (old.eojeols, new.eojeols), (old.exact, new.exact))
        cells = " | ".join(f"{a * 100:.2f} % | {b * 100:.2f} %" for a, b in pairs)
        rows.append(f"| {name} ({old.lines}) | {cells} |")
    kept = (
        f"the weights after {report.steps} steps, {report.way:.0%} of the way from the first ones"
        if report.steps
        else "the weights at the start: none were better; use the package's own recogniser"
    )
    return "\n".join(
        [
            "# Fine-tuning",
            "",
            *rows,
            "",
            f"Learnt from {report.trained} lines in {report.seconds / 60:.1f} minutes; kept are {kept}. "
            f"Your lines were parted by {report.kept_together}; {report.left_out} could not be used. "
            f"Other styles are drawn in fonts and sentences that no training sees. "
            f"Confidences were fitted on both (temperature {report.temperature:g}).",
            "",
        ]
    )
