"""Threads of any content, as the journal may hold them: what is cleaned on its way in is clean."""

from __future__ import annotations

from hypothesis import strategies as st

from hub.domain.decision import (
    AnswerKind,
    Ballot,
    BallotKind,
    Decision,
    Dissent,
    Flip,
    Margin,
    Option,
    Proposal,
    Rule,
    Score,
    Seat,
    Tally,
    TieStep,
    Verdict,
    Weighing,
)
from hub.domain.ids import digest
from hub.domain.route import Candidate, Route
from hub.domain.text import one_line, sanitize
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.transcript import Transcript, TurnSummary
from hub.domain.turn import TurnState
from hub.imports.transcript import usage_told
from tests.fakes.transcripts import GPT, GROK, MINI, PAYLOADS

TEXTS = st.one_of(st.text(max_size=40), st.sampled_from(PAYLOADS)).map(sanitize)
NAMES = st.one_of(
    st.sampled_from(("you", "hub", "critic", "proposer")),
    st.text(min_size=1, max_size=20).map(one_line).filter(bool),
)
TIMES = st.integers(0, 253_402_300_799_999_999)
COSTS = st.none() | st.integers(0, 10**12)
SHARES = st.floats(0, 1)
FIGURES = st.none() | st.floats(-1e9, 1e9)
COUNTS = st.integers(0, 1_000)
DEPLOYMENTS = st.sampled_from((GPT, MINI, GROK))


def some(of, most=3):
    return st.lists(of, max_size=most).map(tuple)


CANDIDATES = st.builds(
    Candidate, TEXTS, st.none() | TEXTS, COSTS, COSTS, FIGURES, st.none() | SHARES, FIGURES
)


@st.composite
def turns(draw, message):
    route = draw(
        st.none()
        | st.builds(
            Route,
            st.just(digest(f"routed {message}")),
            NAMES,
            TEXTS,
            DEPLOYMENTS,
            st.lists(CANDIDATES, min_size=1, max_size=3).map(tuple),
            TEXTS,
            SHARES,
            some(DEPLOYMENTS),
        )
    )
    return TurnSummary(
        id=route.turn_id if route else digest(f"turn\0{message}"),
        agent=draw(NAMES),
        state=TurnState.DONE,
        provider=draw(st.none() | TEXTS),
        model=draw(st.none() | TEXTS),
        cost=draw(COSTS),
        latency_s=draw(FIGURES),
        route=route,
    )


def _compared(text):
    """Texts that differ by more than case and space, so that their ids do with and without a key."""
    return " ".join(text.split()).casefold()


SEATS = st.builds(Seat, NAMES, TEXTS, st.none() | TEXTS, COSTS)
MOMENTS = st.none() | TIMES


def figures(of=SHARES):
    return st.dictionaries(NAMES, of, max_size=2).map(lambda found: tuple(found.items()))


WEIGHINGS = st.builds(
    Weighing,
    COUNTS, TEXTS, st.none() | st.sampled_from(Rule), figures(), figures(), some(NAMES), figures(),
    figures(), some(SHARES), some(TEXTS),
)  # fmt: skip


@st.composite
def decisions(draw, name, thread):
    texts = draw(st.lists(TEXTS, min_size=1, max_size=4, unique_by=_compared))
    keys = {text: text for text in texts if draw(st.booleans())}
    options = tuple(Option(text, draw(some(NAMES)), keys.get(text, "")) for text in texts)
    chosen = st.sampled_from([option.id for option in options])
    voters = draw(st.lists(st.tuples(NAMES, COUNTS), max_size=4, unique=True))
    proposal = _proposal(draw, options)
    tally = draw(st.none() | _tallies(chosen))
    return Decision(
        id=digest(f"decision {name}"),
        thread_id=thread,
        proposal=proposal,
        opened_at=draw(TIMES),
        ballots=tuple(_ballot(draw, name, *voter, chosen) for voter in voters),
        tally=tally,
        dissent=draw(
            some(
                st.builds(
                    Dissent,
                    chosen,
                    some(NAMES),
                    SHARES,
                    TEXTS,
                    NAMES,
                    TEXTS,
                    COUNTS,
                    COUNTS,
                    FIGURES,
                    FIGURES,
                )
            )
        ),
        flips=draw(some(st.builds(Flip, NAMES, st.none() | chosen, st.none() | chosen, TEXTS))),
        stop_reason=draw(TEXTS),
        closed_at=draw(st.none() | TIMES),
    )


