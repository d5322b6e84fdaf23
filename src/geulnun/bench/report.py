"""Results as JSON, Markdown and charts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from geulnun.bench import chart
from geulnun.bench.accuracy import Pooled, Result, Row, pools
from geulnun.bench.engines import Engine
from geulnun.bench.score import MEASURES, MeasureName, Score
from geulnun.bench.speed import READS, LineTiming, Timing, fastest

Json = dict[str, object]
#: The name of our own engine in the tables.
OURS = "Geulnun"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; ``|`` in a cell is escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def percent(value: float | None) -> str:
    """A ratio as a percentage with two digits behind the point, a dash for None."""
    return "–" if value is None else f"{100 * value:.2f} %"


def times(rival: float, ours: float) -> str:
    """How many times smaller ours is."""
    return "–" if not rival else "all of them" if not ours else f"{rival / ours:.1f} ×"


def engine_json(engine: Engine) -> Json:
    """Name, setting, identity and weight of an engine."""
    return {
        "name": engine.name, "setting": engine.setting, "identity": engine.identity,
        "weights_mb": round(engine.weights_bytes / 1e6, 2),
    }  # fmt: skip


def score_json(total: Score, names: Iterable[MeasureName]) -> Json:
    """Values and costs of a score."""
    values: Json = {name: None if (value := total.value(name)) is None else round(value, 5) for name in names}
    images, lines = max(total.images, 1), max(total.lines, 1)
    costs = {
        "ms_per_image": round(1e3 * total.wall / images, 2), "ms_per_line": round(1e3 * total.wall / lines, 2),
        "cpu_ms_per_image": round(1e3 * total.cpu / images, 2),
    }  # fmt: skip
    return {"images": total.images, "lines": total.lines, **values, **costs}


def _parts_json(row: Row, primary: MeasureName) -> Json:
    """The primary measure of each part, where the slice has several."""
    return {"parts": {name: total.value(primary) for name, total in row.parts.items()}} if len(row.parts) > 1 else {}


def timing_json(timing: Timing) -> Json:
    """Costs and measures of one setting on the A4 page."""
    return {
        **engine_json(timing.engine), "reads": timing.reads,
        "cold_wall_s": round(timing.cold.wall, 3), "cold_cpu_s": round(timing.cold.cpu, 3),
        "warm_wall_s": round(timing.warm.wall, 3), "warm_cpu_s": round(timing.warm.cpu, 3),
        "start_s": round(max(0.0, timing.cold.wall - timing.warm.wall), 3),
        "peak_rss_mb": round(timing.cold.rss / 1e6, 1), "peak_rss_several_mb": round(timing.warm.rss / 1e6, 1),
        "ms_per_line": round(1e3 * timing.warm.wall / max(timing.score.lines, 1), 2),
        "cer": timing.score.value("cer"), "cer_without_spaces": timing.score.value("cer_without_spaces"),
        "soft_f1": timing.score.value("soft_f1"),
    }  # fmt: skip


def accuracy_json(meta: Json, results: Sequence[Result], timings: Sequence[Timing]) -> Json:
    """The accuracy run as JSON."""
    slices = [
        {
            "group": result.slice.group, "name": result.slice.name, "level": result.slice.level,
            "primary": result.slice.primary,
            "rows": [
                {"engine": row.engine.name, "setting": row.engine.setting, "best": row.best,
                 **score_json(row.score, result.slice.measures), **_parts_json(row, result.slice.primary)}
                for row in result.rows
            ],
        }
        for result in results
    ]  # fmt: skip
    pooled = [
        {"group": pool.group, "name": pool.name,
         "rows": [{"engine": name, **score_json(total, pool.measures)} for name, total in pool.scores.items()]}
        for pool in pools(results)
    ]  # fmt: skip
    engines = {row.engine.identity: engine_json(row.engine) for result in results for row in result.rows}
    costs = [timing_json(timing) for timing in timings]
    return {**meta, "engines": list(engines.values()), "slices": slices, "pools": pooled, "costs": costs}


def speed_json(meta: Json, timings: Sequence[Timing], lines: Sequence[LineTiming] = ()) -> Json:
    """The speed run as JSON, our ratios to the fastest rival that reads the page, and the times of single lines."""
    rows = [timing_json(timing) for timing in timings]
    single = [
        {"engine": one.engine.name, "setting": one.engine.setting, "seconds": round(one.wall, 5), "exact": one.exact}
        for one in lines
    ]
    return {**meta, "rows": rows, "ratios": ratios(timings), "lines": single}


def ratios(timings: Sequence[Timing]) -> Json | None:
    """How many times more the fastest rival setting takes than ours; None where either is missing."""
    ours = fastest([timing for timing in timings if timing.engine.name == OURS])
    rival = fastest([timing for timing in timings if timing.engine.name != OURS])
    if ours is None or rival is None:
        return None
    pairs = {
        "cold_wall": (rival.cold.wall, ours.cold.wall), "cold_cpu": (rival.cold.cpu, ours.cold.cpu),
        "warm_wall": (rival.warm.wall, ours.warm.wall), "warm_cpu": (rival.warm.cpu, ours.warm.cpu),
    }  # fmt: skip
    values = {name: round(theirs / own, 2) if own else None for name, (theirs, own) in pairs.items()}
    return {"rival": f"{rival.engine.name} {rival.engine.setting}", "ours": ours.engine.setting, **values}


def accuracy_markdown(meta: Json, results: Sequence[Result], timings: Sequence[Timing]) -> str:
    """The accuracy run as Markdown."""
    parts = ["# Accuracy", preamble(meta)]
    parts.append(
        "Each engine stands in its best setting of each row; every setting is listed at the end. Both sides are "
        "normalised alike before scoring (NFC, look-alike marks folded, white space to one space). Times are those of "
        "reading in batches on the same machine in the same run."
    )
    together = pools(results)
    for group in dict.fromkeys(result.slice.group for result in results):
        chosen = [result for result in results if result.slice.group == group]
        pooled = [pool for pool in together if pool.group == group]
        picture = f"![Errors on {group}]({_chart_name(group)})"
        parts += [f"## {group.capitalize()}", picture, _slices_table(chosen, pooled), _gains_table(chosen, pooled)]
        parts.append(_parts_table(chosen))
    if timings:
        parts += ["## Costs", _costs_table(timings)]
    parts += ["## Every setting", _settings_table(results)]
    return "\n\n".join(part for part in parts if part) + "\n"


def preamble(meta: Json) -> str:
    """When, with what command, on what machine and with which versions: a Markdown list."""
    machine, versions = meta["machine"], meta["versions"]
    assert isinstance(machine, dict)
    assert isinstance(versions, dict)
    lines = [
        f"- {str(meta['date'])[:10]}, commit {meta['commit'] or 'unknown'}",
        f"- `{meta['command']}`",
        f"- {machine['cpu']}, {machine['cores']} cores, {machine['memory_gb']} GB, {machine['system']}",
        "- " + ", ".join(f"{name} {number}" for name, number in versions.items() if number),
    ]
    if "page" in meta:
        lines.append(f"- page: {meta['page']}")
    missing = meta.get("missing")
    if isinstance(missing, list):
        lines += [f"- missing: {reason}" for reason in missing]
    if meta.get("reused"):
        lines.append(f"- {meta['reused']} readings were reused from an earlier run, with their times")
    return "\n".join(lines)


def _slices_table(results: Sequence[Result], pooled: Sequence[Pooled]) -> str:
    shown = [name for name in MEASURES if any(name in result.slice.measures for result in results)]
    paged = any(result.slice.level == "page" for result in results)
    head = ["set", "n", "engine", "setting", *(MEASURES[name].title for name in shown), "ms/image"]
    rows = []
    for result in results:
        for row in result.best():
            place = [result.slice.name, str(result.slice.size), row.engine.name, row.engine.setting]
            rows.append([*place, *_cells(row.score, shown, paged)])
    for pool in pooled:
        for name, total in pool.scores.items():
            seen = [measure if measure in pool.measures else None for measure in shown]
            rows.append([f"**{pool.name}**", str(total.images), name, "best of each set", *_cells(total, seen, paged)])
    return table([*head, "ms/line"] if paged else head, rows)


def _cells(total: Score, names: Sequence[MeasureName | None], paged: bool) -> list[str]:
    cells = [percent(total.value(name)) if name else "–" for name in names]
    cells.append(f"{1e3 * total.wall / max(total.images, 1):.1f}")
    return [*cells, f"{1e3 * total.wall / max(total.lines, 1):.1f}"] if paged else cells


def _gains_table(results: Sequence[Result], pooled: Sequence[Pooled]) -> str:
    """Ours beside the best of the rivals in any of their settings, in each measure worth a comparison."""
    rows = []
    for result in results:
        scores = {_label(row.engine): row.score for row in result.rows}
        for name in _compared(result.slice.primary, result.slice.measures):
            rows += _gain(result.slice.name, name, scores)
    for pool in pooled:
        for name in _compared(pool.primary, pool.measures):
            rows += _gain(f"**{pool.name}**", name, pool.scores)
    return table(["set", "measure", "our error", "best rival's", "rival", "fewer errors"], rows) if rows else ""


def _parts_table(results: Sequence[Result]) -> str:
    """Each part of the slices, ours beside the best rival's best setting; empty where slices have no parts."""
    divided = [result for result in results if any(len(row.parts) > 1 for row in result.rows)]
    names = list(dict.fromkeys(name for result in divided for row in result.rows for name in row.parts))
    rows = [[name, *(_part(result, name) for result in divided)] for name in names]
    head = ["part: ours / best rival", *(result.slice.name for result in divided)]
    return table(head, rows) if rows else ""


