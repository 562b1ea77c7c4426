"""Turns in line: in order, stopped, left by dead programs, and told to whoever waits."""

import contextlib

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.change import CancelTurn, QueueTurn
from hub.domain.event import TurnChanged
from hub.domain.ids import TurnId, new_id
from hub.domain.turn import Purpose, Turn, TurnOrder, TurnState
from hub.errors import OrphanedTurnsError, StorageError, TurnError, UsageError
from tests.fakes.hubs import House

pytestmark = pytest.mark.anyio


async def test_turns_of_a_thread_run_one_after_the_other_in_the_order_asked(home):
    async with House(home) as house:
        house.grok.hold()
        thread = await house.hub.create_thread("t")
        tasks = await house.line_up(thread, "One", "Two", "Three")
        house.grok.release()
        answers = [await house.done(task) for task in tasks]

        assert house.grok.peak == 1
        assert [a.messages[0].reply_to for a in answers] == [a.question.id for a in answers]
        messages = await house.hub.messages(thread.id)
        assert [m.reply_to for m in messages[3:]] == [m.id for m in messages[:3]]


async def test_turns_of_different_threads_run_side_by_side(home):
    async with House(home) as house:
        house.grok.hold()
        tasks = [house.start(Ask(f"Question {n}")) for n in range(2)]
        await house.until(lambda: house.grok.running == 2)
        house.grok.release()

        assert [(await house.done(task)).failures for task in tasks] == [(), ()]


