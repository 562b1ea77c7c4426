"""Prices: listed, set by hand, fetched only when asked."""

from __future__ import annotations

import json

import pytest
from genai_prices.data_snapshot import get_snapshot

from hub.domain.usage import Price
from hub.ledger import prices as listed


def row(cli, model="openai/gpt-4o"):
    return next(r for r in cli("prices", "--json").json if r["model"] == model)


def test_prices_name_their_source_and_the_longer_prompts_that_cost_more(cli):
    assert row(cli)["source"] == "genai-prices"
    assert row(cli, "grok/grok-4.3")["tiers"][0]["from_prompt_tokens"] > 0

    shown = cli("prices").out

    assert "INPUT / M" in shown
    assert "from 200,000 tokens" in shown


def test_a_price_set_by_hand_counts_from_the_next_command_on(cli, home):
    (home / "config.toml").write_text("# mine\n")

    done = cli("prices", "set", "gpt-4o", "--input", "2", "--output", "$8", "--cached", "0.5")

    assert (done.status, done.out) == (0, "")
    assert row(cli) == {
        "model": "openai/gpt-4o",
        "input_usd_per_million": 2.0,
        "cached_usd_per_million": 0.5,
        "output_usd_per_million": 8.0,
        "ceiling": False,
        "tiers": [],
        "source": "config.toml",
    }
    assert (home / "config.toml").read_text().startswith("# mine\n")


def test_a_ceiling_lets_a_model_of_unknown_price_pass_a_cap_and_costs_an_unknown_sum(
    cli, home, monkeypatch, openai
):
    monkeypatch.setenv("OPENAI_MODEL", "gpt-secret")
    ask = ("ask", "q", "--agent", "critic", "--model", "openai/gpt-secret", "--json")
    cli("budget", "set", "day", "1")
    refused = cli(*ask)

    cli("prices", "set", "gpt-secret", "--input", "1", "--output", "10", "--ceiling")
    answered = cli(*ask)

    assert refused.status == 4
    assert "gitbridge prices set" in refused.err
    assert answered.status == 0
    assert answered.json["usage"]["cost_usd"] is None
    (today, *_) = cli("budget", "show", "--json").json
    assert (today["spent_usd"], today["reserved_usd"]) == ((100 * 1 + 10 * 10) / 1e6, 0)
    assert len(openai.seen) == 1
    cli("prices", "set", "gpt-secret", "--input", "1", "--output", "10")
    assert row(cli, "openai/gpt-secret")["ceiling"] is False


@pytest.mark.parametrize(
    "words",
    [
        ("m", "--input", "1"),
        ("m", "--input", "-1", "--output", "1"),
        ("m", "--input", "nan", "--output", "1"),
        ("", "--input", "1", "--output", "1"),
        ("a b", "--input", "1", "--output", "1"),
    ],
)
def test_a_price_that_is_none_is_refused_and_nothing_written(cli, home, words):
    result = cli("prices", "set", *words)

    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)
    assert not (home / "config.toml").exists()


@pytest.fixture
def online(monkeypatch, grok):
    """Today's data: those of the package, with another price for gpt-4o; and xAI's own list."""
    asked: list[str] = []

    def updated():
        asked.append("genai-prices")
        return get_snapshot()

    real = listed.listed_price

    def dearer(snapshot, provider, model, moment):
        price = real(snapshot, provider, model, moment)
        return Price(9, 9, 9) if asked and model == "gpt-4o" else price

    async def own(*, timeout_s=5.0):
        asked.append("xai")
        return {"grok-4.3": Price(1_000_000, 2_000_000, 500_000, source="xAI's price list")}

    monkeypatch.setattr(listed, "updated", updated)
    monkeypatch.setattr(listed, "listed_price", dearer)
    monkeypatch.setattr(grok, "prices", own, raising=False)
    return asked


def test_update_fetches_both_lists_says_what_changed_and_keeps_it(cli, online, home):
    cli("prices")
    assert online == []

    done = cli("prices", "update", "--json")

    assert (done.status, online) == (0, ["genai-prices", "xai"])
    changed = {c["model"]: c["now"]["output_usd_per_million"] for c in done.json["changed"]}
    assert changed["grok/grok-4.3"] == 2.0
    assert changed["openai/gpt-4o"] == 9e-6
    assert row(cli, "grok/grok-4.3")["source"] == "xAI's price list"
    assert row(cli)["source"].startswith("configured of 20")
    assert "Fetched 20" in cli("prices").err
    assert json.loads((home / "prices.json").read_text())["fetched_at"] > 0


def test_a_source_that_does_not_answer_is_named_and_the_other_one_kept(cli, online, monkeypatch):
    def down():
        raise OSError("Name or service not known")

    monkeypatch.setattr(listed, "updated", down)

    done = cli("prices", "update")

    assert done.status == 0
    assert "genai-prices' data could not be fetched (OSError: Name or service" in done.err
    assert row(cli, "grok/grok-4.3")["source"] == "xAI's price list"


def test_with_a_proxy_of_its_own_configuration_genai_prices_is_not_asked(cli, online, home):
    (home / "config.toml").write_text('[network]\nproxy = "http://127.0.0.1:9"\n')

    done = cli("prices", "update")

    assert online == ["xai"]
    assert "knows no proxy" in done.err


def test_a_damaged_file_of_prices_is_said_and_does_not_count(cli, home):
    (home / "prices.json").write_text("{")

    shown = cli("prices")

    assert "damaged" in shown.err
    assert row(cli)["source"] == "genai-prices"


def test_a_price_of_a_model_that_nobody_serves_is_kept_and_said(cli):
    done = cli("prices", "set", "openai/gpt-9", "--input", "1", "--output", "2")

    assert done.status == 0
    assert "No provider that is configured serves openai/gpt-9 yet." in done.err
