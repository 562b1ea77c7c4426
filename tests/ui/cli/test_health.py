"""`gitbridge health` and `providers --live` against real servers on loopback."""

from __future__ import annotations

import re
import socket

import pytest

from tests.faults.server import latency, reply, stall
from tests.loopback import LoopbackProvider
from tests.ui.cli.served import served

KEY = "sk-canary-0123456789abcdef"
STATES = {
    "openai": "healthy",
    "sluggish": "slow",
    "busy": "rate limited",
    "grok": "wrong key",
    "gone": "unreachable",
}
pytestmark = pytest.mark.network


class Slow(LoopbackProvider):
    """Takes its time over every answer."""

    async def answer(self, connection):
        await latency(0.3)(connection)
        await super().answer(connection)


class Busy(LoopbackProvider):
    """Wants to be asked again in half a minute."""

    async def answer(self, connection):
        body = {"error": {"message": "Rate limit reached", "code": "rate_limit_exceeded"}}
        await reply(429, {"retry-after": "30"}, body)(connection)


@pytest.fixture
def providers(home, monkeypatch):
    """Serve one provider of each sort; yields the live one and the one with another key."""
    live, slow, busy = LoopbackProvider(key=KEY), Slow(), Busy()
    wrong = LoopbackProvider(provider="xai", key="xai-another-key")
    with socket.socket() as nobody, served(live, slow, busy, wrong):
        nobody.bind(("127.0.0.1", 0))  # bound and never listening: the port refuses
        dead = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        (home / "config.toml").write_text(
            f'[providers.sluggish]\nbase_url = "{slow.url}"\nmodels = ["gpt-4o"]\n'
            f'[providers.busy]\nbase_url = "{busy.url}"\nmodels = ["gpt-4o"]\n'
            f'[providers.gone]\nbase_url = "{dead}"\nmodels = ["gpt-4o"]\n'
            '[prices]\n"openai/gpt-4o" = { input = 2.5, output = 10 }\n'
        )
        (home / "config.toml").chmod(0o600)
        monkeypatch.setenv("OPENAI_BASE_URL", live.url)
        monkeypatch.setenv("XAI_BASE_URL", wrong.url)
        yield live


def test_each_server_gets_the_right_word_latency_status_and_log_line(real_cli, providers, home):
    result = real_cli("health", *STATES, "--retries", "0", "--max-latency", "0.25", "--json")

    rows = {row["name"]: row for row in result.json["providers"]}
    assert {name: row["state"] for name, row in rows.items() if name != "openai"} == {
        name: state for name, state in STATES.items() if name != "openai"
    }
    assert rows["openai"]["state"] in ("healthy", "slow")  # the machine may be busy
    assert result.status == 3
    assert result.json["healthy"] is False
    assert rows["sluggish"]["latency_s"] >= 0.3
    assert [rows[name]["latency_s"] for name in ("busy", "grok", "gone")] == [None] * 3
    for name, row in rows.items():
        [line] = (home / "logs" / f"{name}_healthcheck.log").read_text().splitlines()
        assert re.match(r"2\d{3}-\d\d-\d\dT[\d:.]+Z component=\S+ event=checked state=", line)
        state = row["state"]
        assert f"state={state if ' ' not in state else chr(34) + state + chr(34)} " in line
        assert ("latency_s=" in line) == (row["latency_s"] is not None)
    logs = "".join(path.read_text() for path in (home / "logs").iterdir())
    assert not re.search(r"(sk|xai)-canary|xai-another", logs + result.out + result.err)


def test_text_has_the_same_words_and_a_sentence_for_each_that_is_not_well(real_cli, providers):
    names = [name for name in STATES if name != "sluggish"]
    result = real_cli("health", *names, "--retries", "0", "--max-latency", "30")

    assert result.status == 3
    for name in names:
        assert re.search(rf"^{name} +{STATES[name]} ", result.out, re.MULTILINE)
    assert "busy: " in result.err
    assert "XAI_API_KEY" in result.err


