"""The decoders' bench as JSON and Markdown."""

from __future__ import annotations

from dataclasses import asdict

from geulnun.bench.decoding import ORDER, PRUNE, Measured, Result
from geulnun.bench.decoding_real import Compared
from geulnun.bench.report import Json, percent, table
from geulnun.bench.score import MEASURES


def as_json(meta: Json, result: Result) -> Json:
    """The run as JSON."""
    rows = [[asdict(one) for one in group] for group in (result.tried, result.measured, result.real)]
    return {
        **meta,
        "alpha": result.options.alpha,
        "beta": result.options.beta,
        "unknown": result.unknown,
        "network_ms": result.network * 1e3,
        "bits_per_character": result.bits,
        "lexicon": result.lexicon,
        "tried": rows[0],
        "measured": rows[1],
        "real": rows[2],
        "calibration": asdict(result.calibration) if result.calibration else None,
    }


def as_markdown(preamble: str, result: Result) -> str:
    """The run as Markdown."""
    head = ["set", "lines", "decoder", "CER", "lines exact", "ms a line", "µs a step"]
    notes = [
        "CER counts spaces. Times are CPU time of decoding alone, on one thread; the network takes "
        f"{result.network * 1e3:.1f} ms a line. The language model: order {ORDER}, pruned at {PRUNE}, "
        f"{result.bits:.2f} bits a character on held-out sentences; the lexicon: {result.lexicon:,} words of the same "
        "training sentences.",
        f"Chosen on lines of their own: alpha {result.options.alpha:g}, beta {result.options.beta:g}, "
        f"{result.unknown:g} for words the lexicon lacks.",
    ]
    parts = ["# Decoding", preamble, *notes, table(head, map(_row, result.measured))]
    found = result.calibration
    if found is not None:
        rows = [
            [f"{one.wanted:.1%}", f"{one.threshold:.3f}", f"{one.coverage:.1%}", f"{one.error:.2%}"]
            for one in found.kept
        ]
        parts += [
            f"Temperature {found.temperature:.2f}: the expected calibration error of characters read greedily, on "
            f"held-out sentences worn and harsh, goes from {found.before:.2%} to {found.after:.2%}. Thresholds that "
            "were chosen where the weights were:",
            table(["error wanted", "threshold", "characters kept", "error of these"], rows),
        ]
    if result.real:
        titles = list(result.real[0].ratios)
        parts += [
            "Real images, read by the whole pipeline, each set in its own measure:",
            table(["set", "images", "measure", *titles], (_compared(one, titles) for one in result.real)),
        ]
    parts += ["Weights tried:", table(head, map(_row, result.tried))]
    return "\n\n".join(parts) + "\n"


def _row(one: Measured) -> list[str]:
    return [
        one.set, str(one.exact.total), one.decoder, f"{one.cer.value:.2%}",
        f"{one.exact.right / max(one.exact.total, 1):.1%}",
        f"{one.seconds / max(one.exact.total, 1) * 1e3:.2f}", f"{one.seconds / max(one.steps, 1) * 1e6:.1f}",
    ]  # fmt: skip


def _compared(one: Compared, titles: list[str]) -> list[str]:
    values = [one.ratios[title].value for title in titles]
    return [one.set, str(one.images), MEASURES[one.measure].title, *map(percent, values)]
