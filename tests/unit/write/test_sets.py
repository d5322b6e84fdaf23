"""What all formats of data sets promise: the same bytes however often a run was stopped, and no half-written file."""

from __future__ import annotations

import errno
import json
import os
import pickle
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import cv2
import lmdb
import numpy as np
import pytest

from geulnun.document import Block, Char, Line, Page, Word
from geulnun.errors import DamagedInputError, UsageError
from geulnun.write.sets import FORMATS, Facts, Pixels, SetOptions, SetWriter, encode, open_set
from geulnun.write.sets.growing import Growing

#: All that a list of texts may trip over.
TEXTS = ('쉼표, "따옴표"', "두\n줄", "가\r나", " 앞뒤 ", "₩1,000", "평범한 글", '"', "a\tb", "", "끝")
#: Small, so that shards, pickles and sub-folders end within a few samples.
OPTIONS = SetOptions(truth=True, shard_samples=4, shard_bytes=16_000, pickle_size=3)
TOTAL = 14


def sample(index: int, one_character: bool) -> tuple[str, Pixels, Page, Facts]:
    """The sample of an index: its name, image, truth and facts."""
    shape = (16, 40, 3) if index % 2 else (16, 40)
    pixels = np.random.default_rng(index).integers(0, 256, shape, dtype=np.uint8)
    text = chr(0xAC00 + index) if one_character else TEXTS[index % len(TEXTS)]
    word = Word(tuple(map(Char, text)), ((2.0, 3.0), (38.0, 3.0), (38.0, 13.0), (2.0, 13.0)))
    facts: Facts = {"kind": "공문", "group": "handwritten" if index % 3 == 2 else "printed", "size": 12.5}
    return f"글 {index:03d}.{index % 2}", pixels, Page(40, 16, (Block((Line((word,)),)),)), facts


def fill(writer: SetWriter, end: int) -> None:
    """Add the samples from where the set stands to ``end``."""
    while writer.done < end:
        writer.add(*sample(writer.done, one_character=writer.extension is None))


def contents(folder: Path) -> dict[str, bytes]:
    """All files by their path, and of an LMDB all keys, for its file is not the same twice."""
    files = {file.relative_to(folder).as_posix(): file for file in folder.rglob("*") if file.is_file()}
    found = {name: file.read_bytes() for name, file in files.items() if not name.endswith(".mdb")}
    if "data.mdb" in files:
        with lmdb.open(str(folder), readonly=True, lock=False) as env, env.begin() as txn:
            found |= {bytes(key).decode(): bytes(value) for key, value in txn.cursor()}
    return found


@pytest.fixture(scope="module")
def complete(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, bytes]]:
    """What each format holds when it is written at one go."""
    found = {}
    for name in FORMATS:
        folder = tmp_path_factory.mktemp(name)
        writer = open_set(name, folder, OPTIONS)
        fill(writer, TOTAL)
        writer.close()
        found[name] = contents(folder)
    return found


