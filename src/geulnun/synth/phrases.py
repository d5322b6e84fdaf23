# ruff: noqa: E501  word lists, one a line
"""Words that layouts need and running text does not have: headings, goods, talk, signs, names in other scripts.

All of them are common words or invented; they were written for this project.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from geulnun.synth import grammar

Rng = np.random.Generator

HANJA = tuple(
    pair.split("/")
    for pair in """대한민국/大韓民國 한국/韓國 중국/中國 일본/日本 미국/美國 대통령/大統領 국회/國會 정부/政府 경제/經濟 문화/文化 역사/歷史 사회/社會 교육/敎育 학교/學校 대학/大學 연구/硏究 과학/科學
기술/技術 산업/産業 회사/會社 은행/銀行 금융/金融 법률/法律 헌법/憲法 인권/人權 자유/自由 평화/平和 전쟁/戰爭 통일/統一 민족/民族 국민/國民 시민/市民 도시/都市 농촌/農村 자연/自然 환경/環境 산/山 강/江
바다/海 하늘/天 사람/人 마음/心 사랑/愛 가족/家族 부모/父母 형제/兄弟 친구/親舊 생명/生命 건강/健康 병원/病院 의사/醫師 약국/藥局 시장/市場 도로/道路 철도/鐵道 공항/空港 신문/新聞 방송/放送 문학/文學
소설/小說 시인/詩人 음악/音樂 미술/美術 예술/藝術 사상/思想 철학/哲學 종교/宗敎 불교/佛敎 유교/儒敎 조선/朝鮮 고려/高麗 신라/新羅 백제/百濟 왕조/王朝 훈민정음/訓民正音 시작/始作 결과/結果 원인/原因 의미/意味""".split()
)
ENGLISH_SURNAMES = (
    "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong Moon Yang".split()
)
ENGLISH_GIVEN = "Min Ji Seo Jun Ha Yoon Soo Hyun Jin Young Eun Woo Hye Sang Tae Ho Won Kyung Dong Bin Chan Ye".split()
POSITIONS = "대표이사 전무이사 상무이사 이사 본부장 부장 차장 과장 대리 주임 팀장 실장 연구원 선임연구원 책임연구원 수석 디자이너 변호사 교수 원장 소장 지점장 사무국장".split()
POSITIONS_LATIN = (
    "CEO",
    "President",
    "Director",
    "General Manager",
    "Manager",
    "Team Leader",
    "Senior Researcher",
    "Designer",
    "Professor",
    "Attorney at Law",
)
GOODS = """아메리카노 카페라떼 바닐라라떼 녹차라떼 레몬에이드 초코케이크 치즈버거 감자튀김 김밥 참치김밥 떡볶이 순대 튀김 라면 우동 돈가스 비빔밥 제육볶음 김치찌개 된장찌개 순두부찌개 냉면 칼국수 만두
삼겹살 목살 갈비탕 설렁탕 육개장 짜장면 짬뽕 탕수육 생수 우유 두부 달걀 콩나물 시금치 양파 대파 감자 고구마 사과 배 귤 바나나 식빵 휴지 치약 칫솔 비누 샴푸 건전지 볼펜 공책 종량제봉투 소주 맥주 콜라 사이다""".split()
SHOPS = """우리분식 행복식당 장수국밥 할매순대국 맛나치킨 동네빵집 새마을정육점 한마음마트 햇살약국 튼튼정형외과 미소치과 밝은안과 바른한의원 푸른부동산 으뜸철물 제일세탁 명성미용실 스타헤어 청춘노래방 별빛카페
달빛호프 원조할머니보쌈 숯불갈비 해물탕 횟집 만두전골 손칼국수 왕족발 김밥나라 커피공방 꽃집 문구점 서점 안경원 태권도 피아노학원 수학학원 영어교습소 독서실 세무사사무소 법무사 공인중개사 24시편의점 주차장 모텔 목욕탕 당구장""".split()
SIGN_WORDS = """출입금지 주차금지 금연구역 비상구 화장실 안내 입구 출구 어린이보호구역 공사중 천천히 일방통행 버스정류장 지하철 매표소 관계자외 출입금지구역 당기시오 미시오 만지지마세요 위험 소화기 소화전 승강기 계단
영업중 임대 분양 세일 오픈 신장개업 할인 무료 접수처 대기실 진료중 휴무 정기휴일 배달 포장 예약 쓰레기 분리수거 종이류 유리병 캔류 음식물 견인지역 제한속도 양보 우회전 유턴 직진""".split()
LATIN_SIGNS = "OPEN SALE CAFE COFFEE BAKERY EXIT PARKING HOTEL TAXI BUS WELCOME PHARMACY HAIR NAIL GYM PUB PIZZA CHICKEN STUDIO NO SMOKING".split()
CHAT = """네 알겠습니다 | 지금 어디야? | 거의 다 왔어 | ㅋㅋㅋㅋ 진짜? | 오늘 저녁 뭐 먹지 | 아까 전화했었어? | 회의 3시로 바뀌었대요 | 사진 보내줘~ | 고마워!! | 늦어서 미안ㅠㅠ | 내일 봐 | 응응 조심히 가 | 자료 공유드립니다 |
확인했습니다. 감사합니다 :) | 생일 축하해! | 이번 주말에 시간 돼? | 헐 대박 | 나도 그거 봤어 | 비 온다는데 우산 챙겨 | 입금했어요 확인 부탁드려요 | 혹시 몇 시까지 하세요? | 예약 가능할까요? | 네네 2명이요 | 주소 좀 찍어줘 |
됐어 괜찮아 | 왜 안 와? | 웬일이야 | 금방 갈게 | 어제 그거 샀었는데 별로였음 | 완전 맛있겠다""".replace(
    "\n", " "
).split("|")
MENUS = "홈 검색 알림 설정 내 정보 로그인 로그아웃 회원가입 장바구니 주문내역 고객센터 공지사항 자주 묻는 질문 저장 취소 확인 삭제 편집 공유 더보기 다음 이전 뒤로 보내기 파일 보기 도구 창 도움말 새로 만들기 열기 인쇄 복사 붙여넣기".split()
HEADLINES = """{N} {N} 내년부터 크게 바뀐다|{P}, {N} {N} 첫 도입|“{N} 없이 {N} 없다”|{N} 논란 확산… 해법은?|올해 {N} {i}% 늘어|{T}시 {N} {N} 본격 추진|{N}의 두 얼굴|{F} “{N} 포기 못 해”|{N} 시장 ‘꽁꽁’|{N}·{N} 동반 하락|{P} {N} 축제 {i}만 명 몰려|새 {N} 기준 마련 착수""".split(
    "|"
)
HEADS = """추진 배경|현황 및 문제점|주요 내용|추진 계획|기대 효과|향후 일정|협조 사항|행정 사항|사업 개요|예산 현황|세부 추진 내용|성과 분석|시장 동향|핵심 전략|조직 구성|위험 요인|질의응답|목차|요약|결론 및 제언""".split(
    "|"
)
COLUMNS = """구분|항목|내용|수량|단가|금액|비고|담당자|일자|부서|연번|성명|지역|합계|비율|전년|금년|증감|계획|실적|면적|인원|분기|품목|규격|단위|예산|집행""".split(
    "|"
)
CERTIFICATES = "상장 표창장 수료증 졸업장 임명장 위촉장 감사장 자격증 재직증명서 졸업증명서 경력증명서 납세증명서 사업자등록증 주민등록표 가족관계증명서".split()
CODE = """def read(path: str) -> list[str]:|    with open(path, encoding="utf-8") as file:|        return [line.strip() for line in file]|for (int i = 0; i < n; i++) {|    sum += values[i];|}|const total = items.reduce((a, b) => a + b, 0);|if (user == null) return;|SELECT name, price FROM goods WHERE id = 42;|$ git commit -m "fix: 오류 수정"|# 설정 파일을 읽는다|print(f"합계: {total:,}원")|return response.json()|import numpy as np|public static void main(String[] args) {|// 나중에 지울 것|export PATH=$HOME/bin:$PATH|ERROR 404: 파일을 찾을 수 없습니다|<div class="title">안녕하세요</div>|x = 0.5 * (a + b) % 7""".split(
    "|"
)


