"""A question gone on with by another program, from whatever moment the first one ended at."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.decision import AnswerKind
from hub.domain.event import BallotCast
from hub.domain.turn import Purpose, TurnState
from hub.errors import GitBridgeError
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import voting
from tests.faults.invariants import violations

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}
SPLIT = {"proposer": "tabs", "critic": "spaces", "synthesist": "both"}
MOMENTS = range(2, 38, 3)
"""Writes to the journal after which the first program ends."""


async def broken_off(home, ask, votes, moment):
    """Ask, and end the program at a moment; what is under way then is not waited for."""
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(votes)
        written, commit = [], house.hub._parts.store.commit

        async def counted(change):
            written.append(change)
            return await commit(change)

        house.hub._parts.store.commit = counted
        task = house.start(ask)
        await house.until(lambda: len(written) >= moment or task.done())
        await house.hub.close(grace_s=0)
        with contextlib.suppress(GitBridgeError):
            return await house.done(task)
    return None


async def gone_on_with(home, votes, how="resume"):
    """Go on in another program; return its house's books, what it asked and what it told."""
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(votes)
        await getattr(house.hub, how)()
        assert await house.hub.unanswered() == ()
        house.books.agree()
        decisions = await house.hub.decisions()
    assert violations(home / "gitbridge.db") == []
    return house, decisions


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_decision_comes_to_its_outcome_with_each_vote_cast_once(home, moment):
    ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rounds=2)
    answer = await broken_off(home, ask, VOTES, moment)
    house, decisions = await gone_on_with(home, VOTES)

    if not house.books.value("SELECT count(*) FROM message"):
        return  # it had not even been asked
    [decision] = decisions
    assert decision.closed_at is not None
    assert sorted(b.voter for b in decision.ballots) == sorted(NAMES)
    assert decision.option(decision.tally.winner).text == "tabs"
    assert house.books.value("SELECT count(*) FROM message") == 8
    assert set(house.books.states()) == {"done"}
    assert answer is None or answer.decision == decision


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_split_vote_gets_its_second_round_all_the_same(home, moment):
    ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces", "both"))
    await broken_off(home, ask, [SPLIT, SPLIT], moment)
    house, decisions = await gone_on_with(home, [SPLIT, SPLIT])

    for decision in decisions:
        assert [b.round for b in decision.ballots] == [1, 1, 1, 2, 2, 2]
        assert house.books.value("SELECT count(*) FROM message") == 8


@pytest.mark.parametrize("moment", MOMENTS)
async def test_the_options_of_an_open_question_are_the_drafts_of_both_programs(home, moment):
    votes = {"proposer": "critic", "critic": "proposer", "synthesist": "critic"}
    await broken_off(home, Ask("Which?", Mode.DECIDE), votes, moment)
    house, decisions = await gone_on_with(home, votes)

    for decision in decisions:
        assert len(decision.proposal.options) == len(decision.ballots) == 3
        assert {name for o in decision.proposal.options for name in o.authors} == set(NAMES)
        assert house.books.value("SELECT count(*) FROM decision") == 1


@pytest.mark.parametrize("moment", [9, 13, 17, 21, 25])
async def test_posts_that_are_votes_are_cast_once(home, moment):
    number = Ask("How many?", Mode.DECIDE, kind=AnswerKind.NUMBER)
    await broken_off(home, number, VOTES, moment)
    house, decisions = await gone_on_with(home, VOTES)

    (decision,) = decisions
    cast = [(ballot.voter, ballot.round) for ballot in decision.ballots]
    assert sorted(cast) == sorted((name, number) for name in NAMES for number in (1, 2))
    assert house.books.value("SELECT count(*) FROM turn") == 6


@pytest.mark.parametrize("moment", MOMENTS)
async def test_a_discussion_is_talked_to_its_end_in_the_order_of_its_agents(home, moment):
    await broken_off(home, Ask("Well?", Mode.DISCUSS, rounds=2), VOTES, moment)
    house, _ = await gone_on_with(home, VOTES)

    authors = [name for (name,) in house.books.rows("SELECT author FROM message ORDER BY seq")]
    assert authors in ([], ["you", *NAMES, *NAMES])
    replies = "SELECT seq - (SELECT seq FROM message AS m WHERE m.id = message.reply_to)"
    assert {step for (step,) in house.books.rows(f"{replies} FROM message")} <= {None, 1}


@pytest.mark.parametrize("moment", MOMENTS)
async def test_dropped_it_is_tallied_as_far_as_it_was_paid_for(home, moment):
    ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"))
    await broken_off(home, ask, VOTES, moment)
    house, decisions = await gone_on_with(home, VOTES, how="drop")

    assert house.asked == []
    for decision in decisions:
        assert decision.closed_at is not None
        assert decision.tally.cast == len(decision.ballots)


async def test_ballots_that_stand_are_told_again_before_the_new_ones(home):
    ask = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rounds=1)
    vote, never = voting(VOTES), asyncio.Event()

    async def say(view):
        if view.purpose is Purpose.BALLOT and view.persona.name == "synthesist":
            await never.wait()
        return vote(view)

    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = say
        task = house.start(ask)
        await house.until(lambda: house.books.value("SELECT count(*) FROM ballot") == 2)
        await house.hub.close(grace_s=0)
        with contextlib.suppress(GitBridgeError):
            await house.done(task)
    house, _ = await gone_on_with(home, VOTES)

    assert [e.tally.cast for e in house.events(BallotCast)] == [1, 2, 3]
    assert [view.persona.name for view in house.asked] == ["synthesist"]


async def test_a_turn_stopped_from_elsewhere_stops_the_rest_of_its_question(home):
    async with House(home) as house, House(home, house.clock) as other:
        for voice in house.voices.values():
            voice.hold()
        task = house.start(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))
        await house.until(lambda: sum(voice.running for voice in house.voices.values()) == 3)
        assert await other.hub.stop() == 3
        await house.pass_until(task.done)

        answer = await house.done(task)
        assert answer.stopped == answer.decision.stop_reason == "person"
        assert {turn.state for turn in answer.turns} == {TurnState.CANCELLED}
        assert len(house.asked) == 3
