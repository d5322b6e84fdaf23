"""Draw the sample pages of this folder and save their text beside them.

    make fonts
    .venv/bin/python samples/make.py        # needs the `train` extra; under ten seconds

The sentences are the project's own. The fonts (Gowun Batang, IBM Plex Sans KR, D2Coding; all OFL-1.1) belong to the
families that no network of this project is trained on. The same fonts give the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from geulnun.synth.fonts import families, locate

HERE = Path(__file__).parent
Pixels = NDArray[np.uint8]
Font = ImageFont.FreeTypeFont

PARAGRAPHS = (
    "우리 도서관은 시험을 앞둔 학생과 늦게 퇴근하는 이웃을 위하여 5월 6일부터 야간 열람실을 엽니다. "
    "낮에는 어린이 자료실로 쓰던 2층을 저녁 7시 이후 조용한 공부방으로 바꾸고, "
    "창가에는 노트북을 쓸 수 있는 자리 24석을 따로 두었습니다. "
    "회원증이 없어도 휴대전화로 본인 확인을 하면 그날 하루는 누구나 들어올 수 있습니다.",
    "음료는 뚜껑이 있는 컵(500 ml 이하)만 가져올 수 있으며, 통화는 1층 현관에서 해 주시기 바랍니다. "
    "자리를 40분 넘게 비우면 다음 사람을 위해 짐을 옮겨 둡니다. "
    "옷깃을 여밀 만큼 서늘한 밤이 많으니 겉옷도 챙기십시오.",
    "궁금한 점은 야간 운영팀(02-555-0147, night@geulmaru.example)으로 물어 주십시오. "
    '첫 달에 모인 의견은 "밤의 서재" 게시판에 올리고, 이용률이 70%를 넘으면 토요일 운영 시간을 1시간 늘리겠습니다.',
)
TABLE = (
    ("구분", "운영 시간", "좌석", "이용 요금"),
    ("평일 (월~금)", "19:00 ~ 23:30", "96석", "없음"),
    ("토요일", "18:00 ~ 22:00", "72석", "없음"),
    ("사물함 (선택)", "연중 24시간", "130칸", "월 5,000원"),
)
RECEIPT = (
    ("달빛분식 한별점", ""),
    ("대표 한가람  123-45-67890", ""),
    ("한별시 새길로 27, 1층", ""),
    ("2026-04-18 (토) 12:37  #0042", ""),
    ("-", ""),
    ("쌀떡볶이       2", "9,000"),
    ("모둠튀김       1", "6,500"),
    ("참치김밥       3", "13,500"),
    ("쫄면(곱빼기)   1", "8,000"),
    ("식혜 350ml     2", "5,000"),
    ("-", ""),
    ("공급가액", "38,182"),
    ("부가세", "3,818"),
    ("합계 금액", "42,000원"),
    ("-", ""),
    ("신용카드 ****-8821 일시불", ""),
    ("승인번호 30571946", ""),
    ("맛있게 드셨다면 별점을 남겨 주세요!", ""),
)


def font(family: str, weight: str, size: int) -> Font:
    """A face of the catalogue's ``family`` whose file name holds ``weight``, at ``size`` pixels."""
    faces = [face for item in families() if item.name == family for face in locate(item)]
    return next(face for face in faces if weight in face.path.name).at(size)


def letter() -> tuple[Pixels, list[str]]:
    """An official notice on A4 at 200 dpi: heading, three paragraphs, a ruled table, a seal."""
    page = Image.new("RGB", (1654, 2339), "white")
    draw = ImageDraw.Draw(page)
    serif, bold = font("Gowun Batang", "400", 36), font("IBM Plex Sans KR", "600", 36)
    left, right, top = 170, 1484, 230
    lines: list[str] = []

    def put(text: str, x: float, y: float, face: Font, anchor: str = "ls", ink: str = "black") -> None:
        draw.text((x, y), text, fill=ink, font=face, anchor=anchor)
        lines.append(text)

    put("글마루구립도서관", (left + right) / 2, top, font("IBM Plex Sans KR", "600", 58), "ms")
    top += 120
    for label, value in (
        ("문서번호", "글마루-2026-0417"),
        ("받는 곳", "구민 여러분"),
        ("제목", "야간 열람실 운영을 시작합니다"),
    ):
        draw.text((left, top), label, fill="black", font=bold, anchor="ls")
        draw.text((left + 210, top), value, fill="black", font=serif, anchor="ls")
        lines.append(f"{label} {value}")
        top += 66
    draw.line((left, top - 18, right, top - 18), fill="black", width=3)
    top += 74
    for paragraph in PARAGRAPHS:
        lines.append("")
        for text in _wrapped(paragraph, serif, right - left):
            put(text, left, top, serif)
            top += 68
        top += 42
    lines.append("")
    put("운영 시간과 요금", left, top + 10, bold)
    top = _table(draw, lines, (left, right), top + 50, serif, bold) + 130
    lines.append("")
    put("2026년 4월 17일", (left + right) / 2, top, serif, "ms")
    put("글마루구립도서관장", (left + right) / 2, top + 110, font("IBM Plex Sans KR", "600", 46), "ms")
    _seal(draw, (left + right) / 2 + 265, top + 94)
    return np.asarray(page), lines


