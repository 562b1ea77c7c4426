"""The ballot in a voter's reply."""

from __future__ import annotations

from dataclasses import replace

from hub.consensus.ballot import parse_ballot
from hub.consensus.labels import labels_for, offering
from hub.consensus.partition import parse_partition
from hub.domain.decision import Ballot
from hub.domain.query import DecisionByRef
from hub.domain.regrouping import as_it_was
from hub.domain.turn import Reply, Turn
from hub.serving.attempts import Attempt
from hub.serving.calls import Parts


async def read_ballot(parts: Parts, turn: Turn, reply: Reply, attempt: Attempt) -> Ballot | None:
    """Return the ballot in a reply, under the labels that this voter was shown.

    A judge of drafts answers with groups of them, which are checked here and kept as text.

    Raises:
        BallotError: It holds none.
    """
    order = turn.order
    if order.decision_id is None:
        parse_partition(reply.text, order.schema or {})
        return None
    decision = await parts.store.read(DecisionByRef(order.decision_id))
    proposal = as_it_was(decision.proposal, order.regroupings)
    labels = labels_for(offering(proposal, order.options), order.agent, order.round)
    ballot = parse_ballot(
        reply.text, labels, voter=order.agent, round=order.round, rule=proposal.rule
    )
    shown = dict.fromkeys(part.message_id for part in attempt.view.parts if part.message_id)
    served = attempt.route.deployment
    return replace(
        ballot,
        turn_id=turn.id,
        family=served.family,
        deployment=served.id,
        casting=order.casting,
        seen=tuple(id_ for id_ in shown if id_ != order.question_id),
    )
