"""The weights shipped inside the package, and the manifest that vouches for them.

``geulnun/weights`` holds one ``*.onnx`` and one model card ``*.md`` per weight, and ``manifest.json``::

    {"version": 1, "weights": [{"name": "recogniser", "file": "recogniser.onnx", "sha256": "...", ...}]}

Each object has the fields of `Entry`, no more and no fewer. After a new export::

    python -m geulnun.runtime.weights recogniser --version 2 --score cer_clean=0.004

measures the file and rewrites its entry; what is not given stays as it was.
"""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from geulnun.errors import ModelError

#: Where the package keeps its weights.
DIRECTORY = Path(__file__).resolve().parent.parent / "weights"
MANIFEST_VERSION = 1
_REPAIR = "install the package again: pip install --force-reinstall geulnun"


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of one weight.

    Attributes:
        name: what the code asks for, as in ``path("recogniser")``.
        file: file name of the ONNX network, beside the manifest.
        sha256: its digest, 64 hexadecimal digits.
        bytes: its size.
        licence: SPDX identifier of the weight's licence.
        card: file name of the model card, beside the manifest.
        version: counts up with every change of the network that users can see.
        recipe: the recipe that trains it again, relative to the repository root.
        input: shape, dtype and range of the network's input, in words.
        data: what it was trained on, one source an item.
        scores: figures measured on this very file, by name; rates in 0..1.
    """

    name: str
    file: str
    sha256: str
    bytes: int
    licence: str
    card: str
    version: int
    recipe: str
    input: str
    data: tuple[str, ...] = ()
    scores: Mapping[str, float] = field(default_factory=dict)


def entries(directory: Path = DIRECTORY) -> tuple[Entry, ...]:
    """The manifest's entries, in its order.

    Raises:
        ModelError: the manifest is missing or malformed.
    """
    manifest = directory / "manifest.json"
    try:
        content = json.loads(manifest.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{manifest}: the manifest of weights is missing; {_REPAIR}") from None
    except ValueError as error:
        raise ModelError(f"{manifest}: not a JSON file ({error}); {_REPAIR}") from None
    if not isinstance(content, dict) or content.get("version") != MANIFEST_VERSION:
        raise ModelError(f"{manifest}: expected a manifest of version {MANIFEST_VERSION}; {_REPAIR}")
    return tuple(_entry(item, manifest) for item in content.get("weights", ()))


def entry(name: str, directory: Path = DIRECTORY) -> Entry:
    """The entry of the weight called ``name``.

    Raises:
        ModelError: the manifest is unusable or has no such weight.
    """
    known = {item.name: item for item in entries(directory)}
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(known) or 'none'}"
        raise ModelError(f"no weight is called {name!r}; {hint}")
    return known[name]


@cache
def path(name: str, directory: Path = DIRECTORY) -> Path:
    """The file of the weight called ``name``, its digest checked once a process.

    Raises:
        ModelError: the weight is unknown, missing or damaged.
    """
    wanted = entry(name, directory)
    file = directory / wanted.file
    if not file.is_file():
        raise ModelError(f"{file}: the weight {name!r} is missing; {_REPAIR}")
    found = digest(file)
    if found != wanted.sha256:
        raise ModelError(f"{file}: damaged, sha256 {found[:12]}… instead of {wanted.sha256[:12]}…; {_REPAIR}")
    return file


def others(name: str, directory: Path = DIRECTORY) -> tuple[str, ...]:
    """What else the package has in place of the weight called ``name``: ``others("detector")`` may be ``("points",)``.

    Such a weight is called ``NAME-OTHER`` in the manifest.
    """
    return tuple(item.name.removeprefix(f"{name}-") for item in entries(directory) if item.name.startswith(f"{name}-"))


def choose(name: str, given: Path | str | None, directory: Path = DIRECTORY) -> Path:
    """The file of a network: the package's own, one of `others` by its word, or a file of one's own by its path.

    Raises:
        ModelError: the package's file is missing or damaged.
    """
    if given is None:
        return path(name, directory)
    return path(f"{name}-{given}", directory) if str(given) in others(name, directory) else Path(given)


def digest(file: Path) -> str:
    """The sha256 of a file's content, as 64 hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def register(name: str, directory: Path = DIRECTORY, **changes: Any) -> Entry:
    """Measure a weight's file and write its manifest entry, a new one or in place of the old.

    Args:
        name: the weight's name; its file is ``NAME.onnx`` unless ``file`` or an old entry says otherwise.
        directory: where the manifest and the file lie.
        **changes: other fields of `Entry`; what is not given stays as it was.

    Returns:
        The entry as written.

    Raises:
        ModelError: the file is missing, a field is unknown, or a new entry lacks one.
    """
    old = {item.name: asdict(item) for item in entries(directory)}
    raw = {"file": f"{name}.onnx", "card": f"{name}.md", "licence": "Apache-2.0", "version": 1} | old.get(name, {})
    raw |= changes | {"name": name}
    file = directory / str(raw["file"])
    if not file.is_file():
        raise ModelError(f"{file}: no such file; export the network there first")
    raw |= {"sha256": digest(file), "bytes": file.stat().st_size}
    written = _entry({key: list(value) if isinstance(value, tuple) else value for key, value in raw.items()}, file)
    old[name] = asdict(written)
    content = {"version": MANIFEST_VERSION, "weights": [old[key] for key in sorted(old)]}
    manifest = directory / "manifest.json"
    draft = manifest.with_suffix(".json.part")
    draft.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    draft.replace(manifest)
    path.cache_clear()
    return written


_KINDS: dict[str, type] = {"bytes": int, "version": int, "data": list, "scores": dict}


def _entry(item: object, source: Path) -> Entry:
    """Check one manifest object and make it an `Entry`."""
    if not isinstance(item, dict):
        raise ModelError(f"{source}: a weight's entry is {item!r}; expected an object")
    names = [one.name for one in fields(Entry)]
    for key in item:
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            raise ModelError(f"{source}: unknown field {key!r}; expected {near[0] if near else ', '.join(names)}")
    given: dict[str, Any] = {"data": [], "scores": {}} | item
    for key in names:
        kind = _KINDS.get(key, str)
        if type(given.get(key)) is not kind:
            raise ModelError(f"{source}: field {key!r} is {given.get(key)!r}; expected {kind.__name__}")
    return Entry(**(given | {"data": tuple(given["data"])}))


def _score(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    return name, float(value)


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one entry from the command line; `register` with its fields as options."""
    parser = argparse.ArgumentParser(prog="python -m geulnun.runtime.weights", description=main.__doc__)
    parser.add_argument("name")
    for key in ("file", "card", "licence", "recipe", "input"):
        parser.add_argument(f"--{key}")
    parser.add_argument("--version", type=int)
    parser.add_argument("--data", action="append", metavar="SOURCE", help="again for each source")
    parser.add_argument("--score", dest="scores", action="append", type=_score, metavar="NAME=VALUE")
    parser.add_argument("--directory", type=Path, default=DIRECTORY)
    given = {key: value for key, value in vars(parser.parse_args(arguments)).items() if value is not None}
    if "scores" in given:
        given["scores"] = dict(given["scores"])
    register(given.pop("name"), given.pop("directory"), **given)


if __name__ == "__main__":
    main()
