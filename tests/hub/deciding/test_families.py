"""One of two model families is gone, and its seats are served by the other: the person is asked."""

import pytest

from hub.consensus.verify import differences
from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind, Verdict
from hub.domain.event import OutageMet
from hub.domain.turn import Purpose
from hub.errors import QuotaError, SendOutcome
from hub.exports.words import counting
from hub.serving.outages import WAIT_S, Outage
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import failure, votes, voting

pytestmark = pytest.mark.anyio

VOTES = dict.fromkeys(NAMES, "tabs")
DECIDE = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"))
NUMBER = Ask("How many?", Mode.DECIDE, kind=AnswerKind.NUMBER, rounds=1)


def line(view):
    return voting(VOTES)(view) if votes(view) else "Four.\nAnswer: 4"


def dies(house, *purposes):
    """Let OpenAI answer nothing for these purposes; Grok serves what it would have."""
    house.grok.script = line
    house.openai.script = lambda view: failure() if view.purpose in purposes else line(view)


def back(house):
    house.openai.script = line
    house.clock.tick(61)  # the breaker is half-open by then


async def met(house, times=1):
    await house.until(lambda: len(house.events(OutageMet)) == times)
    return house.events(OutageMet)[-1]


async def waited_for(house, task, outage):
    """Have the outage waited for, and return the decision that comes of it."""
    house.hub.answer_outage(outage.question_id, Outage.WAIT)
    await house.asleep(WAIT_S)
    await house.pass_until(task.done, step_s=WAIT_S)
    return (await house.done(task)).decision


def ballots_asked(house):
    return [view.persona.name for view in house.asked if votes(view)]


def rounds(decision):
    return sorted((b.voter, b.round, b.family) for b in decision.ballots)


async def test_a_family_that_went_before_the_vote_is_asked_about_before_any_ballot(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        house.grok.script = line
        house.openai.script = lambda _: failure(SendOutcome.REJECTED, QuotaError, status=429)
        task = house.start(DECIDE)
        outage = await met(house)
        assert outage.agents == ("gpt",)
        assert ballots_asked(house) == []
        house.hub.answer_outage(outage.question_id, Outage.WAIT)
        await house.asleep(WAIT_S)
        await house.clock.advance(WAIT_S)
        assert (await met(house, 2)).question_id == outage.question_id  # it is no use yet
        house.openai.script = line
        house.clock.tick(901)
        house.hub.answer_outage(outage.question_id, Outage.WAIT)
        await house.pass_until(task.done, step_s=WAIT_S)
        decision = (await house.done(task)).decision

        assert len(ballots_asked(house)) == 3
        assert decision.tally.verdict is Verdict.DECIDED
        house.books.agree()


async def test_a_family_that_goes_while_ballots_are_cast_is_asked_about_and_waited_for(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        dies(house, Purpose.BALLOT)
        task = house.start(DECIDE)
        outage = await met(house)
        assert outage.agents == ("gpt",)
        assert "grok serves all seats" in outage.reason
        back(house)
        decision = await waited_for(house, task, outage)

        assert decision.tally.verdict is Verdict.DECIDED
        assert decision.tally.families == ("gpt", "grok")
        assert [r for r in rounds(decision) if r[0] == "critic"] == [
            ("critic", 1, "grok"),
            ("critic", 2, "gpt"),
        ]
        assert decision.stop_reason == "all ballots are in"
        assert differences(decision) == ()
        house.books.agree()


async def test_no_more_seats_are_asked_again_than_the_missing_family_had(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        house.openai.script = line
        house.grok.script = lambda view: failure() if votes(view) else line(view)
        task = house.start(DECIDE)
        outage = await met(house)
        assert outage.agents == ("grok",)
        house.grok.script = line
        house.clock.tick(61)
        decision = await waited_for(house, task, outage)

        seats = [seat.family for seat in decision.proposal.seats]
        again = [b.family for b in decision.ballots if b.round > 1]
        assert again == ["grok"] * seats.count("grok")
        assert decision.tally.families == ("gpt", "grok")
        assert len(house.events(OutageMet)) == 1
        house.books.agree()


async def test_going_on_is_asked_once_and_the_record_names_who_was_not_heard(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        dies(house, Purpose.BALLOT)
        task = house.start(DECIDE)
        house.hub.answer_outage((await met(house)).question_id, Outage.GO_ON)
        decision = (await house.done(task)).decision

        assert decision.tally.verdict is Verdict.ADVISORY
        assert len(house.events(OutageMet)) == 1
        assert len(decision.ballots) == 3
        assert "no ballot came from gpt, which was seated" in counting(decision)


async def test_stopping_counts_the_ballots_that_are_there(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        dies(house, Purpose.BALLOT)
        task = house.start(DECIDE)
        house.hub.answer_outage((await met(house)).question_id, Outage.STOP)
        answer = await house.done(task)

        assert (answer.stopped, answer.decision.stop_reason) == ("person", "person")
        assert len(answer.decision.ballots) == 3


async def test_where_nobody_can_be_asked_it_goes_on_and_says_so(home):
    async with House(home) as house:
        dies(house, Purpose.BALLOT)
        decision = (await house.ask(DECIDE)).decision

        assert house.events(OutageMet) == []
        assert decision.tally.verdict is Verdict.ADVISORY
        assert "no ballot came from gpt, which was seated" in counting(decision)


async def test_a_seat_that_its_budget_moved_to_another_family_is_no_outage(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        dies(house)
        ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rounds=0, budget=2_700)
        decision = (await house.ask(ask)).decision

        assert {b.family for b in decision.ballots} == {"grok"}
        assert house.events(OutageMet) == []


async def test_where_a_post_is_the_vote_those_whose_family_was_out_answer_again(home):
    async with House(home) as house:
        house.hub.on_outage(can_ask=True)
        dies(house, Purpose.DRAFT)
        task = house.start(NUMBER)
        outage = await met(house)
        back(house)
        decision = await waited_for(house, task, outage)

        assert decision.tally.families == ("gpt", "grok")
        assert decision.tally.verdict is Verdict.DECIDED
        assert differences(decision) == ()
        house.books.agree()
