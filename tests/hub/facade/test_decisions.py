"""What a person does with decisions through the facade, while they run and afterwards."""

import asyncio
import re

import pytest

from hub.consensus.verify import differences
from hub.deciding.calibrating import Calibrations
from hub.domain.ask import Ask, Mode
from hub.domain.change import CloseDecision
from hub.domain.decision import Rule, Verdict
from hub.domain.event import BallotCast, DecisionOpened
from hub.domain.query import Grades
from hub.domain.turn import Purpose
from hub.errors import UsageError
from tests.fakes.hubs import NAMES, House
from tests.fakes.voices import ballot, label_of, votes, voting

pytestmark = pytest.mark.anyio

OPTIONS = ("tabs", "spaces")
VOTES = {"proposer": "tabs", "critic": "spaces", "synthesist": "tabs"}


def say(house, script):
    for voice in house.voices.values():
        voice.script = script


def held(script, name):
    """Return a script under which one voter waits, and what lets it go on."""
    gate = asyncio.Event()

    async def line(view):
        if votes(view) and view.persona.name == name:
            await gate.wait()
        return script(view)

    return line, gate


def ask(**more):
    return Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, **more)


async def opened(house):
    await house.until(lambda: house.events(DecisionOpened))
    return house.events(DecisionOpened)[0].decision.id


async def test_a_person_who_votes_while_the_agents_do_is_counted(home):
    async with House(home, only="openai") as house:
        line, gate = held(voting(VOTES), "critic")
        say(house, line)
        task = house.start(ask())
        id_ = await opened(house)
        await house.until(lambda: len(house.events(BallotCast)) == 2)
        await house.hub.vote(id_, ["tabs"], reason="Mine.")
        gate.set()
        decision = (await house.done(task)).decision

        assert decision.tally.eligible == 4
        assert decision.tally.families == ("gpt", "human")
        assert decision.tally.verdict is Verdict.DECIDED
        assert differences(decision) == ()


async def test_an_option_that_a_person_adds_is_voted_on_in_the_next_round(home):
    async with House(home) as house:
        first = voting(VOTES)

        def script(view):
            shown = view.parts[-1].text
            if votes(view) and "neither" in shown:
                return ballot(label_of(view, "neither"), "That is better.")
            return first(view)

        line, gate = held(script, "critic")
        say(house, line)
        task = house.start(Ask("Which?", Mode.DECIDE, options=OPTIONS))
        id_ = await opened(house)
        await house.until(lambda: len(house.events(BallotCast)) == 2)
        await house.hub.propose(id_, "neither")
        gate.set()
        decision = (await house.done(task)).decision

        assert [o.text for o in decision.proposal.options] == [*OPTIONS, "neither"]
        critiques = [v for v in house.asked if v.purpose is Purpose.CRITIQUE]
        assert all("The person adds: neither." in v.parts[-1].text for v in critiques)
        assert len(critiques) == 3
        assert decision.option(decision.tally.winner).text == "neither"
        assert [b.round for b in decision.ballots] == [1, 1, 1, 2, 2, 2]
        assert len(decision.flips) == 3
        with pytest.raises(UsageError, match="closed"):
            await house.hub.propose(id_, "both")


async def test_a_veto_of_a_person_stops_consent_and_has_to_be_reasoned(home):
    async with House(home) as house:
        line, gate = held(voting(dict.fromkeys(NAMES, "tabs")), "critic")
        say(house, line)
        task = house.start(ask(rule=Rule.CONSENT))
        id_ = await opened(house)
        with pytest.raises(UsageError, match="reason"):
            await house.hub.vote(id_, block=True)
        await house.hub.vote(id_, block=True, reason="It breaks my editor.")
        gate.set()
        decision = (await house.done(task)).decision

        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert "you blocks: It breaks my editor." in decision.tally.reason


async def test_an_override_ends_what_is_under_way_beside_the_count_so_far(home):
    async with House(home) as house:
        line, _ = held(voting(dict.fromkeys(NAMES, "tabs")), "critic")
        say(house, line)
        task = house.start(ask())
        id_ = await opened(house)
        await house.until(lambda: len(house.events(BallotCast)) == 2)
        await house.hub.override(id_, "spaces", name="Ada", reason="House style.")
        decision = (await house.done(task)).decision

        assert decision.option(decision.tally.winner).text == "spaces"
        assert (decision.tally.override, decision.stop_reason) == ("Ada", "person")
        assert decision.tally.absent == ("critic",)
        assert decision.tally.scores[0].votes == 2
        assert differences(decision) == ()
        house.books.agree()


