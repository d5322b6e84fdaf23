# ruff: noqa: E501  word lists and sentence templates, one a line
"""Official prose: letters of offices, statutes, contracts, notices, certificates, court papers, fields of forms.

Corpora hold news and reviews, hardly any of this, and it is what offices scan. All templates were written for this project;
names of statutes are those of real ones, as facts.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.draws import any_of, digits
from geulnun.synth.eojeol import attach
from geulnun.synth.identifiers import account, business, corporation, resident, telephone
from geulnun.synth.numerals import money, when
from geulnun.synth.people import address_line, place

Rng = np.random.Generator

LAWS = """대한민국헌법|민법|형법|상법|민사소송법|형사소송법|행정절차법|행정소송법|국가공무원법|지방공무원법|지방자치법|공공기록물 관리에 관한 법률|공공기관의 정보공개에 관한 법률|개인정보 보호법|민원 처리에 관한 법률|국세기본법|소득세법
|법인세법|부가가치세법|지방세법|관세법|근로기준법|최저임금법|산업안전보건법|고용보험법|국민연금법|국민건강보험법|의료법|약사법|식품위생법|도로교통법|자동차관리법|건축법|주택법|국토의 계획 및 이용에 관한 법률|도시 및 주거환경정비법
|공익사업을 위한 토지 등의 취득 및 보상에 관한 법률|환경정책기본법|폐기물관리법|대기환경보전법|초·중등교육법|고등교육법|저작권법|특허법|상표법|전자서명법|정보통신망 이용촉진 및 정보보호 등에 관한 법률|주민등록법|가족관계의 등록 등에 관한 법률
|부동산등기법|주택임대차보호법|상가건물 임대차보호법|국가를 당사자로 하는 계약에 관한 법률|보조금 관리에 관한 법률|국가재정법|문화유산의 보존 및 활용에 관한 법률|한글 맞춤법|국어기본법|독점규제 및 공정거래에 관한 법률|전자상거래 등에서의 소비자보호에 관한 법률""".replace("\n", "").split("|")  # fmt: skip
_SECTIONS = "총무과 기획과 재정과 기획예산담당관 감사관 운영지원과 인사과 홍보담당관 정보화담당관 민원봉사과 세정과 징수과 회계과 주민자치과 복지정책과 여성가족과 노인장애인과 환경보전과 자원순환과 공원녹지과 건설과 도로과 교통과 건축과 도시계획과 토지정보과 농정과 축산과 산림과 수산과 보건행정과 위생과 안전총괄과 재난대응과 문화예술과 관광과 체육진흥과 교육지원과 도서관운영과 상하수도과".split()
_HEADS = "시장 군수 구청장 도지사 교육감 장관 청장 위원장 이사장 총장 원장 소장 관장 학교장 경찰서장 세무서장 우체국장 보건소장".split()

_TEMPLATES = """
귀 기관(부서)의 협조에 감사드리며, 아래와 같이 {N} 자료를 요청하오니 {D}까지 제출하여 주시기 바랍니다.
관련: {K}({D}) "{N} {N} 추진계획 알림"
1. {K}({D})호와 관련됩니다.
2. 위 호와 관련하여 {N} {N}{을} 다음과 같이 실시하고자 하오니, 소속 직원이 빠짐없이 참석할 수 있도록 하여 주시기 바랍니다.
3. 아울러, {N} 과정에서 알게 된 개인정보가 외부로 유출되지 않도록 각별히 유의하여 주시기 바랍니다.
가. 사업명: {Y}년 {T} {N} {N} 사업
나. 사업 기간: {D} ~ {D}
다. 소요 예산: {A}(국비 50%, 도비 15%, 시비 35%)
라. 제출 방법: 공문 및 전자우편 동시 제출(담당자 앞)
마. 행정 사항: 각 부서에서는 {N} 현황을 붙임 서식에 따라 작성하여 {D}까지 {Q}로 제출
붙임  1. {N} {N} 계획서 1부.  2. {N} 신청서 서식 1부.  3. {N} 명단 1부.  끝.
{L} 제{i}조제{j}항에 따라 {N}{을} 하려는 자는 {N}{을} 갖추어 {H}에게 신청하여야 한다.
{H}{은} 제1항에 따른 신청을 받은 날부터 {i}일 이내에 {N} 여부를 결정하고, 그 결과를 신청인에게 서면으로 알려야 한다.
다음 각 호의 어느 하나에 해당하는 자에게는 {A} 이하의 과태료를 부과한다.
{j}. {N}{을} 거짓이나 그 밖의 부정한 방법으로 {N}한 자
이 법에서 "{N}"{이란} {N}{이나} {N}에 관한 업무로서 대통령령으로 정하는 것을 말한다.
{L} 제{i}조의{j}{을} 위반하여 {N}하지 아니한 경우에는 그러하지 아니하다.
부칙 <제{e}호, {D}> 제1조(시행일) 이 영은 공포 후 6개월이 경과한 날부터 시행한다.
제{i}조({N}의 {N}) {H}{은} {N}{이} 필요하다고 인정되는 때에는 {N}{을} 할 수 있다. 다만, 긴급한 경우에는 그 절차를 생략할 수 있다.
제{i}조(계약의 해지) "갑"은 "을"이 정당한 사유 없이 본 계약을 이행하지 아니한 때에는 서면으로 통보하고 계약을 해지할 수 있다.
"을"은 {N}{을} {D}까지 "갑"에게 인도하여야 하며, 지체한 때에는 지체일수 1일당 계약금액의 1,000분의 {j}에 해당하는 지체상금을 납부하여야 한다.
임차인은 계약 기간이 끝나기 {j}개월 전까지 갱신 여부를 통지하며, 보증금 {A}{은} 인도와 동시에 반환받는다.
위 부동산에 대하여 소유자 {F}{과} 매수인 {F}{은} 다음과 같이 매매계약을 체결하고, 각 1통씩 보관한다.
계약금 {A}{은} 계약 시에 지불하고 영수함. 영수자 {F} (인)
위와 같이 {N}{을} 신청(신고)합니다.
위 사람은 본교 {T}학과의 소정의 과정을 마치고 {N} 능력을 인정받았으므로 이에 이 증서를 수여합니다.
위 사람은 {Y}년도 {N} 업무를 성실히 수행하여 그 공적이 뛰어나므로 이에 표창합니다.
위의 사실을 증명합니다.
{P} {B} {T}동 주민센터에서는 {N} 취약계층을 위하여 {N} 물품을 무료로 나누어 드리고 있습니다.
접수된 서류는 일체 반환하지 않으며, 기재 내용이 사실과 다른 경우 {N}{이} 취소될 수 있습니다.
기타 자세한 사항은 {K} 담당자({Q})에게 문의하여 주시기 바랍니다.
입찰 참가 자격은 {L} 제{i}조에 따른 자격을 갖추고, 입찰공고일 전일부터 주된 영업소의 소재지가 {P}인 업체로 한다.
낙찰자 결정 방법: 예정가격 이하로서 예정가격 대비 87.745% 이상 최저가격으로 입찰한 자를 낙찰자로 결정합니다.
제출 기한: {D} 18:00까지(기한 엄수)
피고는 원고에게 {A} 및 이에 대하여 {D}부터 다 갚는 날까지 연 12%의 비율로 계산한 돈을 지급하라.
소송비용은 피고가 부담한다. 제1항은 가집행할 수 있다.
이 사건 처분의 근거가 된 {L} 제{i}조제{j}항은 헌법에 위반되지 아니한다.
청구인은 {D} 피청구인에게 {N}에 관한 정보의 공개를 청구하였으나, 피청구인은 {D} 비공개 결정을 하였다.
본인은 {N}{을} 위하여 아래와 같이 개인정보를 수집·이용하는 것에 동의합니다.
보유 및 이용 기간: 동의일로부터 {j}년(목적 달성 시 지체 없이 파기)
귀하는 동의를 거부할 권리가 있으며, 동의를 거부하실 경우 {N} 이용이 제한될 수 있습니다.
납부 기한까지 납부하지 아니하면 3%의 가산금이 부과되며, 체납 시 재산이 압류될 수 있습니다.
납부할 금액 {A}{을} 납기 내에 {W}{으로} 납부하여 주시기 바랍니다.
이의가 있는 경우에는 이 통지를 받은 날부터 90일 이내에 {H}에게 이의신청을 하거나 조세심판원장에게 심판청구를 할 수 있습니다.
회의 결과, 원안대로 의결되었음을 선포합니다. (의사봉 3타)
성원 보고: 재적 이사 {i}명 중 {j}명이 참석하여 정관 제{i}조에 따라 회의가 적법하게 성립되었음을 보고함.
첫째, {N} 체계를 정비하고, 둘째, {N} 기반을 넓히며, 셋째, 주민이 체감할 수 있는 {N}{을} 발굴한다.
{Y}년 대비 {N}{은} {i}.{j}% 증가하였으나, {N}{은} 오히려 {j}.{j}%p 감소한 것으로 나타났다.
이에 따라 우리 {T}시는 {N} 대책을 마련하고 있으며, 관계 부처와 긴밀히 협의하여 {N}에 만전을 기하겠습니다.
※ 위 금액은 부가가치세를 포함한 금액이며, 견적의 유효 기간은 제출일로부터 {i}일입니다.
□ (추진 배경) {N} 수요가 급증함에 따라 {N} 방식의 전환이 시급함
○ {N} 기준을 완화하여 {N} 부담을 덜어 줄 필요가 있음
 - {K}에서 {N}{을} 총괄하고, 각 읍·면·동에서 현장 확인을 병행
