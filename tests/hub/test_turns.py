"""One turn: routed, reserved, called, booked, told; and every way in which its call can fail."""

import pytest

from hub.domain.ask import Ask
from hub.domain.event import (
    Delta,
    MessagePosted,
    RouteChosen,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.thread import MessageKind
from hub.domain.turn import FinishReason, Reply, TurnState
from hub.domain.usage import Usage
from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ProviderConnectionError,
    ProviderResponseError,
    ProviderTimeoutError,
    RateLimitError,
    SendOutcome,
    TruncatedReplyError,
    TurnError,
)
from tests.fakes.hubs import House
from tests.fakes.voices import Voice, failure

pytestmark = pytest.mark.anyio

REJECTED, UNKNOWN = SendOutcome.REJECTED, SendOutcome.UNKNOWN


async def test_a_message_is_routed_answered_and_booked(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why is the sky blue?"))

        [message] = answer.messages
        [turn] = answer.turns
        assert message.body == "proposer says so."
        assert message.kind is MessageKind.REPLY
        assert message.reply_to == answer.question.id
        assert message.turn_id == turn.id
        assert (turn.provider, turn.model, turn.state) == ("grok", "grok-4.3", TurnState.DONE)
        assert turn.route.reason
        assert answer.usage.cost == turn.cost == house.books.spent() > 0
        assert answer.failures == ()
        house.books.agree()


async def test_what_happened_is_told_once_in_order_and_after_the_commit(home):
    async with House(home) as house:
        answer = await house.ask(Ask("Why is the sky blue?"))
        await house.until(lambda: len(house.events(TurnChanged)) == 2)

        turns = [e for e in house.heard if not isinstance(e, Delta)]
        kinds = [type(e) for e in turns[1:]]
        assert kinds == [
            MessagePosted, TurnChanged, RouteChosen, MessagePosted, UsageRecorded, TurnChanged
        ]  # fmt: skip
        assert [e.turn.state for e in house.events(TurnChanged)] == ["running", "done"]
        told = [e.message for e in house.events(MessagePosted)]
        assert told == [answer.question, *answer.messages]
        assert "".join(e.text for e in house.events(Delta)) == "proposer says so."


async def test_a_call_that_was_never_sent_fails_over_and_costs_nothing(home):
    async with House(home) as house:
        house.grok.says(failure())
        answer = await house.ask(Ask("Why?"))

        assert answer.turns[0].provider == "openai"
        assert house.books.calls() == [("grok", "not_sent"), ("openai", "done")]
        assert house.books.holds() == ["released", "settled"]
        assert [e.route.deployment.provider for e in house.events(RouteChosen)] == [
            "grok",
            "openai",
        ]
        house.books.agree()


async def test_a_rejected_call_fails_over_and_costs_nothing(home):
    async with House(home) as house:
        house.grok.says(failure(REJECTED, AuthenticationError, status=401))
        answer = await house.ask(Ask("Why?"))

        assert house.books.calls() == [("grok", "rejected"), ("openai", "done")]
        assert house.books.holds() == ["released", "settled"]
        assert answer.usage.calls == 1
        house.books.agree()


async def test_a_call_of_unknown_outcome_is_sent_once_more_as_a_call_of_its_own(home):
    async with House(home, only="grok") as house:
        house.grok.says(failure(UNKNOWN, ProviderTimeoutError), "At last.")
        answer = await house.ask(Ask("Why?"))

        assert answer.messages[0].body == "At last."
        assert house.books.calls() == [("grok", "unknown"), ("grok", "done")]
        assert house.books.holds() == ["unsettled", "settled"]
        assert answer.turns[0].cost is None
        house.books.agree(unsettled=1)


async def test_a_second_unknown_outcome_ends_the_turn_unknown(home):
    async with House(home) as house:
        for voice in (house.openai, house.grok):
            voice.says(failure(UNKNOWN, ProviderResponseError, status=500))
        with pytest.raises(ProviderResponseError):
            await house.ask(Ask("Why?"))

        assert house.books.states() == ["unknown"]
        assert house.books.calls() == [("grok", "unknown"), ("openai", "unknown")]
        await house.until(lambda: house.events(TurnFailed))
        assert house.events(TurnFailed)[0].turn.state is TurnState.UNKNOWN
        house.books.agree(unsettled=2)


async def test_nothing_follows_a_visible_token_and_the_partial_text_is_kept_and_booked(home):
    async with House(home) as house:
        cut = failure(UNKNOWN, TruncatedReplyError, partial="The sky is", visible=True)
        house.grok.says(cut)
        with pytest.raises(TruncatedReplyError):
            await house.ask(Ask("Why?"))

        assert house.openai.asked == []
        assert house.books.states() == ["failed"]
        turn = house.books.value("SELECT id FROM turn")
        record = await house.hub.turn(turn)
        assert record.turn.partial == record.reply == "The sky is"
        assert record.calls[0].usage.estimated
        assert record.calls[0].usage.completion_tokens > 0
        assert house.books.value("SELECT estimated FROM ledger") == 1
        assert house.books.holds() == ["settled"]
        house.books.agree()


async def test_tokens_that_the_provider_counted_for_a_failed_answer_are_booked_as_counted(home):
    async with House(home, only="grok") as house:
        empty = failure(UNKNOWN, ProviderResponseError, status=200, spent=(120, 900), tries=2)
        house.grok.says(empty, "Here.")
        answer = await house.ask(Ask("Why?"))

        assert house.books.rows("SELECT prompt_tokens, completion_tokens, estimated FROM ledger")[0] == (120, 900, 0)  # fmt: skip
        assert answer.usage.calls == 2
        assert house.books.value("SELECT max(tries) FROM call") == 2
        house.books.agree()


async def test_a_rate_limit_is_waited_for_when_no_other_deployment_is_left(home):
    async with House(home, only="grok") as house:
        house.grok.says(failure(REJECTED, RateLimitError, status=429, retry_after_s=12.0), "Now.")
        asked = house.hub.ask(Ask("Why?"))

        answer = await house.within(asked, lambda: house.asleep(12.0), 12.0)

        assert answer.messages[0].body == "Now."
        assert house.books.calls() == [("grok", "rejected"), ("grok", "done")]
        house.books.agree()


async def test_a_rate_limit_is_not_waited_for_while_another_deployment_can_serve(home):
    async with House(home) as house:
        house.grok.says(failure(REJECTED, RateLimitError, status=429, retry_after_s=12.0))
        answer = await house.ask(Ask("Why?"))

        assert answer.turns[0].provider == "openai"
        assert 12.0 not in house.clock.slept


async def test_a_long_rate_limit_ends_the_turn_at_once(home):
    async with House(home, only="grok") as house:
        house.grok.says(failure(REJECTED, RateLimitError, status=429, retry_after_s=3_600.0))
        with pytest.raises(RateLimitError):
            await house.ask(Ask("Why?"))

        assert len(house.grok.asked) == 1
        house.books.agree()


async def test_a_turn_that_finds_its_only_provider_at_rest_waits_for_it(home):
    async with House(home, only="grok") as house:
        house.grok.says(failure(REJECTED, RateLimitError, status=429, retry_after_s=60.0), "Now.")
        with pytest.raises(RateLimitError):
            await house.ask(Ask("Why?"))
        await house.clock.advance(50)

        answer = await house.within(
            house.hub.ask(Ask("And now?")), lambda: house.asleep(10.0), 10.0
        )

        assert answer.messages[0].body == "Now."
        assert len(house.grok.asked) == 2
        house.books.agree()


async def test_a_bad_request_fails_at_once(home):
    async with House(home) as house:
        house.grok.says(failure(REJECTED, BadRequestError, status=400))
        with pytest.raises(BadRequestError):
            await house.ask(Ask("Why?"))

        assert house.openai.asked == []
        assert house.books.states() == ["failed"]
        assert house.books.holds() == ["released"]
        house.books.agree()


async def test_when_every_deployment_fails_the_last_reason_is_told_and_nothing_is_lost(home):
    async with House(home) as house:
        for voice in (house.openai, house.grok):
            voice.says(failure())
        with pytest.raises(ProviderConnectionError):
            await house.ask(Ask("Why?"))

        thread = await house.hub.thread("last")
        assert [m.body for m in await house.hub.messages(thread.id)] == ["Why?"]
        assert house.books.calls() == [("grok", "not_sent"), ("openai", "not_sent")]
        house.books.agree()


async def test_what_was_sent_is_recorded_exactly_as_the_agent_received_it(home):
    from hub.serving.calls import request_hash

    async with House(home) as house:
        answer = await house.ask(Ask("Why is the sky blue?"))

        [view] = house.grok.asked
        record = await house.hub.turn(answer.turns[0].id)
        assert record.sent.parts == view.parts
        assert record.sent.persona_version == view.persona.version
        assert record.sent.max_output == view.max_output
        assert record.calls[0].request_hash == request_hash(view)
        assert record.message_id == answer.messages[0].id


async def test_an_answer_without_words_is_paid_for_and_no_message(home):
    async with House(home) as house:
        usage = Usage(100, 7)
        tool = Reply("", "grok-4.3", usage, FinishReason.TOOL, 0.1, tool_calls=({"name": "f"},))
        house.grok.replies(tool)
        with pytest.raises(TurnError, match="tool"):
            await house.ask(Ask("Why?"))

        assert house.books.rows("SELECT prompt_tokens, completion_tokens FROM ledger") == [(100, 7)]
        assert house.books.states() == ["failed"]
        house.books.agree()


async def test_an_agent_that_breaks_ends_its_turn_and_tells_whoever_waits(home):
    class Broken(Voice):
        async def reply(self, view, on_delta):
            raise KeyError("sk-secret")

    async with House(home, only="grok") as house:
        house.grok.reply = Broken("grok", house.clock).reply
        with pytest.raises(TurnError, match="KeyError") as caught:
            await house.ask(Ask("Why?"))

        assert "sk-secret" not in str(caught.value)
        assert house.books.states() == ["failed"]
        assert [type(e["exception"]) for e in house.defects] == [KeyError]
        assert house.hub._parts.router.metrics()[0].inflight == 0
        house.books.agree()
