"""A reader of pickles that runs nothing.

Python's own unpickler is a machine that calls whatever a file names. This one only knows how plain values and NumPy
arrays are written: it takes the opcodes apart (`pickletools.genops` decodes, it does not execute), keeps a stack of
lists, dicts, texts, bytes and numbers, and notes an array as what it is said to consist of. A name of anything else is
refused when it comes, before any of it could matter. Sizes are checked against the bytes that are there, and nothing is
allocated by what a file declares.
"""

from __future__ import annotations

import math
import pickletools
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from geulnun.errors import DamagedInputError

#: Opcodes of the largest file that is read; a pickle of 5,000 characters has some 20,000.
MOST_OPCODES = 20_000_000

_ARRAY = frozenset(
    f"{module}.{name}"
    for module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
    for name in ("_reconstruct", "ndarray")
)
_ALLOWED = _ARRAY | {
    "numpy.dtype", "builtins.bytearray", "__builtin__.bytearray", "_codecs.encode",
    "numpy.core.numeric._frombuffer", "numpy._core.numeric._frombuffer",
}  # fmt: skip
#: Dtypes that hold no code; NumPy's own reader of such strings evaluates parts of them.
_CODE = re.compile(r"[<>|=]?(?:[iu][1248]|f[248]|b1|[SU]\d{1,6}|O[48]?)")


class _RefusedError(Exception):
    """Why a file is not read."""


@dataclass(slots=True)
class _Name:
    """A name that a pickle mentions; only a name, never what it names."""

    name: str


@dataclass(slots=True)
class _DType:
    """A dtype as a pickle describes it."""

    code: str
    order: Literal["<", ">", "|"] = "|"

    def made(self) -> np.dtype[Any]:
        """The dtype, of the kinds that hold no code."""
        if not _CODE.fullmatch(self.code):
            raise _RefusedError(f"an array of {self.code!r:.40}")
        return np.dtype(self.code).newbyteorder(self.order) if self.order in "<>" else np.dtype(self.code)


@dataclass(slots=True)
class PickledArray:
    """An array as a pickle describes it, not yet made.

    Attributes:
        shape: its shape.
        dtype: its dtype.
        content: its bytes.
        fortran: whether they run along the first axis first.
        objects: the elements of an array of objects, None for all others.
    """

    shape: tuple[int, ...] = ()
    dtype: _DType | None = None
    content: bytes = b""
    fortran: bool = False
    objects: list[Any] | None = None

    def array(self, place: str) -> NDArray[Any]:
        """The array.

        Raises:
            DamagedInputError: its bytes are not what shape and dtype ask for.
        """
        try:
            if self.dtype is None or self.objects is not None:
                raise _RefusedError("an array without numbers or texts")
            dtype = self.dtype.made()
            if dtype.kind == "O" or math.prod(self.shape) * dtype.itemsize != len(self.content):
                raise _RefusedError(f"an array of {self.shape} {dtype} in {len(self.content)} bytes")
            flat: NDArray[Any] = np.frombuffer(self.content, dtype)
            return flat.reshape(self.shape, order="F" if self.fortran else "C")
        except (_RefusedError, ValueError, TypeError) as error:
            raise DamagedInputError(f"{place}: {error}; the pickle is damaged") from error


