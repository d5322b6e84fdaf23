"""Our networks as expressions that build them, for files that EasyOCR loads."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from geulnun.errors import UsageError
from geulnun.nets.recognition import feature, kakao, line, sequence, svtr
from geulnun.nets.recognition.feature import GatedRecurrentConv, Shortcut
from geulnun.nets.recognition.grid import GridNet
from geulnun.nets.recognition.line import LineNet
from geulnun.nets.recognition.prediction import ColumnPrediction
from geulnun.nets.recognition.sequence import BidirectionalLSTM
from geulnun.nets.recognition.svtr import RowChoice
from geulnun.nets.recognition.transformation import Localisation, ThinPlateSpline
from geulnun.nets.recognition.transformer import Neighbours


class Classes:
    """All that builders of networks ask of a character set: the width of the head."""

    def __init__(self, width: int) -> None:
        self.width = width


def expression(net: nn.Module) -> tuple[str, list[object]]:
    """How to build a network anew, and the definitions that this takes.

    Raises:
        UsageError: a network of another make.
    """
    if isinstance(net, LineNet):
        head = net.prediction
        assert isinstance(head, nn.Conv2d)
        return f"dense(Classes({head.out_channels}), {head.in_channels / 256})", [line.dense, Classes]
    if isinstance(net, GridNet) and isinstance(net.prediction, ColumnPrediction):
        width = net.prediction.linear.out_features
        size = net.prediction.linear.in_features
        for part, build in ((RowChoice, svtr.svtr_jamo), (Neighbours, kakao.as_is)):
            if any(isinstance(module, part) for module in net.modules()):
                return f"{build.__name__}(Classes({width}), {size / 256})", [build, Classes]
        return _grid(net)
    kind = type(getattr(net, "prediction", net)).__name__
    raise UsageError(
        f"EasyOCR decodes with CTC, which {kind} is not made for; export a network whose name ends in -ctc, "
        "dense, kakao-asis or svtr-jamo"
    )


def _grid(net: GridNet) -> tuple[str, list[object]]:
    parts: list[str] = []
    roots: list[object] = [GridNet, ColumnPrediction]
    if isinstance(net.transformation, ThinPlateSpline):
        spline, places = net.transformation, net.transformation.localisation
        assert isinstance(places, Localisation)
        first, points = next(m for m in places.modules() if isinstance(m, nn.Conv2d)), places.points.out_features // 2
        made = f"Localisation({first.in_channels}, {places.points.in_features * 2}, {points})"
        parts.append(f"ThinPlateSpline({made}, {spline.height}, {spline.width}, {points})")
        roots += [ThinPlateSpline, Localisation]
    else:
        parts.append("nn.Identity()")
    kind = _feature(net.feature)
    convolutions = [module for module in net.feature.modules() if isinstance(module, nn.Conv2d)]
    channels = convolutions[-1].out_channels
    parts.append(f"{kind.__name__}({convolutions[0].in_channels}, {channels})")
    roots.append(kind)
    lstm = next((module for module in net.sequence.modules() if isinstance(module, BidirectionalLSTM)), None)
    parts.append(f"bilstm({channels}, {lstm.rnn.hidden_size})" if lstm else "nn.Identity()")
    roots += [sequence.bilstm] if lstm else []
    head = net.prediction.linear
    assert isinstance(head, nn.Linear)
    parts.append(f"ColumnPrediction({head.in_features}, {head.out_features})")
    return f"GridNet({', '.join(parts)})", roots


def _feature(net: nn.Module) -> Callable[..., nn.Module]:
    if any(isinstance(module, GatedRecurrentConv) for module in net.modules()):
        return feature.gated_recurrent
    return feature.resnet if any(isinstance(module, Shortcut) for module in net.modules()) else feature.vgg
