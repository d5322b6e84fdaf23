"""Built-in grammars and word lists: names, particles, official sentences, figures and codes.

They serve where no corpus is at hand, and fill what corpora lack: formal prose, amounts, dates,
addresses, numbers. Every word here was written for this project; people and places are invented
combinations of common parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np

from geulnun import hangul

Rng = np.random.Generator

_SURNAMES = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
_GIVEN = "가강건경광규근기나남다단대덕도동라란려련록리린명문미민배백범별보봉빈상서석선설성세소솔송수순슬승시신아안애연영예오옥완용우욱운원월유윤율은의이인일자잔장재정제조종주준중지진찬창채천철초춘충태평하한해향헌혁현형혜호홍화환효후훈휘흥희"
_NOUNS = """가격 가족 감사 강당 개선 거래 건물 검사 결과 경험 계약 계획 고객 공고 공문 과정 관계 관리 교육 구역 국민 규정 근무 기간 기관 기록 기술 기준
날짜 내용 노력 농업 단체 담당 대상 도로 도서관 도시 동의 등록 마을 매출 면적 명단 모집 목적 문서 문의 문화 물품 민원 바다 방문 방법 번호 법률 보건 보고 보호 복지 본인 부서 분야 비용
사업 사용 사진 산업 상담 상품 생활 서류 서비스 선택 설명 성명 세금 센터 소득 수량 수수료 시간 시설 시장 시험 신청 실적 안내 안전 양식 업무 여행 연구 연락처 영수증 예산 예약 완료 요금 요청 운영 위원회 유형
의견 의무 이용 인원 일정 입금 자격 자료 작성 장소 재료 전화 절차 접수 정보 제도 제목 제출 조사 조직 주민 주소 주의 준비 증명서 지역 지원 직원 질문 참가 참고 책임 처리 첨부 체육 총액 추가 출력 취소 통계
통장 투자 특별 평가 표시 프로그램 학교 학생 할인 합계 해당 행사 협력 협의 확인 환경 활동 회계 회원 회의 효과 휴가 희망""".split()
_PLACES = "서울특별시 부산광역시 대구광역시 인천광역시 광주광역시 대전광역시 울산광역시 세종특별자치시 경기도 강원특별자치도 충청북도 충청남도 전북특별자치도 전라남도 경상북도 경상남도 제주특별자치도".split()
_TOWNS = "가람 나루 다솔 마루 바람 사랑 새봄 한솔 중앙 동남 서북 청룡 백운 금강 소망 은빛 푸른 남산 북천 송정 신월 오동 용두 월계 장미 평화 하늘 해맑".split()
_COMPANIES = (
    "한빛 두레 새길 가온 나래 다온 라온 미르 보람 슬기 아라 온누리 초롱 해온 동방 대한 신성 우주 제일 태평".split()
)
_FIELDS = "전자 건설 상사 식품 물산 유통 정보통신 화학 출판 무역 산업 의료기 테크 솔루션 디자인".split()
_OFFICES = "총무과 재무과 민원실 기획조정실 주민복지과 건축허가과 도시계획과 교통행정과 환경위생과 보건소 세무과 감사담당관 인사팀 홍보팀 시설관리팀".split()

_SENTENCES = (
    "{P} {T}동 주민 여러분께 {N} 및 {N}에 관한 사항을 다음과 같이 알려 드립니다.",
    "귀 기관의 무궁한 발전을 기원합니다.",
    "{L}에 따라 {N} {N} 결과를 붙임과 같이 제출하오니 업무에 참고하시기 바랍니다.",
    "{O}에서는 {D}까지 {N} 신청을 받고 있으니 기한 내에 접수하여 주시기 바랍니다.",
    "「{N}{N}법」 제{i}조제{j}항에 따른 {N}{을} 같은 법 시행령 제{i}조의{j}에서 정하는 바에 의한다.",
    "제{i}조({N}의 {N}) ① {S}{은} {N}에 필요한 {N}{을} 정할 수 있다.",
    "② 제1항에도 불구하고 {N}{이} 없는 경우에는 {O}의 승인을 받아야 한다.",
    "담당자: {O} {F} (전화 {T1}, 전송 {T1})",
    "시행 {O}-{i}{j} ({D})  접수",
    "붙임  1. {N} {N}서 1부.  2. {N} 현황 {j}부.  끝.",
    "수신자 {P} {T}구청장({O}장)",
    "제목  {y}년도 {N} {N} 추진 계획(안) 알림",
    "가. 일시: {D} {t}~{t}",
    "나. 장소: {P} {T}구 {T}로 {i}, {T}회관 {j}층 대회의실",
    "다. 참석 대상: {O} 직원 {i}명 및 {N} 관계자",
    "위 금액을 {N} 대금으로 정히 영수하였음을 확인합니다.",
    "총 {A} 가운데 {N}비가 {A}{로} 가장 큰 비중을 차지하였다.",
    "신청인은 {N}{을} 확인하였으며, 이에 따른 모든 {N}에 동의합니다.",
    "본 계약은 {D}부터 {D}까지 유효하며, 별도의 통보가 없으면 {j}년간 자동으로 연장된다.",
    "㈜{C}{K} 대표이사 {F}{은} 다음과 같이 {N}{을} 위임합니다.",
    "※ 자세한 내용은 누리집({U})을 참고하거나 {T1}{로} 문의하세요.",
    "{N}{이} 늦어질 경우 {N}{을} 다시 제출해야 하므로 미리 준비했는지 확인해 주십시오.",
    "우리는 어제 {T}역에서 만나 {N}에 대해 이야기를 나누었고, 모두 그 {N}{을} 받아들였다.",
    "\u201c{N}{은} 아직 끝나지 않았습니다.\u201d라고 {F} 씨가 말했다.",
    "왜 {N}{이} 필요했을까? 그것은 {N} 때문이었다!",
    "그는 \u2018{N}\u2019{로} 불렸으며, 1900년대 초에 {P}에서 태어났다.",
)


def noun(rng: Rng) -> str:
    """A common noun."""
    return _any(rng, _NOUNS)


def person(rng: Rng) -> str:
    """An invented full name."""
    return _any(rng, _SURNAMES) + _any(rng, _GIVEN) + (_any(rng, _GIVEN) if rng.random() < 0.95 else "")


def address(rng: Rng) -> str:
    """An invented street address."""
    base = f"{_any(rng, _PLACES)} {_any(rng, _TOWNS)}{_any(rng, '시군구')} {_any(rng, _TOWNS)}{_any(rng, ('로', '길', '대로'))} {rng.integers(1, 400)}"
    roll = rng.random()
    if roll < 0.3:
        return f"{base}, {rng.integers(101, 130)}동 {rng.integers(1, 25)}{rng.integers(1, 9):02d}호"
    return f"{base}-{rng.integers(1, 60)} ({_any(rng, _TOWNS)}동)" if roll < 0.6 else base


def company(rng: Rng) -> str:
    """An invented company name."""
    name = _any(rng, _COMPANIES) + _any(rng, _FIELDS)
    return _any(rng, (f"㈜{name}", f"(주){name}", f"주식회사 {name}", name))


def office(rng: Rng) -> str:
    """A department of an office."""
    return _any(rng, _OFFICES)


def phone(rng: Rng) -> str:
    """A telephone number in one of its written forms."""
    area = _any(rng, ("02", "031", "032", "051", "053", "062", "042", "064", "010", "010", "070", "080"))
    middle, last = rng.integers(200, 9999), rng.integers(10000)
    joined = _any(
        rng, ("{}-{}-{:04d}", "{}-{}-{:04d}", "({}) {}-{:04d}", "{}.{}.{:04d}", "{}){}-{:04d}", "{} {} {:04d}")
    )
    return joined.format(area, middle, last)


def day(rng: Rng) -> str:
    """A date in one of its written forms."""
    when = date(1950, 1, 1) + timedelta(days=int(rng.integers(29_000)))
    y, m, d = when.year, when.month, when.day
    week = "월화수목금토일"[when.weekday()]
    forms = (
        f"{y}년 {m}월 {d}일", f"{y}. {m}. {d}.", f"{y}.{m:02d}.{d:02d}", f"{y}-{m:02d}-{d:02d}", f"{y}/{m:02d}/{d:02d}",
        f"{y}. {m}. {d}.({week})", f"{m}월 {d}일({week})", f"{y % 100:02d}.{m:02d}.{d:02d}", f"{m}/{d}", f"'{y % 100:02d}년 {m}월",
    )  # fmt: skip
    return _any(rng, forms)


def clock(rng: Rng) -> str:
    """A time of day."""
    h, m = int(rng.integers(24)), int(rng.integers(60))
    half = "오전" if h < 12 else "오후"
    return _any(
        rng,
        (
            f"{h:02d}:{m:02d}",
            f"{h}:{m:02d}",
            f"{half} {h % 12 or 12}시",
            f"{h}시 {m}분",
            f"{h:02d}:{m:02d}:{int(rng.integers(60)):02d}",
        ),
    )


def amount(rng: Rng) -> str:
    """A sum of money in one of its written forms."""
    value = int(10 ** rng.uniform(2, 9))
    rounded = value // 10 * 10
    many, some = divmod(value // 10_000, 10_000)
    words = (f"{many}억 " if many else "") + f"{some:,}만 원"
    return _any(
        rng,
        (
            f"{rounded:,}원",
            f"₩{rounded:,}",
            f"{rounded:,} 원",
            words,
            f"금{rounded:,}원",
            f"{value:,}",
            f"${value:,}",
            f"-{rounded:,}",
            f"{value / 100:,.2f}",
        ),
    )


def quantity(rng: Rng) -> str:
    """A number with its unit."""
    units = (
        "㎡",
        "%",
        "kg",
        "㎏",
        "cm",
        "㎝",
        "mm",
        "km",
        "㎞",
        "℃",
        "°",
        "명",
        "개",
        "건",
        "회",
        "권",
        "m",
        "L",
        "ml",
        "kW",
        "㎥",
        "‰",
        "만 명",
        "층",
        "세",
        "시간",
        "분",
        "초",
        "배",
        "위",
        "호",
    )
    number = _any(
        rng,
        (
            f"{rng.integers(1, 10000):,}",
            f"{rng.uniform(0, 1000):.1f}",
            f"{rng.uniform(0, 100):.2f}",
            f"{rng.integers(1, 100)}",
            f"{rng.integers(1, 50)}~{rng.integers(50, 100)}",
        ),
    )
    return number + _any(rng, ("", "", " ")) + _any(rng, units)


def registration(rng: Rng) -> str:
    """A resident, business or account number; the digits are random, the shape is right."""
    digits = "".join(str(d) for d in rng.integers(0, 10, 14))
    forms = (
        f"{digits[:6]}-{1 + int(digits[6]) % 4}{digits[7:13]}",
        f"{digits[:3]}-{digits[3:5]}-{digits[5:10]}",
        f"{digits[:6]}-{digits[6:8]}-{digits[8:14]}",
        f"{digits[:4]} {digits[4:8]} {digits[8:12]} {digits[2:6]}",
        f"제{digits[:4]}-{digits[4:9]}호",
        digits[: int(rng.integers(1, 14))],
    )
    return _any(rng, forms)


def masked(rng: Rng) -> str:
    """A number or name with its middle covered, or a leader of dots or dashes as tables and receipts have them."""
    cover = _any(rng, ("*", "*", "*", "●", "○", "X", "x", "#"))
    digits = "".join(str(d) for d in rng.integers(0, 10, 8))
    forms = (
        f"{digits[:4]}-{cover * 4}-{cover * 4}-{digits[4:]}",
        f"{cover * 4}-{digits[:4]}",
        f"{digits[:6]}-{digits[6]}{cover * 6}",
        f"010-{cover * 4}-{digits[:4]}",
        f"{_any(rng, _SURNAMES)}{cover}{_any(rng, _GIVEN)}",
        f"{noun(rng)} {_any(rng, '.·-') * int(rng.integers(3, 12))} {rng.integers(1, 300)}",
        _any(rng, "-=*.·~") * int(rng.integers(3, 16)),
    )
    return _any(rng, forms)


def mail(rng: Rng) -> str:
    """An e-mail address or a web address."""
    name = "".join(char for char in code(rng).lower() if char.isalnum()) or "a"
    host = f"{_any(rng, ('hanbit', 'saegil', 'gaon', 'narae', 'mail', 'office', 'data'))}.{_any(rng, ('kr', 'co.kr', 'go.kr', 'or.kr', 'com', 'net', 'ac.kr'))}"
    return _any(rng, (f"{name}@{host}", f"www.{host}", f"https://{host}/{name}", f"{host}"))


def code(rng: Rng) -> str:
    """Letters and digits without sense: product codes, passwords, look-alikes such as 0O1lI."""
    sets = (
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "abcdefghijklmnopqrstuvwxyz",
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
        "0123456789",
        "0123456789",
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "0123456789-._/:,()+*#&%@!?=~<>[]{}|^$;'\"\\`",
    )
    pool = _any(rng, sets)
    text = "".join(_any(rng, pool) for _ in range(int(rng.integers(1, 10))))
    return f"{text}-{rng.integers(1000)}" if rng.random() < 0.2 else text


def figure(rng: Rng) -> str:
    """One of the written forms of a number, date, time, sum, address or code."""
    return _FIGURES[int(rng.integers(len(_FIGURES)))](rng)


_FIGURES: tuple[Callable[[Rng], str], ...] = (
    day,
    day,
    clock,
    amount,
    amount,
    quantity,
    quantity,
    registration,
    masked,
    phone,
    mail,
    code,
    address,
)


def with_particle(rng: Rng, word: str) -> str:
    """The word with a particle that fits its last syllable."""
    pairs = (
        ("은", "는"),
        ("이", "가"),
        ("을", "를"),
        ("과", "와"),
        ("으로", "로"),
        ("이라는", "라는"),
        ("이었다", "였다"),
        ("이며", "며"),
    )
    free = (
        "에",
        "에서",
        "의",
        "도",
        "만",
        "까지",
        "부터",
        "에게",
        "처럼",
        "보다",
        "했다",
        "하였으며",
        "했었고",
        "합니다",
        "되었습니다",
        "에는",
        "마다",
        "조차",
    )
    if rng.random() < 0.5:
        return word + _any(rng, free)
    return word + particle(word, pairs[int(rng.integers(len(pairs)))])


def particle(word: str, pair: tuple[str, str]) -> str:
    """The form of ``pair`` (after a final, after a vowel) that follows ``word``."""
    last = word[-1:]
    if not hangul.is_syllable(last):
        return pair[1]
    jong = hangul.split(last).jong
    # 로 follows a vowel and ㄹ alike.
    closed = jong != 0 and not (pair[1] == "로" and jong == hangul.JONG.index("ㄹ"))
    return pair[0] if closed else pair[1]


def wrap(rng: Rng, text: str) -> str:
    """The text in quotation marks or brackets."""
    pairs = (
        "()",
        "()",
        "[]",
        "\u201c\u201d",
        "\u2018\u2019",
        "''",
        '""',
        "「」",
        "『』",
        "【】",
        "〈〉",
        "《》",
        "<>",
        "≪≫",
        "{}",
    )
    pair = _any(rng, pairs)
    return f"{pair[0]}{text}{pair[1]}"


def comma(rng: Rng) -> str:
    """What may follow a word: mostly nothing."""
    roll = rng.random()
    return _any(rng, (",", ",", ".", ".", "?", "!", ":", ";", "…", "·", "~", "-", "/")) if roll < 0.2 else ""


def formal(rng: Rng) -> str:
    """A sentence as official letters, contracts and statutes write them."""
    parts = _any(rng, _SENTENCES).replace("}", "{").split("{")
    # Odd parts are slot names: a particle looks at what was written before it.
    for at in range(1, len(parts), 2):
        name = parts[at]
        before = "".join(parts[:at])[-1:]
        parts[at] = particle(before, _PARTICLES[name]) if name in _PARTICLES else _SLOTS[name](rng)
    return "".join(parts)


_PARTICLES = {"은": ("은", "는"), "이": ("이", "가"), "을": ("을", "를"), "로": ("으로", "로")}
_SLOTS: dict[str, Callable[[Rng], str]] = {
    "N": noun, "P": lambda rng: _any(rng, _PLACES), "T": lambda rng: _any(rng, _TOWNS), "O": office, "D": day, "F": person,
    "A": amount, "C": lambda rng: _any(rng, _COMPANIES), "K": lambda rng: _any(rng, _FIELDS), "U": mail, "T1": phone, "t": clock,
    "S": lambda rng: _any(rng, ("시장", "군수", "구청장", "위원장", "장관", "대표자")), "L": lambda rng: f"{noun(rng)}-{rng.integers(1, 9999)}호",
    "y": lambda rng: str(rng.integers(1980, 2035)), "j": lambda rng: str(rng.integers(1, 10)), "i": lambda rng: str(rng.integers(1, 100)),
}  # fmt: skip


def _any(rng: Rng, items: Sequence[str]) -> str:
    return items[int(rng.integers(len(items)))]
