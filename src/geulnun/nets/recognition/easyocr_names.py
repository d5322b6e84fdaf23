"""What EasyOCR's recognisers of the second generation, and train_easyocr's checkpoints, call our weights.

Their network is the grid's ``none-vgg-bilstm-ctc`` (`builders.easyocr_g2`); their class ids are those of
`geulnun.charset.FlatCharset` with the characters in their order. So only names differ.
"""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from geulnun.errors import ModelError

#: Their names and ours for the parts of the network; what follows them is the same.
PARTS = {
    "FeatureExtraction.ConvNet.": "feature.",
    "SequenceModeling.": "sequence.",
    "Prediction.": "prediction.linear.",
}
#: What PyTorch's wrapper for several devices puts before every name; their files have it.
WRAPPED = "module."


def ours(state: Mapping[str, Tensor], file: str = "weights") -> dict[str, Tensor]:
    """Their weights under our names.

    Args:
        state: names and tensors of an EasyOCR or train_easyocr ``.pth``, wrapped or not.
        file: where they come from, for errors.

    Raises:
        ModelError: a name is none of that network's.
    """
    found = {name.removeprefix(WRAPPED): tensor for name, tensor in state.items()}
    return {_renamed(name, PARTS, file): tensor for name, tensor in found.items()}


def theirs(state: Mapping[str, Tensor], wrapped: bool = True) -> dict[str, Tensor]:
    """Our weights of such a network under their names, as EasyOCR loads them.

    Args:
        state: ``state_dict()`` of a `builders.easyocr_g2` network.
        wrapped: put `WRAPPED` before every name: EasyOCR wraps its network on a GPU and strips the prefix on a CPU,
            so its files have it.

    Raises:
        ModelError: the network is another one.
    """
    backwards = {own: their for their, own in PARTS.items()}
    prefix = WRAPPED if wrapped else ""
    return {prefix + _renamed(name, backwards, "network"): tensor for name, tensor in state.items()}


def is_theirs(state: Mapping[str, Tensor]) -> bool:
    """Whether names are those of an EasyOCR or train_easyocr file."""
    return bool(state) and all(name.removeprefix(WRAPPED).startswith(tuple(PARTS)) for name in state)


def _renamed(name: str, parts: Mapping[str, str], file: str) -> str:
    for old, new in parts.items():
        if name.startswith(old):
            return new + name.removeprefix(old)
    raise ModelError(
        f"{file}: holds {name!r}, which EasyOCR's VGG-BiLSTM-CTC network has not; expected names that begin with "
        + ", ".join(parts)
    )
