"""Data sets read back with other programs' readers: the csv, json, tarfile and pickle of Python, lmdb and OpenCV."""

from __future__ import annotations

import builtins
import csv
import errno
import io
import json
import pickle
import tarfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import lmdb
import numpy as np
import pytest

from geulnun.document import Block, Char, Document, Line, Page, Quad, Word
from geulnun.errors import MissingDependencyError, UsageError
from geulnun.write import read_json
from geulnun.write.sets import Facts, Pixels, SetOptions, encode, open_set
from geulnun.write.sets.koocr import read_pickle
from geulnun.write.sets.lmdb import LmdbWriter

FACTS: Facts = {"kind": "공문", "size": 12.5, "font": "나눔 고딕"}
#: Text that runs up, as a line turned by 270 degrees: its first point is the lower left one.
UPWARD: Quad = ((10.0, 60.4), (10.0, 20.0), (22.0, 20.0), (22.0, 60.4))


def box(x0: float, y0: float, x1: float, y1: float) -> Quad:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def word(text: str, quad: Quad | None = None, confidence: float = 1.0) -> Word:
    return Word(tuple(Char(char, confidence=confidence) for char in text), quad)


def page(*lines: Line, width: int = 100, height: int = 80) -> Page:
    return Page(width, height, (Block(lines),))


def grey(height: int = 80, width: int = 100, value: int = 200) -> Pixels:
    image = np.full((height, width), value, np.uint8)
    image[3:9, 5:20] = 10
    return image


#: Words at a slant, out of the raster, illegible, and empty; a line without boxes of words.
MIXED = page(
    Line((word("가,나", box(1.4, 2.6, 30.2, 12.5)), word("", box(33, 2, 40, 12)), word("xy", box(90, -4, 112, 9), 0))),
    Line((word("위로", UPWARD),), UPWARD),
    Line((Word((Char("a", box(50, 40, 55, 50)), Char("1", box(56, 39, 60, 50)))),)),
)


def write(format_: str, folder: Path, samples: list[tuple[str, Pixels, Page]], **options: Any) -> None:
    writer = open_set(format_, folder, SetOptions(**options))
    for name, image, truth in samples:
        writer.add(name, image, truth, FACTS)
    writer.close()


def test_encode_keeps_grey_grey_and_colours_in_order() -> None:
    colour = np.zeros((6, 9, 3), np.uint8)
    colour[...] = (250, 100, 10)
    for extension, off in (("png", 0), ("jpg", 4)):
        read = cv2.imdecode(np.frombuffer(encode(colour, extension), np.uint8), cv2.IMREAD_UNCHANGED)  # type: ignore[arg-type]
        assert read is not None
        assert np.abs(read[..., ::-1].astype(int) - colour).max() <= off
        read = cv2.imdecode(np.frombuffer(encode(grey(), extension), np.uint8), cv2.IMREAD_UNCHANGED)  # type: ignore[arg-type]
        assert read is not None
        assert read.ndim == 2
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    assert len(encode(noise, "jpg", 30)) < 0.6 * len(encode(noise, "jpg", 95))


def test_folder_holds_a_thousand_images_each_and_every_text(tmp_path: Path) -> None:
    texts = ['쉼표, "따옴표"', "두\n줄", "가\r나", " 앞뒤 ", "NA", "", '"', "₩1,000"]
    texts += [str(number) for number in range(1001 - len(texts))]
    writer = open_set("folder", tmp_path)
    for number, text in enumerate(texts):
        writer.add(f"글 {number}", grey(4, 6), page(Line((word(text),)), width=6, height=4), FACTS)
    writer.close()
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["words"] for row in rows] == texts
    assert rows[0]["filename"] == "0000/글 0.png"
    assert rows[-1]["filename"] == "0001/글 1000.png"
    assert sorted((tmp_path / row["filename"]).name for row in rows) == sorted(f"글 {n}.png" for n in range(1001))
    assert all((tmp_path / row["filename"]).is_file() for row in rows)
    assert len(list((tmp_path / "0000").iterdir())) == 1000
    read = cv2.imdecode(np.fromfile(tmp_path / rows[7]["filename"], np.uint8), cv2.IMREAD_UNCHANGED)
    assert read is not None
    assert np.array_equal(read, grey(4, 6))


def test_folder_with_truth_has_the_whole_page(tmp_path: Path) -> None:
    write("folder", tmp_path, [("쪽 1", grey(), MIXED)], truth=True, extension="jpg")
    read = read_json((tmp_path / "0000/쪽 1.json").read_bytes())
    assert read == Document((MIXED,), "쪽 1", (("font", "나눔 고딕"), ("kind", "공문"), ("size", "12.5")))
    assert (tmp_path / "0000/쪽 1.jpg").read_bytes()[:2] == b"\xff\xd8"


