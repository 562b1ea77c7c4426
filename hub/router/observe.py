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
from hub.router.buckets import Buckets
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
    figures = state.figures_of(deployment)
    buckets = figures.buckets.took(-1, -tokens, now) if tokens else figures.buckets
    left = max(0, figures.inflight - 1)
    return _with(state, deployment, replace(figures, inflight=left, buckets=buckets))


def observe(state: RouterState, fact: CallFact, error: GitBridgeError | None = None) -> RouterState:
    """Return the state after a call; its time is the fact's, so history can be replayed.

    Args:
        state: What was known before.
        fact: What the call was and took.
        error: Why it failed. A failure without one (read from the journal) counts for availability
            and leaves the breaker alone: what was wrong then need not be wrong now.
    """
    if fact.overtaken:
        return _overtaken(state, fact)
    deployment, provider = fact.deployment, provider_of(fact.deployment)
    concurrency = _paced(state, provider, fact, error)
    breaker = state.breaker_of(provider)
    if fact.ok:
        breaker = breaker.succeeded(fact.ended_at)
    elif error is not None:
        draw = f"{state.policy.seed}\0{provider}\0{fact.ended_at}"
        breaker = breaker.failed(error, fact.ended_at, draw)
    return replace(
        _with(state, deployment, _after(state, fact, error)),
        calls=state.calls + 1,
        breakers={**state.breakers, provider: breaker},
        concurrency={**state.concurrency, provider: concurrency},
    )


def _after(state: RouterState, fact: CallFact, error: GitBridgeError | None) -> Figures:
    """Return a deployment's figures after a call that has ended."""
    was, at, window = state.figures_of(fact.deployment), fact.ended_at, state.policy.window
    elsewhere = state.calls - was.seen
    outcomes, latency, outputs, unusable = was.outcomes, was.latency, was.outputs, was.unusable
    silence = was.silence
    if fact.ok:
        outcomes = outcomes.add(ok=True, window=window)
        first_s, tokens = fact.first_token_s, fact.completion_tokens
        latency = latency.after(first_s, fact.latency_s, tokens, at, window, elsewhere)
        outputs = outputs.add(fact.purpose, tokens)
        silence = silence.broken(fact.latency_s if first_s is None else first_s, window)
    elif isinstance(error, ModelError):
        unusable = "its provider does not serve this model to this key"
    elif not isinstance(error, NOT_ITS_FAULT):
        outcomes = outcomes.add(ok=False, window=window)
        latency = latency.lost(fact.latency_s, at, window, elsewhere)
    return Figures(
        outcomes=outcomes,
        latency=latency,
        outputs=outputs,
        silence=silence,
        buckets=_settled(was.buckets, fact),
        inflight=max(0, was.inflight - 1),
        seen=state.calls + 1,
        unusable=unusable,
    )


def _overtaken(state: RouterState, fact: CallFact) -> RouterState:
    """Return the state after a call that another one overtook: slow, and nothing else is known."""
    was, waited_s, window = state.figures_of(fact.deployment), fact.latency_s, state.policy.window
    latency = was.latency.at_least(waited_s, fact.ended_at, window, state.calls - was.seen)
    figures = replace(
        was,
        latency=latency,
        silence=was.silence.stopped(waited_s, window),
        inflight=max(0, was.inflight - 1),
        seen=was.seen if latency is was.latency else state.calls + 1,
    )
    return replace(_with(state, fact.deployment, figures), calls=state.calls + 1)


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


def _settled(buckets: Buckets, fact: CallFact) -> Buckets:
    """Replace what a call was expected to take by what it took, and hear what is left."""
    tokens = fact.estimate if fact.tokens is None else fact.tokens
    buckets = buckets.took(fact.tries - 1, tokens - fact.estimate, fact.ended_at)
    return buckets if fact.limits is None else buckets.told(fact.limits, fact.ended_at)
