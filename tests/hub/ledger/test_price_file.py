import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.usage import Price, PriceTier
from hub.errors import StorageError
from hub.ledger.price_file import NAME, FetchedPrices, read_prices, write_prices
from hub.ledger.prices import ConfiguredPrices
from tests.hub.ledger.builders import settings

TIERED = Price(1, 2, 3, (PriceTier(200_000, 4, 5, 6),), "xAI's price list")


def test_what_was_written_is_read_back(home):
    write_prices(home, {"grok/grok-4.3": TIERED}, 7)

    assert read_prices(home) == FetchedPrices(7, {"grok/grok-4.3": TIERED})


def test_nothing_fetched_is_nothing_known(home):
    assert read_prices(home) == FetchedPrices()


GOOD = {
    "fetched_at": 1,
    "prices": {"a/b": {"input": 1, "output": 1, "cached": 1, "tiers": [], "source": "x"}},
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 100_000,
        json.dumps({**GOOD, "fetched_at": "now"}),
        json.dumps({**GOOD, "prices": []}),
        json.dumps(GOOD).replace('"input": 1', '"input": -1'),
        json.dumps(GOOD).replace('"input": 1', '"input": true'),
        json.dumps(GOOD).replace('"tiers": []', '"tiers": [1]'),
    ],
)
def test_a_damaged_file_counts_for_nothing_and_is_known_as_such(home, text):
    (home / NAME).write_text(text)

    assert read_prices(home) == FetchedPrices(damaged=True)


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
    )
)
def test_no_content_breaks_the_reader(tmp_path_factory, content):
    home = tmp_path_factory.mktemp("prices")
    (home / NAME).write_text(json.dumps({"fetched_at": 1, "prices": content}))

    assert read_prices(home).damaged in (True, False)


def test_a_folder_that_takes_no_file_is_said_in_one_sentence(home):
    (home / "taken").write_text("")

    with pytest.raises(StorageError, match="cannot be written"):
        write_prices(home / "taken", {}, 1)


def test_a_fetched_price_stands_over_the_package_s_and_below_the_person_s(home):
    write_prices(home, {"grok/grok-4.3": TIERED, "openai/gpt-4o": TIERED}, 7)
    plain = settings(prices={"gpt-4o": {"input": 9, "output": 9}}).model_copy(update={"home": home})
    prices = ConfiguredPrices(plain)

    assert prices.price("grok", "grok-4.3") == TIERED
    assert prices.price("openai", "gpt-4o").source == "config.toml"
    assert prices.price("openai", "gpt-4o-mini").source == "genai-prices"
