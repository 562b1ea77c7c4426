"""The reducer: total, pure, and the same end for any batching."""

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.agent import Persona
from hub.domain.event import (
    BallotCast,
    BallotMissing,
    DecisionClosed,
    Delta,
    Event,
    HedgeEnded,
    HedgeSent,
    Lagged,
    MessagePosted,
    Notice,
    ThreadChanged,
    ThreadDeleted,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.ids import DecisionId, ThreadId, TurnId
from hub.domain.thread import Message, Thread, ThreadSummary
from hub.domain.transcript import TurnSummary
from hub.domain.turn import Purpose, TurnState
from tests.fakes.hub import FakeHub
from tests.fakes.story import (
    DEPLOYMENTS,
    START,
    ballot,
    booking,
    decision,
    ended,
    reply,
    route,
    running,
    tally,
    turn,
    vote_events,
    whole_turn,
)
from ui.bridge import merge
from ui.facts import (
    Fact,
    HubOpened,
    NewerRead,
    OlderRead,
    ThreadClosed,
    ThreadOpened,
    ThreadsRead,
    TurnsRead,
)
from ui.reducer import _after, reduce, reduce_all
from ui.view import EndedTurn, Phase, View

T1, T2 = ThreadId("t1"), ThreadId("t2")
HUB = FakeHub()
PEOPLE = (Persona("proposer", "proposes", ""), Persona("critic", "breaks", ""))


def thread(name=T1, last_seq=1):
    return Thread(name, f"thread {name}", START, last_seq)


def opened(*messages, complete=True):
    listed = ThreadsRead(
        (ThreadSummary(thread(), 1, 0, 0, 0), ThreadSummary(thread(T2), 1, 0, 0, 0))
    )
    messages = messages or (HUB.message("t1", 1, "Why?"),)
    events = [HubOpened(PEOPLE, ("openai",)), listed, ThreadOpened(thread(), messages, complete)]
    return reduce_all(View(), events)


def story():
    first = turn("u1", "proposer", reply_to="t1-1")
    second = turn("u2", "critic", reply_to="m-u1")
    failing = running(turn("u3", "critic"))
    return [
        *whole_turn(first, 2, "An answer of several words."),
        *whole_turn(second, 3, "Another one.", micro=None),
        *vote_events(),
        TurnChanged(turn("u3", "critic")),
        TurnChanged(failing),
        Delta(T1, failing.id, "critic", "half a sent"),
        TurnFailed(ended(failing, TurnState.FAILED), "the line broke"),
    ]


@pytest.mark.parametrize("kind", [*get_args(Event), *get_args(Fact)], ids=lambda k: k.__name__)
def test_every_event_and_fact_has_its_reduction(kind):
    assert _after.dispatch(kind) is not _after.dispatch(object)


def test_an_event_of_a_newer_hub_changes_nothing():
    view = opened()

    assert reduce(view, object()) is view


def test_a_turn_goes_from_queued_to_its_message():
    view = opened()
    phases = []

    for event in whole_turn(turn("u1", "proposer", reply_to="t1-1"), 2, "An answer."):
        view = reduce(view, event)
        phases.append(view.agents[0].phase)

    assert list(dict.fromkeys(phases)) == [
        Phase.WAITING, Phase.THINKING, Phase.WRITING, Phase.DONE,
    ]  # fmt: skip
    assert [row.body for row in view.rows] == ["Why?", "An answer."]
    assert not view.live
    done = view.turns[TurnId("u1")]
    assert (done.provider, done.model, done.cost, done.latency_s) == (
        "openai",
        "gpt-4o",
        2_100,
        2.0,
    )
    assert view.costs == (2_100,)
    assert view.summary.cost == 2_100


def test_a_turn_is_shown_where_its_second_call_goes_on():
    queued, chosen, running, *_ = whole_turn(turn("u1", "proposer"), 2, "An answer.")
    second = replace(route("u1", "proposer", DEPLOYMENTS[1]), strategy="hedge")
    view = reduce_all(opened(), [queued, chosen, running, HedgeSent(T1, second, 2.0)])
    assert (view.route, view.live[TurnId("u1")].provider) == (second, DEPLOYMENTS[0].provider)

    view = reduce(view, HedgeEnded(T1, second, chosen.route.deployment.id, failed=False))

    assert (view.route, view.live[TurnId("u1")].provider) == (second, DEPLOYMENTS[1].provider)


@given(st.lists(st.integers(1, 9), max_size=40))
def test_any_batching_of_events_ends_in_the_same_view(sizes):
    events = story()
    alone = reduce_all(opened(), events)
    view, rest = opened(), list(events)

    for size in [*sizes, len(rest) or 1]:
        batch, rest = rest[:size], rest[size:]
        view = reduce_all(view, merge(batch))

    assert reduce_all(view, merge(rest)) == alone


def test_merging_joins_text_of_a_turn_but_never_past_another_event():
    a, b = (Delta(T1, TurnId(i), "x", i) for i in ("a", "b"))
    note = Notice("hm")

    merged = merge([a, b, a, b, note, a])

    assert [getattr(e, "text", "") for e in merged] == ["aa", "bb", "hm", "a"]


@given(st.permutations(range(len(story()))))
def test_no_order_of_events_breaks_the_reducer(order):
    events = story()

    view = reduce_all(opened(), [events[i] for i in order])

    seqs = [row.seq for row in view.rows if isinstance(row, Message)]
    assert seqs == sorted(set(seqs))


def test_a_message_seen_twice_is_shown_and_counted_once():
    posted = MessagePosted(HUB.message("t1", 2, "once"))

    view = reduce_all(opened(), [posted, posted])

    assert len(view.rows) == 2
    assert view.summary.messages == 2


def test_a_gap_marks_the_view_stale_until_the_rest_is_read():
    gap = reduce(opened(), MessagePosted(HUB.message("t1", 4, "late")))
    missing = tuple(HUB.message("t1", n, str(n)) for n in (2, 3, 4))

    view = reduce(gap, NewerRead(T1, missing))

    assert (gap.stale, len(gap.rows)) == (True, 1)
    assert (view.stale, view.last_seq) == (False, 4)


def test_events_lost_on_a_slow_line_mark_the_view_stale():
    assert reduce(opened(), Lagged(4096)).stale


def test_a_message_posted_while_its_thread_was_being_read_is_not_missed():
    newer = reduce(opened(), MessagePosted(HUB.message("t2", 2, "meanwhile")))

    view = reduce(newer, ThreadOpened(thread(T2), (HUB.message("t2", 1, "old"),), complete=True))

    assert view.stale


def test_older_pages_come_in_front_and_leave_every_place_as_it_was():
    view = opened(HUB.message("t1", 51, "newest"), complete=False)
    older = tuple(HUB.message("t1", n, str(n)) for n in range(1, 51))

    after = reduce(view, OlderRead(T1, older, complete=True))

    assert (after.base, len(after.rows), after.complete) == (-50, 51, True)
    assert after.rows[0 - after.base] is view.rows[0]


def test_another_threads_message_counts_as_unread_and_moves_it_up():
    view = reduce(opened(), MessagePosted(HUB.message("t2", 2, "hello")))

    assert [(row.id, row.unread) for row in view.threads] == [(T2, 1), (T1, 0)]
    assert len(view.rows) == 1


def test_opening_a_thread_reads_it_and_keeps_what_runs_there():
    begun = running(turn("x1", "critic", thread="t2"))
    view = reduce_all(
        opened(),
        [
            MessagePosted(HUB.message("t2", 2, "hi")),
            TurnChanged(begun),
            Delta(T2, begun.id, "critic", "so "),
        ],
    )

    there = reduce(
        view,
        ThreadOpened(
            thread(T2, 2), (HUB.message("t2", 1, "a"), HUB.message("t2", 2, "hi")), complete=True
        ),
    )

    assert [t.text for t in there.live_here] == ["so "]
    assert there.agents[1].phase is Phase.WRITING
    assert next(row for row in there.threads if row.id == T2).unread == 0


def test_a_failed_turn_keeps_its_row_its_reason_and_what_had_arrived():
    begun = running(turn("u1", "critic"))
    events = [
        TurnChanged(begun),
        Delta(T1, begun.id, "critic", "half"),
        TurnChanged(ended(begun, TurnState.FAILED)),
        TurnFailed(ended(begun, TurnState.FAILED), "no money left"),
    ]

    view = reduce_all(opened(), events)

    assert view.rows[-1] == EndedTurn(begun.id)
    shown = view.turns[begun.id]
    assert (shown.text, shown.state) == ("half", TurnState.FAILED)
    assert view.agents[1].phase is Phase.FAILED


def test_a_ballot_turn_shows_in_the_vote_and_not_in_the_transcript():
    view = reduce_all(opened(), vote_events())

    assert view.ballots_open == (("synthesist",), ("critic",))
    assert view.agents[1].phase is Phase.VOTING
    done = reduce(view, TurnChanged(ended(running(turn("b2", "critic", purpose=Purpose.BALLOT)))))
    assert not any(isinstance(row, EndedTurn) for row in done.rows)


def test_a_second_ballot_of_the_same_round_replaces_the_first():
    again = ballot("proposer", "gpt for triage")
    view = reduce_all(opened(), vote_events())

    after = reduce(view, BallotCast(T1, DecisionId("d1"), again, tally(again)))

    assert [b.choice for b in after.decision.ballots] == [again.choice]


def test_a_missing_ballot_says_why_beside_its_agent():
    view = reduce_all(opened(), vote_events())

    after = reduce(view, BallotMissing(T1, DecisionId("d1"), "critic", "was late"))

    assert after.agents[1].detail == "was late"


def test_a_closed_decision_waits_for_nobody():
    cast = ballot("critic", "gpt for triage")
    closed = decision(cast, closed_at=START, tally=tally(cast))

    view = reduce_all(opened(), [*vote_events(), DecisionClosed(closed)])

    assert view.ballots_open == ((), ())
    assert not any(row.voting for row in view.threads)


def test_an_unknown_cost_stays_unknown():
    view = reduce_all(opened(), whole_turn(turn("u1", "proposer"), 2, "x", micro=None))

    assert view.costs == (None,)
    assert (view.summary.cost, view.summary.unknown_cost_calls) == (0, 1)
    assert view.turns[TurnId("u1")].cost is None


def test_two_calls_of_one_turn_add_up():
    begun = running(turn("u1", "proposer"))
    events = [
        TurnChanged(begun),
        UsageRecorded(booking(begun, 100)),
        UsageRecorded(booking(begun, 50)),
    ]

    view = reduce_all(opened(), events)

    assert view.live[begun.id].cost == 150


def test_what_the_journal_knows_of_turns_never_overwrites_what_was_seen():
    view = reduce_all(opened(), whole_turn(turn("u1", "proposer"), 2, "x"))
    read = {
        TurnId("u1"): TurnSummary(TurnId("u1"), "proposer", TurnState.DONE, "old", "model"),
        TurnId("u0"): TurnSummary(
            TurnId("u0"), "critic", TurnState.DONE, "grok", "m", 7, route=route("u0", "critic")
        ),
    }

    after = reduce(view, TurnsRead(T1, read))

    assert after.turns[TurnId("u1")].provider == "openai"
    assert (after.turns[TurnId("u0")].cost, after.agents[1].provider) == (7, "grok")


def test_a_live_turn_whose_end_was_missed_is_ended_by_what_the_journal_knows():
    begun = running(turn("u1", "proposer"))
    view = reduce(opened(), TurnChanged(begun))
    read = {begun.id: TurnSummary(begun.id, "proposer", TurnState.DONE, "openai", "gpt-4o", 5)}

    assert not reduce(view, TurnsRead(T1, read)).live


def test_a_thread_that_is_deleted_closes_and_takes_its_turns_along():
    view = reduce(opened(), TurnChanged(running(turn("u1", "critic"))))

    after = reduce(view, ThreadDeleted(T1))

    assert (after.thread, after.rows, dict(after.live)) == (None, (), {})
    assert [row.id for row in after.threads] == [T2]


def test_a_new_title_shows_and_an_archived_thread_leaves_the_list():
    view = reduce(opened(), ThreadChanged(replace(thread(), title="better")))
    archived = reduce(view, ThreadChanged(replace(thread(T2), archived_at=START)))

    assert view.thread.title == view.threads[0].summary.thread.title == "better"
    assert [row.id for row in archived.threads] == [T1]


def test_closing_a_thread_leaves_room_for_a_new_one():
    view = reduce(opened(), ThreadClosed())

    assert (view.thread_id, view.rows) == (None, ())
    assert view.opened == opened().opened + 1


def test_a_notice_of_another_thread_is_not_shown():
    assert reduce(opened(), Notice("there", T2)).notice is None
    assert reduce(opened(), Notice("everywhere")).notice.text == "everywhere"


def test_a_reply_whose_turn_was_never_heard_of_is_shown_all_the_same():
    posted = reply(turn("far", "critic"), 2, "from another program")

    view = reduce(opened(), MessagePosted(posted))

    assert view.rows[-1] is posted


def test_a_decision_that_another_program_closed_is_shown_as_closed():
    cast = ballot("critic", "gpt for triage")
    closed = decision(cast, closed_at=START, tally=tally(cast))
    view = reduce_all(opened(), vote_events())

    after = reduce(view, TurnsRead(T1, {}, closed))

    assert after.decision is closed
    assert reduce(after, TurnsRead(T1, {}, decision())).decision is closed
