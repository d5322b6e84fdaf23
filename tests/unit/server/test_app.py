"""The interface as programs use it, with networks that read."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from geulnun.server import schemas
from geulnun.server.negotiation import STREAM_TYPE
from geulnun.write import WRITERS, read_json
from geulnun.write.json import schema

Client = Callable[..., Any]
Picture = Callable[..., bytes]


def test_a_file_is_read_from_a_form_and_from_a_body(client: Client, inline: Any, picture: Picture) -> None:
    with client(inline) as http:
        form = http.post("/v1/read", files={"file": ("../a\\표지 1.png", picture())})
        body = http.post("/v1/read?format=txt", content=picture(), headers={"X-File-Name": "%ED%91%9C.png"})
    document = read_json(form.content)
    assert form.status_code == 200
    assert re.fullmatch(r"queue;dur=\d+\.\d", form.headers["server-timing"])
    assert (document.source, document.text) == ("표지 1.png", "한국 글자")
    assert body.text == "한국 글자\n"
    assert body.headers["content-type"] == "text/plain; charset=utf-8"
    assert "filename*=UTF-8''%ED%91%9C.txt" in body.headers["content-disposition"]
    # Nothing is kept of either.
    assert len(inline.dropped) == 2


def test_pages_come_one_by_one_and_one_that_fails_costs_only_itself(
    client: Client, workers: Any, inline: Any, picture: Picture
) -> None:
    pages = [Image.open(io.BytesIO(picture(text))) for text in ("하나", "둘", "우리 글")]
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:])
    answers = inline.answers

    def damaged(task: Any, file: Any) -> Any:
        if task.head.get("number") == 2:
            return type(task)({"error": {"kind": "DamagedInputError", "message": "book.tif, page 2: damaged"}})
        return answers(task, file)

    with client(workers(damaged)) as http:
        files = {"file": ("book.tif", stream.getvalue())}
        done = http.post("/v1/read?preview=1", files=files, headers={"Accept": STREAM_TYPE})
        whole = http.post("/v1/read", files=files)
    first, one, two, three, last = map(json.loads, done.text.splitlines())
    assert done.headers["content-type"] == STREAM_TYPE
    assert first["file"] == {"name": "book.tif", "pages": 3, "numbers": [1, 2, 3]}
    assert (one["page"]["text"], three["page"]["text"], three["page"]["number"]) == ("하나", "우리 글", 3)
    assert (two["number"], two["error"]["status"], two["error"]["detail"]) == (2, 422, "book.tif, page 2: damaged")
    assert (last["done"]["pages"], last["done"]["failed"]) == (2, 1)
    schemas.Preview.model_validate(one["preview"])
    assert one["preview"]["scale"] == pytest.approx(one["preview"]["width"] / one["page"]["width"])
    # What the page shows is a document again.
    assert read_json(json.dumps(first["document"] | {"pages": [one["page"], three["page"]]})).text == "하나\f우리 글"
    assert (whole.status_code, whole.json()["detail"]) == (422, "book.tif, page 2: damaged")


def test_previews_stand_beside_the_document(client: Client, inline: Any, picture: Picture) -> None:
    with client(inline) as http:
        done = http.post("/v1/read?preview=1", content=picture())
        refused = http.post("/v1/read?preview=1&format=txt", content=picture())
    answer = done.json()
    assert read_json(json.dumps(answer["document"])).text == "한국 글자"
    assert [one["uri"].split(",")[0] for one in answer["previews"]] == ["data:image/webp;base64"]
    assert refused.status_code == 400


def test_a_corrected_document_is_written_in_every_format(client: Client, inline: Any, picture: Picture) -> None:
    with client(inline) as http:
        read = http.post("/v1/read", files={"file": ("sign.png", picture())}).text
        edited = read.replace('"text":"국"', '"text":"글"')
        answers = {
            name: http.post(f"/v1/convert?format={name}", files={"document": ("sign.json", edited), "file": picture()})
            for name in WRITERS
        }
        named = http.get("/v1/formats").json()
        alone = http.post("/v1/convert?format=overlay", content=edited)
    assert {name: done.status_code for name, done in answers.items()} == dict.fromkeys(WRITERS, 200)
    assert answers["txt"].text == "한글 글자\n"
    for name, done in answers.items():
        assert done.headers["content-type"].split(";")[0] == WRITERS[name].media_type
        assert f'filename="sign{WRITERS[name].suffix}"' in done.headers["content-disposition"]
    assert [one.name for one in schemas.Formats.model_validate(named).formats] == list(WRITERS)
    # A picture of the page cannot be had without the page.
    assert (alone.status_code, alone.json()["type"]) == (400, "urn:geulnun:usage")


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'{"format": "other"}', b"\xff\xfe", b"[" * 100_000,
        b'{"format": "geulnun-document", "version": 1, "source": "", "pages": 3}',
    ],
)  # fmt: skip
def test_what_is_no_document_is_refused(client: Client, inline: Any, content: bytes) -> None:
    with client(inline) as http:
        done = http.post("/v1/convert?format=txt", content=content)
    assert done.status_code in (400, 422)
    assert done.json()["type"] in ("urn:geulnun:unreadable", "urn:geulnun:missing")


def test_a_character_is_named_with_its_jamo_and_where_they_are_seen(
    client: Client, inline: Any, picture: Picture
) -> None:
    with client(inline) as http:
        done = http.post("/v1/char?n=3&explain=1", content=picture("한", 90))
        kana = http.post("/v1/char", params={"allow": "ぁ-ん"}, content=picture("한", 90))
        blank = http.post("/v1/char?explain=1", content=_paper())
    answer = schemas.Character.model_validate_json(done.content)
    assert (answer.text, len(answer.characters)) == ("한", 3)
    assert [ranks[0].text for ranks in (answer.jamo.cho, answer.jamo.jung, answer.jamo.jong)] == ["ㅎ", "ㅏ", "ㄴ"]
    assert answer.maps is not None
    assert [(one.place, one.letter) for one in answer.maps] == [("cho", "ㅎ"), ("jung", "ㅏ"), ("jong", "ㄴ")]
    assert answer.square is not None
    left, top, right, bottom = answer.square
    # The ink is 20 pixels from each edge; the square is around its middle, and a little larger.
    assert (left + right) / 2 == pytest.approx(answer.width / 2, abs=2)
    assert (top + bottom) / 2 == pytest.approx(answer.height / 2, abs=2)
    assert right - left == pytest.approx(bottom - top)
    assert right - left > max(answer.width, answer.height) - 40
    assert all("ぁ" <= one["text"] <= "ん" for one in kana.json()["characters"])
    assert (blank.json()["text"], blank.json()["characters"], blank.json()["maps"]) == ("", [], [])


def test_a_line_is_read(client: Client, inline: Any, picture: Picture) -> None:
    with client(inline) as http:
        done = http.post("/v1/line", files={"file": ("line.png", picture("우리 글"))}).json()
        blank = http.post("/v1/line", content=_paper()).json()
    assert done["text"] == "우리 글"
    assert [len(word["chars"]) for word in done["words"]] == [2, 1]
    assert (blank["text"], blank["words"], blank["width"]) == ("", [], 40)


def _paper() -> bytes:
    stream = io.BytesIO()
    Image.new("L", (40, 30), 255).save(stream, "PNG")
    return stream.getvalue()


def test_the_description_names_routes_bodies_and_problems(client: Client, inline: Any) -> None:
    with client(inline) as http:
        told = http.get("/openapi.json").json()
        pages = [http.get(path).status_code for path in ("/docs", "/redoc")]
    reading = told["paths"]["/v1/read"]["post"]
    assert {"/v1/read", "/v1/line", "/v1/char", "/v1/convert", "/v1/formats", "/healthz", "/metrics"} <= set(
        told["paths"]
    )
    assert {"multipart/form-data", "application/pdf", "image/png"} <= set(reading["requestBody"]["content"])
    assert {one.media_type for one in WRITERS.values()} | {STREAM_TYPE} <= set(reading["responses"]["200"]["content"])
    assert {"400", "413", "422", "429", "503"} <= set(reading["responses"])
    assert {one["name"] for one in reading["parameters"]} == {
        "format", "pages", "dpi", "min_confidence", "rotate", "columns", "preview", "pdf_text",
        "pdf_a",
    }  # fmt: skip
    # What is referred to is there; the schema of documents has references of its own.
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(told)))
    assert named <= set(told["components"]["schemas"])
    assert told["components"]["schemas"]["Document"]["$id"] == schema()["$id"]
    # They load scripts from elsewhere.
    assert pages == [404, 404]
