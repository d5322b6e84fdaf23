# ruff: noqa: E501  word lists and sentence templates, one a line
"""Eojeol: nouns with particles and predicates with endings, each allomorph after its sound.

를, 했, 었, 였, 았 and their like make up a large share of Korean text; they come out right only if the final consonant, the
vowel harmony and the irregular stems are known. Rules after the national orthography (한글 맞춤법, chapter 4).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from geulnun import hangul
from geulnun.synth import grammar
from geulnun.synth.draws import any_of

Rng = np.random.Generator

#: Digits and letters whose Korean names end in a consonant; True where that is ㄹ.
_CLOSED = {"0": False, "1": True, "3": False, "6": False, "7": True, "8": True} | dict.fromkeys("LRlr", True)
_CLOSED |= dict.fromkeys("MNmn", False)
_CLOSING = ")]}’”'\"」』〉》】〕"


def ending_of(word: str) -> str:
    """How a word sounds at its end: "vowel", "rieul" (ㄹ) or "consonant"; closing quotes and brackets are not heard."""
    last = word.rstrip(_CLOSING)[-1:]
    if hangul.is_syllable(last):
        jong = hangul.JONG[hangul.split(last).jong]
        return "vowel" if not jong else "rieul" if jong == "ㄹ" else "consonant"
    return "vowel" if last not in _CLOSED else "rieul" if _CLOSED[last] else "consonant"


def attach(word: str, after_consonant: str, after_vowel: str) -> str:
    """The word with the form of a particle that its end asks for; 으로 alone gives way to 로 after ㄹ."""
    sound = ending_of(word)
    closed = sound == "consonant" or (sound == "rieul" and not after_consonant.startswith("으로"))
    return word + (after_consonant if closed else after_vowel)


_PAIRS = (
    ("을", "를"), ("을", "를"), ("을", "를"), ("이", "가"), ("이", "가"), ("은", "는"), ("은", "는"), ("과", "와"), ("으로", "로"),
    ("으로서", "로서"), ("으로써", "로써"), ("으로부터", "로부터"), ("으로는", "로는"), ("이나", "나"), ("이든", "든"), ("이라도", "라도"),
    ("이라고", "라고"), ("이라는", "라는"), ("이란", "란"), ("이며", "며"), ("이고", "고"), ("이지만", "지만"), ("이었다", "였다"),
    ("이었습니다", "였습니다"), ("이었고", "였고"), ("이었던", "였던"), ("이었으나", "였으나"), ("이므로", "므로"), ("이에요", "예요"), ("입니다", "입니다"),
    ("과의", "와의"), ("과는", "와는"), ("이야말로", "야말로"), ("이랑", "랑"), ("이여", "여"), ("이어서", "여서"), ("이었을까", "였을까"),
)  # fmt: skip
_FREE = """에 에서 의 도 만 까지 부터 에게 께 께서 께서는 처럼 보다 에는 에서는 에서도 에도 에만 마다 조차 마저 밖에 뿐 뿐만 대로 만큼 에게서 한테 에의 에까지 만이 만을 까지의
부터의 에서의 에게는 에게도 입니다 인 일 임을 인지 인데 이라서""".split()
_DOING = """했다 했습니다 했고 했으며 했으나 했지만 했던 했는데 했을 하였다 하였습니다 하였으며 하였고 하였으나 하였던 했었다 하였었다 하는 하고 하며 하여 해서 해야 하기 하지 하면 한다 합니다 할 한
하도록 하므로 하려고 하더라도 하자마자 되었다 되었습니다 되었고 되었으며 되었던 됐다 됐고 됐습니다 되는 된 될 되고 되며 되어 돼야 되면 됩니다 되지 되도록 받았다 받았습니다 시켰다 시켰고 드립니다 드렸습니다""".split()


def noun_with_particle(rng: Rng, word: str | None = None) -> str:
    """A noun with a particle, the copula, or 하다 and 되다 in one of their forms."""
    word = grammar.noun(rng) if word is None else word
    roll = rng.random()
    if roll < 0.5:
        return attach(word, *any_of(rng, _PAIRS))
    return word + any_of(rng, _FREE if roll < 0.75 else _DOING)


@dataclass(frozen=True)
class Stem:
    """A predicate stem.

    Attributes:
        base: the stem as dictionaries give it, without 다.
        open: the stem before 으 (돕: 도우); the base with 으 where None and it ends in a consonant.
        bound: the form in 아/어 (돕: 도와); by rule where None.
        adjective: it takes -다 and -은, not -는다 and -는.
    """

    base: str
    open: str | None = None
    bound: str | None = None
    adjective: bool = False


def bound(stem: Stem, short: bool = True) -> str:
    """The form in 아, 어 or 여; ``short`` contracts where both are written (보아, 봐)."""
    if stem.bound is not None:
        return stem.bound
    head, last = stem.base[:-1], stem.base[-1]
    if last == "하":
        return head + ("해" if short else "하여")
    cho, jung, jong = hangul.split(last)
    vowel = hangul.JUNG[jung]
    bright = vowel in "ㅏㅗㅑ"
    if jong:
        return stem.base + ("아" if bright else "어")
    if vowel == "ㅡ":
        before = hangul.JUNG[hangul.split(head[-1]).jung] if head else "ㅡ"
        return head + hangul.join(cho, hangul.JUNG.index("ㅏ" if before in "ㅏㅗㅑ" else "ㅓ"))
    if vowel in "ㅏㅓㅐㅔㅕㅑ":
        return stem.base
    merged = {"ㅗ": "ㅘ", "ㅜ": "ㅝ", "ㅣ": "ㅕ", "ㅚ": "ㅙ"}.get(vowel)
    if merged and (short or last == "오"):
        return head + hangul.join(cho, hangul.JUNG.index(merged))
    return stem.base + ("아" if bright else "어")


def _with_final(text: str, jong: str) -> str:
    cho, jung, _ = hangul.split(text[-1])
    return text[:-1] + hangul.join(cho, jung, hangul.JONG.index(jong))


def past(stem: Stem, short: bool = True) -> str:
    """The past stem in 았, 었, 였 or merged with it: 받았, 먹었, 하였, 했, 갔."""
    return _with_final(bound(stem, short), "ㅆ")


def loose(stem: Stem) -> str:
    """The stem as it stands before endings in 으: 먹으, 가, 도우, 만들."""
    if stem.open is not None:
        return stem.open
    return stem.base if ending_of(stem.base) != "consonant" else stem.base + "으"


def with_final(stem: Stem, jong: str) -> str:
    """The stem with -ㄴ, -ㄹ or -ㅂ at its end: 간, 먹은, 도운, 만든; 먹을; 갑 but 먹습, 만듭."""
    if jong == "ㅂ" and ending_of(stem.base) == "consonant":
        return stem.base + "습"
    if jong == "ㄴ" and stem.base[-1] in "있없":
        return stem.base + "는"
    return _with_final(loose(stem), jong)


def _before_n(stem: Stem) -> str:
    """The stem before -는: ㄹ falls."""
    return _with_final(stem.base, "") if ending_of(stem.base) == "rieul" else stem.base


def predicate(rng: Rng, stem: Stem | None = None) -> str:
    """A verb or adjective in one of its forms."""
    stem = any_of(rng, STEMS) if stem is None else stem
    roll = rng.random()
    if roll < 0.42:
        form = past(stem, rng.random() < 0.6)
        if rng.random() < 0.08:
            form += "었"
        return form + any_of(rng, _AFTER_PAST)
    if roll < 0.54:
        return bound(stem) + any_of(
            rng, ("", "서", "야", "도", "요", "서는", "야만", "지는", "졌다", "졌습니다", " 왔다", " 주었다")
        )
    if roll < 0.66:
        if rng.random() < 0.1:
            return with_final(stem, "") + "나"
        return loose(stem) + any_of(rng, ("면", "며", "면서", "려고", "므로", "면서도", "려면", "러"))
    if roll < 0.8:
        jong, tails = any_of(rng, _FINALS)
        return with_final(stem, jong) + any_of(rng, tails)
    if roll < 0.9 and not stem.adjective:
        present = with_final(stem, "ㄴ") if ending_of(stem.base) != "consonant" else stem.base + "는"
        return any_of(
            rng,
            (
                present + "다",
                present + "다고",
                _before_n(stem) + "는",
                _before_n(stem) + "는데",
                _before_n(stem) + "는지",
            ),
        )
    return stem.base + any_of(
        rng,
        (
            "고",
            "지만",
            "기",
            "게",
            "도록",
            "거나",
            "지",
            "던",
            "더라도",
            "지는",
            "기도",
            "기에",
            "겠다",
            "겠습니다",
            "고자",
        ),
    )


_AFTER_PAST = "다 습니다 고 으며 으나 지만 던 는데 을 다고 다는 다가 으니 으므로 기 을까 지요 어요 더니 음 을지라도 거든요 네".split()
_FINALS = (
    ("ㄴ", ("", "지", "데도")), ("ㄹ", ("", "까", "수록", "지라도", " 것", " 수", " 때")), ("ㅂ", ("니다", "니까", "니다만")),
)  # fmt: skip
_REGULAR = """하 되 가 오 보 주 받 읽 쓰 먹 찾 알 살 만들 열 닫 앉 서 놓 넣 배우 가르치 기다리 마시 치 내 세우 지키 이루 늘 줄 팔 사 타 나누 모으 바꾸 보내 남 넘 담 심 씻 벗 웃 잊 믿 얻 뜯
깎 겪 볶 꺾 섞 엮 닦 묶 얹 앉히 끊 잃 꿇 뚫 앓 끓 밟 핥 훑 읊 곪 굶 닮 옮기 긁 갉 밝히 맑히 늙 삶 젊어지 찢 짖 맺 잦아들 쫓 좇 뱉 맡 붙 흩 갚 덮 엎 낳 쌓 찧 빻 떼 꿰매 켜 펴 끄 뜨 담그 잠그 떠나
일어나 지나 생각하 시작하 공부하 사랑하 이야기하 설명하 확인하 처리하 제출하 되풀이하 꿰뚫 헤매 끼치 꾸미 뛰 쉬 쥐 튀 휘 띄우 씌우 뉘우치 외우 꾀 죄 쐬 괴롭히 얽매 훔치 뽑 씹 꼽 잡 접 업 굽히""".split()
_ADJECTIVES = """좋 많 같 높 낮 깊 얕 넓 좁 짧 길 크 작 늦 이르 바쁘 기쁘 슬프 아프 나쁘 예쁘 곱슬거리 밝 맑 붉 굵 묽 얇 엷 떫 싫 옳 괜찮 편찮 점잖 귀찮 하찮 있 없 재미있 맛없 관계없 빠짐없 멋있 뜻깊 드물 달 멀
필요하 중요하 가능하 정확하 편리하 깨끗하 따뜻하 뚜렷하 희 비슷하 솔직하 꼼꼼하""".split()
STEMS: tuple[Stem, ...] = (
    *(Stem(base) for base in _REGULAR),
    *(Stem(base, adjective=True) for base in _ADJECTIVES if base != "이르"),
    Stem("돕", "도우", "도와"), Stem("줍", "주우", "주워"), Stem("눕", "누우", "누워"), Stem("굽", "구우", "구워"), Stem("깁", "기우", "기워"),
    Stem("걷", "걸으", "걸어"), Stem("듣", "들으", "들어"), Stem("묻", "물으", "물어"), Stem("싣", "실으", "실어"), Stem("깨닫", "깨달으", "깨달아"),
    Stem("짓", "지으", "지어"), Stem("잇", "이으", "이어"), Stem("긋", "그으", "그어"), Stem("붓", "부으", "부어"), Stem("젓", "저으", "저어"),
    Stem("모르", None, "몰라"), Stem("부르", None, "불러"), Stem("고르", None, "골라"), Stem("흐르", None, "흘러"), Stem("자르", None, "잘라"),
    Stem("누르", None, "눌러"), Stem("이르", None, "이르러"), Stem("푸", None, "퍼"), Stem("가깝", "가까우", "가까워", True),
    Stem("어렵", "어려우", "어려워", True), Stem("쉽", "쉬우", "쉬워", True), Stem("고맙", "고마우", "고마워", True), Stem("곱", "고우", "고와", True),
    Stem("무겁", "무거우", "무거워", True), Stem("아름답", "아름다우", "아름다워", True), Stem("새롭", "새로우", "새로워", True),
    Stem("낫", "나으", "나아", True), Stem("빠르", None, "빨라", True), Stem("다르", None, "달라", True), Stem("푸르", None, "푸르러", True),
    Stem("파랗", "파라", "파래", True), Stem("하얗", "하야", "하얘", True), Stem("그렇", "그러", "그래", True), Stem("어떻", "어떠", "어때", True),
    Stem("않", None, "않아"), Stem("뵙", "뵈", "봬"),
)  # fmt: skip
_ADVERBS = """이미 매우 아주 더욱 다시 함께 모두 먼저 아직 벌써 늘 자주 가끔 결코 비록 마치 왜냐하면 그러나 그리고 또한 따라서 그래서 하지만 한편 특히 즉 다만 오히려 반드시 꼭 곧 바로 새로 스스로 널리 깊이 빨리 천천히
똑같이 꼼꼼히 샅샅이 괜히 몇몇 뚜렷이 넉넉히 핥듯이 왠지 웬만큼 도대체 굳이 일찍이 뜻밖에""".split()


def clause(rng: Rng, length: int) -> str:
    """Eojeol after eojeol up to about ``length`` characters: well formed each, a sentence only by chance."""
    out: list[str] = []
    while sum(map(len, out)) + len(out) < length:
        roll = rng.random()
        if roll < 0.5:
            out.append(noun_with_particle(rng))
        elif roll < 0.9:
            out.append(predicate(rng) + (any_of(rng, ".,,?!") if rng.random() < 0.2 else ""))
        else:
            out.append(any_of(rng, _ADVERBS))
    return " ".join(out)
