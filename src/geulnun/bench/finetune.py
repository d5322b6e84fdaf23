"""What fine-tuning brings on a style that no training has seen: lines of one font kept out, read before and after."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from geulnun.synth.fonts import Split, choose
from geulnun.synth.lines import WORN, LineRenderer, LineSample
from geulnun.synth.text import TextSource

#: A pen font of the held-out side of the catalogue.
FAMILY = "Un Pilgia"
#: Lines that a user would have copied out.
LINES = 500
#: Lines to measure with, sentences of the held-out side.
TESTED = 300


@dataclass(frozen=True)
class Result:
    """Figures of `geulnun.export.finetuned.Figures` by the name of the set, and how they came about."""

    family: str
    lines: int
    minutes: float
    steps: int
    threads: int
    before: dict[str, Any]
    after: dict[str, Any]


def drawn(family: str, count: int, split: Split, texts: Path | None, seed: int) -> list[LineSample]:
    """Lines of sentences in one family of the held-out side, worn as office paper is.

    Args:
        family: of the catalogue.
        count: lines.
        split: side of the sentences.
        texts: folder of texts; None for the built-in grammars.
        seed: another one draws others.
    """
    renderer = LineRenderer(choose("held-out", (), (family,), None), TextSource(texts, split), WORN, fallback=False)
    rng = np.random.default_rng(seed)
    return [renderer.draw(rng, kind="sentence") for _ in range(count)]


def written(lines: list[LineSample], folder: Path) -> Path:
    """The lines as a user has them: images and a labels.csv."""
    (folder / "images").mkdir(parents=True)
    rows = ["filename,words"]
    for at, line in enumerate(lines):
        Image.fromarray(line.image).save(folder / "images" / f"{at:04d}.png")
        text = line.text.replace('"', '""')
        rows.append(f'{at:04d}.png,"{text}"')
    (folder / "labels.csv").write_text("\n".join(rows) + "\n", "utf-8")
    return folder


def run(
    folder: Path,
    texts: Path | None,
    log: Callable[[str], None],
    *,
    family: str = FAMILY,
    lines: int = LINES,
    tested: int = TESTED,
    minutes: float = 10.0,
    threads: int = 1,
    seed: int = 20,
    recogniser: Path | None = None,
) -> Result:
    """Draw, fine-tune as `geulnun finetune` does, and read lines that took no part in it.

    Args:
        folder: an empty folder to work in.
        texts: folder of texts; None for the built-in grammars.
        log: receives progress.
        family: the font kept out.
        lines: of it to learn from.
        tested: lines of it to measure with, and as many of all other styles.
        minutes: of training, as the processor counts them: others may use it as well.
        threads: of PyTorch.
        seed: of all that is drawn.
        recogniser: ONNX file to begin with; None for the package's own.
    """
    from geulnun.export.finetuned import finetuned, measured
    from geulnun.runtime import weights
    from geulnun.runtime.recogniser import Recogniser
    from geulnun.training.finetune import FinetuneOptions
    from geulnun.training.finetune_data import rehearsal, some
    from geulnun.training.sets import Line, Words

    own = recogniser or weights.path("recogniser")
    given = written(drawn(family, lines, "train", texts, seed), folder / "lines")
    options = FinetuneOptions(minutes=minutes, clock="cpu", threads=threads, texts=texts)
    report = finetuned(given, folder / "finetuned", options, log, own)
    kept_out = drawn(family, tested, "held-out", texts, seed + 1)
    others = rehearsal(Words(Recogniser(own, threads).spec.classes), texts, "held-out")
    sets = {
        family: [Line(one.image, one.text) for one in kept_out],
        # Others than those that chose the weights.
        "other styles": some(others, tested, seed + 2) if others is not None else [],
    }
    before, after = ({name: asdict(measured(file, part)) for name, part in sets.items()} for file in (own, report.file))
    return Result(family, lines, round(report.seconds / 60, 2), report.steps, threads, before, after)


def as_json(meta: Mapping[str, object], result: Result) -> dict[str, object]:
    """The result with what it was measured on."""
    return {**meta, **asdict(result)}


def as_markdown(preamble: str, result: Result) -> str:
    """The result as a page."""
    rows = [
        f"| {name} | {old['lines']} | "
        + " | ".join(f"{figures[key] * 100:.2f} %" for key in ("cer", "eojeols", "exact") for figures in (old, new))
        + " |"
        for (name, old), new in zip(result.before.items(), result.after.values(), strict=True)
    ]
    return "\n".join(
        [
            "# Fine-tuning on a style kept out",
            "",
            preamble,
            "",
            f"{result.lines} lines in {result.family}, a font that no training of the package's recogniser drew; "
            f"{result.minutes:g} minutes of training in each of {result.threads} threads, as the processor counts "
            "them, otherwise as `geulnun finetune` does without options, read greedily; "
            f"the weights after {result.steps} steps were kept. Measured on "
            "other sentences, by the file it writes.",
            "",
            "| lines | count | CER before | after | eojeols right before | after | lines exact before | after |",
            "|---|---|---|---|---|---|---|---|",
            *rows,
            "",
        ]
    )
