"""Weights to begin with: ours, Lightning's and EasyOCR's, fitted to a network that may write other characters."""

from __future__ import annotations

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from geulnun.charset import PLAIN, WITH_IDEOGRAPHS, Charset, Classes, FlatCharset
from geulnun.errors import ModelError
from geulnun.nets.recognition import easyocr_names
from geulnun.spec import LineSpec
from geulnun.training.kept import average_of

#: Names in a message.
_NAMED = 4
#: Parts of state dicts of Lightning modules that hold a network, the averaged one first.
_PREFIXES = ("average.", "net.", "model.")


@dataclass(frozen=True)
class Weights:
    """Weights of a network.

    Attributes:
        state: tensors by name.
        classes: what its head writes; None where the file does not say.
    """

    state: Mapping[str, Tensor]
    classes: Classes | None


def read(file: Path, characters: str | None = None) -> Weights:
    """Read weights to begin with.

    Files of this package (`last.pt`, `best_accuracy.pt`, `recipes/recogniser.pt`), Lightning's `.ckpt`, and EasyOCR's
    and train_easyocr's `.pth`; of averaged and last weights the averaged.

    Args:
        file: the file.
        characters: of its flat head, where it does not say them.

    Raises:
        ModelError: there is no such file, or it holds no weights.
    """
    if not file.is_file():
        raise ModelError(f"{file}: no such weights; name the last.pt of a run, one of the recipes folder, or a .pth")
    try:
        content: Any = torch.load(file, map_location="cpu", weights_only=True)
    except (pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        raise ModelError(
            f"{file}: not weights that can be read safely ({' '.join(str(error).split())[:200]})"
        ) from error
    if not isinstance(content, dict):
        raise ModelError(f"{file}: holds {type(content).__name__}; expected tensors by name")
    state: Mapping[str, Any] = content
    spec: str | None = None
    if "average" in content:
        state, spec = average_of(content), content.get("spec")
    elif "state_dict" in content:
        state = _of_lightning(content["state_dict"])
    tensors = {str(name): value for name, value in state.items() if isinstance(value, Tensor)}
    if not tensors:
        raise ModelError(f"{file}: holds no tensors by name; expected a checkpoint")
    if easyocr_names.is_theirs(tensors):
        tensors = easyocr_names.ours(tensors, str(file))
    classes = LineSpec.from_json(spec, str(file)).classes if spec else None
    return Weights(tensors, classes or (FlatCharset(tuple(characters)) if characters else None))


def _of_lightning(state: Mapping[str, Tensor]) -> Mapping[str, Tensor]:
    for prefix in _PREFIXES:
        found = {name.removeprefix(prefix): value for name, value in state.items() if name.startswith(prefix)}
        if found:
            return found
    return state


def begin(net: nn.Module, classes: Classes, weights: Weights, strict: bool = True, new_head: bool = False) -> list[str]:
    """Put weights into a network.

    Where the characters differ, rows of the head (and of what embeds characters) go to the same characters; those of
    new ones keep what they begin with.

    Args:
        net: the network; changed.
        classes: what it writes.
        weights: what to put in.
        strict: whether everything has to fit.
        new_head: whether the prediction begins anew.

    Returns:
        What was done beside copying, in lines for a log.

    Raises:
        ModelError: with ``strict``, something is missing, too much or of another size.
    """
    own = net.state_dict()
    known = weights.classes or _guessed(weights.state, own, classes)
    fitted: dict[str, Tensor] = {}
    notes, wrong = list[str](), list[str]()
    for name, value in weights.state.items():
        if new_head and name.startswith("prediction."):
            continue
        if name not in own:
            wrong.append(f"{name} is not in the network")
            continue
        moved = value if known == classes else carried(name, value, own[name], known, classes)
        if moved.shape == own[name].shape:
            fitted[name] = moved.to(own[name].dtype)
        else:
            wrong.append(f"{name} is {tuple(value.shape)}, the network's {tuple(own[name].shape)}")
    wrong += [
        f"{name} is not in the file"
        for name in own
        if name not in weights.state and not (new_head and name.startswith("prediction."))
    ]
    if wrong and strict:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise ModelError(f"weights do not fit: {'; '.join(wrong[:_NAMED])}{more}; set strict: false to take what fits")
    if not fitted:
        raise ModelError("weights do not fit: not one tensor of the file has a place in the network; choose its net")
    net.load_state_dict(fitted, strict=False)
    if new_head:
        notes.append("the prediction layer begins anew")
    elif known is not None and known != classes:
        kept = len(set(names(known)) & set(names(classes)))
        notes.append(f"head: {kept} of {len(names(classes))} rows kept, the others begin anew")
    return notes + [f"not loaded: {text}" for text in wrong]


def names(classes: Classes) -> list[str]:
    """What each place of the network's last axis stands for; the same name is the same thing in either head."""
    if isinstance(classes, FlatCharset):
        return ["blank", *classes.characters]
    assert isinstance(classes, Charset)
    jamo = [f"{part}{index}" for part, count in (("cho", 19), ("jung", 21), ("jong", 28)) for index in range(count)]
    gate = ["blank", "hangul", *classes.symbols, *(["ideograph"] if classes.ideographs else [])]
    return [*gate, *jamo, *classes.ideographs]


def carried(name: str, value: Tensor, into: Tensor, known: Classes | None, classes: Classes) -> Tensor:
    """A tensor of the head fitted to other characters: a copy of ``into`` with the rows of those that both have.

    A tensor whose sizes say that it has nothing to do with characters comes back as it is.
    """
    if known is None or value.ndim != into.ndim:
        return value
    for old, new in _axes(known, classes):
        for axis in range(value.ndim):
            others = [size for at, size in enumerate(value.shape) if at != axis]
            same = others == [size for at, size in enumerate(into.shape) if at != axis]
            if same and value.shape[axis] == len(old) and into.shape[axis] == len(new) and "prediction" in name:
                at = {char: index for index, char in enumerate(old)}
                pairs = [(index, at[char]) for index, char in enumerate(new) if char in at]
                to, source = (torch.tensor(part, dtype=torch.int64) for part in zip(*pairs, strict=True))
                return into.detach().clone().index_copy(axis, to, value.index_select(axis, source).to(into.dtype))
    return value


def _axes(known: Classes, classes: Classes) -> list[tuple[Sequence[str], Sequence[str]]]:
    """Pairs of axes that may stand for characters: a whole head; of factored embeddings the gate's and the rest."""
    pairs: list[tuple[Sequence[str], Sequence[str]]] = [(names(known), names(classes))]
    if isinstance(known, Charset) and isinstance(classes, Charset):
        pairs.append((names(known)[: known.gate_size], names(classes)[: classes.gate_size]))
        pairs.append((known.ideographs, classes.ideographs))
    return pairs


def _guessed(state: Mapping[str, Tensor], own: Mapping[str, Tensor], classes: Classes) -> Classes | None:
    """The characters of weights that do not say them, by their number: the network's own, or this package's."""
    name = next((name for name in own if name.startswith("prediction") and own[name].shape[0] == classes.width), None)
    width = state[name].shape[0] if name is not None and name in state else None
    return next((one for one in (classes, PLAIN, WITH_IDEOGRAPHS) if one.width == width), None)