def _part(result: Result, name: str) -> str:
    primary = result.slice.primary
    values = {_label(row.engine): row.parts[name].value(primary) for row in result.best() if name in row.parts}
    errors = {key: MEASURES[primary].error(value) for key, value in values.items() if value is not None}
    rivals = [error for key, error in errors.items() if key != OURS]
    return f"{percent(errors.get(OURS))} / {percent(min(rivals, default=None))}" if errors else "–"


def _label(engine: Engine) -> str:
    return OURS if engine.name == OURS else f"{engine.name} {engine.setting}"


def _compared(primary: MeasureName, measures: Sequence[MeasureName]) -> list[MeasureName]:
    """The primary measure, and those beside it that leave out one thing a rival may be weak in."""
    others: tuple[MeasureName, ...] = ("cer_without_spaces", "eojeol_bag_mean", "line_f1")
    return [primary, *(name for name in others if name in measures and name != primary)]


def _gain(label: str, name: MeasureName, scores: dict[str, Score]) -> list[list[str]]:
    measure = MEASURES[name]
    errors = {key: measure.error(value) for key, total in scores.items() if (value := total.value(name)) is not None}
    rivals = {key: error for key, error in errors.items() if key != OURS}
    if OURS not in errors or not rivals:
        return []
    best = min(rivals, key=lambda key: rivals[key])
    title = measure.title if measure.is_error else f"1 - {measure.title}"
    return [[label, title, percent(errors[OURS]), percent(rivals[best]), best, times(rivals[best], errors[OURS])]]


