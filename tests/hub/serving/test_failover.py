"""An outage of one provider costs no turn while another one is healthy."""

import pytest

from hub.config import PriceSettings
from hub.domain.ask import Ask
from hub.errors import ProviderResponseError, SendOutcome
from tests.fakes.hubs import PRICES, House, settings
from tests.fakes.voices import failure

pytestmark = pytest.mark.anyio

SISTER = "grok/grok-3-mini"
CHEAP = {SISTER: PriceSettings(input=1_250_000, output=2_600_000, cached=200_000)}


def providers(home, **changes):
    """Return both providers, changed by name."""
    plain = settings(home).providers
    return {name: plain[name].model_copy(update=changes.get(name, {})) for name in plain}


def server_error():
    return failure(SendOutcome.UNKNOWN, ProviderResponseError, status=500)


async def test_the_one_re_send_goes_to_another_provider_before_a_sister_model(home):
    both = {"grok": {"models": ("grok-4.3", "grok-3-mini")}}
    parts = {"providers": providers(home, **both), "prices": PRICES | CHEAP}
    async with House(home, **parts) as house:
        house.grok.says(server_error())

        answer = await house.ask(Ask("Why?"))

        [turn] = answer.turns
        assert turn.provider == "openai"
        assert house.books.calls() == [("grok", "unknown"), ("openai", "done")]
        removed = {c.deployment: c.removed for c in turn.route.candidates}
        assert removed["grok/grok-4.3"] == "failed in this turn: ProviderResponse"
        assert removed[SISTER] == "its provider failed in this turn"
        assert turn.route.fallback
        house.books.agree(unsettled=1)


async def test_a_sister_model_serves_where_there_is_no_other_provider(home):
    only = {"grok": {"models": ("grok-4.3", "grok-3-mini")}}
    parts = {"providers": {"grok": providers(home, **only)["grok"]}, "prices": PRICES | CHEAP}
    async with House(home, **parts) as house:
        house.grok.says(failure(), "From the sister.")

        answer = await house.ask(Ask("Why?"))

        assert answer.messages[0].body == "From the sister."
        assert [view.model for view in house.grok.asked] == ["grok-4.3", "grok-3-mini"]
        house.books.agree()


async def test_calls_that_are_lost_all_at_once_cost_no_turn(home):
    many = {"grok": {"slots": 30}, "openai": {"slots": 30}}
    async with House(home, providers=providers(home, **many)) as house:
        house.grok.script = lambda _: server_error()
        house.grok.hold()
        tasks = [house.start(Ask(f"Question {n}?")) for n in range(30)]
        await house.until(lambda: house.grok.running == 30)
        house.grok.release()

        answers = [await house.done(task) for task in tasks]

        assert {answer.turns[0].provider for answer in answers} == {"openai"}
        house.books.agree(unsettled=30)