async def test_what_was_stopped_goes_on_later_and_nobody_votes_twice(home):
    async with House(home) as house:
        line, _ = held(voting(VOTES), "critic")
        say(house, line)
        task = house.start(ask(rule=Rule.UNANIMITY))
        await house.until(lambda: len(house.events(BallotCast)) == 2)
        await house.hub.stop()
        stopped = (await house.done(task)).decision
    assert (stopped.stop_reason, stopped.tally.verdict) == ("person", Verdict.NO_CONSENSUS)

    async with House(home) as house:
        say(house, voting(dict.fromkeys(NAMES, "tabs")))
        answer = await house.done(house.spawn(house.hub.go_on(stopped.id)))

        assert [view.persona.name for view in house.asked] == ["critic"]
        assert answer.decision.ballots[:2] == stopped.ballots
        assert len(answer.decision.ballots) == 3
        assert (answer.decision.id, answer.decision.tally.verdict) == (stopped.id, Verdict.DECIDED)
        with pytest.raises(UsageError, match="outcome stands"):
            await house.hub.go_on(stopped.id)
        house.books.agree()


async def test_marks_of_this_program_and_of_others_teach_the_next_count(home):
    async with House(home) as house, House(home, house.clock) as other:
        say(house, voting(VOTES))
        decided = [(await house.ask(ask())).decision for _ in range(3)]
        await house.hub.mark_decision(decided[0].id, right=True)
        await other.hub.mark_decision(decided[1].id, right=False, answer="spaces")
        await other.hub.mark_decision(decided[1].id, right=False, answer="b")
        await house.hub.mark_decision(decided[2].id, right=False, answer="something else")

        running = await house.hub._calibrations.current(Rule.AUTO)
        fresh = await Calibrations(house.hub._parts.store).current(Rule.AUTO)
        assert running == fresh
        assert running.id
        options = decided[1].proposal.options
        assert [row.right for row in running.rows][1] == options[1].id
        last = (await house.ask(ask())).decision
        assert last.tally.weighing.calibration == running.id
        assert differences(last) == ()
        grades = await house.hub._parts.store.read(Grades())
        assert {grade.quality for grade in grades} == {0.0, 1.0}


async def test_agreement_alone_teaches_nobody_but_dawid_skene(home):
    async with House(home) as house:
        say(house, voting(VOTES))
        await house.ask(ask())
        calibrations = Calibrations(house.hub._parts.store)

        assert (await calibrations.current(Rule.WEIGHTED)).rows == ()
        assert len((await calibrations.current(Rule.DAWID_SKENE)).rows) == 1


async def test_an_open_decision_cannot_be_marked_nor_one_without_a_winner(home):
    async with House(home) as house:
        line, gate = held(voting(VOTES), "critic")
        say(house, line)
        task = house.start(ask(rule=Rule.UNANIMITY))
        id_ = await opened(house)
        with pytest.raises(UsageError, match="still open"):
            await house.hub.mark_decision(id_, right=True)
        gate.set()
        await house.done(task)
        with pytest.raises(UsageError, match="no winner"):
            await house.hub.mark_decision(id_, right=True)
        marked = await house.hub.mark_decision(id_, right=False, answer="tabs")

        assert marked.mark.answer == (await house.hub.decision(id_)).proposal.options[0].id


async def test_after_a_split_everyone_answers_somebody_who_voted_otherwise(home):
    async with House(home) as house:
        split = {"proposer": "tabs", "critic": "spaces", "synthesist": "both"}
        say(house, voting(split))
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=(*OPTIONS, "both")))

        posted = {message.id: message for message in answer.messages}
        for critique in answer.messages[3:]:
            answered = posted[critique.reply_to]
            assert split[answered.author] != split[critique.author]
        for view in (v for v in house.asked if v.purpose is Purpose.CRITIQUE):
            told = view.parts[-1].text
            assert all(f"{name} prefers" in told for name in NAMES)  # the arguments, word for word
            assert re.search(r"Answer participant [12] above all", told)
            assert "votes" not in told
            assert "2 of 3" not in told


async def test_a_vote_that_comes_while_the_outcome_is_written_is_counted_too(home):
    async with House(home) as house:
        say(house, voting(VOTES))
        pause = house.pause_at(CloseDecision, after=False)
        task = house.start(ask())
        await house.done(house.spawn(pause.reached.wait()))
        await house.hub.vote(await opened(house), ["spaces"])
        pause.over.set()
        decision = (await house.done(task)).decision

        assert decision.tally.cast == 4
        assert len(decision.ballots) == 4
        assert differences(decision) == ()
        assert await house.hub.decision(decision.id) == decision
