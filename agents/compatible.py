"""Any server that speaks OpenAI's protocol: Ollama, LM Studio, vLLM, OpenRouter, ..."""

from __future__ import annotations

from agents.client import ProviderAgent
from agents.trace import Trace
from agents.wire import Endpoint
from hub.config import NetworkSettings, ProviderSettings
from hub.ports import Clock


class CompatibleAgent(ProviderAgent):
    """Answers with whatever the configured server offers; messages call it by its name."""

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
