"""Chains of wear: which effect is drawn how often and how strongly, in the order of the world.

Ink, paper, copier, sheet (geometry), light, optics, sensor, file: whatever comes later sees what came before.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from geulnun.errors import UsageError
from geulnun.synth.wear import camera, copiers, inks, light, marks, optics, paper, warps
from geulnun.synth.wear.fields import Image, Rng, Tone, paper_tone
from geulnun.synth.wear.presets import PRESETS, Effect
from geulnun.synth.wear.warps import Move


@dataclass(frozen=True)
class WearOptions:
    """How often and how strongly each effect is drawn; those left out are as in ``preset``.

    Lengths are pixels at an em size of ``scale``. "Share", "depth" and "strength" are 0..1.

    Attributes:
        preset: name of the chain that fills in what is not given: a key of `PRESETS`.
        scale: em size in pixels that lengths are meant for: they grow and shrink with the em given to `apply`; 0 keeps
            them pixels.
        weight: stroke width change in pixels, thinner where negative.
        bleed: reach in pixels of ink that runs.
        broken: share of the strokes' area that is gone.
        halftone: distance in pixels of the screen's dots.
        texture: paper grain in grey levels.
        background: variation of coloured, patterned paper.
        show_through: depth of the other side's ink.
        stain: strength of a blot or ring.
        strike: depth of lines drawn through the text.
        stamp: radius in pixels of a seal.
        signature: height in pixels of a signature.
        fold: depth of a crease across the sheet.
        crumple: depth of the facets of crushed paper.
        copy: strength of a photocopy.
        streaks: strength of lines down the page, as a dirty scanner draws.
        speckle: share of pixels that are dust.
        curl: rise in pixels of the lines towards a book's spine.
        wave: rise in pixels of wavy lines.
        elastic: pixels that places are moved by at random.
        rotate: tilt in degrees, clockwise.
        perspective: how far corners are pulled in, as a share of the sides.
        uneven_light: strength.
        shadow: strength.
        glare: strength of a lamp's mirror image.
        vignette: strength of dark corners.
        defocus: radius in pixels.
        blur: sigma in pixels.
        motion: length in pixels.
        moire: depth of the fringes.
        low_resolution: factor of the resolution kept, 0..1.
        sensor: shot noise at white in grey levels; read noise is 0.4 of it.
        noise: additive noise in grey levels.
        gamma: exponent of the tone curve.
        white_balance: warmth, -1 blue to 1 red.
        contrast: share of the contrast that is kept.
        fax: level of the threshold, as a share of the range.
        jpeg: quality, 1..100.
        webp: quality, 1..100.
    """

    preset: str = "none"
    scale: float = 32.0
    weight: Effect | None = None
    bleed: Effect | None = None
    broken: Effect | None = None
    halftone: Effect | None = None
    texture: Effect | None = None
    background: Effect | None = None
    show_through: Effect | None = None
    stain: Effect | None = None
    strike: Effect | None = None
    stamp: Effect | None = None
    signature: Effect | None = None
    fold: Effect | None = None
    crumple: Effect | None = None
    copy: Effect | None = None
    streaks: Effect | None = None
    speckle: Effect | None = None
    curl: Effect | None = None
    wave: Effect | None = None
    elastic: Effect | None = None
    rotate: Effect | None = None
    perspective: Effect | None = None
    uneven_light: Effect | None = None
    shadow: Effect | None = None
    glare: Effect | None = None
    vignette: Effect | None = None
    defocus: Effect | None = None
    blur: Effect | None = None
    motion: Effect | None = None
    moire: Effect | None = None
    low_resolution: Effect | None = None
    sensor: Effect | None = None
    noise: Effect | None = None
    gamma: Effect | None = None
    white_balance: Effect | None = None
    contrast: Effect | None = None
    fax: Effect | None = None
    jpeg: Effect | None = None
    webp: Effect | None = None

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            near = difflib.get_close_matches(self.preset, PRESETS, n=1)
            raise UsageError(f"no wear preset is called {self.preset!r}; expected {near[0] if near else [*PRESETS]}")
        if self.scale < 0:
            raise UsageError(f"wear scale {self.scale}; expected an em size in pixels, or 0")
        for name, effect in self.effects.items():
            least, most = EFFECTS[name].limits
            if not least <= effect.low <= effect.high <= most:
                raise UsageError(
                    f"wear {name} from {effect.low} to {effect.high}; expected {least} <= low <= high <= {most}"
                )

    @cached_property
    def effects(self) -> dict[str, Effect]:
        """Every effect that may be drawn, by name, in the order of the world."""
        out = {}
        for name in EFFECTS:
            effect: Effect | None = getattr(self, name) or PRESETS[self.preset].get(name)
            if effect is not None and effect.chance > 0:
                out[name] = effect
        return out


def preset(name: str) -> WearOptions:
    """The chain of this name, a key of `PRESETS`."""
    return WearOptions(preset=name)


@dataclass(frozen=True, slots=True)
class Scene:
    """What effects know of the sheet they wear.

    Attributes:
        px: pixels for one pixel of the options: sizes follow the text.
        back: another page, for what shows through; None takes the page itself.
        fill: what lies beyond the sheet; None repeats its edge.
    """

    px: float
    back: Image | None
    fill: Tone | None


def apply(
    image: Image,
    rng: Rng,
    options: WearOptions,
    em: float | None = None,
    back: Image | None = None,
    fill: Tone | None = None,
) -> tuple[Image, Move]:
    """Wear an image.

    Args:
        image: uint8, grey (h, w) or RGB (h, w, 3), of any size; it is not changed.
        rng: decides everything.
        options: chances and ranges.
        em: height of the text in pixels, to which lengths are fitted; None takes them as pixels.
        back: an image of another page, whose mirrored ink may show through; None takes this one.
        fill: grey level or RGB of what geometry shows beyond the sheet; None repeats the sheet's edge.

    Returns:
        the worn image and where points went. Geometry keeps the whole sheet, so the image may be larger; where none
        was drawn it has the same shape and the move is still.
    """
    scene = Scene(em / options.scale if em and options.scale else 1.0, back, fill)
    moved = Move()
    # An effect has its own two draws whether it comes or not, so that its chance changes nothing before it.
    for (name, effect), (roll, place) in zip(
        options.effects.items(), rng.random((len(options.effects), 2)).tolist(), strict=True
    ):
        if roll < effect.chance:
            done = EFFECTS[name].draw(image, effect.low + (effect.high - effect.low) * place, rng, scene)
            if isinstance(done, tuple):
                image, step = done
                moved = moved.then(step)
            else:
                image = done
    return image, moved


Draw = Callable[[Image, float, Rng, Scene], Image | tuple[Image, Move]]


class _Entry(NamedTuple):
    """How an effect is drawn from its amount, and which amounts make sense."""

    draw: Draw
    limits: tuple[float, float]


def _dark(image: Image) -> bool:
    """Whether ink is darker than the paper."""
    return float(np.mean(paper_tone(image))) > 110


def _weight(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    return inks.weight(image, amount * scene.px, _dark(image))


def _bleed(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    return inks.bleed(image, amount * scene.px, rng, _dark(image))


def _background(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    red, green, blue = rng.uniform(185, 256, 3)
    return paper.background(image, (red, green, blue), amount, rng)


def _show_through(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    # Its own mirror image would fall between the lines too neatly: shifted, it crosses them.
    back = np.roll(image, int(rng.integers(image.shape[0])), 0) if scene.back is None else scene.back
    return paper.show_through(image, back, amount, float(rng.uniform(0.5, 2)) * scene.px)


def _stain(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    red, green, blue = np.array([150, 110, 60]) * rng.uniform(0.5, 1.4)
    return paper.stain(image, float(rng.uniform(30, 160)) * scene.px, amount, rng, (red, green, blue))


def _strike(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    height, width = image.shape[:2]
    for _ in range(int(rng.integers(1, 3))):
        x, y = rng.uniform(0, width), rng.uniform(0.1, 0.9) * height
        reach, lean = rng.uniform(0.2, 1) * width, rng.normal(0, 0.03) * width
        tone = tuple(rng.uniform(0, 140, 3).tolist())
        thick = float(rng.uniform(0.6, 3)) * scene.px
        image = marks.strike(image, (x - reach, y - lean), (x + reach, y + lean), thick, tone, amount)
    return image


def _stamp(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    centre = float(rng.uniform(0, image.shape[1])), float(rng.uniform(0, image.shape[0]))
    # Vermilion mostly; violet, blue and black seals are seen too.
    tones = ((210, 45, 40), (190, 30, 60), (225, 70, 50), (90, 60, 160), (50, 70, 170), (60, 60, 60))
    return marks.stamp(image, centre, amount * scene.px, rng, tones[int(rng.integers(len(tones)))])


def _signature(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    high = amount * scene.px
    size = high * float(rng.uniform(1.5, 4)), high
    corner = rng.uniform(0, image.shape[1]) - size[0] / 2, rng.uniform(0, image.shape[0]) - size[1] / 2
    tones = ((25, 25, 30), (30, 40, 110), (20, 60, 150), (60, 60, 70))
    return marks.signature(image, corner, size, rng, tones[int(rng.integers(len(tones)))])


def _fold(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    for _ in range(int(rng.integers(1, 3))):
        # Sheets are folded in halves and thirds, along their sides.
        at = float(rng.choice([1 / 4, 1 / 3, 1 / 2, 2 / 3])) + float(rng.normal(0, 0.01))
        angle = (90.0 if rng.random() < 0.4 else 0.0) + float(rng.normal(0, 0.7))
        image = paper.fold(image, at, angle, amount, rng, max(1.0, float(rng.uniform(0.7, 2.5)) * scene.px))
    return image


def _curl(image: Image, amount: float, rng: Rng, scene: Scene) -> tuple[Image, Move]:
    rise = amount * scene.px * (1 if rng.random() < 0.5 else -1)
    reach = float(rng.uniform(0.08, 0.3)) * image.shape[1]
    # A dive steeper than this would hide the text in it.
    rise = float(np.clip(rise, -0.35 * reach, 0.35 * reach))
    return warps.curl(image, rise, reach, bool(rng.random() < 0.5), float(rng.uniform(0, 0.5)), scene.fill)


def _wave(image: Image, amount: float, rng: Rng, scene: Scene) -> tuple[Image, Move]:
    length = max(float(rng.uniform(0.5, 2.5)) * image.shape[1], 12 * amount * scene.px)
    return warps.wave(image, amount * scene.px, length, float(rng.uniform(0, 2 * np.pi)), scene.fill)


def _elastic(image: Image, amount: float, rng: Rng, scene: Scene) -> tuple[Image, Move]:
    cell = float(rng.uniform(8, 40)) * amount * scene.px
    return warps.elastic(image, amount * scene.px, cell, rng, scene.fill)


def _perspective(image: Image, amount: float, rng: Rng, scene: Scene) -> tuple[Image, Move]:
    height, width = image.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    inwards = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    pulled = corners + inwards * rng.uniform(0, amount, (4, 2)) * (width, height)
    return warps.perspective(image, pulled, scene.fill)


def _contrast(image: Image, amount: float, rng: Rng, scene: Scene) -> Image:
    black = (1 - amount) * 255 * float(rng.uniform(0.2, 1))
    return copiers.levels(image, black, black + amount * 255)


#: Every effect in the order of the world, with how its amount is used and the range it may have.
EFFECTS: Mapping[str, _Entry] = {
    "weight": _Entry(_weight, (-4, 4)),
    "bleed": _Entry(_bleed, (0, 8)),
    "broken": _Entry(lambda i, a, rng, scene: inks.broken(i, a, rng, max(1.5, 3 * scene.px)), (0, 1)),
    "halftone": _Entry(
        lambda i, a, rng, scene: copiers.halftone(i, max(2.0, a * scene.px), float(rng.uniform(0, 90))), (2, 32)
    ),
    "texture": _Entry(lambda i, a, rng, _: paper.texture(i, a, rng), (0, 64)),
    "background": _Entry(_background, (0, 1)),
    "show_through": _Entry(_show_through, (0, 1)),
    "stain": _Entry(_stain, (0, 1)),
    "strike": _Entry(_strike, (0, 1)),
    "stamp": _Entry(_stamp, (4, 512)),
    "signature": _Entry(_signature, (4, 512)),
    "fold": _Entry(_fold, (0, 1)),
    "crumple": _Entry(lambda i, a, rng, _: paper.crumple(i, a, rng), (0, 1)),
    "copy": _Entry(lambda i, a, rng, _: copiers.copy(i, a, rng), (0, 1)),
    "streaks": _Entry(lambda i, a, rng, scene: copiers.streaks(i, a, rng, 120 * scene.px), (0, 1)),
    "speckle": _Entry(lambda i, a, rng, _: copiers.speckle(i, a, rng), (0, 1)),
    "curl": _Entry(_curl, (0, 512)),
    "wave": _Entry(_wave, (0, 512)),
    "elastic": _Entry(_elastic, (0, 64)),
    "rotate": _Entry(lambda i, a, _, scene: warps.rotate(i, a, scene.fill), (-45, 45)),
    "perspective": _Entry(_perspective, (0, 0.4)),
    "uneven_light": _Entry(lambda i, a, rng, _: light.uneven_light(i, a, rng), (0, 1)),
    "shadow": _Entry(lambda i, a, rng, _: light.shadow(i, a, rng), (0, 1)),
    "glare": _Entry(lambda i, a, rng, _: light.glare(i, a, rng), (0, 1)),
    "vignette": _Entry(lambda i, a, *_: light.vignette(i, a), (0, 1)),
    "defocus": _Entry(lambda i, a, _, scene: optics.defocus(i, a * scene.px), (0, 16)),
    "blur": _Entry(lambda i, a, _, scene: optics.blur(i, a * scene.px), (0, 16)),
    "motion": _Entry(
        lambda i, a, rng, scene: optics.motion(i, round(a * scene.px), float(rng.uniform(0, 180))), (0, 64)
    ),
    "moire": _Entry(
        lambda i, a, rng, _: optics.moire(i, float(rng.uniform(2.2, 9)), a, float(rng.uniform(0, 180))), (0, 1)
    ),
    "low_resolution": _Entry(lambda i, a, *_: camera.low_resolution(i, a), (0.05, 1)),
    "sensor": _Entry(lambda i, a, rng, _: camera.sensor(i, a, 0.4 * a, rng), (0, 128)),
    "noise": _Entry(lambda i, a, rng, _: camera.noise(i, a, rng), (0, 128)),
    "gamma": _Entry(lambda i, a, *_: camera.gamma(i, a), (0.1, 10)),
    "white_balance": _Entry(lambda i, a, *_: camera.white_balance(i, a), (-1, 1)),
    "contrast": _Entry(_contrast, (0.05, 1)),
    "fax": _Entry(lambda i, a, rng, _: copiers.fax(i, a, rng), (0, 1)),
    "jpeg": _Entry(lambda i, a, *_: camera.jpeg(i, round(a)), (1, 100)),
    "webp": _Entry(lambda i, a, *_: camera.webp(i, round(a)), (1, 100)),
}
