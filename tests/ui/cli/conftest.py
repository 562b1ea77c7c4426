"""Runs `gitbridge` in this process, over a real hub whose providers are canned."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

import ui.wiring
from tests.ui.cli.canned import CannedAgent
from ui.main import main


@dataclass(frozen=True)
class Result:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout holds, which has to be one JSON value."""
        return json.loads(self.out)


class Terminal(io.TextIOWrapper):
    """A stream that says a person is there."""

    def isatty(self) -> bool:
        return True


class Pipe(io.TextIOWrapper):
    """A stream from or to another program."""


@pytest.fixture
def openai() -> CannedAgent:
    """Votes for tea, but for the critic, who wants coffee."""
    return CannedAgent("openai", {"proposer": "tea", "critic": "coffee", "synthesist": "tea"})


@pytest.fixture
def grok() -> CannedAgent:
    """Votes like `openai`."""
    return CannedAgent("grok", {"proposer": "tea", "critic": "coffee", "synthesist": "tea"})


@pytest.fixture
def local() -> CannedAgent:
    """Stands in for the embedded model; everybody abstains."""
    return CannedAgent("local")


@pytest.fixture
def cli(
    monkeypatch: pytest.MonkeyPatch,
    openai: CannedAgent,
    grok: CannedAgent,
    local: CannedAgent,
) -> Callable[..., Result]:
    """Return `run(*words, stdin=b"", terminal=False) -> Result`."""
    agents = {"openai": openai, "grok": grok, "local": local}
    open_hub = ui.wiring.open_hub
    monkeypatch.setattr(ui.wiring, "open_hub", lambda s: open_hub(s, agents=agents))
    return runner(monkeypatch)


@pytest.fixture
def real_cli(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return `run` as `cli` does, whose providers are asked over HTTP."""
    return runner(monkeypatch)


def runner(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Return what runs a command in this process, with a key of both providers."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789abcdef")
    monkeypatch.setenv("XAI_API_KEY", "xai-canary-0123456789abcdef")

    def run(*words: str, stdin: bytes = b"", terminal: bool = False) -> Result:
        stream = Terminal if terminal else Pipe
        out, err = io.BytesIO(), io.BytesIO()
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stdin", stream(io.BytesIO(stdin), encoding="utf-8"))
            patch.setattr(sys, "stdout", stream(out, encoding="utf-8"))
            patch.setattr(sys, "stderr", stream(err, encoding="utf-8"))
            status = main(words)
            sys.stdout.flush()
            sys.stderr.flush()
            return Result(status, out.getvalue().decode(errors="replace"), err.getvalue().decode())

    return run
