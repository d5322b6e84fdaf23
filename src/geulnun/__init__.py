"""Geulnun (글눈): Korean-first OCR, from pages to text with its spaces.

from geulnun import Reader
document = Reader().read("page.png")
print(document.text)
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

# ONNX Runtime since 1.29 reports each network that is opened to its maker, on Linux too, unless this is set before it
# is imported; its own switch in Python comes too late. Reading needs no network and tells nobody.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

if TYPE_CHECKING:
    from geulnun.characters import CharacterReader as CharacterReader
    from geulnun.document import Document as Document
    from geulnun.errors import GeulnunError as GeulnunError
    from geulnun.pipeline import Reader as Reader
    from geulnun.pipeline import ReaderOptions as ReaderOptions

    __version__: str

__all__ = ["CharacterReader", "Document", "GeulnunError", "Reader", "ReaderOptions", "__version__"]

_HOMES = {
    "CharacterReader": "geulnun.characters",
    "Document": "geulnun.document",
    "GeulnunError": "geulnun.errors",
    "Reader": "geulnun.pipeline",
    "ReaderOptions": "geulnun.pipeline",
}


def __getattr__(name: str) -> object:
    """Load the public names when they are first used: ``import geulnun`` itself stays light."""
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module 'geulnun' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_HOMES[name]), name)


def _version() -> str:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("geulnun")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return "0+source"


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