def _tallies(chosen):
    return st.builds(
        Tally,
        st.sampled_from(Rule),
        some(st.builds(Score, chosen, st.floats(0, 9), SHARES, st.none() | SHARES)),
        COUNTS, COUNTS, COUNTS, some(NAMES), COUNTS, some(TEXTS), st.floats(-9, 9),
        st.sampled_from(Verdict), st.none() | chosen, TEXTS, some(TEXTS), some(TEXTS),
        some(chosen), st.none() | SHARES, st.none() | SHARES, st.none() | st.floats(0, 9),
        some(st.builds(Margin, chosen, chosen, st.integers(1, 99))), WEIGHINGS, st.none() | NAMES,
    )  # fmt: skip


def _proposal(draw, options):
    return Proposal(
        question=draw(TEXTS),
        options=options,
        eligible=tuple(draw(st.lists(NAMES, max_size=3, unique=True))),
        rule=draw(st.sampled_from(Rule)),
        threshold=draw(st.none() | SHARES),
        quorum=draw(st.none() | COUNTS),
        rounds=draw(COUNTS),
        seed=draw(TEXTS),
        open=draw(st.booleans()),
        seats=draw(some(SEATS)),
        category=draw(TEXTS),
        kind=draw(st.sampled_from(AnswerKind)),
        tie_chain=draw(some(st.sampled_from(TieStep))),
        chair=draw(st.none() | NAMES),
        discount=draw(st.booleans()),
        sure=draw(SHARES),
        budget=draw(COSTS),
        deadline=draw(MOMENTS),
        stop_early=draw(st.booleans()),
        supersedes=draw(TEXTS),
        review_at=draw(MOMENTS),
    )


def _ballot(draw, name, voter, number, chosen):
    said = draw(st.sampled_from(("choice", "abstain", "block", "ranking", "approvals")))
    listed = tuple(draw(st.lists(chosen, min_size=1, max_size=3, unique=True)))
    return Ballot(
        voter=voter,
        round=number,
        choice=draw(chosen) if said == "choice" else None,
        abstain=said == "abstain",
        block=said == "block",
        confidence=draw(st.none() | SHARES),
        reason=draw(TEXTS),
        would_change_my_mind=draw(TEXTS),
        kind=draw(st.sampled_from(BallotKind)),
        family=draw(st.none() | TEXTS),
        repaired=draw(st.booleans()),
        turn_id=draw(st.none() | st.just(digest(f"{name} {voter} {number}"))),
        ranking=listed if said == "ranking" else (),
        approvals=listed if said == "approvals" else (),
        deployment=draw(TEXTS),
        override=draw(st.booleans()),
        casting=draw(st.booleans()),
        seen=draw(some(st.integers(0, 9).map(lambda n: digest(f"post {n}")))),
    )


@st.composite
def messages(draw, thread, number, ids, turn):
    return Message(
        id=ids[number - 1],
        thread_id=thread,
        seq=number,
        author=draw(NAMES),
        kind=draw(st.sampled_from(MessageKind)),
        body=draw(TEXTS),
        created_at=draw(TIMES),
        reply_to=draw(st.none() | st.sampled_from(ids[: number - 1])) if number > 1 else None,
        mentions=draw(some(NAMES)),
        to=draw(some(NAMES)),
        turn_id=turn.id if turn else None,
    )


@st.composite
def transcripts(draw):
    """Return a whole thread with its turns and decisions."""
    name = draw(st.integers(0, 10**9).map(str))
    thread = digest(f"thread {name}")
    count = draw(st.integers(0, 5))
    ids = [digest(f"{name} {number}") for number in range(1, count + 1)]
    written = [draw(st.none() | turns(id_)) for id_ in ids]
    said = [draw(messages(thread, n, ids, turn)) for n, turn in enumerate(written, start=1)]
    voted = tuple(draw(decisions(f"{name} {n}", thread)) for n in range(draw(st.integers(0, 2))))
    calls = sum(turn is not None for turn in written)
    calls += sum(b.turn_id is not None for d in voted for b in d.ballots)
    cost = draw(COSTS)
    return Transcript(
        thread=Thread(
            id=thread,
            title=one_line(draw(TEXTS)) or "untitled",
            created_at=draw(TIMES),
            last_seq=count,
            archived_at=draw(st.none() | st.just(7)),
            imported=count,
        ),
        messages=tuple(said),
        turns={turn.id: turn for turn in written if turn},
        decisions=voted,
        usage=usage_told(thread, cost, calls=calls),
    )
