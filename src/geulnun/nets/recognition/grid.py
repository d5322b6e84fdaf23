"""The grid of Baek et al. 2019: four stages, each with its choices, 24 line recognisers in all.

"What is wrong with scene text recognition model comparisons?", arXiv:1904.01906, section 3. A network is named by its
stages: ``tps-vgg-bilstm-attn`` straightens the line, looks at it with VGG's convolutions, lets columns look at their
neighbours and writes one character after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

from torch import Tensor, nn

from geulnun.charset import Classes
from geulnun.errors import RecipeError
from geulnun.nets.recognition.feature import gated_recurrent, resnet, vgg
from geulnun.nets.recognition.heads import best_of, embedding_of
from geulnun.nets.recognition.prediction import AttentionDecoder, ColumnPrediction
from geulnun.nets.recognition.sequence import bilstm
from geulnun.nets.recognition.transformation import Localisation, ThinPlateSpline


class GridNet(nn.Module):
    """Line inputs (N, C, H, W) -> logits (N, T, K), not normalised; K and T are the prediction's.

    Args:
        transformation: images to images; `nn.Identity` for none.
        feature: images to maps (N, F, H', T), whose rows are averaged.
        sequence: columns (N, T, F) to columns; `nn.Identity` for none.
        prediction: columns, and targets or None, to logits.
    """

    def __init__(
        self, transformation: nn.Module, feature: nn.Module, sequence: nn.Module, prediction: nn.Module
    ) -> None:
        super().__init__()
        self.transformation = transformation
        self.feature = feature
        self.sequence = sequence
        self.prediction = prediction

    def forward(self, x: Tensor, targets: Tensor | None = None) -> Tensor:
        """Logits of ``x``; ``targets`` (N, L), class ids padded with 0, are for decoders that write step by step."""
        columns = self.feature(self.transformation(x)).mean(2).transpose(1, 2)
        logits: Tensor = self.prediction(self.sequence(columns), targets)
        return logits


@dataclass(frozen=True)
class GridOptions:
    """Sizes of the grid's stages; the defaults are the published ones, but for the width (100 in the paper).

    Attributes:
        height: rows a spline gives; other stages take what they get.
        width: columns a spline gives.
        cin: 1 for grey lines, 3 for RGB.
        channels: that the feature stage gives.
        hidden: cells of LSTMs, in each direction.
        fiducials: points of a spline.
        localisation: channels of the network that places them.
        most: characters that the attention decoder writes at most.
    """

    height: int = 32
    width: int = 400
    cin: int = 1
    channels: int = 512
    hidden: int = 256
    fiducials: int = 20
    localisation: int = 512
    most: int = 50

    def scaled(self, factor: float) -> GridOptions:
        """All channels times ``factor``, in whole sixteens."""
        names = ("channels", "hidden", "localisation")
        return replace(self, **{name: scaled(getattr(self, name), factor, 16) for name in names})


def scaled(channels: int, factor: float, step: int = 8) -> int:
    """``channels`` times ``factor``, the nearest multiple of ``step`` but 0."""
    return max(step, step * round(channels * factor / step))


def _tps(options: GridOptions) -> nn.Module:
    places = Localisation(options.cin, options.localisation, options.fiducials)
    return ThinPlateSpline(places, options.height, options.width, options.fiducials)


def _attention(cin: int, classes: Classes, options: GridOptions) -> nn.Module:
    # As spread as the other weights by which the cell's input is multiplied (He et al. 2015).
    embedding = embedding_of(classes, 4 * options.hidden, spread=(2 / (cin + classes.width)) ** 0.5)
    return AttentionDecoder(cin, options.hidden, embedding, best_of(classes), classes.width, options.most)


TRANSFORMATIONS: dict[str, Callable[[GridOptions], nn.Module]] = {"none": lambda _: nn.Identity(), "tps": _tps}

FEATURES: dict[str, Callable[[int, int], nn.Module]] = {"vgg": vgg, "rcnn": gated_recurrent, "resnet": resnet}

#: Columns' features and LSTM cells -> the stage, and how many features come out.
SEQUENCES: dict[str, Callable[[int, int], tuple[nn.Module, int]]] = {
    "none": lambda cin, _: (nn.Identity(), cin),
    "bilstm": lambda cin, hidden: (bilstm(cin, hidden), hidden),
}

PREDICTIONS: dict[str, Callable[[int, Classes, GridOptions], nn.Module]] = {
    "ctc": lambda cin, classes, _: ColumnPrediction(cin, classes.width),
    "attn": _attention,
}

#: The stages' choices in order.
STAGES = (tuple(TRANSFORMATIONS), tuple(FEATURES), tuple(SEQUENCES), tuple(PREDICTIONS))

#: The 24 names.
NAMES = tuple("-".join(choice) for choice in itertools.product(*STAGES))


def grid(name: str, classes: Classes, options: GridOptions = GridOptions()) -> GridNet:
    """The network ``name``, one of `NAMES`, new.

    Raises:
        RecipeError: there is no such name.
    """
    if name not in NAMES:
        choices = " - ".join("{" + ", ".join(stage) + "}" for stage in STAGES)
        raise RecipeError(f"{name}: no network of the grid; a name is {choices}, as tps-vgg-bilstm-attn")
    transformation, feature, sequence, prediction = name.split("-")
    between, columns = SEQUENCES[sequence](options.channels, options.hidden)
    net = GridNet(
        TRANSFORMATIONS[transformation](options),
        FEATURES[feature](options.cin, options.channels),
        between,
        PREDICTIONS[prediction](columns, classes, options),
    )
    _initialise(net)
    return net


def _initialise(net: GridNet) -> None:
    """He et al. 2015 (arXiv:1502.01852, section 2.2) throughout, as the paper has it (section 4.1), biases zero.

    A spline's linear layers keep their own beginning, embeddings theirs.
    """
    kept = {id(parameter) for parameter in net.transformation.parameters() if parameter.ndim != 4}
    norms = (nn.BatchNorm2d, nn.Embedding)
    kept |= {
        id(parameter) for module in net.modules() if isinstance(module, norms) for parameter in module.parameters()
    }
    for parameter in net.parameters():
        if id(parameter) in kept:
            continue
        if parameter.ndim > 1:
            nn.init.kaiming_normal_(parameter, nonlinearity="relu")
        else:
            nn.init.zeros_(parameter)
