# ruff: noqa: E501  word lists and sentence templates, one a line
"""Names of people, offices and places, and addresses in the forms envelopes and cards write them.

Provinces, cities and districts are the real ones; roads, buildings and people are drawn from common parts.
"""

from __future__ import annotations

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.draws import any_of, digits
from geulnun.synth.identifiers import telephone

Rng = np.random.Generator

_PARTS: dict[str, str] = {
    "서울특별시": "종로구 중구 용산구 성동구 광진구 동대문구 중랑구 성북구 강북구 도봉구 노원구 은평구 서대문구 마포구 양천구 강서구 구로구 금천구 영등포구 동작구 관악구 서초구 강남구 송파구 강동구",
    "부산광역시": "중구 서구 동구 영도구 부산진구 동래구 남구 북구 해운대구 사하구 금정구 강서구 연제구 수영구 사상구 기장군",
    "대구광역시": "중구 동구 서구 남구 북구 수성구 달서구 달성군 군위군",
    "인천광역시": "중구 동구 미추홀구 연수구 남동구 부평구 계양구 서구 강화군 옹진군",
    "광주광역시": "동구 서구 남구 북구 광산구",
    "대전광역시": "동구 중구 서구 유성구 대덕구",
    "울산광역시": "중구 남구 동구 북구 울주군",
    "세종특별자치시": "한솔동 도담동 아름동 조치원읍 연기면 부강면",
    "경기도": "수원시 성남시 의정부시 안양시 부천시 광명시 평택시 동두천시 안산시 고양시 과천시 구리시 남양주시 오산시 시흥시 군포시 의왕시 하남시 용인시 파주시 이천시 안성시 김포시 화성시 광주시 양주시 포천시 여주시 연천군 가평군 양평군",
    "강원특별자치도": "춘천시 원주시 강릉시 동해시 태백시 속초시 삼척시 홍천군 횡성군 영월군 평창군 정선군 철원군 화천군 양구군 인제군 고성군 양양군",
    "충청북도": "청주시 충주시 제천시 보은군 옥천군 영동군 증평군 진천군 괴산군 음성군 단양군",
    "충청남도": "천안시 공주시 보령시 아산시 서산시 논산시 계룡시 당진시 금산군 부여군 서천군 청양군 홍성군 예산군 태안군",
    "전북특별자치도": "전주시 군산시 익산시 정읍시 남원시 김제시 완주군 진안군 무주군 장수군 임실군 순창군 고창군 부안군",
    "전라남도": "목포시 여수시 순천시 나주시 광양시 담양군 곡성군 구례군 고흥군 보성군 화순군 장흥군 강진군 해남군 영암군 무안군 함평군 영광군 장성군 완도군 진도군 신안군",
    "경상북도": "포항시 경주시 김천시 안동시 구미시 영주시 영천시 상주시 문경시 경산시 의성군 청송군 영양군 영덕군 청도군 고령군 성주군 칠곡군 예천군 봉화군 울진군 울릉군",
    "경상남도": "창원시 진주시 통영시 사천시 김해시 밀양시 거제시 양산시 의령군 함안군 창녕군 고성군 남해군 하동군 산청군 함양군 거창군 합천군",
    "제주특별자치도": "제주시 서귀포시",
}  # fmt: skip
PLACES: dict[str, tuple[str, ...]] = {name: tuple(parts.split()) for name, parts in _PARTS.items()}
_SHORT = {
    "서울특별시": "서울", "부산광역시": "부산", "대구광역시": "대구", "인천광역시": "인천", "광주광역시": "광주", "대전광역시": "대전", "울산광역시": "울산", "세종특별자치시": "세종",
    "경기도": "경기", "강원특별자치도": "강원", "충청북도": "충북", "충청남도": "충남", "전북특별자치도": "전북", "전라남도": "전남", "경상북도": "경북", "경상남도": "경남", "제주특별자치도": "제주",
}  # fmt: skip
_ROADS = """가람 강변 개나리 고덕 과학 광장 교육원 구름 국회 금빛 꽃마을 남부순환 노을 느티나무 달맞이 대학 덕수 동백 두물머리 들꽃 마장 매봉 무궁화 문화 물레 미래 바닷가 반석 백제 벚꽃 별빛 봉은사 북촌 산업 삼일 새싹
서문 석촌 솔밭 수목원 시청 신라 쌍용 안골 양지 여울 연꽃 옛장터 온천 왕산 외솔 용머리 우체국 원촌 은행나무 을지 읍내 의병 이순신 자유 장터 절골 정류장 제방 중앙 진달래 참샘 천변 철길 첨단 청계천 체육관 초록
충무 큰골 탑골 태평 테헤란 통일 퇴계 평촌 푸른숲 학동 한강대 한글 해오름 햇살 향교 호수 화랑 환경 황새 희망 횃불""".split()
_BUILDINGS = "한빛아파트 푸른마을 래미안솔숲 무지개빌라 새봄오피스텔 중앙빌딩 두레회관 누리타워 하늘채 별빛마을 행복주택 은하맨션 과학관 복지관 시민회관 상가동 웨딩홀 쌍둥이빌딩".split()
_RANKS = "대표이사 이사 상무 전무 부장 차장 과장 대리 주임 사원 팀장 실장 본부장 센터장 소장 국장 계장 주무관 사무관 서기관 교수 연구원 변호사 회계사 세무사 의사 약사 원장 위원장 회장 총무".split()
_LATIN_SURNAMES = "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong".split()
_LATIN_GIVEN = "Minjun Seoyeon Jiho Hayoon Dohyun Yujin Sungmin Eunji Taeho Jihye Hyunwoo Sujin Youngho Mirae Chaewon Wonbin Boram Gyeong-su Hae-in Nam-jun".split()


