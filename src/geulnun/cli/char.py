"""``geulnun char``: images of single characters to what they may be."""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from geulnun.cli import options as opt
from geulnun.cli.console import Status, complain, explained, named, show
from geulnun.errors import ModelError, UsageError

if TYPE_CHECKING:
    from geulnun.runtime.characters import CharacterGuess

#: What stands for "no final".
_NONE = "∅"
#: Places of jamo, in the order in which they are told.
_PLACES = ("cho", "jung", "jong")


class Form(StrEnum):
    """Ways to write guesses."""

    text = "text"
    json = "json"
    tsv = "tsv"


ModelFile = Annotated[
    Path | None, typer.Option("--model", metavar="ONNX", help="A recogniser of your own, as geulnun train writes.")
]
Reject = Annotated[
    float | None, typer.Option(help="Name no character read with less confidence, 0 to 1; the model's own without it.")
]
Allow = Annotated[str, typer.Option("--allow", help="Name only these, such as 가-힣 or 0-9.")]
Block = Annotated[str, typer.Option("--block", help="Never name these.")]


def char(
    files: Annotated[list[str], typer.Argument(metavar="FILES...", help="Images, folders, globs; - is stdin.")],
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many characters to tell of each.")] = 5,
    form: Annotated[Form, typer.Option("-f", "--format", help="text, json (one object a line) or tsv.")] = Form.text,
    jamo: Annotated[bool, typer.Option("--jamo", help="Also the most probable initials, medials and finals.")] = False,
    model: ModelFile = None,
    reject: Reject = None,
    allow: Allow = "",
    block: Block = "",
    threads: opt.Threads = None,
    max_pixels: opt.MaxPixels = 150_000_000,
) -> None:
    """Read images that hold one character each: the most probable characters, the best first.

    An image without ink, or with none that is probable enough, has no characters. A file that cannot be read is
    reported on stderr and the others are read; the exit code is then that of the first such error.
    """
    from geulnun.characters import CharacterReader

    reader = CharacterReader(
        opt.existing(model), threads=threads, reject=reject, allow=allow, block=block, max_pixels=max_pixels
    )
    names, failures = named(files)
    if form is Form.tsv:
        show(b"file\tpage\tplace\trank\tcharacter\tprobability\n")
    with Status(len(names)) as status:
        for name in names:
            status.file(name)
            try:
                guesses = reader.predict(name, number)
            except (ModelError, UsageError):
                raise  # no other file would fare better
            except Exception as error:
                failures.append(explained(error))
                with status.aside():
                    complain(str(failures[-1]))
            else:
                with status.aside():
                    show("".join(_written(name, guesses, form, jamo)).encode(errors="surrogateescape"))
            status.finished()
    if failures:
        raise typer.Exit(failures[0].exit_code)


def _written(name: str, guesses: Sequence[CharacterGuess], form: Form, jamo: bool) -> list[str]:
    """A file's guesses, one for each of its pages, as lines."""
    rows: list[str] = []
    for page, guess in enumerate(guesses, 1):
        ranked = {"character": guess.alternatives}
        ranked |= {"cho": guess.cho, "jung": guess.jung, "jong": guess.jong} if jamo else {}
        if form is Form.json:
            plain = {place: [[text, round(p, 6)] for text, p in found] for place, found in ranked.items()}
            head = {"file": name, "page": page, "text": guess.text, "confidence": round(guess.confidence, 6)}
            rows.append(_json(head | {"characters": plain.pop("character")} | plain))
        elif form is Form.tsv:
            for place, found in ranked.items():
                rows += [_row(name, page, place, rank, *one) for rank, one in enumerate(found, 1)]
        else:
            where = name if len(guesses) == 1 else f"{name}, page {page}"
            rows.append(f"{where}: {listed(guess.alternatives) or '(no character)'}\n")
            rows += [f"  {place}: {listed(found)}\n" for place, found in ranked.items() if found and place in _PLACES]
    return rows


def _json(plain: dict[str, object]) -> str:
    # A file name that is not UTF-8 carries what only escapes can hold.
    text = json.dumps(plain, ensure_ascii=False)
    return (text if text.isprintable() else json.dumps(plain)) + "\n"


def _row(name: str, page: int, place: str, rank: int, text: str, probability: float) -> str:
    plain = name.replace("\t", " ").replace("\n", " ")
    return f"{plain}\t{page}\t{place}\t{rank}\t{text or _NONE}\t{probability:.6f}\n"


def listed(ranked: Sequence[tuple[str, float]]) -> str:
    """Characters or jamo with their probabilities, in one line."""
    return "  ".join(f"{text or _NONE} {_percent(share)}" for text, share in ranked)


def _percent(share: float) -> str:
    return f"{share:.1%}" if share >= 0.001 else "<0.1%"