def _settings_table(results: Sequence[Result]) -> str:
    head = ["set", "engine", "setting", "measure", "value", "CER, spaces ignored", "ms/image"]
    rows = []
    for result in results:
        primary = result.slice.primary
        for row in result.rows:
            values = [percent(row.score.value(primary)), percent(row.score.value("cer_without_spaces"))]
            cost = f"{1e3 * row.score.wall / max(row.score.images, 1):.1f}"
            place = [result.slice.name, row.engine.name, _marked(row)]
            rows.append([*place, MEASURES[primary].title, *values, cost])
    return table(head, rows)


def _marked(row: Row) -> str:
    return f"**{row.engine.setting}**" if row.best else row.engine.setting


def _costs_table(timings: Sequence[Timing]) -> str:
    head = [
        "engine", "setting", "CER", "CER, spaces ignored", "soft end-to-end F1", "cold wall s", "cold CPU s",
        "warm wall s", "warm CPU s", "warm ms/line", "start s", "peak RSS MB", "weights MB",
    ]  # fmt: skip
    rows: list[list[str]] = []
    for timing in timings:
        cold, warm, total = timing.cold, timing.warm, timing.score
        seconds = [f"{value:.2f}" for value in (cold.wall, cold.cpu, warm.wall, warm.cpu)]
        rows.append(
            [
                timing.engine.name, timing.engine.setting + ("" if timing.reads else " (does not read it)"),
                *(percent(total.value(name)) for name in ("cer", "cer_without_spaces", "soft_f1")),
                *seconds, f"{1e3 * warm.wall / max(total.lines, 1):.1f}", f"{max(0.0, cold.wall - warm.wall):.2f}",
                f"{cold.rss / 1e6:.0f}", f"{timing.engine.weights_bytes / 1e6:.1f}",
            ]
        )  # fmt: skip
    note = (
        "One A4 page at 300 dpi, about 2,200 characters in 40 lines, drawn clean from a held-out font. Cold is one "
        "process for one page; warm is what each further page costs that process; start is the difference."
    )
    return f"{note}\n\n{table(head, rows)}"


