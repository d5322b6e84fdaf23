"""Documents on the page: in by every way, beside their text, selected, mended, out in every format."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from geulnun.write import WRITERS, read_json

Open = Callable[..., Page]

#: What stands in the fixture's picture, as its first line, some of its words, and its longest paragraph's beginning.
TITLE = "글마루구립도서관"
PARAGRAPH = "우리 도서관은 시험을 앞둔 학생과 늦게 퇴근하는 이웃을 위하여 5월 6일부터 야간\n열람실을 엽니다."

#: Gives the page a file as a drop or paste does; browsers let scripts make such events.
_GIVE = """([how, name, type, content]) => {
    const bytes = Uint8Array.from(atob(content), (char) => char.charCodeAt(0));
    const transfer = new DataTransfer();
    transfer.items.add(new File([bytes], name, { type }));
    const about = { bubbles: true, cancelable: true };
    const pasted = new ClipboardEvent("paste", { ...about, clipboardData: transfer });
    if (how === "paste") document.body.dispatchEvent(pasted);
    else for (const kind of ["dragenter", "dragover", "drop"]) {
        document.body.dispatchEvent(new DragEvent(kind, { ...about, dataTransfer: transfer }));
    }
}"""


def give(page: Page, file: Path, how: str) -> None:
    content = base64.b64encode(file.read_bytes()).decode()
    page.evaluate(_GIVE, [how, file.name, "image/png", content])


def words(page: Page) -> list[str]:
    return page.locator("#text .w").all_inner_texts()


def until_read(page: Page) -> None:
    page.wait_for_selector("#text .w")


def test_a_dropped_picture_becomes_text(open_page: Open, note: Path) -> None:
    page = open_page()
    give(page, note, "drop")
    expect(page.locator("#veil")).to_be_hidden()
    expect(page.locator("#title")).to_have_text("공문.png")
    until_read(page)
    assert page.locator("#text .line").first.inner_text() == TITLE
    assert {"2026-0417", "글마루-2026-0417"} & set(words(page))
    assert page.locator("#stage .word").count() == len(words(page))


def test_words_are_selected_over_the_picture(open_page: Open, note: Path) -> None:
    page = open_page()
    page.set_input_files("#files", str(note))
    until_read(page)
    first = page.locator("#stage .word", has_text="우리").bounding_box()
    last = page.locator("#stage .word", has_text="엽니다").bounding_box()
    assert first
    assert last
    page.mouse.move(first["x"] + 1, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 0.5, last["y"] + last["height"] / 2, steps=12)
    page.mouse.up()
    selected = str(page.evaluate("getSelection().toString()"))
    assert selected.split() == PARAGRAPH.split()
    copied = page.evaluate(
        """() => {
            const clipboardData = new DataTransfer();
            const event = new ClipboardEvent("copy", { bubbles: true, cancelable: true, clipboardData });
            document.querySelector("#stage").dispatchEvent(event);
            return clipboardData.getData("text/plain");
        }"""
    )
    assert copied == PARAGRAPH


def test_a_pasted_picture_is_mended_and_downloaded_in_every_format(open_page: Open, note: Path, tmp_path: Path) -> None:
    page = open_page(accept_downloads=True)
    give(page, note, "paste")
    until_read(page)
    page.locator("#text .w", has_text=TITLE).click()
    expect(page.locator("#editor")).to_be_visible()
    page.locator("#editor input").fill("글눈 도서관")
    page.keyboard.press("Enter")
    expect(page.locator("#editor")).to_be_hidden()
    expect(page.locator("#text .line").first).to_have_text("글눈 도서관")
    contents = {}
    for name, known in WRITERS.items():
        page.click("#download")
        with page.expect_download() as coming:
            page.click(f'#menu [data-format="{name}"]')
        assert coming.value.suggested_filename == f"공문{known.suffix}"
        coming.value.save_as(tmp_path / name)
        contents[name] = (tmp_path / name).read_bytes()
    assert contents["txt"].decode().startswith("글눈 도서관\n")
    tree = read_json(contents["json"])
    assert [word.text for word in tree.pages[0].lines[0].words] == ["글눈", "도서관"]
    assert tree.source == "공문.png"
    quads = [word.quad for word in tree.pages[0].lines[0].words]
    assert quads[0]
    assert quads[1]
    assert quads[0][1] == quads[1][0]
    for name in set(contents) - {"overlay", "pdf", "docx"}:
        assert "도서관" in contents[name].decode(), name
    assert contents["overlay"].startswith(b"\x89PNG")
    if "pdf" in contents:
        with pikepdf.open(io.BytesIO(contents["pdf"])) as pdf:
            assert len(pdf.pages) == 1
    if "docx" in contents:
        with zipfile.ZipFile(io.BytesIO(contents["docx"])) as parts:
            assert "도서관" in parts.read("word/document.xml").decode()
    page.keyboard.press("u")
    assert page.locator("#text .line").first.inner_text() == TITLE


def test_all_by_keyboard(open_page: Open) -> None:
    page = open_page(reduced_motion="reduce")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.act") == "sample":
            break
    assert page.evaluate("document.activeElement.dataset.act") == "sample"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    until_read(page)
    assert words(page)[0] == "달빛분식"
    page.locator("#text .w").first.focus()
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.textContent") == "한별점"
    page.keyboard.press("Enter")
    page.keyboard.type("온별점")
    page.keyboard.press("Enter")
    expect(page.locator("#text .w:focus")).to_have_text("온별점")
    assert words(page)[:2] == ["달빛분식", "온별점"]
    page.keyboard.press("d")
    expect(page.locator(f'#menu [data-format="{next(iter(WRITERS))}"]')).to_be_focused()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.dataset.format") == list(WRITERS)[1]
    page.keyboard.press("Escape")
    expect(page.locator("#download")).to_be_focused()
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()
    page.keyboard.press("Escape")
    before = page.inner_text("#zoom")
    page.keyboard.press("+")
    assert page.inner_text("#zoom") != before
    page.keyboard.press("0")
    assert page.inner_text("#zoom") == before


def test_pages_of_a_locked_pdf_arrive_one_by_one(open_page: Open, note: Path, tmp_path: Path) -> None:
    with Image.open(note) as picture:
        small = picture.crop((500, 0, 1200, 160))
        pages = [small, Image.fromarray(np.full((160, 700), 255, np.uint8))]
    pages[0].save(tmp_path / "open.pdf", save_all=True, append_images=pages[1:], resolution=200)
    with pikepdf.open(tmp_path / "open.pdf") as pdf:
        pdf.save(tmp_path / "locked.pdf", encryption=pikepdf.Encryption(owner="o", user="열쇠1"))
    page = open_page()
    page.set_input_files("#files", str(tmp_path / "locked.pdf"))
    page.locator("#lock input").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#lock .wrong")).to_have_text("비밀번호가 맞지 않습니다.")
    page.locator("#lock input").fill("열쇠1")
    page.keyboard.press("Enter")
    until_read(page)
    assert words(page) == [TITLE]
    page.wait_for_selector(".thumb:nth-of-type(2):not(.unread)")
    page.locator("#stage").focus()
    page.keyboard.press("PageDown")
    expect(page.locator("#title")).to_have_text("locked.pdf · 2/2쪽")
    expect(page.locator("#text")).to_have_text("읽을 글이 없는 쪽입니다.")
    page.keyboard.press("PageUp")
    assert words(page) == [TITLE]
    page.locator(".thumb").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.innerText") == "2"
    expect(page.locator("#title")).to_have_text("locked.pdf · 2/2쪽")


@pytest.mark.parametrize(
    ("language", "said"), [("ko-KR", "이 파일은 읽을 수 없습니다."), ("en-US", "This file cannot be read.")]
)
def test_what_is_no_picture_is_told_kindly(open_page: Open, tmp_path: Path, language: str, said: str) -> None:
    (tmp_path / "<b>x.png").write_bytes(b"no picture at all")
    page = open_page(locale=language)
    page.set_input_files("#files", str(tmp_path / "<b>x.png"))
    expect(page.locator(".failure strong")).to_have_text(said)
    assert page.locator(".failure p").inner_text().startswith("<b>x.png:")
