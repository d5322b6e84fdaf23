"""Whole evaluations, small enough to count by hand, and their reports."""

import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest

from geulnun.errors import MissingInputError, UsageError
from geulnun.evaluate import plain
from geulnun.evaluate.cases import read_truth
from geulnun.evaluate.html import as_html
from geulnun.evaluate.pairing import saved
from geulnun.evaluate.resample import ResampleOptions
from geulnun.evaluate.run import EvaluateOptions, Evaluation, evaluate

Make = Callable[..., Path]
VOID = {"meta", "img", "br", "hr", "link", "input"}


class Outline(HTMLParser):
    """The elements of a page, each closed where it must be."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(content.decode())
        self.close()
        assert self.stack == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


@pytest.fixture
def two_runs(write: Make, tmp_path: Path) -> Callable[..., Evaluation]:
    """Four documents; run a errs in 4 of 20 characters, run b in 9, worse on every document."""
    truth = {"d1": "가나다라마", "d2": "바사아자차", "d3": "카타파하가", "d4": "나다라마바"}
    first = {"d1": "거나다라마", "d2": "버사아자차", "d3": "커타파하가", "d4": "너다라마바"}
    second = {"d1": "거너다라마", "d2": "버서아자차", "d3": "커터파하가", "d4": "너더러마바"}
    for name, text in truth.items():
        write(f"truth/{name}.json", [text], image=name == "d1", style="sans" if name < "d3" else "serif")
        write(f"a/{name}.json", [first[name]])
        write(f"b/{name}.json", [second[name]])

    def run(*names: str, **options: object) -> Evaluation:
        first, *others = [saved(tmp_path / name) for name in names]
        chosen = EvaluateOptions(**options)  # type: ignore[arg-type]
        return evaluate("truth", read_truth(tmp_path / "truth"), first, others[0] if others else None, chosen)

    return run


def _values(evaluation: Evaluation, run: int = 0) -> dict[str, float | None]:
    return {figure.measure.name: figure.value for figure in evaluation.runs[run].figures}


def test_one_run_by_hand(two_runs: Callable[..., Evaluation]) -> None:
    found = two_runs("a")
    assert (found.pages, found.documents, found.lines, found.characters) == (4, 4, 4, 20)
    values = _values(found)
    assert values["cer"] == pytest.approx(4 / 20)
    assert values["wer"] == 1.0
    assert values["jamo_error_rate"] == pytest.approx(4 / 40)
    assert values["line_exact"] == values["eojeol_accuracy"] == 0.0
    assert values["ned"] == pytest.approx(0.8)
    assert values["space_f1"] is None  # there is none
    assert values["line_f1"] == values["line_f1_mean"] == values["cleval_detection"] == 1.0
    assert values["line_splits"] == values["line_merges"] == 0.0
    assert values["soft_f1"] == pytest.approx(0.8)
    assert values["strict_f1"] == 0.0
    # Each document has one error in five, so every draw of them has.
    (cer,) = (figure for figure in found.runs[0].figures if figure.measure.name == "cer")
    assert cer.interval is not None
    assert (cer.interval.low, cer.interval.high) == pytest.approx((0.2, 0.2))
    assert found.runs[0].confusions.faults[("가", "거")] == 1
    assert [row.documents for row in found.runs[0].slices if row.dimension == "style"] == [2, 2]


def test_two_runs_by_hand(two_runs: Callable[..., Evaluation]) -> None:
    found = two_runs("a", "b")
    assert _values(found, 1)["cer"] == pytest.approx(9 / 20)
    cer = next(row for row in found.compared if row.name == "cer")
    # Better on all four documents: only none and all of the 16 exchanges reach it.
    assert cer.test.difference == pytest.approx(-0.25)
    assert (cer.test.p, cer.test.exact) == (2 / 16, True)
    assert cer.interval is not None
    assert -0.4 <= cer.interval.low <= -0.25 <= cer.interval.high <= -0.2
    serif = next(row for row in found.compared if (row.dimension, row.value) == ("style", "serif"))
    assert serif.test.difference == pytest.approx(-0.3)
    assert serif.test.p == 0.5
    assert serif.adjusted is not None
    assert serif.adjusted >= serif.test.p
    assert found.worse == ()
    assert len(found.better) == 4
    assert (found.better[0].read, found.better[0].other_read, found.better[0].other_errors) == (
        "너다라마바",
        "너더러마바",
        3,
    )


def test_unread_pages_are_left_out_or_missed(two_runs: Callable[..., Evaluation], tmp_path: Path) -> None:
    (tmp_path / "b/d4.json").unlink()
    listed, missed = two_runs("b"), two_runs("b", unpaired="miss")
    assert _values(listed)["cer"] == pytest.approx(6 / 15)
    assert _values(missed)["cer"] == pytest.approx(11 / 20)
    assert listed.unread == missed.unread == (("d4",),)
    assert (listed.pages, missed.pages) == (3, 4)
    assert missed.runs[0].confusions.lost == 1
    # Runs are compared on what both have read.
    assert two_runs("a", "b").pages == 3
    assert two_runs("a", "b", unpaired="miss").pages == 4


def test_readings_without_places_have_no_measures_of_places(write: Make, tmp_path: Path) -> None:
    write("truth/a.json", ["가 나"])
    (tmp_path / "a.txt").write_text("가 나", "utf-8")
    found = evaluate("truth", read_truth(tmp_path / "truth"), saved(tmp_path / "a.txt"))
    assert "line_f1" not in _values(found)
    assert (_values(found)["cer"], _values(found)["space_f1"]) == (0.0, 1.0)
    assert all(figure.interval is None for figure in found.runs[0].figures)
    assert found.runs[0].reliability is None
    assert found.worst == ()


def test_ink_that_nobody_is_asked_to_read_takes_no_part(write: Make, tmp_path: Path) -> None:
    path = write("truth/a.json", ["가나", "도장"])
    second = path.read_text("utf-8").rindex('"confidence":1.0,"quad"')
    text = path.read_text("utf-8")
    path.write_text(text[:second] + text[second:].replace('"confidence":1.0', '"confidence":0', 1), "utf-8")
    write("out/a.json", ["가나", "드잔"])
    found = evaluate("truth", read_truth(tmp_path / "truth"), saved(tmp_path / "out"))
    assert (found.lines, _values(found)["cer"], _values(found)["line_f1"]) == (1, 0.0, 1.0)


def test_loose_boxes_are_read_in_lines_and_found_as_boxes(write: Make, tmp_path: Path) -> None:
    """Words of one line in any order: their text is the line's, their places are their own."""
    (tmp_path / "truth").mkdir()
    (tmp_path / "boxes").mkdir()
    rows = ["100,10,150,10,150,30,100,30,나다", "20,10,80,10,80,30,20,30,가라", "20,60,60,60,60,80,20,80,###"]
    (tmp_path / "truth/gt_1.txt").write_text("\n".join(rows), "utf-8")
    (tmp_path / "boxes/res_1.txt").write_text("\n".join(rows[1::-1]), "utf-8")
    write("lines/1.json", ["가라 나다"])
    cases = read_truth(tmp_path / "truth")
    loose = _values(evaluate("truth", cases, saved(tmp_path / "boxes")))
    assert (loose["cer"], loose["line_f1"], loose["cleval_end_to_end"]) == (0.0, 1.0, 1.0)
    lines = _values(evaluate("truth", cases, saved(tmp_path / "lines")))
    assert (lines["cer"], lines["line_f1"]) == (0.0, 1.0)
    both = evaluate("truth", cases, saved(tmp_path / "boxes"), saved(tmp_path / "lines"))
    assert (_values(both)["line_f1"], _values(both, 1)["line_f1"]) == (1.0, 1.0)


