"""Turns, settings and prices for the ledger's tests, complete but for what a test says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hub.config import BudgetSettings, PriceSettings, ProviderSettings, Settings
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.ids import CallId, ThreadId, TurnId
from hub.domain.turn import Call, Purpose, Turn, TurnOrder, TurnState
from hub.domain.usage import Price

GPT_PRICE = Price(input=2_500_000, output=10_000_000, cached=1_250_000)
GPT = Deployment("openai", "gpt-4o", ProviderKind.OPENAI, GPT_PRICE)


def settings(
    budget: BudgetSettings | None = None,
    providers: tuple[ProviderSettings, ...] = (),
    prices: dict[str, PriceSettings] | None = None,
) -> Settings:
    home = Path("state")
    known = (
        ProviderSettings(name="openai", kind="openai", base_url="https://api.openai.com/v1"),
        ProviderSettings(name="grok", kind="grok", base_url="https://api.x.ai/v1"),
        ProviderSettings(name="local", kind="local", base_url=""),
    )
    return Settings(
        home=home,
        config_file=home / "config.toml",
        database=home / "gitbridge.db",
        exports=home / "exports",
        logs=home / "logs",
        budget=budget or BudgetSettings(time_zone="UTC"),
        providers={p.name: p for p in (*known, *providers)},
        agents=(),
        prices=prices or {},
    )


def turn(**changes) -> Turn:
    """A turn of agent critic in thread t1; `changes` are those of its order."""
    return Turn(
        id=TurnId("turn1"),
        thread_id=ThreadId("t1"),
        order=replace(TurnOrder(Purpose.REPLY, "critic", question_id="q1"), **changes),
        partition_key="t1",
        state=TurnState.RUNNING,
        queued_at=0,
    )


def call(**changes) -> Call:
    standard = Call(
        id=CallId("call1"),
        turn_id=TurnId("turn1"),
        n=1,
        provider="openai",
        model="gpt-4o",
        started_at=0,
        request_hash="",
        price=GPT_PRICE,
    )
    return replace(standard, **changes)
