"""Answers that fail, stop, break off or never end: what came is kept, nothing is paid twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

import agents.client
from agents.capabilities import capabilities_of
from agents.deadlines import Deadlines
from hub.domain.ask import Ask
from hub.domain.event import Delta, TurnFailed
from hub.domain.turn import TurnState
from hub.errors import (
    ProviderConnectionError,
    ProviderError,
    ProviderResponseError,
    ProviderTimeoutError,
    TruncatedReplyError,
)
from tests.faults.server import (
    FaultServer,
    comment_flood,
    delta,
    done,
    latency,
    reply,
    reset,
    slow_loris,
    stall,
    stream,
    truncate,
    usage,
    verbatim,
)
from tests.faults.wired import ANSWER, CHAT, PassingClock, Wired

pytestmark = [pytest.mark.anyio, pytest.mark.network]

HTML = ({"content-type": "text/html"}, "<html>Bad gateway</html>")
BEGUN = (delta("Hel"), latency(0.01))


@pytest.fixture
def hurried(monkeypatch):
    """Return a function that sets every model's deadlines."""

    def set_them(**seconds):
        deadlines = Deadlines(**seconds)
        monkeypatch.setattr(
            agents.client,
            "capabilities_of",
            lambda kind, model: replace(capabilities_of(kind, model), deadlines=deadlines),
        )

    return set_them


@pytest.mark.fault(21)
@pytest.mark.parametrize("status", [500, 502, 504, 529])
async def test_a_servers_fault_is_sent_once_more_and_shown_as_a_possible_charge(home, status):
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, reply(status, *HTML))
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))

            assert answer.turns[0].provider == "openai"
            assert grok.count == 1
            assert house.books.calls() == [("grok", "unknown"), ("openai", "done")]
            assert house.books.holds() == ["unsettled", "settled"]
            house.books.agree(unsettled=1)


@pytest.mark.fault(21)
@pytest.mark.parametrize("answer", [reply(503), reply(503, *HTML)], ids=["bare", "HTML"])
async def test_a_server_that_declines_is_asked_again_for_nothing(home, answer):
    async with FaultServer() as grok:
        grok.on(CHAT, answer, answer, ANSWER)
        async with Wired(home, PassingClock(), grok=grok) as house:
            await house.ask(Ask("Why?"))

            assert house.books.calls() == [("grok", "done")]
            assert house.books.value("SELECT tries FROM call") == grok.count == 3
            house.books.agree()


@pytest.mark.fault(21)
async def test_a_second_unknown_outcome_ends_the_turn_unknown(home):
    async with FaultServer() as grok:
        grok.on(CHAT, reply(500))
        async with Wired(home, grok=grok) as house:
            with pytest.raises(ProviderResponseError):
                await house.ask(Ask("Why?"))

            assert grok.count == 2
            assert house.books.states() == ["unknown"]
            house.books.agree(unsettled=2)


@pytest.mark.fault(21)
@pytest.mark.parametrize("status", [503, 500])
async def test_repeats_stay_within_the_retry_budget(home, status):
    """Forty questions to a provider that is down are about fifty requests, not a storm of 160."""
    clock = PassingClock()
    async with FaultServer() as grok:
        grok.on(CHAT, reply(status))
        async with Wired(home, clock, grok=grok) as house:
            for number in range(40):
                router = house.hub._parts.router
                router._state = replace(
                    router.state, breakers={}
                )  # the breaker would end it sooner
                with pytest.raises(ProviderError):
                    await house.ask(Ask(f"Why {number}?"))

            in_time = (clock.monotonic() - 1_000) * 3 / 60
            assert 40 < grok.count <= (40 + 10 + in_time) / (1 - 0.2)


@pytest.mark.fault(24)
async def test_a_provider_that_never_answers_meets_the_deadline_of_the_first_token(home, hurried):
    hurried(first_token_s=0.1)
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, stall())
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))

            assert answer.turns[0].provider == "openai"
            assert house.books.calls() == [("grok", "unknown"), ("openai", "done")]
            house.books.agree(unsettled=1)
            await house.until(lambda: grok.seen[0].closed_by_client)


@pytest.mark.fault(25)
@pytest.mark.fault(26)
@pytest.mark.fault(27)
@pytest.mark.parametrize(
    ("fault", "seconds", "says"),
    [
        pytest.param(stall(), {"idle_s": 0.1}, "said nothing more for 0.1 s", id="stall"),
        pytest.param(
            comment_flood(0.01), {"idle_s": 0.1}, "said nothing more for 0.1 s", id="comments"
        ),
        pytest.param(slow_loris(0.02), {"total_s": 0.3}, "was not done after 0.3 s", id="slow"),
    ],
)
async def test_a_stream_that_goes_silent_keeps_what_came_and_is_not_repeated(
    home, hurried, fault, seconds, says
):
    hurried(**seconds)
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, stream(*BEGUN, fault, delta("lo" * 200)))
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            with pytest.raises(ProviderTimeoutError, match=says):
                await house.ask(Ask("Why?"))
            await house.until(lambda: house.events(TurnFailed))

            [failed] = house.events(TurnFailed)
            assert failed.turn.state in (TurnState.FAILED, TurnState.UNKNOWN)
            assert failed.turn.partial.startswith("Hel")
            assert (grok.count, openai.count) == (1, 0)
            assert house.books.spent() > 0  # at its estimate
            house.books.agree()
            await house.until(lambda: grok.seen[0].closed_by_client)


@pytest.mark.fault(28)
@pytest.mark.fault(29)
@pytest.mark.parametrize(
    ("script", "kind"),
    [
        (stream(*BEGUN, reset()), ProviderConnectionError),
        (stream(*BEGUN, truncate(length=False)), TruncatedReplyError),
        (stream(*BEGUN, truncate(length=True)), ProviderConnectionError),
        (stream(*BEGUN, usage(9, 2)), TruncatedReplyError),
        (stream(*BEGUN, done(finish=None)), TruncatedReplyError),
        (stream(*BEGUN, verbatim(b'data: {"choices":[{"del')), TruncatedReplyError),
    ],
    ids=["reset", "closed", "shorter than promised", "no closing event", "no reason", "cut JSON"],
)
async def test_a_stream_that_breaks_off_is_marked_and_never_switched_silently(home, script, kind):
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, script)
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            with pytest.raises(kind):
                await house.ask(Ask("Why?"))
            await house.until(lambda: house.events(TurnFailed))

            [failed] = house.events(TurnFailed)
            assert failed.turn.partial == "Hel"
            assert "".join(event.text for event in house.events(Delta)) == "Hel"
            assert (grok.count, openai.count) == (1, 0)
            assert house.books.calls() == [("grok", "unknown")]
            house.books.agree()


@pytest.mark.fault(28)
async def test_a_line_that_breaks_before_anything_was_visible_is_sent_once_more(home):
    async with FaultServer() as grok:
        grok.on(CHAT, stream(latency(0.01), reset()), ANSWER)
        async with Wired(home, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))

            assert answer.messages[0].body == "Because."
            assert house.books.calls() == [("grok", "unknown"), ("grok", "done")]
            house.books.agree(unsettled=1)
