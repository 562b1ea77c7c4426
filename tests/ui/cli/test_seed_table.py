"""Each component of the report that GitBridge comes from, shown by the command that has it now.

The README has the same table: component, command. Every row runs that command and looks at what the
component was for.
"""

from __future__ import annotations

import asyncio
import json
import re

import pytest

from tests.faults.server import reply
from tests.loopback import LoopbackProvider
from tests.ui.cli.served import served

KEY, XAI_KEY = "sk-canary-0123456789abcdef", "xai-canary-0123456789abcdef"
pytestmark = pytest.mark.network


@pytest.fixture
def hub(real_cli, home, monkeypatch):
    """Run commands over OpenAI and xAI on loopback, priced; one decision is taken."""
    openai = LoopbackProvider(vote="tea", key=KEY)
    xai = LoopbackProvider(provider="xai", vote="coffee", key=XAI_KEY)
    with served(openai, xai):
        (home / "config.toml").write_text(
            '[prices]\n"openai/gpt-4o" = { input = 2.5, output = 10 }\n'
            '"openai/gpt-4o-mini" = { input = 0.15, output = 0.6 }\n'
            '"grok/grok-3-mini" = { input = 0.3, output = 0.5 }\n'
            '"grok/grok-4.3" = { input = 1.25, output = 2.5 }\n'
        )
        (home / "config.toml").chmod(0o600)
        monkeypatch.setenv("OPENAI_BASE_URL", openai.url)
        monkeypatch.setenv("XAI_BASE_URL", xai.url)
        real_cli.openai, real_cli.xai = openai, xai
        assert real_cli("ask", "Tea?", "--option", "tea", "--option", "coffee").status in (0, 5)
        yield real_cli


def test_openai_client(hub, home):
    result = hub("ask", "Why?", "--agent", "critic", "--model", "openai/gpt-4o")

    assert result.status == 0
    assert "critic says" in result.out
    trace = (home / "logs" / "openai_integration_trace.log").read_text()
    assert re.search(r"component=openai event=answered model=gpt-4o", trace)


def test_grok_client(hub):
    result = hub("ask", "Why?", "--agent", "critic", "--model", "grok/grok-3-mini", "--json")

    assert result.json["routes"][0]["provider"] == "grok"


def test_credentials_in_four_tiers(hub):
    rows = {row["name"]: row for row in hub("providers", "--json").json}

    assert rows["openai"]["key_source"] == "environment OPENAI_API_KEY"


def test_health_checks(hub, home):
    result = hub("health", "openai", "grok", "--max-latency", "30", "--format", "json")

    assert (result.status, result.json["healthy"]) == (0, True)
    assert "state=healthy" in (home / "logs" / "grok_healthcheck.log").read_text()


def test_model_selector(hub, monkeypatch):
    monkeypatch.setenv("OPENAI_MODEL", "gpt-5-mini")

    assert "openai/gpt-5-mini" in {row["id"] for row in hub("models", "--json").json}


def test_token_usage_logger(hub, home):
    for provider in {row["key"] for row in hub("usage", "--json").json}:
        lines = (home / "logs" / f"{provider}_usage.jsonl").read_text().splitlines()
        assert {"prompt_tokens", "completion_tokens", "cost_usd", "prompt_length"} <= set(
            json.loads(lines[0])
        )


def test_error_hierarchy(hub):
    hub.xai._key = "xai-another-key"

    result = hub("ask", "Why?", "--agent", "critic", "--model", "grok/grok-3-mini")

    assert result.status == 1
    assert "xAI Grok" in result.err
    assert XAI_KEY not in result.err


def test_retry_with_backoff(hub):
    busy = reply(503, {}, {"error": {"message": "overloaded"}})
    hub.openai.script(busy)
    result = hub("ask", "Why?", "--agent", "critic", "--model", "openai/gpt-4o", "--json")

    turn = result.json["messages"][-1]["turn"]
    assert turn["model"] == "gpt-4o"
    rows = hub("dashboard", "--json").json["deployments"]
    assert sum(row["saved_by_repeats"] for row in rows) == 1


def test_cost_tracking(hub):
    [total] = hub("usage", "--by", "thread", "--json").json

    assert total["cost_usd"] == pytest.approx(
        total["prompt_cost_usd"] + total["completion_cost_usd"], abs=2e-6
    )
    assert hub("estimate", "Why?").status == 0


def test_utc_logs(hub, home):
    hub("health", "openai", "--max-latency", "30")
    hub("graph", "--format", "svg")
    names = {path.name for path in (home / "logs").iterdir()}

    assert names >= {
        "openai_integration_trace.log", "openai_healthcheck.log", "routing_decisions.jsonl",
        "collaboration.log", "visualizer.log", "manager.log",
    }  # fmt: skip
    for path in (home / "logs").glob("*.log"):
        for line in path.read_text().splitlines():
            assert re.match(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(Z|\+00:00) component=", line)
            assert KEY not in line


@pytest.mark.parametrize(
    "strategy", ["cost_optimized", "performance_optimized", "availability_optimized"]
)
def test_smart_router_with_its_three_kinds_of_routing(hub, strategy):
    asked = hub("ask", "Why?", "--agent", "critic", "--strategy", strategy, "--json").json

    assert asked["routes"][0]["strategy"] == strategy
    dry = hub("route", "dry-run", "Why?", "--strategy", strategy)
    assert dry.status == 0


def test_collaboration_hub(hub):
    [decision] = hub("decision", "list", "--json").json

    assert {ballot["choice"] for ballot in decision["ballots"]} <= {"tea", "coffee", None}
    assert len(hub("thread", "show", "last", "--json").json["messages"]) > 3
    consensus = hub("dashboard", "--json").json["consensus"]
    assert {"unanimous", "contested", "average_confidence", "support_rate"} <= set(consensus)


@pytest.mark.parametrize("kind", ["network", "sequence", "pie", "timeline"])
def test_visualizer(hub, kind):
    first = hub("graph", "last", "--kind", kind, "--format", "mermaid").out.split()[0]

    assert first == {
        "network": "flowchart", "sequence": "sequenceDiagram", "pie": "pie", "timeline": "timeline",
    }[kind]  # fmt: skip


def test_management_cli(hub):
    posted = hub("thread", "post", "last", "Deployed", "--author", "ci")

    assert posted.status == 0
    assert "Deployed" in hub("thread", "show", "last").out
    assert hub("export", "last", "--format", "csv").status == 0


def test_dashboards(hub):
    assert "gitbridge_calls_total" in hub("metrics").out
    assert hub("dashboard").status == 0


class _Together:
    """Lets the first answers begin only once so many are asked for."""

    def __init__(self, count):
        self._wanted, self._asked = count, 0
        self._all = None

    async def __call__(self):
        self._all = self._all or asyncio.Event()
        self._asked += 1
        if self._asked >= self._wanted:
            self._all.set()
        async with asyncio.timeout(60):
            await self._all.wait()


def test_auto_scaling(hub, monkeypatch):
    """What a question needs runs side by side: three agents are asked before one has answered."""
    together = _Together(3)
    answer = LoopbackProvider._complete

    async def complete(provider, connection, body):
        await together()
        await answer(provider, connection, body)

    monkeypatch.setattr(LoopbackProvider, "_complete", complete)

    asked = hub(
        "ask", "Which?", "--option", "tea", "--option", "coffee", "--timeout", "90", "--json"
    )

    drafts = [m for m in asked.json["messages"] if m["kind"] == "draft"]
    assert len({m["author"] for m in drafts}) == 3
    assert asked.json["decision"]["tally"]["absent"] == []
