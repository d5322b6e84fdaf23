"""Uploads that nobody means well with, the same ones each time."""

from __future__ import annotations

import io
import json
import random
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image, ImageDraw

from geulnun.write import WRITERS

_SEED = 20261122


@dataclass(frozen=True)
class Case:
    """One upload.

    Attributes:
        name: what it is, and its file's name.
        path: where it goes.
        content: the file, or with ``heads`` the whole body.
        heads: of the request, where it is no form.
    """

    name: str
    path: str
    content: bytes
    heads: dict[str, str] = field(default_factory=dict)


def cases(samples: Path) -> list[Case]:
    """All of them."""
    chance = random.Random(_SEED)
    good = originals(samples)
    found: list[Case] = []
    for name, content in good.items():
        for number in range(26):
            path = chance.choice(["/v1/read?format=txt", "/v1/read?format=ndjson", "/v1/line", "/v1/char?explain=1"])
            found.append(Case(f"{number}-{name}", path, _mutated(content, chance)))
    found += [Case(name, "/v1/read", content) for name, content in _bombs()]
    found += [Case(name, "/v1/read", good["a.png"]) for name in _names()]
    found += [Case(name, "/v1/read", content) for name, content in _wrong(good)]
    found += [Case(f"convert-{n}", f"/v1/convert?format={format_}", content) for n, (format_, content) in _documents()]
    return found


def originals(samples: Path) -> dict[str, bytes]:
    """Small good files of every kind, parts of the samples."""
    part = Image.open(samples / "letter.png").convert("RGB").crop((150, 150, 750, 400)).resize((300, 125))
    pages = [part, part.rotate(180)]
    plain: dict[str, Callable[[io.BytesIO], None]] = {
        "a.png": lambda stream: part.save(stream, "PNG"),
        "a.jpg": lambda stream: part.save(stream, "JPEG"),
        "a.webp": lambda stream: part.save(stream, "WEBP"),
        "a.gif": lambda stream: part.convert("P").save(stream, "GIF"),
        "a.bmp": lambda stream: part.convert("L").save(stream, "BMP"),
        "a.tif": lambda stream: part.save(stream, "TIFF", compression="tiff_lzw", save_all=True, append_images=pages),
        "a.avif": lambda stream: part.save(stream, "AVIF"),
        "a.pdf": lambda stream: part.save(stream, "PDF", save_all=True, append_images=pages),
    }
    out = {}
    for name, save in plain.items():
        stream = io.BytesIO()
        save(stream)
        out[name] = stream.getvalue()
    return out


