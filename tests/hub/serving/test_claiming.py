"""A question that is posted together with the beginning of the turn that answers it."""

import asyncio

import pytest

from hub.domain.ask import Ask
from hub.domain.change import AskQuestion, BeginTurn, CancelTurn
from hub.domain.event import MessagePosted
from hub.errors import StorageError, TurnError, UsageError
from tests.fakes.hubs import House, budget

pytestmark = pytest.mark.anyio


async def test_a_question_and_the_beginning_of_its_turn_are_on_the_disk_as_one(home):
    async with House(home) as house:
        house.grok.hold()
        log = house.hub._parts.store._store._writer
        transacted, written = log._transact, []

        def noted(changes, one):
            written.append([type(change) for change in changes])
            return transacted(changes, one)

        log._transact = noted
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        house.grok.release()
        await house.done(task)

        assert [AskQuestion, BeginTurn] in written


async def test_what_is_sent_with_a_question_that_is_not_posted_yet_is_the_same_as_after(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        await house.hub.ask(Ask("Why?", agents=("proposer",)), thread.id)
        await house.hub.ask(Ask("And then?", agents=("critic",)), thread.id)
        sent = [(part.role, part.message_id) for part in house.asked[-1].parts]
        posted = await house.hub.messages(thread.id)

        assert [id_ for _, id_ in sent if id_] == [message.id for message in posted[:3]]
        assert [message.seq for message in posted] == [1, 2, 3, 4]


async def test_questions_asked_at_once_in_a_thread_are_answered_one_after_the_other(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        asked = [house.start(Ask(f"Question {n}?"), thread.id) for n in range(5)]
        answers = [await house.done(task) for task in asked]

        assert all(len(answer.messages) == 1 for answer in answers)
        assert house.books.states() == ["done"] * 5
        overlap = (
            "SELECT count(*) FROM turn AS a JOIN turn AS b ON a.started_at < b.started_at"
            " AND b.started_at < a.ended_at"
        )
        assert house.books.value(overlap) == 0
        house.books.agree()


async def test_a_turn_that_nobody_can_serve_leaves_its_question_posted(home):
    async with House(home, only="grok") as house:
        with pytest.raises(UsageError):
            await house.ask(Ask("Why?", provider="openai"))

        assert [e.message.body for e in house.events(MessagePosted)] == ["Why?"]
        assert house.books.states() == ["failed"]
        house.books.agree()


async def test_a_turn_whose_money_another_took_meanwhile_runs_once_there_is_some(home):
    async with House(home, budget=budget(day=60_000)) as house:
        house.grok.hold()
        tasks = [house.start(Ask(f"Question {n}?")) for n in range(4)]
        await house.until(lambda: house.grok.running)
        house.grok.release()
        answers = [await house.done(task) for task in tasks]

        assert all(answer.messages for answer in answers)
        house.books.agree()


async def test_cancelled_before_it_is_posted_a_question_leaves_nothing(home):
    async with House(home) as house:
        store = house.hub._parts.store
        read, reading, go_on = store.read, asyncio.Event(), asyncio.Event()

        async def slow(query):
            if type(query).__name__ == "ReadingFor":
                reading.set()
                await go_on.wait()
            return await read(query)

        store.read = slow
        task = house.start(Ask("Why?"))
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        store.read = read

        assert house.books.rows("SELECT id FROM message") == []
        assert house.books.rows("SELECT id FROM turn") == []
        assert house.hub._queue.running() == ()
        assert all(m.inflight == 0 for m in house.hub._parts.router.metrics())


async def test_cancelled_while_it_is_written_a_question_stays_and_its_turn_is_stopped(home):
    async with House(home) as house:
        house.grok.hold()
        pause = house.pause_at(BeginTurn, after=False)
        task = house.start(Ask("Why?"))
        await asyncio.wait_for(pause.reached.wait(), 10)
        task.cancel()
        pause.over.set()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert house.books.states() == ["cancelled"]
        house.books.agree()


async def test_when_the_program_ends_as_a_turn_begins_it_is_back_in_line(home):
    async with House(home) as house:
        pause = house.pause_at(BeginTurn, after=True)
        task = house.start(Ask("Why?"))
        await asyncio.wait_for(pause.reached.wait(), 10)
        house.hub.leave()
        closing = house.spawn(house.hub._queue.close())
        await house.done(closing)
        pause.over.set()
        with pytest.raises(TurnError, match="stays in line"):
            await house.done(task)

        assert house.books.states() == ["queued"]
        assert house.books.states("call") == ["not_sent"]
        assert house.books.holds() == ["released"]
        assert house.asked == []


async def test_a_turn_that_began_and_cannot_be_stopped_in_the_journal_holds_no_money(home):
    async with House(home) as house:
        parts, queue = house.hub._parts, house.hub._queue
        for _ in range(32):  # no place is free: it begins with its question and does not run
            await parts.slots.take()
        task = house.start(Ask("Why?"))
        await house.until(queue.running)
        commit = parts.store.commit

        async def refused(change):
            if isinstance(change, CancelTurn):
                raise StorageError("No.")
            return await commit(change)

        parts.store.commit = refused
        [turn] = queue.running()
        with pytest.raises(StorageError):
            await queue.stop(turn)
        for _ in range(32):
            parts.slots.give()
        with pytest.raises(TurnError):
            await house.done(task)

        assert house.books.holds() == ["released"]
        assert not parts.purse.held_beside("")
        house.books.agree()
