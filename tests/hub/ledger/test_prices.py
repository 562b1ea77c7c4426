from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices.types import Tier, TieredPrices

from hub.config import PriceSettings, ProviderSettings
from hub.domain.usage import FREE, Price, PriceTier
from hub.ledger.prices import ConfiguredPrices, _converted
from tests.hub.ledger.builders import settings


def compatible(name: str, base_url: str) -> ProviderSettings:
    return ProviderSettings(name=name, kind="compatible", base_url=base_url, models=("m",))


def book(*providers: ProviderSettings, prices=None) -> ConfiguredPrices:
    return ConfiguredPrices(settings(providers=providers, prices=prices))


def test_known_models_cost_what_their_provider_lists():
    price = book().price("openai", "gpt-4o")

    assert price == Price(
        input=2_500_000, output=10_000_000, cached=1_250_000, source="genai-prices"
    )
    assert book().price("openai", "gpt-4o-mini").cached == 75_000


def test_grok_is_looked_up_at_xai_and_keeps_its_tier_for_long_prompts():
    price = book().price("grok", "grok-4.3")

    assert (price.input, price.cached, price.output) == (1_250_000, 200_000, 2_500_000)
    assert price.tiers == (PriceTier(200_000, input=2_500_000, cached=400_000, output=5_000_000),)


def test_a_dated_name_of_a_model_costs_the_same():
    prices = book()

    assert prices.price("openai", "gpt-4o-2024-08-06") == prices.price("openai", "gpt-4o")


def test_the_embedded_model_and_loopback_servers_are_free():
    prices = book(compatible("ollama", "http://localhost:11434/v1"))

    assert prices.price("local", "smollm2") is FREE
    assert prices.price("ollama", "gpt-4o") is FREE


def test_openai_served_from_loopback_is_free_too():
    moved = ProviderSettings(name="openai", kind="openai", base_url="http://127.0.0.1:8000/v1")

    assert book(moved).price("openai", "gpt-4o") is FREE


@pytest.mark.parametrize("key", ["qwen3:8b", "ollama/qwen3:8b"])
def test_what_the_person_wrote_comes_before_everything(key):
    written = {key: PriceSettings(input=100_000, output=300_000)}
    prices = book(compatible("ollama", "http://localhost:11434/v1"), prices=written)

    price = prices.price("ollama", "qwen3:8b")

    assert price == Price(input=100_000, output=300_000, cached=100_000, source="config.toml")


def test_a_price_written_for_one_provider_leaves_the_others_alone():
    written = {
        "openai/gpt-4o": PriceSettings(input=1, output=2, cached=0),
        "gpt-4o": PriceSettings(input=3, output=4),
    }
    prices = book(compatible("lab", "https://lab.example/v1"), prices=written)

    assert prices.price("openai", "gpt-4o").cached == 0
    assert prices.price("lab", "gpt-4o").input == 3


def test_a_price_of_nought_that_the_person_wrote_is_free():
    prices = book(prices={"gpt-4o": PriceSettings(input=0, output=0)})

    assert prices.price("openai", "gpt-4o").is_free


@pytest.mark.parametrize(
    ("provider", "model"),
    [("openai", "no-such-model"), ("lab", "gpt-4o"), ("nobody", "gpt-4o"), ("openai", "")],
)
def test_what_nobody_knows_is_none(provider, model):
    prices = book(compatible("lab", "https://lab.example/v1"))

    assert prices.price(provider, model) is None


def test_a_known_seller_is_recognised_by_its_address():
    prices = book(compatible("router", "https://openrouter.ai/api/v1"))

    price = prices.price("router", "openai/gpt-4o")

    assert (price.input, price.output) == (2_500_000, 10_000_000)


def test_prices_are_those_of_the_day():
    day = [datetime(2026, 1, 1, tzinfo=UTC)]
    prices = ConfiguredPrices(settings(), now=lambda: day[0])
    early = prices.price("grok", "grok-4.20")

    day[0] = datetime(2026, 11, 22, tzinfo=UTC)

    assert prices.price("grok", "grok-4.20") != early


def test_a_price_is_looked_up_once_a_day():
    prices = book()

    assert prices.price("openai", "gpt-4o") is prices.price("openai", "gpt-4o")


def test_a_model_with_a_fee_per_request_has_no_price_that_tokens_could_tell():
    prices = book(compatible("search", "https://api.perplexity.ai"))

    assert prices.price("search", "sonar") is None


def test_prices_that_step_at_different_lengths_become_one_row_of_tiers():
    fresh = TieredPrices(base=Decimal(1), tiers=[Tier(100, Decimal(2)), Tier(300, Decimal(4))])
    output = TieredPrices(base=Decimal(5), tiers=[Tier(200, Decimal(10))])

    price = _converted(fresh, Decimal("0.5"), output)

    assert [price.rates(n) for n in (100, 101, 201, 301)] == [
        (1_000_000, 500_000, 5_000_000),
        (2_000_000, 500_000, 5_000_000),
        (2_000_000, 500_000, 10_000_000),
        (4_000_000, 500_000, 10_000_000),
    ]
