"""The facade: what is refused before anything is stored, and money over whole questions."""

import contextlib
import random

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.event import MessagePosted, ThreadChanged, ThreadDeleted
from hub.domain.thread import Attachment
from hub.domain.turn import Purpose
from hub.errors import (
    BadRequestError,
    GitBridgeError,
    NotFoundError,
    ProviderTimeoutError,
    QuotaError,
    SendOutcome,
    TruncatedReplyError,
    UsageError,
)
from hub.settings import RetentionSettings
from tests.fakes.hubs import House, budget
from tests.fakes.voices import ballot, failure, said

pytestmark = pytest.mark.anyio

WRONG = {
    "an unknown agent": (Ask("Why?", agents=("nobody",)), UsageError, "no agent named 'nobody'"),
    "an empty question": (Ask("  \n "), UsageError, "empty"),
    "one option": (Ask("Why?", Mode.DECIDE, options=("tabs",)), UsageError, "One option"),
    "one option twice": (
        Ask("Why?", Mode.DECIDE, options=("tabs", " Tabs ")),
        UsageError,
        "One option is no choice",
    ),
    "an empty option": (Ask("Why?", Mode.DECIDE, options=("tabs", " ")), UsageError, "empty"),
    "too many options": (
        Ask("Why?", Mode.DECIDE, options=tuple("abcdefghij")),
        UsageError,
        "10 options",
    ),
    "an endless option": (
        Ask("Why?", Mode.DECIDE, options=("a" * 401, "b")),
        UsageError,
        "400 characters",
    ),
    "a discussion of no rounds": (Ask("Why?", Mode.DISCUSS, rounds=0), UsageError, "round"),
    "an open vote without drafts": (Ask("Why?", Mode.DECIDE, rounds=0), UsageError, "round"),
}


@pytest.mark.parametrize("what", WRONG)
async def test_what_cannot_be_asked_is_refused_before_anything_is_stored(home, what):
    ask, error, words = WRONG[what]
    async with House(home) as house:
        with pytest.raises(error, match=words):
            await house.ask(ask)

        assert await house.hub.threads() == ()
        assert house.asked == house.heard == []


async def test_an_unknown_thread_is_refused_before_anything_is_stored(home):
    async with House(home) as house:
        with pytest.raises(NotFoundError):
            await house.ask(Ask("Why?"), "feed")

        assert await house.hub.threads() == ()


async def test_a_new_thread_is_named_after_its_question(home):
    async with House(home) as house:
        untitled = await house.hub.create_thread()
        into = await house.ask(Ask("Tabs or spaces? I cannot decide."), untitled.id)
        new = await house.ask(Ask("Why is the sky blue?\nReally."))

        assert into.thread.title == "Tabs or spaces?"
        assert new.thread.title == "Why is the sky blue?"


async def test_a_plain_message_goes_to_the_agent_it_mentions(home):
    async with House(home) as house:
        answer = await house.ask(Ask("What breaks here, @critic?"))

        assert answer.messages[0].author == "critic"
        assert answer.question.mentions == ("critic",)


