"""Shows the running program as a picture: `python -m docs.picture PATH.svg [--size 160 46] [KEY ...]`.

Two providers on loopback play OpenAI and xAI; everything else is the real thing: the hub, the
journal, the router, the vote, the application. A browser turns the SVG into the README's PNG.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from textual.pilot import Pilot

from hub.config import load
from hub.domain.ask import Ask, Mode
from hub.domain.event import DecisionClosed
from hub.rework import Rework
from tests.faults.http import Json
from tests.loopback import LoopbackProvider, agent_of
from ui.app import GitBridgeApp
from ui.wiring import open_hub

QUESTION = "Which store should our 5-person team's issue tracker use: SQLite or PostgreSQL?"
OPTIONS = ("SQLite", "PostgreSQL")
SAID = {
    "proposer": (
        "**SQLite.** One file, no server to run, and a team of five writes a few rows a minute:\n\n"
        "- backups are a file copy\n- `WAL` lets readers go on while one writes\n\n"
        "Move to PostgreSQL when a second machine has to write.",
        "The limits named are real but far away. I keep **SQLite**, with the schema behind one "
        "module so that a move stays a day's work.",
    ),
    "critic": (
        "The weak point of a single file is *the second writer*: the day the tracker gets a web "
        "hook on another host, it breaks.\n\n| | SQLite | PostgreSQL |\n|---|---|---|\n"
        "| hosts that write | 1 | many |\n| to operate | nothing | a server |",
        "A file copy is no backup while it is being written. Use the backup API, or start with "
        "**PostgreSQL** and never ask again.",
    ),
    "synthesist": (
        "Both agree on the load; they differ on *when* a second writer comes. With no date for it, "
        "the cheaper start wins, provided the way out is kept open.",
        "What decides it: no second writer is planned this year. **SQLite**, with the backup API "
        "and the schema in one place.",
    ),
}
VOTES = {
    "proposer": ("SQLite", 0.8, "Nothing to operate, and a move stays a day's work."),
    "critic": ("PostgreSQL", 0.6, "The second writer comes without notice."),
    "synthesist": ("SQLite", 0.7, "No second writer is planned this year."),
}


def say(body: Json) -> str:
    """Answer as the agent would, with a ballot where a schema asks for one."""
    name = agent_of(body)
    if body.get("response_format"):
        option, sure, reason = VOTES[name]
        labels = re.findall(r"^([A-Z]): (.+)$", body["messages"][-1]["content"], re.MULTILINE)
        ballot = {
            "choice": next(label for label, text in labels if text == option),
            "confidence": sure,
            "reason": reason,
            "would_change_my_mind": "A second host that has to write.",
        }
        return json.dumps(ballot)
    later = any(m["role"] == "assistant" for m in body["messages"])
    return SAID[name][int(later)]


PRICES = (
    ("gpt-4o", 2.5, 10),
    ("gpt-4o-mini", 0.15, 0.6),
    ("grok-3-mini", 1.25, 2.5),
    ("grok-4.3", 1.25, 2.5),
)


@asynccontextmanager
async def decided(width: int, height: int, theme: str = "dark") -> AsyncIterator[Pilot[int]]:
    """Run the application until a decision was taken, ready to be looked at."""
    async with (
        LoopbackProvider(say=say) as openai,
        LoopbackProvider(provider="xai", say=say) as grok,
    ):
        home = tempfile.mkdtemp()
        os.environ.update(
            GITBRIDGE_HOME=home,
            OPENAI_API_KEY="sk-not-a-key",
            OPENAI_BASE_URL=openai.url,
            XAI_API_KEY="xai-not-a-key",
            XAI_BASE_URL=grok.url,
        )
        prices = "".join(
            f'[prices."{model}"]\ninput = {low}\noutput = {high}\n' for model, low, high in PRICES
        )
        config = Path(home, "config.toml")
        config.write_text(f'{prices}[budget]\nday = 1\n[ui]\ntheme = "{theme}"\n')
        config.chmod(0o600)
        closed = asyncio.Event()

        @asynccontextmanager
        async def watched() -> AsyncIterator[Rework]:
            async with open_hub(load()) as hub:
                watching = asyncio.create_task(_until_decided(hub, closed))
                yield hub
                watching.cancel()

        question = Ask(QUESTION, Mode.DECIDE, options=OPTIONS, rounds=2)
        app = GitBridgeApp(watched, question=question)
        async with app.run_test(size=(width, height)) as pilot:
            await asyncio.wait_for(closed.wait(), 60)
            await pilot.pause(2)
            yield pilot


async def main(target: Path, width: int, height: int, theme: str, keys: Sequence[str]) -> None:
    """Press keys on the main screen, and write what the screen shows then."""
    async with decided(width, height, theme) as pilot:
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.4)
        target.write_text(pilot.app.export_screenshot(title="GitBridge"))


async def _until_decided(hub: Rework, closed: asyncio.Event) -> None:
    with hub.subscribe() as events:
        async for event in events:
            if isinstance(event, DecisionClosed):
                closed.set()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m docs.picture", description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--size", type=int, nargs=2, default=(160, 46), metavar="N")
    parser.add_argument("--theme", default="dark")
    parser.add_argument("keys", nargs="*", help="pressed one after the other")
    args = parser.parse_args()
    asyncio.run(main(args.target, *args.size, args.theme, args.keys))
