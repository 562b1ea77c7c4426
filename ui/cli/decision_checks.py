"""A decision from other sides: what if, asked again, counted again from a file, written down."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

from hub.consensus.verify import differences
from hub.consensus.whatif import WhatIf
from hub.domain.decision import Ballot, Decision, Rule, Tally
from hub.domain.regrouping import as_it_was
from hub.domain.text import one_line
from hub.domain.thread import Thread
from hub.errors import TranscriptError, UsageError
from hub.exports.names import write_new
from hub.exports.shapes import Json, decision_json, tally_json
from ui.cli.asking import Expectation, Listen, put, status_of
from ui.cli.console import Console
from ui.cli.export import format_of
from ui.cli.import_ import read_file
from ui.cli.listing import SHORT
from ui.cli.parser import Args
from ui.cli.runner import Session, with_hub
from ui.decision_lines import option_text, outcome_line
from ui.plain import PlainReporter

SUFFIXES = {"markdown": "md", "json": "json", "card": "png"}
CARDS = {"png": "png", "svg": "svg"}
"""Files that hold the card: one picture of vote, dissent, cost and graph."""


def run_what_if(args: Args) -> int:
    """Count the ballots in other ways."""
    return with_hub(partial(_what_if, args))


async def _what_if(args: Args, session: Session) -> int:
    rule = Rule(args.rule) if args.rule else None
    found = await session.hub.what_if(args.id, without=args.without, rule=rule)
    decision = await session.hub.decision(args.id)
    if args.json:
        proposal = decision.proposal
        session.console.json(
            {
                "decision": decision.id,
                "without": args.without,
                "outcome": found.count.verdict.value,
                "winner": _text(decision, found.count.winner),
                "rule": found.count.rule.value,
                "tally": tally_json(found.count, proposal),
                "rules": {t.rule.value: _text(decision, t.winner) for t in found.rules},
                "pivotal": list(found.pivotal),
                "as_merged": _as_merged_json(decision, found),
            }
        )
        return 0
    session.console.line("\n".join(_what_if_lines(decision, found, args)))
    return 0


def _what_if_lines(decision: Decision, found: WhatIf, args: Args) -> list[str]:
    changed = ", ".join(f"without {name}" for name in args.without)
    under = f"under {found.count.rule.value}" if args.rule else ""
    how = ", ".join(filter(None, (changed, under))) or "As it was"
    won = option_text(decision, found.count.winner) if found.count.winner else ""
    lines = [
        f"Held: {outcome_line(decision)}",
        f"{how[:1].upper()}{how[1:]}: {found.count.verdict.value}{f': {won}' if won else ''}",
        f"  {one_line(found.count.reason, 400)}",
    ]
    if found.as_merged is not None:
        lines.append(f"As the hub had merged the drafts: {_as_merged(decision, found.as_merged)}")
    wins = Counter(tally.winner for tally in found.rules)
    for option, number in wins.most_common():
        rules = ", ".join(rule.value for rule in found.wins(option))
        who = f"{option_text(decision, option)} wins" if option else "Nothing is decided"
        lines.append(f"{who} under {number} of {len(found.rules)} rules: {rules}")
    pivotal = ", ".join(found.pivotal) or "nobody"
    lines.append(f"Pivotal, so that the outcome would be another without them: {pivotal}")
    return lines


def _as_merged(decision: Decision, count: Tally) -> str:
    before = replace(decision, proposal=as_it_was(decision.proposal), tally=count)
    return outcome_line(before)


def _as_merged_json(decision: Decision, found: WhatIf) -> Json | None:
    """Return the count on the options as they were before people joined or split them."""
    if found.as_merged is None:
        return None
    before, count = as_it_was(decision.proposal), found.as_merged
    won = next((option.text for option in before.options if option.id == count.winner), None)
    return {"outcome": count.verdict.value, "winner": won, "tally": tally_json(count, before)}


def run_rerun(args: Args) -> int:
    """Ask the same question again, with today's models, and compare the votes."""
    return with_hub(partial(_rerun, args))


async def _rerun(args: Args, session: Session) -> int:
    before = await session.hub.decision(args.id)
    ask = await session.hub.asked_again(args.id)
    ask = replace(ask, budget=args.budget or ask.budget)
    console = session.console
    reporters: list[PlainReporter] = []

    def open_ears(thread: Thread) -> Listen:
        reporters.append(PlainReporter(thread.id, console.err))
        return reporters[0].event

    answer = await put(session, ask, None, open_ears)
    for reporter in reporters:
        reporter.close()
    if answer.decision is not None:
        _compare(console, before, answer.decision, as_json=args.json)
    return status_of(ask, answer, Expectation())


