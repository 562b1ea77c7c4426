"""Before a decision asks for more, it looks whether its budgets still pay for that."""

from dataclasses import replace

import pytest

from hub.consensus.verify import differences
from hub.domain.ask import Ask, Mode
from hub.domain.change import BeginTurn
from hub.domain.decision import Rule, Verdict
from hub.domain.event import Notice, RoundStarted
from hub.domain.thread import MessageKind
from hub.domain.turn import Purpose
from hub.errors import BudgetRefusedError
from tests.fakes.hubs import NAMES, PRICES, House, budget, persona
from tests.fakes.voices import ballot, judges, votes, voting

pytestmark = pytest.mark.anyio

OPTIONS = ("tabs", "spaces")
VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}
SHORTEST = 256 * 10
"""Micro-dollars of the shortest answer that gpt-4o may be asked for; a prompt comes on top."""
APART = {"proposer": "tabs", "critic": "spaces", "synthesist": "both"}


def say(house, line):
    for voice in house.voices.values():
        voice.script = line


async def costs(home, ask, line, **parts):
    """Return what each turn of a question costs where nothing refuses it, in the order they end."""
    async with House(home, **parts) as house:
        say(house, line)
        answer = await house.ask(ask)
        return [turn.cost for turn in answer.turns], answer


def states(house):
    return set(house.books.states())


def asked_of(house, test):
    return [view.persona.name for view in house.asked if test(view)]


async def test_what_pays_for_no_draft_is_refused_before_any_is_queued(home):
    async with House(home) as house:
        with pytest.raises(BudgetRefusedError, match="budget"):
            await house.ask(Ask("What shall we do?", Mode.DECIDE, budget=1))

        assert house.books.states() == []
        assert await house.hub.decisions() == ()


