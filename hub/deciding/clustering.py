"""From drafts to options: texts that say the same are one option, where judges agree that they do.

Two judges of different model families, each in both orders, have to put two drafts together; with
one family only identical texts are merged (CONSENSUS: from question to options). A first judgement
that merges nothing settles it, since all four have to agree: the other three are not asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.asking import Asking
from hub.consensus.canonical import options_of
from hub.consensus.partition import Groups, merges, parse_partition, partition_schema
from hub.deciding.headroom import means_for, vote_of
from hub.deciding.wording import judge_words
from hub.domain.decision import AnswerKind, Option, Proposal
from hub.domain.ids import seeded
from hub.domain.query import RouteOf
from hub.domain.thread import Message
from hub.domain.turn import Purpose, TurnOrder, TurnState
from hub.serving.finished import Finished

FORWARD, BACKWARD = 0, -1
"""Rounds of the judges' turns: ballots have those from 1 on."""
JUDGES = 2


async def cluster(
    asking: Asking,
    proposal: Proposal,
    drafts: Sequence[Message],
    proposed: Sequence[tuple[str, str]] = (),
) -> tuple[Option, ...]:
    """Return the options in drafts, at most `proposal.eligible` of them, and those of people.

    Args:
        asking: The question; judges' turns are made for it.
        proposal: Seats and kind of answer.
        drafts: In thread order, one an author.
        proposed: Text and author of what people want on the table; judges do not touch it.
    """
    said = [*((draft.body, draft.author) for draft in drafts), *proposed]
    options = options_of(said, proposal.kind)
    judges = _judges(proposal)
    if proposal.kind is not AnswerKind.TEXT or len(options) < JUDGES or len(judges) < JUDGES:
        return options
    return options_of(said, proposal.kind, await _judgements(asking, proposal, judges, drafts))


def _judges(proposal: Proposal) -> tuple[str, ...]:
    """Return two agents whose seats are of different families, by lot; fewer where all are alike."""
    order = sorted(proposal.seats, key=lambda s: seeded(proposal.seed, "judge", s.agent))
    by_family = {seat.family: seat.agent for seat in order if seat.family is not None}
    return tuple(by_family.values())[:JUDGES]


async def _judgements(
    asking: Asking, proposal: Proposal, judges: tuple[str, ...], drafts: Sequence[Message]
) -> list[Groups]:
    """Return each judge's groups in each order; none where they are not four of two families."""
    orders = [
        _order(asking, proposal, judge, number, drafts)
        for number in (FORWARD, BACKWARD)
        for judge in judges
    ]
    means = await means_for(asking, orders, then=vote_of(asking, proposal, 1))
    if means.refused is not None:
        return []  # the vote is worth more than fewer options in it
    made = [finished async for finished in asking.turns(orders[:1])]
    if not any(merges(_groups(finished)) for finished in made):
        return []
    made += [finished async for finished in asking.turns(orders[1:])]
    judged = [f for f in made if f.turn.state is TurnState.DONE]
    for number in (FORWARD, BACKWARD):
        routes = [
            await asking.parts.store.read(RouteOf(f.turn.id))
            for f in judged
            if f.turn.order.round == number
        ]
        if len({route.deployment.family for route in routes if route}) < JUDGES:
            return []  # one family judged twice: a seat failed over
    return [_groups(finished) for finished in judged]


def _groups(finished: Finished) -> Groups:
    turn = finished.turn
    if turn.state is not TurnState.DONE:
        return ()
    return parse_partition(turn.partial, turn.order.schema or {})


def _order(
    asking: Asking, proposal: Proposal, judge: str, number: int, drafts: Sequence[Message]
) -> TurnOrder:
    """Return a judge's turn: it sees the question and the drafts, and whose they are is not said."""
    order = asking.order(judge, Purpose.BALLOT, asking.question.id)
    shown = [(n, draft.body) for n, draft in enumerate(drafts, start=1)]
    return replace(
        order,
        up_to_seq=asking.question.seq,
        blind=True,
        committee=True,
        round=number,
        schema=partition_schema(len(drafts)),
        instruction=judge_words(
            proposal.question,
            shown[::-1] if number == BACKWARD else shown,
            f"{asking.question.id}\0{judge}\0{number}",
        ),
    )
