# ruff: noqa: E501  word lists and sentence templates, one a line
"""What lists, receipts, screens and dialogue hold: goods with prices, code, quotations, look-alikes, ideographs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geulnun.synth import grammar
from geulnun.synth.draws import any_of, digits
from geulnun.synth.eojeol import clause, noun_with_particle, predicate

Rng = np.random.Generator

_GOODS = """아메리카노 카페라떼 바닐라라떼 에스프레소 콜드브루 자몽에이드 녹차 쌍화차 식혜 삼겹살 돼지갈비 된장찌개 김치찌개 순두부찌개 부대찌개 떡볶이 튀김 순대 어묵 김밥 참치김밥 라볶이 비빔밥 물냉면 칼국수 수제비 짜장면 짬뽕 탕수육 볶음밥 군만두 치킨
후라이드 양념치킨 피자 햄버거 감자튀김 콜라 사이다 맥주 소주 막걸리 생수 우유 두부 콩나물 달걀 쌀 현미 찹쌀 사과 배 귤 감 포도 수박 참외 딸기 복숭아 고등어 갈치 오징어 멸치 미역 김 깻잎 상추 배추 무 양파 마늘 고추 감자 고구마 당근 볼펜 연필
지우개 공책 복사용지 테이프 가위 풀 칫솔 치약 비누 샴푸 휴지 물티슈 세제 건전지 전구 우산 양말 수건 장갑 모자 마스크 반창고 소화제 종합비타민 홍삼 꿀 참기름 고추장 된장 간장 식초 설탕 소금 밀가루 라면 컵라면 과자 초콜릿 껌 빵 케이크 떡 약과 한과""".split()
_KINDS = (
    "국내산",
    "유기농",
    "제주",
    "프리미엄",
    "대용량",
    "무가당",
    "HOT",
    "ICE",
    "(대)",
    "(소)",
    "곱빼기",
    "1+1",
    "행사",
    "신상",
    "NEW",
    "리필",
    "수제",
    "특",
)
_UNITS = (
    "500g",
    "1kg",
    "2L",
    "500ml",
    "10개입",
    "3매",
    "5kg",
    "1박스",
    "100매",
    "1.5L",
    "330㎖",
    "20포",
    "30정",
    "1등급",
    "A4",
    "0.5mm",
    "24롤",
)


def goods(rng: Rng) -> str:
    """An article with size, number and price, or a total, as receipts, menus and price tags write them."""
    item = any_of(rng, _GOODS)
    price = int(rng.integers(3, 900)) * 100
    count = int(rng.integers(1, 12))
    if rng.random() < 0.35:
        item = f"{any_of(rng, _KINDS)} {item}"
    if rng.random() < 0.35:
        item += " " + any_of(rng, _UNITS)
    forms = (
        f"{item} {price:,}원", f"{item} ₩{price:,}", f"{item} {count} {price * count:,}", f"{item} {price:,} {count} {price * count:,}", f"{item} x {count}", f"{item} × {count} = {price * count:,}",
        f"{item} {'.' * int(rng.integers(3, 10))} {price:,}", f"{rng.integers(5, 70)}% 할인 {item} {price:,}원", f"{item} {price:,}원 → {price * 8 // 10:,}원", f"* {item} {count}EA", f"{digits(rng, 13)} {item}",
        f"{any_of(rng, ('합계', '총액', '과세물품가액', '부가세', '받은금액', '거스름돈', '결제금액', '소계', '봉사료', '할인', '적립 포인트', '현금', '신용카드'))} {price * count:,}", f"[{item}] 품절", f"{item}({price:,})", f"No.{rng.integers(1, 999)} {item}",
        f"모델명: {any_of(rng, 'ABDGKLMNRSTWX')}{any_of(rng, 'CDEFHNPQSU')}-{rng.integers(10, 9999)}{any_of(rng, ('', 'K', 'W', 'BK', '/KR'))}", f"유통기한 {rng.integers(2020, 2032)}.{rng.integers(1, 13):02d}.{rng.integers(1, 29):02d}",
    )  # fmt: skip
    return any_of(rng, forms)


_IDENTIFIERS = "index total count user_name getText lineHeight is_valid MAX_SIZE page_no x0 y1 O0 l1 I1 tmp result data_list onClick fontSize rgb16".split()


def program(rng: Rng) -> str:
    """A fragment as screens of programmers show it, where every sign counts."""
    a, b = any_of(rng, _IDENTIFIERS), any_of(rng, _IDENTIFIERS)
    n = int(rng.integers(0, 4096))
    forms = (
        f"def {a}({b}: int) -> str:", f"if ({a} != {b}) {{ return {n}; }}", f"for (int i = 0; i < {n}; i++)", f"{a}[{b}] += {n % 97}", f"SELECT {a}, {b} FROM t{n} WHERE id = '{n}';", f"git commit -m \"{a}: fix #{n}\"",
        f"$ pip install {a}=={n % 9}.{n % 23}.{n % 7}", f"C:\\Users\\{a}\\{b}.txt", f"/usr/local/{a}/{b}.so.{n % 9}", f"192.168.{n % 256}.{n % 199}", f"https://{a.lower()}.example.com/{b}?q={n}&lang=ko", f"0x{n:04X}", f"#{n * 4099 % 0xFFFFFF:06x}",
        f"{n % 256:02X}:{n % 251:02X}:{n % 241:02X}:0F:1B:8D", f"v{n % 20}.{n % 13}.{n % 7}-rc{n % 4}", f"{{\"{a}\": {n}, \"{b}\": null}}", f"<div class=\"{a}\">{b}</div>", f"^[a-z0-9._%+-]+@{a}$", f"{a} = {b} ** 2 % {n + 1}", f"// NOTE: {a} | {b} & ~{n}",
        f"Error {n}: {a} is not defined", f"{a}.{b}({n}, 'l1I|O0');", f"[{n}/{n + 7}] {a}.c:{n % 90}", f"Ctrl+Shift+{any_of(rng, 'ABCXVZ')}", f"UTF-8, CP949 ({n} bytes)",
    )  # fmt: skip
    return any_of(rng, forms)


_SAYS = "말했다 물었다 대답했다 외쳤다 속삭였다 덧붙였다 되물었다 중얼거렸다 소리쳤다 설명했다 강조했다 밝혔다 전했다 말씀하셨다".split()
_CALLS = "네, 아니요, 글쎄, 아이고, 저기요, 얘야, 어머나! 와, 그래? 뭐? 왜요? 잠깐만, 여보세요? 쉿! 에이, 음…… 참, 자, 응, 옳지!".split()


def dialogue(rng: Rng) -> str:
    """Speech, quotation and afterthought: sentences rich in punctuation."""
    said = f"{any_of(rng, _CALLS)} {clause(rng, int(rng.integers(4, 14)))}{any_of(rng, '.?!…')}"
    who = any_of(rng, (grammar.person(rng) + " 씨", "그", "할머니", "선생님", "아이", "의사", "점원", "위원장", "누나"))
    forms = (
        f"“{said}”", f"“{said}”라고 {noun_with_particle(rng, who)} {any_of(rng, _SAYS)}.", f"\"{said}\" {who}: \"{clause(rng, 6)}?\"", f"‘{clause(rng, 8)}……’ 하고 {any_of(rng, _SAYS)}.", f"{who}: {said}", f"― {said}", f"- {said}", f"「{said}」",
        f"{clause(rng, 8)}(물론 {clause(rng, 6)}).", f"{clause(rng, 6)}; {clause(rng, 6)}: {predicate(rng)}!", f"{grammar.noun(rng)}·{grammar.noun(rng)}·{grammar.noun(rng)} 등", f"{said}?!", f"〈{grammar.noun(rng)}〉{any_of(rng, ('과', '의', '에서'))} 《{grammar.noun(rng)} {grammar.noun(rng)}》", f"{clause(rng, 8)}, {clause(rng, 5)}…….",
        f"Q. {clause(rng, 10)}? A. {clause(rng, 8)}.", f"({any_of(rng, ('웃음', '박수', '침묵', '한숨을 쉬며', '고개를 끄덕이며'))}) {said}", f"{clause(rng, 8)}~ ㅎㅎ", f"ㅋㅋㅋ {clause(rng, 6)} ㅠㅠ", f"[{grammar.noun(rng)}] {clause(rng, 10)}", f"* {clause(rng, 12)}.",
    )  # fmt: skip
    return any_of(rng, forms)


#: Characters that print, wear and haste make alike.
LOOK_ALIKES: tuple[str, ...] = tuple(
    """0Oo○ㅇ 1lI|ㅣi! 5S$s 8B3& 2Zz 6Gb 9gq CcGO(0 vVUuY nhrm rnm cld VW wvv .,'`· :;!i -―–_ ~-= ()[]{}|1lI
를틀들룰롤률 었엇얻얹업 였엿옆엮 았앗앉않 했햇핸헸핬 있잇읽잊 없업엎엇 겠갰겟갯게 왔왓완윘 됐됬됏됫돼되 봤밨밧봣뱄 갔갓각갛 났낫낮낯낱낟 웨왜외위의워 애에얘예 의외이익왹 괜괸관괄굉 쌓쌍싸쌌쌈 않안앉알 많만맒맘 값갑갚갓
닭닥달담 밟발밥밤 읽일익잃잌 넓널넙넋 흙흑흘홈 몫목몸못 삶삼살샆 앎암알앏 뭐머뮈뭔 뵈봬배베 췌최채체취 퀘쾨캐케퀴 휘희회훼 귀규긔괴 쓱슥쑥쏙 렸럈릿렷 긴킨건컨 묘모뮤무 랄람달담탐 밍망멍명 홍흥훙횽 를를를틀 흡홉훕흠 뗄땔떌델
끊끈꿇끓 볶복뽁북 섞석썩섴 엮역엌엵 꽃꼿꽂꽅 빛빗빚빌 앞압앒암 팥판팍밭 옷옻옺못 깎깍각꺾 젊절점젋 싫실심싪 훑홀흝훌 핥할활핧 읊을읆음 옳올홀옮 곬골곪곯 앓알않앟 뀌퀴귀꿔 뛰튀띄뛔 쥐취죄줘 쉬수시숴 폐페패펴 혜해헤햬 례레래려 계게개걔
ㄱㄲㅋㄴ ㄷㄸㅌㄹ ㅂㅃㅍㅁ ㅅㅆㅈㅊ ㅏㅑㅓㅕ ㅗㅛㅜㅠ ㅡㅢㅣㅟ ㅐㅔㅒㅖ ㅘㅙㅚㅝㅞ つっシツソン ニ二こ カ力か ロ口ㅁ□ へヘㅅ ーㅡ一― エㅗ工 トㅏ卜 ノ/丿 ハㅅ八 タ夕 ー-~ ぱばはほ ぬめの るろら れわね きさち ヌスフ""".split()
)


def look_alikes(rng: Rng, allowed: Sequence[str]) -> str:
    """A run of characters out of one set of look-alikes, now and then among digits, letters or syllables."""
    chosen = any_of(rng, allowed)
    run = "".join(any_of(rng, chosen) for _ in range(int(rng.integers(2, 8))))
    roll = rng.random()
    if roll < 0.25:
        return run + digits(rng, int(rng.integers(1, 5)))
    if roll < 0.4:
        return grammar.code(rng) + run
    if roll < 0.6:
        return noun_with_particle(rng) + " " + run
    return run


#: Words with their ideographs, as papers put them in brackets: what offices, schools and statutes use most.
HANJA_WORDS: dict[str, str] = dict(
    pair.split(":")
    for pair in """대한민국:大韓民國 헌법:憲法 법률:法律 국가:國家 국민:國民 정부:政府 국회:國會 법원:法院 경제:經濟 사회:社會 문화:文化 역사:歷史 교육:敎育 학교:學校 학생:學生 선생:先生 대학:大學 연구:硏究 과학:科學 기술:技術 산업:産業 농업:農業 공업:工業 상업:商業 무역:貿易 은행:銀行
회사:會社 주식:株式 계약:契約 매매:賣買 등기:登記 소유권:所有權 부동산:不動産 토지:土地 건물:建物 임대:賃貸 보증:保證 금액:金額 합계:合計 영수증:領收證 증명:證明 신고:申告 신청:申請 허가:許可 면허:免許 세금:稅金 소득:所得 재산:財産 상속:相續 혼인:婚姻 출생:出生 사망:死亡 주소:住所 성명:姓名 본적:本籍 직업:職業
서울시:서울市 한강:漢江 남산:南山 도시:都市 지방:地方 동서남북:東西南北 춘하추동:春夏秋冬 중앙:中央 세계:世界 평화:平和 자유:自由 정의:正義 민주:民主 공화국:共和國 독립:獨立 통일:統一 전쟁:戰爭 조선:朝鮮 고려:高麗 신라:新羅 백제:百濟 왕조:王朝 실록:實錄 불교:佛敎 유교:儒敎 기독교:基督敎 철학:哲學 문학:文學 소설:小說 시인:詩人 음악:音樂 미술:美術
병원:病院 의사:醫師 환자:患者 건강:健康 약국:藥局 시간:時間 공간:空間 오전:午前 오후:午後 금년:今年 작년:昨年 월요일:月曜日 화요일:火曜日 수요일:水曜日 일요일:日曜日 남녀:男女 부모:父母 형제:兄弟 자녀:子女 부부:夫婦 가족:家族 조상:祖上 제사:祭祀 인간:人間 인생:人生 생명:生命 자연:自然 환경:環境 우주:宇宙 지구:地球 전기:電氣 전화:電話 자동차:自動車 철도:鐵道 도로:道路 교통:交通 공항:空港 여행:旅行
신문:新聞 방송:放送 보도:報道 정보:情報 통신:通信 사진:寫眞 영화:映畵 극장:劇場 식당:食堂 음식:飮食 주점:酒店 인사:人事 총무:總務 기획:企劃 예산:豫算 결산:決算 감사:監査 회의:會議 의결:議決 안건:案件 출석:出席 기록:記錄 보고:報告 결재:決裁 문서:文書 공문:公文 수신:受信 발신:發信 참조:參照 제목:題目 첨부:添附 이상:以上 이하:以下 미만:未滿 초과:超過 전후:前後 좌우:左右 상하:上下 내외:內外 대소:大小 장단:長短 유무:有無
갑:甲 을:乙 병:丙 원고:原告 피고:被告 판결:判決 선고:宣告 항소:抗訴 상고:上告 증거:證據 범죄:犯罪 형벌:刑罰 권리:權利 의무:義務 책임:責任 손해:損害 배상:賠償 귀하:貴下 귀중:貴中 근조:謹弔 축결혼:祝結婚 축화혼:祝華婚 부의:賻儀 축발전:祝發展""".split()
)


def with_ideographs(rng: Rng, words: Sequence[tuple[str, str]]) -> str:
    """A word with its ideographs in brackets, or written in them."""
    hangul, hanja = any_of(rng, words)
    form = any_of(
        rng,
        (f"{hangul}({hanja})", f"{hangul}({hanja})", f"{hanja}({hangul})", hanja, f"{hangul}[{hanja}]", f"‘{hanja}’"),
    )
    if rng.random() < 0.6:
        # Particles follow the reading, whatever stands in brackets.
        form += noun_with_particle(rng, hangul)[len(hangul) :]
    return form
