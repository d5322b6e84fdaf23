"""The report of a recogniser of characters as one HTML file that opens offline."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence

from geulnun.evaluate import charts
from geulnun.evaluate import wording as say
from geulnun.evaluate.characters import pictures
from geulnun.evaluate.characters.maps import Explained
from geulnun.evaluate.characters.run import CharacterEvaluation, Example, Score, interval
from geulnun.evaluate.characters.words import TITLES, between, methods, notes
from geulnun.evaluate.confusion import LETTERS
from geulnun.evaluate.markup import Child, Element, document, korean, table, tag
from geulnun.evaluate.resample import Interval
from geulnun.hangul import is_syllable, split

_LISTED, _SHORT = 25, 10
#: Rows of a fact that are shown; JSON has all.
_MOST = 40
_PLACES = {"cho": "Initials (cho)", "jung": "Medials (jung)", "jong": "Finals (jong)"}
_GRID = "display:grid;gap:.6rem;grid-template-columns:repeat(auto-fill,minmax(7.5rem,1fr))"
_MAPS = "display:flex;flex-wrap:wrap;gap:.5rem"


def as_html(found: CharacterEvaluation, explained: Sequence[Explained] = (), remarks: Sequence[str] = ()) -> bytes:
    """The whole report.

    Args:
        found: the figures and examples.
        explained: examples with their maps.
        remarks: what is to be said of the maps.
    """
    sections = [
        ("summary", "Summary", _summary(found)),
        ("groups", "Printed and handwritten", [_groups(found.whole, found.groups, found.options.n)]),
        ("facts", "By what is known of them", _facts(found)),
        ("jamo", "Jamo", _jamo(found)),
        ("confused", "Most confused", _confused(found)),
        ("wrong", "Wrong readings", _wrong(found)),
        ("maps", "Where it looks", _explained(explained, remarks)),
        ("methods", "How this was measured", [tag("p", text) for text in methods(found)]),
    ]
    shown = [(anchor, heading, content) for anchor, heading, content in sections if content]
    head = tag(
        "header",
        tag("h1", f"Characters: {found.model}"),
        tag("p", f"Set: {found.title}. {say.counted(found.whole.images, 'image')}.", class_="soft"),
    )
    links = tag("nav", [tag("a", heading, href=f"#{anchor}") for anchor, heading, _ in shown], aria_label="Sections")
    body = tag("main", [tag("section", tag("h2", heading), content, id=anchor) for anchor, heading, content in shown])
    foot = tag("footer", tag("p", f"Geulnun {found.version}, {found.date}"))
    return document(f"Characters: {found.model}", [head, links, body, foot])


def _summary(found: CharacterEvaluation) -> list[Element]:
    out = [tag("p", note, class_="note") for note in notes(found)]
    return [*out, tag("div", list(_cards(found)), class_="cards")]


def _cards(found: CharacterEvaluation) -> Iterator[Element]:
    rows = found.groups if len(found.groups) > 1 else {"": found.whole}
    for name, score in rows.items():
        for title, right in (("top-1", score.first), (f"top-{found.options.n}", score.among)):
            yield tag(
                "div",
                tag("div", f"{TITLES.get(name, 'All')}, {title}", class_="name"),
                tag("div", say.percent(right / max(score.images, 1)), class_="value"),
                tag("div", between(interval(right, score.images)), class_="between"),
                class_="card",
            )
    yield tag(
        "div",
        tag("div", "An image, in batches", class_="name"),
        tag("div", f"{found.milliseconds:.2f} ms", class_="value"),
        class_="card",
    )


def _groups(whole: Score, groups: Mapping[str, Score], n: int) -> Element:
    rows = [*((TITLES.get(name, name), score) for name, score in groups.items()), ("all", whole)]
    limit = max(1 - interval(score.first, score.images)[0] for _, score in rows)
    body: list[list[Child]] = []
    for name, score in rows:
        low, high = interval(score.first, score.images)
        dot = charts.whisker(1 - score.top1, Interval(1 - high, 1 - low), limit)
        body.append(
            [korean(name), f"{score.images:,}", say.percent(score.top1),
             tag("span", between((low, high)), class_="between"), say.percent(score.topn), f"{score.unnamed:,}", dot]
        )  # fmt: skip
    return table(["", "Images", "Top-1", "Interval", f"Top-{n}", "Not named", "Errors"], body)


def _facts(found: CharacterEvaluation) -> list[Element]:
    out: list[Element] = []
    for name, values in found.facts.items():
        worst = dict(sorted(values.items(), key=lambda item: (item[1].top1, item[0])))
        kept = dict(list(worst.items())[:_MOST])
        out += [tag("h3", say.title(name)), _groups(found.whole, kept, found.options.n)]
        if len(worst) > _MOST:
            out.append(tag("p", f"The worst {_MOST} of {len(worst):,}; the others are in the JSON.", class_="soft"))
    return out


def _jamo(found: CharacterEvaluation) -> list[Element]:
    if not any(int(matrix.sum()) for matrix in found.confusions.jamo.values()):
        return []
    text = (
        "Rows are the truth, columns the reading, of syllables read as syllables; a stronger colour is more often, the "
        "diagonal is framed. Point at a cell for its numbers."
    )
    out = [tag("p", text)]
    for place, heading in _PLACES.items():
        matrix = found.confusions.jamo[place]
        wrong, total = int(matrix.sum() - matrix.trace()), int(matrix.sum())
        picture = tag("div", charts.heat_map(matrix, LETTERS[place], heading), class_="scroll", tabindex="0")
        rows: list[list[Child]] = [
            [korean(wanted, "big"), korean(read, "big"), f"{count:,}", say.percent(count / of)]
            for wanted, read, count, of in found.confusions.letters(place, _SHORT)
        ]
        beside = table(["Truth", "Read", "Times", "Share"], rows, "pairs") if rows else tag("p", "None was wrong.")
        out += [
            tag("h3", f"{heading}: {say.percent(wrong / total if total else None)} wrong"),
            tag("div", picture, beside, class_="columns"),
        ]
    return out


def _confused(found: CharacterEvaluation) -> list[Element]:
    lists = []
    for heading, syllables in (("Syllables", True), ("Others", False)):
        rows: list[list[Child]] = [
            [_sign(wanted), _sign(read), f"{count:,}", f"{found.confusions.occurrences[wanted]:,}", _why(wanted, read)]
            for wanted, read, count in found.confusions.worst(_LISTED, syllables)
        ]
        if rows:
            heads = ["Truth", "Read", "Times", "Of", "Letters"]
            lists.append(tag("div", tag("h3", heading), table(heads, rows, "pairs")))
    return [tag("div", lists, class_="columns")] if lists else []


def _sign(char: str) -> Element:
    return korean(char, "big") if char else tag("span", "(none)", class_="soft")


def _why(wanted: str, read: str) -> Element | None:
    """Which letters differ, of two syllables."""
    if not (is_syllable(wanted) and is_syllable(read)):
        return None
    pairs = zip(LETTERS.values(), split(wanted), split(read), strict=True)
    return korean(", ".join(f"{letters[a]}→{letters[b]}" for letters, a, b in pairs if a != b))


def _wrong(found: CharacterEvaluation) -> list[Element]:
    if not found.wrong:
        return []
    wrong = found.whole.images - found.whole.first
    note = f"The {len(found.wrong):,} surest of {wrong:,}: truth, reading and its probability."
    return [tag("p", note, class_="soft"), tag("div", [_figure(one) for one in found.wrong], style=_GRID)]


def _figure(one: Example) -> Element:
    caption: list[Child] = [korean(one.glyph.truth), " → ", _sign(one.guess.text), f" {one.guess.confidence:.0%}"]
    return tag(
        "figure",
        _image(pictures.thumbnail(one.image), f"Image of {one.glyph.truth}"),
        tag("figcaption", caption, title=one.glyph.name),
    )


def _explained(explained: Sequence[Explained], remarks: Sequence[str]) -> list[Element]:
    if not explained:
        return []
    text = (
        "Over the input as the network gets it: red where the jamo that was read hangs on, blue where something speaks "
        "against it. Each picture has its own scale."
    )
    out = [tag("p", text), *(tag("p", remark, class_="note") for remark in remarks)]
    return [*out, tag("div", [_map_figure(one) for one in explained], class_="cases")]


def _map_figure(one: Explained) -> Element:
    example = one.example
    parts: list[Child] = []
    for method, places in one.maps.items():
        cells = [_cell(pictures.thumbnail(example.image), "image")]
        for place, found in places.items():
            letter = _letter(example.guess.text, place)
            cells.append(_cell(pictures.overlay(one.ink, found), f"{place} {letter}", f"{method} of {letter}"))
        parts += [tag("div", method, class_="soft"), tag("div", cells, style=_MAPS)]
    verdict = "right" if example.right else f"truth {example.glyph.truth}"
    caption = f"read as {example.guess.text}, {example.guess.confidence:.1%}, {verdict} · {example.glyph.name}"
    return tag("figure", parts, tag("figcaption", caption, lang="ko"))


def _letter(char: str, place: str) -> str:
    if place not in _PLACES:
        return char
    return LETTERS[place][split(char)[list(_PLACES).index(place)]]


def _cell(picture: bytes, caption: str, alt: str = "The image") -> Element:
    return tag("div", _image(picture, alt), tag("div", caption, class_="soft", lang="ko"))


def _image(picture: bytes, alt: str) -> Element:
    return tag("img", src=f"data:image/png;base64,{base64.b64encode(picture).decode()}", alt=alt, loading="lazy")
