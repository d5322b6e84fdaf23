"""Files that mean harm or are broken: refused in one line that names them, and never more than themselves lost."""

from __future__ import annotations

import io
import os
import pickle
import struct
import tarfile
import time
import zipfile
import zlib
from pathlib import Path

import lmdb
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.data.conftest import ReadSet, aihub_box, aihub_label, encoded, picture, put

from geulnun.data import DataSet
from geulnun.data.lmdb_pages import Database
from geulnun.data.pickles import read_pickle
from geulnun.data.tree import Tree
from geulnun.data.xmltree import parse
from geulnun.errors import DamagedInputError, InputError, MissingInputError, TooLargeError


class _Runs:
    """Would write a file, were it ever built."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(6))
def test_a_pickle_that_would_run_is_refused_and_does_not(tmp_path: Path, read: ReadSet, protocol: int) -> None:
    target = tmp_path / "ran"
    put(tmp_path / "set/printed_0.pickle", pickle.dumps({"image": _Runs(target), "label": []}, protocol))
    samples, (problem,) = read(tmp_path / "set")
    assert samples == []
    assert not target.exists()
    assert "printed_0.pickle: refused, it holds" in str(problem)
    assert "mkdir, which would be run" in str(problem)


BOMBS = {
    "eval": b"cbuiltins\neval\n(S'1'\ntR.",
    "call of a value": b"I1\n(tR.",
    "bytes of an exabyte": b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x0f.",
    "text of four gigabytes": b"\x80\x04X\xff\xff\xff\xffab.",
    "persistent id": b"Pid\n.",
    "object": b"\x80\x02c__main__\nA\n)\x81.",
    "array of an exabyte": b"cnumpy\nndarray\n((J\xff\xff\xff\x7fJ\xff\xff\xff\x7ftU\x01uC\x02abtR.",
    "dtype of records": b"cnumpy\ndtype\n(X\x03\x00\x00\x00V10I0\nI1\ntR(I3\nS'|'\nN(S'a'\ntNI-1\nI-1\nI0\ntb.",
    "dtype that is code": b"cnumpy\nndarray\n((K\x01tX\x08\x00\x00\x0001u1,f(1C\x01atR.",
    "no end": b"\x80\x04]",
    "nothing": b"",
    "noise": bytes(range(256)),
}


def _array(content: bytes) -> object:
    """An array is made, and so checked, when it is asked for."""
    return read_pickle(content, "x.pickle").array("x.pickle")


@pytest.mark.parametrize("name", BOMBS)
def test_pickle_bombs(name: str) -> None:
    started = time.monotonic()
    with pytest.raises(DamagedInputError, match=r"^x\.pickle: "):
        _array(BOMBS[name])
    assert time.monotonic() - started < 2


def test_a_memo_of_two_billions_costs_nothing() -> None:
    assert read_pickle(b"\x80\x04]r\xff\xff\xff\x7f.", "x.pickle") == []


def test_a_pickled_array_must_have_the_bytes_it_declares() -> None:
    whole = pickle.dumps(np.zeros((4, 4), np.uint8), 2)
    short = whole.replace(b"K\x04K\x04\x86", b"K\x04K\x05\x86")
    assert short != whole
    with pytest.raises(DamagedInputError, match=r"an array of \(4, 5\) uint8 in 16 bytes"):
        read_pickle(short, "x").array("x")


@given(st.binary(max_size=60), st.integers(0, 5))
def test_broken_pickles_are_refused_in_one_line(noise: bytes, protocol: int) -> None:
    whole = pickle.dumps({"image": np.zeros((2, 2), np.uint8), "label": ["가"]}, protocol)
    at = len(noise) * 3 % len(whole)
    said = "refused"
    try:
        read_pickle(whole[:at] + noise + whole[at + len(noise) :], "x")
    except DamagedInputError as error:
        said = str(error)
    assert "\n" not in said


def test_names_that_climb_out_of_an_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name in ("../../evil.json", "/etc/evil.json", "C:/evil.json", "a/../../evil.json", "fine.json"):
            archive.writestr(name, "{}")
    with Tree(tmp_path) as tree:
        assert [file.path for file in tree.files] == ["a/fine.json"]
        assert len(tree.problems) == 4
        assert all("leads out of its archive" in str(problem) for problem in tree.problems)


def test_a_member_that_blows_up_is_not_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("labels/a.json", bytes(100 << 20))
    with Tree(tmp_path) as tree, pytest.raises(TooLargeError, match="104,857,600 bytes when unpacked"):
        tree.files[0].read()


def test_a_member_larger_than_it_declares(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.json", b"x" * 3000)
    content = path.read_bytes()
    path.write_bytes(content.replace(struct.pack("<I", 3000), struct.pack("<I", 30)))
    with Tree(tmp_path) as tree, pytest.raises(InputError):
        tree.files[0].read(limit=40)


def test_a_broken_archive_costs_only_itself(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    put(tmp_path / "labels/a.json", aihub_label("a.png", [aihub_box("가", 1, 2, 3, 4)]))
    put(tmp_path / "b.zip", b"PK\x03\x04 and no more")
    (sample,), (problem,) = read(tmp_path)
    assert sample.name == "a"
    assert "b.zip: not a zip archive" in str(problem)


def test_broken_json_is_named_with_its_place(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    put(tmp_path / "images/b.png", encoded(picture(200, 100)))
    put(tmp_path / "labels/a.json", aihub_label("a.png", [aihub_box("가", 1, 2, 3, 4)]))
    put(tmp_path / "labels/b.json", '{"images": [\n  {"image.width": 200,,}\n]}')
    (sample,), problems = read(tmp_path)
    assert sample.name == "a"
    assert "labels/b.json: not JSON (line 2, column 23: " in str(problems[0])
    # The image of the broken label is without one.
    assert [problem.unpaired for problem in problems] == [False, True]


@pytest.mark.parametrize(
    ("bbox", "message"),
    [
        ("x", r"annotations\[1\]\.annotation\.bbox is 'x'; expected a list"),
        ([1, 2, 3], r"annotations\[1\]\.annotation\.bbox is a list; expected 4 numbers"),
        ([1, 2, 3, float("inf")], r"annotations\[1\]\.annotation\.bbox\[3\] is inf; expected a number"),
        (None, r"annotations\[1\] has no 'annotation\.bbox'"),
    ],
)
def test_wrong_values_are_named_with_their_place(tmp_path: Path, read: ReadSet, bbox: object, message: str) -> None:
    put(tmp_path / "images/a.png", encoded(picture(200, 100)))
    good = aihub_box("가", 1, 2, 3, 4)
    put(tmp_path / "labels/a.json", aihub_label("a.png", [good, good | {"annotation.bbox": bbox}]))
    samples, problems = read(tmp_path, "aihub")
    assert samples == []
    with pytest.raises(DamagedInputError, match=message):
        raise problems[0].error


def test_json_without_end(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a.json", '{"annotation.bbox":' + "[" * 100_000)
    samples, (problem,) = read(tmp_path, "aihub")
    assert samples == []
    assert "not JSON" in str(problem)


LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE alto [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><alto>&c;</alto>"""
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE alto [<!ENTITY x SYSTEM "file:///etc/hostname">]><alto>&x;</alto>'