def pick(rng: Rng, items: Sequence[str]) -> str:
    """One of the items."""
    return items[int(rng.integers(len(items)))]


def headline(rng: Rng) -> str:
    """A newspaper's headline."""
    text = pick(rng, HEADLINES)
    for slot, draw in (("{N}", grammar.noun), ("{P}", _province), ("{T}", _town), ("{F}", grammar.person)):
        while slot in text:
            text = text.replace(slot, draw(rng), 1)
    return text.replace("{i}", str(rng.integers(2, 90)))


def glossed(rng: Rng, text: str) -> str:
    """The text with up to two of its words followed by their hanja in parentheses, or a word of that kind added."""
    words = text.split(" ")
    for _ in range(int(rng.integers(1, 3))):
        korean, hanja = HANJA[int(rng.integers(len(HANJA)))]
        known = next((at for at, word in enumerate(words) if word.startswith(korean)), None)
        if known is None:
            words.insert(int(rng.integers(len(words) + 1)), grammar.with_particle(rng, f"{korean}({hanja})"))
        elif "(" not in words[known]:
            words[known] = words[known].replace(korean, f"{korean}({hanja})", 1)
    return " ".join(words)


def latin_name(rng: Rng) -> str:
    """A Korean name in Latin letters."""
    given = pick(rng, ENGLISH_GIVEN) + "-" * int(rng.random() < 0.6) + pick(rng, ENGLISH_GIVEN).lower()
    surname = pick(rng, ENGLISH_SURNAMES)
    return f"{given} {surname}" if rng.random() < 0.6 else f"{surname.upper()}, {given}"


def hanja_name(rng: Rng) -> str:
    """A name in hanja."""
    return pick(rng, tuple("金李朴崔鄭姜趙尹張林")) + "".join(
        pick(rng, tuple("明秀英哲美賢俊智恩善永浩東")) for _ in range(2)
    )


def money(rng: Rng, low: float = 3, high: float = 7) -> str:
    """A sum with thousands separated, without unit; ``low`` and ``high`` are powers of ten."""
    return f"{int(10 ** rng.uniform(low, high)) // 10 * 10:,}"


def _province(rng: Rng) -> str:
    return pick(rng, ("서울", "부산", "경기", "강원", "전북", "제주", "울산", "충남"))


def _town(rng: Rng) -> str:
    return pick(rng, ("가람", "송정", "은빛", "한솔", "새봄", "월계"))
