"""Recipes: one YAML file per trained thing, read into the dataclass that the trainer takes."""

from __future__ import annotations

import dataclasses
import difflib
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError

from geulnun.errors import MissingInputError, RecipeError

T = TypeVar("T")


def load(path: Path, kind: type[T], **changes: Any) -> T:
    """Read ``path`` into the dataclass ``kind``; ``changes`` that are not None come from the command line and win.

    Raises:
        MissingInputError: there is no such file.
        RecipeError: not YAML, a key that ``kind`` does not have (the nearest is named), or a wrong value.
    """
    import yaml

    if not path.is_file():
        raise MissingInputError(f"{path}: no such recipe; see the recipes folder")
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: expected keys and values, found {type(content).__name__}")
    content |= {key: value for key, value in changes.items() if value is not None}
    _check(content, kind, path)
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise RecipeError(f"{path}: {where} is {first.get('input')!r}; {first['msg']}") from error
    except ValueError as error:
        raise RecipeError(f"{path}: {error}") from error


def _check(content: dict[str, Any], kind: type[Any], path: Path, prefix: str = "") -> None:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind)]
    for key, value in content.items():
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            raise RecipeError(f"{path}: unknown key {prefix}{key!s}; {hint}")
        if dataclasses.is_dataclass(hints[key]) and isinstance(value, dict):
            _check(value, hints[key], path, f"{prefix}{key}.")
