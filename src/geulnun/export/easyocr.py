"""A recogniser as a user network of EasyOCR 1.7: ``Reader(['ko'], recog_network=NAME)`` reads with it.

EasyOCR wants three files: ``model/NAME.pth`` with the weights, ``user_network/NAME.py`` with the network's code, and
``user_network/NAME.yaml`` with the height of lines and the characters. The code file holds what our network needs
around it as well, so EasyOCR's own preprocessing and greedy decoding write what our reader writes.
"""

from __future__ import annotations

import importlib.util
import keyword
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import yaml

from geulnun import hangul
from geulnun.charset import Charset, Classes, FlatCharset
from geulnun.errors import UsageError
from geulnun.export.easyocr_model import FlatCharacters, JamoCharacters, Lines, UserNetwork
from geulnun.export.easyocr_networks import expression
from geulnun.export.easyocr_source import bundle
from geulnun.image.ops import LEAST_WIDTH, WIDTH_STEP
from geulnun.spec import LineSpec
from geulnun.training.finetune_start import Start

#: Names that mean something else to EasyOCR.
_TAKEN = ("standard", "generation1", "generation2")
#: What `torch.nn.DataParallel` puts before the names of weights, which EasyOCR takes off again.
_WRAPPED = "module."


@dataclass(frozen=True)
class UserFiles:
    """The three files' contents.

    Attributes:
        name: of the network.
        code: Python.
        config: YAML.
        weights: by the names that EasyOCR expects.
    """

    name: str
    code: str
    config: str
    weights: dict[str, torch.Tensor]

    def write(self, folder: Path, force: bool = False) -> list[Path]:
        """Write them below a folder, all or none.

        Args:
            folder: gets ``model`` and ``user_network``.
            force: replace files that are there.

        Raises:
            UsageError: one of the files is there.
        """
        code, config = (folder / "user_network" / f"{self.name}.{kind}" for kind in ("py", "yaml"))
        weights = folder / "model" / f"{self.name}.pth"
        for file in (weights, code, config):
            if file.exists() and not force:
                raise UsageError(f"{file}: is there already; choose another --name, or replace it with --force")
            file.parent.mkdir(parents=True, exist_ok=True)
        drafts = {file: file.with_name(f"{file.name}.part") for file in (weights, code, config)}
        try:
            torch.save(self.weights, drafts[weights])
            drafts[code].write_text(self.code, "utf-8")
            drafts[config].write_text(self.config, "utf-8")
            for file, draft in drafts.items():
                draft.replace(file)
        finally:
            for draft in drafts.values():
                draft.unlink(missing_ok=True)
        return [weights, code, config]


def user_files(start: Start, name: str, characters: str | None = None) -> UserFiles:
    """What EasyOCR needs of a recogniser.

    Args:
        start: the network and its spec.
        name: what ``recog_network`` will be.
        characters: that shall be written, in any order; None for all that the network writes.

    Raises:
        UsageError: a name that EasyOCR or Python would take for something else, a network that CTC cannot decode, or a
            character that the network does not write.
    """
    spec = start.spec
    check_name(name)
    if spec.decoding != "ctc" or spec.direction == "down" or spec.channels != 1:
        raise UsageError(
            f"EasyOCR gives grey lines and decodes with CTC; this network has decoding {spec.decoding}, "
            f"direction {spec.direction} and {spec.channels} channels"
        )
    chosen = _chosen(spec.classes, characters)
    net, roots = expression(start.net)
    arguments = ", ".join([_lines(spec), net, _writing(spec, chosen)])
    kind = JamoCharacters if isinstance(spec.classes, Charset) else FlatCharacters
    tail = (
        "class Model(UserNetwork):\n"
        f'    """{name}: made by EasyOCR with the keys under network_params, and the number of characters."""\n\n'
        "    def __init__(self, num_class):\n"
        f"        super().__init__({arguments})\n"
        f"        assert num_class == {1 + len(chosen)}, num_class\n"
    )
    head = (
        f"{name}: a recogniser of Geulnun as a user network of EasyOCR.\n\n"
        "Made by `geulnun export easyocr`; it needs PyTorch, and not Geulnun. Licence: Apache-2.0."
    )
    code = bundle([UserNetwork, Lines, kind, *roots], head, tail)
    config = yaml.safe_dump(
        {"network_params": {}, "imgH": spec.height, "lang_list": ["ko", "en"], "character_list": chosen},
        allow_unicode=True, sort_keys=False, width=2**20,
    )  # fmt: skip
    weights = {f"{_WRAPPED}net.{key}": value.float() if value.is_floating_point() else value
               for key, value in start.net.state_dict().items()}  # fmt: skip
    return UserFiles(name, code, config, weights)


def check_name(name: str) -> None:
    """Refuse names that EasyOCR cannot import, or would take for another network."""
    ours = (
        name.isidentifier() and not keyword.iskeyword(name) and name not in _TAKEN and not name.endswith(("_g1", "_g2"))
    )
    if not ours or (importlib.util.find_spec(name) is not None):
        raise UsageError(
            f"name {name!r}: EasyOCR imports it as a module beside all others; choose letters, digits and _, "
            "no module that is there, not ending in _g1 or _g2"
        )


def installed_in() -> Path:
    """EasyOCR's own folder: EASYOCR_MODULE_PATH, MODULE_PATH or ``~/.EasyOCR``."""
    told = os.environ.get("EASYOCR_MODULE_PATH") or os.environ.get("MODULE_PATH")
    return Path(told) if told else Path.home() / ".EasyOCR"


def every_character(classes: Classes) -> str:
    """All that a network writes, in the order of its classes; syllables behind symbols."""
    if isinstance(classes, FlatCharset):
        return "".join(classes.characters)
    assert isinstance(classes, Charset)
    return "".join([*classes.symbols, *hangul.syllables(), *classes.ideographs])


def _chosen(classes: Classes, characters: str | None) -> str:
    if characters is None:
        return every_character(classes)
    chosen = "".join(dict.fromkeys(characters))
    missing = classes.missing(chosen)
    if missing or not chosen:
        raise UsageError(f"characters: the network does not write {''.join(missing[:8]) or 'none'!r}; leave them out")
    return chosen


def _lines(spec: LineSpec) -> str:
    step = int(np.lcm(WIDTH_STEP, spec.multiple))
    stretched, median = spec.scaling == "stretched", spec.padding == "median"
    return f"Lines({spec.height}, {spec.width}, {step}, {LEAST_WIDTH}, {stretched}, {median}, {spec.width is None})"


def _writing(spec: LineSpec, chosen: str) -> str:
    classes = spec.classes
    if isinstance(classes, Charset):
        symbols, rare = "".join(classes.symbols), "".join(classes.ideographs)
        return f"JamoCharacters({symbols!r}, {rare!r}, {_spelled(chosen)}, {spec.temperature!r})"
    whole = chosen == every_character(classes)
    places = None if whole else [0, *classes.encode(chosen)]
    return f"FlatCharacters({spec.temperature!r}, {places})"


def _spelled(chosen: str) -> str:
    """The characters as an expression; all 11,172 syllables in a row as the range they are."""
    every = "".join(hangul.syllables())
    before, found, after = chosen.partition(every)
    if not found:
        return repr(chosen)
    return f"{before!r} + ''.join(map(chr, range(0xAC00, 0xD7A4))) + {after!r}"