def test_a_live_server_alone_is_exit_status_0_and_costs_nothing(real_cli, providers):
    result = real_cli("health", "openai", "--model", "gpt-4o", "--max-latency", "30")

    assert (result.status, providers.questions) == (0, 0)
    assert real_cli("usage", "--json").json == []


def test_a_model_that_the_key_may_not_use_is_unhealthy(real_cli, providers):
    result = real_cli("health", "openai", "--model", "gpt-99", "--format", "json")

    assert result.status == 3
    assert result.json["providers"][0]["state"] == "no model"


def test_a_paid_ping_is_one_answer_whose_cost_is_booked_and_whose_thread_is_gone(
    real_cli, providers
):
    result = real_cli("health", "openai", "--paid", "--max-latency", "30", "--json")

    [row] = result.json["providers"]
    [booked] = real_cli("usage", "--by", "tag", "--json").json
    assert (result.status, providers.questions) == (0, 1)
    assert (row["paid"], row["model"]) == (True, "gpt-4o")
    assert row["cost_usd"] == booked["cost_usd"] > 0
    assert (booked["key"], booked["calls"]) == ("health", 1)
    assert real_cli("thread", "list", "--json").json == []


def test_a_paid_ping_over_a_cap_is_not_sent(real_cli, providers):
    real_cli("budget", "set", "day", "0")

    result = real_cli("health", "openai", "--paid", "--json")

    assert (result.status, providers.questions) == (3, 0)
    assert result.json["providers"][0]["state"] == "over budget"


def test_a_provider_without_a_key_and_one_nobody_knows_are_told_apart(
    real_cli, providers, monkeypatch
):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_BASE_URL")  # loopback needs no key

    without = real_cli("health", "openai", "--json")
    unknown = real_cli("health", "mistral")

    assert (without.status, without.json["providers"][0]["state"]) == (3, "no key")
    assert unknown.status == 2
    assert "mistral" in unknown.err


def test_providers_live_shows_state_and_latency_beside_the_key(real_cli, providers):
    rows = {row["name"]: row for row in real_cli("providers", "--live", "--json").json}

    assert rows["busy"]["state"] == "rate limited"
    assert rows["openai"]["latency_s"] > 0
    assert rows["openai"]["key_source"] == "environment OPENAI_API_KEY"
    assert "wrong key" in real_cli("providers", "--live").out


def test_without_names_all_that_can_be_asked_are_and_the_embedded_model_only_alone(
    real_cli, providers, monkeypatch, home
):
    every = real_cli("health", "--retries", "0", "--json").json["providers"]
    (home / "config.toml").write_text("")
    for name in ("OPENAI_API_KEY", "XAI_API_KEY", "OPENAI_BASE_URL", "XAI_BASE_URL"):
        monkeypatch.delenv(name)
    alone = real_cli("health", "--json").json["providers"]

    assert {row["name"] for row in every} == set(STATES)
    assert [row["name"] for row in alone] == ["local"]


def test_a_paid_ping_leaves_one_line_for_each_question(real_cli, providers, home):
    real_cli("health", "openai", "gone", "--retries", "0", "--paid", "--json")

    lines = {
        name: (home / "logs" / f"{name}_healthcheck.log").read_text().splitlines()
        for name in ("openai", "gone")
    }
    assert {name: len(found) for name, found in lines.items()} == {"openai": 2, "gone": 1}


class Silent(LoopbackProvider):
    """Takes a question and never says a word."""

    async def answer(self, connection):
        await stall()(connection)


def test_a_server_that_connects_and_says_nothing_times_out(real_cli, home, monkeypatch):
    silent = Silent()
    with served(silent):
        monkeypatch.setenv("OPENAI_BASE_URL", silent.url)
        result = real_cli("health", "openai", "--timeout", "0.1", "--retries", "0", "--json")

    [row] = result.json["providers"]
    assert (result.status, row["state"], row["latency_s"]) == (3, "timed out", None)
    assert 'state="timed out"' in (home / "logs" / "openai_healthcheck.log").read_text()
