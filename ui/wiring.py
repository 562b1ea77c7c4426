"""The one place that builds the parts and joins them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from agents.catalog import agents as providers
from agents.catalog import deployments
from agents.redaction import redact
from hub.bus import Bus
from hub.config import ProviderSettings, Settings
from hub.domain.agent import Deployment, Persona
from hub.domain.ids import new_id
from hub.domain.route import Health
from hub.engine.embedded import EmbeddedEngine
from hub.engine.slots import Slots
from hub.ledger.budget import Ledger
from hub.ledger.prices import ConfiguredPrices
from hub.ledger.time_zone import with_frozen_zone
from hub.logs import Logs
from hub.ports import Agent, Clock
from hub.rework import Rework
from hub.router.router import SmartRouter
from hub.serving.calls import Parts
from hub.serving.keeping import KeepingStore
from hub.serving.pacing import Pace
from hub.storage import backup
from hub.storage.repair import Repair
from hub.storage.repair import repair as mend
from hub.storage.sqlite import SQLiteStore
from ui.version import VERSION

_LONGEST_LOGGED = 2_000
"""Characters of a text in a log."""


class SystemClock:
    """The machine's time."""

    def now(self) -> int:
        """UTC microseconds since 1970."""
        return time.time_ns() // 1_000

    def monotonic(self) -> float:
        """Seconds that never run backwards."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


@asynccontextmanager
async def open_hub(
    settings: Settings,
    *,
    clock: Clock | None = None,
    agents: Mapping[str, Agent] | None = None,
    at_once: int = 32,
) -> AsyncIterator[Rework]:
    """Open the hub that the settings describe, started; close it at the end.

    Args:
        settings: From `hub.config.load`.
        clock: The machine's unless given.
        agents: By provider; built from the settings unless given.
        at_once: Turns that may work side by side; those that wait are not counted.

    Raises:
        ConfigError: A setting cannot work.
        StorageError: The journal cannot be opened.
    """
    clock = clock or SystemClock()
    settings = with_frozen_zone(settings)
    store = await SQLiteStore.open(settings.database, home=settings.home, clock=clock)
    prices = ConfiguredPrices(settings)
    offered = deployments(settings, prices)
    bus = Bus()
    keeping = KeepingStore(store, bus, clock)
    ledger = Ledger(settings, clock)
    slots = Slots(at_once)
    parts = Parts(
        store=keeping,
        engine=EmbeddedEngine(slots),
        router=_router(settings, offered, clock),
        ledger=ledger,
        pace=Pace(keeping, ledger, clock),
        agents=providers(settings, clock) if agents is None else agents,
        deployments=offered,
        personas=personas(settings),
        bus=bus,
        clock=clock,
        slots=slots,
        give_up=keeping.give_up,
    )
    hub = Rework(settings, parts)
    logs = Logs(bus, settings.logs, clock, partial(redact, limit=_LONGEST_LOGGED))
    try:
        async with _telemetry(settings, bus, store):
            await hub.start()
            yield hub
    finally:
        keeping.give_up()
        await hub.close()
        await logs.close()


@asynccontextmanager
async def _telemetry(settings: Settings, bus: Bus, store: SQLiteStore) -> AsyncIterator[None]:
    """Tell a collector of turns, where the settings name one; ends while the journal can be read."""
    if not settings.network.otlp:
        yield
        return
    from ui.telemetry import Telemetry

    telemetry = Telemetry(bus, store, settings, VERSION)
    try:
        yield
    finally:
        await telemetry.close()


def _router(settings: Settings, offered: tuple[Deployment, ...], clock: Clock) -> SmartRouter:
    return SmartRouter(
        offered,
        strategy=settings.router.strategy,
        weights=settings.router.weights,
        clock=clock,
        seed=new_id(),
        window=settings.router.metrics_window,
    )


async def try_provider(settings: Settings, provider: ProviderSettings) -> Health:
    """Ask one provider how it is, as the settings would have it; nothing is kept, nothing is paid.

    Raises:
        ConfigError: A key may not be sent there.
    """
    alone = settings.model_copy(update={"providers": {provider.name: provider}})
    (agent,) = providers(alone, SystemClock()).values()
    try:
        return await agent.health(timeout_s=10.0)
    finally:
        await agent.close()


def personas(settings: Settings) -> dict[str, Persona]:
    """Return the configured agents by name, the default one first."""
    return {
        a.name: Persona(a.name, a.role, a.instructions, a.deployments, a.temperature, a.hedge)
        for a in settings.agents
    }


def back_up(settings: Settings, target: Path | None, *, force: bool) -> Path:
    """Copy the journal to a file, by default a dated one in the backups folder; return it.

    Raises:
        StorageError: The journal cannot be read, or the copy not be written.
        UsageError: The file is there already.
    """
    if target is None:
        folder = settings.home / "backups"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / backup.name()
    elif target.is_dir():
        target = target / backup.name()
    return backup.back_up(settings.database, target, force=force)


def restore(settings: Settings, source: Path) -> Path | None:
    """Put a copy in the journal's place; return where the replaced one lies now.

    Raises:
        StorageError: The copy is no journal, another program runs, or a file cannot be moved.
    """
    return backup.restore(source, settings.database, settings.home)


def repair(settings: Settings) -> Repair:
    """Check the journal, and mend what is wrong.

    Raises:
        StorageError: Another program runs, or nothing at all can be read or written.
    """
    return mend(settings.database, settings.home)
