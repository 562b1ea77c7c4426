"""The whole path with the embedded model: a discussion, a vote, its cost, a transcript, a graph.

No key is used and nothing is paid. The model is a toy, the machinery is not.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from hub.config import Settings
from hub.domain.ask import Answer, Ask, Mode
from hub.domain.thread import Thread
from hub.exports.names import file_name, write_new
from hub.settings import PERSONAS
from ui.attachments import read_text
from ui.cli.ask import summary_line
from ui.cli.asking import Listen, put
from ui.cli.console import Console
from ui.cli.endings import INTERRUPTED
from ui.cli.parser import Args
from ui.cli.runner import Session, settings_for, with_hub
from ui.decision_lines import ballot_line, decision_lines
from ui.format import money
from ui.plain import PlainReporter

QUESTION = "Where should a small team keep its shared notes?"
OPTIONS = ("plain text files in git", "a wiki", "a shared document")
ROUNDS = 2
_PROVIDER = "local"
_WELCOME = """\
GitBridge demo: three agents discuss, answer one another and vote.
The model is a toy (135 million parameters, run on this machine): do not expect sense from it.
The machinery is not: every turn is routed, budgeted, booked, stored and counted as with any model.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `demo`."""
    parser.add_argument("--headless", action="store_true", help="plain text instead of the screen")
    parser.add_argument(
        "--question", metavar="Q", help="yours; the agents' answers are then the options"
    )


def run(args: Args) -> int:
    """Show the screen on a terminal, else run through in plain text."""
    console = Console()
    settings = without_keys(settings_for(console))
    ask = _ask(args.question)
    if console.out_is_terminal and sys.stdin.isatty() and not args.headless:
        from ui.cli.tui import launch
        from ui.wiring import open_hub

        return launch(lambda: open_hub(settings), question=ask)

    async def work(session: Session) -> int:
        return await _demo(session, ask)

    return with_hub(work, settings=settings)


def without_keys(settings: Settings) -> Settings:
    """Return the settings with the embedded model alone and the agents that GitBridge brings.

    Nothing is left that could be paid for, whatever the person configured.
    """
    only = {_PROVIDER: settings.providers[_PROVIDER]}
    return settings.model_copy(update={"providers": only, "agents": PERSONAS, "prices": {}})


def _ask(question: str | None) -> Ask:
    return Ask(
        question=QUESTION if question is None else read_text(question),
        mode=Mode.DECIDE,
        options=OPTIONS if question is None else (),
        rounds=ROUNDS,
        provider=_PROVIDER,
        tags=("demo",),
    )


async def _demo(session: Session, ask: Ask) -> int:
    console = session.console
    console.line(_WELCOME)
    console.line(f"Question: {ask.question}")
    for number, option in enumerate(ask.options, 1):
        console.line(f"  {number}. {option}")
    reporters: list[PlainReporter] = []

    def open_ears(thread: Thread) -> Listen:
        reporters.append(PlainReporter(thread.id, console.out))
        return reporters[0].event

    answer = await put(session, ask, None, open_ears)
    reporters[0].close()
    _conclude(console, answer)
    for path in await _files(session, answer.thread):
        console.line(f"Written: {path}")
    return INTERRUPTED if answer.stopped == "person" else 0


def _conclude(console: Console, answer: Answer) -> None:
    console.line("\nTurns and routes")
    for turn in answer.turns:
        used = f"{turn.prompt_tokens} + {turn.completion_tokens} tokens, {money(turn.cost)}"
        why = f" ({turn.route.reason})" if turn.route else ""
        console.line(
            f"  {turn.agent}: {turn.provider}/{turn.model}, {used}, {turn.state.value}{why}"
        )
    if answer.decision is not None:
        console.line("\nBallots")
        for ballot in answer.decision.ballots:
            console.line(f"  {ballot_line(ballot, answer.decision)}")
        if not answer.decision.ballots:
            console.line("  none")
        console.line("\nDecision")
        for line in decision_lines(answer.decision):
            console.line(f"  {line}")
        if not answer.decision.dissent:
            console.line("  Dissent: none")
    console.line(f"\n{summary_line(answer)}")


async def _files(session: Session, thread: Thread) -> list[Path]:
    """Write transcript and graph; the names hold the thread's id, so none is in the way."""
    hub, folder = session.hub, session.settings.exports
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    written = [
        write_new(folder / file_name(thread, suffix), await hub.export(thread.id, format_))
        for format_, suffix in (("markdown", "md"), ("json", "json"), ("html", "html"))
    ]
    picture = await hub.picture(thread.id, "png")
    return [*written, write_new(folder / file_name(thread, "png"), picture)]