@pytest.mark.parametrize("content", [LAUGHS, OUTSIDE])
def test_xml_entities_are_refused(content: bytes) -> None:
    with pytest.raises(DamagedInputError, match="it declares entities, which are refused"):
        parse(content, "x.xml")


def test_xml_says_where_it_is_broken() -> None:
    with pytest.raises(DamagedInputError, match=r"x\.xml: not XML \(line 2, column 3: mismatched tag\)"):
        parse(b"<a>\n</b>", "x.xml")
    with pytest.raises(DamagedInputError, match="more than 100 elements in one another"):
        parse(b"<a>" * 1000, "x.xml")


def test_hocr_deeper_than_any(tmp_path: Path, read: ReadSet) -> None:
    put(tmp_path / "a.hocr", "<div class='ocr_page'>" + "<b>" * 10_000)
    samples, (problem,) = read(tmp_path)
    assert samples == []
    assert "more than 200 elements in one another" in str(problem)


def _database(folder: Path) -> Path:
    with lmdb.open(str(folder), map_size=1 << 24) as database, database.begin(write=True) as transaction:
        for at in range(1, 201):
            transaction.put(b"image-%09d" % at, encoded(picture(8, 8, at)) * (1 + 20 * (at % 3)))
            transaction.put(b"label-%09d" % at, "글".encode())
        transaction.put(b"num-samples", b"200")
    return folder / "data.mdb"


def test_a_truncated_lmdb_is_refused(tmp_path: Path, read: ReadSet) -> None:
    path = _database(tmp_path / "db")
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    samples, (problem,) = read(tmp_path, "lmdb")
    assert samples == []
    assert "data.mdb: cut short" in str(problem)
    with pytest.raises(DamagedInputError, match="not an LMDB file"):
        Database(content[:50], "x")


def test_a_forged_lmdb_is_refused_or_read_but_never_more(tmp_path: Path) -> None:
    content = bytearray(_database(tmp_path / "db").read_bytes())
    random = np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        forged = bytearray(content)
        for at in random.integers(0, len(content), 200):
            forged[at] = random.integers(0, 256)
        for at in (16 + 96 + 40, 4096 + 16 + 96 + 40):  # Sometimes the root itself.
            forged[at] = random.integers(0, 256)
        try:
            database = Database(bytes(forged), "x")
            for number in range(1, 201, 9):
                database.get(b"image-%09d" % number)
        except DamagedInputError:
            refused += 1
    assert refused > 10


def test_an_image_larger_than_any(tmp_path: Path, read: ReadSet) -> None:
    png = bytearray(encoded(picture(4, 4)))
    png[16:24] = struct.pack(">II", 200_000, 200_000)
    png[29:33] = struct.pack(">I", zlib.crc32(bytes(png[12:29])))
    put(tmp_path / "a.png", bytes(png))
    put(tmp_path / "labels.csv", "filename,words\na.png,가\n")
    samples, (problem,) = read(tmp_path)
    assert samples == []
    assert isinstance(problem.error, TooLargeError)


def test_a_tar_cut_short_keeps_what_is_whole(tmp_path: Path, read: ReadSet) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in ("a.png", "b.png"):
            info = tarfile.TarInfo(name)
            info.size = 2000
            archive.addfile(info, io.BytesIO(bytes(2000)))
    put(tmp_path / "x-000000.tar", content.getvalue()[:3000])
    samples, problems = read(tmp_path)
    assert samples == []
    assert "no JSON in its sample" in str(problems[0])


def test_nothing_and_nothing_known(tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such file or folder"):
        DataSet(tmp_path / "nowhere")
    put(tmp_path / "a.doc", b"x")
    with pytest.raises(InputError, match=r"not a data set of a known format \(1 files of the kinds \.doc\)"):
        DataSet(tmp_path)
