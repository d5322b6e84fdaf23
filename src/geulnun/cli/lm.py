"""``geulnun lm``: character language models that beam search may weigh its readings with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from geulnun.cli.console import show
from geulnun.errors import MissingInputError

app = typer.Typer(help="Build and examine character language models for `read --lm`.", no_args_is_help=True)


class Split(StrEnum):
    """Which sentences of the texts count."""

    ALL = "all"
    TRAIN = "train"
    HELD_OUT = "held-out"


Texts = Annotated[
    list[Path], typer.Argument(metavar="TEXTS...", help="UTF-8 text files, one sentence a line, or folders of *.txt.")
]
SplitChoice = Annotated[
    Split, typer.Option(help="Only sentences that training may see, or only those held out from it.")
]


@dataclass(frozen=True)
class LanguageRecipe:
    """A language model's recipe.

    Attributes:
        texts: files or folders below the folder of texts that the command line names.
        order: characters of the longest n-grams.
        prune: n-grams of 3 characters and more seen no more often are left out.
        split: which sentences count.
    """

    texts: tuple[str, ...]
    order: int = 5
    prune: int = 1
    split: Literal["all", "train", "held-out"] = "all"


@app.command()
def build(
    texts: Texts,
    out: Annotated[Path, typer.Option("--out", "-o", dir_okay=False, help="The model to write, *.npz.")],
    order: Annotated[int, typer.Option(help="Characters of the longest n-grams, 1 to 7.")] = 5,
    prune: Annotated[
        int, typer.Option(help="Leave out n-grams of 3 characters and more seen no more often than this.")
    ] = 1,
    split: SplitChoice = Split.ALL,
    recipe: Annotated[
        Path | None, typer.Option(dir_okay=False, help="A recipe that names all this, below the one folder TEXTS.")
    ] = None,
) -> None:
    """Count texts into a character n-gram model (interpolated modified Kneser-Ney)."""
    from geulnun.decode import ngram_build
    from geulnun.recipe import load
    from geulnun.write.files import write_file

    if recipe is not None:
        chosen = load(recipe, LanguageRecipe)
        texts = [folder / name for folder in texts for name in chosen.texts]
        order, prune, split = chosen.order, chosen.prune, Split(chosen.split)
    model = ngram_build.build(_sentences(texts, split), order, prune)
    content = model.to_bytes()
    write_file(out, content)
    size = len(content) / 1e6
    show(f"{out}: {model.size:,} n-grams, {len(model.characters):,} characters, {size:.1f} MB\n".encode())


@app.command()
def score(
    model: Annotated[Path, typer.Argument(metavar="FILE", help="A model of `lm build`.")],
    texts: Texts,
    split: SplitChoice = Split.ALL,
) -> None:
    """Tell how well a model foresees texts: bits per character (ends of lines count as one) and perplexity."""
    from geulnun.decode import ngram

    bits = ngram.load(model).bits(_sentences(texts, split))
    if not bits.count:
        raise MissingInputError(f"{', '.join(map(str, texts))}: no text to score; give one sentence a line")
    show(
        f"{bits.count:,} characters, {bits.per_character:.3f} bits per character, "
        f"perplexity {bits.perplexity:.2f}\n".encode()
    )


def _sentences(texts: list[Path], split: Split) -> Iterator[str]:
    """The sentences of files, and of all text files of folders, normalised."""
    from geulnun.synth import corpora

    for path in texts:
        files = sorted(path.rglob("*.txt")) if path.is_dir() else [path]
        if not files or not all(file.is_file() for file in files):
            raise MissingInputError(f"{path}: no such text file, or a folder without *.txt; name UTF-8 text")
        for file in files:
            for line in corpora.read(file):
                if split is Split.ALL or corpora.held_out(line) == (split is Split.HELD_OUT):
                    yield line