def speed_markdown(meta: Json, timings: Sequence[Timing], lines: Sequence[LineTiming] = ()) -> str:
    """The speed run as Markdown."""
    parts = ["# Speed", preamble(meta), "![Seconds for a page](speed.svg)", _costs_table(timings)]
    found = ratios(timings)
    if found:
        parts.append(
            f"Against {found['rival']}, the fastest rival setting that reads the page (CER, spaces ignored, under "
            f"{percent(READS)}), ours takes {found['warm_wall']} × less wall time and {found['warm_cpu']} × less CPU "
            f"time per page when warm; {found['cold_wall']} × and {found['cold_cpu']} × with process start and loading."
        )
    if lines:
        rows = [
            [one.engine.name, one.engine.setting, f"{1000 * one.wall:.1f}", f"{one.exact:.0%} of {one.lines}"]
            for one in lines
        ]
        parts.append(
            "Single lines of 20 characters in the same font and size, images of their own: the median, ours one call a "
            "line, a rival's all in one process, its start spread over them."
        )
        parts.append(table(["engine", "setting", "ms a line", "lines right"], rows))
    return "\n\n".join(parts) + "\n"


def accuracy_charts(folder: Path, results: Sequence[Result]) -> None:
    """Draw the error of each engine name on each slice and pool, one chart for each group."""
    names = list(dict.fromkeys(row.engine.name for result in results for row in result.rows))
    together = pools(results)
    for group in dict.fromkeys(result.slice.group for result in results):
        bars = []
        for result in results:
            if result.slice.group == group:
                scores = {row.engine.name: row.score for row in result.best()}
                bars.append(_bars(result.slice.name, result.slice.primary, scores, names))
        bars += [_bars(pool.name, pool.primary, pool.scores, names) for pool in together if pool.group == group]
        note = "Error, shorter is better: CER where the tables compare by it, else 1 - F1"
        picture = chart.bars(group.capitalize(), note, names, bars, lambda value: f"{value:.2f} %")
        chart.write(picture, folder / _chart_name(group))


def _chart_name(group: str) -> str:
    return f"accuracy-{group.replace(' ', '-')}.svg"


def _bars(label: str, primary: MeasureName, scores: dict[str, Score], names: Sequence[str]) -> chart.Group:
    values = []
    for name in names:
        value = scores[name].value(primary) if name in scores else None
        values.append(None if value is None else 100 * MEASURES[primary].error(value))
    return chart.Group(label, tuple(values))


def speed_chart(path: Path, timings: Sequence[Timing]) -> None:
    """Draw wall and CPU time of each setting that reads the page."""
    groups = [
        chart.Group(
            f"{timing.engine.name}, {timing.engine.setting}", (timing.warm.wall, timing.warm.cpu, timing.cold.wall)
        )
        for timing in timings
        if timing.reads
    ]
    series = ("wall, each further page", "CPU, each further page", "wall, one page with start")
    chart.write(
        chart.bars(
            "An A4 page at 300 dpi", "Seconds, shorter is better", series, groups, lambda value: f"{value:.2f} s"
        ),
        path,
    )


def write(folder: Path, name: str, content: Json, markdown: str) -> None:
    """Write ``NAME.json`` and ``NAME.md``, each under a temporary name first."""
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in ((".json", json.dumps(content, ensure_ascii=False, indent=1) + "\n"), (".md", markdown)):
        part = folder / f"{name}{suffix}.part"
        part.write_text(text, "utf-8")
        part.replace(folder / f"{name}{suffix}")
