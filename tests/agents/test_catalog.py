"""Which deployments a configuration has."""

from __future__ import annotations

import pytest

from agents.catalog import agents, deployments
from agents.compatible import CompatibleAgent
from agents.grok import GrokAgent
from agents.local import LocalAgent
from agents.openai import OpenAIAgent
from hub.config import load
from hub.domain.agent import ProviderKind
from hub.domain.usage import FREE, Price

PRICE = Price(input=1, output=2, cached=1)


class Prices:
    """A price book that knows one price for all."""

    def price(self, provider, model):
        return PRICE


def ids():
    return [deployment.id for deployment in deployments(load(), Prices())]


def test_without_any_key_there_is_the_embedded_model_alone():
    (only,) = deployments(load(), Prices())

    assert (only.provider, only.model, only.kind) == (
        "local",
        "smollm2-135m-instruct",
        ProviderKind.LOCAL,
    )
    assert only.price == FREE
    assert (only.window, only.slots) == (4_096, 3)


def test_a_key_brings_the_default_model_and_its_sister(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("XAI_API_KEY", "xai-1")

    assert ids() == [
        "openai/gpt-4o",
        "openai/gpt-4o-mini",
        "grok/grok-3-mini",
        "grok/grok-4.3",
        "local/smollm2-135m-instruct",
    ]


def test_the_environments_model_takes_the_first_place(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("OPENAI_MODEL", "gpt-4.1")

    assert ids()[:2] == ["openai/gpt-4.1", "openai/gpt-4o-mini"]


@pytest.fixture
def configured(home):
    (home / "config.toml").write_text(
        '[providers.ollama]\nkind = "compatible"\nbase_url = "http://127.0.0.1:11434/v1"\n'
        'models = ["qwen3:8b", "phi4"]\nwindow = 8000\n'
        '[prices."qwen3:8b"]\ninput = 1\noutput = 1\n'
    )
    (home / "config.toml").chmod(0o600)
    return load()


def test_a_server_on_this_machine_is_free_unless_priced(configured):
    found = {d.id: d for d in deployments(configured, Prices())}

    assert found["ollama/qwen3:8b"].price == PRICE
    assert found["ollama/phi4"].price == FREE
    assert (found["ollama/phi4"].window, found["ollama/phi4"].max_output) == (8_000, 4_000)


def test_each_usable_provider_has_its_own_agent(configured, clock, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-1")
    monkeypatch.setenv("XAI_API_KEY", "xai-1")
    made = agents(load(), clock)

    assert {name: type(agent) for name, agent in made.items()} == {
        "openai": OpenAIAgent,
        "grok": GrokAgent,
        "local": LocalAgent,
        "ollama": CompatibleAgent,
    }


def test_a_retired_name_of_xai_is_priced_as_the_model_that_answers_it(monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "xai-1")
    asked = []

    class Asked(Prices):
        def price(self, provider, model):
            asked.append(model)
            return PRICE

    deployments(load(), Asked())

    assert asked == ["grok-4.3", "grok-4.3"]
