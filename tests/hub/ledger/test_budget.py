from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.config import BudgetSettings, PriceSettings
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.usage import FREE, LEAST_OUTPUT, Budget, Cost, Price, Usage
from hub.errors import BudgetRefusedError
from hub.ledger.budget import Ledger
from tests.fakes.clock import FakeClock
from tests.hub.ledger.builders import GPT, GPT_PRICE, call, settings, turn

UNPRICED = Deployment("ollama", "qwen3:8b", ProviderKind.COMPATIBLE)
DAY = "day:2026-11-23"


def ledger(clock=None, prices=None, **caps) -> Ledger:
    budget = BudgetSettings(time_zone="UTC", **caps)
    return Ledger(settings(budget, prices=prices), clock or FakeClock())


def spent(amount: int, cap: int | None = None) -> dict[str, Budget]:
    return {DAY: Budget(DAY, cap, spent=amount, reserved=0)}


def test_a_call_is_held_at_its_ceiling_on_every_scope():
    output, holds = ledger(day=10**6).reserve(turn(), GPT, 1_000, 500)

    assert output == 500
    assert {h.amount for h in holds} == {GPT_PRICE.ceiling(1_000, 500)}
    assert {h.budget: (h.cap, h.refuse) for h in holds} == {
        "question:q1": (500_000, False),
        "thread:t1": (None, True),
        "agent:critic": (None, True),
        DAY: (10**6, True),
        "month:2026-11": (None, True),
        "provider:openai": (None, True),
    }


def test_near_a_cap_the_output_limit_shrinks_to_what_is_left():
    left = GPT_PRICE.ceiling(1_000, 300)

    output, holds = ledger(day=10**6).reserve(turn(), GPT, 1_000, 4_000, spent(10**6 - left))

    assert output == 300
    assert holds[0].amount == left


@pytest.mark.control("S11")
def test_below_256_tokens_the_turn_is_refused_with_what_to_do():
    left = GPT_PRICE.ceiling(1_000, LEAST_OUTPUT) - 1

    with pytest.raises(BudgetRefusedError) as caught:
        ledger(day=10**6).reserve(turn(), GPT, 1_000, 4_000, spent(10**6 - left))

    assert str(caught.value) == (
        "A turn of openai/gpt-4o may cost $0.0051 even with a short answer, and $0.0051 is left "
        "of the budget day:2026-11-23; raise it with `gitbridge budget set day USD`, "
        "or ask a cheaper model."
    )
    assert caught.value.exit_code == 4


def test_an_answer_that_is_short_anyway_needs_no_256_tokens():
    left = GPT_PRICE.ceiling(1_000, 100)

    assert ledger(day=left).reserve(turn(), GPT, 1_000, 100)[0] == 100


def test_the_tightest_of_several_caps_decides():
    agents = {"critic": GPT_PRICE.ceiling(1_000, 400)}

    assert ledger(day=10**6, agents=agents).reserve(turn(), GPT, 1_000, 4_000)[0] == 400


def test_a_provider_s_own_cap_counts_once_it_is_chosen():
    own = ledger(providers={"openai": GPT_PRICE.ceiling(1_000, 400)})

    assert own.headroom(turn()) is None
    assert own.reserve(turn(), GPT, 1_000, 4_000)[0] == 400


def test_the_default_question_cap_neither_shrinks_nor_refuses_but_warns():
    question = {"question:q1": Budget("question:q1", 500_000, spent=700_000, reserved=0)}
    own = ledger()

    assert own.reserve(turn(), GPT, 1_000, 4_000, question)[0] == 4_000
    assert own.headroom(turn(), question) is None
    assert own.warning(turn(), question) == (
        "This question may cost $0.70, more than the default cap of $0.50, which only warns; "
        "--budget or `gitbridge budget set question USD` sets one that refuses."
    )
    assert own.warning(turn(), {}) is None


def test_a_budget_given_with_the_question_refuses():
    with pytest.raises(BudgetRefusedError, match="question:q1; ask again with a larger --budget"):
        ledger().reserve(turn(question_budget=10), GPT, 1_000, 4_000)


def test_a_cap_set_by_hand_refuses_without_any_configuration():
    by_hand = {DAY: Budget(DAY, 10, 0, 0, by_person=True)}

    with pytest.raises(BudgetRefusedError):
        ledger().reserve(turn(), GPT, 1_000, 4_000, by_hand)


def test_headroom_is_what_the_tightest_refusing_cap_leaves_and_never_below_nought():
    own = ledger(day=100, month=50)

    assert own.headroom(turn()) == 50
    assert own.headroom(turn(), spent(80)) == 20
    assert own.headroom(turn(), spent(800)) == 0
    assert ledger().headroom(turn()) is None


@pytest.mark.control("S11")
def test_an_unknown_price_is_refused_under_a_cap_the_person_wrote():
    with pytest.raises(BudgetRefusedError) as caught:
        ledger(month=10**9).reserve(turn(), UNPRICED, 1_000, 4_000)

    assert str(caught.value) == (
        "Nobody knows what ollama/qwen3:8b costs, and the budget month:2026-11 refuses what it "
        "cannot count; run `gitbridge prices set ollama/qwen3:8b --input X --output Y` (US dollars "
        "per million tokens), with --ceiling where you only know what it costs at most."
    )


