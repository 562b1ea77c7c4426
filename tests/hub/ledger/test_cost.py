from hypothesis import given
from hypothesis import strategies as st

from hub.domain.usage import FREE, Cost, Price, PriceTier, Usage, usd
from hub.ledger.cost import ceiling, cost_of, expected, output_within
from tests.hub.ledger.builders import GPT_PRICE

rates = st.integers(0, 200_000_000)
tokens = st.integers(0, 1_000_000)
tiers = st.lists(st.builds(PriceTier, st.integers(1, 500_000), rates, rates, rates), max_size=3)
prices = st.builds(Price, input=rates, output=rates, cached=rates, tiers=tiers.map(tuple))
usages = st.builds(
    Usage,
    prompt_tokens=tokens,
    completion_tokens=tokens,
    cached_tokens=tokens,
    billed=st.none() | st.integers(0, 10**9),
)


def test_a_call_costs_what_the_price_list_says_prompt_and_completion_apart():
    cost = cost_of(GPT_PRICE, Usage(prompt_tokens=1_000, completion_tokens=100))

    assert cost == Cost(prompt=2_500, completion=1_000)


def test_cached_tokens_are_cheaper_and_part_of_the_prompt():
    cost = cost_of(GPT_PRICE, Usage(1_000, 0, cached_tokens=600))

    assert cost.prompt == 400 * 2.5 + 600 * 1.25


def test_reasoning_inside_the_completion_is_not_billed_twice():
    usage = Usage(1_000, 500, reasoning_tokens=400)

    assert cost_of(GPT_PRICE, usage) == cost_of(GPT_PRICE, Usage(1_000, 500))


def test_a_long_prompt_moves_the_whole_call_to_its_tier():
    price = Price(100, 200, 50, tiers=(PriceTier(200_000, 200, 100, 400),))

    assert price.rates(199_999) == (100, 50, 200)
    assert price.rates(200_000) == (200, 100, 400)


def test_an_unknown_price_is_an_unknown_cost_never_nought():
    cost = cost_of(None, Usage(1_000, 100))

    assert cost.prompt is None
    assert cost.total is None
    assert expected(None, 1_000, 100) is None
    assert ceiling(None, 1_000, 100) is None


def test_loopback_costs_nothing():
    assert cost_of(FREE, Usage(1_000, 100)).total == 0
    assert ceiling(FREE, 10**6, 10**6) == 0


def test_what_the_provider_billed_is_the_truth_even_where_the_price_says_otherwise():
    cost = cost_of(GPT_PRICE, Usage(1_000, 100, billed=7_000))

    assert cost == Cost(prompt=5_000, completion=2_000)


def test_fees_of_tools_are_added_and_an_unknown_fee_is_an_unknown_cost():
    price = Price(input=1_000_000, cached=0, output=2_000_000)

    assert cost_of(price, Usage(10, 10, fees=5_000)) == Cost(10, 5_020)
    assert cost_of(price, Usage(10, 10, fees=None)) == Cost(None, None)


def test_a_billed_sum_needs_no_price_to_be_known():
    cost = cost_of(None, Usage(400, 100, billed=1_000))

    assert cost == Cost(prompt=500, completion=500)


def test_a_billed_sum_without_tokens_is_still_booked():
    assert cost_of(None, Usage(0, 0, billed=5_000)).total == 5_000
    assert cost_of(FREE, Usage(10, 10, billed=5_000)).total == 5_000


@given(st.none() | prices, usages)
def test_the_parts_add_up_to_the_total_and_to_what_was_billed(price, usage):
    cost = cost_of(price, usage)

    if usage.billed is not None:
        assert cost.prompt + cost.completion == cost.total == usage.billed
        assert min(cost.prompt, cost.completion) >= 0
    elif price is None:
        assert cost.total is None
    else:
        assert cost.prompt + cost.completion == cost.total >= 0


@given(prices, tokens, tokens, tokens, tokens)
def test_no_call_costs_more_than_its_ceiling(price, prompt, output, more, cached):
    usage = Usage(prompt, output, cached_tokens=cached)

    most = ceiling(price, prompt, output + more)

    assert most >= expected(price, prompt, output) >= 0
    assert most >= cost_of(price, usage).total


@given(prices, tokens, st.integers(0, 10**9))
def test_output_within_a_sum_never_exceeds_it_and_one_more_token_would(price, prompt, headroom):
    output = output_within(price, prompt, headroom)

    if output is None:
        assert ceiling(price, prompt, 0) > headroom
    else:
        assert ceiling(price, prompt, output) <= headroom
        assert price.rates(prompt)[2] == 0 or ceiling(price, prompt, output + 1) > headroom


@given(st.integers(-(10**12), 10**12))
def test_money_in_a_sentence_keeps_two_digits_that_count(micro):
    text = usd(micro)

    shown = float(text.replace("$", ""))
    assert abs(shown - micro / 1e6) <= abs(micro) / 1e6 * 0.051
    assert "e" not in text


def test_money_in_a_sentence_reads_as_people_write_it():
    figures = [None, 0, 1, 430, 12_345, 500_000, 12_345_678, -2_500_000]

    written = ["unknown", "$0", "$0.000001", "$0.00043", "$0.012", "$0.50", "$12.35", "-$2.50"]
    assert [usd(figure) for figure in figures] == written