def _compare(console: Console, before: Decision, now: Decision, *, as_json: bool) -> None:
    votes = _votes(before), _votes(now)
    voters = dict.fromkeys((*votes[0], *votes[1]))
    pairs = [(name, votes[0].get(name), votes[1].get(name)) for name in voters]
    if as_json:
        console.json(
            {
                "before": decision_json(before),
                "now": decision_json(now),
                "votes": [
                    {
                        "voter": name,
                        "before": _said(before, old),
                        "now": _said(now, new),
                        "deployment_before": old.deployment if old else "",
                        "deployment_now": new.deployment if new else "",
                    }
                    for name, old, new in pairs
                ],
            }
        )
        return
    console.line(f"Before: {outcome_line(before)}")
    console.line(f"Now:    {outcome_line(now)}")
    for name, old, new in pairs:
        was, is_ = _said(before, old) or "no vote", _said(now, new) or "no vote"
        same = "the same" if was == is_ else f"now {one_line(is_, 60)}"
        served = f" ({new.deployment})" if new and new.deployment else ""
        console.line(f"  {name}: {one_line(was, 60)}, {same}{served}")


def _votes(decision: Decision) -> dict[str, Ballot]:
    return {ballot.voter: ballot for ballot in decision.ballots if not ballot.override}


def _said(decision: Decision, ballot: Ballot | None) -> str | None:
    return _text(decision, ballot.first) if ballot else None


def _text(decision: Decision, option_id: str | None) -> str | None:
    option = decision.option(option_id)
    return option.text if option else None


def run_verify(args: Args) -> int:
    """Count the decisions of a file again; nothing is opened and nobody is asked."""
    from hub.imports.decision_file import read_decisions

    console = Console()
    found = read_decisions(read_file(args.file))
    wrong = {decision.id: differences(decision) for decision in found if decision.tally}
    if not wrong:
        raise UsageError("No decision in the file was ever counted: there is nothing to verify.")
    if args.json:
        console.json([{"decision": id_, "differs": list(what)} for id_, what in wrong.items()])
    else:
        for decision in (d for d in found if d.tally):
            if what := wrong[decision.id]:
                console.line(f"{decision.id[:SHORT]}  differs in {', '.join(what)}")
            else:
                console.line(f"{decision.id[:SHORT]}  holds: {outcome_line(decision)}")
    if any(wrong.values()):
        raise TranscriptError(
            "The ballots in the file do not bear out its outcome: it was changed, or another "
            "version counted it."
        )
    return 0


def run_export(args: Args) -> int:
    """Write the decision record."""
    return with_hub(partial(_export, args))


async def _export(args: Args, session: Session) -> int:
    ending = Path(args.output or "").suffix.lower().removeprefix(".")
    format_ = "card" if ending in CARDS else args.format or format_of(args.output, SUFFIXES)
    decision = await session.hub.decision(args.id)
    if format_ == "card":
        return await _export_card(args, session, decision, CARDS.get(ending, "png"))
    format_ = format_ or "markdown"
    text = await session.hub.export_decision(decision.id, format_)
    if args.output in (None, "-"):
        session.console.out(text)
        return 0
    path = _target(args.output, f"decision-{decision.id}.{SUFFIXES[format_]}")
    session.console.line(str(write_new(path, text, force=args.force)))
    return 0


async def _export_card(args: Args, session: Session, decision: Decision, kind: str) -> int:
    if args.format not in (None, "card"):
        raise UsageError(f"A .{kind} file holds a card, no {args.format}: name another file.")
    to_stdout = args.output in (None, "-")
    if to_stdout and session.console.out_is_terminal:
        raise UsageError("A picture is nothing for a terminal: add -o PATH.")
    card = await session.hub.drawing("card", kind, ref=decision.id)
    if to_stdout:
        session.console.data(card)
        return 0
    path = _target(args.output, f"decision-{decision.id}.{kind}")
    session.console.line(str(write_new(path, card, force=args.force)))
    return 0


def _target(output: str, name: str) -> Path:
    path = Path(output).expanduser()
    return path / name if path.is_dir() else path