def test_runs_without_a_page_in_common(two_runs: Callable[..., Evaluation], tmp_path: Path) -> None:
    for name in ("a/d1", "a/d2", "b/d3", "b/d4"):
        (tmp_path / f"{name}.json").unlink()
    with pytest.raises(MissingInputError, match="no page was read by both runs"):
        two_runs("a", "b")


@pytest.mark.parametrize("wrong", [{"unpaired": "drop"}, {"worst": -1}])
def test_options_are_checked(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="expected"):
        EvaluateOptions(**wrong)  # type: ignore[arg-type]


def test_the_page_is_whole_and_fetches_nothing(two_runs: Callable[..., Evaluation]) -> None:
    page = Outline(as_html(two_runs("a", "b")))
    assert [section["id"] for section in page.of("section")] == [
        "summary", "measures", "slices", "faults", "jamo", "confidence", "worst", "changed", "methods",
    ]  # fmt: skip
    assert {str(link["href"]) for link in page.of("a")} == {f"#{section['id']}" for section in page.of("section")}
    assert page.of("script") == page.of("link") == []
    sources = [str(image["src"]) for image in page.of("img")]
    assert sources
    assert all(source.startswith("data:image/jpeg;base64,") for source in sources)
    policy = next(meta["content"] for meta in page.of("meta") if meta.get("http-equiv"))
    assert policy == "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    assert any(meta.get("name") == "viewport" for meta in page.of("meta"))
    for text in ("20.00 %", "−25.00", "p = 0.125", "가", "states no confidences"):
        assert text in page.text, text
    assert "url(" not in page.text
    assert "prefers-color-scheme: dark" in page.text


