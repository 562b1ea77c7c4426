"""What every store does with what the person says afterwards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.change import (
    CloseDecision,
    DeleteThread,
    EndTurn,
    KeepLearned,
    MarkDecision,
    MarkMessage,
    OpenDecision,
    RedactMessage,
)
from hub.domain.decision import Ballot, Decision, Option, Proposal, Tally, Verdict
from hub.domain.ids import DecisionId, MessageId, TurnId
from hub.domain.mark import ASKED_AGAIN, Grade, Mark
from hub.domain.query import Grades, Learned, Marks
from hub.domain.thread import Message, Thread
from hub.domain.turn import Purpose
from hub.errors import NotFoundError
from hub.ports import Store
from tests.contracts.stores import START, a_thread, begin, call, end, post, queue

pytestmark = pytest.mark.anyio

TABS, SPACES = Option("tabs"), Option("spaces")
MODEL = "openai/gpt-4o"


async def answered(store: Store, thread: Thread, question: str) -> Message:
    asked = await post(store, thread, question)
    turn = await queue(store, thread, prompt_to=asked.id)
    made = call(turn)
    turn = await store.commit(begin(turn, first=made))
    message = await store.commit(end(turn, made))
    assert message is not None
    return message


async def voted(store: Store, thread: Thread, decision: Decision, voter: str, choice: str) -> None:
    turn = await queue(store, thread, purpose=Purpose.BALLOT, agent=voter)
    made = call(turn)
    turn = await store.commit(begin(turn, first=made))
    ballot = Ballot(voter, 1, choice, turn_id=turn.id)
    ending: EndTurn = replace(end(turn, made, None), ballot=ballot, decision_id=decision.id)
    await store.commit(ending)


async def decided(store: Store, thread: Thread) -> Decision:
    proposal = Proposal("Which?", (TABS, SPACES), ("one", "two", "three"))
    decision = Decision(DecisionId("d1"), thread.id, proposal, START)
    await store.commit(OpenDecision(decision))
    for voter, option in (("one", TABS), ("two", TABS), ("three", SPACES)):
        await voted(store, thread, decision, voter, option.id)
    tally = Tally(
        *(proposal.rule, (), 3, 3, 0, (), 2, (), 1.0, Verdict.DECIDED, TABS.id, "two of three")
    )
    await store.commit(CloseDecision(replace(decision, tally=tally, closed_at=START)))
    return decision


async def test_a_mark_of_an_answer_grades_who_answered_on_the_text_it_answered(
    store: Store,
) -> None:
    thread = await a_thread(store)
    message = await answered(store, thread, "What is 2 + 2?")

    first = await store.commit(MarkMessage(message.id, Mark(right=True), START))
    second = await store.commit(MarkMessage(message.id, Mark(right=False, weight=0.3), START + 1))

    assert first.n < second.n
    assert await store.read(Marks()) == (first, second)
    grade = Grade(
        first.n, TurnId(message.turn_id or ""), MODEL, "What is 2 + 2?", Purpose.REPLY, 1.0, 1.0
    )
    assert await store.read(Grades()) == (grade,)


async def test_what_the_person_says_replaces_what_only_looked_so(store: Store) -> None:
    message = await answered(store, await a_thread(store), "What is 2 + 2?")
    asked_again = Mark(right=False, weight=ASKED_AGAIN)

    for mark in (asked_again, asked_again, Mark(right=True), asked_again, Mark(right=False)):
        last = await store.commit(MarkMessage(message.id, mark, START))

    grades = await store.read(Grades())
    assert [(g.quality, g.weight, g.replaces) for g in grades] == [
        (0.0, 0.3, None),
        (1.0, 1.0, (0.0, 0.3)),
        (0.0, 1.0, (1.0, 1.0)),
    ]
    assert await store.read(Grades(after=last.n - 1)) == grades[-1:]


async def test_a_decision_that_is_marked_anew_replaces_what_was_said_of_the_same_ballots(
    store: Store,
) -> None:
    decision = await decided(store, await a_thread(store))

    for mark in (Mark(right=False), Mark(right=False, answer=SPACES.id)):
        await store.commit(MarkDecision(decision.id, mark, START))

    grades = await store.read(Grades())
    assert [(g.quality, g.replaces) for g in grades] == [
        (0.0, None),
        (0.0, None),
        (0.0, (0.0, 1.0)),
        (0.0, (0.0, 1.0)),
        (1.0, None),
    ]


@pytest.mark.parametrize(
    ("mark", "qualities"),
    [
        (Mark(right=True), [1.0, 1.0, 0.0]),
        (Mark(right=False, answer=SPACES.id), [0.0, 0.0, 1.0]),
        (Mark(right=False, answer="neither"), [0.0, 0.0, 0.0]),
        (Mark(right=False), [0.0, 0.0]),
    ],
)
async def test_a_mark_of_a_decision_grades_the_ballots_that_it_says_something_of(
    store: Store, mark: Mark, qualities: list[float]
) -> None:
    thread = await a_thread(store)
    decision = await decided(store, thread)

    marked = await store.commit(MarkDecision(decision.id, mark, START))

    assert await store.read(Marks(decisions=True, thread_id=thread.id)) == (marked,)
    assert await store.read(Marks()) == ()
    grades = await store.read(Grades())
    assert [grade.quality for grade in grades] == qualities
    assert {grade.purpose for grade in grades} == {Purpose.BALLOT}


async def test_what_nobody_wrote_or_decided_cannot_be_marked(store: Store) -> None:
    with pytest.raises(NotFoundError):
        await store.commit(MarkMessage(MessageId("m"), Mark(right=True), START))
    with pytest.raises(NotFoundError):
        await store.commit(MarkDecision(DecisionId("d"), Mark(right=True), START))


async def test_marks_go_with_their_thread_and_are_never_numbered_twice(store: Store) -> None:
    thread, other = await a_thread(store), await a_thread(store)
    gone, kept = await answered(store, thread, "a"), await answered(store, other, "b")
    first = await store.commit(MarkMessage(gone.id, Mark(right=True), START))

    await store.commit(DeleteThread(thread.id))

    assert await store.read(Marks()) == ()
    assert (await store.commit(MarkMessage(kept.id, Mark(right=True), START))).n > first.n


async def test_a_redacted_text_is_gone_from_the_marks(store: Store) -> None:
    thread = await a_thread(store)
    secret = await post(store, thread, "my password is hunter2")
    decision = await decided(store, thread)
    await store.commit(MarkDecision(decision.id, Mark(right=False, answer=secret.body), START))

    await store.commit(RedactMessage(secret.id))

    assert "hunter2" not in repr(await store.read(Marks(decisions=True)))


async def test_what_was_learned_is_replaced_by_what_knows_as_many_marks(store: Store) -> None:
    assert await store.read(Learned("router")) is None
    for body, marks in (("a", 3), ("b", 3), ("older", 2)):
        await store.commit(KeepLearned("router", body, marks))

    assert await store.read(Learned("router")) == ("b", 3)
