"""Real deliberations, over HTTP on loopback and by the embedded model, each ended another way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from agents.local import LocalAgent
from hub.config import NetworkSettings, PriceSettings, ProviderSettings
from hub.consensus.early_stop import UNASSAILABLE
from hub.consensus.verify import differences
from hub.domain.ask import Ask, Mode
from hub.domain.decision import Rule, Verdict
from hub.domain.event import BallotCast, RoundStarted
from hub.domain.turn import Purpose
from hub.errors import BudgetRefusedError
from hub.exports.decision_record import to_json
from hub.imports.decision_file import read_decisions
from tests.fakes.embedded import shared_process
from tests.fakes.hubs import House, persona
from tests.faults.wired import Wired
from tests.loopback import LoopbackProvider

pytestmark = [pytest.mark.anyio, pytest.mark.network]

ASK = Ask("Which?", Mode.DECIDE, options=("tabs", "spaces"), rounds=1)
FIVE = tuple(persona(f"a{n}") for n in range(5))


class Providers:
    """OpenAI and xAI on loopback, and a hub that asks both."""

    def __init__(self, home, openai="tabs", grok="tabs", **parts):
        self.openai = LoopbackProvider(vote=openai)
        self.grok = LoopbackProvider(provider="xai", vote=grok)
        self._home, self._parts = home, parts

    async def __aenter__(self):
        await self.openai.__aenter__()
        await self.grok.__aenter__()
        self.house = Wired(self._home, openai=self.openai.url, grok=self.grok.url, **self._parts)
        await self.house.__aenter__()
        return self

    async def __aexit__(self, *raised):
        await self.house.__aexit__(*raised)
        await self.grok.__aexit__(*raised)
        await self.openai.__aexit__(*raised)

    @property
    def questions(self):
        return self.openai.questions + self.grok.questions


async def holds(house, decision):
    """Assert that journal, books and the exported record bear the decision out."""
    assert await house.hub.decision(decision.id) == decision
    record = await house.hub.decision_record(decision.id)
    (read,) = read_decisions(to_json(record).encode())
    assert differences(read) == ()
    assert replace(read, tally=decision.tally) == decision
    assert len(record.served) == len([b for b in decision.ballots if b.turn_id])
    house.books.agree()
    return record


async def test_it_ends_with_a_majority(home):
    async with Providers(home) as them:
        answer = await them.house.ask(ASK)

        decision = answer.decision
        assert (decision.tally.verdict, decision.stop_reason) == (
            Verdict.DECIDED,
            "all ballots are in",
        )
        assert decision.tally.families == ("gpt", "grok")
        assert {s.deployment for s in decision.proposal.seats} == {
            b.deployment for b in decision.ballots
        }
        record = await holds(them.house, decision)
        assert {s.served_model for s in record.served} == {"gpt-4o", "grok-4.3"}
        assert record.usage.calls == them.questions == 6


async def test_it_ends_without_a_quorum(home):
    async with Providers(home, openai="abstain", grok="abstain") as them:
        answer = await them.house.ask(ASK)

        decision = answer.decision
        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert decision.tally.abstained == 3
        assert decision.tally.reason == "0 of 3 voted, and 2 are needed."
        await holds(them.house, decision)


async def test_it_ends_with_its_budget_and_tallies_what_was_paid_for(home):
    async with Providers(home) as them:
        house = them.house
        whole = await house.ask(ASK)
        drafts = sum(turn.cost for turn in whole.turns[:3])
        answer = await house.ask(replace(ASK, budget=drafts + (whole.usage.cost - drafts) // 2))

        decision = answer.decision
        assert len(answer.messages) >= 1
        assert len(decision.ballots) < 3
        assert "budget" in " ".join(answer.failures)
        assert (decision.stop_reason, answer.stopped) == ("budget", "budget")
        assert decision.tally.cast == len(decision.ballots)
        await holds(house, decision)


async def test_it_ends_when_the_person_stops_it(home):
    async with Providers(home) as them:
        held = asyncio.Event()

        async def hold(connection):
            held.set()
            await connection.until_closed()

        them.openai.script(hold)
        task = them.house.start(replace(ASK, rounds=0))
        await them.house.until(lambda: held.is_set() and len(them.house.events(BallotCast)) == 2)
        await them.house.hub.stop()
        decision = (await them.house.done(task)).decision

        assert decision.stop_reason == "person"
        assert len(decision.ballots) == 2
        assert len(decision.tally.absent) == 1
        assert await them.house.hub.decision(decision.id) == decision


async def test_it_ends_early_once_nobody_can_take_the_lead(home):
    async with Providers(home, agents=FIVE) as them:
        answer = await them.house.ask(replace(ASK, rounds=0, stop_early=True))

        decision = answer.decision
        assert (decision.stop_reason, len(decision.ballots)) == (UNASSAILABLE, 3)
        assert decision.tally.verdict is Verdict.DECIDED
        assert them.questions == 3
        await holds(them.house, decision)


class Embedded(House):
    """A hub whose only provider is the embedded model; one server serves all tests."""

    def __init__(self, home, **parts):
        local = ProviderSettings(name="local", kind="local", base_url="")
        super().__init__(home, providers={"local": local}, voices={"local": None}, **parts)
        process = shared_process()
        self.voices = {"local": LocalAgent(local, NetworkSettings(), self.clock, process=process)}

    async def __aexit__(self, *_):
        await self._stack.aclose()


async def deliberated(house, ask):
    async with asyncio.timeout(300):
        return await house.hub.ask(ask)


@pytest.mark.embedded
async def test_the_embedded_model_alone_ends_with_advice_or_without_a_choice(home):
    async with Embedded(home) as house:
        ask = replace(ASK, agents=("critic",), rounds=0, rule=Rule.PLURALITY)
        decision = (await deliberated(house, ask)).decision

        (ballot,) = decision.ballots
        advice = Verdict.NO_CONSENSUS if ballot.abstain else Verdict.ADVISORY
        assert decision.tally.verdict is advice
        assert decision.stop_reason == "all ballots are in"
        assert ballot.deployment == "local/smollm2-135m-instruct"
        record = await holds(house, decision)
        assert record.usage.cost == 0


@pytest.mark.embedded
async def test_the_embedded_model_ends_without_a_quorum(home):
    async with Embedded(home) as house:
        ask = replace(ASK, agents=("critic",), rounds=0, quorum=2)
        decision = (await deliberated(house, ask)).decision

        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert decision.tally.reason.endswith("voted, and 2 are needed.")
        await holds(house, decision)


@pytest.mark.embedded
async def test_the_embedded_model_ends_with_a_budget_where_it_is_priced(home):
    prices = {"local/smollm2-135m-instruct": PriceSettings(input=10_000_000, output=10_000_000)}
    async with Embedded(home, prices=prices) as house:
        ask = replace(ASK, agents=("critic",), rounds=0, budget=1)
        with pytest.raises(BudgetRefusedError, match="budget"):
            await deliberated(house, ask)

        (decision,) = await house.hub.decisions()
        assert (decision.stop_reason, decision.ballots) == ("budget", ())
        assert decision.tally.verdict is Verdict.NO_CONSENSUS
        assert house.books.calls() == []


@pytest.mark.embedded
async def test_the_embedded_model_ends_when_the_person_stops_it(home):
    async with Embedded(home) as house:
        told = house.hub.subscribe()
        task = house.start(replace(ASK, agents=("critic",)))
        async with asyncio.timeout(300):
            async for event in told:
                if isinstance(event, RoundStarted) and event.purpose == Purpose.BALLOT:
                    break
        told.close()
        await house.hub.stop()
        answer = await house.done(task)

        assert len(answer.messages) == 1
        assert (answer.decision.stop_reason, answer.decision.ballots) == ("person", ())
        assert answer.decision.tally.verdict is Verdict.NO_CONSENSUS


@pytest.mark.embedded
async def test_the_embedded_model_ends_early_where_the_first_two_agree(home):
    async with Embedded(home) as house:
        ask = replace(ASK, rounds=0, rule=Rule.MAJORITY, stop_early=True)
        decision = (await deliberated(house, ask)).decision

        firsts = [ballot.first for ballot in decision.ballots]
        agreed = firsts[0] == firsts[1]  # on an option, or that they know none
        assert len(firsts) == (2 if agreed else 3)
        assert (decision.stop_reason == UNASSAILABLE) == agreed
        await holds(house, decision)