async def test_a_forced_model_is_the_one_asked(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why?", provider="openai", model="gpt-4o"))

        assert (answer.turns[0].provider, answer.turns[0].model) == ("openai", "gpt-4o")


async def test_a_model_that_is_not_configured_is_refused_before_anything_is_sent(home):
    async with House(home) as house:
        with pytest.raises(UsageError, match="gpt-17"):
            await house.ask(Ask("Why?", model="gpt-17"))

        assert house.asked == []
        house.books.agree()


async def test_attached_files_are_shown_and_recorded(home):
    async with House(home) as house:
        file = Attachment("plan.md", "f" * 64, 8, "the plan")
        answer = await house.ask(Ask("Any good?", attachments=(file,)))

        sent = (await house.hub.turn(answer.turns[0].id)).sent
        assert sent.attachments == (file.hash,)
        assert any("the plan" in part.text for part in sent.parts)
        assert any("the plan" in part.text for part in house.asked[0].parts)


async def test_an_answer_holds_only_what_belongs_to_its_question(home):
    async with House(home) as house:
        first = await house.ask(Ask("One?"))
        second = await house.ask(Ask("Two?", Mode.DISCUSS), first.thread.id)

        assert len(second.messages) == len(second.turns) == 3
        assert second.usage.calls == 3
        assert second.thread.last_seq == 6
        assert first.elapsed_s == 0.0


async def test_deleting_a_thread_stops_it_and_keeps_what_was_spent(home):
    async with House(home) as house:
        house.grok.hold()
        task = house.start(Ask("Why?"))
        await house.until(lambda: house.grok.running)
        thread = await house.hub.thread("last")
        await house.hub.delete(thread.id)
        with contextlib.suppress(GitBridgeError):  # told as stopped, or as gone
            assert (await house.done(task)).stopped == "person"
        assert house.events(ThreadDeleted) == [ThreadDeleted(thread.id)]

        assert await house.hub.threads() == ()
        assert house.books.spent() > 0
        house.books.agree()


async def test_the_strategy_can_be_switched_for_what_comes(home):
    async with House(home) as house:
        house.hub.set_strategy("round_robin")
        await house.ask(Ask("One?"))
        await house.ask(Ask("Two?"))

        assert house.hub.strategy == "round_robin"
        assert len(house.openai.asked) == len(house.grok.asked) == 1
        with pytest.raises(UsageError):
            house.hub.set_strategy("by_feeling")


async def test_the_health_of_every_provider_is_told(home):
    async with House(home) as house:
        health = await house.hub.health()

        assert [(h.provider, h.ok) for h in health] == [("openai", True), ("grok", True)]


async def test_closing_closes_the_agents(home):
    async with House(home) as house:
        await house.ask(Ask("Why?"))

    assert all(voice.closed for voice in house.voices.values())


async def test_what_was_learned_of_a_deployment_is_known_after_a_restart(home):
    async with House(home) as house:
        await house.ask(Ask("Why?"))
    async with House(home) as again:
        figures = again.hub._parts.router.state.figures_of("grok/grok-4.3")

        assert (figures.outcomes.n, figures.inflight) == (1, 0)


async def test_events_reach_every_subscriber(home):
    async with House(home) as house:
        with house.hub.subscribe() as line:
            await house.hub.create_thread("t")
            await house.hub.post("last", "Hello")

            assert [type(e) for e in line.drain()] == [ThreadChanged, MessagePosted]


async def test_two_programs_at_once_keep_the_order_of_a_thread_and_one_budget(home):
    caps = budget(day=60_000)
    async with (
        House(home, only="openai", budget=caps) as one,
        House(home, one.clock, only="openai", budget=caps) as two,
    ):
        thread = await one.hub.create_thread("t")
        tasks = [
            house.start(Ask(f"Question {n}", Mode.DISCUSS), thread.id)
            for n in range(2)
            for house in (one, two)
        ]
        await one.pass_until(lambda: all(task.done() for task in tasks))

        answered = [task.result() for task in tasks if task.exception() is None]
        assert answered
        for answer in answered:
            chain = [answer.question, *answer.messages]
            assert [m.reply_to for m in chain[1:]] == [m.id for m in chain[:-1]]
        [(cap, used)] = one.books.rows(
            "SELECT cap, spent + reserved FROM budget WHERE id LIKE 'day:%'"
        )
        assert used <= cap
        one.books.agree()


OUTCOMES = (
    None,
    failure,
    lambda: failure(SendOutcome.REJECTED, QuotaError, status=402),
    lambda: failure(SendOutcome.REJECTED, BadRequestError, status=400),
    lambda: failure(SendOutcome.UNKNOWN, ProviderTimeoutError),
    lambda: failure(SendOutcome.UNKNOWN, TruncatedReplyError, partial="half", visible=True),
    lambda: failure(SendOutcome.UNKNOWN, spent=(50, 20)),
)
WEIGHTS = (10, 2, 1, 1, 2, 2, 1)


@pytest.mark.parametrize("seed", range(12))
async def test_whatever_happens_to_the_calls_money_adds_up_and_no_cap_is_passed(home, seed):
    draw = random.Random(seed)  # noqa: S311  a schedule of faults, not a secret
    lost = []

    def say(view):
        happens = draw.choices(OUTCOMES, WEIGHTS)[0]
        if happens is not None:
            error = happens()
            settled = error.partial or error.spent
            lost.extend([error] * (error.outcome is SendOutcome.UNKNOWN and not settled))
            return error
        if view.purpose is Purpose.BALLOT:
            return draw.choice([ballot("A"), ballot("B"), "no ballot"])
        return said(view)

    async with House(home, budget=budget(day=2_000_000)) as house:
        for voice in house.voices.values():
            voice.script = say
        for number in range(4):
            mode = draw.choice(tuple(Mode))
            options = ("tabs", "spaces") if mode is Mode.DECIDE else ()
            cap = draw.choice([None, 60_000, 200_000])
            ask = Ask(f"Question {number}", mode, options=options, budget=cap)
            task = house.start(ask)
            try:
                await house.pass_until(task.done)  # some wait for the probe of a provider
                await task
            except GitBridgeError:
                continue
            finally:
                house.books.agree(unsettled=len(lost))
                # A new question finds its providers in health.
                await house.clock.advance(1_000)

        caps = house.books.rows("SELECT cap, spent + reserved FROM budget WHERE cap IS NOT NULL")
        assert all(used <= cap for cap, used in caps if cap != 500_000)
        total = await house.hub.usage("agent")
        assert sum(row.cost for row in total) == house.books.spent()
        assert all(m.inflight == 0 for m in house.hub._parts.router.metrics())


async def test_only_threads_that_are_quiet_for_long_are_deleted_and_their_cost_stays(home):
    async with House(home, retention=RetentionSettings(days=30)) as house:
        old = (await house.ask(Ask("Old?"))).thread
        house.clock.tick(31 * 86_400)
        asked_again = (await house.ask(Ask("New?"))).thread

        gone = await house.hub.expire()

        assert [thread.id for thread in gone] == [old.id]
        assert [row.thread.id for row in await house.hub.threads()] == [asked_again.id]
        assert house.events(ThreadDeleted) == [ThreadDeleted(old.id)]
        assert sum(row.calls for row in await house.hub.usage()) == 2


async def test_nothing_is_ever_deleted_unasked(home):
    async with House(home) as house:
        await house.ask(Ask("Old?"))
        house.clock.tick(10_000 * 86_400)

        assert await house.hub.expire() == ()
