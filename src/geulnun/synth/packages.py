"""Installs the packages that carry the catalogue's fonts, through apt-get and npm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from geulnun.errors import GeulnunError
from geulnun.synth import fonts
from geulnun.synth.fonts import Family


@dataclass(frozen=True)
class Plan:
    """What to install.

    Attributes:
        debian: Debian packages that lack.
        npm: npm packages that lack.
    """

    debian: tuple[str, ...]
    npm: tuple[str, ...]


def plan(wanted: Sequence[Family]) -> Plan:
    """The packages of those families of which no file is installed."""
    absent = [family for family in wanted if not fonts.locate(family)]
    return Plan(
        tuple(sorted({family.debian for family in absent if family.debian})),
        tuple(sorted({family.npm for family in absent if family.npm})),
    )


def commands(what: Plan) -> tuple[list[list[str]], list[str]]:
    """The commands that install a plan, and a line for each part that no program here can install."""
    runs: list[list[str]] = []
    left: list[str] = []
    if what.debian:
        root = [] if os.geteuid() == 0 else ["sudo"]
        if shutil.which("apt-get") and (not root or shutil.which("sudo")):
            runs.append([*root, "apt-get", "update", "--quiet=2"])
            runs.append([*root, "apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *what.debian])
        else:
            left.append(f"apt-get is absent; install these font packages by other means: {' '.join(what.debian)}")
    if what.npm:
        if shutil.which("npm"):
            # npm removes what a command does not name, so what is there is named as well, at its version.
            runs.append(
                ["npm", "install", "--prefix", str(fonts.root()), "--no-save", "--no-audit", "--no-fund"]
                + [*_installed(what.npm), *what.npm]
            )
        else:
            left.append(f"npm is absent; unpack these under {fonts.root()}/node_modules: {' '.join(what.npm)}")
    return runs, left


def _installed(but: Sequence[str]) -> list[str]:
    found = []
    for name in sorted({family.npm for family in fonts.families() if family.npm} - set(but)):
        try:
            about = json.loads((fonts.root() / "node_modules" / name / "package.json").read_text("utf-8"))
            found.append(f"{name}@{about['version']}")
        except (OSError, ValueError, KeyError):
            continue
    return found


def run(command: Sequence[str]) -> None:
    """Run one command, its output left to the terminal.

    Raises:
        GeulnunError: it could not be started, or failed.
    """
    try:
        code = subprocess.run(list(command), check=False).returncode
    except OSError as error:
        raise GeulnunError(f"{command[0]}: cannot be started ({error.strerror}); install the fonts by hand") from error
    if code:
        raise GeulnunError(f"{' '.join(command[:3])} ... failed with exit code {code}; its own message stands above")
    fonts.forget()
