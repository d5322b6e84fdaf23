"""Every recogniser of single characters there is, by name: how to build it, and what it takes.

``python -m geulnun.nets.character.builders`` lists them with their sizes.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import nn

from geulnun.charset import PLAIN, Charset, Classes, FlatCharset
from geulnun.errors import RecipeError
from geulnun.nets.character.branched import densenet, inception_resnet_v2, mobilenet_v3_small
from geulnun.nets.character.decoder import JamoDecoder
from geulnun.nets.character.direct import DIRECTIONS, DirectMap
from geulnun.nets.character.heads import Refinement, VectorHead, blocks_of, kana_layers, wide_layers
from geulnun.nets.character.links import LINKS
from geulnun.nets.character.network import CharacterNet
from geulnun.nets.character.plain import Trunk, afl, dense, efficient, kana, melnyk, vgg16
from geulnun.nets.recognition.grid import scaled
from geulnun.spec import CharacterSpec

#: Heads that take vectors, and the kind of classes each is for; and heads that look at the maps themselves.
VECTOR_HEADS: dict[str, type] = {"whole": FlatCharset, "split": Charset}
MAP_HEADS = ("refine", "denseran")
HEADS = (*VECTOR_HEADS, *MAP_HEADS)


@dataclass(frozen=True)
class CharacterPreset:
    """A network and what it takes.

    Attributes:
        trunk: channels in, side of the input, factor -> its features.
        size: the side it was published for.
        link: the one of `LINKS` it has unless told otherwise.
        hidden: widths of the layers between link and answer, unless told otherwise.
        layers: makes those.
    """

    trunk: Callable[[int, int, float], Trunk]
    size: int
    link: str
    hidden: tuple[int, ...] = ()
    layers: Callable[[int, tuple[int, ...]], tuple[nn.Module, int]] = wide_layers

    def build(
        self,
        classes: Classes,
        size: int = 64,
        factor: float = 1.0,
        link: str | None = None,
        head: str | None = None,
        direct: bool = False,
        hidden: tuple[int, ...] | None = None,
        steps: int = 4,
    ) -> CharacterNet:
        """A new network.

        Args:
            classes: the characters, and the layout of the output with them.
            size: side of the input in pixels.
            factor: multiplies all channels but those of the output.
            link: one of `LINKS`; None for the preset's. Heads that look at maps have none.
            head: one of `HEADS`; None for "whole" or "split", as the classes are.
            direct: begin with `DirectMap`.
            hidden: widths of the layers between link and answer; None for the preset's.
            steps: how often the head "refine" answers.

        Raises:
            RecipeError: there is no such link or head, or these do not go together.
        """
        name = head or ("split" if isinstance(classes, Charset) else "whole")
        _check(name, link, hidden, classes, steps)
        trunk = self.trunk(DIRECTIONS if direct else 1, size, factor)
        if trunk.side < 1:
            raise RecipeError(f"size is {size}; this network's convolutions leave nothing of it; take a larger one")
        _initialise(trunk.module)
        before: nn.Module = DirectMap() if direct else nn.Identity()
        if name in MAP_HEADS:
            answer = _map_head(name, trunk.channels, classes, factor, steps)
            return CharacterNet(before, trunk.module, nn.Identity(), answer, trunk.channels * trunk.side**2)
        linked, width = LINKS[link or self.link](trunk.channels, trunk.side)
        wide = tuple(scaled(each, factor) for each in (self.hidden if hidden is None else hidden))
        layers, last = self.layers(width, wide)
        return CharacterNet(before, trunk.module, linked, VectorHead(layers, last, classes.width), width)

    def spec(self, classes: Classes, size: int | None = None) -> CharacterSpec:
        """What such a network takes and gives, of the published side unless told otherwise."""
        return CharacterSpec(size=size or self.size, classes=classes)


def _map_head(name: str, channels: int, classes: Classes, factor: float, steps: int) -> nn.Module:
    if name == "refine":
        return Refinement(channels, blocks_of(classes), steps, scaled(512, factor))
    assert isinstance(classes, Charset)
    return JamoDecoder(channels, classes, scaled(256, factor))


def _check(head: str, link: str | None, hidden: tuple[int, ...] | None, classes: Classes, steps: int) -> None:
    if head not in HEADS:
        raise RecipeError(f"head is {head!r}; {_hint(head, HEADS)}")
    if link is not None and link not in LINKS:
        raise RecipeError(f"link is {link!r}; {_hint(link, tuple(LINKS))}")
    if head in MAP_HEADS and (link is not None or hidden):
        raise RecipeError(f"head {head} looks at the maps themselves; leave link and hidden out")
    needed = Charset if head == "denseran" else VECTOR_HEADS.get(head)
    if needed is not None and not isinstance(classes, needed):
        wanted = "characters of their own (flat)" if needed is FlatCharset else "jamo (factored)"
        raise RecipeError(f"head {head} answers with {wanted}; the classes are {type(classes).__name__}")
    if steps < 1:
        raise RecipeError(f"steps is {steps}; expected 1 or more")


def _hint(name: str, choices: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(name, choices, n=1)
    return f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"


def _initialise(trunk: nn.Module) -> None:
    """He et al. 2015 (arXiv:1502.01852, section 2.2) for all convolutions; norms keep their own beginning."""
    for module in trunk.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out" if module.groups > 1 else "fan_in")
            if module.bias is not None:
                nn.init.zeros_(module.bias)


BUILDERS: dict[str, CharacterPreset] = {
    # Drawn without end, its characters need little dropout.
    "dense": CharacterPreset(dense, 64, "gwap", layers=partial(wide_layers, dropout=0.1)),
    "melnyk": CharacterPreset(melnyk, 96, "gwap"),
    "efficient": CharacterPreset(efficient, 96, "gwap"),
    "afl": CharacterPreset(afl, 64, "flatten", (1024,)),
    "vgg16": CharacterPreset(vgg16, 224, "flatten", (4096, 4096)),
    "inception-resnet-v2": CharacterPreset(inception_resnet_v2, 299, "gap"),
    "mobilenet-v3-small": CharacterPreset(mobilenet_v3_small, 224, "gap", (1024,)),
    "densenet": CharacterPreset(densenet, 64, "gap"),
    "kana": CharacterPreset(kana, 256, "flatten", (1024, 256), kana_layers),
}


def parameters(net: nn.Module) -> int:
    """How many numbers a network learns."""
    return sum(parameter.numel() for parameter in net.parameters())


def listing(size: int = 64) -> Iterator[str]:
    """A line a network: its name, millions of parameters with each head, and the side it was published for.

    The head "whole" is for 2,350 syllables, as many as KS X 1001 has; the others for the package's characters.
    """
    flat = FlatCharset(tuple(chr(0xAC00 + index) for index in range(2350)))
    yield f"{'name':20}  " + "  ".join(f"{head:>8}" for head in HEADS) + "  published"
    for name, preset in BUILDERS.items():
        with torch.device("meta"):  # shapes without numbers
            nets = [preset.build(flat if head == "whole" else PLAIN, size, head=head) for head in HEADS]
        yield f"{name:20}  " + "  ".join(f"{parameters(net) / 1e6:8.2f}" for net in nets) + f"  {preset.size:9}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{row}\n" for row in listing())
