"""The default line recogniser: dense convolutions, four pixels a step, the factored jamo head."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.image.ops import LINE_HEIGHT
from geulnun.nets.blocks import Residual, conv_act
from geulnun.nets.recognition.grid import scaled


class LineNet(nn.Module):
    """(N, 1, LINE_HEIGHT, W) float, about -1..1 -> logits (N, W / 4, classes.width).

    W is a multiple of 4. The last axis is laid out as `geulnun.charset` says and not normalised.
    """

    def __init__(self, feature: nn.Module, sequence: nn.Module, prediction: nn.Module) -> None:
        super().__init__()
        self.feature = feature
        self.sequence = sequence
        self.prediction = prediction

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits (N, T, K) of line inputs (N, 1, LINE_HEIGHT, W); ``targets`` are not looked at."""
        steps: Tensor = self.prediction(self.sequence(self.feature(x)))
        return steps.squeeze(2).transpose(1, 2)


def dense(classes: Classes, factor: float = 1.0) -> LineNet:
    """3.2 M parameters, 2.2 M multiply-adds per pixel of width; a step sees 144 pixels to either side.

    Dense convolutions train fastest on a CPU and quantise to integers almost without loss; nothing is
    recurrent, so lines of any length cost in proportion to their width.

    Args:
        classes: the characters and the head's layout.
        factor: multiplies all channels.
    """
    few, some, more, most = (scaled(channels, factor) for channels in (24, 64, 128, 256))
    feature = nn.Sequential(
        conv_act(1, few, (5, 5), (2, 2)),  # 20 x W/2
        conv_act(few, some, (3, 3), (2, 2)),  # 10 x W/4
        Residual(some),
        Residual(some),
        Residual(some),
        conv_act(some, more, (3, 3), (2, 1)),  # 5 x W/4
        Residual(more),
        Residual(more),
        conv_act(more, most, (LINE_HEIGHT // 8, 1), padding=(0, 0)),  # 1 x W/4
    )
    # Whether a gap is a space shows only beside the gaps of several characters.
    sequence = nn.Sequential(*(Residual(most, (1, 5), dilation=step) for step in (1, 2, 4)), nn.Dropout(0.1))
    return LineNet(feature, sequence, nn.Conv2d(most, classes.width, 1))


BUILDERS: dict[str, Callable[[Classes], LineNet]] = {"dense": dense}
