"""The embedded model's server, in a process of its own: `python -m agents.embedded_server`.

A crash of the native library cannot take the hub down there, and no key is in its environment.
One JSON object on standard input says what to serve; one on standard output says where; the end
of standard input ends the process, however its parent ended.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
from typing import Any


def main() -> None:
    """Serve until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole process group
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)  # the library prints where it likes
    os.dup2(silence, 2)
    wanted = json.loads(sys.stdin.readline())
    try:
        library = importlib.import_module("xllamacpp")
        server = library.Server(_parameters(library.CommonParams(), wanted))
        said = {"address": server.listening_address}
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    answer.write(json.dumps(said) + "\n")
    answer.flush()
    if "address" in said:
        sys.stdin.read()
    os._exit(0)  # the library's threads would be joined for seconds


def _parameters(parameters: Any, wanted: dict[str, Any]) -> Any:
    """Set what the hub needs and switch off the rest."""
    parameters.model.path = wanted["weights"]
    parameters.model_alias = {wanted["model"]}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = 0
    parameters.api_keys = [wanted["token"]]
    parameters.n_parallel = wanted["slots"]
    parameters.n_ctx = wanted["slots"] * wanted["window"]  # shared by the slots
    # Threads that wait for one another on a busy machine made it ten times slower.
    threads = max(1, min(4, (os.cpu_count() or 1) // 2))
    parameters.cpuparams.n_threads = threads
    parameters.cpuparams_batch.n_threads = threads
    parameters.verbosity = -1
    parameters.offline = True
    parameters.ui = False
    parameters.endpoint_slots = False
    parameters.endpoint_props = False
    parameters.cors_origins = ""
    # A model this small repeats itself without end at the usual settings.
    parameters.sampling.temp = 0.6
    parameters.sampling.top_p = 0.9
    parameters.sampling.penalty_repeat = 1.15
    parameters.sampling.penalty_last_n = 256
    return parameters


if __name__ == "__main__":
    main()
