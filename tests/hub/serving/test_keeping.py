"""What is paid for is kept until it can be written, and nothing is paid for meanwhile."""

import pytest

from hub.domain.ask import Ask
from hub.domain.event import Notice
from hub.domain.query import OpenTurns
from hub.errors import JournalBusyError, ReadOnlyStoreError, StorageError
from hub.serving.keeping import BUSY_S, PROBE_S
from tests.fakes.hubs import House

pytestmark = pytest.mark.anyio


@pytest.mark.fault(9)
async def test_an_answer_is_kept_until_the_journal_takes_it_and_nothing_new_is_paid_for(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        house.break_journal()
        house.grok.release()
        await house.until(lambda: house.events(Notice))
        with pytest.raises(ReadOnlyStoreError):
            await house.ask(Ask("And what now?"))
        asked = len(house.asked)
        thread = (await house.hub.threads())[0].thread
        assert [m.body for m in await house.hub.messages(thread.id)] == ["Why?"]

        house.mend_journal()
        await house.pass_until(task.done)
        answer = await house.done(task)
        stored = await house.hub.messages(thread.id)

        assert len(house.asked) == asked == 1
        assert [m.body for m in stored] == ["Why?", answer.messages[-1].body]
        assert [event.text.split(":")[0] for event in house.events(Notice)][-1] == (
            "The journal can be written again"
        )
        assert house.hub._parts.router.metrics()[0].inflight == 0
        house.books.agree()


@pytest.mark.fault(9)
async def test_a_program_that_is_closed_meanwhile_ends_and_leaves_the_turn_to_be_resumed(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        house.break_journal()
        house.grok.release()
        await house.until(lambda: house.events(Notice))
        house.hub._parts.store.give_up()
        await house.clock.advance(PROBE_S)
        with pytest.raises(StorageError):
            await house.done(task)
    async with House(home) as later:
        assert len(await later.hub._parts.store.read(OpenTurns(orphaned=True))) == 1


@pytest.mark.fault(9)
async def test_somebody_who_quits_at_once_is_not_held_up_by_a_full_disk(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        house.break_journal()
        house.grok.release()
        await house.until(lambda: house.events(Notice))
        task.cancel()
        await house.clock.advance(10 * PROBE_S)
        assert not task.done()  # a gentle end waits for what is paid for

        house.hub.hurry()
        await house.pass_until(task.done)

        assert task.cancelled() or isinstance(task.exception(), StorageError)
        house.mend_journal()
    async with House(home) as later:
        [left] = await later.hub.resume()
        assert left.state == "done"


@pytest.mark.fault(12)
async def test_another_program_that_holds_the_journal_is_waited_for_and_said(home):
    async with House(home) as house:
        commit, held = house.hub._parts.store._store.commit, [True]

        async def busy(change):
            if held[0]:
                raise JournalBusyError("Another program holds the journal.")
            return await commit(change)

        house.hub._parts.store._store.commit = busy
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.events(Notice))
        await house.clock.advance(BUSY_S / 2)
        held[0] = False
        await house.pass_until(task.done)

        assert (await house.done(task)).messages
        assert "Another program holds" in house.events(Notice)[0].text


@pytest.mark.fault(12)
async def test_a_program_that_never_lets_go_is_an_error_in_the_end(home):
    async with House(home) as house:

        async def busy(_):
            raise JournalBusyError("Another program holds the journal.")

        house.hub._parts.store._store.commit = busy
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.events(Notice))
        await house.pass_until(task.done, step_s=5.0)
        with pytest.raises(JournalBusyError):
            await house.done(task)
