"""How the providers are: asked by questions that cost nothing, told on the bus, and so logged."""

from __future__ import annotations

import asyncio

from hub.domain.event import HealthChecked
from hub.domain.route import MAX_LATENCY_S, Health
from hub.errors import UsageError
from hub.facade.routes import Routes

NO_KEY = "no key"
"""State of a provider that is configured and cannot be asked."""


class Checks(Routes):
    """The part of the facade that asks providers how they are."""

    async def health(
        self,
        names: tuple[str, ...] = (),
        *,
        model: str | None = None,
        retries: int = 0,
        timeout_s: float = 5.0,
        max_latency_s: float = MAX_LATENCY_S,
    ) -> tuple[Health, ...]:
        """Ask providers side by side for their free model list.

        Args:
            names: Providers as configured; none: all that can be asked.
            model: Also ask whether the key may use this one.
            retries: Repeats of a question that failed, with exponential backoff.
            timeout_s: Bound of each question, in seconds.
            max_latency_s: Seconds above which an answer is told as slow.

        Raises:
            UsageError: No provider is named so.
        """
        agents = self._parts.agents
        chosen = tuple(dict.fromkeys(map(self._provider_named, names))) or tuple(agents)
        async with asyncio.TaskGroup() as group:
            asked = {
                name: group.create_task(
                    agents[name].health(timeout_s=timeout_s, model=model, retries=retries)
                )
                for name in chosen
                if name in agents
            }
        found = tuple(
            asked[name].result() if name in asked else self._without_key(name) for name in chosen
        )
        self.tell_health(*found, max_latency_s=max_latency_s)
        return found

    def tell_health(self, *found: Health, max_latency_s: float = MAX_LATENCY_S) -> None:
        """Tell what was found of providers, to the log and to whoever listens."""
        self._parts.bus.publish(*(HealthChecked(h, h.state(max_latency_s)) for h in found))

    def _provider_named(self, name: str) -> str:
        known = {*self.settings.providers, *self._parts.agents}
        wanted = "grok" if name == "xai" else name
        if wanted not in known:
            raise UsageError(f"No provider is named {name!r}: choose {', '.join(sorted(known))}.")
        return wanted

    @staticmethod
    def _without_key(name: str) -> Health:
        error = f"No key was found for {name}; see `gitbridge providers`."
        return Health(name, ok=False, error=error, tries=0, trouble=NO_KEY)
