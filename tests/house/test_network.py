"""Reading tells nobody that it happens."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def test_the_runtime_of_networks_reports_to_nobody(tmp_path: Path) -> None:
    code = "from geulnun import CharacterReader; CharacterReader(threads=1).recogniser; import os; print(os.environ)"
    quiet = {"ORT_DISABLE_TELEMETRY", "ORT_RUNNING_UNIT_TESTS", "CI", "XDG_CACHE_HOME"}
    environment = {key: value for key, value in os.environ.items() if key not in quiet} | {"HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    # Where it reports, it first writes down an id of this machine and what it is going to send.
    assert list(tmp_path.rglob("*")) == []
    assert "'ORT_DISABLE_TELEMETRY': '1'" in done.stdout
