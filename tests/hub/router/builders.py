"""Deployments, requests and calls for the router's tests, complete but for what a test says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.domain.agent import Deployment, ProviderKind
from hub.domain.ids import TurnId
from hub.domain.query import CallFact
from hub.domain.route import RouteRequest
from hub.domain.turn import Purpose
from hub.domain.usage import FREE, Price
from hub.errors import ProviderConnectionError, ProviderError, SendOutcome
from hub.router.observe import observe
from hub.router.state import Policy, RouterState

NOW = 1_795_392_000_000_000
SECOND = 1_000_000

KINDS = {"openai": ProviderKind.OPENAI, "grok": ProviderKind.GROK, "local": ProviderKind.LOCAL}


def price(dollars_in: float, dollars_out: float) -> Price:
    return Price(
        input=round(dollars_in * 1e6),
        output=round(dollars_out * 1e6),
        cached=round(dollars_in * 5e5),
    )


def deployment(name: str, cost: Price | None = None, **changes) -> Deployment:
    provider, _, model = name.partition("/")
    kind = KINDS.get(provider, ProviderKind.COMPATIBLE)
    return replace(Deployment(provider, model, kind, cost), **changes)


GPT = deployment("openai/gpt-4o", price(2.5, 10))
MINI = deployment("openai/gpt-4o-mini", price(0.15, 0.6))
GROK = deployment("grok/grok-4.3", price(1.25, 2.5))
LOCAL = deployment("local/smollm2", FREE)
ALL = (GPT, MINI, GROK)


def request(**changes) -> RouteRequest:
    standard = RouteRequest(
        turn_id=TurnId("t1"),
        agent="critic",
        purpose=Purpose.REPLY,
        prompt_tokens=1_000,
        max_output=1_000,
    )
    return replace(standard, **changes)


def state(strategy: str = "hybrid", **policy) -> RouterState:
    return RouterState(Policy(strategy=strategy, seed="seed", **policy))


def fact(name: str, *, ok: bool = True, at: int = NOW, **changes) -> CallFact:
    standard = CallFact(
        deployment=name,
        ok=ok,
        ended_at=at,
        first_token_s=0.5 if ok else None,
        latency_s=4.5,
        prompt_tokens=1_000,
        completion_tokens=200 if ok else 0,
    )
    return replace(standard, **changes)


def error(
    kind: type[ProviderError] = ProviderConnectionError, retry_after_s: float | None = None
) -> ProviderError:
    return kind(
        "it failed",
        provider="openai",
        outcome=SendOutcome.NOT_SENT,
        retry_after_s=retry_after_s,
    )


def after(
    start: RouterState, name: str, outcomes: str, *, at: int = NOW, kind=ProviderConnectionError
) -> RouterState:
    """Observe calls in a row: `+` worked, `-` failed."""
    for outcome in outcomes:
        ok = outcome == "+"
        start = observe(start, fact(name, ok=ok, at=at), None if ok else error(kind))
    return start


def ids(deployments: Sequence[Deployment]) -> list[str]:
    return [d.id for d in deployments]
