from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from hub.config import (
    config_path,
    default_config_text,
    environment_names,
    load,
    store_key,
    store_price,
    store_strategy,
)
from hub.errors import ConfigError

CANARY = "sk-canary-1f9e4d"


def write(home, text, mode=0o600):
    (path := home / "config.toml").write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def refused(home, text):
    write(home, text)
    with pytest.raises(ConfigError) as caught:
        load()
    return str(caught.value).removeprefix(str(home / "config.toml"))


def test_threads_are_kept_for_ever_unless_the_file_says_for_how_many_days(home):
    assert load().retention.days is None
    write(home, "[retention]\ndays = 90\n")
    assert load().retention.days == 90
    assert "retention.days" in refused(home, "[retention]\ndays = 0\n")


def test_without_configuration_everything_has_its_default(home):
    settings = load()

    assert (settings.home, settings.database) == (home, home / "gitbridge.db")
    assert settings.router.strategy == "adaptive"
    assert settings.budget.question == 500_000
    assert settings.budget.question_is_default
    assert [agent.name for agent in settings.agents] == ["proposer", "critic", "synthesist"]
    assert list(settings.providers) == ["openai", "grok", "local"]
    assert all(provider.key is None for provider in settings.providers.values())
    assert settings.warnings == ()


def test_reading_settings_makes_no_file(home):
    load()

    assert list(home.iterdir()) == []


def test_the_documented_example_is_read(home):
    write(
        home,
        """
        [router]
        strategy = "hybrid"
        weights = { cost = 0.5, performance = 0.3, availability = 0.2 }
        [budget]
        question = 0.25
        month = 50
        time_zone = "Europe/Berlin"
        agents = { skeptic = 0.1 }
        [providers.ollama]
        kind = "compatible"
        base_url = "http://192.168.1.7:11434/v1/"
        allow_http = true
        key = ""
        models = ["qwen3:8b"]
        [providers.openai]
        api = "responses"
        stream = false
        effort = "low"
        slots = 2
        [prices."qwen3:8b"]
        input = 0.15
        output = 0
        [agents.skeptic]
        role = "Finds what breaks"
        instructions = "Be brief."
        deployments = ["xai", "openai/gpt-4o"]
        temperature = 0.4
        [consensus]
        rule = "qualified"
        threshold = 0.75
    """,
    )

    settings = load()

    assert settings.router.weights.cost == 0.5
    assert (settings.budget.question, settings.budget.month) == (250_000, 50_000_000)
    assert not settings.budget.question_is_default
    assert settings.budget.agents == {"skeptic": 100_000}
    assert settings.providers["ollama"].base_url == "http://192.168.1.7:11434/v1"
    asked = settings.providers["openai"]
    assert (asked.api, asked.stream, asked.effort) == ("responses", False, "low")
    assert (asked.slots, settings.providers["ollama"].slots) == (2, None)
    assert settings.providers["ollama"].stream
    assert settings.prices["qwen3:8b"].input == 150_000
    assert settings.agents[0].deployments == ("grok", "openai/gpt-4o")
    assert settings.consensus.threshold == 0.75


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[router]\n\nstrategy = "fastest"', ", line 3: router.strategy: Input should be 'cost_op"),
        ("[router]\nstrateggy = 1", ", line 2: router.strateggy: there is no such setting"),
        ("[router]\nweights = {cost=0, performance=0, availability=0}", ", line 2: router.weights"),
        ("[budget]\nquestion = -1", ", line 2: budget.question"),
        ("[budget]\nmonth = nan", ", line 2: budget.month: a number of US dollars"),
        ('[budget]\ntime_zone = "Mars/North"', ", line 2: budget.time_zone: no such time zone"),
        ('[consensus]\nrule = "loudest"', ", line 2: consensus.rule: Input should be 'auto', 'plu"),
        ('[agents."a b"]\nrole = ""', ", line 1: agents.a b"),
        ("[agents.You]", ", line 1: agents.You"),
        ("[agents.a]\n[agents.A]", ", line 2: agents.A: another agent has this name"),
        ('[agents.a]\ndeployments = ["mistral"]', ", line 2: agents.a.deployments: an unknown prov"),
        ('[agents.a]\nrole = "\\u001b[2J"', ", line 2: agents.a.role: control characters"),
        ('[agents.a]\ntemperature = 3', ", line 2: agents.a.temperature"),
        ('[providers.x]\nmodels = ["m"]', ", line 1: providers.x: base_url is missing"),
        ('[providers.x]\nbase_url = "https://h/v1"', ", line 1: providers.x: models is missing"),
        ('[providers.openai]\nkind = "local"', ", line 2: providers.openai.kind: openai cannot"),
        ('[providers.openai]\napi = "soap"', ", line 2: providers.openai.api: Input should be 'chat'"),
        ('[providers.openai]\neffort = "huge"', ", line 2: providers.openai.effort: Input should be"),
        ('[providers.xai]\nwindow = 1', ", line 2: providers.grok.window"),
        ("[providers.xai]\n[providers.grok]", ", line 1: providers.xai: xai is another name"),
        ('[providers.openai]\nkey = "a"\nkey_env = "B"', ", line 1: providers.openai: give one"),
        ('[network]\nca_bundle = "/no/such.pem"', ", line 2: network.ca_bundle: there is no such"),
        ("router = 3", ", line 1: router"),
        ("[router", " is not valid TOML: "),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_line_and_reason(home, text, said):
    assert said in refused(home, text)


