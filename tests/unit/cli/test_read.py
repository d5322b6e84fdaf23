import dataclasses
import inspect
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from geulnun.cli.overlay import overlay
from geulnun.cli.read import read
from geulnun.decode.options import DecodeOptions
from geulnun.pipeline import ReaderOptions
from geulnun.write import read_json

Run = Callable[..., Any]
Make = Callable[..., Path]


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_text_to_stdout(run: Run, picture: Make) -> None:
    result = run("read", picture("a.png", 9))
    assert (result.code, result.out, result.err) == (0, "값9\n", "")


def test_blank_page_is_empty_text_and_success(run: Run, picture: Make) -> None:
    result = run("read", picture("a.png", 255))
    assert (result.code, result.out, result.err) == (0, "", "")


def test_several_files_are_headed_by_their_names(run: Run, picture: Make) -> None:
    picture("b/2.png", 2), picture("b/10.png", 10)
    result = run("read", picture("a.png", 1), "b")
    assert result.out == f"==> {Path.cwd() / 'a.png'} <==\n값1\n==> b/2.png <==\n값2\n==> b/10.png <==\n값10\n"


def test_json_lines_for_several_files(run: Run, picture: Make) -> None:
    picture("a.png", 1), picture("b.png", 2)
    result = run("read", "-f", "json", "*.png")
    assert [read_json(line).text for line in result.out.splitlines()] == ["값1", "값2"]


def test_pages_of_a_file_and_stdin(run: Run, picture: Make) -> None:
    path = picture("a.tif", 1, 2, 3)
    assert run("read", path, "--pages", "1,3").out == "값1\f값3\n"
    assert run("read", "-", "--pages", "2", stdin=path.read_bytes()).out == "값2\n"
    result = run("read", path, "--pages", "4")
    assert result.code == 3
    assert "a.tif: page 4 asked for, but it has 3 pages" in result.err


def test_all_formats_into_a_folder(run: Run, picture: Make, tmp_path: Path) -> None:
    picture("a.tif", 1, 2), picture("b.png", 3)
    result = run("read", "a.tif", "b.png", "-o", "out/deep", "-f", "txt,json,overlay")
    assert (result.code, result.out, result.err) == (0, "", "")
    out = tmp_path / "out/deep"
    assert files(out) == [
        "a-0001.overlay.png",
        "a-0002.overlay.png",
        "a.json",
        "a.txt",
        "b.json",
        "b.overlay.png",
        "b.txt",
    ]
    assert (out / "a.txt").read_text() == "값1\f값2\n"
    assert read_json((out / "b.json").read_bytes()).source == "b.png"
    assert size(out / "b.overlay.png") == (60, 20)


def test_same_names_do_not_overwrite_each_other(run: Run, picture: Make, tmp_path: Path) -> None:
    paths = [picture(name, i) for i, name in enumerate(("x/a.png", "y/a.png", "x/a.bmp", "x/b.png"), 1)]
    assert run("read", *(path.relative_to(tmp_path) for path in paths), "-o", "out").code == 0
    texts = {name: (tmp_path / "out" / name).read_text().strip() for name in files(tmp_path / "out")}
    assert texts == {"x_a.png.txt": "값1", "y_a.png.txt": "값2", "a.bmp.txt": "값3", "b.txt": "값4"}


def test_the_rest_of_a_batch_is_read(run: Run, picture: Make, tmp_path: Path) -> None:
    (tmp_path / "empty.png").touch()
    (tmp_path / "text.png").write_text("글")
    result = run("read", "missing.png", "empty.png", picture("a.png", 1), "text.png", picture("b.png", 2), "-o", "out")
    assert result.code == 3
    assert files(tmp_path / "out") == ["a.txt", "b.txt"]
    lines = result.err.splitlines()
    assert len(lines) == 3
    assert "missing.png: no such file" in lines[0]
    assert "empty.png: empty" in lines[1]
    assert "text.png: neither an image nor a PDF" in lines[2]


