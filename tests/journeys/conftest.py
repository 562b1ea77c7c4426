"""Starts the real `gitbridge`, as a person would, against providers on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import LoopbackProvider

KEY = "sk-canary-0123456789abcdef"
PATIENCE_S = 60.0
"""A program that has not ended by then hangs."""


@dataclass(frozen=True)
class Ended:
    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """What stdout holds, which has to be one JSON value."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Program:
    """`gitbridge` in an environment of its own."""

    environment: dict[str, str]

    async def start(self, *words: str, **more: str) -> asyncio.subprocess.Process:
        """Start a command and leave it running."""
        command = shutil.which("gitbridge", path=str(Path(sys.executable).parent))
        assert command, "gitbridge is not installed beside this Python: run make install"
        pipe = asyncio.subprocess.PIPE
        return await asyncio.create_subprocess_exec(
            command, *words, stdin=pipe, stdout=pipe, stderr=pipe, env={**self.environment, **more}
        )

    async def __call__(
        self, *words: str, stdin: str = "", patience_s: float = PATIENCE_S, **more: str
    ) -> Ended:
        """Run a command to its end."""
        return await ended(await self.start(*words, **more), stdin, patience_s)


async def ended(
    process: asyncio.subprocess.Process, stdin: str = "", patience_s: float = PATIENCE_S
) -> Ended:
    """Wait for a program; kill it where it hangs."""
    try:
        async with asyncio.timeout(patience_s):
            out, err = await process.communicate(stdin.encode())
    except TimeoutError:
        process.kill()
        raise
    assert process.returncode is not None
    result = Ended(process.returncode, out.decode(), err.decode())
    assert "Traceback" not in result.err
    assert KEY not in result.out + result.err
    return result


@pytest.fixture
async def openai() -> AsyncIterator[LoopbackProvider]:
    """OpenAI on loopback; votes for tabs."""
    async with LoopbackProvider(vote="tabs", key=KEY) as provider:
        yield provider


@pytest.fixture
async def xai() -> AsyncIterator[LoopbackProvider]:
    """xAI on loopback; votes for spaces."""
    async with LoopbackProvider(provider="xai", vote="spaces", key=KEY) as provider:
        yield provider


@pytest.fixture
def bare(home: Path) -> Program:
    """Knows no provider but the embedded model."""
    kept = ("PATH", "HOME", "SYSTEMROOT", "TEMP", "TMP", "LANG")
    return Program(
        {"GITBRIDGE_HOME": str(home), **{n: os.environ[n] for n in kept if n in os.environ}}
    )


PRICES = """
[prices]
"openai/gpt-4o" = { input = 2.5, output = 10 }
"openai/gpt-4o-mini" = { input = 0.15, output = 0.6 }
"grok/grok-3-mini" = { input = 0.3, output = 0.5 }
"grok/grok-4.3" = { input = 1.25, output = 2.5 }
"""
"""Servers on loopback cost nothing unless priced."""


@pytest.fixture
def gitbridge(
    bare: Program, home: Path, openai: LoopbackProvider, xai: LoopbackProvider
) -> Program:
    """Knows both providers, and what they cost."""
    (home / "config.toml").write_text(PRICES)
    (home / "config.toml").chmod(0o600)
    return Program(
        {
            **bare.environment,
            "OPENAI_API_KEY": KEY,
            "OPENAI_BASE_URL": openai.url,
            "XAI_API_KEY": KEY,
            "XAI_BASE_URL": xai.url,
        }
    )


@pytest.fixture
async def provider_with() -> AsyncIterator[Callable[..., Any]]:
    """Return `await provider_with(fail=..., ...)`, a provider that is closed at the end."""
    async with AsyncExitStack() as stack:

        async def opened(**options: Any) -> LoopbackProvider:
            return await stack.enter_async_context(LoopbackProvider(**options))

        yield opened
