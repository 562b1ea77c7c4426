"""How a call changes what the router knows: at its start, and at its end."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.query import CallFact
from hub.domain.route import Health
from hub.errors import (
    GitBridgeError,
    ModelError,
    ProviderConnectionError,
    ProviderError,
    RateLimitError,
    SendOutcome,
)
from hub.router.breaker import NOT_ITS_FAULT, Phase
from hub.router.concurrency import Concurrency
from hub.router.state import Figures, RouterState, provider_of

_OVERLOADED = frozenset((503, 529))
"""HTTP statuses of a provider that has too much to do."""


def begin(state: RouterState, deployment: str, tokens: int = 0, now: int = 0) -> RouterState:
    """Return the state with one more call under way.

    Args:
        state: What was known before.
        deployment: Where the call goes.
        tokens: That it should take, prompt and answer together.
        now: UTC microseconds.
    """
    figures = state.figures_of(deployment)
    buckets = figures.buckets.took(1, tokens, now)
    changed = replace(figures, inflight=figures.inflight + 1, buckets=buckets)
    provider = provider_of(deployment)
    resends = {**state.resends, provider: state.resends_of(provider).called()}
    return replace(_with(state, deployment, changed), last_used=deployment, resends=resends)


def resend(state: RouterState, provider: str, now: int) -> RouterState | None:
    """Return the state with one re-send of a call to a provider taken; None: that is too many.

    Args:
        state: What was known before.
        provider: Whose call may have cost something without an answer.
        now: UTC microseconds.
    """
    left = state.resends_of(provider).taken(now)
    return None if left is None else replace(state, resends={**state.resends, provider: left})


def release(state: RouterState, deployment: str, tokens: int = 0, now: int = 0) -> RouterState:
    """Return the state after a call that ended without saying anything: stopped, or never sent.

    Args:
        state: What was known before.
        deployment: Where the call went, or should have gone.
        tokens: Of what it was to take, those that are given back, its request with them.
        now: UTC microseconds.
    """
    figures = _ended(state.figures_of(deployment))
    if tokens:
        figures = replace(figures, buckets=figures.buckets.took(-1, -tokens, now))
    return _with(state, deployment, figures)


def observe(state: RouterState, fact: CallFact, error: GitBridgeError | None = None) -> RouterState:
    """Return the state after a call; its time is the fact's, so history can be replayed.

    Args:
        state: What was known before.
        fact: What the call was and took.
        error: Why it failed. A failure without one (read from the journal) counts for availability
            and leaves the breaker alone: what was wrong then need not be wrong now.
    """
    provider = provider_of(fact.deployment)
    concurrency = _paced(state, provider, fact, error)
    figures = _settled(_ended(state.figures_of(fact.deployment)), fact)
    if fact.ok:
        figures = _answered(figures, fact, state.policy.window)
    elif isinstance(error, ModelError):
        figures = replace(figures, unusable="its provider does not serve this model to this key")
    elif not isinstance(error, NOT_ITS_FAULT):
        figures = _failed(figures, fact, state.policy.window)
    state = _with(state, fact.deployment, figures)
    breaker = state.breaker_of(provider)
    if fact.ok:
        breaker = breaker.succeeded(fact.ended_at)
    elif error is not None:
        draw = f"{state.policy.seed}\0{provider}\0{fact.ended_at}"
        breaker = breaker.failed(error, fact.ended_at, draw)
    return replace(
        state,
        breakers={**state.breakers, provider: breaker},
        concurrency={**state.concurrency, provider: concurrency},
    )


def _with(state: RouterState, deployment: str, figures: Figures) -> RouterState:
    provider = provider_of(deployment)
    more = figures.inflight - state.figures_of(deployment).inflight
    return replace(
        state,
        figures={**state.figures, deployment: figures},
        inflight={**state.inflight, provider: state.inflight_at(provider) + more},
    )


def checked(state: RouterState, health: Health, now: int) -> RouterState:
    """Return the state after a provider was asked for its free model list.

    Args:
        state: What was known before.
        health: What it answered; one that has no such list says nothing.
        now: UTC microseconds.
    """
    breaker = state.breaker_of(health.provider)
    if health.ok and breaker.phase(now) is Phase.HALF_OPEN:
        breaker = breaker.checked()
    elif health.down:
        down = ProviderConnectionError(
            health.error, provider=health.provider, outcome=SendOutcome.REJECTED
        )
        breaker = breaker.failed(down, now, f"{state.policy.seed}\0{health.provider}\0{now}")
    return replace(state, breakers={**state.breakers, health.provider: breaker})


def _paced(
    state: RouterState, provider: str, fact: CallFact, error: GitBridgeError | None
) -> Concurrency:
    """Return what a provider bears after a call, which is still counted as under way."""
    concurrency = state.concurrency_of(provider)
    overloaded = isinstance(error, ProviderError) and error.status in _OVERLOADED
    if fact.declined or overloaded or isinstance(error, RateLimitError):
        started_at = fact.ended_at - round(fact.latency_s * 1e6)
        return concurrency.declined(started_at, fact.ended_at)
    return concurrency.answered(state.inflight_at(provider)) if fact.ok else concurrency


def _settled(figures: Figures, fact: CallFact) -> Figures:
    """Replace what a call was expected to take by what it took, and hear what is left."""
    tokens = fact.estimate if fact.tokens is None else fact.tokens
    buckets = figures.buckets.took(fact.tries - 1, tokens - fact.estimate, fact.ended_at)
    if fact.limits is not None:
        buckets = buckets.told(fact.limits, fact.ended_at)
    return replace(figures, buckets=buckets)


def _ended(figures: Figures) -> Figures:
    return replace(figures, inflight=max(0, figures.inflight - 1))


def _answered(figures: Figures, fact: CallFact, window: int) -> Figures:
    tokens = fact.completion_tokens
    return replace(
        figures,
        outcomes=figures.outcomes.add(ok=True, window=window),
        latency=figures.latency.after(
            fact.first_token_s, fact.latency_s, tokens, fact.ended_at, window
        ),
        outputs=figures.outputs.add(fact.purpose, tokens),
    )


def _failed(figures: Figures, fact: CallFact, window: int) -> Figures:
    return replace(
        figures,
        outcomes=figures.outcomes.add(ok=False, window=window),
        latency=figures.latency.lost(fact.latency_s, fact.ended_at, window),
    )