@pytest.fixture
def elsewhere(tmp_path):
    """Another journal, to see what things cost."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder


async def test_a_ballot_that_the_budget_does_not_pay_for_is_never_put_in_line(home, elsewhere):
    ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0)
    (one, *_), _ = await costs(elsewhere, ask, voting(VOTES), only="openai")
    async with House(home, only="openai") as house:
        say(house, voting(VOTES))
        answer = await house.ask(replace(ask, budget=2 * one + SHORTEST))

        decision = answer.decision
        assert len(decision.ballots) == 2
        assert states(house) == {"done"}
        assert len(house.asked) == len(decision.ballots)
        assert (answer.stopped, decision.stop_reason) == ("budget", "budget")
        assert set(decision.tally.absent) == set(NAMES) - {b.voter for b in decision.ballots}
        assert any("budget" in failure for failure in answer.failures)
        assert differences(decision) == ()
        assert "paid for no more" in (await house.hub.messages(answer.thread.id))[-1].body
        assert "No more is asked now" in house.events(Notice)[-1].text
        house.books.agree()


async def test_what_pays_for_no_ballot_at_all_is_refused_and_nothing_is_queued(home):
    async with House(home) as house:
        with pytest.raises(BudgetRefusedError, match="budget"):
            await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, budget=1))

        (decision,) = await house.hub.decisions()
        assert (decision.stop_reason, decision.ballots) == ("budget", ())
        assert house.books.states() == []


async def test_the_money_left_goes_to_two_families_first(home):
    three = (persona("a0", "grok"), persona("a1", "grok"), persona("a2", "openai"))
    async with House(home, agents=three) as house:
        say(house, voting(dict.fromkeys(("a0", "a1", "a2"), "tabs")))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, budget=3_600)
        decision = (await house.ask(ask)).decision

        assert {b.family for b in decision.ballots} == {"gpt", "grok"}
        assert decision.tally.verdict is Verdict.DECIDED
        assert states(house) == {"done"}


async def test_a_critique_whose_vote_could_not_be_paid_for_is_left_out(home, elsewhere):
    ask = Ask("Which?", Mode.DECIDE, options=(*OPTIONS, "both"))
    paid, whole = await costs(elsewhere, ask, voting([APART, VOTES]), only="openai")
    assert [m.kind for m in whole.messages].count(MessageKind.CRITIQUE) == 3
    drafts_and_vote, more = sum(paid[:6]), sum(paid[6:9])
    async with House(home, only="openai") as house:
        say(house, voting([APART, VOTES]))
        enough = drafts_and_vote + more + SHORTEST
        answer = await house.ask(Ask(ask.question, ask.mode, options=ask.options, budget=enough))

        decision = answer.decision
        assert Purpose.CRITIQUE not in [view.purpose for view in house.asked]
        assert [b.round for b in decision.ballots] == [1, 1, 1]
        assert (answer.stopped, decision.stop_reason) == ("budget", "budget")
        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert [e.purpose for e in house.events(RoundStarted)] == ["draft", "ballot"]
        assert states(house) == {"done"}
        house.books.agree()


async def test_talk_before_the_vote_is_left_out_rather_than_the_vote(home, elsewhere):
    ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=2)
    paid, _ = await costs(elsewhere, ask, voting(VOTES), only="openai")
    async with House(home, only="openai") as house:
        say(house, voting(VOTES))
        enough = sum(paid[:3]) + 3 * paid[-1] + 4_000
        answer = await house.ask(
            Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=2, budget=enough)
        )

        assert Purpose.CRITIQUE not in [view.purpose for view in house.asked]
        assert len(answer.decision.ballots) == 3
        assert answer.decision.stop_reason == "budget"
        assert (answer.stopped, answer.decision.tally.verdict) == ("", Verdict.ADVISORY)
        assert any("no critique" in notice.text for notice in house.events(Notice))
        house.books.agree()


async def test_money_that_another_program_holds_is_not_there(home):
    async with (
        House(home, budget=budget(day=80_000)) as other,
        House(home, other.clock, budget=budget(day=80_000)) as house,
    ):
        for voice in other.voices.values():
            voice.hold()
        held = [other.start(Ask("Why?", provider="openai")), other.start(Ask("How?"))]
        await other.until(lambda: sum(voice.running for voice in other.voices.values()) == 2)
        say(house, voting(VOTES))
        ask = Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, provider="openai")
        full = house.books.value("SELECT cap - spent - reserved FROM budget WHERE id LIKE 'day:%'")
        await house.hub.set_budget("day", 80_000 - full)
        with pytest.raises(BudgetRefusedError):
            await house.ask(ask)
        assert house.asked == []

        for voice in other.voices.values():
            voice.release()
        for task in held:
            await other.done(task)
        await house.ask(ask)
        assert len(asked_of(house, votes)) == 3


async def test_judges_are_not_asked_with_the_money_of_the_vote(home, elsewhere):
    def line(view):
        if view.schema is None:
            return f"{view.persona.name}'s plan"
        return '{"groups": [[1, 2, 3]]}' if judges(view) else ballot("A")

    ask = Ask("What shall we do?", Mode.DECIDE)
    _, whole = await costs(elsewhere, ask, line)
    assert len(whole.decision.proposal.options) == 1
    async with House(home) as house:
        say(house, line)
        answer = await house.ask(Ask(ask.question, ask.mode, budget=whole.usage.cost - 1_000))

        assert asked_of(house, judges) == []
        assert len(answer.decision.proposal.options) == 3
        assert answer.decision.ballots
        house.books.agree()


async def test_one_more_ballot_for_a_tie_is_asked_for_only_where_it_is_paid_for(home):
    alike = dict.fromkeys(PRICES, PRICES["openai/gpt-4o"])
    async with House(home, prices=alike) as house:
        even = {"proposer": "tabs", "critic": "spaces"}
        say(house, voting(even))
        ask = Ask(
            "Which?",
            Mode.DECIDE,
            agents=("proposer", "critic"),
            options=OPTIONS,
            rounds=0,
            rule=Rule.PLURALITY,
            budget=3_900,
        )
        decision = (await house.ask(ask)).decision

        assert [b.casting for b in decision.ballots] == [False, False]
        assert decision.stop_reason == "budget"
        assert states(house) == {"done"}


async def test_where_no_cap_refuses_nothing_is_rehearsed(home, monkeypatch):
    async with House(home) as house:
        say(house, voting(VOTES))
        routed = []
        choose = house.hub._parts.router.choose
        monkeypatch.setattr(
            house.hub._parts.router, "choose", lambda r: routed.append(r) or choose(r)
        )
        answer = await house.ask(Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0))

        seats = len(NAMES)
        assert len(routed) == seats + len(answer.turns)


async def test_ballots_of_a_program_that_is_gone_are_taken_up_without_any_money(home):
    async with House(home) as house:
        say(house, voting(VOTES))
        answer = await house.ask(
            Ask("Which?", Mode.DECIDE, options=OPTIONS, rounds=0, rule=Rule.UNANIMITY)
        )
        assert answer.decision.tally.verdict is Verdict.NO_CONSENSUS
        again = await house.hub.go_on(answer.decision.id, budget=1)

        assert again.decision.ballots == answer.decision.ballots
        assert len(house.asked) == 3


async def test_a_turn_waits_for_money_that_another_holds_and_does_not_know_of_yet(home):
    async with House(home, only="openai", budget=budget(day=30_000)) as house:
        pause = house.pause_at(BeginTurn, after=True)
        first = house.start(Ask("Why?"))
        await house.done(house.spawn(pause.reached.wait()))
        second = house.start(Ask("How?"))
        await house.until(lambda: house.hub._parts.purse._waiting)
        pause.over.set()

        assert (await house.done(first)).messages
        assert (await house.done(second)).messages
        house.books.agree()
