"""Recipes: one YAML file per trained or drawn thing, read into the dataclass that takes it."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from pydantic import TypeAdapter, ValidationError

from geulnun.errors import GeulnunError, MissingInputError, RecipeError, UsageError

T = TypeVar("T")


def load(path: Path, kind: type[T], **changes: Any) -> T:
    """Read ``path`` into the dataclass ``kind``; ``changes`` that are not None come from the command line and win.

    Dataclasses may hold others, also in optional, tuple and mapping fields; keys are checked at every depth.

    Raises:
        MissingInputError: there is no such file; the message names the recipes beside it.
        RecipeError: not YAML, a key that ``kind`` does not have (the nearest is named), or a wrong value.
    """
    content = read(path)
    return parse(content | {key: value for key, value in changes.items() if value is not None}, kind, str(path))


def read(path: Path) -> dict[str, Any]:
    """The keys and values of a YAML file, none for an empty one; raises as `load` does."""
    import yaml

    if not path.is_file():
        raise MissingInputError(f"{path}: no such recipe; {_others(path)}")
    try:
        content = yaml.safe_load(path.read_text("utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(content, dict):
        raise RecipeError(f"{path}: expected keys and values, found {type(content).__name__}")
    return content


def parse(content: Mapping[str, Any], kind: type[T], name: str, prefix: str = "") -> T:
    """Build the dataclass ``kind`` from keys and values.

    ``name`` stands before errors, which are `RecipeError`, and ``prefix`` (``"options."``) before the keys in them.
    """
    check(content, kind, name, prefix)
    try:
        return TypeAdapter(kind).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = prefix + ".".join(str(part) for part in first["loc"])
        text = first["msg"].removeprefix("Value error, ")
        place = f"{where} is {first.get('input')!r}; " if where else ""
        raise RecipeError(f"{name}: {place}{text}") from error
    except (ValueError, GeulnunError) as error:
        raise RecipeError(f"{name}: {error}") from error


def validated(handler: Callable[[object], T], data: object, names: Sequence[str]) -> T:
    """What pydantic's ``handler`` makes of options; ``names`` are those there are.

    Raises:
        UsageError: a name or a value is wrong; the message names the nearest name, or what was expected.
    """
    try:
        return handler(data)
    except ValidationError as error:
        raise UsageError(_first_problem(error, names)) from None


def _first_problem(error: ValidationError, names: Sequence[str]) -> str:
    """The first problem that pydantic found with options, in one line; ``names`` are those there are."""
    problem = error.errors()[0]
    name = str(problem["loc"][0]) if problem["loc"] else ""
    if problem["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, names, n=1)
        return f"unknown option {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"expected {', '.join(names)}")
    message = problem["msg"][0].lower() + problem["msg"][1:]
    return f"option {name!r} is {problem['input']!r}; {message.removeprefix('input ')}"


def check(value: Any, annotation: Any, name: str, prefix: str = "") -> None:
    """Refuse keys that the dataclasses in ``annotation`` do not have, however deep they stand.

    Args:
        value: what YAML holds there.
        annotation: the type it becomes: a dataclass, or a union, tuple, list or mapping of such; others pass.
        name: what stands before the message.
        prefix: where the value stands, as ``"fonts."`` or ``"wear.0."``.

    Raises:
        RecipeError: an unknown key; the nearest valid one is named.
    """
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        if isinstance(value, Mapping):
            _check_fields(value, annotation, name, prefix)
        return
    inner = get_args(annotation)
    origin = get_origin(annotation)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        items = value.items() if isinstance(value, Mapping) else ()
        for key, item in items:
            check(item, inner[1], name, f"{prefix}{key}.")
    elif isinstance(origin, type) and issubclass(origin, (tuple, list)):
        kinds = inner if origin is tuple and inner[-1:] != (...,) else None
        for at, item in enumerate(value if isinstance(value, (list, tuple)) else ()):
            if kinds is None or at < len(kinds):
                check(item, inner[0] if kinds is None else kinds[at], name, f"{prefix}{at}.")
    else:
        # A union: only one of its dataclasses can be told from keys, which is all that recipes use.
        for part in [part for part in inner if _holds_dataclass(part)][:1]:
            check(value, part, name, prefix)


def _holds_dataclass(annotation: Any) -> bool:
    return dataclasses.is_dataclass(annotation) or any(_holds_dataclass(part) for part in get_args(annotation))


def _check_fields(value: Mapping[str, Any], kind: type[Any], name: str, prefix: str) -> None:
    hints = get_type_hints(kind)
    names = [field.name for field in dataclasses.fields(kind) if field.init]
    for key, item in value.items():
        if key not in names:
            near = difflib.get_close_matches(str(key), names, n=1)
            hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(names)}"
            raise RecipeError(f"{name}: unknown key {prefix}{key!s}; {hint}")
        check(item, hints[key], name, f"{prefix}{key}.")


def _others(path: Path) -> str:
    """What to read instead of a recipe that is not there."""
    folder = path.parent
    names = sorted(file.name for file in folder.glob("*.yaml")) if folder.is_dir() else []
    if not names:
        return "the recipes that come with the source stand in its folder recipes"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"did you mean {folder / near[0]}?" if near else f"{folder} holds {', '.join(names)}"