def test_icdar_rows_are_corners_from_the_start_of_the_text(tmp_path: Path) -> None:
    write("icdar", tmp_path, [("img 1", grey(), MIXED)])
    content = (tmp_path / "gt/gt_img 1.txt").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert content.decode("utf-8-sig").split("\r\n") == [
        "1,3,30,3,30,12,1,12,가,나",
        "33,2,40,2,40,12,33,12,###",
        "90,0,100,0,100,9,90,9,###",
        "10,60,10,20,22,20,22,60,위로",
        "50,39,60,39,60,50,50,50,a1",
        "",
    ]
    assert (tmp_path / "images/img 1.png").read_bytes() == encode(grey(), "png")


def test_icdar_lines_are_told_from_words(tmp_path: Path) -> None:
    write("icdar", tmp_path, [("a", grey(), MIXED)], level="line")
    rows = (tmp_path / "gt/gt_a.txt").read_text("utf-8-sig").splitlines()
    assert rows == ["1,0,100,0,100,12,1,12,가,나 xy", "10,60,10,20,22,20,22,60,위로", "50,39,60,39,60,50,50,50,a1"]


def test_a_line_without_boxes_is_the_whole_raster(tmp_path: Path) -> None:
    line = Line((word("한"), word("줄")))
    write("icdar", tmp_path, [("a", grey(), page(line))], level="line")
    assert (tmp_path / "gt/gt_a.txt").read_text("utf-8-sig") == "0,0,100,0,100,80,0,80,한 줄\n"
    for lines, level in (((line,), "word"), ((line, line), "line")):
        with pytest.raises(UsageError, match="b: no box is known for '한"):
            write("icdar", tmp_path / level, [("b", grey(), page(*lines))], level=level)
        assert list((tmp_path / level).rglob("*.*")) == []


def test_aihub_labels_are_read_as_trainers_read_them(tmp_path: Path) -> None:
    write("aihub", tmp_path, [("5350109-2001-0001", grey(), MIXED)])
    path = tmp_path / "labels/5350109-2001-0001.json"
    # What is done with such a set: the image's path follows from the label's.
    image = cv2.imread(str(path).replace("/labels/", "/images/").replace(".json", ".jpg"))
    assert image is not None
    label = json.loads(path.read_text("utf-8"))
    head = label["images"][0]
    assert (head["image.width"], head["image.height"], head["image.category"]) == (100, 80, "공문")
    assert head["image.file.name"] == "5350109-2001-0001.jpg"
    found = {one["annotation.text"]: tuple(one["annotation.bbox"]) for one in label["annotations"]}
    assert found == {"가,나": (1, 2, 30, 11), "위로": (10, 20, 12, 41), "a1": (50, 39, 10, 11)}
    x, y, width, height = found["위로"]
    assert image[y : y + height, x : x + width].shape == (41, 12, 3)
    assert [one["id"] for one in label["annotations"]] == [1, 2, 3]


def test_boxes_keep_inside_the_raster_and_are_never_empty(tmp_path: Path) -> None:
    outside = page(
        Line((word("밖", box(120, 90, 130, 99)), word("점", box(99.5, 3, 99.5, 3)), word("왼", box(-9, -9, -2, -1))))
    )
    write("aihub", tmp_path, [("a", grey(), outside)])
    boxes = [one["annotation.bbox"] for one in json.loads((tmp_path / "labels/a.json").read_text())["annotations"]]
    assert boxes == [[99, 79, 1, 1], [99, 3, 1, 1], [0, 0, 1, 1]]