@pytest.mark.control("S5")
def test_an_error_never_shows_the_value(home):
    assert CANARY not in refused(home, f'[providers.openai]\nkey = ["{CANARY}"]')
    assert CANARY not in refused(home, f'[providers.openai]\nkey = "{CANARY} {CANARY}"')


def test_a_file_that_is_no_text_is_refused(home):
    (home / "config.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigError, match="not UTF-8"):
        load()


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(home, monkeypatch):
    write(home, '[router]\nstrategy = "hybrid"')
    monkeypatch.setenv("SMARTROUTER_STRATEGY", "round_robin")
    monkeypatch.setenv("SMARTROUTER_METRICS_WINDOW", "7")

    assert load().router.strategy == "round_robin"
    assert load().router.metrics_window == 7
    assert load(overrides={"router.strategy": "adaptive"}).router.strategy == "adaptive"


def test_a_wrong_variable_is_named(monkeypatch):
    monkeypatch.setenv("SMARTROUTER_COST_WEIGHT", "heavy")

    with pytest.raises(ConfigError, match=r"^environment variable SMARTROUTER_COST_WEIGHT: "):
        load()


def test_models_come_from_environment_then_file_then_dotenv(home, monkeypatch):
    Path(".env").write_text("GROK_MODEL=grok-from-folder\n")
    assert load().providers["grok"].model_from_environment == "grok-from-folder"

    write(home, '[providers.grok]\nmodels = ["grok-4.3"]')
    assert load().providers["grok"].model_from_environment is None

    monkeypatch.setenv("GROK_MODEL", "grok-5")
    assert load().providers["grok"].model_from_environment == "grok-5"


@pytest.mark.control("S8")
@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://localhost.evil/v1",
        "https://user:pw@api.example.com",
        "http://192.168.1.7:11434/v1",
        "http://[::ffff:192.168.1.7]/",
        "https://169.254.169.254/latest",
        "https://[fe80::1]/v1",
        "https://[::ffff:169.254.169.254]/",
        "https://2852039166/",
        "https://0xA9FEA9FE/",
        "https://0251.0376.0251.0376/",
        "https://169.254.43518/",
        "https://169.254.169.254./",
        "https://１６９.254.169.254/",
        "https://host/v1?key=1",
        "https://host:99999/v1",
        "ftp://host/v1",
        "host/v1",
        "https://",
        "https://ho st/",
        "https://good.example\\@evil.example/",
    ],
)
def test_an_address_that_could_give_the_key_away_is_refused(monkeypatch, url):
    monkeypatch.setenv("OPENAI_BASE_URL", url)

    with pytest.raises(ConfigError, match=r"^environment variable OPENAI_BASE_URL: "):
        load()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/v1", "http://localhost:1/v1", "http://[::1]:1/v1"]
)
def test_http_on_this_machine_is_fine_and_known_to_be_here(monkeypatch, url):
    monkeypatch.setenv("XAI_BASE_URL", url + "/")

    provider = load().providers["grok"]

    assert provider.base_url == url
    assert provider.on_loopback


@pytest.mark.control("S8")
def test_allow_http_is_said_of_the_files_address_and_of_no_other(home, monkeypatch):
    write(home, '[providers.openai]\nallow_http = true\nbase_url = "http://10.0.0.2/v1"')
    assert load().providers["openai"].allow_http

    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere.example/v1")
    with pytest.raises(ConfigError, match="http would show the key"):
        load()


def test_the_template_is_valid_and_sets_nothing(home):
    bare = load()
    write(home, default_config_text())

    assert load() == bare


def test_without_gitbridge_home_the_users_folders_are_used(monkeypatch, tmp_path):
    monkeypatch.delenv("GITBRIDGE_HOME")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "etc"))

    if sys.platform == "linux":
        assert config_path() == tmp_path / "etc" / "gitbridge" / "config.toml"
        assert load().home == tmp_path / "data" / "gitbridge"


def test_a_failpoint_kills_the_program_where_it_is_named():
    code = "from hub.config import failpoint; failpoint('turn.after_a'); print('alive')"
    run = [sys.executable, "-c", code]
    there = {**os.environ, "GITBRIDGE_FAIL_AT": "turn.after_a"}
    elsewhere = {**os.environ, "GITBRIDGE_FAIL_AT": "turn.after_b"}

    assert subprocess.run(run, env=there, capture_output=True, check=False).returncode == -9
    assert b"alive" in subprocess.run(run, env=elsewhere, capture_output=True, check=True).stdout


