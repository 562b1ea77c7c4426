"""Two programs on one journal: each tells what the other did, once."""

import pytest

from hub.domain.ask import Ask
from hub.domain.change import DeleteThread
from hub.domain.event import MessagePosted, ThreadChanged, ThreadDeleted, TurnChanged
from hub.domain.query import ThreadList
from hub.errors import StorageError
from tests.fakes.hubs import House

pytestmark = pytest.mark.anyio


async def test_what_another_program_posts_is_told_once(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        thread = await ours.hub.create_thread("t")
        mine = await ours.hub.post(thread.id, "Mine")
        await ours.pass_until(lambda: other.events(MessagePosted))
        theirs = [await other.hub.post(thread.id, f"Theirs {n}") for n in range(3)]
        await ours.pass_until(lambda: len(ours.events(MessagePosted)) >= 4)
        await ours.clock.advance(1)

        assert [e.message for e in ours.events(MessagePosted)] == [mine, *theirs]
        assert [e.message for e in other.events(MessagePosted)] == [mine, *theirs]


async def test_a_long_run_of_our_own_messages_is_not_told_again(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        thread = await ours.hub.create_thread("t")
        for number in range(520):
            await ours.hub.post(thread.id, f"Mine {number}")
        await other.hub.post(thread.id, "Theirs")
        await ours.pass_until(lambda: ours.events(MessagePosted)[-1].message.body == "Theirs")

        assert [e.message.seq for e in ours.events(MessagePosted)] == list(range(1, 522))


async def test_what_was_there_at_the_start_is_no_news(home):
    async with House(home) as before:
        thread = await before.hub.create_thread("t")
        await before.hub.post(thread.id, "Old")
        await before.hub.archive(thread.id)
    async with House(home) as ours, House(home, ours.clock) as other:
        await other.hub.restore(thread.id)
        await other.hub.post(thread.id, "New")
        await ours.pass_until(lambda: ours.events(MessagePosted))

        assert [e.message.body for e in ours.events(MessagePosted)] == ["New"]


async def test_threads_that_another_program_opens_renames_archives_and_deletes_are_told(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        thread = await other.hub.create_thread("theirs")
        await ours.pass_until(lambda: len(ours.events(ThreadChanged)) == 1)
        await other.hub.rename(thread.id, "renamed")
        await ours.pass_until(lambda: len(ours.events(ThreadChanged)) == 2)
        await other.hub.archive(thread.id)
        await ours.pass_until(lambda: len(ours.events(ThreadChanged)) == 3)
        assert ours.events(ThreadDeleted) == []
        await other.hub.delete(thread.id)
        await ours.pass_until(lambda: ours.events(ThreadDeleted))

        assert [e.thread.title for e in ours.events(ThreadChanged)] == [
            "theirs",
            "renamed",
            "renamed",
        ]
        assert ours.events(ThreadDeleted) == [ThreadDeleted(thread.id)]


async def test_a_running_turn_is_stopped_from_another_program(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        ours.grok.hold()
        task = ours.start(Ask("Why?"))
        await ours.until(lambda: ours.grok.running)
        assert await other.hub.stop() == 1
        await ours.pass_until(task.done)

        with pytest.raises(Exception, match="stopped"):
            await task
        assert [e.turn.state for e in ours.events(TurnChanged)][-1] == "cancelled"
        ours.books.agree()


async def test_turns_in_line_are_stopped_from_another_program_without_waiting_for_their_place(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        ours.grok.hold()
        thread = await ours.hub.create_thread("t")
        tasks = await ours.line_up(thread, "One", "Two")
        assert await other.hub.stop(thread.id) == 2
        await ours.pass_until(lambda: all(task.done() for task in tasks))

        assert [type(task.exception()).__name__ for task in tasks] == ["TurnError", "TurnError"]
        ours.books.agree()


async def test_a_turn_whose_thread_another_program_deletes_is_stopped_and_paid_for(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        ours.grok.hold()
        thread = await ours.hub.create_thread("t")
        task = ours.start(Ask("Why?"), thread.id)
        await ours.until(lambda: ours.grok.running)
        await other.hub._parts.store.commit(DeleteThread(thread.id))
        await ours.pass_until(task.done)

        assert task.exception() is not None
        assert ours.events(ThreadDeleted) == [ThreadDeleted(thread.id)]
        assert ours.books.spent() > 0
        ours.books.agree()


async def test_a_journal_that_cannot_be_read_for_a_while_is_followed_again(home):
    async with House(home) as ours, House(home, ours.clock) as other:
        thread = await ours.hub.create_thread("t")
        read, failing = ours.hub._parts.store.read, []

        async def fails_once(query):
            if isinstance(query, ThreadList) and not failing:
                failing.append(query)
                raise StorageError("The disk is gone.")
            return await read(query)

        ours.hub._parts.store.read = fails_once
        await other.hub.post(thread.id, "One")
        await ours.pass_until(lambda: failing)
        await other.hub.post(thread.id, "Two")
        await ours.pass_until(lambda: len(ours.events(MessagePosted)) == 2)

        assert [e.message.body for e in ours.events(MessagePosted)] == ["One", "Two"]