def test_coco_text_joins_images_and_annotations(tmp_path: Path) -> None:
    second = page(Line((word("English", box(0, 0, 50, 10)), word("12", box(60, 0, 70, 10)))))
    write("coco_text", tmp_path, [("one", grey(), MIXED), ("빈", grey(), page()), ("two", grey(), second)])
    tree = json.loads((tmp_path / "coco_text.json").read_text("utf-8"))
    assert set(tree) == {"info", "cats", "imgs", "anns", "imgToAnns"}
    assert tree["imgToAnns"] == {"1": [1, 2, 3, 4, 5], "2": [], "3": [6, 7]}
    assert [(one["file_name"], one["width"], one["height"], one["set"]) for one in tree["imgs"].values()] == [
        ("one.png", 100, 80, "train"),
        ("빈.png", 100, 80, "train"),
        ("two.png", 100, 80, "train"),
    ]
    assert all((tmp_path / "images" / one["file_name"]).is_file() for one in tree["imgs"].values())
    boxes = tree["anns"]
    assert all(boxes[key]["id"] == int(key) for key in boxes)
    assert [boxes[key]["image_id"] for key in boxes] == [1, 1, 1, 1, 1, 3, 3]
    assert [boxes[key].get("utf8_string") for key in boxes] == ["가,나", None, None, "위로", "a1", "English", "12"]
    assert [boxes[key]["legibility"] for key in boxes] == ["legible"] + ["illegible"] * 2 + ["legible"] * 4
    assert [boxes[key]["language"] for key in boxes][3:] == ["not english", "english", "english", "na"]
    assert boxes["4"]["polygon"] == [10, 60.4, 10, 20, 22, 20, 22, 60.4]
    assert (boxes["4"]["bbox"], boxes["4"]["area"]) == ([10, 20, 12, 41], 484.8)
    assert {boxes[key]["class"] for key in boxes} == {"machine printed"}


def test_coco_text_tells_handwriting(tmp_path: Path) -> None:
    writer = open_set("coco_text", tmp_path)
    writer.add("a", grey(), MIXED, {"style": "hand"})
    writer.add("b", grey(), MIXED, {"group": "handwritten"})
    writer.close()
    boxes = json.loads((tmp_path / "coco_text.json").read_text("utf-8"))["anns"].values()
    assert {one["class"] for one in boxes} == {"handwritten"}


