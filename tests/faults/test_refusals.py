"""Providers that refuse: for a while, for money, for the key, or because they are not there."""

from __future__ import annotations

import socket

import pytest

from hub.domain.ask import Ask
from hub.domain.event import Notice, RouteChosen
from hub.errors import AuthenticationError, ProviderError, RateLimitError, RoutingError
from tests.faults.server import FaultServer, full_backlog, redirect, refuse, reply, tls_self_signed
from tests.faults.wired import ANSWER, CHAT, KEY, PassingClock, Wired

pytestmark = [pytest.mark.anyio, pytest.mark.network]

LIMIT = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
DATE = "Mon, 23 Nov 2026 00:00:20 GMT"
"""Twenty seconds after the clock's start."""


def providers(house):
    return [event.route.deployment.provider for event in house.events(RouteChosen)]


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("headers", "rest_s"),
    [
        ({"retry-after": "20"}, 20),
        ({"retry-after-ms": "20000"}, 20),
        ({"retry-after": DATE}, 20),
        ({"retry-after": DATE, "date": "Mon, 23 Nov 2026 00:00:05 GMT"}, 15),
        ({"retry-after": "120"}, 120),
        ({"retry-after": "-30"}, 5),
        ({"retry-after": "soon"}, 5),
        ({"retry-after": "nan"}, 5),
        ({"retry-after": "1e999"}, 5),
        ({"retry-after": "Thu, 31 Feb 2026 99:00:00 GMT"}, 5),
        ({}, 5),
    ],
)
async def test_a_rate_limit_is_honoured_for_two_minutes_at_most(home, headers, rest_s):
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, reply(429, {"x-should-retry": "false", **headers}, LIMIT))
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))
            router = house.hub._parts.router
            rests = router.state.breaker_of("grok").recovers_at(router._now())

            assert answer.turns[0].provider == "openai"
            assert grok.count == 1
            assert (rests - router._now()) / 1e6 == pytest.approx(rest_s, abs=0.01)
            assert house.events(Notice) == []  # a short rest needs nobody's attention


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    "headers",
    [
        {"retry-after": "121"},
        {"retry-after": str(10 * 365 * 86_400)},
        {"retry-after": "1e300"},
        {"retry-after": "Mon, 23 Nov 2036 00:00:00 GMT"},
    ],
    ids=["over two minutes", "ten years", "absurd", "a date in ten years"],
)
async def test_a_longer_one_opens_the_breaker_and_the_turn_goes_another_way(home, headers):
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, reply(429, headers, LIMIT), ANSWER)
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            await house.ask(Ask("Why?"))
            await house.ask(Ask("Once more?"))
            assert providers(house) == ["grok", "openai", "openai"]
            assert "grok is not asked for now: its rate limit is used up" in house.said

            await house.clock.advance(3_600)
            await house.ask(Ask("An hour later?", provider="grok"))

            assert providers(house)[-1] == "grok"
            assert grok.count == 2


@pytest.mark.fault(18)
async def test_a_wait_for_the_only_provider_is_said_and_then_worth_it(home):
    async with FaultServer() as grok:
        grok.on(CHAT, reply(429, {"retry-after": "20"}, LIMIT), ANSWER)
        async with Wired(home, grok=grok) as house:
            task = house.start(Ask("Why?"))
            await house.asleep(20.0)
            assert "waits 20 s, as its provider asks" in house.said
            assert grok.count == 1

            await house.pass_until(task.done, step_s=1.0)

            assert (await task).messages[0].body == "Because."
            assert grok.count == 2


@pytest.mark.fault(18)
async def test_repeats_are_spread_over_the_whole_wait(home):
    clock = PassingClock()
    async with FaultServer() as grok:
        grok.on(CHAT, *[reply(429, {}, LIMIT)] * 3, ANSWER)
        async with Wired(home, clock, grok=grok) as house:
            transport = await house.voices["grok"]._wire()
            draws = iter((0.25, 0.75, 0.0))
            transport._draw = lambda: next(draws)
            await house.ask(Ask("Why?"))

    assert [s for s in clock.slept if s in (0.25, 1.5, 0.0)] == [0.25, 1.5, 0.0]


@pytest.mark.fault(20)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}),
        (402, {"error": {"message": "Payment required"}}),
        (400, {"error": {"message": "You have reached your specified API usage limits."}}),
        (403, {"error": "Your team has used all available credits."}),
    ],
)  # fmt: skip
async def test_an_account_without_money_rests_long_and_it_is_said(home, status, body):
    async with FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, reply(status, {}, body), ANSWER)
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            for question in ("Why?", "And why else?"):
                assert (await house.ask(Ask(question))).turns[0].provider == "openai"
            [notice] = house.events(Notice)
            assert notice.text == (
                "grok is not asked for now: its account has no money left, 15 min more."
            )
            assert notice.severity == "warning"
            assert grok.count == 1

            await house.clock.advance(15 * 60)
            assert (await house.ask(Ask("And now?", provider="grok"))).turns[0].provider == "grok"


