"""What pyproject.toml asks for is what the code imports, no more and no less, and each has its reason written down."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
#: Import names that differ from the name of their distribution.
MODULES = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "pillow-heif": "pillow_heif",
    "fonttools": "fontTools",
    "prometheus-client": "prometheus_client",
    "python-docx": "docx",
    "python-multipart": "python_multipart",
    "pyyaml": "yaml",
}
#: Imported by others for us: fontTools reads WOFF2 with brotli, Lightning writes the curves that TensorBoard shows.
BEHIND_ANOTHER = {"brotli", "tensorboard"}


def _names(requirements: list[str]) -> set[str]:
    return {re.split(r"[<>=!~\[ ]", requirement)[0] for requirement in requirements}


BASE = _names(PROJECT["dependencies"])
#: `train` takes in `synth` by the package's own name.
EXTRAS = _names(
    [one for name in ("synth", "train", "serve", "ocrmypdf") for one in PROJECT["optional-dependencies"][name]]
)
EXTRAS -= {"geulnun"}


def _imported() -> set[str]:
    found = set()
    for file in (ROOT / "src").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").split(".")[0])
    return found - sys.stdlib_module_names - {"geulnun"}


def test_the_code_imports_exactly_what_is_declared() -> None:
    assert {MODULES.get(name, name) for name in (BASE | EXTRAS) - BEHIND_ANOTHER} == _imported()


def test_every_dependency_has_its_reason() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    declared = BASE.union(*map(_names, PROJECT["optional-dependencies"].values()))
    assert [name for name in sorted(declared) if name not in page] == []