def test_providers_with_keys_name_their_variables():
    assert environment_names()["grok"] == ("GROK_API_KEY", "XAI_API_KEY", "GITHUB_GROK_API_KEY")
    assert "local" not in environment_names()


def test_store_key_keeps_the_rest_of_the_file(home):
    text = '# mine\n[router]\nexplore = true\n\n[providers.xai]  # fast\nmodels = ["grok-4.3"]\n'
    path = write(home, text, mode=0o644)

    assert store_key("grok", SecretStr(CANARY)) == path
    store_key("openai", SecretStr("other"))
    store_key("openai", SecretStr(f"{CANARY}2"))

    after = path.read_text()
    assert all(line in after for line in text.splitlines())
    assert after.count("key = ") == 2
    assert path.stat().st_mode & 0o777 == 0o600
    assert load().providers["grok"].key.value.get_secret_value() == CANARY
    assert load().providers["openai"].key.value.get_secret_value() == f"{CANARY}2"
    assert sorted(p.name for p in home.iterdir()) == ["config.toml"]


def test_store_key_makes_folder_and_file(home, monkeypatch):
    monkeypatch.setenv("GITBRIDGE_HOME", str(home / "new"))

    path = store_key("openai", SecretStr(CANARY))

    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert load().providers["openai"].key is not None


@pytest.mark.parametrize(
    "text", ['providers = { openai = { models = ["m"] } }', '[providers.openai]\nkey_env = "K"']
)
def test_store_key_leaves_a_file_alone_that_it_cannot_change(home, text):
    path = write(home, text)

    with pytest.raises(ConfigError, match=r"edit it|give one of key, key_env"):
        store_key("openai", SecretStr(CANARY))

    assert path.read_text() == text


@pytest.mark.parametrize(("provider", "key"), [("local", "k"), ("openai", " "), ("openai", "a\nb")])
def test_store_key_refuses_what_is_no_key(provider, key):
    with pytest.raises(ConfigError):
        store_key(provider, SecretStr(key))


FULL = """\
# mine
[router]
# how
strategy = "hybrid"  # for now
weights = { cost = 1 }

[prices]
"gpt-4o" = { input = 2.5, output = 10 }  # old

[prices."qwen3:8b"]
input = 0 # free
output = 0
"""


def test_a_hash_in_a_string_is_no_comment(home):
    path = write(home, '[router]\nstrategy = "hybrid#1"\n')
    path.write_text('[providers.x]\nbase_url = "https://x.org"\nmodels = ["a#b"]\n')

    store_price("a#b", {"input": 1, "output": 2})
    store_price("a#b", {"input": 3, "output": 4})

    assert path.read_text().endswith('[prices."a#b"]\ninput = 3\noutput = 4\n')


def test_a_strategy_is_written_over_the_old_one_and_everything_else_stays(home):
    path = write(home, FULL)

    assert store_strategy("round_robin") == path

    assert path.read_text() == FULL.replace('"hybrid"', '"round_robin"')
    assert load().router.strategy == "round_robin"
    assert path.stat().st_mode & 0o777 == 0o600 or os.name == "nt"


def test_a_strategy_is_written_into_a_file_that_has_none(home):
    store_strategy("hybrid")

    assert (home / "config.toml").read_text() == '[router]\nstrategy = "hybrid"\n'


def test_an_unknown_strategy_leaves_the_file_alone(home):
    path = write(home, FULL)

    with pytest.raises(ConfigError, match="strategy"):
        store_strategy("cheapest")

    assert path.read_text() == FULL


def test_a_price_replaces_its_line_its_table_or_makes_a_new_one(home):
    write(home, FULL)

    store_price("gpt-4o", {"input": 2, "output": 8.5, "cached": 1})
    store_price("qwen3:8b", {"input": 0.1, "output": 0.2})
    store_price("openai/gpt-5", {"input": 1.25, "output": 10, "ceiling": True})

    text, prices = (home / "config.toml").read_text(), load().prices
    assert "# mine" in text
    assert all(comment in text for comment in ("# how", "# for now", "# old", "# free"))
    assert (prices["gpt-4o"].output, prices["gpt-4o"].cached) == (8_500_000, 1_000_000)
    assert (prices["qwen3:8b"].input, prices["qwen3:8b"].output) == (100_000, 200_000)
    assert prices["openai/gpt-5"].ceiling
    assert text.endswith('[prices."openai/gpt-5"]\ninput = 1.25\noutput = 10\nceiling = true\n')


@pytest.mark.parametrize(
    "text",
    ['prices."gpt-4o".input = 1\nprices."gpt-4o".output = 1\n', "prices = { }\n", "prices = 3\n"],
)
def test_a_file_that_a_price_cannot_be_added_to_is_left_alone(home, text):
    path = write(home, text)

    with pytest.raises(ConfigError):
        store_price("gpt-4o", {"input": 2, "output": 8})

    assert path.read_text() == text