결재: 기안자 {F}  검토자 {F}  협조자 {F}  전결 {D}
시행 {K}({D})  접수 {K}({D})
우 {Z} {R} / {U}
전화 {Q} / 전송 {Q} / {M} / 대국민공개
"""
SENTENCES = tuple(line for line in _TEMPLATES.strip().split("\n") if line)
_SLOT = re.compile(r"\{(\w+)\}")
_PARTICLES = {
    "을": ("을", "를"), "이": ("이", "가"), "은": ("은", "는"), "과": ("과", "와"), "으로": ("으로", "로"), "이란": ("이란", "란"), "이나": ("이나", "나"),
}  # fmt: skip


def document_number(rng: Rng) -> str:
    """A number of a letter, decree, case or certificate."""
    year = rng.integers(1990, 2031)
    forms = (
        f"{any_of(rng, _SECTIONS)}-{rng.integers(1, 30000)}", f"{any_of(rng, _SECTIONS)}-{rng.integers(1, 30000)}({year}. {rng.integers(1, 13)}. {rng.integers(1, 29)}.)호",
        f"제{year}-{rng.integers(1, 2000)}호", f"대통령령 제{rng.integers(10000, 36000)}호", f"법률 제{rng.integers(5000, 21000)}호", f"{place(rng)[1]} 공고 제{year}-{rng.integers(1, 3000)}호",
        f"행정안전부 고시 제{year}-{rng.integers(1, 99)}호", f"{year}가합{rng.integers(1000, 99999)}", f"{year}가단{digits(rng, 6)}", f"{year}고정{digits(rng, 4)}", f"대법원 {year}다{rng.integers(1000, 99999)} 판결",
        f"{year}헌마{rng.integers(1, 1500)}", f"문서확인번호 {digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}-{digits(rng, 4)}", f"발급번호: {digits(rng, 3)}-{digits(rng, 8)}", f"접수번호 제{digits(rng, 5)}호",
        f"관리번호 {year}-{rng.integers(1, 13):02d}-{digits(rng, 4)}", f"특허 제10-{digits(rng, 7)}호", f"ISBN 979-11-{digits(rng, 5)}-{digits(rng, 2)}-{digits(rng, 1)}",
    )  # fmt: skip
    return any_of(rng, forms)


def article(rng: Rng) -> str:
    """A statute with article, paragraph, subparagraph and item: 「민법」 제3조제2항제1호."""
    law = any_of(rng, LAWS)
    suffix = any_of(rng, ("", "", "", " 시행령", " 시행규칙"))
    name = any_of(rng, (f"「{law}{suffix}」", f"「{law}{suffix}」", f"{law}{suffix}"))
    number = f"제{rng.integers(1, 180)}조" + (f"의{rng.integers(2, 9)}" if rng.random() < 0.2 else "")
    gap = any_of(rng, ("", "", " "))
    if rng.random() < 0.75:
        number += f"{gap}제{rng.integers(1, 9)}항"
        if rng.random() < 0.55:
            number += f"{gap}제{rng.integers(1, 15)}호"
            number += f"{gap}{any_of(rng, '가나다라마바사아자차카타파하')}목" if rng.random() < 0.3 else ""
    return f"{name} {number}"


def law_line(rng: Rng) -> str:
    """Citations of statutes and numbers of documents, with what follows them."""
    if rng.random() < 0.4:
        return document_number(rng)
    tail = any_of(
        rng,
        (
            "",
            "에 따라",
            "에 따른",
            "에 의하여",
            "의 규정에 의한",
            "을 준용한다.",
            " 및",
            "에도 불구하고",
            "을 위반하여",
            " 본문",
            " 단서",
            " 각 호",
        ),
    )
    cited = article(rng)
    return attach(cited, "을", "를") + tail[1:] if tail.startswith("을 ") else cited + tail


def sentence(rng: Rng) -> str:
    """A sentence of an official paper."""
    out = ""
    at = 0
    template = any_of(rng, SENTENCES)
    for slot in _SLOT.finditer(template):
        out += template[at : slot.start()]
        name = slot[1]
        out = attach(out, *_PARTICLES[name]) if name in _PARTICLES else out + _SLOTS[name](rng)
        at = slot.end()
    return out + template[at:]


_SLOTS: dict[str, Callable[[Rng], str]] = {
    "N": grammar.noun, "D": lambda rng: f"{rng.integers(1990, 2031)}. {rng.integers(1, 13)}. {rng.integers(1, 29)}.", "A": lambda rng: f"금 {int(rng.integers(1, 90_000)) * 1000:,}원", "F": grammar.person, "K": lambda rng: f"{any_of(rng, _SECTIONS)}-{rng.integers(1, 20000)}",
    "L": lambda rng: f"「{any_of(rng, LAWS)}」", "H": lambda rng: any_of(rng, _HEADS), "P": lambda rng: place(rng)[0], "B": lambda rng: place(rng)[1], "T": lambda rng: any_of(rng, ("한빛", "새봄", "가람", "중앙", "다솔", "누리")),
    "Q": telephone, "W": lambda rng: any_of(rng, ("가상계좌", "자동이체", "신용카드", "인터넷지로", "은행 창구")), "R": address_line, "U": lambda rng: f"www.{any_of(rng, ('hanbit', 'saebom', 'garam'))}.go.kr", "M": grammar.mail,
    "Z": lambda rng: digits(rng, 5), "Y": lambda rng: str(rng.integers(1990, 2031)), "i": lambda rng: str(rng.integers(2, 90)), "j": lambda rng: str(rng.integers(1, 10)), "e": lambda rng: str(rng.integers(10000, 36000)),
}  # fmt: skip
_FIELDS: tuple[tuple[str, Callable[[Rng], str]], ...] = (
    ("성명", grammar.person), ("성    명", grammar.person), ("신청인", grammar.person), ("대표자", grammar.person), ("보호자 성명", grammar.person), ("예금주", grammar.person),
    ("주민등록번호", resident), ("사업자등록번호", business), ("법인등록번호", corporation), ("생년월일", when), ("신청일", when), ("유효기간", when), ("접수일자", when), ("납부기한", when),
    ("주소", address_line), ("소재지", address_line), ("등록기준지", address_line), ("전화번호", telephone), ("휴대전화", telephone), ("팩스", telephone), ("전자우편", grammar.mail), ("계좌번호", account),
    ("금액", money), ("합계", money), ("수수료", money), ("보증금", money), ("상호(법인명)", grammar.company), ("업태", grammar.noun), ("종목", grammar.noun), ("부서", grammar.office), ("소속", grammar.office),
    ("용도", lambda rng: f"{grammar.noun(rng)} {grammar.noun(rng)} 제출용"), ("문서번호", document_number), ("근거 법령", article), ("비고", grammar.noun), ("수량", lambda rng: f"{rng.integers(1, 100)}부"), ("관계", lambda rng: any_of(rng, ("본인", "배우자", "자녀", "부모", "형제자매", "대리인"))),
    ("성별", lambda rng: any_of(rng, ("남", "여", "■ 남 □ 여", "□ 남 ■ 여"))), ("동의 여부", lambda rng: any_of(rng, ("■ 동의함  □ 동의하지 않음", "□ 동의함  □ 동의하지 않음", "○ 예  ● 아니오"))),
)  # fmt: skip
_CLOSERS = (
    "(인)",
    "(서명 또는 인)",
    "귀하",
    "(직인생략)",
    "끝.",
    "- 이하 여백 -",
    "(뒤쪽)",
    "[별지 제{}호서식]",
    "[별표 {}]",
    "210mm×297mm[백상지 80g/㎡]",
    "※ 뒤쪽의 유의사항을 읽고 작성하시기 바랍니다.",
    "- {} -",
    "({}쪽 중 제1쪽)",
)


def field(rng: Rng) -> str:
    """A label of a form with what is written beside it, or what forms close with."""
    if rng.random() < 0.12:
        return any_of(rng, _CLOSERS).format(rng.integers(1, 60))
    label, draw = any_of(rng, _FIELDS)
    return any_of(
        rng, ("{}: {}", "{} : {}", "{} {}", "{}  {}", "○ {}: {}", "▣ {} {}", "{})  {}", "[{}] {}", "({}) {}")
    ).format(label, draw(rng))
