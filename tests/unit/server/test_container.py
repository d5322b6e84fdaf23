"""The container's files, as far as they can be held to something without an engine that builds them."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from geulnun.cli.serve import serve
from geulnun.server.app import create_app

ROOT = Path(__file__).resolve().parents[3]
DOCKERFILE = ROOT / "docker/Dockerfile"


def _instructions() -> list[tuple[str, str]]:
    """Each instruction of the Dockerfile and what stands behind it, lines that go on joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE.read_text("utf-8"), flags=re.MULTILINE)
    rows = [line.split(maxsplit=1) for line in re.sub(r"\\\n", " ", text).splitlines() if line.strip()]
    return [(name, rest) for name, rest in rows]


def _one(name: str) -> str:
    (found,) = (rest for instruction, rest in _final() if instruction == name)
    return found


def _final() -> list[tuple[str, str]]:
    """Instructions of the stage that becomes the image."""
    rows = _instructions()
    last = max(at for at, (name, _) in enumerate(rows) if name == "FROM")
    return rows[last:]


def test_the_image_is_slim_and_runs_as_nobody() -> None:
    known = {
        "FROM",
        "WORKDIR",
        "COPY",
        "RUN",
        "LABEL",
        "ENV",
        "USER",
        "EXPOSE",
        "STOPSIGNAL",
        "HEALTHCHECK",
        "ENTRYPOINT",
    }
    assert {name for name, _ in _instructions()} <= known
    assert all(rest.split()[0].endswith("-slim") for name, rest in _instructions() if name == "FROM")
    uid = _one("USER").split(":")[0]
    assert uid.isdecimal()
    assert int(uid) > 0
    # Nothing is installed where it runs: compilers and caches stay behind.
    assert not [rest for name, rest in _final() if name == "RUN"]
    assert _one("STOPSIGNAL") == "SIGTERM"


def test_what_is_copied_is_there_and_not_left_out() -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line and line[0] != "#"]
    copied = [shlex.split(rest)[:-1] for name, rest in _instructions() if name == "COPY" and "--from" not in rest]
    assert copied
    for source in (one.removeprefix("./") for row in copied for one in row):
        assert (ROOT / source).exists(), source
        left_out = False
        for rule in rules:  # the last one that fits counts
            if fnmatch.fnmatch(source, rule.removeprefix("!")):
                left_out = not rule.startswith("!")
        assert not left_out, source
    # Names of files that the build of the package asks for are among them.
    for needed in ("pyproject.toml", "README.md", "LICENSE", "src"):
        assert any(needed in row for row in copied), needed


def test_the_command_and_the_check_of_its_health_exist() -> None:
    command, verb, *arguments = json.loads(_one("ENTRYPOINT"))
    compose = (ROOT / "docker/compose.yaml").read_text("utf-8")
    more = [json.loads(found) for found in re.findall(r"command: (\[.*\])", compose)]
    assert command == "geulnun"
    assert len(more) == 2
    assert verb == "serve"
    single = typer.Typer()
    single.command()(serve)
    for further in more:
        given = typer.main.get_command(single).make_context(verb, [*arguments, *further]).params
        assert given["host"] == "0.0.0.0"
        assert given["stop_seconds"] < 60
    port = arguments[arguments.index("--port") + 1]
    health = json.loads(_one("HEALTHCHECK").split("CMD", 1)[1])
    (path,) = re.findall(rf"http://127\.0\.0\.1:{port}(/\w+)", health[-1])
    assert path in create_app().openapi()["paths"]
    assert _one("EXPOSE") == port
    compile(health[-1], "health", "exec")


def test_the_example_of_compose_takes_all_rights_away() -> None:
    yaml = pytest.importorskip("yaml")
    service: dict[str, Any] = yaml.safe_load((ROOT / "docker/compose.yaml").read_text("utf-8"))["services"]["geulnun"]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [one.split(":")[0] for one in service["tmpfs"]] == ["/tmp"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    folder = DOCKERFILE.parent
    assert (folder / service["build"]["context"]).resolve() == ROOT
    assert (ROOT / service["build"]["dockerfile"]) == DOCKERFILE
    assert "privileged" not in service
    assert "volumes" not in service
