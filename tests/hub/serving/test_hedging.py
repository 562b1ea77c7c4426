"""A second call beside one that is late: who is heard, what is booked, what the router learns."""

from __future__ import annotations

import asyncio

import pytest

from hub.domain.ask import Ask
from hub.domain.event import Delta, HedgeEnded, HedgeSent, RouteChosen
from hub.domain.query import RecentCalls
from tests.fakes.hedges import GPT, GROK, LATE_S, Hedging
from tests.fakes.hubs import settings
from tests.fakes.voices import Voice

pytestmark = pytest.mark.anyio


async def test_a_late_call_gets_a_second_one_whose_answer_is_the_turns(home):
    async with Hedging(home) as house:
        answer = await house.done(await house.late())

        assert answer.messages[0].body == "ada says so."
        [turn] = answer.turns
        assert (turn.provider, turn.model) == ("grok", "grok-4.3")
        assert house.books.calls() == [("openai", "unknown"), ("grok", "done")]
        assert house.books.holds() == ["settled", "settled"]
        assert house.books.rows("SELECT estimated FROM ledger ORDER BY rowid") == [(0,), (1,)]
        assert answer.usage.calls == 2
        assert answer.usage.cost == turn.cost == house.books.spent()
        assert house.inflight == [0, 0]
        house.books.agree()


async def test_the_screen_is_told_that_a_second_call_was_sent_and_which_goes_on(home):
    async with Hedging(home) as house:
        await house.done(await house.late())

        [chosen], [sent], [ended] = map(house.events, (RouteChosen, HedgeSent, HedgeEnded))
        assert chosen.route.deployment.id == GPT
        assert (sent.route.deployment.id, sent.waited_s) == (GROK, LATE_S)
        assert sent.route.strategy == "hedge"
        assert sent.route.reason.startswith(f"{GPT} has said nothing for 2.00 s")
        assert ended.route == sent.route
        assert (ended.stopped, ended.failed) == (GPT, False)


async def test_a_hedge_explains_itself_beside_the_choice_it_stands_in_for(home):
    async with Hedging(home) as house:
        answer = await house.done(await house.late())

        first, second = await house.hub.explain(answer.turns[0].id)
        assert (first.n, first.route.deployment.id, first.call.state) == (1, GPT, "unknown")
        assert first.call.error == f"given up, as {GROK} was quicker."
        assert (second.n, second.route.deployment.id, second.call.state) == (2, GROK, "done")
        removed = {c.deployment: c.removed for c in second.route.candidates}
        assert removed == {GROK: None, GPT: "has said nothing for 2.00 s"}
        assert second.route.chosen.deployment == GROK


async def test_a_call_that_speaks_in_time_is_alone(home):
    async with Hedging(home) as house:
        answer = await house.ask(Ask("Why?"))
        await house.clock.advance(10 * LATE_S)

        assert answer.turns[0].provider == "openai"
        assert house.books.calls() == [("openai", "done")]
        assert house.events(HedgeSent) == []
        house.books.agree()


async def test_the_first_call_is_heard_where_it_speaks_first_after_all(home):
    async with Hedging(home) as house:
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        house.openai.release()
        answer = await house.done(asking)

        assert answer.turns[0].provider == "openai"
        assert house.grok.running == 0
        assert house.books.calls() == [("openai", "done"), ("grok", "unknown")]
        assert answer.turns[0].route.deployment.id == GPT
        [ended] = house.events(HedgeEnded)
        assert (ended.route.deployment.id, ended.stopped) == (GPT, GROK)
        assert house.inflight == [0, 0]
        house.books.agree()


class Talking(Voice):
    """A provider that says one word each time the test lets it."""

    def __init__(self, provider, clock, *words):
        super().__init__(provider, clock)
        self._words = words
        self.turns = [asyncio.Event() for _ in words]
        self.left = 0

    async def reply(self, view, on_delta):
        for word, turn in zip(self._words, self.turns, strict=True):
            try:
                await turn.wait()
            except asyncio.CancelledError:
                self.left += 1
                raise
            on_delta(word)
        self.says("".join(self._words))
        return await super().reply(view, lambda _: None)


async def test_only_the_words_of_the_call_that_spoke_first_are_shown(home):
    async with Hedging(home) as house:
        first = Talking("openai", house.clock, "One", " two")
        second = Talking("grok", house.clock, "Uno", " due")
        house.openai.reply, house.grok.reply = first.reply, second.reply
        asking = house.start(Ask("Why?"))
        await house.asleep(LATE_S)
        await house.clock.advance(LATE_S)
        await house.until(lambda: house.events(HedgeSent))
        second.turns[0].set()
        first.turns[0].set()
        await house.until(lambda: first.left)  # stopped at the first word of the other one
        second.turns[1].set()
        answer = await house.done(asking)

        assert answer.messages[0].body == "Uno due"
        assert [event.text for event in house.events(Delta)] == ["Uno", " due"]
        assert house.books.calls() == [("openai", "unknown"), ("grok", "done")]
        house.books.agree()


async def test_an_answer_that_came_too_late_is_booked_as_counted(home):
    async with Hedging(home) as house:
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        house.openai.release()
        house.grok.release()  # both answer in the same moment
        await house.done(asking)

        assert house.books.states("call") == ["done", "done"]
        assert house.books.value("SELECT sum(estimated) FROM ledger") == 0
        assert house.books.value("SELECT count(*) FROM message") == 2
        house.books.agree()


async def test_a_second_call_takes_one_from_the_retry_budget(home):
    async with Hedging(home) as house:
        await house.done(await house.late())

        left = house.hub._parts.router.state.resends_of("grok").tokens
        assert left == pytest.approx(9.2)  # ten, less one, and a fifth for the call


async def test_a_call_that_was_overtaken_counts_as_slow_and_not_as_broken(home):
    async with Hedging(home) as house:
        router = house.hub._parts.router
        before, breaker = router.state.figures_of(GPT), router.state.breaker_of("openai")
        house.grok.hold()
        asking = await house.late()
        await house.until(lambda: house.grok.running)
        await house.clock.advance(5.0)
        house.grok.release()
        await house.done(asking)

        after = router.state.figures_of(GPT)
        assert after.outcomes == before.outcomes
        assert router.state.breaker_of("openai") == breaker
        assert after.silence.seconds[-1] == pytest.approx(7.0)
        facts = await house.hub._parts.store.read(RecentCalls())
        assert [(f.deployment, f.ok, f.overtaken) for f in facts] == [
            (GPT, False, True),
            (GROK, True, False),
        ]


async def test_an_answer_in_one_piece_counts_as_written_though_nobody_waited_for_it(home):
    plain = settings(home).providers
    whole = {name: p.model_copy(update={"stream": False}) for name, p in plain.items()}
    async with Hedging(home, providers=whole) as house:
        await house.done(await house.late())

        rows = house.books.rows("SELECT provider, completion_tokens, estimated FROM ledger")
        expected = house.events(RouteChosen)[0].route.chosen.output_tokens
        assert ("openai", expected, 1) in rows
        assert expected > 0
        house.books.agree()
