"""What a person does with a decision: vote, propose, override, go on, mark, note one down."""

from __future__ import annotations

from functools import partial

from hub.domain.decision import Decision
from hub.errors import UsageError
from ui.attachments import read_text
from ui.cli.asking import Expectation, status_of
from ui.cli.listing import SHORT
from ui.cli.parser import Args
from ui.cli.runner import Session, with_hub
from ui.decision_lines import decision_lines, outcome_line


def run_vote(args: Args) -> int:
    """Cast the person's ballot."""
    if sum((bool(args.option), args.veto, args.abstain)) != 1:
        raise UsageError("Say one thing: an option, --veto or --abstain.")

    async def work(session: Session) -> int:
        decision = await session.hub.vote(
            args.id, args.option, block=args.veto, reason=args.reason, name=args.name
        )
        return _told(session, decision, "Your ballot counts")

    return with_hub(work)


def run_propose(args: Args) -> int:
    """Put another option to a decision under way."""

    async def work(session: Session) -> int:
        note = await session.hub.propose(args.id, args.option)
        known = await session.hub.decisions(note.thread_id)
        drafting = all(decision.closed_at is not None for decision in known)
        when = "when the vote opens" if drafting else "in the next round, if there is one"
        session.console.note(f"It is voted on {when}.")
        return 0

    return with_hub(work)


def run_join(args: Args) -> int:
    """Make one option of several."""

    async def work(session: Session) -> int:
        decision = await session.hub.join(args.id, args.option, name=args.name, reason=args.reason)
        return _told(session, decision, "They are one option now")

    return with_hub(work)


def run_split(args: Args) -> int:
    """Take drafts out of an option."""

    async def work(session: Session) -> int:
        decision = await session.hub.split(
            args.id, args.option, args.draft, name=args.name, reason=args.reason
        )
        return _told(session, decision, "They are two options now")

    return with_hub(work)


def run_override(args: Args) -> int:
    """Decide whatever the count says."""

    async def work(session: Session) -> int:
        decision = await session.hub.override(
            args.id, args.option, name=args.name, reason=args.reason
        )
        return _told(session, decision, "It is decided so")

    return with_hub(work)


def run_continue(args: Args) -> int:
    """Go on with a decision that ended undecided."""
    return with_hub(partial(_continue, args))


async def _continue(args: Args, session: Session) -> int:
    decision = await session.hub.decision(args.id)

    async def stop() -> None:
        session.console.note("\nStopping; what is paid for will be counted.")
        await session.hub.stop(decision.thread_id)

    again = await session.hub.asked_again(args.id)
    with session.interrupts.answered_by(stop):
        answer = await session.hub.go_on(args.id, args.budget)
    if args.json:
        from hub.exports.shapes import answer_json

        session.console.json(answer_json(answer))
    elif answer.decision is not None:
        session.console.line("\n".join(decision_lines(answer.decision)))
    return status_of(again, answer, Expectation())


def run_mark(args: Args) -> int:
    """Say whether a decision was right."""

    async def work(session: Session) -> int:
        right = args.right == "right"
        if right and args.answer is not None:
            raise UsageError("--answer says what is right where the winner was wrong.")
        await session.hub.mark_decision(args.id, right=right, answer=args.answer)
        decision = await session.hub.decision(args.id)
        session.console.line(f"Decision {decision.id[:SHORT]} is marked {args.right}.")
        return 0

    return with_hub(work)


def run_record(args: Args) -> int:
    """Note a decision that was made elsewhere."""
    question = read_text(args.question)

    async def work(session: Session) -> int:
        decision = await session.hub.note_decision(
            question,
            args.decided,
            options=args.option,
            name=args.name,
            reason=args.reason,
            ref=args.thread,
            supersedes=args.supersedes,
            review_at=args.review,
        )
        session.console.line(decision.id)
        return 0

    return with_hub(work)


def _told(session: Session, decision: Decision, what: str) -> int:
    """Print what a decision came to, or that its vote goes on."""
    if decision.closed_at is None:
        session.console.line(f"{what}; the vote on {decision.id[:SHORT]} is under way.")
    else:
        session.console.line(f"{what}. Decision {decision.id[:SHORT]}: {outcome_line(decision)}")
    return 0
