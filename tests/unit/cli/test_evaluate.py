"""``geulnun evaluate``, on networks that need no weights."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from geulnun.document import Document
from geulnun.evaluate.documents import text_document
from geulnun.write import JsonWriter

Run = Callable[..., Any]
Make = Callable[..., Path]
Texts = Callable[..., None]


@pytest.fixture
def texts(tmp_path: Path) -> Texts:
    """Writes documents of plain text: ``texts("truth", a="가 나", b="다")``."""

    def make(folder: str, **named: str) -> None:
        (tmp_path / folder).mkdir(exist_ok=True)
        for name, text in named.items():
            document = Document(text_document(text, name).pages, name, (("style", f"style of {name}"),))
            (tmp_path / folder / f"{name}.json").write_bytes(JsonWriter().encode(document))

    return make


def test_saved_output_against_truth(run: Run, texts: Texts, tmp_path: Path) -> None:
    texts("truth", a="가나다라", b="마바사아")
    texts("out", a="가나다라", b="마바사어")
    done = run("evaluate", "truth", "--output", "out", "-o", "report", "--name", "Mine")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Evaluation: Mine\n")
    assert "| CER | 12.50 % |" in done.out
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "evaluation.html", "evaluation.json", "evaluation.md",
    ]  # fmt: skip
    assert (tmp_path / "report/evaluation.md").read_text("utf-8") == done.out
    assert (
        json.loads((tmp_path / "report/evaluation.json").read_bytes())["runs"][0]["measures"]["cer"]["value"] == 0.125
    )


def test_a_report_among_the_readings_is_not_one_of_them(run: Run, texts: Texts) -> None:
    texts("truth", a="가나다라", b="마바사아")
    texts("out", a="가나다라", b="마바사어")
    first = run("evaluate", "truth", "--output", "out", "-o", "out")
    again = run("evaluate", "truth", "--output", "out", "-o", "out")
    assert (again.code, again.err) == (0, "")
    assert again.out.splitlines()[:-1] == first.out.splitlines()[:-1]


def test_a_run_may_be_compared_with_another_of_its_name(run: Run, texts: Texts) -> None:
    texts("truth", a="가나다라")
    texts("out", a="가나다라")
    assert "# Evaluation: out against out (2)" in run("evaluate", "truth", "--output", "out", "--against", "out").out


def test_two_runs_are_compared(run: Run, texts: Texts) -> None:
    texts("truth", a="가나다라", b="마바사아")
    texts("one", a="가나다라", b="마바사어")
    texts("two", a="거너다라", b="마바서어")
    done = run("evaluate", "truth", "--output", "one", "--against", "two", "--rounds", "0", "--slices", "style")
    assert done.code == 0
    assert "# Evaluation: one against two" in done.out
    assert "−37.50" in done.out
    assert "style of a" in done.out


def test_our_reader_reads_the_images(run: Run, picture: Make, tmp_path: Path) -> None:
    picture("set/a.png", 20)
    picture("set/b.png", 30)
    (tmp_path / "set/labels.csv").write_text("filename,words\na.png,값20\nb.png,갑30\n", "utf-8")
    done = run("evaluate", "set", "--reader")
    assert done.code == 0, done.err
    assert "# Evaluation: Geulnun" in done.out
    assert "| CER | 16.67 % |" in done.out
    assert "| 갑 | 값 | 1 |" in done.out
    paged = run("evaluate", "set", "--reader", "--level", "page")
    assert "| CER | 16.67 % |" in paged.out


def test_a_miss_is_listed_or_counted(run: Run, texts: Texts) -> None:
    texts("truth", a="가나다라", b="마바사아")
    texts("out", a="가나다라", c="가")
    listed = run("evaluate", "truth", "--output", "out")
    assert (listed.code, "| CER | 0.00 % |" in listed.out) == (0, True)
    assert listed.err.splitlines() == [
        "geulnun: 1 page of the truth without a reading by out: left out of every figure. With --unpaired miss they "
        "count as read empty. The first: b",
        "geulnun: 1 reading by out without a truth, such as c",
    ]
    counted = run("evaluate", "truth", "--output", "out", "--unpaired", "miss")
    assert "| CER | 50.00 % |" in counted.out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("truth",), 2, "either --reader or --output"),
        (("truth", "--reader", "--output", "out"), 2, "either --reader or --output"),
        (("truth", "--output", "out", "--recogniser", "x.onnx"), 2, "add --reader"),
        (("truth", "--output", "out", "--slices", "fnot"), 2, "slice 'fnot'; did you mean 'font'?"),
        (("truth", "--output", "out", "--from", "icdra"), 2, "did you mean icdar"),
        (("gone", "--output", "out"), 3, "gone: no such file or folder"),
        (("empty", "--output", "out"), 3, "an empty folder"),
        (("truth", "--output", "gone"), 3, "gone: no such file or folder"),
        (("truth", "--output", "broken"), 3, "broken/a.json: not JSON (Expecting value: line 2 column 1"),
        (("truth", "--reader"), 3, "no images to read"),
        (("truth", "--reader", "--detector", "x.onnx"), 3, "x.onnx: no such file"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    run: Run, texts: Texts, tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    texts("truth", a="가", b="나")
    texts("out", a="가")
    (tmp_path / "empty").mkdir()
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/a.json").write_text("[\n", "utf-8")
    done = run("evaluate", *arguments)
    assert (done.code, done.out) == (code, "")
    assert message in done.err
    assert len(done.err.splitlines()) == 1
