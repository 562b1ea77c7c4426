"""Money and routes of the real program, against providers on loopback."""

from __future__ import annotations

import json

import pytest

from tests.journeys.conftest import KEY, PRICES

pytestmark = [pytest.mark.anyio, pytest.mark.network]


async def test_a_question_is_costed_explained_and_logged_without_a_key(gitbridge, home):
    asked = await gitbridge("ask", "Tabs?", "--agent", "critic", "--model", "xai", "--json")
    [route] = (await gitbridge("route", "explain", "last", "--json")).json["routes"]

    assert asked.json["usage"]["cost_usd"] == route["actual"]["cost_usd"]
    assert route["actual"]["latency_s"] > 0
    assert {c["deployment"] for c in route["candidates"]} > {"openai/gpt-4o", "grok/grok-4.3"}
    [used] = (home / "logs" / "grok_usage.jsonl").read_text().splitlines()
    [chosen] = (home / "logs" / "routing_decisions.jsonl").read_text().splitlines()
    billed = json.loads(used)
    assert billed["cost_usd"] == pytest.approx(asked.json["usage"]["cost_usd"])
    assert billed["prompt_cost_usd"] + billed["completion_cost_usd"] == pytest.approx(
        billed["cost_usd"]
    )
    assert billed["prompt_length"] > len("Tabs?")
    assert json.loads(chosen)["fallback"] is False
    assert all(KEY not in path.read_text() for path in (home / "logs").iterdir())


async def test_xai_s_own_price_list_is_fetched_on_demand_over_http(gitbridge, home, xai):
    bundle = home / "ca.pem"
    bundle.write_text("")  # its own CA: genai-prices' updater, which knows none, stays at home
    (home / "config.toml").write_text(f'{PRICES}\n[network]\nca_bundle = "{bundle.as_posix()}"\n')

    updated = await gitbridge("prices", "update", "--json")

    assert updated.status == 0, updated.err
    assert [seen.path for seen in xai.seen] == ["/v1/language-models"]
    kept = json.loads((home / "prices.json").read_text())["prices"]
    assert set(kept) == {"grok/grok-4.3", "grok/grok-4.3-latest"}
    assert kept["grok/grok-4.3"]["output"] == 2_500_000
