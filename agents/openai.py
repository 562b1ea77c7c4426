"""OpenAI, asked by Chat Completions or Responses."""

from __future__ import annotations

from agents.client import ProviderAgent
from agents.trace import Trace
from agents.wire import Endpoint
from hub.config import NetworkSettings, ProviderSettings
from hub.ports import Clock


class OpenAIAgent(ProviderAgent):
    """Answers with OpenAI's models; every error it raises is an `OpenAIAPIError`."""

    def __init__(
        self,
        settings: ProviderSettings,
        network: NetworkSettings,
        clock: Clock,
        trace: Trace | None = None,
    ) -> None:
        """Connect to nothing yet.

        Raises:
            ConfigError: The address may not be sent a key.
        """
        super().__init__(Endpoint.of(settings, network), clock, temperature=0.3, trace=trace)
