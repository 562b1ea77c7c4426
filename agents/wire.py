"""What a client needs of the transport, without its HTTP library: loading that takes 0.2 s."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from agents.deadlines import Deadlines
from agents.retry_statistics import RetryStatistics
from hub.addresses import check_base_url, host_is_loopback
from hub.config import NetworkSettings, ProviderSettings
from hub.domain.agent import ProviderKind
from hub.errors import ConfigError

TITLES = {
    ProviderKind.OPENAI: "OpenAI",
    ProviderKind.GROK: "xAI Grok",
    ProviderKind.LOCAL: "The embedded model",
}
"""How messages call a provider; others are called by their configured name."""


DIRECT = NetworkSettings()
"""No proxy, the usual certificates."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a provider is reached, with which key."""

    name: str
    """As configured."""
    kind: ProviderKind
    base_url: str
    """Without a slash at its end."""
    key: SecretStr | None = None
    key_source: str = ""
    network: NetworkSettings = DIRECT
    api: str | None = None
    """Protocol to speak: `chat`, `responses`; None: by the model."""
    stream: bool = True
    """False: answers are asked for in one piece."""
    effort: str | None = None
    """How hard models should think; None: each model's default."""

    @classmethod
    def of(cls, settings: ProviderSettings, network: NetworkSettings) -> Endpoint:
        """Take the address and key of a configured provider.

        Raises:
            ConfigError: The address may not be sent a key (SECURITY S8).
        """
        try:
            base_url = check_base_url(settings.base_url, allow_http=settings.allow_http)
        except ValueError as error:
            raise ConfigError(f"The base URL of {settings.name} cannot be used: {error}.") from None
        return cls(
            name=settings.name,
            kind=ProviderKind(settings.kind),
            base_url=base_url,
            key=settings.key.value if settings.key else None,
            key_source=settings.key.source if settings.key else "",
            network=network,
            api=settings.api,
            stream=settings.stream,
            effort=settings.effort,
        )

    @property
    def title(self) -> str:
        """How messages to the person call it."""
        return TITLES.get(self.kind, self.name)

    @property
    def on_loopback(self) -> bool:
        """True when it runs on this machine: no proxy is asked then."""
        return host_is_loopback(urlsplit(self.base_url).hostname or "")


class Exchange(Protocol):
    """One answer that has begun, with status 200."""

    headers: Mapping[str, str]
    """Names in lower case."""
    request_id: str | None

    @property
    def tries(self) -> int:
        """Requests that were needed."""
        ...

    @property
    def declined(self) -> int:
        """How many of them the provider declined: a rate limit, or overload."""
        ...

    def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yield the decoded body as it arrives."""
        ...

    def content_came(self) -> None:
        """Start the idle deadline anew."""
        ...


class Wire(Protocol):
    """Sends requests to one provider."""

    statistics: RetryStatistics
    """What its repeats came to."""

    def post(
        self, path: str, payload: Mapping[str, object], deadlines: Deadlines
    ) -> AbstractAsyncContextManager[Exchange]:
        """Send a request and enter once its answer has begun.

        Raises:
            FailedCallError: On entering or while the body is read.
        """
        ...

    async def get(self, path: str, *, timeout_s: float) -> bytes:
        """Return the body of a free question, asked once.

        Raises:
            FailedCallError: It was not answered.
        """
        ...

    def hide(self, text: str) -> str:
        """Return text with this provider's own key replaced."""
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