def latin_name(rng: Rng) -> str:
    """A Korean name in Latin letters."""
    surname, given = any_of(rng, _LATIN_SURNAMES), any_of(rng, _LATIN_GIVEN)
    return any_of(
        rng,
        (f"{given} {surname}", f"{surname} {given}", f"{surname.upper()}, {given.upper()}", f"{surname} {given[0]}."),
    )


def name_line(rng: Rng) -> str:
    """A person as cards, lists and signatures name one."""
    person, rank = grammar.person(rng), any_of(rng, _RANKS)
    spread = " ".join(person)
    forms = (
        person, person, spread, f"{person} {rank}", f"{rank} {person}", f"{rank}  {spread}", f"{grammar.office(rng)} {person}", f"{person} 님", f"{person} 귀하",
        f"{person} 씨", f"{person}(인)", f"{person} (서명)", f"{person}({rng.integers(18, 90)}세)", f"{person}, {grammar.person(rng)}", f"{person} 외 {rng.integers(1, 30)}명",
        latin_name(rng), f"{person}({latin_name(rng)})", f"{rank} {person} {telephone(rng)}", f"{grammar.company(rng)} {rank} {person}", f"{person[0]}○○", f"{person[0]}*{person[-1]}",
    )  # fmt: skip
    return any_of(rng, forms)


def place(rng: Rng) -> tuple[str, str]:
    """A province or large city and a district in it."""
    province = any_of(rng, tuple(PLACES))
    return province, any_of(rng, PLACES[province])


def address_line(rng: Rng) -> str:
    """An address by road or by lot, in full or short, with or without building and postal code."""
    province, part = place(rng)
    if rng.random() < 0.35:
        province = _SHORT[province]
    town = any_of(rng, _ROADS)
    if rng.random() < 0.3:
        village = any_of(rng, ("동", "동", "1동", "읍", "면"))
        lot = f"{'산 ' if rng.random() < 0.1 else ''}{rng.integers(1, 1500)}"
        base = (
            f"{province} {part} {town}{village} {lot}"
            + (f"-{rng.integers(1, 90)}" if rng.random() < 0.6 else "")
            + any_of(rng, ("", "", "번지"))
        )
    else:
        road = town + any_of(
            rng,
            (
                "로",
                "로",
                "길",
                "대로",
                "로12번길",
                "로 3길",
                f"{rng.integers(2, 90)}길",
                f"로{rng.integers(2, 300)}번길",
            ),
        )
        base = f"{province} {part} {road} {rng.integers(1, 700)}" + (
            f"-{rng.integers(1, 60)}" if rng.random() < 0.25 else ""
        )
    detail = (
        "", "", f", {rng.integers(101, 130)}동 {rng.integers(1, 30)}{rng.integers(1, 9):02d}호", f", {rng.integers(1, 20)}층", f" {any_of(rng, _BUILDINGS)} {rng.integers(1, 40)}층",
        f" ({any_of(rng, _ROADS)}동, {any_of(rng, _BUILDINGS)})", f", {any_of(rng, _BUILDINGS)} {rng.integers(101, 2600)}호", f" 지하 {rng.integers(1, 5)}층 B{rng.integers(100, 200)}호",
    )  # fmt: skip
    base += any_of(rng, detail)
    roll = rng.random()
    code = f"{rng.integers(1, 64):02d}{digits(rng, 3)}"
    return (
        f"({code}) {base}"
        if roll < 0.12
        else f"우{code} {base}"
        if roll < 0.2
        else f"주소: {base}"
        if roll < 0.26
        else base
    )
