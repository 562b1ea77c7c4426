"""A transcript under other names or other ids, all that refers to them rewritten along with them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from hub.domain.agent import HUB, YOU
from hub.domain.decision import Ballot, BallotKind, Decision, Option, Proposal, Tally
from hub.domain.ids import DecisionId, MessageId, ThreadId, TurnId, message_id, new_id
from hub.domain.text import one_line
from hub.domain.thread import Message
from hub.domain.transcript import Transcript, TurnSummary
from hub.errors import UsageError


def agents_in(t: Transcript) -> tuple[str, ...]:
    """Return everybody who speaks or may vote, in order, but the person and the hub."""
    names = [message.author for message in t.messages]
    names += [turn.agent for turn in t.turns.values()]
    for decision in t.decisions:
        names += decision.proposal.eligible
        names += [b.voter for b in decision.ballots if b.kind is BallotKind.AGENT]
    return tuple(name for name in dict.fromkeys(names) if name not in (YOU, HUB))


def rewritten(
    found: tuple[Transcript, ...],
    names: Mapping[str, str],
    agents: tuple[str, ...],
    *,
    as_new: bool,
) -> tuple[Transcript, ...]:
    """Return transcripts with agents renamed and, where wanted, under new ids.

    Args:
        found: What was read.
        names: Old name -> new name.
        agents: The configured agents, of which each new name has to be one.
        as_new: True for new ids.

    Raises:
        UsageError: An old name is nowhere, a new one is no agent, or two would vote as one.
    """
    everybody = {name for t in found for name in agents_in(t)}
    for old, new in names.items():
        if old not in everybody:
            raise UsageError(
                f"Nobody in the file is named {one_line(old)!r}: {', '.join(sorted(everybody))}."
            )
        if new not in agents:
            raise UsageError(f"There is no agent named {one_line(new)!r}: {', '.join(agents)}.")
    changed = (renamed(t, names) if names else t for t in found)
    return tuple(with_new_ids(t) if as_new else t for t in changed)


def renamed(t: Transcript, names: Mapping[str, str]) -> Transcript:
    """Return the transcript with agents under other names; what they wrote stays as it is.

    Args:
        t: What to rename in.
        names: Old name -> new name.

    Raises:
        UsageError: Two voters would become one.
    """

    def one(name: str) -> str:
        return names.get(name, name)

    def each(some: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(map(one, some))

    return replace(
        t,
        messages=tuple(
            replace(m, author=one(m.author), mentions=each(m.mentions), to=each(m.to))
            for m in t.messages
        ),
        turns={id_: _turn_of(turn, one(turn.agent), id_) for id_, turn in t.turns.items()},
        decisions=tuple(_renamed(decision, one, each) for decision in t.decisions),
    )


def with_new_ids(t: Transcript) -> Transcript:
    """Return the transcript as a copy that can stand beside the one it was made from."""
    thread = ThreadId(new_id())
    messages = {message.id: message_id(message.created_at) for message in t.messages}
    written = [message.turn_id for message in t.messages]
    written += [ballot.turn_id for decision in t.decisions for ballot in decision.ballots]
    turns = {id_: TurnId(new_id()) for id_ in written if id_ is not None}

    def message(m: Message) -> Message:
        return replace(
            m,
            id=messages[m.id],
            thread_id=thread,
            reply_to=messages[m.reply_to] if m.reply_to else None,
            turn_id=turns[m.turn_id] if m.turn_id else None,
        )

    def ballot(b: Ballot) -> Ballot:
        seen = tuple(messages.get(MessageId(id_), id_) for id_ in b.seen)
        return replace(b, turn_id=turns[b.turn_id] if b.turn_id else None, seen=seen)

    decided = {decision.id: DecisionId(new_id()) for decision in t.decisions}

    def proposal(p: Proposal) -> Proposal:
        before = DecisionId(p.supersedes)
        return replace(p, supersedes=decided.get(before, before))

    return replace(
        t,
        thread=replace(t.thread, id=thread),
        messages=tuple(map(message, t.messages)),
        turns={turns[id_]: _turn_of(turn, turn.agent, turns[id_]) for id_, turn in t.turns.items()},
        decisions=tuple(
            replace(
                decision,
                id=decided[decision.id],
                thread_id=thread,
                proposal=proposal(decision.proposal),
                ballots=tuple(map(ballot, decision.ballots)),
            )
            for decision in t.decisions
        ),
        usage=replace(t.usage, key=thread) if t.usage else None,
    )


def _turn_of(turn: TurnSummary, agent: str, id_: TurnId) -> TurnSummary:
    route = turn.route and replace(turn.route, turn_id=id_, agent=agent)
    return replace(turn, id=id_, agent=agent, route=route)


def _renamed(
    decision: Decision,
    one: Callable[[str], str],
    each: Callable[[tuple[str, ...]], tuple[str, ...]],
) -> Decision:
    proposal, tally = decision.proposal, decision.tally
    ballots = tuple(replace(b, voter=one(b.voter)) for b in decision.ballots)
    if len({(b.voter, b.round) for b in ballots}) < len(ballots):
        raise UsageError(
            "Two who voted in the same round cannot become one agent: map one of them."
        )

    def of(options: tuple[Option, ...]) -> tuple[Option, ...]:
        return tuple(_authored(option, one) for option in options)

    changes = tuple(
        replace(c, before=of(c.before), after=of(c.after)) for c in proposal.regroupings
    )
    return replace(
        decision,
        proposal=replace(
            proposal,
            options=of(proposal.options),
            regroupings=changes,
            eligible=tuple(dict.fromkeys(each(proposal.eligible))),
            seats=tuple(replace(seat, agent=one(seat.agent)) for seat in proposal.seats),
            chair=proposal.chair and one(proposal.chair),
        ),
        ballots=ballots,
        tally=tally and _recounted(tally, one, each),
        dissent=tuple(
            replace(d, holders=each(d.holders), argued_by=one(d.argued_by))
            for d in decision.dissent
        ),
        flips=tuple(replace(f, voter=one(f.voter)) for f in decision.flips),
    )


def _authored(option: Option, one: Callable[[str], str]) -> Option:
    """Rename whose drafts an option is."""
    drafts = (replace(draft, author=draft.author and one(draft.author)) for draft in option.drafts)
    return replace(option, authors=tuple(map(one, option.authors)), drafts=tuple(drafts))


def _recounted(
    tally: Tally, one: Callable[[str], str], each: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> Tally:
    """Rename whoever a count names."""

    def pairs(figures: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
        return tuple({one(name): figure for name, figure in figures}.items())

    weighing = tally.weighing
    return replace(
        tally,
        absent=each(tally.absent),
        override=tally.override and one(tally.override),
        weighing=replace(
            weighing,
            weights=pairs(weighing.weights),
            odds=pairs(weighing.odds),
            order=each(weighing.order),
            sureness=pairs(weighing.sureness),
        ),
    )
