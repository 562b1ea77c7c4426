"""Nobody can be reached: the question stays and is sent again; in mid-decision the person is asked."""

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.event import Notice, OutageMet
from hub.domain.turn import Purpose
from hub.errors import (
    AuthenticationError,
    GitBridgeError,
    NotFoundError,
    ProviderConnectionError,
    SendOutcome,
)
from hub.serving.outages import WAIT_S, Outage
from tests.fakes.hubs import House
from tests.fakes.voices import failure, voting

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}
DECIDE = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"))


def dark(house):
    for voice in house.voices.values():
        voice.script = lambda _: failure()


def light(house):
    for voice in house.voices.values():
        voice.script = voting(VOTES)
    house.clock.tick(61)  # the breakers are half-open by then


async def again(house, thread):
    """Send it again, and let time pass while one call at a time finds out whether they work."""
    task = house.spawn(house.hub.send_again(thread.id))
    await house.pass_until(task.done, step_s=1.0)
    return task.result()


async def unanswered(house, ask):
    """Ask while nobody can be reached; return the thread."""
    dark(house)
    with pytest.raises(ProviderConnectionError):
        await house.ask(ask)
    [summary] = await house.hub.threads()
    return summary.thread


async def questions(house, thread):
    return [m.body for m in await house.hub.messages(thread.id) if m.author == "you"]


@pytest.mark.parametrize("ask", [Ask("Why?"), DECIDE], ids=["message", "decision"])
async def test_a_question_that_reached_nobody_stays_posted_and_is_sent_again_once(home, ask):
    async with House(home) as house:
        thread = await unanswered(house, ask)
        assert "stays posted" in house.events(Notice)[-1].text
        light(house)

        answer = await again(house, thread)

        assert answer.messages
        assert (answer.decision is None) == (ask.mode is Mode.MESSAGE)
        assert await questions(house, thread) == [ask.question]
        with pytest.raises(NotFoundError):
            await house.hub.send_again(thread.id)
        house.books.agree()


async def test_it_can_be_sent_again_as_often_as_nobody_is_reached(home):
    async with House(home) as house:
        thread = await unanswered(house, Ask("Why?"))
        with pytest.raises(GitBridgeError):
            await house.hub.send_again(thread.id)
        light(house)

        assert (await again(house, thread)).messages


async def test_the_next_program_resumes_it(home):
    async with House(home) as house:
        thread = await unanswered(house, Ask("Why?"))

    async with House(home) as house:
        light(house)
        assert [m.body for m in await house.hub.unanswered()] == ["Why?"]
        await house.hub.resume()

        assert len(await house.hub.messages(thread.id)) == 2
        assert await house.hub.unanswered() == ()
        house.books.agree()


async def test_what_no_waiting_mends_is_over(home):
    async with House(home) as house:
        for voice in house.voices.values():
            voice.says(failure(SendOutcome.REJECTED, AuthenticationError, status=401))
        with pytest.raises(AuthenticationError):
            await house.ask(Ask("Why?"))
        [summary] = await house.hub.threads()

        with pytest.raises(NotFoundError):
            await house.hub.send_again(summary.thread.id)


def out_at_the_vote(house):
    """Let everybody answer until ballots are asked for; then nobody can be reached."""
    say = voting(VOTES)
    for voice in house.voices.values():
        voice.script = lambda view: failure() if view.purpose is Purpose.BALLOT else say(view)


async def met(house):
    await house.until(lambda: house.events(OutageMet))
    return house.events(OutageMet)[-1]


async def test_an_outage_in_mid_decision_is_asked_about_once_and_waited_for(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        out_at_the_vote(house)
        asked = house.start(DECIDE)
        outage = await met(house)
        assert "It failed" in outage.reason
        light(house)
        house.hub.answer_outage(outage.question_id, Outage.WAIT)
        await house.asleep(WAIT_S)
        await house.pass_until(asked.done, step_s=WAIT_S)

        decision = (await house.done(asked)).decision
        assert len(decision.ballots) == 3
        house.books.agree()


async def test_going_on_takes_what_there_is_and_asks_no_more(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        out_at_the_vote(house)
        asked = house.start(DECIDE)
        house.hub.answer_outage((await met(house)).question_id, Outage.GO_ON)

        answer = await house.done(asked)
        assert answer.decision.ballots == ()
        assert len(answer.messages) >= 3
        assert len(house.events(OutageMet)) == 1


async def test_stopping_counts_what_is_there(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        out_at_the_vote(house)
        asked = house.start(DECIDE)
        house.hub.answer_outage((await met(house)).question_id, Outage.STOP)

        answer = await house.done(asked)
        assert answer.stopped == "person"
        assert answer.decision.closed_at is not None


async def test_the_whole_thread_can_be_stopped_while_the_person_thinks(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        out_at_the_vote(house)
        asked = house.start(DECIDE)
        await met(house)
        await house.hub.stop()

        assert (await house.done(asked)).stopped == "person"


async def test_where_nobody_can_be_asked_it_goes_on(home):
    async with House(home) as house:
        out_at_the_vote(house)

        answer = await house.ask(DECIDE)

        assert answer.decision is not None
        assert house.events(OutageMet) == []
