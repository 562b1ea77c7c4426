"""A recorded deliberation as events, in the order the hub publishes them."""

from dataclasses import replace

from hub.domain.decision import Ballot, Decision, Option, Proposal, Rule, Score, Tally, Verdict
from hub.domain.event import (
    BallotCast,
    DecisionOpened,
    Delta,
    MessagePosted,
    RoundStarted,
    RouteChosen,
    TurnChanged,
    UsageRecorded,
)
from hub.domain.ids import DecisionId, ThreadId, TurnId
from hub.domain.route import Candidate, Route
from hub.domain.thread import Message, MessageKind
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.domain.usage import Booking, Cost, Usage
from tests.fakes.hub import DEPLOYMENTS

START = 1_700_000_000_000_000
SECOND = 1_000_000


def turn(name, agent, thread="t1", *, purpose=Purpose.REPLY, reply_to=None, state=TurnState.QUEUED):
    order = TurnOrder(purpose, agent, prompt_to=reply_to)
    return Turn(TurnId(name), ThreadId(thread), order, thread, state, START)


def running(queued, at=START):
    return replace(queued, state=TurnState.RUNNING, started_at=at)


def ended(begun, state=TurnState.DONE, after_s=2, error=""):
    at = (begun.started_at or START) + after_s * SECOND
    return replace(begun, state=state, ended_at=at, error=error)


def route(turn_id, agent, deployment=DEPLOYMENTS[0]):
    other = next(d for d in DEPLOYMENTS if d is not deployment)
    candidates = (
        Candidate(deployment.id, None, 2_100, 40_000, 1.9, 0.99, 0.84),
        Candidate(other.id, None, 700, 9_000, 2.4, 0.97, 0.63),
        Candidate("local/smollm2", "window too small"),
    )
    reason = "best weighted score: cheaper ones are slower"
    return Route(TurnId(turn_id), agent, "hybrid", deployment, candidates, reason)


def booking(turn, micro=2_100, deployment=DEPLOYMENTS[0]):
    half = None if micro is None else micro // 2
    cost = Cost(half, None if micro is None else micro - half)
    usage = Usage(400, 120)
    return Booking(
        f"c-{turn.id}", turn.order.agent, turn.thread_id, deployment.provider, deployment.model,
        usage, cost, "2026-11-22", START,
    )  # fmt: skip


def reply(turn, seq, body, at=START):
    return Message(
        f"m-{turn.id}", turn.thread_id, seq, turn.order.agent, MessageKind.REPLY, body,
        at, reply_to=turn.order.prompt_to, turn_id=turn.id,
    )  # fmt: skip


def whole_turn(queued, seq, body, *, pieces=4, deployment=DEPLOYMENTS[0], micro=2_100):
    """Every event of a turn that ends with a message."""
    begun = running(queued)
    size = max(1, len(body) // pieces)
    deltas = [
        Delta(begun.thread_id, begun.id, begun.order.agent, body[at : at + size])
        for at in range(0, len(body), size)
    ]
    posted = reply(begun, seq, body, START + 2 * SECOND)
    return [
        TurnChanged(queued),
        RouteChosen(begun.thread_id, route(queued.id, begun.order.agent, deployment)),
        TurnChanged(begun),
        *deltas,
        MessagePosted(posted),
        UsageRecorded(booking(begun, micro, deployment)),
        TurnChanged(ended(begun)),
    ]


def decision(*ballots, options=("grok for triage", "gpt for triage"), closed_at=None, tally=None):
    proposal = Proposal(
        "Should the router prefer grok for triage?",
        tuple(Option(o) for o in options),
        ("proposer", "critic", "synthesist"),
        Rule.MAJORITY,
    )
    return Decision(
        DecisionId("d1"), ThreadId("t1"), proposal, START, ballots, tally=tally, closed_at=closed_at
    )


def ballot(voter, option, reason="cheaper and fast enough"):
    return Ballot(voter, 1, Option(option).id, confidence=0.8, reason=reason)


def tally(*ballots):
    proposal = decision().proposal
    counts = {o.id: sum(b.choice == o.id for b in ballots) for o in proposal.options}
    scores = tuple(
        Score(o, float(n), n / max(1, len(ballots)))
        for o, n in sorted(counts.items(), key=lambda item: -item[1])
    )
    return Tally(
        Rule.MAJORITY, scores, 3, len(ballots), 0, (), 2, ("gpt", "grok"), 1.0,
        Verdict.DECIDED, scores[0].option, "more than half of the votes",
    )  # fmt: skip


def vote_events():
    """A decision is opened, one ballot is cast, one is being written, one is awaited."""
    cast = ballot("proposer", "grok for triage")
    writing = turn("b2", "critic", purpose=Purpose.BALLOT)
    return [
        RoundStarted(ThreadId("t1"), 1, 1, "ballot", ("proposer", "critic", "synthesist")),
        DecisionOpened(decision()),
        BallotCast(ThreadId("t1"), DecisionId("d1"), cast, tally(cast)),
        TurnChanged(writing),
        TurnChanged(running(writing)),
    ]
