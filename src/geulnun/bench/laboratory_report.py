"""The bench of line recognisers as JSON and Markdown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from geulnun.bench import chart
from geulnun.bench.laboratory import CHARACTERS, TESTED, Protocol, Result, as_result
from geulnun.bench.report import Json, table
from geulnun.errors import UsageError

#: What is kept of an earlier run beside its rows.
_ORIGIN = ("date", "commit", "command", "machine")


@dataclass(frozen=True)
class Earlier:
    """Rows of earlier runs, and what is known of each of these runs, the names of its rows under ``networks``."""

    results: list[Result]
    runs: list[dict[str, Any]]

    def without(self, names: set[str]) -> Earlier:
        """What is left without some rows, and without runs that have no others."""
        runs = [{**run, "networks": [name for name in run["networks"] if name not in names]} for run in self.runs]
        return Earlier([one for one in self.results if one.name not in names], [run for run in runs if run["networks"]])


def read_json(file: Path, protocol: Protocol) -> Earlier:
    """Rows that `as_json` wrote.

    Raises:
        UsageError: the file is missing or something else, or another protocol was followed.
    """
    try:
        content = json.loads(file.read_text("utf-8"))
        results = [as_result(one) for one in content["results"]]
        runs, followed = content.get("beside", []), content["protocol"]
        before = {name for run in runs for name in run["networks"]}
        own = {name: content[name] for name in _ORIGIN}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file}: cannot be read as a run of geulnun bench recognisers; name its JSON") from error
    for name, value in _plain(protocol).items():
        if followed.get(name) != value:
            raise UsageError(f"{file}: measured with {name} {followed.get(name)}, not {value}; ask for the same")
    here = [one.name for one in results if one.name not in before]
    return Earlier(results, [*([{**own, "networks": here}] if here else []), *runs])


def _together(results: Sequence[Result], earlier: Earlier | None) -> list[Result]:
    return [*results, *(earlier.results if earlier else ())]


def as_json(meta: Json, results: Sequence[Result], protocol: Protocol, earlier: Earlier | None = None) -> Json:
    """The run as JSON, rows of earlier ones behind its own."""
    rows = [asdict(one) for one in _together(results, earlier)]
    return {**meta, "protocol": _plain(protocol), **({"beside": earlier.runs} if earlier else {}), "results": rows}


def _plain(protocol: Protocol) -> Json:
    return {name: value for name, value in asdict(protocol).items() if name not in ("recipes", "texts")}


def _origins(earlier: Earlier) -> str:
    """Where the rows of earlier runs come from, and that their times are of other days."""
    runs = [
        f"- {str(run['date'])[:10]}, commit {run['commit'] or 'unknown'}, {run['machine']['cpu']}, "
        f"{run['machine']['cores']} cores: {', '.join(run['networks'])}"
        for run in earlier.runs
    ]
    what = "Measured in earlier runs of the same protocol; milliseconds and minutes of different runs do not compare:"
    return "\n".join([what, "", *runs])


def draw(results: Sequence[Result], file: Path, earlier: Earlier | None = None) -> str:
    """Draw the character error rates of the networks as bars, SVG; Markdown that shows the picture."""
    groups = [chart.Group(one.name, (100 * one.mean_cer,)) for one in _ordered(results, earlier)]
    note = "Character error rate on ocr_kor's skewed, distorted, blurred and patterned lines, %: less is better."
    file.parent.mkdir(parents=True, exist_ok=True)
    chart.write(chart.bars("Line recognisers", note, ["CER"], groups, lambda value: f"{value:.1f} %"), file)
    return f"![Character error rate of each network]({file.name})"


def _ordered(results: Sequence[Result], earlier: Earlier | None) -> list[Result]:
    """All rows, the best network first."""
    return sorted(_together(results, earlier), key=lambda one: (-one.mean_exact, one.mean_cer))


def as_markdown(
    preamble: str,
    results: Sequence[Result],
    protocol: Protocol,
    earlier: Earlier | None = None,
    picture: str = "",
) -> str:
    """The run as Markdown, the best network first, rows of earlier ones among its own; ``picture`` of `draw`."""
    ordered = _ordered(results, earlier)
    seen = sorted({one.lines for one in ordered if one.lines})
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
    apart = [_origins(earlier)] if earlier and earlier.runs else []
    shown = [picture] if picture else []
    parts = ["# Line recognisers", preamble, notes, *apart, table(heads, rows), *shown, table(more, details)]
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