def test_a_ceiling_price_lets_an_unknown_one_pass_and_is_held_and_booked_as_unknown():
    most = Price(10**6, 2 * 10**6, 10**6, at_most=True)
    capped = replace(UNPRICED, at_most=most)
    own = ledger(
        month=10**9, prices={"qwen3:8b": PriceSettings(input=10**6, output=2 * 10**6, ceiling=True)}
    )

    _, holds = own.reserve(turn(), capped, 1_000, 4_000)
    asked = call(provider="ollama", model="qwen3:8b", price=most)
    booked = own.booking(turn(), asked, Usage(1_000, 100))

    assert holds[0].amount == most.ceiling(1_000, 4_000)
    assert booked.cost == Cost(None, None)
    assert booked.at_most == 1_200


def test_near_a_cap_a_ceiling_price_shrinks_the_answer_as_a_price_does():
    most = Price(10**6, 10**6, 10**6, at_most=True)

    output, holds = ledger(day=1_500).reserve(turn(), replace(UNPRICED, at_most=most), 1_000, 4_000)

    assert (output, holds[0].amount) == (500, 1_500)


def test_an_unknown_price_under_the_default_cap_alone_is_held_at_nought():
    output, holds = ledger().reserve(turn(), UNPRICED, 1_000, 4_000)

    assert output == 4_000
    assert {h.amount for h in holds} == {0}


def test_a_free_deployment_passes_under_an_empty_cap():
    free = Deployment("local", "smollm2", ProviderKind.LOCAL, FREE)

    assert ledger(day=0).reserve(turn(), free, 1_000, 512)[0] == 512


def test_what_xai_adds_to_every_prompt_is_held_too():
    grok = Deployment("grok", "grok-4.3", ProviderKind.GROK, GPT_PRICE)

    own = ledger()
    on_grok, on_openai = (own.reserve(turn(), d, 1_000, 100)[1][0].amount for d in (grok, GPT))

    assert on_grok - on_openai == GPT_PRICE.ceiling(200, 0)


@pytest.mark.control("S11")
@given(
    rates=st.tuples(st.integers(0, 10**8), st.integers(0, 10**8)),
    prompt=st.integers(0, 200_000),
    wanted=st.integers(1, 8_000),
    cap=st.integers(0, 10**7),
    used=st.integers(0, 10**7),
)
def test_no_hold_ever_exceeds_what_is_left(rates, prompt, wanted, cap, used):
    price = Price(input=rates[0], output=rates[1], cached=rates[0])
    deployment = Deployment("openai", "m", ProviderKind.OPENAI, price)
    try:
        output, holds = ledger(day=cap).reserve(
            turn(), deployment, prompt, wanted, spent(used, cap)
        )
    except BudgetRefusedError:
        assert price.ceiling(prompt, min(wanted, LEAST_OUTPUT)) > cap - used
        return

    assert min(wanted, LEAST_OUTPUT) <= output <= wanted
    assert holds[0].amount <= cap - used
    assert output == wanted or price.ceiling(prompt, output + 1) > cap - used


def test_a_booking_says_who_spent_what_on_which_day():
    clock = FakeClock()
    usage = Usage(1_000, 100)

    booking = ledger(clock).booking(turn(), call(served_model="gpt-4o-2024-08-06"), usage)

    assert booking.cost == Cost(2_500, 1_000)
    assert (booking.agent, booking.thread_id, booking.call_id) == ("critic", "t1", "call1")
    assert (booking.provider, booking.model) == ("openai", "gpt-4o-2024-08-06")
    assert (booking.day, booking.created_at) == ("2026-11-23", clock.now())
    assert booking.usage is usage


def test_another_model_that_answered_is_the_one_that_is_billed():
    cheap = Price(input=300_000, output=500_000, cached=75_000)
    asked = call(provider="grok", model="grok-3-mini", price=cheap, served_model="grok-4.3")

    booking = ledger().booking(turn(), asked, Usage(1_000, 100))

    assert booking.model == "grok-4.3"
    assert booking.cost == Cost(1_250, 250)


def test_a_served_model_that_nobody_priced_costs_what_the_asked_one_does():
    booking = ledger().booking(turn(), call(served_model="gpt-4o-secret-v7"), Usage(1_000, 100))

    assert booking.cost == Cost(2_500, 1_000)


def test_a_price_that_the_person_wrote_holds_for_the_model_s_dated_name():
    own = ledger(prices={"gpt-4o": PriceSettings(input=1, output=1)})
    asked = call(price=Price(1, 1, 1), served_model="gpt-4o-2024-08-06")

    assert own.booking(turn(), asked, Usage(10**6, 0)).cost.prompt == 1


def test_an_unknown_price_is_booked_as_unknown():
    asked = call(provider="ollama", model="qwen3:8b", price=None)

    assert ledger().booking(turn(), asked, Usage(1_000, 100)).cost.total is None


def test_days_are_those_of_the_configured_time_zone():
    clock = FakeClock()
    berlin = Ledger(settings(BudgetSettings(time_zone="Europe/Berlin")), clock)

    assert berlin.day(clock.now() - 1_000_000) == "2026-11-23"
    assert ledger(clock).day(clock.now() - 1_000_000) == "2026-11-22"
