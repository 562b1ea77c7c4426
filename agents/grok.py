"""xAI's Grok, asked by Chat Completions or Responses."""

from __future__ import annotations

from agents.client import ProviderAgent
from agents.wire import Endpoint
from hub.config import NetworkSettings, ProviderSettings
from hub.ports import Clock


class GrokAgent(ProviderAgent):
    """Answers with Grok, thinking hard where it can; every error is a `GrokAPIError`."""

    def __init__(self, settings: ProviderSettings, network: NetworkSettings, clock: Clock) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: The address may not be sent a key.
        """
        super().__init__(Endpoint.of(settings, network), clock, temperature=0.4)