@pytest.mark.parametrize("name", FORMATS)
def test_a_set_written_twice_is_the_same_and_leaves_nothing_behind(
    name: str, complete: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    writer = open_set(name, tmp_path / "new" / "folder", OPTIONS)
    fill(writer, TOTAL)
    writer.close()
    assert contents(tmp_path / "new" / "folder") == complete[name]
    assert len(complete[name]) >= TOTAL / 5
    assert not [file for file in complete[name] if "/." in f"/{file}"]


#: How many samples a set held when it stopped, how many of them are kept, and whether it was closed.
STOPS = [
    (1, 0, True),
    (1, 1, False),
    (5, 3, True),
    (5, 4, False),
    (5, 5, True),
    (9, 8, True),
    (9, 1, False),
    (12, 12, False),
]


@pytest.mark.parametrize("name", FORMATS)
def test_a_set_that_was_stopped_goes_on_as_if_it_never_was(
    name: str, complete: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    for number, (held, kept, closed) in enumerate(STOPS):
        folder = tmp_path / str(number)
        writer = open_set(name, folder, OPTIONS)
        fill(writer, held)
        if closed:
            writer.close()
        else:
            writer.flush()
            writer.abort()
        again = open_set(name, folder, OPTIONS, start=kept)
        assert again.done == kept
        fill(again, TOTAL)
        again.close()
        assert contents(folder) == complete[name]


@pytest.mark.parametrize("name", FORMATS)
def test_encoded_images_are_taken_as_they_are(name: str, complete: dict[str, dict[str, bytes]], tmp_path: Path) -> None:
    writer = open_set(name, tmp_path, OPTIONS)
    extension = writer.extension
    for index in range(TOTAL):
        key, image, page, facts = sample(index, one_character=False)
        if extension is None:
            with pytest.raises(UsageError, match="takes pixels"):
                writer.add(key, encode(image, "png"), page, facts)
            writer.abort()
            return
        writer.add(key, encode(image, extension), page, facts)
    writer.close()
    assert contents(tmp_path) == complete[name]


_CHILD = """
import os, pathlib, runpy, signal, sys
module = runpy.run_path(sys.argv[1])
for name in module["FORMATS"]:
    writer = module["open_set"](name, pathlib.Path(sys.argv[2], name), module["OPTIONS"])
    module["fill"](writer, 8)
    writer.flush()
    module["fill"](writer, 11)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_leaves_whole_files_and_can_be_continued(
    complete: dict[str, dict[str, bytes]], tmp_path: Path
) -> None:
    done = subprocess.run([sys.executable, "-c", _CHILD, __file__, str(tmp_path)], timeout=60, check=False)
    assert done.returncode == -9
    visible = [
        file
        for file in tmp_path.rglob("*")
        if file.is_file() and file.suffix != ".mdb" and not file.name.startswith(".")
    ]
    for file in visible:
        content = file.read_bytes()
        if file.suffix == ".tar":
            with tarfile.open(file) as shard:
                assert len(shard.getmembers()) % 3 == 0
        elif file.suffix == ".pickle":
            assert pickle.loads(content)["image"].shape == (3, 16, 40)
        elif file.suffix == ".json":
            json.loads(content)
        elif file.suffix in (".png", ".jpg"):
            image = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
            assert image is not None
            assert image.shape == (16, 40)
        else:
            assert file.name.startswith("gt_")
    assert {file.name for file in visible if file.name == "labels.csv" or file.name == "coco_text.json"} == set()
    for name in FORMATS:
        writer = open_set(name, tmp_path / name, OPTIONS, start=8)
        assert writer.done == 8
        fill(writer, TOTAL)
        writer.close()
        assert contents(tmp_path / name) == complete[name]


@pytest.mark.parametrize("name", [name for name in FORMATS if name != "lmdb"])
def test_a_full_disk_stops_without_half_a_file_and_can_be_continued(
    name: str, complete: dict[str, dict[str, bytes]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever write it is that fails, and with part of its bytes on the disk already."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    left = 0

    def write_bytes(path: Path, content: bytes) -> int:
        nonlocal left
        left -= 1
        with path.open("wb") as file:
            if left >= 0:
                return file.write(content)
            file.write(content[: len(content) // 2])
        raise full

    def append(file: Any, content: bytes) -> None:
        nonlocal left
        left -= 1
        if left < 0:
            raise full  # what was begun is taken back: see test_a_piece_that_does_not_fit_is_taken_back
        real(file, content)

    real = Growing.append
    for room in (0, 1, 2, 3, 5, 8, 11):
        folder = tmp_path / str(room)
        writer = open_set(name, folder, OPTIONS)
        with monkeypatch.context() as patch:
            patch.setattr(Path, "write_bytes", write_bytes)
            patch.setattr(Growing, "append", append)
            left = room
            with pytest.raises(OSError, match="No space") as caught:
                fill(writer, TOTAL)
            done = writer.done
            writer.abort()
        assert caught.value is full
        whole = {file for file in contents(folder) if "/." not in f"/{file}" and file != "sizes.json"}
        assert {file: contents(folder)[file] for file in whole} == {file: complete[name][file] for file in whole}
        again = open_set(name, folder, OPTIONS, start=done)
        assert again.done == done
        fill(again, TOTAL)
        again.close()
        assert contents(folder) == complete[name]


def test_a_piece_that_does_not_fit_is_taken_back(tmp_path: Path) -> None:
    class Full:
        """A file on a disk with room for two bytes."""

        def __init__(self, file: Any) -> None:
            self.file = file

        def __getattr__(self, name: str) -> Any:
            return getattr(self.file, name)

        def write(self, content: bytes) -> int:
            if self.file.tell() >= 5:
                raise OSError(errno.ENOSPC, "full")
            return int(self.file.write(content[:2]))

    file = Growing(tmp_path / "a", 0)
    file.append(b"abc")
    file._file = Full(file._file)  # type: ignore[assignment]
    with pytest.raises(OSError, match="full"):
        file.append(b"defg")
    assert (file.size, (tmp_path / "a").read_bytes()) == (3, b"abc")
    file.close()


def test_names_that_are_no_file_names_are_refused(tmp_path: Path) -> None:
    _, image, page, facts = sample(0, one_character=True)
    for name in FORMATS:
        writer = open_set(name, tmp_path / name, OPTIONS)
        for bad in ("", ".", "..", "../up", "a/b", "a\\b", "a\nb", ".hidden", "a\0"):
            with pytest.raises(UsageError, match="not a name for a sample"):
                writer.add(bad, image, page, facts)
        with pytest.raises(UsageError, match="201 bytes"):
            writer.add("가" * 67, image, page, facts)
        writer.add("가" * 66, image, page, facts)
        assert writer.done == 1
        writer.close()
    assert {file.name for file in tmp_path.iterdir()} == set(FORMATS)


def test_an_image_of_another_size_than_its_truth_is_refused(tmp_path: Path) -> None:
    key, image, page, facts = sample(0, one_character=True)
    for name in FORMATS:
        writer = open_set(name, tmp_path / name, OPTIONS)
        with pytest.raises(ValueError, match=r"\(15, 40\) for a page of 40 x 16"):
            writer.add(key, image[1:], page, facts)
        assert writer.done == 0
        writer.abort()


def test_a_set_of_nothing_can_be_closed_and_opened(tmp_path: Path) -> None:
    for name in FORMATS:
        open_set(name, tmp_path / name, OPTIONS).close()
        writer = open_set(name, tmp_path / name, OPTIONS, start=0)
        assert writer.done == 0
        writer.abort()
        writer.abort()


def test_what_cannot_be_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="did you mean coco_text"):
        open_set("cocotext", tmp_path)
    with pytest.raises(UsageError, match="start is -1"):
        open_set("folder", tmp_path, start=-1)
    wrongs: list[dict[str, Any]] = [
        {"extension": "gif"},
        {"quality": 0},
        {"level": "char"},
        {"shard_samples": 0},
        {"prefix": "a/b"},
    ]
    for wrong in wrongs:
        with pytest.raises(UsageError, match=str(next(iter(wrong.values())))):
            SetOptions(**wrong)


def test_a_list_that_lost_rows_tells_where_to_go_on(tmp_path: Path) -> None:
    """As after a loss of power: the list ends in the middle of its tenth row."""
    writer = open_set("folder", tmp_path, OPTIONS)
    fill(writer, 10)
    writer.abort()
    part = tmp_path / ".labels.csv.part"
    part.write_bytes(part.read_bytes()[:-16])
    again = open_set("folder", tmp_path, OPTIONS, start=10)
    assert again.done == 9
    again.abort()


def test_damaged_indices_are_told_apart_from_bugs(tmp_path: Path) -> None:
    writer = open_set("tar", tmp_path / "tar", OPTIONS)
    fill(writer, 5)
    writer.close()
    (tmp_path / "tar/sizes.json").write_bytes(b"[1, 2]")
    with pytest.raises(DamagedInputError, match=r"sizes\.json: not a list of shards"):
        open_set("tar", tmp_path / "tar", OPTIONS, start=5)
    writer = open_set("koocr", tmp_path / "koocr", OPTIONS)
    fill(writer, 5)
    writer.close()
    (tmp_path / "koocr/printed_1.pickle").write_bytes(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(DamagedInputError, match=r"printed_1\.pickle: .*os\.system"):
        open_set("koocr", tmp_path / "koocr", OPTIONS, start=5)
