"""The accuracy run: every engine reads every sample, chunk by chunk in turn, and each slice is one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from geulnun.bench.engines import Engine, Reading
from geulnun.bench.samples import Sample, Slice
from geulnun.bench.score import MEASURES, MeasureName, Score, score
from geulnun.bench.store import Store

#: Samples read by one engine before the next has its turn: enough to spread a process's start over lines.
_CHUNK = {"page": 4, "line": 50, "word": 50}


@dataclass(frozen=True)
class Row:
    """What one engine in one setting reached on a slice.

    Attributes:
        engine: The engine.
        parts: Its score on each part of the slice, by name; one part without a name if there are none.
        best: Whether this is the best setting of the engine's name on this slice.
    """

    engine: Engine
    parts: Mapping[str, Score]
    best: bool

    @property
    def score(self) -> Score:
        """The score on the whole slice."""
        return sum(self.parts.values(), Score())


@dataclass(frozen=True)
class Result:
    """All rows of one slice, in the order of the engines."""

    slice: Slice
    rows: tuple[Row, ...]

    def best(self) -> list[Row]:
        """The best row of each engine name."""
        return [row for row in self.rows if row.best]


def run(
    slices: Sequence[Slice], engines: Sequence[Engine], store: Store, progress: Callable[[Slice, Engine, int], None]
) -> list[Result]:
    """Read and score.

    Args:
        slices: What to read.
        engines: Who reads; each takes part where the slice's level is one of its own.
        store: Keeps the readings, and gives back earlier ones if it may.
        progress: Called with the number of samples just read.

    Raises:
        GeulnunError: an engine failed.
    """
    out = []
    for part in slices:
        suited = [engine for engine in engines if takes_part(engine, part)]
        scores: list[dict[str, Score]] = [{} for _ in suited]
        for chunk in _chunks(part.samples(), _CHUNK[part.level]):
            for index, engine in enumerate(suited):
                for sample, reading in zip(chunk, _read(engine, chunk, part, store), strict=True):
                    one = score(sample.truth, reading.page, reading.wall, reading.cpu, part.measures)
                    scores[index][sample.part] = scores[index].get(sample.part, Score()) + one
                progress(part, engine, len(chunk))
        store.flush()
        out.append(Result(part, _rows(part, suited, scores)))
    return out


def takes_part(engine: Engine, part: Slice) -> bool:
    """Whether an engine's setting is meant for a slice."""
    return part.level in engine.levels and (part.vertical or not engine.vertical)


def _chunks(samples: Iterator[Sample], size: int) -> Iterator[list[Sample]]:
    while chunk := list(islice(samples, size)):
        yield chunk


def _read(engine: Engine, chunk: Sequence[Sample], part: Slice, store: Store) -> list[Reading]:
    known = [store.get(engine, sample.image, part.level) for sample in chunk]
    unread = [sample for sample, reading in zip(chunk, known, strict=True) if reading is None]
    images, names = [sample.image for sample in unread], [sample.name for sample in unread]
    fresh = engine.read(images, part.level, names) if unread else []
    for sample, reading in zip(unread, fresh, strict=True):
        store.put(engine, sample.image, part.level, reading)
    rest = iter(fresh)
    return [next(rest) if reading is None else reading for reading in known]


def _rows(part: Slice, engines: Sequence[Engine], scores: Sequence[Mapping[str, Score]]) -> tuple[Row, ...]:
    rows = [Row(engine, parts, best=False) for engine, parts in zip(engines, scores, strict=True)]
    best: dict[str, int] = {}
    for index, row in enumerate(rows):
        kept = best.setdefault(row.engine.name, index)
        if _error(part, row.score) < _error(part, rows[kept].score):
            best[row.engine.name] = index
    chosen = set(best.values())
    return tuple(replace(row, best=index in chosen) for index, row in enumerate(rows))


def _error(part: Slice, total: Score) -> float:
    value = total.value(part.primary)
    return float("inf") if value is None else MEASURES[part.primary].error(value)


@dataclass(frozen=True)
class Pooled:
    """Slices of one pool together, each engine name in its best setting on each of them."""

    name: str
    group: str
    measures: tuple[MeasureName, ...]
    primary: MeasureName
    scores: dict[str, Score]


def pools(results: Sequence[Result]) -> list[Pooled]:
    """The pools of more than one slice, with the measures that all their slices have."""
    members: dict[tuple[str, str], list[Result]] = {}
    for result in results:
        if result.slice.pool and result.rows:
            members.setdefault((result.slice.group, result.slice.pool), []).append(result)
    out = []
    for (group, name), parts in members.items():
        if len(parts) > 1:
            common = [measure for measure in MEASURES if all(measure in part.slice.measures for part in parts)]
            scores: dict[str, Score] = {}
            for row in (row for part in parts for row in part.best()):
                scores[row.engine.name] = scores.get(row.engine.name, Score()) + row.score
            # The primary measure of most members that all of them have.
            primaries = [part.slice.primary for part in parts if part.slice.primary in common]
            primary = max(primaries, key=primaries.count) if primaries else common[0]
            out.append(Pooled(name, group, tuple(common), primary, scores))
    return out