def test_a_bug_on_one_file_spares_the_others(run: Run, picture: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run("read", picture("a.png", 13), picture("b.png", 2))
    assert result.code == 1
    assert result.err.splitlines() == [
        "geulnun: internal error, RuntimeError: a bug of two lines; GEULNUN_DEBUG=1 shows where, please report it"
    ]
    assert "값2" in result.out
    monkeypatch.setenv("GEULNUN_DEBUG", "1")
    from geulnun.cli.app import main

    with pytest.raises(RuntimeError, match="a bug"):
        main(["read", "a.png"])


def test_warnings_of_libraries_are_no_news(run: Run, picture: Make) -> None:
    result = run("read", picture("a.png", 15))  # errors in these tests, unless the command line lets them go
    assert (result.code, result.out, result.err) == (0, "값15\n", "")


def test_interrupt_ends_with_130_and_nothing_half_written(run: Run, picture: Make, tmp_path: Path) -> None:
    result = run("read", picture("a.png", 1), picture("b.tif", 2, 14), picture("c.png", 3), "-o", "out")
    assert result.code == 130
    assert "Traceback" not in result.err
    assert files(tmp_path / "out") == ["a.txt"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["-f", "jsn"], "format 'jsn'; did you mean 'json'?"),
        (["-f", "txt,json"], "cannot go to stdout; say where with -o DIR"),
        (["-f", "overlay"], "say where with -o DIR"),
        (["--min-confidence", "7"], "option 'min_confidence' is 7"),
        (["--dpi", "2"], "dpi 2; expected 18 to 2400"),
        (["--font", "none.ttf"], "none.ttf: not a usable font"),
    ],
)
def test_wrong_usage(run: Run, picture: Make, arguments: list[str], words: str) -> None:
    result = run("read", picture("a.png", 1), *arguments)
    assert result.code == 2
    assert words in result.err
    assert len(result.err.splitlines()) == 1


def test_an_output_never_overwrites_an_input(run: Run, picture: Make, tmp_path: Path) -> None:
    path = picture("a.overlay.png", 1)
    before = path.read_bytes()
    result = run("read", picture("a.png", 2), path, "-f", "overlay", "-o", ".")
    assert result.code == 2
    assert "would overwrite an input" in result.err
    assert path.read_bytes() == before


def test_an_unwritable_folder_is_one_line(run: Run, picture: Make, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file")
    result = run("read", picture("a.png", 1), "-o", "out")
    assert result.code == 1
    assert "a.txt: cannot be written" in result.err


@pytest.mark.parametrize(("verb", "absent"), [(read, {"decoding"}), (overlay, {"decoding", "columns", "pdf_text"})])
def test_defaults_are_those_of_the_reader(verb: Callable[..., None], absent: set[str]) -> None:
    given = {name: value.default for name, value in inspect.signature(verb).parameters.items()}
    for name, field in ReaderOptions.model_fields.items():
        assert name in absent or given[name] == field.default, name


def test_defaults_of_decoding_are_those_of_the_decoders() -> None:
    given = {name: value.default for name, value in inspect.signature(read).parameters.items()}
    for field in dataclasses.fields(DecodeOptions):
        assert field.name == "alternatives" or given[{"width": "beam"}.get(field.name, field.name)] == field.default


def test_an_image_of_one_line_is_read_without_detection(run: Run, picture: Make) -> None:
    tree = json.loads(run("read", "--line", "-f", "json", picture("a.png", 9)).out)
    (page,) = tree["pages"]
    (line,) = page["blocks"][0]["lines"]
    assert line["quad"] == [[0.0, 0.0], [page["width"], 0.0], [page["width"], page["height"]], [0.0, page["height"]]]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--recogniser", "no.onnx"), "no.onnx: no such file"),
        (("--detector", "no.onnx"), "no.onnx: no such file"),
        (("--lm", "no.bin", "--decoder", "greedy"), "greedy decoding weighs no"),
        (("--pattern", "(("), "(("),
        (("--beam", "0"), "width is 0"),
    ],
)
def test_decoding_that_cannot_be_is_one_line(run: Run, picture: Make, arguments: tuple[str, ...], message: str) -> None:
    result = run("read", picture("a.png", 1), *arguments)
    assert result.code != 0
    assert message in result.err
    assert len(result.err.strip().splitlines()) == 1


def test_json_keeps_places(run: Run, picture: Make) -> None:
    tree = json.loads(run("read", "-f", "json", picture("a.png", 9)).out)
    assert tree["pages"][0]["blocks"][0]["lines"][0]["quad"][2] == [60.0, 20.0]
