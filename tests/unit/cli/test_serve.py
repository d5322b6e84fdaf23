"""``geulnun serve``: what its options come to, and what cannot be served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from geulnun.cli.serve import serve
from geulnun.errors import GeulnunError, MissingInputError, UsageError
from geulnun.server import listening
from geulnun.server.options import ServerOptions

Options = Callable[..., ServerOptions]
FIRST, SECOND = "a first key of twenty", "a second key of twenty"


@pytest.fixture
def options_of(monkeypatch: pytest.MonkeyPatch) -> Options:
    """The options of the server that a command line would start."""
    found: list[ServerOptions] = []
    monkeypatch.setattr(listening, "listen", lambda app, *_, **__: found.append(app.state.parts.options))
    app = typer.Typer()
    app.command()(serve)

    def run(*arguments: str) -> ServerOptions:
        done = CliRunner().invoke(app, arguments)
        if isinstance(done.exception, GeulnunError):
            raise done.exception
        assert done.exit_code == 0, done.output
        return found.pop()

    return run


def test_limits_are_those_of_the_command_line(options_of: Options) -> None:
    options = options_of("--max-mb", "3", "--max-pages", "7", "--queue", "2", "--page-seconds", "4", "--workers", "3")
    assert (options.max_bytes, options.max_pages, options.queue) == (3 * 2**20, 7, 2)
    assert (options.page_seconds, options.worker_count) == (4.0, 3)
    assert options.max_held >= options.max_bytes
    # Without options it is a server as the class makes it.
    assert options_of() == ServerOptions()


def test_keys_come_from_a_file_and_the_environment(
    options_of: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys.txt"
    keys.write_text(f"{FIRST}\n\n {FIRST} \n")
    monkeypatch.setenv("GEULNUN_API_KEY", SECOND)
    assert options_of("--api-key-file", str(keys)).api_keys == (SECOND, FIRST)
    assert options_of().api_keys == (SECOND,)


@pytest.mark.parametrize(
    ("arguments", "kind", "told"),
    [
        (["--detector", "gone.onnx"], MissingInputError, "gone.onnx: no such file"),
        (["--api-key-file", "gone.txt"], MissingInputError, "gone.txt: cannot be read"),
        (["--api-key-file", "/dev/null"], MissingInputError, "holds no key"),
        (["--page-seconds", "0"], UsageError, "'page_seconds' is 0"),
        (["--queue", "-1"], UsageError, "'queue' is -1"),
    ],
)
def test_what_cannot_be_served_is_told(
    options_of: Options, arguments: list[str], kind: type[GeulnunError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        options_of(*arguments)
