"""Where keys come from, in which order, and what a hostile folder cannot do (SECURITY S5-S7)."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from hub.config import load
from hub.errors import ConfigError

CANARY = "sk-canary-1f9e4d"
posix = pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX")


def config(home, text, mode=0o600):
    (home / "config.toml").write_text(text, encoding="utf-8")
    (home / "config.toml").chmod(mode)


def dotenv(text, mode=0o600):
    Path(".env").write_text(text, encoding="utf-8")
    Path(".env").chmod(mode)


def key_of(provider="openai", **load_arguments):
    found = load(**load_arguments).providers[provider].key
    return found and (found.value.get_secret_value(), found.source)


def test_keys_are_taken_in_the_documented_order(home, monkeypatch):
    monkeypatch.setenv("GITHUB_OPENAI_API_KEY", "k5")
    assert key_of() == ("k5", "GitHub Actions GITHUB_OPENAI_API_KEY")

    dotenv("OPENAI_API_KEY=k4")
    assert key_of() == ("k4", ".env OPENAI_API_KEY")

    config(home, '[providers.openai]\nkey = "k3"')
    assert key_of() == ("k3", "config.toml")

    monkeypatch.setenv("OPENAI_API_KEY", "k2")
    assert key_of() == ("k2", "environment OPENAI_API_KEY")

    overrides = {"providers.openai.key": "k1"}
    assert key_of(overrides=overrides) == ("k1", "command line, providers.openai.key")


def test_grok_is_found_under_both_its_names(monkeypatch):
    monkeypatch.setenv("XAI_API_KEY", "x")
    assert key_of("grok") == ("x", "environment XAI_API_KEY")

    monkeypatch.setenv("GROK_API_KEY", "g")
    assert key_of("grok") == ("g", "environment GROK_API_KEY")


def test_an_empty_variable_is_no_key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "  ")

    assert key_of() is None


def test_another_provider_names_its_own_variable(home, monkeypatch):
    config(home, '[providers.o]\nbase_url="https://o/v1"\nmodels=["m"]\nkey_env="MY_KEY"')
    assert key_of("o") is None

    monkeypatch.setenv("MY_KEY", "k")
    assert key_of("o") == ("k", "environment MY_KEY")


@pytest.mark.control("S5")
def test_a_key_is_masked_wherever_settings_are_printed(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARY)

    settings = load()

    assert CANARY not in f"{settings} {settings!r} {settings.model_dump()} {settings.providers}"
    assert CANARY not in settings.model_dump_json()


@pytest.mark.control("S5")
def test_a_key_that_would_break_a_header_is_refused_unseen(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", f"{CANARY}\nX-Evil: 1")

    with pytest.raises(ConfigError, match="environment OPENAI_API_KEY") as caught:
        load()

    assert CANARY not in str(caught.value)


@posix
@pytest.mark.control("S6")
def test_a_file_with_a_key_that_others_can_read_is_refused(home):
    config(home, f'[providers.openai]\nkey = "{CANARY}"', mode=0o640)

    with pytest.raises(ConfigError, match="chmod 600"):
        load()


@posix
@pytest.mark.control("S6")
def test_a_shared_file_without_a_key_is_used(home):
    config(home, "[router]\nexplore = true", mode=0o644)

    assert load().router.explore


@posix
@pytest.mark.control("S6")
def test_a_shared_dotenv_is_used_with_a_warning():
    dotenv("OPENAI_API_KEY=k", mode=0o644)

    assert key_of() == ("k", ".env OPENAI_API_KEY")
    assert "chmod 600 .env" in " ".join(load().warnings)


@pytest.mark.control("S7")
def test_a_hostile_folder_gets_its_key_and_model_used_and_nothing_else():
    dotenv(
        f"OPENAI_API_KEY='{CANARY}'\nexport OPENAI_MODEL=gpt-mini\n"
        "OPENAI_BASE_URL=https://evil.example\nXAI_BASE_URL=https://evil.example\n"
        "HTTPS_PROXY=http://evil.example\nhttp_proxy=http://evil.example\n"
        "GITBRIDGE_DATABASE_URL=postgres://evil.example\nGITBRIDGE_HOME=/evil\nPATH=/evil\n"
    )

    settings = load()

    openai = settings.providers["openai"]
    assert openai.key.value.get_secret_value() == CANARY
    assert openai.model_from_environment == "gpt-mini"
    assert "evil" not in settings.model_dump_json()
    for name in ("OPENAI_BASE_URL", "XAI_BASE_URL", "HTTPS_PROXY", "http_proxy"):
        assert any(
            warning.startswith(f"{name} in .env is ignored") for warning in settings.warnings
        )
    assert "OPENAI_API_KEY" not in os.environ


@pytest.mark.control("S7")
def test_dotenv_values_are_taken_as_written(monkeypatch):
    monkeypatch.setenv("SECRET", "leak")
    dotenv("OPENAI_MODEL=gpt-${SECRET}\n")

    assert load().providers["openai"].model_from_environment == "gpt-${SECRET}"


@pytest.mark.control("S7")
@pytest.mark.parametrize("content", [b"\xff\xfe=\x00\n", b"===\n\"'\n", b"OPENAI_API_KEY\n", b""])
def test_a_broken_dotenv_harms_nothing(content, capfd):
    Path(".env").write_bytes(content)

    assert load().providers["openai"].key is None
    assert capfd.readouterr() == ("", "")


def test_a_keyring_that_is_not_installed_is_said(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    config(home, '[providers.openai]\nkey_store = "keyring"')

    with pytest.raises(ConfigError, match="pip install keyring"):
        load()


class Keyring:
    """Stands in for the optional package."""

    class errors:  # noqa: N801  the package's own name
        class KeyringError(Exception):
            pass

    def __init__(self, answer):
        self.answer = answer

    def get_password(self, service, name):
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if (service, name) == ("gitbridge", "openai") else None


def test_a_key_in_the_keyring_is_used_and_its_source_named(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", Keyring(CANARY))
    config(home, '[providers.openai]\nkey_store = "keyring"')

    assert key_of() == (CANARY, "keyring")


def test_a_keyring_that_does_not_answer_is_said(home, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", Keyring(Keyring.errors.KeyringError(CANARY)))
    config(home, '[providers.openai]\nkey_store = "keyring"')

    with pytest.raises(ConfigError, match="keyring did not answer") as caught:
        load()

    assert CANARY not in str(caught.value)
