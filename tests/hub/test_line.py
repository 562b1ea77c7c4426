"""Turns that find no room at a provider stand in line and are served in their order."""

import asyncio

import pytest

from hub.domain.ask import Ask
from hub.domain.event import Notice
from hub.domain.limits import RateLimits
from hub.domain.turn import FinishReason, Reply
from hub.domain.usage import Usage
from hub.errors import TurnError
from tests.fakes.hubs import House
from tests.fakes.voices import failure

pytestmark = pytest.mark.anyio


async def ask_all(house, count):
    """Ask in as many threads, one after the other, so that their order is known."""
    tasks = []
    for number in range(count):
        thread = await house.hub.create_thread(f"thread {number}")
        tasks.append(house.start(Ask(f"Question {number}?"), thread.id))
        await house.until(lambda: under_way(house) + len(line(house)) == len(tasks))
    return tasks


def under_way(house):
    return sum(voice.running for voice in house.voices.values())


def line(house):
    return house.hub._parts.router.line._places


async def test_more_turns_than_places_are_all_answered_in_the_order_they_came(home):
    async with House(home, only="grok") as house:
        answers = asyncio.Semaphore(0)
        house.grok.script = lambda view: answered(answers)
        tasks = await ask_all(house, 12)
        assert len(house.grok.asked) == 4
        for ended in range(1, 13):
            answers.release()
            asked = min(12, ended + 4)
            await house.until(lambda: len(house.grok.asked) >= asked)  # noqa: B023

        posted = [(await house.done(task)).messages[0] for task in tasks]

        threads = [message.thread_id for message in posted]
        order = [threads.index(view.thread_id) for view in house.grok.asked]
        # Two that are let in at once, as it bears one more, may change places on their way.
        assert all(abs(place - came) <= 1 for place, came in enumerate(order))
        house.books.agree()


async def answered(answers):
    await answers.acquire()
    return "Yes."


async def test_a_full_provider_gives_way_to_another_one(home):
    async with House(home) as house:
        house.grok.hold()
        house.openai.hold()
        tasks = await ask_all(house, 6)
        assert house.openai.running == 2
        house.grok.release()
        house.openai.release()

        for task in tasks:
            await house.done(task)

        assert house.grok.peak == 4
        house.books.agree()


async def test_a_turn_that_fails_over_to_a_full_provider_waits_for_it_too(home):
    async with House(home) as house:
        house.openai.hold()
        house.grok.says(failure())
        tasks = await ask_all(house, 7)
        await house.until(lambda: house.openai.running == 4)
        house.openai.release()

        for task in tasks:
            assert (await house.done(task)).turns[0].provider == "openai"

        assert house.openai.peak == 4
        house.books.agree()


async def test_turns_that_wait_at_one_provider_are_not_in_the_way_of_anothers(home):
    async with House(home) as house:
        house.grok.hold()
        tasks = []
        for number in range(40):
            thread = await house.hub.create_thread(f"thread {number}")
            tasks.append(house.start(Ask(f"Question {number}?", provider="grok"), thread.id))
        await house.until(lambda: under_way(house) == 4)
        elsewhere = await house.hub.create_thread("elsewhere")

        answer = await house.ask(Ask("And you?", provider="openai"), elsewhere.id)

        assert answer.messages
        await house.until(lambda: len(line(house)) == 36)
        house.grok.release()
        for task in tasks:
            assert (await house.done(task)).messages
        house.books.agree()


async def test_a_turn_that_is_stopped_in_line_makes_way(home):
    async with House(home, only="grok") as house:
        house.grok.hold()
        tasks = await ask_all(house, 6)
        await house.until(lambda: house.grok.running == 4)
        waiting = house.hub._queue.running()[4]
        await house.hub._queue.stop(waiting)
        house.grok.release()

        with pytest.raises(TurnError, match="stopped"):
            await house.done(tasks[4])
        assert (await house.done(tasks[5])).messages
        assert not line(house)
        house.books.agree()


async def test_a_line_before_a_provider_that_dies_is_told_so(home):
    async with House(home, only="grok") as house:
        house.grok.hold()
        house.grok.script = lambda _: failure()
        tasks = await ask_all(house, 14)
        house.grok.release()

        for task in tasks:
            with pytest.raises(Exception, match=r"It failed|calls in a row failed"):
                await house.done(task)

        assert len(house.grok.asked) < 14
        house.books.agree()


async def test_a_used_up_rate_limit_is_waited_for_and_said(home):
    async with House(home, only="grok") as house:
        limits = RateLimits(house.clock.now(), requests=60, requests_per_s=0.1, requests_left=0)
        house.grok.replies(reply("First.", limits))
        thread = await house.hub.create_thread("one")
        await house.ask(Ask("Question 0?"), thread.id)

        second = house.start(Ask("Question 1?"), thread.id)
        await house.asleep(10.0)
        assert len(house.grok.asked) == 1
        await house.clock.advance(10)

        assert (await house.done(second)).messages
        assert Notice("proposer waits 10 s, as its provider asks.", thread.id) in house.heard
        house.books.agree()


def reply(text, limits):
    used = Usage(10, 10)
    return Reply(text, "grok-4.3", used, FinishReason.STOP, 0.5, limits=limits)
