"""Character n-gram language models: what they are asked, and the file they are kept in.

A model is a trie of n-grams with interpolated probabilities and back-off weights (Chen and Goodman, "An Empirical Study
of Smoothing Techniques for Language Modeling", 1999), laid out level by level as KenLM's (Heafield 2011, section 3.2):
the children of a node stand together, sorted by character. `geulnun.decode.ngram_build` counts texts into one.

The file is a zip of plain arrays (``.npz``); reading it runs nothing and takes no pickles:

    meta          int64 (4,)  format, order, number of characters that training never saw, steps per unit of -ln p
    characters    uint32 (V - 2,) code points; ids 0 and 1 are the unknown character and the end of a line
    chars_n       uint16 (M,) last character of each n-gram, for n from 2 on
    costs_n       uint16 (M,) -ln p of it given those before
    backoffs_n    uint16 (M,) -ln of what is left for shorter contexts, below the highest order
    children_n    uint16 (M,) how many n-grams of order n + 1 begin with it, below the highest order
"""

from __future__ import annotations

import io
import math
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from geulnun.charset import normalise
from geulnun.errors import DamagedInputError, MissingInputError

#: Indices of the trie's nodes for the last 1, 2, ... characters of a context, as far as the trie knows them.
State = tuple[int, ...]

UNKNOWN, END = 0, 1
#: Orders that can be built and read.
ORDERS = range(1, 8)
FORMAT = 1
#: Fixed-point steps per unit of -ln p; 65535 of them are exp(-32).
STEPS = 2048
#: What the readers of zips and of arrays raise on damage; RuntimeError is that of encrypted members.
_DAMAGE = (
    ValueError,
    OSError,
    EOFError,
    OverflowError,
    TypeError,
    RuntimeError,
    SyntaxError,
    zipfile.BadZipFile,
    zlib.error,
)
#: A file that would unfold to more than this is refused.
_MOST_BYTES = 2 << 30


@dataclass(frozen=True, eq=False)
class Level:
    """All n-grams of one order; arrays (M,), the last two empty at the highest order."""

    chars: NDArray[np.uint16]
    costs: NDArray[np.uint16]
    backoffs: NDArray[np.uint16]
    children: NDArray[np.uint16]


class NGram:
    """A character n-gram model; safe to share between threads.

    Args:
        characters: the vocabulary in order of its ids, which begin at 2.
        unseen: how many characters beyond it may occur; they share the unknown character's probability.
        levels: order 1 first. Its chars are all ids in order.

    Raises:
        ValueError: the levels do not fit together; the message says where.
    """

    def __init__(self, characters: str, unseen: int, levels: Iterable[Level]) -> None:
        self.characters, self.unseen, self.levels = characters, unseen, tuple(levels)
        _check(len(characters) + 2, self.levels)
        self._ids = {char: at for at, char in enumerate(characters, 2)}
        # Single elements of a memoryview are plain ints, several times as fast to get as NumPy's scalars.
        self._chars = [level.chars.data for level in self.levels]
        self._costs = [level.costs.data for level in self.levels]
        self._backoffs = [level.backoffs.data for level in self.levels]
        firsts = (np.cumsum(np.append(0, level.children), dtype=np.int64) for level in self.levels[:-1])
        self._firsts = [first.data for first in firsts]
        self._strange = math.log(max(unseen, 1))

    @property
    def order(self) -> int:
        """Characters of the longest n-grams."""
        return len(self.levels)

    @property
    def size(self) -> int:
        """Number of n-grams of all orders."""
        return sum(len(level.chars) for level in self.levels)

    @property
    def begin(self) -> State:
        """The context at the beginning of a sentence."""
        return (END,) if self.order > 1 else ()

    def after(self, context: str) -> State:
        """The context after some characters, for text that does not begin with a sentence."""
        state: State = ()
        for char in context:
            state, _ = self.step(state, char)
        return state

    def step(self, state: State, char: str) -> tuple[State, float]:
        """The context after one more character, and the natural logarithm of its probability."""
        index = self._ids.get(char, UNKNOWN)
        state, score = self._step(state, index)
        return state, score - self._strange if index == UNKNOWN else score

    def end(self, state: State) -> float:
        """Natural logarithm of the probability that the sentence ends here."""
        return self._step(state, END)[1]

    def _step(self, state: State, index: int) -> tuple[State, float]:
        found = [index]
        # The trie holds the end of every n-gram it holds: what the shorter context has not, the longer has not.
        for level, node in enumerate(state):
            firsts, chars = self._firsts[level], self._chars[level + 1]
            last = firsts[node + 1]
            at = bisect_left(chars, index, firsts[node], last)
            if at == last or chars[at] != index:
                break
            found.append(at)
        matched = len(found)
        cost = self._costs[matched - 1][found[-1]]
        for level in range(matched - 1, len(state)):
            cost += self._backoffs[level][state[level]]
        return tuple(found[: self.order - 1]), -cost / STEPS

    def score(self, line: str, *, begin: bool = True, end: bool = True) -> float:
        """Natural logarithm of the probability of a normalised line; with ``end``, of its end as well."""
        state = self.begin if begin else ()
        total = 0.0
        for char in line:
            state, score = self.step(state, char)
            total += score
        return total + (self.end(state) if end else 0.0)

    def bits(self, lines: Iterable[str]) -> Bits:
        """What it costs to write these lines, normalised first; empty ones are skipped."""
        nats, count = 0.0, 0
        for line in map(normalise, lines):
            if line:
                nats -= self.score(line)
                count += len(line) + 1
        return Bits(nats / math.log(2), count)

    def to_bytes(self) -> bytes:
        """The file's content."""
        arrays: dict[str, NDArray[np.generic]] = {
            "meta": np.asarray([FORMAT, self.order, self.unseen, STEPS], np.int64),
            "characters": np.asarray([ord(char) for char in self.characters], np.uint32),
        }
        for order, level in enumerate(self.levels, 1):
            arrays |= {f"chars_{order}": level.chars} if order > 1 else {}
            arrays |= {f"costs_{order}": level.costs}
            if order < self.order:
                arrays |= {f"backoffs_{order}": level.backoffs, f"children_{order}": level.children}
        stream = io.BytesIO()
        np.savez_compressed(stream, allow_pickle=False, **arrays)
        return stream.getvalue()


