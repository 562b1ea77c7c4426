"""xAI's Grok, asked by Chat Completions or Responses."""

from __future__ import annotations

from collections.abc import Mapping

from agents.client import ProviderAgent
from agents.decode import parse_json
from agents.errors import GrokResponseError
from agents.listing import listed_prices
from agents.trace import Trace
from agents.wire import Endpoint
from hub.config import NetworkSettings, ProviderSettings
from hub.domain.usage import Price
from hub.errors import SendOutcome
from hub.ports import Clock


class GrokAgent(ProviderAgent):
    """Answers with Grok, thinking hard where it can; every error is a `GrokAPIError`."""

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
        super().__init__(Endpoint.of(settings, network), clock, temperature=0.4, trace=trace)

    async def prices(self, *, timeout_s: float = 5.0) -> Mapping[str, Price]:
        """Return what xAI's own list says its models cost, by name and alias.

        Raises:
            GrokAPIError: It was not answered, or with something else.
        """
        found = listed_prices(
            parse_json(await self.ask_free("/language-models", timeout_s=timeout_s))
        )
        if found is None:
            raise GrokResponseError(
                "xAI Grok answers with something that is no list of prices; try again later.",
                provider=self._endpoint.name,
                outcome=SendOutcome.REJECTED,
            )
        return found
