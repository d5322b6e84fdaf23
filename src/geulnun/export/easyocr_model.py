"""What stands around one of our networks in EasyOCR: its input made from theirs, its output made into theirs.

EasyOCR brings a line to the height ``imgH``, pads it by repeating its last column, and scales grey levels to -1..1; of
the network it wants a distribution over its own list of characters at each step, the blank first. These modules are
copied into the file that EasyOCR loads (`geulnun.export.easyocr_source`): they need PyTorch alone.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Logit of what is not to be written.
NEVER = -1e4


class UserNetwork(nn.Module):
    """EasyOCR's images of lines -> logits over EasyOCR's characters.

    Args:
        lines: their images to the network's input.
        net: the network.
        characters: its logits to theirs.
    """

    def __init__(self, lines: nn.Module, net: nn.Module, characters: nn.Module) -> None:
        super().__init__()
        self.lines = lines
        self.net = net
        self.characters = characters

    def forward(self, input: Tensor, text: Tensor | None = None) -> Tensor:
        """Logits (N, T, 1 + characters) of images (N, 1, imgH, W) in -1..1; ``text`` is not looked at."""
        ready, filled = self.lines(input)
        logits: Tensor = self.characters(self.net(ready).float())
        stops = torch.tensor([math.ceil(logits.shape[1] * share - 1e-6) for share in filled], device=logits.device)
        beyond = torch.arange(logits.shape[1], device=logits.device)[None] >= stops[:, None]
        nothing = logits.new_full(logits.shape[-1:], NEVER)
        nothing[0] = 0.0
        return torch.where(beyond[..., None], nothing, logits)


class Lines(nn.Module):
    """EasyOCR's images of lines to a network's input, as `geulnun.image.ops` makes it.

    Args:
        height: rows of the input.
        width: columns of it; None for any.
        step: what any width is a multiple of.
        least: columns of any width at least.
        stretched: whether the 1st and 99th percentile of grey levels come to -1 and 1; else they stay.
        median: whether the end is filled with the median of the last columns; else with the last one.
        cut: whether steps beyond the line are dropped; networks of one width know what padding looks like.
    """

    def __init__(
        self, height: int, width: int | None, step: int, least: int, stretched: bool, median: bool, cut: bool
    ) -> None:
        super().__init__()
        self.height, self.width, self.step, self.least = height, width, step, least
        self.stretched, self.median, self.cut = stretched, median, cut

    def forward(self, images: Tensor) -> tuple[Tensor, list[float]]:
        """The input (N, 1, height, W'), and the share of its steps that each line fills."""
        lines = [self._line(image) for image in images]
        widest = max(line.shape[-1] for line in lines)
        total = self.width or max(self.least, -(-widest // self.step) * self.step)
        filled = [line.shape[-1] / total if self.cut else 1.0 for line in lines]
        return torch.stack([self._padded(line, total) for line in lines]), filled

    def _line(self, image: Tensor) -> Tensor:
        """One line (1, height, w) without the padding, its contrast stretched."""
        changes = (image != image[..., -1:]).any(0).any(0).nonzero()
        # The last column that differs, and one of those that are repeated.
        last = int(changes[-1]) + 2 if len(changes) else 1
        line = image[..., : min(last, image.shape[-1])]
        exact = line.shape[-1] * self.height / line.shape[-2]
        columns = max(self.least // 2, round(exact) if self.stretched else math.ceil(exact - 1e-6))
        columns = min(columns, self.width) if self.width else columns
        if line.shape[-2:] != (self.height, columns):
            line = functional.interpolate(line[None], (self.height, columns), mode="area")[0]
        if not self.stretched:
            return line
        low, high = torch.quantile(line.flatten().float(), torch.tensor([0.01, 0.99], device=line.device))
        stretched: Tensor = 2 * (line - low) / (high - low).clamp(min=16 / 127.5) - 1
        return stretched

    def _padded(self, line: Tensor, total: int) -> Tensor:
        end = line[..., -8:].flatten().sort().values
        middle = (end[(len(end) - 1) // 2] + end[len(end) // 2]) / 2
        fill = middle.expand(*line.shape[:-1], 1) if self.median else line[..., -1:]
        return torch.cat([line, fill.expand(*line.shape[:-1], total - line.shape[-1])], -1)


class FlatCharacters(nn.Module):
    """Logits (N, T, 1 + characters) of a flat head over a temperature; of some of its characters where told which.

    Args:
        temperature: divides the logits.
        places: of the characters wanted on the last axis, the blank first; None for all as they are.
    """

    places: Tensor

    def __init__(self, temperature: float, places: list[int] | None = None) -> None:
        super().__init__()
        self.temperature = temperature
        self.all = places is None
        self.register_buffer("places", torch.tensor(places or [0]), persistent=False)

    def forward(self, logits: Tensor) -> Tensor:
        """Logits (N, T, characters wanted)."""
        logits = logits / self.temperature
        return logits if self.all else logits.index_select(-1, self.places)


class JamoCharacters(nn.Module):
    """Logits of the factored head -> log-probabilities (N, T, 1 + characters) of characters.

    The head's blocks are: a gate over the blank, HANGUL, the symbols and, where there are any, IDEOGRAPH; 19 initials;
    21 medials; 28 finals; the ideographs. A syllable's probability is that of HANGUL and its three parts, an
    ideograph's that of IDEOGRAPH and its own.

    Args:
        symbols: of the gate, in order.
        ideographs: of the last block, in order.
        characters: that are wanted, in order.
        temperature: divides the logits.
    """

    entry: Tensor
    jamo: Tensor
    syllable: Tensor
    rare: Tensor
    own: Tensor

    def __init__(self, symbols: str, ideographs: str, characters: str, temperature: float) -> None:
        super().__init__()
        self.temperature = temperature
        self.sizes = [2 + len(symbols) + bool(ideographs), 19, 21, 28] + [len(ideographs)] * bool(ideographs)
        known = {char: 2 + at for at, char in enumerate(symbols)}
        found = {char: at for at, char in enumerate(ideographs)}
        entry, jamo = [0], [0]
        for char in characters:
            code = ord(char) - 0xAC00
            hangul = 0 <= code < 19 * 21 * 28
            entry.append(1 if hangul else 2 + len(symbols) if char in found else known[char])
            jamo.append(code if hangul else 0)
        at = {name: torch.tensor(value) for name, value in (("entry", entry), ("jamo", jamo))}
        at["syllable"] = at["entry"] == 1
        at["rare"] = torch.tensor([1 + index for index, char in enumerate(characters) if char in found])
        at["own"] = torch.tensor([found[char] for char in characters if char in found])
        for name, value in at.items():
            self.register_buffer(name, value if value.numel() else value.long(), persistent=False)

    def forward(self, logits: Tensor) -> Tensor:
        """Log-probabilities of the blank and the characters wanted."""
        blocks = torch.split(logits / self.temperature, self.sizes, -1)
        gate, cho, jung, jong, *more = (functional.log_softmax(block, -1) for block in blocks)
        out = gate.index_select(-1, self.entry)
        rest, final = self.jamo // 28, self.jamo % 28
        parts = cho.index_select(-1, rest // 21) + jung.index_select(-1, rest % 21) + jong.index_select(-1, final)
        out = out + parts * self.syllable
        if more and len(self.rare):
            out = out.index_add(-1, self.rare, more[0].index_select(-1, self.own))
        return out
