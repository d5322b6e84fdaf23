"""``geulnun info``: the models in the package."""

from __future__ import annotations

import json
import platform
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any

import typer

from geulnun import __version__
from geulnun.cli.console import show


def info(as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False) -> None:
    """Show the versions in use and each model: size, digest, licence, scores and where its card is.

    A model whose file is missing or damaged is shown as such.
    """
    tree = _tree()
    show((json.dumps(tree, ensure_ascii=False, indent=1) + "\n" if as_json else _as_text(tree)).encode())


def _tree() -> dict[str, Any]:
    from geulnun.runtime import weights

    models = []
    for entry in weights.entries():
        file = weights.DIRECTORY / entry.file
        found = weights.digest(file) if file.is_file() else None
        state = "missing" if found is None else "intact" if found == entry.sha256 else "damaged"
        models.append(asdict(entry) | {"card": str(weights.DIRECTORY / entry.card), "state": state})
    names = ("numpy", "onnxruntime", "opencv-python-headless", "pillow", "pypdfium2")
    versions = {"geulnun": __version__, "python": platform.python_version()} | {
        name: _installed(name) for name in names
    }
    return {"versions": versions, "models": models, "bytes": sum(model["bytes"] for model in models)}


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


def _as_text(tree: dict[str, Any]) -> str:
    lines = [", ".join(f"{name} {number}" for name, number in tree["versions"].items())]
    for model in tree["models"]:
        size = f"{model['bytes'] / 1e6:.2f} MB"
        lines += [
            "",
            f"{model['name']}, version {model['version']}, {size}, {model['licence']}, {model['state']}",
            f"  sha256  {model['sha256']}",
            f"  input   {model['input']}",
            f"  data    {'; '.join(model['data'])}",
            f"  scores  {', '.join(f'{name} {value:g}' for name, value in model['scores'].items()) or 'none'}",
            f"  recipe  {model['recipe']}",
            f"  card    {Path(model['card'])}",
        ]
    lines += ["", f"{len(tree['models'])} models, {tree['bytes'] / 1e6:.2f} MB in all"]
    return "\n".join(lines) + "\n"
