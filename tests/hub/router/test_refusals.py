import pytest

from hub.errors import BudgetRefusedError, RoutingError, UsageError
from hub.router.choose import choose
from tests.hub.router.builders import ALL, GPT, GROK, LOCAL, MINI, NOW, deployment, request, state


def refusal(deployments, **changes) -> str:
    with pytest.raises(UsageError) as caught:
        choose(request(**changes), deployments, state(), NOW)
    assert caught.value.exit_code == 2
    return str(caught.value)


def test_an_agent_whose_only_provider_has_no_key_names_the_variable_to_set():
    text = refusal((GPT,), allowed=("grok",))

    assert text == (
        "critic cannot answer: grok has no key: set GROK_API_KEY or XAI_API_KEY, "
        "or write `key` under [providers.grok] in config.toml."
    )


def test_openai_without_a_key_is_named_with_its_own_variable():
    assert "openai has no key: set OPENAI_API_KEY, or" in refusal((LOCAL,), allowed=("openai/o3",))


def test_an_agent_with_several_missing_providers_names_each():
    text = refusal((LOCAL,), allowed=("openai", "ollama"))

    assert "openai has no key" in text
    assert "no provider named ollama is configured; add [providers.ollama] to config.toml" in text


def test_one_provider_that_is_there_is_enough_for_an_agent():
    route = choose(request(allowed=("grok", "openai")), (GPT,), state(), NOW)

    assert route.deployment == GPT


def test_a_forced_provider_without_a_key_is_named():
    assert "Cannot ask xai: grok has no key: set GROK_API_KEY or" in refusal((GPT,), provider="xai")


def test_a_model_that_its_provider_is_not_configured_with_is_named_for_the_agent():
    text = refusal(ALL, allowed=("openai/gpt-9",))

    assert "openai is configured without the model gpt-9; add it to its models" in text


def test_a_forced_model_that_nobody_serves_lists_what_there_is():
    text = refusal((GPT, GROK), model="gpt-9")

    assert text.startswith("No provider serves the model gpt-9; ")
    assert text.endswith("use one of: grok/grok-4.3, openai/gpt-4o.")


def test_a_forced_model_that_the_forced_provider_lacks_lists_that_provider_s():
    text = refusal((GPT, GROK), provider="grok", model="gpt-4o")

    assert text.startswith("grok does not serve the model gpt-4o; ")
    assert text.endswith("use one of: grok/grok-4.3.")


def test_the_embedded_model_that_is_not_installed_names_the_command():
    assert "run `make install`" in refusal((GPT,), allowed=("local",))


def test_no_provider_at_all_says_what_to_set_or_install():
    text = refusal(())

    assert text == (
        "No provider is configured: set OPENAI_API_KEY or GROK_API_KEY, "
        "or run `make install` for the embedded model."
    )


def test_a_persona_and_a_person_who_exclude_one_another_get_each_reason():
    with pytest.raises(RoutingError, match=r"openai/gpt-4o \(critic may not use it\)") as caught:
        choose(request(allowed=("grok",), provider="openai"), (GPT, GROK), state(), NOW)

    assert "grok/grok-4.3 (openai was asked for)" in str(caught.value)
    assert caught.value.recovers_in_s is None


def test_a_cap_that_is_no_help_to_raise_is_not_said_to_be_too_small():
    unpriced = deployment("ollama/qwen3:8b", None)

    with pytest.raises(BudgetRefusedError) as caught:
        choose(request(model=unpriced.id, headroom=10**9), (*ALL, unpriced), state(), NOW)

    assert "Raise the budget" not in str(caught.value)
    assert "`gitbridge prices set MODEL --ceiling`" in str(caught.value)


def test_deployments_that_cannot_serve_for_one_reason_are_listed_together():
    with pytest.raises(RoutingError) as caught:
        choose(request(provider="grok", excluded=((GROK.id, "failed"),)), ALL, state(), NOW)

    assert f"{GROK.id} (failed); {GPT.id}, {MINI.id} (grok was asked for)" in str(caught.value)
