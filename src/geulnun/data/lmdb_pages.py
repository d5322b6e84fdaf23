"""Reading an LMDB file page by page (data format 1, LMDB 0.9; http://www.lmdb.tech/doc/).

LMDB itself maps a file into memory and trusts it: one that is cut short ends the process with a signal, and one that is
forged reads what it likes. Here every offset is checked against the file, and reading needs no package.
"""

from __future__ import annotations

import contextlib
import mmap
import struct
from dataclasses import dataclass
from typing import Self

from geulnun.data.tree import File
from geulnun.errors import DamagedInputError

MAGIC = 0xBEEFC0DE
#: Where the magic number lies in a file.
MAGIC_AT = 16
_VERSION = 1
_META = struct.Struct("<IIQQ")
#: Pad or page size, flags, depth, branch, leaf and overflow pages, entries, root.
_TREE = struct.Struct("<IHHQQQQQ")
_PAGE = struct.Struct("<QHHHH")
_NODE = struct.Struct("<HHHH")
_BRANCH, _LEAF, _OVERFLOW = 1, 2, 4
_BIG, _OTHER_KINDS = 1, 2 | 4
_NOTHING = (1 << 64) - 1
_DEEPEST = 32


@dataclass(frozen=True, slots=True)
class _Meta:
    page_size: int
    depth: int
    entries: int
    root: int
    last: int
    transaction: int


class Database:
    """The main database of an LMDB file, for looking up keys."""

    def __init__(self, content: bytes | mmap.mmap, place: str) -> None:
        """Read the heads.

        Raises:
            DamagedInputError: not such a file, or cut short.
        """
        self._content = content
        self._place = place
        found = [meta for at in (0, self._second()) if (meta := self._meta(at)) is not None]
        if not found:
            raise DamagedInputError(f"{place}: not an LMDB file of format {_VERSION}; expected data.mdb")
        self._head = max(found, key=lambda meta: meta.transaction)
        if (self._head.last + 1) * self._head.page_size > len(content):
            raise DamagedInputError(
                f"{place}: cut short, {len(content):,} of {(self._head.last + 1) * self._head.page_size:,} bytes; "
                "fetch it again"
            )

    @classmethod
    def of(cls, file: File) -> Self:
        """Open a file of a set: mapped where it is one of the disk, read whole where it is in an archive."""
        if file.member is not None or not file.size:
            return cls(file.read(), file.place)
        with contextlib.suppress(OSError, ValueError), file.open() as stream:
            return cls(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ), file.place)
        return cls(file.read(), file.place)

    def __len__(self) -> int:
        """How many entries the head declares."""
        return self._head.entries

    def get(self, key: bytes) -> bytes | None:
        """The value of a key, None where there is none.

        Raises:
            DamagedInputError: a page on the way is not what it should be.
        """
        number = self._head.root
        if number == _NOTHING:
            return None
        for _ in range(_DEEPEST):
            start, flags, count = self._page(number)
            if flags & _LEAF:
                at = self._search(start, count, key, 0)
                if at < count and self._key(start, at) == key:
                    return self._value(start, at)
                return None
            if not flags & _BRANCH or not count:
                break
            # The first key of a branch stands for everything below the second.
            at = self._search(start, count, key, 1)
            if at == count or self._key(start, at) != key or at == 0:
                at -= 1
            low, high, top, _ = _NODE.unpack_from(self._content, self._node(start, at))
            number = low | high << 16 | top << 32
        raise self._damaged(number)

    def _second(self) -> int:
        """Where the second head lies: at the page size, which the first tells, or else the usual one."""
        meta = self._meta(0)
        return meta.page_size if meta else 4096

    def _meta(self, at: int) -> _Meta | None:
        start = at + _PAGE.size
        if start + _META.size + 2 * _TREE.size + 16 > len(self._content):
            return None
        magic, version, _, _ = _META.unpack_from(self._content, start)
        if magic != MAGIC or version != _VERSION:
            return None
        free = _TREE.unpack_from(self._content, start + _META.size)
        main = _TREE.unpack_from(self._content, start + _META.size + _TREE.size)
        last, transaction = struct.unpack_from("<QQ", self._content, start + _META.size + 2 * _TREE.size)
        size = free[0]
        if size < 256 or size > 65_536 or size & (size - 1):
            return None
        return _Meta(size, main[2], main[6], main[7], last, transaction)

    def _page(self, number: int) -> tuple[int, int, int]:
        """Where a page starts, its flags, and how many nodes it has."""
        size = self._head.page_size
        if number > self._head.last:
            raise self._damaged(number)
        start = number * size
        own, _, flags, lower, _ = _PAGE.unpack_from(self._content, start)
        if own != number or not _PAGE.size <= lower <= size:
            raise self._damaged(number)
        return start, flags, (lower - _PAGE.size) // 2

    def _node(self, start: int, index: int) -> int:
        """Where a node of a page starts."""
        (offset,) = struct.unpack_from("<H", self._content, start + _PAGE.size + 2 * index)
        if not _PAGE.size <= offset <= self._head.page_size - _NODE.size:
            raise self._damaged(start // self._head.page_size)
        return start + int(offset)

    def _key(self, start: int, index: int) -> bytes:
        at = self._node(start, index)
        length = _NODE.unpack_from(self._content, at)[3]
        if at + _NODE.size + length > start + self._head.page_size:
            raise self._damaged(start // self._head.page_size)
        return self._content[at + _NODE.size : at + _NODE.size + length]

    def _search(self, start: int, count: int, key: bytes, first: int) -> int:
        """The index of the first node, from ``first`` on, whose key is not less than ``key``."""
        low, high = first, count
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if self._key(start, middle) < key else (low, middle)
        return low

    def _value(self, start: int, index: int) -> bytes:
        at = self._node(start, index)
        low, high, flags, length = _NODE.unpack_from(self._content, at)
        size, begin = low | high << 16, at + _NODE.size + length
        if flags & _OTHER_KINDS:
            raise self._damaged(start // self._head.page_size)
        if not flags & _BIG:
            if begin + size > start + self._head.page_size:
                raise self._damaged(start // self._head.page_size)
            return self._content[begin : begin + size]
        if begin + 8 > start + self._head.page_size:
            raise self._damaged(start // self._head.page_size)
        (number,) = struct.unpack_from("<Q", self._content, begin)
        begin = number * self._head.page_size + _PAGE.size
        if number > self._head.last or begin + size > (self._head.last + 1) * self._head.page_size:
            raise self._damaged(number)
        if not _PAGE.unpack_from(self._content, begin - _PAGE.size)[2] & _OVERFLOW:
            raise self._damaged(number)
        return self._content[begin : begin + size]

    def _damaged(self, number: int) -> DamagedInputError:
        return DamagedInputError(f"{self._place}: page {number} is damaged; fetch the file again")
