"""Wear and tear: what ink, paper, copiers, light, cameras and files do to a page.

Every effect is a pure function of a uint8 image, grey (h, w) or RGB (h, w, 3), its parameters and, where it is random,
a generator. Those of `warps` move points as well as pixels. `apply` draws a chain of them from `WearOptions`;
`worn` is the older chain that the benches are defined by.
"""

from __future__ import annotations

from geulnun.synth.wear.camera import gamma, jpeg, low_resolution, noise, sensor, webp, white_balance
from geulnun.synth.wear.chain import EFFECTS, WearOptions, apply, preset
from geulnun.synth.wear.classic import worn
from geulnun.synth.wear.copiers import copy, fax, halftone, levels, speckle, streaks
from geulnun.synth.wear.fields import Image, Rng, Tone, paper_tone
from geulnun.synth.wear.inks import bleed, broken, ink, weight
from geulnun.synth.wear.light import dim, glare, shadow, uneven_light, vignette
from geulnun.synth.wear.marks import signature, stamp, strike
from geulnun.synth.wear.optics import blur, defocus, moire, motion
from geulnun.synth.wear.paper import background, crumple, fold, show_through, stain, texture
from geulnun.synth.wear.presets import PRESETS, Effect
from geulnun.synth.wear.warps import Move, curl, elastic, homography, perspective, rotate, wave

__all__ = [
    "Effect",
    "Image",
    "paper_tone",
    "Move",
    "PRESETS",
    "EFFECTS",
    "Rng",
    "Tone",
    "WearOptions",
    "apply",
    "preset",
    "worn",
    "bleed",
    "broken",
    "ink",
    "weight",
    "background",
    "crumple",
    "fold",
    "show_through",
    "stain",
    "texture",
    "signature",
    "stamp",
    "strike",
    "copy",
    "fax",
    "halftone",
    "levels",
    "speckle",
    "streaks",
    "curl",
    "elastic",
    "homography",
    "perspective",
    "rotate",
    "wave",
    "dim",
    "glare",
    "shadow",
    "uneven_light",
    "vignette",
    "blur",
    "defocus",
    "moire",
    "motion",
    "gamma",
    "jpeg",
    "low_resolution",
    "noise",
    "sensor",
    "webp",
    "white_balance",
]
