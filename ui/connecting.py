"""Connecting a provider: tried live before anything is kept, then written where only its owner reads."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Protocol
from urllib.parse import urlsplit

from hub.domain.route import Health
from hub.errors import ConfigError

HOSTED = {"openai": "OpenAI", "grok": "xAI Grok"}
"""Providers that take a key, by the name that configuration has."""
SERVER = "http://127.0.0.1:11434/v1"
"""Where Ollama listens."""


class Connector(Protocol):
    """Tries providers and keeps them; `Connecting` is the real one."""

    async def try_key(self, provider: str, key: str) -> Health:
        """Ask a hosted provider by a key; nothing is kept.

        Raises:
            ConfigError: It cannot be one: a sentence typed too soon goes nowhere.
        """
        ...

    async def try_server(self, address: str) -> Health:
        """Ask a server which models it has; nothing is kept.

        Raises:
            ConfigError: The address cannot be one.
        """
        ...

    def keep_key(self, provider: str, key: str, *, keyring: bool) -> str:
        """Keep a key; return where, in words.

        Raises:
            ConfigError: It cannot be kept there.
        """
        ...

    def keep_server(self, address: str, model: str) -> str:
        """Keep a server with one of its models; return where, in words.

        Raises:
            ConfigError: It cannot be kept.
        """
        ...


class Connecting:
    """Over the person's own configuration."""

    async def try_key(self, provider: str, key: str) -> Health:
        """Ask a hosted provider by a key."""
        from hub.config import Credential, load
        from ui.wiring import try_provider

        if len(key.split()) != 1:
            raise ConfigError("That is no key: keys hold no spaces. It was sent nowhere.")
        settings = load()
        known = settings.providers[provider]
        credential = Credential.model_validate({"value": key.strip(), "source": "this screen"})
        return await try_provider(settings, known.model_copy(update={"key": credential}))

    async def try_server(self, address: str) -> Health:
        """Ask a server which models it has."""
        from hub.addresses import check_base_url
        from hub.config import ProviderSettings, load
        from ui.wiring import try_provider

        try:
            url = check_base_url(address.strip())
        except ValueError as error:
            raise ConfigError(f"The address cannot be used: {error}.") from None
        server = ProviderSettings(
            name=name_of(url), kind="compatible", base_url=url, models=("any",)
        )
        return await try_provider(load(), server)

    def keep_key(self, provider: str, key: str, *, keyring: bool) -> str:
        """Keep a key in `config.toml`, mode 0600, or in the keyring."""
        from pydantic import SecretStr

        from hub.config import config_path, store_key
        from hub.config_file import keep_in_keyring

        if keyring:
            keep_in_keyring(config_path(), provider, SecretStr(key))
            return "the keyring of your desktop"
        return f"{store_key(provider, SecretStr(key))}, which only you can read"

    def keep_server(self, address: str, model: str) -> str:
        """Keep a server in `config.toml`."""
        from hub.config import config_path
        from hub.config_file import write_values

        url = address.strip().rstrip("/")
        values: dict[str, str | float | bool | list[str]] = {"base_url": url, "models": [model]}
        return str(write_values(config_path(), ("providers", name_of(url)), values))


def name_of(url: str) -> str:
    """Return a provider's name for an address: what usually listens at its port, else `server`."""
    known = {11434: "ollama", 1234: "lmstudio", 8000: "vllm", 8080: "llamacpp"}
    try:
        return known.get(urlsplit(url).port or 0, "server")
    except ValueError:
        return "server"


def has_keyring() -> bool:
    """Tell whether the package that speaks with desktop keyrings is installed."""
    return find_spec("keyring") is not None
