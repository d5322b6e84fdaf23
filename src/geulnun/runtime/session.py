"""One way to open a network: ONNX Runtime on the CPU, quiet, with as many threads as asked for."""

from __future__ import annotations

import os
from pathlib import Path

import onnxruntime

from geulnun.errors import ModelError

#: How threads wait for one another: awake for the gap between two layers, which makes a line a quarter faster, and no
#: longer, nor after a run, so that others on the same cores lose about a twentieth instead of a third.
_WAITING = {
    "session.intra_op.allow_spinning": "1",
    "session.intra_op.spin_duration_us": "200",
    "session.force_spinning_stop": "1",
}


def open_session(file: Path | bytes, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Open an ONNX file; safe to run from several threads at once.

    Args:
        file: the network, or its content.
        threads: threads of one run; None for one a core.

    Raises:
        ModelError: the file cannot be opened as a network.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or os.cpu_count() or 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    for key, value in _WAITING.items():
        options.add_session_config_entry(key, value)
    try:
        given = file if isinstance(file, bytes) else str(file)
        return onnxruntime.InferenceSession(given, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        # onnxruntime's exceptions share no public base class.
        name = "a graph in memory" if isinstance(file, bytes) else file
        raise ModelError(f"{name}: not a network that can be opened ({str(error).splitlines()[0]})") from error
