"""The bench of line recognisers as JSON and Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from geulnun.bench.laboratory import CHARACTERS, TESTED, Protocol, Result
from geulnun.bench.report import Json, table


def as_json(meta: Json, results: Sequence[Result], protocol: Protocol) -> Json:
    """The run as JSON."""
    plain = {name: value for name, value in asdict(protocol).items() if name not in ("recipes", "texts")}
    return {**meta, "protocol": plain, "results": [asdict(one) for one in results]}


def as_markdown(preamble: str, results: Sequence[Result], protocol: Protocol) -> str:
    """The run as Markdown, the best network first."""
    ordered = sorted(results, key=lambda one: (-one.mean_exact, one.mean_cer))
    seen = sorted({one.lines for one in results if one.lines})
    budget = f"{seen[0]:,}" if len(seen) == 1 else f"{seen[0]:,} to {seen[-1]:,}" if seen else "no"
    notes = (
        f"ocr_kor's protocol: each network learned from {budget} lines of its sets basic and skew (9,000 drawn lines "
        f"each, half of every batch of {protocol.batch}), with its channels times {protocol.width:g}, the factored "
        f"jamo head, on one thread, and then read {protocol.tests} lines of each kind in other fonts and of other "
        "words. A line is right when all its characters are, spaces among them. Parameters, MB (half precision) and ms "
        f"a line (two threads, a line of 64 x 1,000 pixels) are those of the whole network with a flat head of "
        f"{CHARACTERS} characters; “trained” counts the narrowed one's. The second table sets what PyTorch makes of "
        "the trained networks beside what their ONNX files do: lines with the same text, and the largest difference of "
        "any logit."
    )
    heads = ["network", "M", "MB", "ms a line", "trained, M", *(f"{kind} right" for kind in TESTED), "right", "CER"]
    rows = [[one.name, *_whole(one), *_narrow(one)] for one in ordered]
    more = [
        "network",
        "lines seen",
        "CPU minutes",
        *(f"{kind}, CER" for kind in TESTED),
        "torch = ONNX",
        "logits apart",
    ]
    details = [
        [one.name, f"{one.lines:,}", f"{one.minutes:.1f}", *(f"{one.cer[kind]:.2%}" for kind in TESTED), *_parity(one)]
        for one in ordered
    ]
    parts = ["# Line recognisers", preamble, notes, table(heads, rows), table(more, details)]
    return "\n\n".join(parts) + "\n"


def _whole(one: Result) -> list[str]:
    if one.size is None:
        return ["", "", ""]
    return [f"{one.size.parameters:.2f}", f"{one.size.megabytes:.1f}", f"{one.size.milliseconds:.1f}"]


def _narrow(one: Result) -> list[str]:
    right = [f"{one.exact[kind]:.1%}" for kind in TESTED]
    return [f"{one.trained:.2f}" if one.trained else "", *right, f"{one.mean_exact:.1%}", f"{one.mean_cer:.2%}"]


def _parity(one: Result) -> list[str]:
    if one.parity is None:
        return ["", ""]
    return [f"{one.parity.same} of {one.parity.lines}", f"{one.parity.apart:.1e}"]
