"""Where a recogniser of characters looks, from its ONNX file alone, in any precision.

The graph is cut at its last feature map, through which all of it goes; the head behind the cut is then run on maps that
are changed a little. With it, no gradient is needed, and what is explained is the very file that reads.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx.utils import Extractor

from geulnun.errors import ModelError, UsageError
from geulnun.runtime.characters import scores
from geulnun.runtime.session import open_session

Floats = NDArray[np.float32]
Masks = NDArray[np.bool_]
Method = Literal["cam", "grad-cam"]

#: Numbers in a batch of changed feature maps at most.
_NUMBERS = 8_000_000
#: By how much channels are raised and lowered, in standard deviations of the map: above the steps of 8-bit integers.
_NUDGE = 0.05


class Explainer:
    """Class activation maps of one network.

    Args:
        path: ONNX file, as `geulnun.export.characters` writes.
        threads: threads of one run; None for one a core.

    Attributes:
        tensor: name of the feature map in the file.
        shape: its channels, rows and columns.

    Raises:
        ModelError: the file cannot be opened, or has no feature map through which all of it goes.
    """

    def __init__(self, path: Path, threads: int | None = None) -> None:
        model = _inferred(path)
        self.tensor, self.shape = _last_map(model, path)
        (given,), (made, *_) = model.graph.input, model.graph.output
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("trunk.onnx", "head.onnx")]
            extractor = Extractor(model)
            for file, (begin, end) in zip(files, ((given.name, self.tensor), (self.tensor, made.name)), strict=True):
                onnx.save(extractor.extract_model([begin], [end]), str(file))
            self._trunk, self._head = (open_session(file, threads) for file in files)
        self._input = given.name

    def maps(self, ink: Floats, targets: Masks, method: Method = "cam") -> Floats:
        """What each place of an input adds to each target.

        Args:
            ink: a prepared input (S, S).
            targets: (P, K): the logits that speak for each target; of several, the logarithm of their summed
                exponentials is taken.
            method: "cam" gives, for each place of the feature map, the score less the score without the place. Where
                the network ends in a pooled link and one linear layer, that is the class activation map (Zhou et al.
                2016, arXiv:1512.04150, section 2, equation 2), with the weights that a link gives its places.
                "grad-cam" sums the channels by the mean slope of the score along each, and keeps what is above 0
                (Selvaraju et al. 2017, arXiv:1610.02391, section 3, equations 1 and 2); slopes are central differences.

        Returns:
            (P, h, w), as large as the feature map.

        Raises:
            UsageError: another method.
        """
        (feature,) = self._trunk.run(None, {self._input: np.asarray(ink, np.float32)[None, None]})
        if method == "cam":
            return self._without_places(np.asarray(feature[0], np.float32), targets)
        if method == "grad-cam":
            return self._along_channels(np.asarray(feature[0], np.float32), targets)
        raise UsageError(f"method is {method!r}; expected cam or grad-cam")

    def _without_places(self, feature: Floats, targets: Masks) -> Floats:
        _, rows, columns = feature.shape
        whole = self._scores(feature[None], targets)[0]
        out = np.empty((rows * columns, len(targets)), np.float32)
        for part in self._chunks(rows * columns):
            batch = np.repeat(feature[None], len(part), axis=0)
            batch[np.arange(len(part)), :, part // columns, part % columns] = 0
            out[part] = whole - self._scores(batch, targets)
        return out.T.reshape(len(targets), rows, columns)

    def _along_channels(self, feature: Floats, targets: Masks) -> Floats:
        step = np.float32(_NUDGE * float(feature.std()) or 1e-3)
        slopes = np.empty((len(feature), len(targets)), np.float32)
        for part in self._chunks(len(feature)):
            nudged = []
            for change in (step, -step):
                batch = np.repeat(feature[None], len(part), axis=0)
                batch[np.arange(len(part)), part] += change
                nudged.append(self._scores(batch, targets))
            slopes[part] = (nudged[0] - nudged[1]) / (2 * step)
        # The mean of the slopes at all places is the slope along the whole channel over their number.
        weights = slopes.T / (feature.shape[1] * feature.shape[2])
        return np.asarray(np.maximum(np.einsum("pc,chw->phw", weights, feature), 0), np.float32)

    def _scores(self, features: Floats, targets: Masks) -> Floats:
        """Scores (N, P) of feature maps (N, C, h, w)."""
        (logits,) = self._head.run(None, {self.tensor: features})
        return scores(np.asarray(logits, np.float32), targets)

    def _chunks(self, count: int) -> Iterator[NDArray[np.int64]]:
        size = max(1, _NUMBERS // int(np.prod(self.shape)))
        for start in range(0, count, size):
            yield np.arange(start, min(start + size, count))


def _inferred(path: Path) -> onnx.ModelProto:
    try:
        return onnx.shape_inference.infer_shapes(onnx.load(str(path)))
    except Exception as error:
        # The package raises errors of protobuf, of its checker and of the system alike.
        raise ModelError(f"{path}: not a network that can be opened ({str(error).splitlines()[0]})") from error


def _last_map(model: onnx.ModelProto, path: Path) -> tuple[str, tuple[int, int, int]]:
    """The last tensor (N, C, h, w) of more than one place that alone leads from the input to the output."""
    graph = model.graph
    shapes = {info.name: _shape(info) for info in graph.value_info}
    stored = {tensor.name for tensor in graph.initializer}
    depends = {info.name for info in graph.input} - stored
    uses: dict[str, int] = {}
    for at, node in enumerate(graph.node):
        uses |= dict.fromkeys(node.input, at)
    live = set(depends)
    found = None
    for at, node in enumerate(graph.node):
        if not depends.intersection(node.input):
            continue
        depends.update(node.output)
        live = {name for name in live | set(node.output) if uses.get(name, -1) > at}
        if len(live) == 1:
            (name,) = live
            shape = shapes.get(name)
            found = (name, shape) if shape is not None else found
    if found is None:
        raise ModelError(f"{path}: has no feature map through which all of it goes; ask for occlusion instead")
    return found


def _shape(info: onnx.ValueInfoProto) -> tuple[int, int, int] | None:
    """Channels, rows and columns of a float tensor that has places; None of any other."""
    kind = info.type.tensor_type
    sizes = [dim.dim_value for dim in kind.shape.dim]
    if kind.elem_type != onnx.TensorProto.FLOAT or len(sizes) != 4 or min(sizes[1:]) < 1 or sizes[2] * sizes[3] < 2:
        return None
    return sizes[1], sizes[2], sizes[3]
