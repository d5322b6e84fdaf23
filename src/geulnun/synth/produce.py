"""Data sets on disk: samples drawn in worker processes, handed in order to a writer, resumed after a kill.

What is written depends on the source, the seed and the count alone. Workers draw chunks of indices and encode the
images; this process puts the chunks in order, and holds no more than a few of them for each worker. A state file in
the set's folder says what the set is of and how many samples are safely there.
"""

from __future__ import annotations

import errno
import json
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from time import monotonic
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from geulnun.document import Page
from geulnun.errors import GeulnunError, UsageError
from geulnun.synth.sample import Facts, Sample, Source
from geulnun.write.sets import SetOptions, SetWriter, open_set
from geulnun.write.sets import encode as encode_image

#: The state file, beside the samples.
STATE = ".geulnun-synth.json"
#: Seconds between two moments from which a killed run can go on.
SAVE_EVERY = 2.0
#: A chunk is what a worker draws at a time; a worker has this many waiting.
_LONGEST_CHUNK, _AHEAD = 32, 3

#: What must be the same for a set to go on, and its name in messages.
_COMPARED = (
    ("format", "format"), ("options", "writing options"), ("recipe", "recipe, fonts or texts"), ("seed", "seed"),
    ("count", "number of samples"),
)  # fmt: skip

Image = bytes | NDArray[np.uint8]
Encode = Callable[[NDArray[np.uint8]], bytes]


@dataclass(frozen=True)
class Order:
    """What to draw.

    Attributes:
        count: samples, those of the indices 0 up to it.
        seed: of the samples.
        workers: processes that draw; 1 draws in this process.
        start: "spawn" begins each worker afresh, as every system can; "fork" copies this process.
    """

    count: int
    seed: int = 0
    workers: int = 1
    start: Literal["spawn", "fork", "forkserver"] = "spawn"

    def __post_init__(self) -> None:
        if self.count < 1 or self.seed < 0 or self.workers < 1:
            raise UsageError(
                f"count {self.count}, seed {self.seed}, workers {self.workers}; expected count and workers of at "
                "least 1, and a seed of at least 0"
            )


@dataclass(frozen=True)
class Target:
    """Where a set goes: its folder, the name of its format (`geulnun.write.sets.FORMATS`), and how that writes."""

    folder: Path
    format: str = "folder"
    options: SetOptions = field(default_factory=SetOptions)

    def open(self, start: int) -> SetWriter:
        """A writer behind the first ``start`` samples; what was written after them is dropped."""
        return open_set(self.format, self.folder, self.options, start)


@dataclass(frozen=True)
class State:
    """What the state file says: what the set is of, how many samples are written, and whether all is done."""

    recipe: str
    format: str
    options: dict[str, object]
    seed: int
    count: int
    written: int = 0
    finished: bool = False

    def save(self, folder: Path) -> None:
        """Write the file, through another one beside it."""
        part = folder / (STATE + ".part")
        part.write_text(json.dumps(asdict(self)) + "\n", "utf-8")
        part.replace(folder / STATE)


@dataclass(frozen=True)
class Drawn:
    """A sample on its way to the writer."""

    index: int
    image: Image
    page: Page
    facts: Facts


