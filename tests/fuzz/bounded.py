"""One call in a process of its own: `python -m tests.fuzz.bounded URL SECONDS CPU MODEL`.

The first call loads what a call needs; the second one is measured. Prints what came of it, and by how
many megabytes the process grew. More than CPU seconds of computing end it.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
from pathlib import Path

from agents.openai import OpenAIAgent
from hub.config import NetworkSettings
from hub.domain.turn import Reply
from hub.errors import ProviderError
from tests.agents.calls import HastyClock, settings, view


def peak_mb() -> float:
    """Return the most memory this process had so far.

    Where Linux says it itself: what `getrusage` says there begins at the parent's own peak.
    """
    status = Path("/proc/self/status")
    if status.exists():
        found = re.search(r"VmHWM:\s*(\d+) kB", status.read_text(encoding="ascii"))
        if found:
            return int(found[1]) * 1024 / 1e6
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


async def measured(url: str, seconds: float, model: str) -> dict[str, object]:
    """Return what the second call came to."""
    agent = OpenAIAgent(settings(url), NetworkSettings(), HastyClock())
    await agent.reply(view(), lambda _: None)
    before = peak_mb()
    result: Reply | ProviderError
    try:
        result = await agent.reply(view(model=model, timeout_s=seconds), lambda _: None)
    except ProviderError as error:
        result = error
    grown = peak_mb() - before
    await agent.close()
    return {
        "kinds": [kind.__name__ for kind in type(result).__mro__],
        "said": str(result) if isinstance(result, ProviderError) else result.text,
        "estimated": isinstance(result, Reply) and result.usage.estimated,
        "grown_mb": round(grown, 1),
    }


def main() -> None:
    """Measure one call."""
    url, seconds, cpu, model = sys.argv[1:]
    resource.setrlimit(resource.RLIMIT_CPU, (int(cpu), int(cpu)))
    found = asyncio.run(measured(url, float(seconds), model))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