async def test_a_turn_for_nobody_is_refused_before_it_is_in_line(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        with pytest.raises(UsageError, match="no agent named 'nobody'"):
            await house.hub._queue.queue(thread.id, TurnOrder(Purpose.REPLY, "nobody"))

        assert house.books.states() == []


async def test_stopping_a_turn_in_line_ends_it_and_tells_so(home):
    async with House(home) as house:
        house.grok.hold()
        thread = await house.hub.create_thread("t")
        first, second = await house.line_up(thread, "One", "Two")
        in_line = house.hub._queue.running()[1]
        stopped = await house.hub._queue.stop(in_line)
        with pytest.raises(TurnError, match="stopped"):
            await house.done(second)
        house.grok.release()

        assert stopped.state is TurnState.CANCELLED
        assert [e.turn.state for e in house.events(TurnChanged) if e.turn.id == in_line] == [
            "queued",
            "cancelled",
        ]
        assert len((await house.done(first)).messages) == 1
        assert len(house.grok.asked) == 1
        house.books.agree()


async def test_stopping_twice_at_once_books_once_and_tells_the_end(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        [turn] = house.hub._queue.running()
        again = [house.spawn(house.hub._queue.stop(turn)) for _ in range(3)]
        for each in again:
            assert (await house.done(each)).state is TurnState.CANCELLED
        with pytest.raises(TurnError):
            await house.done(task)

        assert house.books.value("SELECT count(*) FROM ledger") == 1
        assert [e.turn.state for e in house.events(TurnChanged)][-1] == "cancelled"
        house.books.agree()


async def test_a_turn_that_another_program_cancelled_in_line_is_not_waited_for(home):
    async with House(home) as house, House(home, house.clock) as other:
        house.grok.hold()
        thread = await house.hub.create_thread("t")
        first, second = await house.line_up(thread, "One", "Two")
        in_line = house.hub._queue.running()[1]
        await other.hub._parts.store.commit(CancelTurn(in_line, 1))
        house.grok.release()

        await house.done(first)
        with pytest.raises(TurnError, match="stopped"):
            await house.done(second)
        house.books.agree()


async def _left_behind(house, thread, agent="proposer"):
    """Put a turn in line for a program that is gone."""
    turn = Turn(
        TurnId(new_id()),
        thread.id,
        TurnOrder(Purpose.REPLY, agent),
        thread.id,
        TurnState.QUEUED,
        1,
    )
    return await house.hub._parts.store.commit(QueueTurn(turn))


async def test_orphaned_turns_refuse_new_ones_until_they_are_resumed(home):
    async with House(home) as dead:
        thread = await dead.hub.create_thread("t")
        await dead.hub.post(thread.id, "Why?")
        left = await _left_behind(dead, thread)
    async with House(home) as house:
        with pytest.raises(OrphanedTurnsError):
            await house.ask(Ask("And?"), thread.id)
        assert [t.id for t in await house.hub.orphans()] == [left.id]
        assert [m.body for m in await house.hub.messages(thread.id)] == ["Why?"]

        [done] = await house.hub.resume()

        assert (done.id, done.state) == (left.id, TurnState.DONE)
        assert len((await house.ask(Ask("And now?"), thread.id)).messages) == 1
        house.books.agree()


async def test_dropped_orphans_end_and_make_room(home):
    async with House(home) as dead:
        thread = await dead.hub.create_thread("t")
        await _left_behind(dead, thread)
    async with House(home) as house:
        [dropped] = await house.hub.drop(thread.id)

        assert dropped.state is TurnState.CANCELLED
        assert house.asked == []
        assert len((await house.ask(Ask("And now?"), thread.id)).messages) == 1
        house.books.agree()


async def test_a_resumed_turn_of_an_agent_that_is_no_more_fails_with_a_sentence(home):
    async with House(home) as dead:
        thread = await dead.hub.create_thread("t")
        dead.hub._parts.personas["gone"] = dead.hub.personas[0]
        await _left_behind(dead, thread, "gone")
    async with House(home) as house:
        [failed] = await house.hub.resume()

        assert failed.state is TurnState.FAILED
        assert "gone" in failed.error


async def test_a_turn_waits_for_another_programs_turn_in_the_same_thread_and_reads_its_answer(home):
    async with House(home) as first, House(home, first.clock) as second:
        thread = await first.hub.create_thread("t")
        first.grok.hold()
        one = first.start(Ask("One"), thread.id)
        await first.until(lambda: first.grok.running)
        two = second.start(Ask("Two"), thread.id)
        await second.asleep(0.2)
        assert second.grok.asked == []
        first.grok.release()
        await first.done(one)
        await second.pass_until(two.done)

        assert [m.body for m in (await two).messages] == ["proposer says so."]
        assert "proposer says so." in [p.text for p in second.grok.asked[0].parts]
        first.books.agree()


async def test_a_program_that_ends_leaves_what_waits_in_line_and_says_so(home):
    async with House(home) as house:
        house.grok.hold()
        thread = await house.hub.create_thread("t")
        first, second = await house.line_up(thread, "One", "Two")
        closing = house.spawn(house.hub.close())
        await house.until(lambda: house.hub._queue.closing)
        house.grok.release()
        await house.done(closing)

        with contextlib.suppress(StorageError):  # the journal may be closed when it is gathered
            assert len((await house.done(first)).messages) == 1
        with pytest.raises(TurnError, match="resume"):
            await house.done(second)
        assert house.books.states() == ["done", "queued"]


async def test_a_turn_that_a_program_put_back_is_sent_once_more_and_then_given_up(home):
    async with House(home) as first:
        first.grok.hold()
        first.start(Ask("Why?"))
        await first.until(lambda: first.grok.running)
        await first.hub.close(grace_s=0)
        assert first.books.states() == ["queued"]
        assert first.books.calls() == [("grok", "unknown")]
    async with House(home) as second:
        second.grok.hold()
        resuming = second.spawn(second.hub.resume())
        await second.until(lambda: second.grok.running)
        await second.hub.close(grace_s=0)
        resuming.cancel()
        assert second.books.states() == ["unknown"]
        assert second.books.value("SELECT count(*) FROM ledger WHERE estimated") == 2
    async with House(home) as third:
        assert await third.hub.resume() == ()

        assert third.asked == []
        assert await third.hub.unanswered() == ()
        third.books.agree()


async def test_a_turn_that_was_to_be_stopped_is_not_put_back(home):
    async with House(home) as house, House(home, house.clock) as other:
        house.grok.hold()
        house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        [turn] = house.hub._queue.running()
        await other.hub._parts.store.commit(CancelTurn(turn, 1))
        await house.hub.close(grace_s=0)

        assert house.books.states() == ["cancelled"]


async def test_nobody_waits_for_a_turn_that_was_put_in_line_while_the_program_ended(home):
    async with House(home) as house:
        pause = house.pause_at(QueueTurn, after=True)
        task = house.start(Ask("Well?", Mode.DISCUSS))
        await house.until(pause.reached.is_set)
        await house.hub.close(grace_s=0)
        pause.over.set()
        with pytest.raises(TurnError, match="stays in line"):
            await house.done(task)

        assert house.books.states() == ["queued"]
