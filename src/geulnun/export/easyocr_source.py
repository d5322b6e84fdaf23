"""A network's own code in one file: the definitions it is made of, taken from the modules they stand in.

EasyOCR loads a network from a file of its user's, which cannot count on this package being there. What is copied are
the very definitions that trained: nothing is written twice.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

_OWN = "geulnun"


@dataclass(frozen=True)
class _Module:
    """The top level of a module: its text, what is defined there by name, and what is imported: module and name."""

    text: str
    defined: dict[str, ast.stmt]
    imported: dict[str, tuple[str, str | None]]


@cache
def _module(name: str) -> _Module:
    spec = importlib.util.find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    text = Path(spec.origin).read_text("utf-8")
    defined: dict[str, ast.stmt] = {}
    imported: dict[str, tuple[str, str | None]] = {}
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            defined[node.name] = node
        elif isinstance(node, ast.Assign):
            names = (part for target in node.targets for part in ast.walk(target))
            defined |= {part.id: node for part in names if isinstance(part, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            defined[node.target.id] = node
        elif isinstance(node, ast.Import):
            imported |= {one.asname or one.name: (one.name, None) for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            imported |= {one.asname or one.name: (str(node.module), one.name) for one in node.names}
    return _Module(text, defined, imported)


@dataclass
class _Bundle:
    imports: set[str] = field(default_factory=set)
    parts: dict[tuple[str, str], str] = field(default_factory=dict)
    _begun: set[tuple[str, str]] = field(default_factory=set)

    def add(self, module: str, name: str) -> None:
        """Take over a definition and, before it, all that it needs."""
        if (module, name) in self._begun:
            return
        self._begun.add((module, name))
        found = _module(module)
        node = found.defined.get(name)
        if node is None:
            if name in found.imported:
                self._import(name, *found.imported[name], evaluated=True)
            return
        value = getattr(importlib.import_module(module), name)
        if isinstance(node, ast.Assign) and isinstance(value, (int, float, str)):
            # A number is a number, however it is worked out here.
            self.parts[(module, name)] = f"{name} = {value!r}"
            return
        for other, evaluated in _names(node):
            if other in found.defined and (evaluated or isinstance(found.defined[other], ast.Assign)):
                self.add(module, other)
            elif other in found.imported:
                self._import(other, *found.imported[other], evaluated=evaluated)
        self.parts[(module, name)] = _text(found.text, node)

    def _import(self, name: str, module: str, source: str | None, *, evaluated: bool) -> None:
        if module.split(".")[0] != _OWN:
            self.imports.add(_import_line(name, module, source))
        elif evaluated and source is not None:
            self.add(module, source)


def _import_line(name: str, module: str, source: str | None) -> str:
    if source is None:
        return f"import {module}" + (f" as {name}" if name != module else "")
    return f"from {module} import {source}" + (f" as {name}" if name != source else "")


def _names(node: ast.AST, evaluated: bool = True) -> Iterator[tuple[str, bool]]:
    """Names that a definition uses, and whether they are used when it runs: annotations are not."""
    if isinstance(node, ast.Name):
        yield node.id, evaluated
    annotations = {"annotation", "returns"}
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _names(child, evaluated and name not in annotations)


def _text(text: str, node: ast.stmt) -> str:
    """The lines of a definition, with its decorators and the comment above it."""
    lines = text.splitlines()
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(one.lineno for one in decorators)]) - 1
    while first and lines[first - 1].startswith("#"):
        first -= 1
    return "\n".join(lines[first : node.end_lineno])


def bundle(roots: Iterable[object], head: str, tail: str) -> str:
    """One module's text with the definitions of ``roots`` and all that they need of this package.

    Args:
        roots: classes and functions of this package.
        head: its docstring.
        tail: what follows the definitions, and may use them; of PyTorch it may use ``nn``.
    """
    made = _Bundle({"from torch import nn"})
    for root in roots:
        made.add(str(root.__module__), str(root.__name__))  # type: ignore[attr-defined]
    plain = sorted(line for line in made.imports if line.startswith("import"))
    chosen = sorted(line for line in made.imports if line.startswith("from"))
    imports = "\n".join(["from __future__ import annotations", "", *plain, *chosen])
    text = "\n\n\n".join([f'"""{head}"""\n\n{imports}', *made.parts.values(), tail])
    compile(text, "<bundle>", "exec")
    return text.rstrip() + "\n"
