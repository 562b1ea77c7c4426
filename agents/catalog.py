"""Which deployments a configuration has, and the agents that serve them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.capabilities import capabilities_of
from agents.compatible import CompatibleAgent
from agents.embedded_process import MODEL, SLOTS, WINDOW
from agents.grok import GrokAgent
from agents.local import LocalAgent
from agents.openai import OpenAIAgent
from agents.trace import Trace
from hub.config import NetworkSettings, ProviderSettings, Settings
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.usage import FREE, Price
from hub.ports import Agent, Clock, PriceBook

DEFAULTS: Mapping[ProviderKind, tuple[str, ...]] = {
    ProviderKind.OPENAI: ("gpt-4o", "gpt-4o-mini"),
    ProviderKind.GROK: ("grok-3-mini", "grok-4.3"),
    ProviderKind.COMPATIBLE: (),
    ProviderKind.LOCAL: (MODEL,),
}
"""The seed's default and its sister, so that the router has a choice."""
SERVED_AS: Mapping[str, str] = dict.fromkeys(
    ("grok-3", "grok-3-mini", "grok-4-0709", "grok-4-fast", "grok-code-fast"), "grok-4.3"
)
"""What xAI answers and bills for retired names since 2026-05-15 (PROVIDERS: 37 recordings)."""
LOCAL_OUTPUT = 160
"""Output tokens of the embedded model: a ballot fits, and a reply stays within seconds."""
_AGENTS: Mapping[
    ProviderKind, Callable[[ProviderSettings, NetworkSettings, Clock, Trace], Agent]
] = {
    ProviderKind.LOCAL: LocalAgent,
    ProviderKind.OPENAI: OpenAIAgent,
    ProviderKind.GROK: GrokAgent,
    ProviderKind.COMPATIBLE: CompatibleAgent,
}


def deployments(settings: Settings, prices: PriceBook) -> tuple[Deployment, ...]:
    """Return what can serve a turn: every provider with a key or of the person's own, by model.

    The embedded model is always among them; the router keeps it out unless it is named or alone.
    """
    return tuple(
        _deployment(provider, model, settings, prices)
        for provider in settings.providers.values()
        if usable(provider)
        for model in models_of(provider)
    )


def agents(settings: Settings, clock: Clock) -> dict[str, Agent]:
    """Return one agent for each provider that can be used, by the provider's name.

    Raises:
        ConfigError: An address may not be sent a key.
    """
    return {
        provider.name: _AGENTS[ProviderKind(provider.kind)](
            provider, settings.network, clock, Trace(settings.logs, provider.name, clock)
        )
        for provider in settings.providers.values()
        if usable(provider)
    }


def usable(provider: ProviderSettings) -> bool:
    """Tell whether a provider can be asked: a hosted one only with a key."""
    return provider.key is not None or provider.kind == "compatible" or provider.on_loopback


def models_of(provider: ProviderSettings) -> tuple[str, ...]:
    """Return the models to offer: configured or default, the environment's in the first place."""
    kind = ProviderKind(provider.kind)
    models = provider.models if provider.models and kind is not ProviderKind.LOCAL else None
    models = models or DEFAULTS[kind]
    if provider.model_from_environment:
        models = (provider.model_from_environment, *models[1:])
    return tuple(dict.fromkeys(models))


def _deployment(
    provider: ProviderSettings, model: str, settings: Settings, prices: PriceBook
) -> Deployment:
    kind = ProviderKind(provider.kind)
    found = _price(provider, model, settings, prices)
    price, at_most = (None, found) if found and found.at_most else (found, None)
    if kind is ProviderKind.LOCAL:
        return Deployment(provider.name, model, kind, price, WINDOW, LOCAL_OUTPUT, SLOTS)
    window = provider.window or capabilities_of(kind, model).window
    output = min(4_000, window // 2)
    slots = provider.slots
    return Deployment(
        provider.name, model, kind, price, window, output, slots, at_most, not provider.stream
    )


def _price(
    provider: ProviderSettings, model: str, settings: Settings, prices: PriceBook
) -> Price | None:
    """Return the price; what runs on this machine is free unless the person priced it."""
    own = settings.written_price(provider.name, model)
    priced = own is not None and not own.ceiling
    if provider.on_loopback and not priced:
        return FREE
    if provider.kind == "grok" and not priced:
        model = SERVED_AS.get(model, model)
    return prices.price(provider.name, model)
