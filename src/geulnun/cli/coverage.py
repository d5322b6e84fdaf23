"""``geulnun coverage``: which characters of a text a model cannot write, and what that costs."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Container
from pathlib import Path
from typing import Annotated

import typer

from geulnun import charset, hangul
from geulnun.analyse.coverage import Coverage
from geulnun.analyse.coverage import coverage as measure
from geulnun.cli.console import show
from geulnun.errors import DamagedInputError, MissingInputError


def coverage(
    text: Annotated[str, typer.Argument(metavar="TEXT|FILE|-", help="A text, a UTF-8 file, or - for stdin.")],
    other: Annotated[
        Path | None,
        typer.Option("--charset", metavar="FILE", help="Another model's characters: a UTF-8 file that holds them all."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON.")] = False,
) -> None:
    """List the characters of a text that the recogniser cannot write, and the error floor they cost.

    Look-alikes are folded first, as the recogniser folds them; not with --charset, whose model may fold otherwise.
    """
    content = _text(text)
    if other is None:
        result = measure(charset.normalise(content), charset.DEFAULT)
    else:
        known: Container[str] = set(hangul.normalise(_file(other)))
        result = measure(hangul.normalise(content), known)
    show((_as_json(result) if as_json else _as_text(result)).encode())


def _text(argument: str) -> str:
    if argument == "-":
        return _decoded(sys.stdin.buffer.read(), "stdin")
    try:
        is_file = Path(argument).is_file()
    except (OSError, ValueError):  # a text too long for a file name, or with a NUL in it
        is_file = False
    return _file(Path(argument)) if is_file else argument


def _file(path: Path) -> str:
    try:
        return _decoded(path.read_bytes(), str(path))
    except OSError as error:
        raise MissingInputError(f"{path}: cannot be read ({error.strerror}); check the path") from error


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DamagedInputError(f"{name}: not UTF-8 text ({error.reason}); convert it, e.g. iconv -f cp949") from error


def _as_text(result: Coverage) -> str:
    rows = [
        f"{_visible(char)}  U+{ord(char):04X}  {count:>7}  {unicodedata.name(char, '(no name)')}"
        for char, count in result.missing
    ]
    missing = sum(count for _, count in result.missing)
    rows += [
        f"{missing} of {result.chars} characters ({len(result.missing)} different) cannot be written",
        f"CER at least {result.cer_floor:.2%}, eojeol accuracy at most {result.eojeol_ceiling:.2%}",
    ]
    return "\n".join(rows) + "\n"


def _visible(char: str) -> str:
    return char if char.isprintable() and not unicodedata.combining(char) else "?"


def _as_json(result: Coverage) -> str:
    tree = {
        "characters": result.chars,
        "eojeols": result.eojeols,
        "missing": [{"character": char, "count": count} for char, count in result.missing],
        "cer_floor": result.cer_floor,
        "eojeol_accuracy_ceiling": result.eojeol_ceiling,
    }
    return json.dumps(tree, ensure_ascii=False, indent=1) + "\n"
