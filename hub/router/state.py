"""What the router knows: policy, figures by deployment, breakers by provider; never changed in place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hub.config import Weights
from hub.domain.agent import Deployment
from hub.domain.retries import RetryBudget
from hub.router.adaptive.knowledge import Knowledge
from hub.router.breaker import Breaker
from hub.router.buckets import Buckets
from hub.router.concurrency import Concurrency
from hub.router.cost import Outputs
from hub.router.latency import Latency
from hub.router.outcomes import Outcomes
from hub.router.silence import Silence


@dataclass(frozen=True, slots=True)
class Policy:
    """What the person set."""

    strategy: str = "adaptive"
    weights: Weights = field(default_factory=Weights)
    """What `hybrid` weighs, over their sum."""
    window: int = 100
    """Calls that the figures look back on."""
    seed: str = ""
    """With a turn's id it decides every draw."""
    explore: bool = False
    """True where the person pays for trying others out, so that `adaptive` learns about them."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured of one deployment."""

    outcomes: Outcomes = field(default_factory=Outcomes)
    latency: Latency = field(default_factory=Latency)
    outputs: Outputs = field(default_factory=Outputs)
    silence: Silence = field(default_factory=Silence)
    buckets: Buckets = field(default_factory=Buckets)
    """What its rate limits leave."""
    inflight: int = 0
    """Calls that have started and not ended."""
    seen: int = 0
    """Calls that had ended, anywhere, when its newest one did."""
    unusable: str = ""
    """Why it cannot serve before a restart: the provider does not know the model."""


UNMEASURED = Figures()
CLOSED = Breaker()
FULL = RetryBudget()
UNTRIED = Concurrency()


@dataclass(frozen=True, slots=True)
class RouterState:
    """Everything that `choose` looks at besides the request."""

    policy: Policy = field(default_factory=Policy)
    figures: Mapping[str, Figures] = field(default_factory=dict)
    """By deployment id."""
    breakers: Mapping[str, Breaker] = field(default_factory=dict)
    """By provider: deployments of one provider share its key."""
    resends: Mapping[str, RetryBudget] = field(default_factory=dict)
    """By provider."""
    concurrency: Mapping[str, Concurrency] = field(default_factory=dict)
    """By provider: how many calls it has been found to bear."""
    inflight: Mapping[str, int] = field(default_factory=dict)
    """By provider: calls that have started and not ended, over its deployments."""
    calls: int = 0
    """Calls that have ended so far."""
    last_used: str = ""
    """Deployment id of the last call that started, for `round_robin`."""
    learned: Knowledge | None = None
    """What `adaptive` goes by; None: nothing yet."""

    def figures_of(self, deployment: str) -> Figures:
        """Return what was measured of a deployment."""
        return self.figures.get(deployment, UNMEASURED)

    def elsewhere(self, figures: Figures) -> int:
        """Count the calls that have gone to others since a deployment was last looked at."""
        return 0 if figures.inflight else self.calls - figures.seen

    def refusal(self, provider: str, now: int) -> str | None:
        """Return why no call may go to a provider now, or None; `now` in UTC microseconds."""
        breaker = self.breakers.get(provider)
        if breaker is None:
            return None
        probing = breaker.probed(now) and self.inflight_at(provider) > 0
        return breaker.refusal(now, probing=probing)

    def breaker_of(self, provider: str) -> Breaker:
        """Return a provider's breaker."""
        return self.breakers.get(provider, CLOSED)

    def resends_of(self, provider: str) -> RetryBudget:
        """Return how often calls to a provider may be sent again."""
        return self.resends.get(provider, FULL)

    def concurrency_of(self, provider: str) -> Concurrency:
        """Return what a provider has been found to bear."""
        return self.concurrency.get(provider, UNTRIED)

    def places_at(self, deployment: Deployment) -> int:
        """Return how many calls may be under way at a deployment's provider, at least 1."""
        return deployment.slots or self.concurrency_of(deployment.provider).places

    def inflight_at(self, provider: str) -> int:
        """Count the calls under way at a provider."""
        return self.inflight.get(provider, 0)


def provider_of(deployment: str) -> str:
    """Return the provider in a deployment's id."""
    return deployment.partition("/")[0]