@pytest.mark.fault(22)
@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"error": {"message": f"Incorrect API key provided: {KEY}", "code": "invalid_api_key"}}),
        (403, {"error": {"message": f"{KEY} may not be used here"}}),
        (400, {"code": "invalid-argument", "error": f"Incorrect API key provided: {KEY}."}),
    ],
    ids=["401", "403", "xAI's 400"],
)  # fmt: skip
async def test_a_wrong_key_is_tried_once_and_never_shown(home, status, body):
    async with FaultServer() as grok:
        grok.on(CHAT, reply(status, {}, body))
        async with Wired(home, grok=grok) as house:
            with pytest.raises(AuthenticationError) as refused:
                await house.ask(Ask("Why?"))
            await house.clock.advance(86_400)
            with pytest.raises(RoutingError, match="its key was refused; correct it and restart"):
                await house.ask(Ask("Tomorrow?"))

            assert grok.count == 1
            told = house.said + str(refused.value)
            assert "environment GROK_API_KEY" in told
            assert KEY not in told
        written = [path.read_bytes() for path in home.rglob("*") if path.is_file()]

    assert not any(KEY.encode() in content for content in written)


@pytest.mark.fault(23)
@pytest.mark.parametrize("fault", ["refused", "no such name", "certificate"])
async def test_a_provider_that_cannot_be_reached_costs_nothing_and_fails_over(
    home, tmp_path, monkeypatch, fault
):
    where = {"refused": refuse(), "no such name": "https://models.invalid/v1"}
    context = tls_self_signed(tmp_path) if fault == "certificate" else None
    if fault == "certificate" and context is None:
        pytest.skip("there is no openssl to make a certificate with")
    unknown, plain = "Name or service not known", socket.getaddrinfo

    def resolve(host, *args, **kwargs):
        if host == "models.invalid":
            raise socket.gaierror(socket.EAI_NONAME, unknown)
        return plain(host, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    async with FaultServer() as openai, FaultServer(tls=context) as grok:
        openai.on(CHAT, ANSWER)
        broken = where.get(fault, grok)
        async with Wired(home, PassingClock(), openai=openai, grok=broken) as house:
            answer = await house.ask(Ask("Why?"))

            assert answer.turns[0].provider == "openai"
            assert house.books.calls() == [("grok", "not_sent"), ("openai", "done")]
            assert house.books.holds() == ["released", "settled"]
            assert grok.count == 0
            assert sum(s for s in house.clock.slept) < 1.0


@pytest.mark.fault(23)
async def test_a_server_that_lets_nobody_in_costs_nothing_and_fails_over(home):
    with full_backlog() as url:
        async with FaultServer() as openai:
            openai.on(CHAT, ANSWER)
            async with Wired(home, openai=openai, grok=url) as house:
                # Connecting ends with the call's total deadline here: five seconds are too long.
                with pytest.raises(ProviderError):
                    await house.ask(Ask("Why?", provider="grok", timeout_s=0.2))
                answer = await house.ask(Ask("Why?", provider="openai"))

            assert answer.turns[0].provider == "openai"
            assert house.books.calls() == [("grok", "not_sent"), ("openai", "done")]


@pytest.mark.fault(37)
async def test_a_redirect_is_not_followed_and_no_key_goes_along(home):
    async with FaultServer() as other, FaultServer() as openai, FaultServer() as grok:
        grok.on(CHAT, redirect(other.origin + CHAT))
        openai.on(CHAT, ANSWER)
        async with Wired(home, openai=openai, grok=grok) as house:
            answer = await house.ask(Ask("Why?"))

            assert answer.turns[0].provider == "openai"
            assert (grok.count, other.count, other.connections) == (1, 0, 0)


@pytest.mark.fault(19)
async def test_a_storm_of_limits_is_one_cool_down_and_one_probe_a_window(home):
    """Fifty agents ask a provider that takes nobody; then it takes everybody."""
    async with FaultServer() as grok:
        grok.on(CHAT, reply(429, {"retry-after": "20"}, LIMIT))
        async with Wired(home, grok=grok) as house:
            tasks = [house.start(Ask(f"Why {n}?")) for n in range(50)]
            await house.until(lambda: house.clock.slept.count(20.0) >= 32)
            first = grok.count
            await house.clock.advance(1)
            assert grok.count == first <= 32  # what was under way when the first limit came

            probe = _held(reply(429, {"retry-after": "7200"}, LIMIT))
            grok.on(CHAT, probe)
            await house.pass_until(lambda: grok.count > first, step_s=0.5)
            await house.clock.advance(5)
            assert grok.count == first + 1
            probe.release.set()
            await house.pass_until(lambda: all(t.done() for t in tasks), step_s=1.0)

            failed = [task.exception() for task in tasks]
            assert grok.count == first + 1
            assert all(isinstance(e, RateLimitError | RoutingError) for e in failed)
            assert house.books.holds() == ["released"] * (first + 1)


@pytest.mark.fault(19)
async def test_after_a_probe_that_worked_everybody_is_served(home):
    async with FaultServer() as grok:
        grok.on(CHAT, *[reply(429, {"retry-after": "10"}, LIMIT)] * 4, ANSWER)
        async with Wired(home, grok=grok) as house:
            tasks = [house.start(Ask(f"Why {n}?")) for n in range(20)]
            await house.until(lambda: house.clock.slept.count(10.0) == 20)
            await house.pass_until(lambda: all(task.done() for task in tasks), step_s=0.5)

            assert [(await task).messages[0].body for task in tasks] == ["Because."] * 20
            assert grok.count == 24  # four were under way when the limit came


def _held(answer):
    """Return an answer that waits until its `release` is set."""
    import asyncio

    async def play(connection):
        await play.release.wait()
        await answer(connection)

    play.release = asyncio.Event()
    return play
