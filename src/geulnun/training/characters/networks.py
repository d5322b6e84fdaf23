"""The network that a run's options ask for, and weights to begin with."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from torch import nn

from geulnun.errors import ModelError, RecipeError
from geulnun.nets.character.builders import BUILDERS
from geulnun.nets.compression import expanded
from geulnun.spec import CharacterSpec
from geulnun.training.characters.options import CharacterTraining
from geulnun.training.kept import average_of

#: Names in a message.
_NAMED = 4


def build(options: CharacterTraining, spec: CharacterSpec, shapes: Mapping[str, int]) -> nn.Module:
    """A new network.

    Args:
        options: the run.
        spec: what it takes and gives.
        shapes: ranks of its layers that are split already, by name.

    Raises:
        RecipeError: no such network, or it cannot have the link, head or size that are asked for.
    """
    choice = options.net
    preset = BUILDERS.get(choice.name)
    if preset is None:
        near = difflib.get_close_matches(choice.name, BUILDERS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(BUILDERS)}"
        raise RecipeError(f"net.name is {choice.name!r}; {hint}")
    net: nn.Module = preset.build(
        spec.classes, spec.size, choice.factor, choice.link, choice.head, choice.direct, choice.hidden, choice.steps
    )
    return expanded(net, dict(shapes)) if shapes else net


def begun(net: nn.Module, saved: Mapping[str, Any], options: CharacterTraining, spec: CharacterSpec) -> nn.Module:
    """A network with the averaged weights of a run.

    Args:
        net: the network; changed.
        saved: the run's checkpoint.
        options: of the new run.
        spec: what the network takes and gives.

    Raises:
        ModelError: with ``options.strict``, something is missing, too much or of another size.
    """
    if saved["shapes"]:
        net = expanded(net, dict(saved["shapes"]))
    known = CharacterSpec.from_json(saved["spec"], str(options.start))
    own, given = net.state_dict(), average_of(saved)
    fitting = {name: one for name, one in given.items() if name in own and own[name].shape == one.shape}
    wrong = [name for name in {**own, **given} if name not in fitting]
    # Rows of an output for other characters would stand for the wrong ones.
    if known.classes != spec.classes:
        wrong += [name for name in fitting if name.startswith("head.") and name not in wrong]
    if wrong and options.strict:
        more = f" and {len(wrong) - _NAMED} more" if len(wrong) > _NAMED else ""
        raise ModelError(
            f"{options.start}: does not fit in {', '.join(wrong[:_NAMED])}{more}; set strict: false to take what fits"
        )
    taken = {name: one.to(own[name].dtype) for name, one in fitting.items() if name not in wrong}
    if not taken:
        raise ModelError(f"{options.start}: not one tensor of it has a place in the network; choose its net")
    net.load_state_dict(taken, strict=False)
    return net