def _mutated(content: bytes, chance: random.Random) -> bytes:
    """A file with some bytes changed, cut out, doubled or cut off."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 2, 5, 20])):
        at = chance.randrange(len(data)) if chance.random() < 0.5 else chance.randrange(min(200, len(data)))
        kind = chance.randrange(5)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at : at + 4] = chance.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff", chance.randbytes(4)])
        elif kind == 2:
            del data[at : at + chance.randrange(1, 40)]
        elif kind == 3:
            data[at:at] = data[at : at + chance.randrange(1, 200)]
        else:
            del data[max(1, at) + (len(data) - at) // 2 :]
    return bytes(data)


def _bombs() -> Iterator[tuple[str, bytes]]:
    """Small files that want to be large."""
    for wide, high in ((40_000, 40_000), (2**31 - 1, 1), (1, 2**31 - 1), (3000, 3000)):
        yield f"bomb-{wide}x{high}.png", _png(wide, high)
    # Rows of one size, and data for far more.
    yield "overfull.png", _png(10, 10, rows=2_000_000)
    yield "text.png", _png(10, 10, b"zTXt", b"k\0\0" + zlib.compress(b"x" * 50_000_000, 9))
    yield "profile.png", _png(10, 10, b"iCCP", b"k\0\0" + zlib.compress(b"x" * 50_000_000, 9))
    yield "frames.gif", _gif(60_000, 60_000)
    yield "wide.bmp", b"BM" + struct.pack("<IHHIIiiHHIIiiII", 99, 0, 0, 54, 40, 10**6, 10**6, 1, 24, 0, 0, 1, 1, 0, 0)
    yield from (
        ("huge-page.pdf", _pdf("[0 0 200000 200000]")),
        ("tiny-page.pdf", _pdf("[0 0 0 0]")),
        ("negative-page.pdf", _pdf("[0 0 -100 -100]")),
        ("many-pages.pdf", _pdf("[0 0 9 9]", pages=5000)),
        ("loop.pdf", _pdf("[0 0 99 99]", contents="/X0 Do", form=b"/X0 Do")),
        ("nested.pdf", b"%PDF-1.4\n" + b"[" * 200_000),
        ("stream.pdf", _pdf("[0 0 99 99]", image=20_000)),
        ("long-stream.pdf", _pdf("[0 0 99 99]", contents="0 0 m 9 9 l S\n" * 60_000)),
    )
    directory = struct.pack("<HHII", 256, 4, 1, 10**6) + struct.pack("<HHII", 257, 4, 1, 10**6)
    yield "huge.tif", b"II*\0" + struct.pack("<IH", 8, 2) + directory + struct.pack("<I", 0)
    yield "loop.tif", b"II*\0" + struct.pack("<IH", 8, 2) + directory + struct.pack("<I", 8)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(wide: int, high: int, kind: bytes = b"", data: bytes = b"", rows: int = 10) -> bytes:
    extra = _chunk(kind, data) if kind else b""
    pixels = zlib.compress(b"\0" * (min(wide, 100) + 1) * rows, 9)
    head = _chunk(b"IHDR", struct.pack(">IIBBBBB", wide, high, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + extra + _chunk(b"IDAT", pixels) + _chunk(b"IEND", b"")


def _gif(wide: int, high: int) -> bytes:
    return (
        b"GIF89a"
        + struct.pack("<HHBBB", wide, high, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, wide, high, 0)
        + b"\2"
    )


def _pdf(box: str, pages: int = 1, contents: str = "", form: bytes = b"", image: int = 0) -> bytes:
    """A PDF without a table of its objects, which readers build themselves."""
    kids = " ".join("3 0 R" for _ in range(pages))
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Count {pages}/Kids[{kids}]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox{box}/Contents 4 0 R/Resources<</XObject<</X0 5 0 R>>>>>>",
        f"<</Length {len(contents or 'q Q')}>>stream\n{contents or ('/X0 Do' if image else 'q Q')}\nendstream",
    ]
    out = b"%PDF-1.7\n" + b"".join(f"{n} 0 obj{one}endobj\n".encode() for n, one in enumerate(objects, 1))
    if image:
        data = zlib.compress(zlib.compress(b"\0" * 50_000_000, 9), 9)
        kind = f"/Subtype/Image/Width {image}/Height {image}/BitsPerComponent 8/ColorSpace/DeviceRGB"
        kind += "/Filter[/FlateDecode/FlateDecode]"
    else:
        data, kind = form, "/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X0 5 0 R>>>>"
    out += f"5 0 obj<</Type/XObject{kind}/Length {len(data)}>>stream\n".encode() + data + b"\nendstream endobj\n"
    return out + b"trailer<</Root 1 0 R>>\n%%EOF\n"


def _names() -> list[str]:
    return [
        "../../../../etc/passwd", "/etc/passwd", "C:\\Windows\\win.ini", "..", ".", "", "-", "*.png", "a\0b.png",
        "a" * 4000 + ".png", "\u202egnp.exe", "%2e%2e%2f", "a\nb.png", "<script>alert(1)</script>.png", "https://a/b.png",
    ]  # fmt: skip


def _wrong(good: dict[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """Files of other kinds, and of a kind other than their name's."""
    yield "a.exe", b"MZ" + bytes(1000)
    yield "a.zip", b"PK\3\4" + bytes(1000)
    yield "a.docx", b"PK\3\4" + b"word/document.xml" * 9
    yield "a.ps", b"%!PS\n(/etc/passwd) run showpage\n"
    yield "a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>'
    yield "a.html", b"<html><script>alert(1)</script></html>"
    yield "a.eps", b"\xc5\xd0\xd3\xc6" + bytes(100)
    yield "a.mp4", b"\0\0\0\x18ftypmp42" + bytes(100)
    yield "a.heic", b"\0\0\0\x18ftypheic" + bytes(100)
    yield "nothing.png", b"\x89PNG\r\n\x1a\n"
    yield "nothing.pdf", b"%PDF-1.7"
    yield "nothing.tif", b"II*\0\xff\xff\xff\xff"
    yield "text.txt", "글자".encode() * 100
    yield "zeros.bin", bytes(100_000)
    yield "pdf.png", good["a.pdf"]
    yield "two.png", good["a.png"] + good["a.pdf"]
    yield "dot.png", _png(1, 1)
    stream = io.BytesIO()
    noise = Image.effect_noise((1500, 1500), 100)
    ImageDraw.Draw(noise).line((0, 0, 1500, 1500), 0, 3)
    noise.save(stream, "PNG")
    yield "noise.png", stream.getvalue()


def _documents() -> Iterator[tuple[int, tuple[str, bytes]]]:
    """Documents that no reader makes."""
    char = {"text": "가", "confidence": 1.0, "quad": [[0, 0], [9, 0], [9, 9], [0, 9]]}
    word = {"chars": [char]}
    page = {"number": 1, "width": 9, "height": 9, "rotation": 0, "blocks": []}
    good = {"format": "geulnun-document", "version": 1, "source": "a", "pages": [page]}

    def with_word(changed: object) -> dict[str, object]:
        line = {"confidence": 1.0, "words": [changed]}
        return {**good, "pages": [{**page, "blocks": [{"kind": "text", "lines": [line]}]}]}

    pages: list[dict[str, object]] = [
            {"width": float("nan")}, {"width": 10**30}, {"width": -1}, {"dpi": float("inf")}, {"dpi": 1e-9},
            {"rotation": 45}, {"number": -1}, {"number": 10**30}, {"blocks": {}}, {"blocks": [None]}, {"width": 10**5},
            {"entities": [{"kind": "x", "start": -5, "end": 10**9, "confidence": 1}]},
    ]  # fmt: skip
    trees: list[object] = [{**good, "pages": [{**page, **change}]} for change in pages]
    trees += [
        with_word({"chars": [{**char, **change}]})
        for change in (
            {"confidence": float("nan")}, {"confidence": -1e308}, {"quad": [[0, 0]] * 3}, {"quad": [[1e308, 0]] * 4},
            {"quad": "abcd"}, {"text": "\ud800"}, {"text": "\x00\x01\x0b"}, {"text": "]]><!--"},
            {"text": "가" * 100_000}, {"text": 5}, {"alternatives": [["나"]]},
            {"alternatives": [["나", float("inf")]]}, {"quad": [[0, 0]] * 4},
        )
    ]  # fmt: skip
    trees += [
        with_word({**word, "space_after": "no"}),
        {**good, "version": 2},
        {**good, "source": "a\0b" * 2000},
        [good],
    ]
    formats = list(WRITERS)
    for number, tree in enumerate(trees):
        yield number, (formats[number % len(formats)], json.dumps(tree).encode())
    for number, content in enumerate((b"[" * 500_000, b'{"a":' * 100_000, b"NaN", b"\xff", b'"', b"1e999"), len(trees)):
        yield number, ("txt", content)
