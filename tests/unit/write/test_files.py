import errno
import os
import stat
from pathlib import Path

import pytest

from geulnun.errors import GeulnunError
from geulnun.write import write_file


def test_writes_and_replaces_with_ordinary_rights(tmp_path: Path) -> None:
    path = tmp_path / "new" / "글.txt"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    plain = tmp_path / "plain"
    plain.touch()
    assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)
    assert [item.name for item in path.parent.iterdir()] == ["글.txt"]


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_nothing_half_written_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    path = tmp_path / "a.txt"
    write_file(path, b"old")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((GeulnunError, KeyboardInterrupt)) as caught:
        write_file(path, b"new")
    if isinstance(error, OSError):
        assert "a.txt: cannot be written (No space left on device)" in str(caught.value)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_that_is_a_file_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "x").write_text("")
    with pytest.raises(GeulnunError, match=r"a\.txt: cannot be written"):
        write_file(tmp_path / "x" / "a.txt", b"")
