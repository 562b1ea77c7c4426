"""The commands that show what is configured."""

from __future__ import annotations

import pytest

KEYS = ("sk-canary-0123456789abcdef", "xai-canary-0123456789abcdef")


def test_agents_are_listed_with_role_and_deployments(cli):
    rows = cli("agents", "--json").json

    assert [row["name"] for row in rows] == ["proposer", "critic", "synthesist"]
    assert cli("agents").out.startswith("AGENT")


def test_providers_tell_where_each_key_was_found(cli, monkeypatch):
    monkeypatch.delenv("XAI_API_KEY")

    rows = {row["name"]: row for row in cli("providers", "--json").json}

    assert rows["openai"]["key_source"] == "environment OPENAI_API_KEY"
    assert (rows["grok"]["key_source"], rows["grok"]["usable"]) == (None, False)
    assert rows["local"]["usable"] is True
    assert "none; set GROK_API_KEY" in cli("providers").out


def test_models_are_listed_with_their_prices(cli):
    rows = {row["id"]: row for row in cli("models", "--json").json}

    assert rows["openai/gpt-4o"]["input_usd_per_million"] > 0
    assert cli("models").out.startswith("MODEL")


@pytest.mark.control("S5")
@pytest.mark.parametrize(
    "words",
    [
        ("providers",),
        ("providers", "--json"),
        ("config", "show"),
        ("config", "show", "--json"),
        ("doctor",),
        ("models",),
    ],
)
def test_no_command_shows_a_key(cli, words):
    result = cli(*words)

    assert not any(key in result.out + result.err for key in KEYS)


def test_config_path_is_in_the_home_folder(cli, home):
    assert cli("config", "path").out == f"{home / 'config.toml'}\n"


def test_config_show_has_money_in_dollars(cli, home):
    (home / "config.toml").write_text("[budget]\nquestion = 0.25\n")
    (home / "config.toml").chmod(0o600)

    assert cli("config", "show", "--json").json["budget"]["question"] == 0.25
    assert "budget.question = 0.25\n" in cli("config", "show").out


def test_hedging_is_switched_on_for_an_agent_and_shown(cli, home):
    config = home / "config.toml"
    config.write_text("[agents.ada]\nhedge = true\n[agents.bob]\n")
    config.chmod(0o600)

    assert "agents.ada.hedge = True\n" in cli("config", "show").out
    assert {row["name"]: row["hedge"] for row in cli("agents", "--json").json} == {
        "ada": True,
        "bob": False,
    }
    config.write_text('[agents.ada]\nhedge = "when it is slow"\n')
    refused = cli("agents")
    assert refused.status == 2
    assert "line 2: agents.ada.hedge" in refused.err


def test_a_wrong_setting_names_file_and_line_and_is_exit_status_2(cli, home):
    (home / "config.toml").write_text("[router]\nstrategy = 'luck'\n")
    (home / "config.toml").chmod(0o600)

    result = cli("agents")

    assert result.status == 2
    assert "config.toml" in result.err
    assert "2" in result.err


def test_config_edit_needs_a_terminal(cli, home):
    result = cli("config", "edit")

    assert result.status == 2
    assert str(home / "config.toml") in result.err


def test_what_was_ignored_in_the_settings_is_told_once(cli, home):
    (home.parent / "work" / ".env").write_text("OPENAI_BASE_URL=https://evil.example/v1\n")

    result = cli("agents")

    assert result.err.count("OPENAI_BASE_URL") == 1
    assert result.err.startswith("warning: ")


def test_doctor_finds_nothing_wrong_here(cli):
    result = cli("doctor", "--json")

    found = {row["check"]: row for row in result.json}
    assert found["database"]["ok"] is True
    assert found["key openai"]["detail"] == "environment OPENAI_API_KEY"
    assert found["ping openai"]["ok"] is True


def test_doctor_tells_all_that_is_wrong_and_ends_with_1(cli, home):
    (home / "gitbridge.db").write_bytes(b"holiday pictures" * 100)

    result = cli("doctor")

    assert result.status == 1
    assert "WRONG  database" in result.out


def test_doctor_survives_a_broken_configuration(cli, home):
    (home / "config.toml").write_text("not toml")

    result = cli("doctor")

    assert result.status == 1
    assert "WRONG  configuration" in result.out
