"""How the page is: light, quick, in two languages, on phones, by night; and what it makes of answers it is given."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

Open = Callable[..., Page]

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 3, "is_mobile": True, "has_touch": True}
NARROW = PHONE | {"viewport": {"width": 320, "height": 640}}
LIMIT = 300_000


def word(text: str, quad: Sequence[Sequence[float]], confidence: float = 1.0, **more: object) -> dict[str, Any]:
    chars = [{"text": char, "confidence": confidence} for char in text]
    return {"text": text, "quad": quad, "chars": chars} | more


def box(left: float, top: float, right: float, bottom: float) -> list[list[float]]:
    return [[left, top], [right, top], [right, bottom], [left, bottom]]


def answer(*lines: list[dict[str, Any]], kind: str = "text", rotation: int = 0) -> str:
    """What `/v1/read` tells of one page of 400 x 300 pixels with these lines."""
    rows = [
        {
            "text": " ".join(str(one["text"]) for one in line),
            "confidence": 1.0,
            "quad": [line[0]["quad"][0], line[-1]["quad"][1], line[-1]["quad"][2], line[0]["quad"][3]],
            "words": line,
        }
        for line in lines
    ]
    block = {"kind": kind, "lines": rows}
    text = "\n".join(str(row["text"]) for row in rows)
    page = {"number": 1, "width": 400, "height": 300, "rotation": rotation, "text": text, "blocks": [block]}
    told = [{"file": {"name": "x.png", "pages": 1, "numbers": [1]}}, {"page": page}, {"done": {"pages": 1}}]
    return "".join(json.dumps(one) + "\n" for one in told)


def answered(page: Page, body: str, status: int = 200, kind: str = "application/x-ndjson", **heads: str) -> None:
    """Give the page a file, and this for an answer."""

    def fulfil(route: Route) -> None:
        route.fulfill(status=status, body=body, content_type=kind, headers=heads)

    page.route("**/v1/read*", fulfil)
    page.set_input_files("#files", {"name": "x.bin", "mimeType": "application/octet-stream", "buffer": b"x"})


def test_the_page_is_light(open_page: Open) -> None:
    page = open_page()
    sizes = page.evaluate(
        "[...performance.getEntriesByType('resource'), ...performance.getEntriesByType('navigation')]"
        ".map((one) => one.decodedBodySize)"
    )
    assert len(sizes) > 5
    assert 0 < sum(sizes) <= LIMIT
    kept = [file.read_bytes() for file in files("geulnun.server").joinpath("static").iterdir()]
    assert sum(map(len, kept)) <= LIMIT


@pytest.mark.parametrize(
    ("locale", "language", "choose"), [("ko-KR", "ko", "파일 고르기"), ("de-DE", "en", "Choose files")]
)
def test_it_speaks_the_browsers_language(open_page: Open, locale: str, language: str, choose: str) -> None:
    page = open_page(locale=locale)
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.locator(".primary [data-t=choose]")).to_have_text(choose)


def test_a_language_chosen_is_kept(open_page: Open) -> None:
    page = open_page()
    page.click("#language")
    expect(page.locator("h1").first).to_have_text("Text out of pictures")
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("h1").first).to_have_text("Text out of pictures")


def test_both_languages_say_all(open_page: Open) -> None:
    page = open_page()
    korean, english, asked = page.evaluate(
        """async () => {
            const { WORDS } = await import("/static/i18n.js");
            const marked = [...document.querySelectorAll("[data-t], [data-t-label]")];
            return [WORDS.ko, WORDS.en, marked.flatMap((one) => [one.dataset.t, one.dataset.tLabel]).filter(Boolean)];
        }"""
    )
    assert set(korean) == set(english)
    assert set(asked) <= set(korean)
    assert all(korean.values())
    assert all(english.values())


@pytest.mark.parametrize("screen", [PHONE, NARROW])
def test_phones_scroll_down_only(open_page: Open, screen: dict[str, Any]) -> None:
    page = open_page(**screen)
    wide = "document.documentElement.scrollWidth - innerWidth"
    assert page.evaluate(wide) <= 0
    answered(page, answer([word("가" * 60, box(10, 10, 390, 40)), word("나", box(10, 50, 40, 80))]))
    page.wait_for_selector("#text .w")
    assert page.evaluate(wide) <= 0
    page.goto(page.url.split("#")[0] + "#draw")
    assert page.evaluate(wide) <= 0
    board = page.locator(".paper").bounding_box()
    assert board
    assert board["width"] >= 250


def test_the_night_is_dark_and_the_switch_is_kept(open_page: Open) -> None:
    page = open_page(color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((a, b) => a + +b, 0)"
    assert page.evaluate(ground) < 150
    page.click("#theme")
    assert page.evaluate(ground) > 600
    page.reload()
    assert page.evaluate(ground) > 600


def test_words_lie_where_their_quads_are(open_page: Open) -> None:
    page = open_page()
    turned = [[200, 20], [200, 120], [170, 120], [170, 20]]
    answered(
        page,
        answer([word("가나다", box(20, 30, 140, 60)), word("mm", box(20, 100, 60, 140))], [word("아래로", turned)]),
    )
    page.wait_for_selector("#stage .word")
    found = page.evaluate(
        """() => {
            const sheet = document.querySelector(".sheet-of-page").getBoundingClientRect();
            const scale = sheet.width / 400;
            return [...document.querySelectorAll("#stage .word")].map((word) => {
                const range = document.createRange();
                range.setStart(word.firstChild, 0);
                range.setEnd(word.firstChild, word.firstChild.data.trimEnd().length);
                const box = range.getBoundingClientRect();
                return [box.left - sheet.left, box.top - sheet.top, box.right - sheet.left, box.bottom - sheet.top]
                    .map((side) => side / scale);
            });
        }"""
    )
    # Along the text its ends, across it its middle: fonts differ in how far they reach up and down.
    (left, top, right, bottom), second, down = found
    assert [left, right, (top + bottom) / 2] == pytest.approx([20, 140, 45], abs=1)
    assert [second[0], second[2]] == pytest.approx([20, 60], abs=1)
    assert [down[1], down[3], (down[0] + down[2]) / 2] == pytest.approx([20, 120, 185], abs=1)


def test_text_of_files_is_never_markup(open_page: Open) -> None:
    page = open_page()
    evil = "<img/src=x/onerror=document.title='!'>"
    answered(page, answer([word(evil, box(10, 10, 300, 40), 0.3)]))
    page.wait_for_selector("#text .w")
    assert page.locator("#text .w").inner_text() == evil
    page.locator("#text .w").hover()
    expect(page.locator("#hint")).to_be_visible()
    assert page.locator("#text img, #hint img, #stage .layer img").count() == 0
    assert page.title() != "!"


def test_doubts_are_tinted_counted_and_visited(open_page: Open) -> None:
    page = open_page()
    sure, low, lower = (word(text, box(10, 40 * at, 90, 40 * at + 30), share) for at, (text, share) in enumerate(
        [("확실", 0.99), ("글쎄", 0.8), ("모름", 0.2)]
    ))  # fmt: skip
    lower["chars"][0]["alternatives"] = [["보", 0.3], ["묘", 0.1]]
    answered(page, answer([sure, low], [lower]))
    page.wait_for_selector("#text .w")
    assert [one.split() for one in page.locator("#text .w").evaluate_all("all => all.map((one) => one.className)")] == [
        ["w"], ["w", "unsure"], ["w", "doubtful"],
    ]  # fmt: skip
    expect(page.locator("#doubts")).to_have_text("미심쩍은 낱말 2")
    for wanted in ("글쎄", "모름", "글쎄"):
        page.keyboard.press("n")
        expect(page.locator("#text .w:focus")).to_have_text(wanted)
    page.locator("#stage .doubtful").hover()
    expect(page.locator("#hint")).to_contain_text("확신 20%")
    expect(page.locator("#hint")).to_contain_text("보 30%")
    page.locator("#stage .doubtful").click()
    page.locator(".option", has_text="보").click()
    page.keyboard.press("Enter")
    expect(page.locator("#text .w").last).to_have_text("보름")


def test_cells_of_a_tilted_table_stand_in_rows(open_page: Open) -> None:
    page = open_page()

    def cell(text: str, left: float, top: float) -> list[dict[str, Any]]:
        high = top + left / 10
        return [word(text, [[left, high], [left + 60, high + 6], [left + 60, high + 26], [left, high + 20]])]

    cells = [cell("가", 20, 20), cell("1", 300, 20), cell("나", 20, 60), cell("2", 300, 60)]
    answered(page, answer(*cells, kind="table"))
    page.wait_for_selector("#text .w")
    assert [row.split() for row in page.locator("#text .row").all_inner_texts()] == [["가", "1"], ["나", "2"]]


def test_a_busy_server_is_asked_again(open_page: Open) -> None:
    page = open_page()
    asked = []

    def busy(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) == 1:
            told = json.dumps({"type": "urn:geulnun:busy", "title": "Too Many Requests", "status": 429})
            route.fulfill(status=429, body=told, content_type="application/problem+json", headers={"Retry-After": "1"})
        else:
            route.fulfill(body=answer([word("됐다", box(1, 1, 50, 20))]), content_type="application/x-ndjson")

    page.route("**/v1/read*", busy)
    page.set_input_files("#files", {"name": "x.bin", "mimeType": "", "buffer": b"x"})
    expect(page.locator(".toast")).to_contain_text("1초 뒤에 다시")
    page.wait_for_selector("#text .w")
    assert len(asked) == 2


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (413, "파일이 너무 큽니다."),
        (415, "읽을 수 없는 종류의 파일입니다."),
        (500, "서버에 문제가 생겼습니다."),
        (0, "서버에 닿지 않습니다."),
    ],
)
def test_refusals_are_told_in_words(open_page: Open, status: int, said: str) -> None:
    page = open_page()
    if status:
        told = json.dumps({"status": status, "title": "t", "detail": "x.bin: because"})
        answered(page, told, status, "application/problem+json")
    else:
        page.route("**/v1/read*", lambda route: route.abort())
        page.set_input_files("#files", {"name": "x.bin", "mimeType": "", "buffer": b"x"})
    expect(page.locator(".failure strong")).to_contain_text(said)
    expect(page.locator(".failure button")).to_have_text("다시 읽기")


def test_a_key_is_asked_for_and_sent(open_page: Open) -> None:
    page = open_page()

    def guarded(route: Route) -> None:
        if route.request.headers.get("authorization") == "Bearer 0123456789abcdef":
            route.fulfill(body=answer([word("열림", box(1, 1, 50, 20))]), content_type="application/x-ndjson")
        else:
            route.fulfill(status=401, body="{}", content_type="application/problem+json")

    page.route("**/v1/read*", guarded)
    page.set_input_files("#files", {"name": "x.bin", "mimeType": "", "buffer": b"x"})
    page.locator("#lock input").fill("0123456789abcdef")
    page.keyboard.press("Enter")
    page.wait_for_selector("#text .w")
    assert page.locator("#text .w").all_inner_texts() == ["열림"]