def test_what_an_image_says_never_becomes_markup(write: Make, tmp_path: Path) -> None:
    evil = '<script>alert(1)</script> & "<b onload=x>" \x07\ud800'
    write("truth/<i>a.json", ["</style><script>x</script>|`*"], style='<img src=x onerror="y">')
    write("out/<i>a.json", ["나"])
    text = (tmp_path / "out/<i>a.json").read_text("utf-8")
    (tmp_path / "out/<i>a.json").write_text(text.replace('"나"', json.dumps(evil)), "utf-8")
    found = evaluate("<u>", read_truth(tmp_path / "truth"), saved(tmp_path / "out"))
    content = as_html(found)
    page = Outline(content)
    assert page.of("script") == page.of("b") == page.of("i") == page.of("u") == page.of("img") == []
    assert "<script>alert(1)</script>" in page.text.replace("\n", "")
    assert b"\x07" not in content
    markdown = plain.as_markdown(found)
    assert "<script" not in markdown
    assert "\\|\\`\\*" in markdown
    tree = json.loads(plain.as_json(found))
    assert "<script>alert(1)</script>" in tree["worst"][0]["read"]


def test_json_holds_every_figure(two_runs: Callable[..., Evaluation]) -> None:
    tree = json.loads(plain.as_json(two_runs("a", "b", resample=ResampleOptions(rounds=50, seed=7))))
    assert (tree["format"], tree["version"], tree["options"]["resample"]["seed"]) == ("geulnun-evaluation", 1, 7)
    first, second = tree["runs"]
    assert (first["label"], first["measures"]["cer"]["value"]) == ("a", pytest.approx(0.2))
    assert second["errors"] == {
        "all": 9, "substituted": 9, "missing": 0, "added": 0, "lost lines": 0, "between lines": 0,
    }  # fmt: skip
    assert ["ㅏ", "ㅓ", 9, 20] in second["jamo"]["jung"]
    sizes = [row for row in first["slices"] if row["dimension"] == "size"]
    assert [(row["value"], row["documents"], row["characters"]) for row in sizes] == [("16 to 24 px", 4, 20)]
    whole = [row for row in tree["comparison"] if row["measure"] == "cer" and not row["dimension"]]
    assert [(row["p"], row["documents_that_differ"], row["p_holm"]) for row in whole] == [(0.125, 4, None)]
    assert {len(row) for row in first["faults"]} == {3}
    assert tree["worst"][0]["truth"] == "가나다라마"


def test_markdown_tells_the_same(two_runs: Callable[..., Evaluation]) -> None:
    text = plain.as_markdown(two_runs("a", "b"), "evaluation.html")
    assert text.startswith("# Evaluation: a against b\n\nTruth: truth. 4 pages, 4 documents, 4 lines, 20 characters.")
    assert "| CER | 20.00 % | 20.00 – 20.00 | 45.00 % |" in text
    assert "−25.00" in text
    assert "| sans | 2 | 10 | 20.00 % |" in text
    assert "Pictures are in evaluation.html." in text


def test_the_same_seed_gives_the_same_report(two_runs: Callable[..., Evaluation]) -> None:
    first, again = (json.loads(plain.as_json(two_runs("a", "b"))) for _ in range(2))
    assert first | {"date": ""} == again | {"date": ""}