def produce(
    make: Callable[[], Source],
    order: Order,
    target: Target,
    recipe: str,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Draw a set into a folder, or what is still missing of it.

    Args:
        make: builds the source; called once in each process, so it must be picklable where there are workers.
        order: how many samples, and by what seed.
        target: where they go. The folder is made if it is not there, and refused if it holds another set.
        recipe: digest of what is drawn; a folder begun with another one is not continued.
        progress: called with the number of samples written so far.

    Returns:
        How many samples were drawn now; 0 if the set was complete.

    Raises:
        UsageError: the folder holds something else, or the source has fewer samples.
        GeulnunError: the disk is full, a worker died, or a sample cannot be drawn; what is written is kept.
    """
    folder = target.folder
    state = begin(folder, State(recipe, target.format, asdict(target.options), order.seed, order.count))
    if state.finished:
        return 0
    with _no_space(folder):
        folder.mkdir(parents=True, exist_ok=True)
        state.save(folder)
        writer = target.open(state.written)
        state = replace(state, written=writer.done)
        kind = writer.extension
        encode = partial(encode_image, extension=kind, quality=target.options.quality) if kind else None
        done = False
        try:
            drawn = draw(make, range(state.written, order.count), order, encode)
            _fill(writer, drawn, folder, state, progress)
            writer.close()
            done = True
        finally:
            if not done:
                writer.abort()
        replace(state, written=order.count, finished=True).save(folder)
    return order.count - state.written


def begin(folder: Path, wanted: State) -> State:
    """The state that a run in ``folder`` begins with: ``wanted``, or how far an earlier run of the same set came.

    Raises:
        UsageError: the folder holds something else; the message says what.
    """
    path = folder / STATE
    if not path.is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder}: not an empty folder, and no set begun here before; choose another")
        return wanted
    try:
        found = State(**json.loads(path.read_text("utf-8")))
        wanted = State(**json.loads(json.dumps(asdict(wanted))))
    except (ValueError, TypeError) as error:
        raise UsageError(f"{path}: damaged; delete the folder, or choose another") from error
    for name, title in _COMPARED:
        have, want = getattr(found, name), getattr(wanted, name)
        if have != want:
            raise UsageError(
                f"{folder}: holds {found.written} samples of a set with another {title} ({have}, now {want}); "
                "repeat the command that began it, choose another folder, or delete this one"
            )
    return found


def _fill(
    writer: SetWriter, drawn: Generator[Drawn], folder: Path, state: State, progress: Callable[[int], None] | None
) -> None:
    """Hand samples to the writer, and note every now and then how many are safe."""
    saved = monotonic()
    written = state.written

    def save() -> None:
        writer.flush()
        replace(state, written=written).save(folder)

    try:
        # Closed at once, so that workers end with whatever ended this loop.
        with closing(drawn):
            for one in drawn:
                writer.add(name_of(one.index, one.facts), one.image, one.page, one.facts)
                written = one.index + 1
                if progress:
                    progress(written)
                if monotonic() - saved > SAVE_EVERY:
                    save()
                    saved = monotonic()
    except (KeyboardInterrupt, GeulnunError):
        # What cannot be saved now is drawn again next time.
        with suppress(OSError, GeulnunError):
            save()
        raise


def name_of(index: int, facts: Facts) -> str:
    """The stem of a sample's file: its number, or what its facts call "name" with its number in place of {index}."""
    wanted = facts.get("name")
    if wanted is None:
        return f"{index:08d}"
    text = str(wanted) if "{index}" in str(wanted) else f"{wanted}_{{index}}"
    head, _, tail = text.partition("{index}")
    number = str(index) if head or tail else f"{index:08d}"
    # Writers take 200 bytes.
    head, tail = (_cut(_safe(part), 88) for part in (head, tail))
    name = f"{head}{number}{tail}"
    return f"_{name[1:]}" if name.startswith(".") else name


def _safe(text: str) -> str:
    return "".join("_" if char in '/\\:*?"<>|\x7f' or ord(char) < 32 else char for char in text)


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode("utf-8", "ignore")


def draw(make: Callable[[], Source], indices: range, order: Order, encode: Encode | None = None) -> Generator[Drawn]:
    """Draw the samples of ``indices`` in order, with the processes that ``order`` names.

    Raises:
        UsageError: the source has fewer samples.
        GeulnunError: a sample cannot be drawn, or a worker died.
    """
    step = max(1, min(_LONGEST_CHUNK, len(indices) // (4 * order.workers)))
    chunks = (indices[at : at + step] for at in range(0, len(indices), step))
    # Built here too where workers draw: what cannot be built is told at once, and what fonts draw is found out once.
    source = make()
    if source.size is not None and indices.stop > source.size:
        raise UsageError(f"{indices.stop} samples were asked for; this recipe has {source.size}")
    if order.workers == 1:
        yield from _draw_here(_Worker(source, order.seed, encode), chunks)
        return
    pool = ProcessPoolExecutor(
        order.workers, get_context(order.start), initializer=_begin, initargs=(make, order.seed, encode)
    )
    waiting: deque[Future[list[Drawn]]] = deque()
    try:
        for chunk in chunks:
            waiting.append(pool.submit(_draw_chunk, chunk))
            if len(waiting) > _AHEAD * order.workers:
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()
    except BrokenProcessPool as error:
        raise GeulnunError(
            "a worker process died, perhaps for want of memory; repeat the command with fewer --workers to go on"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _draw_here(worker: _Worker, chunks: Iterable[range]) -> Iterator[Drawn]:
    threads = cv2.getNumThreads()
    try:
        for chunk in chunks:
            for index in chunk:
                cv2.setNumThreads(1)
                yield worker.draw(index)
    finally:
        cv2.setNumThreads(threads)


@dataclass(frozen=True)
class _Worker:
    """What draws in one process."""

    source: Source
    seed: int
    encode: Encode | None

    def draw(self, index: int) -> Drawn:
        try:
            sample: Sample = self.source.sample(index, self.seed)
        except GeulnunError:
            raise
        except Exception as error:
            hint = "a font file may be damaged" if isinstance(error, OSError) else "please report it"
            what = " ".join(f"{type(error).__name__}: {error}".split())
            raise GeulnunError(f"sample {index} of seed {self.seed} cannot be drawn ({what}); {hint}") from error
        image = sample.image if self.encode is None else self.encode(sample.image)
        return Drawn(index, image, sample.page, dict(sample.facts))


#: This process's worker, or why there is none: an error in an initialiser would be lost.
_here: _Worker | GeulnunError | None = None


def _begin(make: Callable[[], Source], seed: int, encode: Encode | None) -> None:
    global _here
    # Ctrl-C is the parent's affair: it stops the workers when it has saved its state.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cv2.setNumThreads(1)
    try:
        _here = _Worker(make(), seed, encode)
    except GeulnunError as error:
        _here = error


def _draw_chunk(indices: range) -> list[Drawn]:
    if not isinstance(_here, _Worker):
        raise _here or GeulnunError("a worker was not set up")
    return [_here.draw(index) for index in indices]


@contextmanager
def _no_space(folder: Path) -> Iterator[None]:
    """Tell of a full disk in one line, whoever noticed it."""
    try:
        yield
    except (OSError, GeulnunError) as error:
        cause = error if isinstance(error, OSError) else error.__cause__
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            raise GeulnunError(
                f"{folder}: no space is left on the disk; free some and repeat the command, which then goes on"
            ) from error
        if isinstance(error, OSError):
            raise GeulnunError(f"{folder}: cannot be written ({error.strerror or error}); choose another") from error
        raise
