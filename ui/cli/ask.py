"""Put one question to the agents: they discuss, vote, and the outcome is printed."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from hub.config import Settings
from hub.domain.ask import Answer, Ask, Mode
from hub.domain.decision import AnswerKind, Rule
from hub.domain.text import one_line
from hub.domain.thread import Thread
from hub.errors import UsageError
from ui.attachments import read_attachment, read_text
from ui.cli.asking import Expectation, Listen, put, status_of
from ui.cli.console import Console
from ui.cli.parser import Args, count, day_begins, seconds, share, usd
from ui.cli.runner import Session, with_hub
from ui.decision_lines import decision_lines
from ui.format import duration, money
from ui.plain import PlainReporter

_EPILOG = (
    "With exactly one --agent and no --option, that agent answers and nothing is voted on. "
    "On a terminal the discussion is streamed; in a pipe, stdout holds the answer or the decision "
    "alone and the discussion goes to stderr. --events jsonl writes every event to stdout, one "
    "JSON object a line; the last one is the object that --json prints. "
    "Exit status: 0 decided or advisory, 1 failed, 2 wrong use, 4 over a budget, 5 no consensus or "
    "not what was expected, 130 interrupted."
)


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the words and options of `ask`."""
    parser.epilog = _EPILOG
    parser.add_argument("question", metavar="QUESTION", help="the question, or - to read stdin")
    configure_question(parser)
    output = parser.add_argument_group("output")
    output.add_argument(
        "--plain", action="store_true", help="stream the discussion to stdout in a pipe, too"
    )
    output.add_argument("--events", choices=("jsonl",), help="each event as JSON, a line each")
    output.add_argument("--json", action="store_true", help="one JSON object on stdout")
    output.add_argument("--expect", metavar="OPTION", help="exit with 5 unless this option wins")
    output.add_argument(
        "--require", choices=("decided",), help="exit with 5 unless the outcome is decided"
    )


def configure_question(parser: argparse.ArgumentParser) -> None:
    """Declare what is asked beside the question, and how it is answered; `estimate` takes it too."""
    _configure_question(parser.add_argument_group("the question"))
    _configure_limits(parser.add_argument_group("how it is answered"))


def _configure_question(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--thread", metavar="ID", help="continue a thread; `last` is the newest")
    group.add_argument("--option", action="append", default=[], metavar="X", help="a choice")
    group.add_argument("--file", action="append", default=[], metavar="PATH", help="attach a text")
    group.add_argument(
        "--kind",
        choices=[kind.value for kind in AnswerKind],
        default="text",
        help="what the answer to an open question is",
    )
    group.add_argument("--category", default="", metavar="C", help="who is good at it is learned")
    group.add_argument(
        "--review", type=day_begins, metavar="DATE", help="when to look at the decision again"
    )
    group.add_argument("--tag", action="append", default=[], metavar="T", help="for `usage --by`")


def _configure_limits(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--agent", action="append", default=[], metavar="NAME", help="who is asked")
    group.add_argument("--model", metavar="M", help="provider, model, or provider/model")
    group.add_argument(
        "--rule", choices=[rule.value for rule in Rule], default="auto", help="how votes count"
    )
    group.add_argument("--chair", metavar="NAME", help="who judges under --rule chair")
    group.add_argument(
        "--threshold", type=share, metavar="S", help="share that has to agree, as in 0.75"
    )
    group.add_argument("--quorum", type=count, metavar="N", help="ballots that are needed")
    group.add_argument(
        "--stop-early", action="store_true", help="leave out ballots that could change nothing"
    )
    group.add_argument("--rounds", type=count, metavar="N", help="rounds of discussion")
    group.add_argument("--strategy", metavar="S", help="how the router chooses")
    group.add_argument("--budget", type=usd, metavar="USD", help="cap for this question")
    group.add_argument("--timeout", type=seconds, metavar="S", help="seconds for all of it")


def run(args: Args) -> int:
    """Ask, and print what came of it."""
    if args.json and args.events:
        raise UsageError("--events ends with the object of --json already: give one of the two.")
    asked = question_of(args)

    async def work(session: Session) -> int:
        return await _ask(session, asked(session.settings), args)

    return with_hub(work)


def question_of(args: Args) -> Callable[[Settings], Ask]:
    """Read question and files now, before anything is opened; return what makes the `Ask`."""
    question = read_text(args.question)
    files = tuple(read_attachment(path) for path in args.file)

    def asked(settings: Settings) -> Ask:
        provider, model = named_model(args.model, tuple(settings.providers))
        return Ask(
            question=question,
            mode=_mode(args),
            agents=tuple(args.agent),
            options=tuple(args.option),
            rule=Rule(args.rule),
            rounds=args.rounds,
            provider=provider,
            model=model,
            strategy=args.strategy,
            budget=args.budget,
            timeout_s=args.timeout,
            attachments=files,
            tags=tuple(args.tag),
            threshold=args.threshold,
            quorum=args.quorum,
            chair=args.chair,
            stop_early=args.stop_early,
            category=one_line(args.category, 64),
            kind=AnswerKind(args.kind),
            review_at=args.review,
        )

    return asked


async def _ask(session: Session, ask: Ask, args: Args) -> int:
    expected = Expectation(args.expect, args.require == "decided")
    expected.check(ask)
    console = session.console
    streams = not (args.json or args.events) and (args.plain or console.out_is_terminal)
    reporters: list[PlainReporter] = []

    def open_ears(thread: Thread) -> Listen:
        if args.events:
            from ui.cli.events import event_writer

            return event_writer(thread.id, console)
        write: Callable[[str], None] = console.out if streams else console.err
        reporters.append(PlainReporter(thread.id, write))
        return reporters[0].event

    answer = await put(session, ask, args.thread, open_ears)
    for reporter in reporters:
        reporter.close()
    _print(console, answer, args, streamed=streams)
    return status_of(ask, answer, expected)


def _print(console: Console, answer: Answer, args: Args, *, streamed: bool) -> None:
    if args.json or args.events:
        from hub.exports.shapes import answer_json

        result = answer_json(answer)
        if args.events:
            console.json({"event": "answer", **result}, indent=None)
        else:
            console.json(result)
    elif answer.decision is not None:
        console.line("\n".join((*([""] if streamed else []), *decision_lines(answer.decision))))
    elif not streamed:
        for message in answer.messages:
            console.line(message.body)
    console.note(summary_line(answer))


def summary_line(answer: Answer) -> str:
    """Return where it is kept and what it took."""
    usage = answer.usage
    cost = money(None if usage.unknown_cost_calls else usage.cost)
    early = f", ended early by {answer.stopped}" if answer.stopped else ""
    return (
        f"Thread {answer.thread.id}: {usage.calls} calls, {usage.prompt_tokens} + "
        f"{usage.completion_tokens} tokens, {cost}, {duration(answer.elapsed_s)}{early}"
    )


def _mode(args: Args) -> Mode:
    if len(args.agent) != 1 or args.option:
        return Mode.DECIDE
    if args.rounds is not None or args.rule != "auto":
        raise UsageError("One agent without options only answers: leave out --rounds and --rule.")
    return Mode.MESSAGE


def named_model(text: str | None, providers: tuple[str, ...]) -> tuple[str | None, str | None]:
    """Split `provider/model`; a provider's name alone leaves the model to the router."""
    if text is None:
        return None, None
    head, _, rest = text.partition("/")
    head = "grok" if head == "xai" else head
    return (head, rest or None) if head in providers else (None, text)
