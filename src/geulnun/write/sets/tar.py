"""WebDataset: tar files in which members that share a name up to its first dot make a sample.

https://github.com/webdataset/webdataset. Shards are read in sequence, from a disk or over a network, and mixed by
opening several.
"""

from __future__ import annotations

import json
from pathlib import Path
from tarfile import BLOCKSIZE, PAX_FORMAT, RECORDSIZE, TarInfo

from geulnun.document import Page
from geulnun.errors import DamagedInputError
from geulnun.write.sets.base import (
    Extension,
    Facts,
    Pixels,
    SetOptions,
    check_name,
    encoded,
    part_of,
    put,
    truth_json,
)
from geulnun.write.sets.growing import Growing

#: Members of a sample: image, JSON, text.
_MEMBERS = 3


class TarWriter:
    """``<prefix>-000000.tar`` and so on: ``<name>.png``, ``<name>.json`` (the whole page), ``<name>.txt`` (its text).

    Names are kept, but for a dot, which is written ``%2E``, and ``%``, which is ``%25``, as a dot ends a sample's key.
    ``sizes.json`` tells how many samples each shard holds. Bytes follow from the samples alone: members have no owner
    and no time.
    """

    def __init__(self, folder: Path, options: SetOptions, start: int) -> None:
        """Open ``folder`` with the first ``start`` samples it holds.

        Raises:
            DamagedInputError: its ``sizes.json`` cannot be read.
        """
        self.extension: Extension = options.extension or "png"
        self._options = options
        self._folder = folder
        self._list = folder / "sizes.json"
        folder.mkdir(parents=True, exist_ok=True)
        self._sizes = self._whole_shards(start)
        put(self._list, _listed(self._sizes))
        before = sum(self._sizes.values())
        self._shard = _Shard(self._path(), start - before)
        self.done = before + self._shard.count

    def _whole_shards(self, start: int) -> dict[str, int]:
        """The shards that end before sample ``start``; the one in which it falls may have to be cut."""
        if not start or not self._list.exists():
            return {}
        try:
            sizes = json.loads(self._list.read_bytes())
            held = [(str(name), int(count)) for name, count in sizes.items()]
        except (ValueError, AttributeError, TypeError) as error:
            raise DamagedInputError(f"{self._list}: not a list of shards ({error}); write the set anew") from error
        kept: dict[str, int] = {}
        for name, count in held:
            start -= count
            if start <= 0 or not (self._folder / name).exists():
                break
            kept[name] = count
        return kept

    def _path(self) -> Path:
        return self._folder / f"{self._options.prefix}-{len(self._sizes):06d}.tar"

    def add(self, name: str, image: Pixels | bytes, page: Page, facts: Facts) -> None:
        """Write one sample; see `SetWriter.add`."""
        key = check_name(name).replace("%", "%25").replace(".", "%2E")
        content = (
            _member(f"{key}.{self.extension}", encoded(image, page, self.extension, self._options))
            + _member(f"{key}.json", truth_json(name, page, facts))
            + _member(f"{key}.txt", page.text.encode())
        )
        limits = self._options
        full = self._shard.count >= limits.shard_samples or self._shard.file.size + len(content) > limits.shard_bytes
        if full and self._shard.count:
            self._finish()
            self._shard = _Shard(self._path(), 0)
        self._shard.append(content)
        self.done += 1

    def _finish(self) -> None:
        self._shard.finish()
        self._sizes[self._shard.path.name] = self._shard.count
        put(self._list, _listed(self._sizes))

    def flush(self) -> None:
        """Nothing waits: every sample is written when it is added."""

    def close(self) -> None:
        """Finish the last shard; an empty one is left out."""
        if self._shard.count:
            self._finish()
        else:
            self._shard.file.drop()

    def abort(self) -> None:
        """Leave the last shard unfinished."""
        self._shard.file.close()


class _Shard:
    """One tar file under its part name."""

    def __init__(self, path: Path, keep: int) -> None:
        """Open ``path``, finished or not, and keep its first samples, as many as are whole of ``keep``."""
        self.path = path
        part = part_of(path)
        if path.exists():
            path.replace(part)
        self.count, size = _measure(part, keep)
        self.file = Growing(part, size)

    def append(self, content: bytes) -> None:
        """Add one sample."""
        self.file.append(content)
        self.count += 1

    def finish(self) -> None:
        """End the archive and give it its name."""
        end = self.file.size + 2 * BLOCKSIZE
        self.file.append(b"\0" * (2 * BLOCKSIZE + -end % RECORDSIZE))
        self.file.finish(self.path)


def _member(name: str, content: bytes) -> bytes:
    info = TarInfo(name)
    info.size = len(content)
    return info.tobuf(PAX_FORMAT) + content + b"\0" * (-len(content) % BLOCKSIZE)


def _measure(file: Path, keep: int) -> tuple[int, int]:
    """How many samples of a shard are whole, up to ``keep``, and where the last of them ends."""
    if not keep or not file.exists():
        return 0, 0
    limit = file.stat().st_size
    members, at, count, size = 0, 0, 0, 0
    with file.open("rb") as shard:
        while count < keep and len(header := shard.read(BLOCKSIZE)) == BLOCKSIZE and header.strip(b"\0"):
            length = int(header[124:136].rstrip(b"\0 ") or b"0", 8)
            at += BLOCKSIZE + length + -length % BLOCKSIZE
            if at > limit:
                break
            # An extended header ("x") carries a long or Hangul name for the member behind it.
            members += header[156:157] != b"x"
            if members == _MEMBERS * (count + 1):
                count, size = count + 1, at
            shard.seek(at)
    return count, size


def _listed(sizes: dict[str, int]) -> bytes:
    return json.dumps(sizes, indent=0).encode() + b"\n"