def test_lmdb_has_the_benchmark_s_keys(tmp_path: Path) -> None:
    texts = ["첫째 줄", "a,b", ""]
    write("lmdb", tmp_path, [(f"{n}", grey(), page(Line((word(text),)))) for n, text in enumerate(texts)])
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as env, env.begin() as txn:
        assert txn.get(b"num-samples") == b"3"
        assert [txn.get(b"label-%09d" % n, b"?").decode() for n in (1, 2, 3)] == texts
        image = cv2.imdecode(np.frombuffer(txn.get(b"image-000000001", b""), np.uint8), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        assert np.array_equal(image, grey())
        assert txn.stat()["entries"] == 7


def test_lmdb_grows_beyond_its_first_map(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("geulnun.write.sets.lmdb._FIRST_MAP", 1 << 16)
    rng = np.random.default_rng(0)
    images = [rng.integers(0, 256, (80, 100), np.uint8) for _ in range(40)]
    write("lmdb", tmp_path, [(f"{n}", image, page(Line((word(f"{n}"),)))) for n, image in enumerate(images)])
    assert (tmp_path / "data.mdb").stat().st_size > 4 * (1 << 16)
    with lmdb.open(str(tmp_path), readonly=True, lock=False) as env, env.begin() as txn:
        assert txn.get(b"image-000000040") == encode(images[39], "png")
        assert txn.get(b"num-samples") == b"40"


@pytest.mark.parametrize(
    ("error", "free", "code"),
    [
        (lmdb.DiskError("mdb_txn_commit: No space left on device"), 1 << 40, errno.ENOSPC),
        (lmdb.Error("mdb_txn_commit: Input/output error"), 1 << 10, errno.ENOSPC),
        (lmdb.Error("mdb_txn_commit: Input/output error"), 1 << 40, errno.EIO),
    ],
)
def test_lmdb_says_a_full_disk_as_the_system_does(
    error: lmdb.Error, free: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = LmdbWriter(tmp_path, SetOptions(), 0)
    writer.add("a", grey(), page(Line((word("가"),))), FACTS)

    class Full:
        """An environment whose disk takes nothing."""

        def begin(self, write: bool) -> Any:
            raise error

        def close(self) -> None:
            env.close()

    env = writer._env
    monkeypatch.setattr(writer, "_env", Full())
    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(free=free))
    with pytest.raises(OSError, match="mdb_txn_commit") as caught:
        writer.flush()
    assert (caught.value.errno, caught.value.filename) == (code, str(tmp_path))
    writer.abort()
    again = LmdbWriter(tmp_path, SetOptions(), 1)
    assert again.done == 0
    again.abort()


def test_lmdb_tells_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        if name == "lmdb":
            raise ImportError(name)
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingDependencyError, match=r"pip install 'geulnun\[synth\]'"):
        open_set("lmdb", tmp_path / "set")
    assert not (tmp_path / "set").exists()


def test_koocr_pickles_are_by_group_and_of_one_size(tmp_path: Path) -> None:
    writer = open_set("koocr", tmp_path, SetOptions(pickle_size=3))
    for number in range(10):
        image = grey(8, 8, value=100 + number)
        facts: Facts = {"group": "handwritten"} if number % 2 else {}
        writer.add(f"{number}", image, page(Line((word(chr(0xAC00 + number)),)), width=8, height=8), facts)
    writer.close()
    found: dict[str, list[str]] = {}
    for file in sorted(tmp_path.glob("*.pickle")):
        # As KoOCR reads it.
        with file.open("rb") as handle:
            data = pickle.load(handle)
        assert (data["image"].dtype, data["image"].shape[1:]) == (np.uint8, (8, 8))
        assert data["image"].flags.writeable
        assert data["image"][:, 0, 0].tolist() == [100 + ord(label) - 0xAC00 for label in data["label"]]
        assert np.array_equal(read_pickle(file)["label"], data["label"])
        found[file.name] = data["label"].tolist()
        assert b"_core" not in file.read_bytes()
    assert found == {
        "handwritten_0.pickle": ["각", "갃", "갅"],
        "handwritten_1.pickle": ["갇", "갉"],
        "printed_0.pickle": ["가", "갂", "간"],
        "printed_1.pickle": ["갆", "갈"],
    }
    rows = list(csv.reader(io.StringIO((tmp_path / "labels.csv").read_text("utf-8"))))
    assert rows[:3] == [["name", "group", "label"], ["0", "printed", "가"], ["1", "handwritten", "각"]]


def test_koocr_takes_single_characters_of_one_size(tmp_path: Path) -> None:
    writer = open_set("koocr", tmp_path)
    colour = np.zeros((8, 8, 3), np.uint8)
    colour[..., 1] = 255
    writer.add("a", colour, page(Line((word("가"),)), width=8, height=8), {})
    with pytest.raises(UsageError, match="'가나' is not one character"):
        writer.add("b", grey(8, 8), page(Line((word("가나"),)), width=8, height=8), {})
    with pytest.raises(UsageError, match="9 x 8 pixels; the images of a pickle are of one size, here 8 x 8"):
        writer.add("b", grey(8, 9), page(Line((word("나"),)), width=9, height=8), {})
    with pytest.raises(UsageError, match="not a name"):
        writer.add("b", grey(8, 8), page(Line((word("나"),)), width=8, height=8), {"group": "../x"})
    writer.close()
    data = read_pickle(tmp_path / "printed_0.pickle")
    assert data["label"].tolist() == ["가"]
    # The grey of pure green, after ITU-R BT.601.
    assert set(data["image"].ravel().tolist()) == {150}


def test_tar_members_of_a_sample_share_their_key(tmp_path: Path) -> None:
    write("tar", tmp_path, [("쪽 1.5%", grey(), MIXED), ("b" * 150, grey(), page())], prefix="train")
    assert json.loads((tmp_path / "sizes.json").read_text()) == {"train-000000.tar": 2}
    with tarfile.open(tmp_path / "train-000000.tar") as shard:
        members = shard.getmembers()
        contents = {one.name: shard.extractfile(one).read() for one in members}  # type: ignore[union-attr]
    key = "쪽 1%2E5%25"
    assert list(contents) == [f"{name}.{kind}" for name in (key, "b" * 150) for kind in ("png", "json", "txt")]
    assert {name.split(".")[0] for name in contents} == {key, "b" * 150}
    assert contents[f"{key}.png"] == encode(grey(), "png")
    assert contents[f"{key}.txt"].decode() == MIXED.text
    assert read_json(contents[f"{key}.json"]).pages == (MIXED,)
    assert {(one.mtime, one.uid, one.gid, one.uname, one.mode) for one in members} == {(0, 0, 0, "", 0o644)}


def test_tar_shards_keep_to_both_limits(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    small = [(f"{n}", grey(8, 8), page(width=8, height=8)) for n in range(7)]
    large = [(f"L{n}", rng.integers(0, 256, (80, 100), np.uint8), page()) for n in range(3)]
    write("tar", tmp_path, small + large, shard_samples=3, shard_bytes=30_000)
    sizes = json.loads((tmp_path / "sizes.json").read_text())
    # Three, three, one and two large ones as far as they fit, the last.
    assert list(sizes.values()) == [3, 3, 3, 1]
    for name, count in sizes.items():
        with tarfile.open(tmp_path / name) as shard:
            assert len(shard.getmembers()) == 3 * count
    write("tar", tmp_path / "tiny", small, shard_bytes=1)
    assert list(json.loads((tmp_path / "tiny/sizes.json").read_text()).values()) == [1] * 7