@dataclass(frozen=True, slots=True)
class Bits:
    """Information in a text: ``total`` bits over ``count`` characters, the end of each line one of them."""

    total: float
    count: int

    @property
    def per_character(self) -> float:
        """Cross-entropy in bits per character, 0.0 for no text."""
        return self.total / self.count if self.count else 0.0

    @property
    def perplexity(self) -> float:
        """2 to the power of that."""
        return float(2**self.per_character)


def load(path: Path) -> NGram:
    """Read a model.

    Raises:
        MissingInputError: there is no such file.
        DamagedInputError: it is not such a model, or damaged.
    """
    if not path.is_file():
        raise MissingInputError(f"{path}: no such language model; build one with `geulnun lm build`")
    try:
        arrays = _arrays(path.read_bytes())
        form, order, unseen, steps = (int(value) for value in arrays["meta"])
        if form != FORMAT or order not in ORDERS or steps != STEPS or unseen < 0:
            raise ValueError(f"format {form}, order {order}; expected format {FORMAT} and order 1 to {ORDERS[-1]}")
        characters = "".join(map(chr, arrays["characters"].tolist()))
        return NGram(characters, unseen, [_level(arrays, n, order, len(characters) + 2) for n in range(1, order + 1)])
    except KeyError as error:
        raise DamagedInputError(f"{path}: not a language model, it lacks {error}; build it again") from error
    except _DAMAGE as error:
        reason = " ".join(str(error).split())[:120]
        raise DamagedInputError(f"{path}: not a language model or damaged ({reason}); build it again") from error


def _arrays(content: bytes) -> Mapping[str, NDArray[np.generic]]:
    """The arrays of the zip; their number and sizes are checked before any is unfolded."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        if len(members) > 2 + 4 * len(ORDERS) or sum(member.file_size for member in members) > _MOST_BYTES:
            raise ValueError("more arrays than a language model has")
        out = {}
        for member in members:
            raw = archive.read(member)
            out[member.filename.removesuffix(".npy")] = _array(raw)
        return out


def _array(raw: bytes) -> NDArray[np.generic]:
    """One array of an archive; its header is read first, for it may promise more than follows."""
    stream = io.BytesIO(raw)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise ValueError("an array in a newer format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream, max_header_size=1000)
    content = memoryview(raw)[stream.tell() :]
    if len(shape) != 1 or dtype.kind not in "iu" or shape[0] * dtype.itemsize != len(content):
        raise ValueError(f"an array of shape {shape} and type {dtype} in {len(content)} bytes")
    return np.frombuffer(content, dtype)


def _level(arrays: Mapping[str, NDArray[np.generic]], order: int, highest: int, vocabulary: int) -> Level:
    empty = np.zeros(0, np.uint16)
    chars = np.arange(vocabulary, dtype=np.uint16) if order == 1 else arrays[f"chars_{order}"]
    inner = (arrays[f"backoffs_{order}"], arrays[f"children_{order}"]) if order < highest else (empty, empty)
    return Level(
        *(np.asarray(array).astype(np.uint16, casting="safe") for array in (chars, arrays[f"costs_{order}"], *inner))
    )


def _check(vocabulary: int, levels: tuple[Level, ...]) -> None:
    """Make sure that no index can lead astray.

    Raises:
        ValueError: lengths or characters do not fit.
    """
    if not levels or not np.array_equal(levels[0].chars, np.arange(vocabulary)):
        raise ValueError("its first level is not its vocabulary")
    for order, level in enumerate(levels, 1):
        inner = len(level.chars) if order < len(levels) else 0
        if len(level.costs) != len(level.chars) or len(level.backoffs) != inner or len(level.children) != inner:
            raise ValueError(f"arrays of order {order} differ in length")
        if order < len(levels) and int(level.children.sum(dtype=np.int64)) != len(levels[order].chars):
            raise ValueError(f"order {order + 1} does not have the n-grams that order {order} announces")
        if len(level.chars) and int(level.chars.max()) >= vocabulary:
            raise ValueError(f"order {order} has characters beyond the vocabulary")
