"""The small parts: messages, formats asked for, names of files, the page's files, documents from outside."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from hypothesis import given, settings
from hypothesis import strategies as st

from geulnun.document import Alternative, Block, Char, Document, Entity, Line, Page, Word
from geulnun.errors import GeulnunError, InputError
from geulnun.server import problems
from geulnun.server.assets import Assets
from geulnun.server.bodies import shown_name
from geulnun.server.documents import check
from geulnun.server.negotiation import disposition, format_of
from geulnun.server.problems import ProblemError
from geulnun.server.wire import Message, packed, receive, receive_async

KEYS = st.text(max_size=9).filter(lambda key: key != "parts")
JSON = st.dictionaries(KEYS, st.integers() | st.text() | st.lists(st.booleans()), max_size=3)


@settings(max_examples=25)
@given(st.lists(st.tuples(JSON, st.lists(st.binary(), max_size=3)), max_size=3))
def test_messages_arrive_as_they_were_sent(sent: list[tuple[dict[str, Any], list[bytes]]]) -> None:
    content = b"".join(piece for head, parts in sent for piece in packed(Message(head, parts)))
    stream = io.BytesIO(content)
    found = []
    while (message := receive(stream)) is not None:
        found.append((message.head, message.parts))
    assert found == sent

    async def run() -> list[Message]:
        reader = asyncio.StreamReader()
        reader.feed_data(content)
        reader.feed_eof()
        return [await receive_async(reader) for _ in sent]

    assert [(one.head, one.parts) for one in asyncio.run(run())] == sent


@pytest.mark.parametrize(
    ("query", "accept", "name"),
    [
        ("txt", "application/json", "txt"),
        ("ndjson", None, "ndjson"),
        (None, None, "json"),
        (None, "*/*", "json"),
        (None, "text/plain", "txt"),
        (None, "application/x-ndjson, application/json;q=0.5", "ndjson"),
        (None, "text/plain;q=0.2, application/json;q=0.9", "json"),
        (None, "audio/ogg, text/*;q=0.1", "txt"),
        (None, "application/json;q=0, text/plain", "txt"),
        (None, "application/json;q=nonsense, text/plain", "txt"),
        (None, "TEXT/PLAIN", "txt"),
    ],
)
def test_the_query_wins_then_what_is_liked_best(query: str | None, accept: str | None, name: str) -> None:
    assert format_of(query, accept, stream=True) == name


def test_what_cannot_be_made_is_refused() -> None:
    for accept in ("audio/ogg", "application/json;q=0", "nonsense", ","):
        with pytest.raises(ProblemError) as caught:
            format_of(None, accept, stream=True)
        assert caught.value.status == 406
    with pytest.raises(ProblemError, match="'txt'"):
        format_of("txtt", None, stream=True)


@given(st.text(max_size=300))
def test_names_of_files_are_fit_to_be_shown_and_saved(name: str) -> None:
    shown = shown_name(name)
    assert len(shown) <= 120
    assert not set(shown) & set("/\\\0\n\r\t\x1b\x7f\u202e")
    assert shown not in (".", "..")
    assert shown_name(shown) == shown
    head = disposition(shown or "upload", ".txt")
    assert head.isascii()
    assert head.isprintable()
    assert head.count('"') == 2


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\표지.pdf", "표지.pdf"),
        ("a\r\nSet-Cookie: b.png", "aSet-Cookie: b.png"),
        ("..", ""),
        ("x" * 500 + ".pdf", "x" * 116 + ".pdf"),
        ("gnp.\u202eexe", "gnp.exe"),
    ],
)
def test_names_lose_folders_and_what_misleads(name: str, shown: str) -> None:
    assert shown_name(name) == shown


@pytest.fixture
def assets(tmp_path: Path) -> Assets:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts/app.js").write_text("export const a = 1;\n" * 100)
    (tmp_path / "tiny.svg").write_text("<svg/>")
    return Assets(tmp_path)


def _asked(**heads: str) -> Request:
    names = [(key.replace("_", "-").encode(), value.encode()) for key, value in heads.items()]
    return Request({"type": "http", "method": "GET", "headers": names})


def test_files_of_the_page_are_compressed_and_sent_once(assets: Assets) -> None:
    plain = assets.response(_asked(), "parts/app.js")
    packed_ = assets.response(_asked(accept_encoding="br, gzip"), "parts/app.js")
    again = assets.response(_asked(if_none_match=plain.headers["etag"]), "parts/app.js")
    assert plain.media_type == "text/javascript"
    assert len(packed_.body) < len(plain.body) / 10
    assert gzip.decompress(bytes(packed_.body)) == bytes(plain.body)
    assert (packed_.headers["content-encoding"], packed_.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert (again.status_code, bytes(again.body), again.headers["etag"]) == (304, b"", plain.headers["etag"])
    assert "content-encoding" not in assets.response(_asked(accept_encoding="gzip"), "tiny.svg").headers


def test_a_file_that_changed_is_sent_again(assets: Assets, tmp_path: Path) -> None:
    before = assets.response(_asked(), "tiny.svg").headers["etag"]
    (tmp_path / "tiny.svg").write_text("<svg></svg>")
    os.utime(tmp_path / "tiny.svg", ns=(1, 1))
    after = assets.response(_asked(if_none_match=before), "tiny.svg")
    assert (after.status_code, bytes(after.body)) == (200, b"<svg></svg>")


@pytest.mark.parametrize("name", ["", "..", "../conftest.py", "parts", "parts/../tiny.svg", "/etc/hosts", "tiny.svg\0"])
def test_no_other_file_can_be_asked_for(assets: Assets, name: str) -> None:
    with pytest.raises(ProblemError, match="no such file"):
        assets.response(_asked(), name)


def test_every_error_of_the_package_has_a_status() -> None:
    def below(kind: type[GeulnunError]) -> list[type[GeulnunError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in below(child))]

    for kind in below(GeulnunError):
        problem = problems.of_error(kind("a.png: what is wrong"))
        assert problem.detail == "a.png: what is wrong"
        assert (problem.status < 500) == issubclass(kind, (InputError, *_asked_wrong())), kind
    assert problems.of_kind("internal", "x").status == 500
    assert problems.of_kind("SystemExit", "x").kind == "internal"


def _asked_wrong() -> tuple[type[GeulnunError], ...]:
    from geulnun.errors import UsageError

    return (UsageError,)


CHAR = Char("가", ((0, 0), (1, 0), (1, 1), (0, 1)), 0.5, (Alternative("나", 0.1),))
PAGE = Page(10, 10, (Block((Line((Word((CHAR,)),)),)),), dpi=300.0, entities=(Entity("name", 0, 1),))


def _with(char: Char) -> Page:
    return replace(PAGE, blocks=(Block((Line((Word((char,)),)),)),))


FAR = ((0.0, 0.0), (float("nan"), 0.0), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    "page",
    [
        replace(PAGE, width=0),
        replace(PAGE, height=10**9),
        replace(PAGE, number=0),
        replace(PAGE, number=10**12),
        replace(PAGE, rotation=45),
        replace(PAGE, dpi=float("inf")),
        replace(PAGE, dpi=0.0),
        replace(PAGE, entities=(Entity("name", 0, 2),)),
        replace(PAGE, entities=(Entity("name", 0, 1, float("nan")),)),
        _with(replace(CHAR, confidence=1.5)),
        _with(replace(CHAR, confidence=float("nan"))),
        _with(replace(CHAR, quad=FAR)),
        _with(replace(CHAR, quad=((0, 0), (1e300, 0), (1, 1), (0, 1)))),
        _with(replace(CHAR, alternatives=(Alternative("나", -1),))),
        _with(replace(CHAR, text="가" * 1000)),
        replace(PAGE, blocks=(Block((), FAR),)),
        replace(PAGE, blocks=(Block((Line((), FAR),)),)),
    ],
)
def test_documents_with_values_that_no_reader_makes_are_refused(page: Page) -> None:
    check(Document((PAGE,)))
    with pytest.raises(InputError, match="document"):
        check(Document((PAGE, page)))


def test_documents_out_of_all_proportion_are_refused() -> None:
    for document in (Document((PAGE,) * 10_001), Document((PAGE,), "x" * 5000), Document((), "", (("k", "v" * 5000),))):
        with pytest.raises(InputError):
            check(document)
