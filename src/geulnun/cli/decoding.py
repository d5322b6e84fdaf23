"""Options of decoding that reading verbs share, and what they make of them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

PANEL = "Decoding"


class Decoder(StrEnum):
    """How network outputs become text."""

    auto = "auto"
    greedy = "greedy"
    beam = "beam"
    words = "words"


DecoderChoice = Annotated[
    Decoder,
    typer.Option("--decoder", help="auto takes the simplest that the other options need.", rich_help_panel=PANEL),
]
Beam = Annotated[int, typer.Option("--beam", help="Texts that beam search follows.", rich_help_panel=PANEL)]
Lm = Annotated[Path | None, typer.Option("--lm", help="A language model, see geulnun lm build.", rich_help_panel=PANEL)]
Alpha = Annotated[float, typer.Option("--alpha", help="Weight of the language model.", rich_help_panel=PANEL)]
Beta = Annotated[float, typer.Option("--beta", help="Worth of a character beside it.", rich_help_panel=PANEL)]
Lexicon = Annotated[
    Path | None, typer.Option("--lexicon", help="Words that may be written, one a line.", rich_help_panel=PANEL)
]
Unknown = Annotated[
    float | None,
    typer.Option("--unknown", help="Cost of a word the lexicon lacks; none without it.", rich_help_panel=PANEL),
]
Allow = Annotated[str, typer.Option("--allow", help="Write only these, such as 0-9가-힣.", rich_help_panel=PANEL)]
Block = Annotated[str, typer.Option("--block", help="Never write these.", rich_help_panel=PANEL)]
Pattern = Annotated[
    str,
    typer.Option("--pattern", help="What each line must be: date, amount ... or an expression.", rich_help_panel=PANEL),
]
Reject = Annotated[
    float, typer.Option("--reject", help="Read lines of less confidence as nothing.", rich_help_panel=PANEL)
]
Doubt = Annotated[
    float,
    typer.Option(
        "--doubt", help="Search only lines with a character of less confidence; 1 for all.", rich_help_panel=PANEL
    ),
]
