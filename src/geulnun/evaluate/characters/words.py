"""Sentences that all forms of the report of characters share."""

from __future__ import annotations

from geulnun.evaluate.characters.run import CharacterEvaluation
from geulnun.evaluate.characters.sets import FONT, HAND, OTHER, PRINTED
from geulnun.evaluate.wording import counted
from geulnun.runtime.characters import BATCH

TITLES = {PRINTED: "Printed", FONT: "Handwriting fonts", HAND: "Handwritten", OTHER: "Of unknown making"}


def between(ends: tuple[float, float]) -> str:
    """Both ends of an interval of shares, in per cent."""
    return f"{100 * ends[0]:.2f} – {100 * ends[1]:.2f}"


def notes(found: CharacterEvaluation) -> list[str]:
    """What a reader of the figures must know before them."""
    out = []
    if found.outside:
        chars = "".join(char for char, _ in found.outside.most_common(30))
        out.append(
            f"{counted(found.outside.total(), 'image')} of characters that this recogniser cannot write, "
            f"{counted(len(found.outside), 'different one')}: {chars}. They count as wrong."
        )
    if found.left_out:
        out.append(f"{counted(len(found.left_out), 'image')} could not be read. The first: {found.left_out[0]}")
    return out


def methods(found: CharacterEvaluation) -> list[str]:
    """How the figures came about."""
    n = found.options.n
    return [
        f"Top-1 is the share of images whose most probable character is the truth, top-{n} of those with the truth "
        f"among the {n} most probable, which are exact whatever the head. An image for which no character is named "
        "counts as wrong. Truth is normalised as in training: NFC, look-alike signs folded.",
        "Intervals are 95 % intervals after Wilson. They take images as independent, which those of one font or one "
        "writer are not: of few of these take them as hints.",
        "Handwriting fonts are fonts that imitate handwriting; handwritten is what people wrote, or what the hand "
        "model of geulnun synth drew, as the set says.",
        f"Milliseconds are of one image in batches of {BATCH}, with its preparation, on this machine as it was.",
        "CAM: what each place of the last feature map adds to the score of a jamo, which with a pooled link and one "
        "linear layer is the class activation map of Zhou et al. 2016. Grad-CAM: the channels of that map weighed by "
        "the slope of the score, Selvaraju et al. 2017. Occlusion: how much the score falls where a square is covered, "
        "Zeiler and Fergus 2014.",
    ]
