"""Fonts: the catalogue and its split, faces of the user's own, damaged files, stand-in glyphs, the second renderer."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from geulnun.errors import DamagedInputError, MissingDependencyError, MissingInputError, UsageError
from geulnun.synth import fonts, outlines, packages
from geulnun.synth.fonts import Face, Family

pytest.importorskip("fontTools")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GEULNUN_FONTS", str(tmp_path / "fonts"))


@pytest.fixture
def face(test_font: Path) -> Face:
    return Face(Family("Test", "sans", "train", "OFL-1.1", (test_font.name,)), test_font)


def test_the_catalogue_is_as_large_as_it_says() -> None:
    listed = fonts.families()
    assert len({family.name for family in listed}) == len(listed)
    assert all((family.debian is None) != (family.npm is None) for family in listed)
    hands = [family for family in listed if family.style in ("hand", "brush") and family.name not in JAPANESE]
    japanese = [family for family in listed if family.name in JAPANESE]
    assert len(hands) >= 20
    assert len(japanese) >= 12
    assert len(listed) - len(japanese) - 5 >= 60
    for style, least in (("hand", 3), ("serif", 3), ("sans", 3)):
        assert sum(family.split == "held-out" and family.style == style for family in listed) >= least
    assert sum(family.split == "held-out" for family in japanese) >= 3


JAPANESE = {
    *("IPA Gothic", "VL Gothic", "Sawarabi Mincho", "IPA Mincho", "Sawarabi Gothic", "Klee One", "Yusei Magic"),
    *("Zen Kurenaido", "Kiwi Maru", "Zen Maru Gothic", "Shippori Mincho", "Kaisei Opti", "M PLUS 1p", "Yomogi"),
    *("M PLUS Rounded 1c", "BIZ UDPGothic", "Dela Gothic One", "DotGothic16", "Zen Old Mincho", "Kosugi Maru"),
    "Mochiy Pop One",
}


def test_no_design_is_on_both_sides_of_the_split() -> None:
    sides: dict[str, set[str]] = {}
    for family in fonts.families():
        sides.setdefault(family.design or family.name, set()).add(family.split)
    assert not {design for design, split in sides.items() if len(split) > 1}


def test_families_held_out_before_stay_held_out() -> None:
    before = (
        "Gowun Batang|Gothic A1|IBM Plex Sans KR|Sunflower|Song Myung|Orbit|Poor Story|Baekmuk Batang|Un Dotum|"
        "Un Graphic|Un Pilgia|Lexi Saebom|D2Coding|Nanum Barunpen|BM Hanna|IPA Mincho|Sawarabi Gothic|DejaVu Sans|"
        "DejaVu Serif"
    ).split("|")
    assert all(fonts.named(name).split == "held-out" for name in before)


def test_names_are_found_whatever_their_capitals_and_spaces() -> None:
    assert fonts.named("nanumgothic").name == "Nanum Gothic"
    with pytest.raises(UsageError, match="did you mean 'Nanum Gothic'"):
        fonts.named("Nanum Gothik")


def test_a_family_of_the_other_side_is_refused() -> None:
    with pytest.raises(UsageError, match="Gowun Batang: not drawn for the train split"):
        fonts.choose("train", families=["Gowun Batang"])


def test_faces_of_the_users_own(test_font: Path, tmp_path: Path) -> None:
    (tmp_path / "mine" / "sub").mkdir(parents=True)
    (tmp_path / "mine" / "sub" / "a.ttf").write_bytes(test_font.read_bytes())
    found = fonts.choose("train", folder=tmp_path / "mine")
    assert [face.name for face in found] == ["a"]
    assert found[0].count("hangul") == 403
    assert found[0].count("kana") == found[0].count("hanja") == 0


def test_damaged_and_missing_fonts_are_refused(test_font: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingInputError, match="no such font"):
        fonts.own(tmp_path / "nowhere")
    with pytest.raises(MissingInputError, match="holds no font"):
        fonts.own(tmp_path)
    whole = test_font.read_bytes()
    for name, content in (
        ("cut.ttf", whole[: len(whole) // 3]),
        ("none.ttf", b""),
        ("junk.otf", b"OTTO" + bytes(200)),
        ("w.woff2", b"wOF2" + bytes(90)),
    ):
        bad = tmp_path / name
        bad.write_bytes(content)
        with pytest.raises(DamagedInputError, match=f"{name}: not a font"):
            fonts.own(bad)
        bad.unlink()


def _edited(test_font: Path, target: Path, change: object) -> Face:
    from fontTools.ttLib import TTFont

    assert callable(change)
    with TTFont(str(test_font)) as font:
        change(font)
        font.save(str(target))
    return Face(Family("Edited", "sans", "train", "OFL-1.1", (target.name,)), target)


def test_a_font_without_hangul_is_refused(test_font: Path, tmp_path: Path) -> None:
    def drop(font: object) -> None:
        for table in font["cmap"].tables:  # type: ignore[index]
            table.cmap = {code: name for code, name in table.cmap.items() if code < 0x1000}

    latin = _edited(test_font, tmp_path / "latin.ttf", drop)
    assert latin.draws("A")
    with pytest.raises(MissingInputError, match="draws no Hangul syllable"):
        fonts.own(latin.path)


def test_stand_ins_are_not_drawn(test_font: Path, tmp_path: Path, face: Face) -> None:
    """가 maps to .notdef, 나 to a copy of it under another name, 다 to an empty glyph."""

    def spoil(font: object) -> None:
        from copy import deepcopy

        cmap = font.getBestCmap()  # type: ignore[attr-defined]
        glyphs = font["glyf"]  # type: ignore[index]
        glyphs[".notdef"] = deepcopy(glyphs[cmap[ord("#")]])
        glyphs[cmap[ord("나")]] = deepcopy(glyphs[".notdef"])
        font["hmtx"][cmap[ord("나")]] = font["hmtx"][".notdef"]  # type: ignore[index]
        glyphs[cmap[ord("다")]] = type(glyphs[".notdef"])()
        for table in font["cmap"].tables:  # type: ignore[index]
            if ord("가") in table.cmap:
                table.cmap[ord("가")] = ".notdef"

    spoilt = _edited(test_font, tmp_path / "spoilt.ttf", spoil)
    assert all(face.draws(char) for char in "가나다라")
    assert [spoilt.draws(char) for char in "가나다라"] == [False, False, False, True]
    assert [outlines.check(spoilt, char) < outlines.LIMIT for char in "가나다라"] == [False, False, False, True]


def test_both_renderers_agree_and_tell_characters_apart(face: Face) -> None:
    found = outlines.survey([face], np.random.default_rng(1), 60, [*face.syllables, *"AQ8g&%가나"])
    assert found.checked == 60
    assert found.differing == ()
    pairs = [("를", "들"), ("었", "있"), ("의", "이"), ("고", "그"), ("O", "0"), ("가", "기")]
    near = [pair for pair in pairs if face.covers(pair)]
    assert len(near) >= 3
    for first, second in near:
        assert outlines.distance(outlines.drawn(face, first), outlines.picture(face, second)) > outlines.LIMIT


def test_winding_fills_overlaps_and_leaves_counters() -> None:
    square = np.array([(0, 0), (0, 10), (10, 10), (10, 0)], float)
    ring = [square, square[::-1] * 0.4 + 3]
    overlap = [square, square + 5]
    inked = [np.count_nonzero(outlines.filled(shape, 1.0)[0]) for shape in ([square], ring, overlap)]
    assert inked == [100, 84, 175]


def test_plans_name_what_lacks_and_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = [
        Family("A", "sans", "train", "OFL-1.1", ("no-such-a.ttf",), debian="fonts-a"),
        Family("B", "hand", "train", "OFL-1.1", ("b.woff2",), npm="@x/b"),
    ]
    plan = packages.plan(wanted)
    assert plan == packages.Plan(("fonts-a",), ("@x/b",))
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    runs, left = packages.commands(plan)
    assert [command[-1] for command in runs][1:] == ["fonts-a", "@x/b"]
    assert left == []
    monkeypatch.setattr("shutil.which", lambda name: None)
    runs, left = packages.commands(plan)
    assert runs == []
    assert "fonts-a" in left[0]
    assert "@x/b" in left[1]


def test_variable_axes_are_faces_of_their_own(tmp_path: Path) -> None:
    family = Family("V", "sans", "train", "OFL-1.1", ("V.ttf",), npm="v", axes={"wght": (100, 900), "wdth": (75,)})
    (tmp_path / "fonts/node_modules/v").mkdir(parents=True)
    (tmp_path / "fonts/node_modules/v/V.ttf").write_bytes(b"")
    assert [face.name for face in fonts.locate(family)] == ["V-wght100-wdth75", "V-wght900-wdth75"]


def test_nothing_installed_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "locate", lambda family: [])
    fonts.faces.cache_clear()
    with pytest.raises(MissingDependencyError, match="geulnun fonts fetch"):
        fonts.faces("train")
    fonts.faces.cache_clear()
