"""Two readers after what Kakao said of its own (if(kakao) 2021): the one it had, and the one it went to.

Only their outlines are public: a CNN with self-attention and CTC, lines of any length, nothing straightened; then a
reader like ViTSTR with patches that are columns, all characters in one pass. All numbers here are ours.
"""

from __future__ import annotations

from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.errors import RecipeError
from geulnun.nets.blocks import Residual, conv_act
from geulnun.nets.recognition.grid import GridNet, scaled
from geulnun.nets.recognition.prediction import ColumnPrediction
from geulnun.nets.recognition.transformer import Mixing, Neighbours, Places

#: Lines are so high; the reader of one pass takes lines so wide.
HEIGHT, WIDTH = 40, 640
#: Pixels of width of a patch.
PATCH = 8


def as_is(classes: Classes, factor: float = 1.0, most: int = 50) -> GridNet:
    """CNN, self-attention, CTC: any width, a step every four pixels. 4.4 M parameters with 972 characters."""
    c1, c2, c3, size = (scaled(channels, factor, step) for channels, step in ((32, 8), (64, 8), (128, 8), (256, 32)))
    feature = nn.Sequential(
        conv_act(1, c1, (5, 5), (2, 2)),
        conv_act(c1, c2, (3, 3), (2, 2)),
        *(Residual(c2), Residual(c2)),
        conv_act(c2, c3, (3, 3), (2, 1)),
        *(Residual(c3), Residual(c3)),
        conv_act(c3, size, (HEIGHT // 8, 1), padding=(0, 0)),
    )
    sequence = nn.Sequential(Neighbours(size), *(Mixing(size) for _ in range(4)), nn.LayerNorm(size))
    return GridNet(nn.Identity(), feature, sequence, ColumnPrediction(size, classes.width))


class PatchPrediction(nn.Module):
    """The first columns are the first characters (Atienza 2021, ViTSTR, arXiv:2105.08582, section 3.2).

    (N, T, cin) -> (N, most + 1, width): attention has to bring each character to the column of its number.

    Args:
        cin: features a column.
        width: of the head, ``classes.width``.
        most: characters written at most; one step more is for the end.
    """

    def __init__(self, cin: int, width: int, most: int) -> None:
        super().__init__()
        self.linear = nn.Linear(cin, width)
        self.most = most

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits of all characters at once; ``targets`` are not looked at."""
        logits: Tensor = self.linear(x[:, : self.most + 1])
        return logits


def to_be(classes: Classes, factor: float = 1.0, most: int = 50) -> GridNet:
    """Column patches, a vision transformer, all characters in one pass. 5.4 M parameters with 972 characters.

    Two convolutions stand before the patches: without them a transformer takes many times the lines to learn to see
    (Xiao et al. 2021, arXiv:2106.14881).

    Raises:
        RecipeError: ``most`` is more than there are patches for.
    """
    patches = WIDTH // PATCH
    if not 0 < most < patches:
        raise RecipeError(f"most is {most}; kakao-tobe has {patches} patches, so at most {patches - 1} characters")
    c1, c2, size = (scaled(channels, factor, step) for channels, step in ((32, 8), (64, 8), (256, 32)))
    feature = nn.Sequential(
        conv_act(1, c1, (5, 5), (2, 2)),
        conv_act(c1, c2, (3, 3), (2, 2)),
        nn.Conv2d(c2, size, (HEIGHT // 4, PATCH // 4), (HEIGHT // 4, PATCH // 4)),
    )
    sequence = nn.Sequential(Places(size, patches), *(Mixing(size) for _ in range(6)), nn.LayerNorm(size))
    return GridNet(nn.Identity(), feature, sequence, PatchPrediction(size, classes.width, most))
