"""What every `Store` promises of questions under way: kept with their owner until they are over."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.change import (
    AdoptTurns,
    AskQuestion,
    DeleteThread,
    DropTurns,
    EndQuestion,
    KeepQuestion,
    RedactMessage,
)
from hub.domain.decision import Rule
from hub.domain.ids import TurnId
from hub.domain.query import Messages, OpenQuestions, OutcomeOf
from hub.domain.thread import Attachment, Message, Thread
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.errors import OrphanedTurnsError
from hub.ports import Store
from tests.contracts.stores import START, OpenStore, a_thread, begin, call, end, message, queue

pytestmark = pytest.mark.anyio

ASK = Ask(
    "Tabs or spaces, in the long run?",
    Mode.DECIDE,
    agents=("critic", "proposer"),
    options=("tabs", "spaces"),
    rule=Rule.QUALIFIED,
    rounds=2,
    model="gpt-4o",
    budget=500_000,
    timeout_s=90.5,
    tags=("work",),
)


async def ask(store: Store, thread: Thread) -> Message:
    return (await store.commit(AskQuestion(message(thread, ASK.question), ASK))).question


async def test_a_question_is_posted_and_known_as_it_was_put(store: Store) -> None:
    thread = await a_thread(store)

    question = await ask(store, thread)

    assert question.seq == 1
    assert await store.read(Messages(thread.id)) == (question,)
    (open_,) = await store.read(OpenQuestions())
    assert (open_.question, open_.ask, open_.turns) == (question, ASK, ())


async def test_the_text_of_files_is_kept_with_the_question_alone(store: Store) -> None:
    thread, file = await a_thread(store), Attachment("a.txt", "f" * 64, 3, "abc")
    with_file = replace(ASK, attachments=(file,))

    await store.commit(AskQuestion(message(thread, ASK.question, attachments=(file,)), with_file))

    (open_,) = await store.read(OpenQuestions())
    assert open_.ask == ASK


async def test_its_turns_come_with_what_came_of_them(store: Store) -> None:
    thread = await a_thread(store)
    question = await ask(store, thread)
    answered = await queue(store, thread, question_id=question.id)
    waiting = await queue(store, thread, question_id=question.id, agent="proposer")
    await queue(store, thread, question_id="another")
    made = call(answered)
    running = await store.commit(begin(answered, first=made))
    posted = await store.commit(end(running, made, "Tabs."))

    (open_,) = await store.read(OpenQuestions(thread.id))

    assert [(made.turn.id, made.message) for made in open_.turns] == [
        (answered.id, posted),
        (waiting.id, None),
    ]


async def test_a_question_that_is_over_is_forgotten(store: Store) -> None:
    question = await ask(store, await a_thread(store))

    for _ in range(2):
        await store.commit(EndQuestion(question.id))

    assert await store.read(OpenQuestions()) == ()


@pytest.mark.parametrize("take_over", [AdoptTurns, DropTurns])
async def test_what_a_dead_program_asked_is_offered_and_taken_over(
    open_store: OpenStore, take_over: type[AdoptTurns | DropTurns]
) -> None:
    dead, store, other = await open_store(), await open_store(), await open_store()
    thread, elsewhere = await a_thread(store), await a_thread(store)
    left, mine = await ask(dead, thread), await ask(store, elsewhere)
    assert await store.read(OpenQuestions(orphaned=True)) == ()
    await dead.close()
    assert [q.question for q in await other.read(OpenQuestions(orphaned=True))] == [left]

    await store.commit(take_over(elsewhere.id))
    assert [q.question for q in await store.read(OpenQuestions())] == [mine]
    await store.commit(take_over())

    assert [q.question for q in await store.read(OpenQuestions())] == [left, mine]
    assert await other.read(OpenQuestions(orphaned=True)) == ()


async def test_the_first_of_a_line_is_given_up_after_three_recoveries_and_the_rest_go_on(
    open_store: OpenStore,
) -> None:
    store = await open_store()
    thread = await a_thread(store)
    first, second = await queue(store, thread), await queue(store, thread)

    for _ in range(3):
        await store.close()
        store = await open_store()
        taken = await store.commit(AdoptTurns())
        assert [turn.state for turn in taken] == [TurnState.QUEUED] * 2
    await store.close()
    store = await open_store()
    taken = await store.commit(AdoptTurns())

    assert [(turn.id, turn.state, turn.attempts) for turn in taken] == [
        (first.id, TurnState.FAILED, 3),
        (second.id, TurnState.QUEUED, 1),
    ]


async def test_a_question_goes_with_its_thread_and_its_text_with_a_redaction(store: Store) -> None:
    thread, other = await a_thread(store), await a_thread(store)
    secret = "spaces, and my password is hunter2"
    asked = message(thread, secret)
    await store.commit(AskQuestion(asked, replace(ASK, options=("tabs", secret))))
    await ask(store, other)

    await store.commit(RedactMessage(asked.id))
    await store.commit(DeleteThread(other.id))

    (open_,) = await store.read(OpenQuestions())
    assert "hunter2" not in repr(open_)


async def test_a_question_and_the_turn_that_answers_it_come_and_go_together(store: Store) -> None:
    thread = await a_thread(store)
    asked = message(thread, "What is 2 + 2?")
    order = TurnOrder(Purpose.REPLY, "critic", asked.id, question_id=asked.id, only=True)
    wanted = Turn(TurnId("t1"), thread.id, order, thread.id, TurnState.QUEUED, START)

    posted = await store.commit(AskQuestion(asked, ASK, wanted))

    (open_,) = await store.read(OpenQuestions())
    assert posted.turn == open_.turns[0].turn
    assert posted.question == open_.question
    made = call(wanted)
    running = await store.commit(begin(wanted, first=made))
    await store.commit(end(running, made, None, state=TurnState.QUEUED))
    assert len(await store.read(OpenQuestions())) == 1
    await store.commit(end(running, made, "4"))
    assert await store.read(OpenQuestions()) == ()
    outcome = await store.read(OutcomeOf(posted.question))
    assert [m.body for m in outcome.messages] == ["4"]
    assert [turn.id for turn in outcome.turns] == [wanted.id]
    assert outcome.usage.cost == 450


async def test_where_a_dead_program_left_turns_no_question_is_posted(open_store: OpenStore) -> None:
    dead, store = await open_store(), await open_store()
    thread = await a_thread(dead)
    await queue(dead, thread)
    await dead.close()

    with pytest.raises(OrphanedTurnsError):
        await ask(store, thread)

    assert await store.read(Messages(thread.id)) == ()


async def test_a_question_that_reached_nobody_is_kept_with_what_was_said_about_it(
    store: Store,
) -> None:
    asked = await ask(store, await a_thread(store))

    await store.commit(KeepQuestion(asked.id))
    (open_,) = await store.read(OpenQuestions())
    await store.commit(EndQuestion(asked.id))
    await store.commit(KeepQuestion(asked.id))

    assert open_.question == asked
    assert open_.ask == replace(ASK, question=asked.body, unreached=True)
    assert await store.read(OpenQuestions()) == ()