def read_pickle(content: bytes, place: str) -> Any:
    """Read a pickle of plain values and arrays, without running any of it.

    Args:
        content: the file's content, of any protocol.
        place: what messages call it.

    Returns:
        None, numbers, texts, bytes, lists, tuples, dicts, and a `PickledArray` for each array.

    Raises:
        DamagedInputError: it is cut short or damaged, or it names what is neither a plain value nor an array.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Of odd escapes in texts of protocol 0.
            return _run(content)
    except _RefusedError as error:
        raise DamagedInputError(f"{place}: refused, it holds {error}; only plain values and arrays are read") from error
    except (ValueError, IndexError, TypeError, KeyError, AttributeError, RecursionError, OverflowError) as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise DamagedInputError(f"{place}: not a whole pickle ({reason}); fetch it again") from error


def _run(content: bytes) -> Any:
    machine = _Machine()
    for count, (opcode, argument, at) in enumerate(pickletools.genops(content)):
        if count > MOST_OPCODES:
            raise _RefusedError(f"more than {MOST_OPCODES:,} opcodes")
        if opcode.name == "STOP":
            return machine.pop()
        step = _STEPS.get(opcode.name)
        if step is None:
            raise _RefusedError(f"the opcode {opcode.name} at byte {at}, which plain data has no use for")
        step(machine, argument)
    raise _RefusedError("no end")


@dataclass(slots=True)
class _Machine:
    stack: list[Any] = field(default_factory=list)
    marks: list[int] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)

    def pop(self) -> Any:
        return self.stack.pop()

    def push(self, value: Any) -> None:
        self.stack.append(value)

    def since_mark(self) -> list[Any]:
        start = self.marks.pop()
        items = self.stack[start:]
        del self.stack[start:]
        return items

    def top(self, count: int) -> list[Any]:
        items = self.stack[len(self.stack) - count :]
        if len(items) != count:
            raise IndexError("an empty stack")
        del self.stack[len(self.stack) - count :]
        return items


_Step = Callable[[_Machine, Any], None]


def _push(machine: _Machine, value: Any) -> None:
    machine.push(value)


def _constant(make: Callable[[], Any]) -> _Step:
    return lambda machine, _: machine.push(make())


def _nothing(machine: _Machine, _: Any) -> None:
    pass


def _drop(machine: _Machine, _: Any) -> None:
    machine.since_mark()


def _tuple(count: int) -> _Step:
    return lambda machine, _: machine.push(tuple(machine.top(count)))


def _extend(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not list:
        raise _RefusedError("an append to what is no list")
    target.extend(items)


def _set(machine: _Machine, items: list[Any]) -> None:
    target = machine.stack[-1]
    if type(target) is not dict:
        raise _RefusedError("an entry of what is no dict")
    if any(not isinstance(key, str | bytes | int | float | None) for key in items[::2]):
        raise _RefusedError("a key that is no plain value")
    target.update(zip(items[::2], items[1::2], strict=True))


def _dict(machine: _Machine, _: Any) -> None:
    items = machine.since_mark()
    machine.push({})
    _set(machine, items)


def _name(machine: _Machine, name: str) -> None:
    if name not in _ALLOWED:
        raise _RefusedError(f"{name}, which would be run")
    machine.push(_Name(name))


def _stack_name(machine: _Machine, _: Any) -> None:
    module, name = machine.top(2)
    _name(machine, f"{module}.{name}")


def _reduce(machine: _Machine, _: Any) -> None:
    name, arguments = machine.top(2)
    if not isinstance(name, _Name) or not isinstance(arguments, tuple):
        raise _RefusedError("a call of what is no array")
    machine.push(_called(name.name, arguments))


def _called(name: str, arguments: tuple[Any, ...]) -> Any:
    """What the call of one of the allowed names stands for."""
    short = name.rpartition(".")[2]
    if short == "dtype" and isinstance(arguments[0], str):
        return _DType(arguments[0])
    if short == "_reconstruct" and isinstance(arguments[0], _Name):
        return PickledArray()
    if short == "ndarray" and len(arguments) >= 3 and isinstance(arguments[1], str):
        return PickledArray(_shape(arguments[0]), _DType(arguments[1]), _bytes(arguments[2]))
    if short == "_frombuffer":
        buffer, dtype, shape, order = arguments
        return PickledArray(_shape(shape), _dtype(dtype), _bytes(buffer), order == "F")
    if short == "bytearray" and len(arguments) <= 1:
        return _bytes(arguments[0]) if arguments else b""
    if short == "encode" and len(arguments) == 2 and arguments[1] == "latin1" and isinstance(arguments[0], str):
        return arguments[0].encode("latin1")
    raise _RefusedError(f"a call of {name} in a way that arrays are not written")


def _build(machine: _Machine, _: Any) -> None:
    target, state = machine.top(2)
    if isinstance(target, _DType) and isinstance(state, tuple) and state[1] in ("<", ">", "|", "="):
        if any(part is not None for part in state[2:5]):
            raise _RefusedError("an array of records")
        target.order = "<" if state[1] == "<" else ">" if state[1] == ">" else "|"
        machine.push(target)
        return
    if not isinstance(target, PickledArray) or not isinstance(state, tuple) or len(state) != 5:
        raise _RefusedError("the state of what is no array")
    _, shape, dtype, fortran, content = state
    target.shape, target.dtype, target.fortran = _shape(shape), _dtype(dtype), bool(fortran)
    if isinstance(content, list):
        if target.dtype.made().kind != "O" or len(content) != math.prod(target.shape):
            raise _RefusedError("a list where bytes should be")
        target.objects = content
    else:
        target.content = _bytes(content)
    machine.push(target)


def _shape(value: Any) -> tuple[int, ...]:
    if not isinstance(value, tuple) or not all(type(side) is int and 0 <= side < 1 << 40 for side in value):
        raise _RefusedError("an array of a shape that is none")
    return value


def _dtype(value: Any) -> _DType:
    if not isinstance(value, _DType):
        raise _RefusedError("an array without a dtype")
    return value


def _bytes(value: Any) -> bytes:
    if isinstance(value, str):  # Python 2 wrote bytes as text of Latin-1.
        return value.encode("latin1")
    if not isinstance(value, bytes | bytearray):
        raise _RefusedError("an array without bytes")
    return bytes(value)


def _memoize(machine: _Machine, _: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _put(machine: _Machine, index: int) -> None:
    machine.memo[int(index)] = machine.stack[-1]


_VALUES = (
    "INT BININT BININT1 BININT2 LONG LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING UNICODE BINUNICODE "
    "SHORT_BINUNICODE BINUNICODE8 BINBYTES SHORT_BINBYTES BINBYTES8 BYTEARRAY8"
)
_STEPS: dict[str, _Step] = {
    **dict.fromkeys(_VALUES.split(), _push),
    "PROTO": _nothing,
    "FRAME": _nothing,
    "NONE": _constant(lambda: None),
    "NEWTRUE": _constant(lambda: True),
    "NEWFALSE": _constant(lambda: False),
    "EMPTY_LIST": _constant(list),
    "EMPTY_DICT": _constant(dict),
    "EMPTY_TUPLE": _constant(tuple),
    "MARK": lambda machine, _: machine.marks.append(len(machine.stack)),
    "POP": lambda machine, _: machine.pop(),
    "POP_MARK": _drop,
    "DUP": lambda machine, _: machine.push(machine.stack[-1]),
    "LIST": lambda machine, _: machine.push(machine.since_mark()),
    "TUPLE": lambda machine, _: machine.push(tuple(machine.since_mark())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "DICT": _dict,
    "APPEND": lambda machine, _: _extend(machine, machine.top(1)),
    "APPENDS": lambda machine, _: _extend(machine, machine.since_mark()),
    "SETITEM": lambda machine, _: _set(machine, machine.top(2)),
    "SETITEMS": lambda machine, _: _set(machine, machine.since_mark()),
    "MEMOIZE": _memoize,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "GET": lambda machine, index: machine.push(machine.memo[int(index)]),
    "BINGET": lambda machine, index: machine.push(machine.memo[index]),
    "LONG_BINGET": lambda machine, index: machine.push(machine.memo[index]),
    "GLOBAL": lambda machine, name: _name(machine, name.replace(" ", ".", 1)),
    "STACK_GLOBAL": _stack_name,
    "REDUCE": _reduce,
    "BUILD": _build,
}
