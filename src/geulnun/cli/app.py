"""The ``geulnun`` command."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from typing import Annotated

import typer

from geulnun.cli import (
    bench,
    board,
    char,
    convert,
    coverage,
    data,
    evaluate_character,
    export,
    finetune,
    fonts,
    info,
    lm,
    overlay,
    read,
    serve,
    synth,
    train,
)
from geulnun.cli.console import complain, explained

app = typer.Typer(
    name="geulnun",
    help="Read Korean pages: images and PDFs to text, with its spaces.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(read.read)
app.command()(char.char)
app.command()(board.board)
app.command()(overlay.overlay)
app.command()(convert.convert)
app.command()(convert.schema)
app.command()(coverage.coverage)
app.add_typer(evaluate_character.app, name="evaluate")
app.command()(finetune.finetune)
app.command()(info.info)
app.command()(serve.serve)
app.add_typer(bench.app, name="bench")
app.add_typer(data.app, name="data")
app.add_typer(export.app, name="export")
app.add_typer(fonts.app, name="fonts")
app.add_typer(lm.app, name="lm")
app.add_typer(synth.app, name="synth")
app.add_typer(train.app, name="train")


def _version(wanted: bool) -> None:
    if wanted:
        from geulnun import __version__

        sys.stdout.write(f"geulnun {__version__}\n")
        raise typer.Exit


@app.callback()
def _geulnun(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Read Korean pages: images and PDFs to text, with its spaces."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit.

    Exit codes: 0, all went well; 2, wrong usage; 130, interrupted; else that of the error, see `geulnun.errors`.
    With GEULNUN_DEBUG=1 in the environment, errors show their traceback.
    """
    if not sys.warnoptions:
        # Libraries warn of odd metadata in files; whoever wants to see that runs python -W default -m geulnun.
        warnings.simplefilter("ignore")
    try:
        app(arguments, prog_name="geulnun")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        reported = explained(error)
        complain(str(reported))
        sys.exit(reported.exit_code)
