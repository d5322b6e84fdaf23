"""PDFs written by hand, so that the tests need no PDF library that writes."""

import hashlib
from collections.abc import Callable, Sequence

import pytest

_PAD = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
_IDENTITY = b"0123456789abcdef"


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def _keys(password: str) -> tuple[bytes, bytes]:
    """The file key and the /O entry of the standard handler, revision 2 (PDF 1.7, 7.6.3)."""
    padded = (password.encode() + _PAD)[:32]
    owner = _rc4(hashlib.md5(padded).digest()[:5], padded)
    permissions = (-4).to_bytes(4, "little", signed=True)
    return hashlib.md5(padded + owner + permissions + _IDENTITY).digest()[:5], owner


def build_pdf(pages: Sequence[bytes], box: tuple[int, int] = (72, 144), password: str | None = None) -> bytes:
    """A PDF whose pages of ``box`` points are drawn by the given content streams."""
    key, owner = _keys(password) if password is not None else (b"", b"")
    kids = " ".join(f"{3 + 2 * i} 0 R" for i in range(len(pages)))
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode()]
    for i, content in enumerate(pages):
        number = 4 + 2 * i
        if key:
            salted = key + number.to_bytes(3, "little") + b"\0\0"
            content = _rc4(hashlib.md5(salted).digest()[:10], content)
        bodies.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {box[0]} {box[1]}] /Contents {number} 0 R >>".encode()
        )
        bodies.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
    trailer = b"/Root 1 0 R /ID [<%b> <%b>]" % ((_IDENTITY.hex().encode(),) * 2)
    if key:
        bodies.append(
            b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>"
            % (owner.hex().encode(), _rc4(key, _PAD).hex().encode())
        )
        trailer += b" /Encrypt %d 0 R" % len(bodies)
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer\n<< /Size %d %b >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, trailer, start)
    return bytes(out)


@pytest.fixture
def make_pdf() -> Callable[..., bytes]:
    return build_pdf