def _wrapped(text: str, face: Font, width: int) -> list[str]:
    """Break ``text`` at spaces into lines of at most ``width`` pixels."""
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _table(
    draw: ImageDraw.ImageDraw, lines: list[str], sides: tuple[int, int], top: int, face: Font, head: Font
) -> int:
    """Draw `TABLE` with rules and a grey head row; return the y of its lower edge."""
    edges = np.linspace(*sides, len(TABLE[0]) + 1).round().astype(int).tolist()
    height = 84
    draw.rectangle((edges[0], top, edges[-1], top + height), fill="#e4e4e4")
    for row, cells in enumerate(TABLE):
        for x0, x1, text in zip(edges, edges[1:], cells, strict=False):
            draw.rectangle((x0, top, x1, top + height), outline="black", width=2)
            draw.text(((x0 + x1) / 2, top + 55), text, fill="black", font=face if row else head, anchor="ms")
        lines.append(" ".join(cells))
        top += height
    return top


def _seal(draw: ImageDraw.ImageDraw, x: float, y: float) -> None:
    """A red square seal; its four letters are a drawing, not part of the text."""
    draw.rectangle((x - 62, y - 62, x + 62, y + 62), outline="#c8322b", width=6)
    face = font("Gowun Batang", "700", 52)
    draw.text((x, y - 6), "글마", fill="#c8322b", font=face, anchor="ms")
    draw.text((x, y + 50), "루인", fill="#c8322b", font=face, anchor="ms")


def receipt() -> tuple[Pixels, list[str]]:
    """A till receipt photographed at a slant on a dark table, in uneven light."""
    paper = Image.new("RGB", (620, 1080), "#f4f1ea")
    draw = ImageDraw.Draw(paper)
    small, large = font("D2Coding", "D2Coding", 29), font("D2Coding", "D2Coding", 46)
    lines: list[str] = []
    y = 90
    for left, right in RECEIPT:
        if left == "-":
            draw.line((40, y - 12, 580, y - 12), fill="#333333", width=2)
            y += 34
            continue
        face, x, anchor = (small, 40, "ls") if lines else (large, 310, "ms")
        draw.text((x, y), left, fill="#2b2b2b", font=face, anchor=anchor)
        if right:
            draw.text((580, y), right, fill="#2b2b2b", font=face, anchor="rs")
        lines.append(" ".join(f"{left} {right}".split()))
        y += 70 if face is large else 52
    return _photograph(np.asarray(paper)), lines


def _photograph(paper: Pixels) -> Pixels:
    """Lay a sheet on a table and take a picture of it: perspective, light, blur, sensor noise."""
    rng = np.random.default_rng(20260418)
    height, width = 1400, 1000
    grain = cv2.GaussianBlur(rng.normal(0, 60, (height, width)).astype(np.float32), (0, 0), 1.2, sigmaY=40)
    table = np.array([62, 50, 44], dtype=np.float32) + 0.5 * grain[..., None]
    source = np.array([[0, 0], [620, 0], [620, 1080], [0, 1080]], dtype=np.float32)
    target = np.array([[158, 96], [842, 152], [808, 1322], [96, 1246]], dtype=np.float32)
    matrix = cv2.getPerspectiveTransform(source, target)
    sheet = cv2.warpPerspective(paper, matrix, (width, height), flags=cv2.INTER_CUBIC).astype(np.float32)
    mask = cv2.warpPerspective(np.ones(paper.shape[:2], np.float32), matrix, (width, height))[..., None]
    shadow = cv2.GaussianBlur(
        cv2.warpAffine(mask, np.array([[1, 0, 14], [0, 1, 18]], np.float32), (width, height)), (0, 0), 14
    )
    scene = table * (1 - 0.6 * shadow[..., None]) * (1 - mask) + sheet * mask
    across, down = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    light = 0.9 - 0.16 * across - 0.1 * down
    blurred = cv2.GaussianBlur((scene * light[..., None]).astype(np.float32), (0, 0), 0.8)
    return np.asarray(np.clip(blurred + rng.normal(0, 3, scene.shape), 0, 255), dtype=np.uint8)


def save(name: str, pixels: Pixels, lines: Sequence[str]) -> None:
    """Write one sample and its text; a page of flat colours is stored with a palette."""
    image = Image.fromarray(pixels)
    if name.endswith(".png"):
        image.quantize(32).save(HERE / name, optimize=True)
    else:
        image.save(HERE / name, quality=84)
    (HERE / name).with_suffix(".txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    save("letter.png", *letter())
    save("receipt.jpg", *receipt())
