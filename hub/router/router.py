"""Binds the pure choice to what is current: the state, the clock and the person's settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from hub.config import Weights
from hub.domain.agent import Deployment, ProviderKind
from hub.domain.ids import TurnId
from hub.domain.mark import Grade
from hub.domain.query import CallFact
from hub.domain.route import Health, Route, RouteRequest
from hub.errors import GitBridgeError
from hub.ports import Clock
from hub.router.breaker import Breaker, Phase
from hub.router.choose import choose
from hub.router.hedging import hedged, late_after_s, second
from hub.router.line import Line
from hub.router.memory import Memory
from hub.router.observe import begin, checked, observe, release, resend
from hub.router.state import Policy, RouterState, provider_of
from hub.router.strategies import ADAPTIVE, strategy_of


@dataclass(frozen=True, slots=True)
class Metrics:
    """What the router knows of one deployment, for screens."""

    deployment: str
    calls: int
    """In the window."""
    availability: float
    """0..1, smoothed."""
    first_token_s: float | None
    """Expected now; None: never measured."""
    tokens_per_s: float | None
    inflight: int
    refusal: str | None
    """Why no call may go there now; None: one may."""


class SmartRouter:
    """Chooses a deployment for each turn and learns from each call."""

    def __init__(
        self,
        deployments: Sequence[Deployment],
        *,
        strategy: str,
        weights: Weights,
        clock: Clock,
        seed: str,
        window: int = 100,
    ) -> None:
        """Start with nothing measured; `observe` recent calls to start warm.

        Args:
            deployments: All that are configured, in any order.
            strategy: Name of the strategy for requests that name none.
            weights: What `hybrid` weighs.
            clock: Says when breakers and rests end.
            seed: Decides draws together with a turn's id.
            window: Calls that availability and latency look back on.

        Raises:
            UsageError: The strategy is unknown.
        """
        strategy_of(strategy)
        self._deployments = tuple(sorted(deployments, key=lambda d: d.id))
        self._clock = clock
        self._began_at = clock.now() - round(clock.monotonic() * 1e6)
        self._state = RouterState(Policy(strategy, weights, window, seed))
        self.memory = Memory()
        """What the learned policy is taught, and keeps."""
        self._at = {d.provider: d for d in deployments}
        """One deployment of each provider: they share its places."""
        self.line = Line(clock, self._free)
        """Turns that wait for room."""
        self._active = dict.fromkeys(self._at, self._now())
        """When each provider was last asked anything, in UTC microseconds."""

    @property
    def strategy(self) -> str:
        """The strategy for requests that name none; setting an unknown one raises `UsageError`."""
        return self._state.policy.strategy

    @strategy.setter
    def strategy(self, name: str) -> None:
        strategy_of(name)
        policy = replace(self._state.policy, strategy=name)
        self._state = replace(self._state, policy=policy)

    @property
    def state(self) -> RouterState:
        """What is known now."""
        return self._state

    def choose(self, request: RouteRequest) -> Route:
        """Choose for one turn; see `hub.router.choose.choose`. Nothing is remembered of it."""
        if self.memory.asleep and (request.strategy or self.strategy) == ADAPTIVE:
            self._state = self.memory.wake(self._state)
        if ahead := self.line.ahead_of(request.turn_id):
            request = replace(request, ahead=ahead)
        return choose(request, self._deployments, self._state, self._now())

    def started(self, deployment_id: str, turn: TurnId, tokens: int) -> None:
        """Note that a turn's call starts; each needs one `observe` or `released` afterwards.

        Args:
            deployment_id: Where it goes.
            turn: Waits no longer, if it did.
            tokens: That it should take, prompt and answer together.
        """
        now = self._active[provider_of(deployment_id)] = self._now()
        self._state = begin(self._state, deployment_id, tokens, now)
        self.line.leave(turn)

    def released(self, deployment_id: str, unused: int = 0) -> None:
        """Note that a call ended without saying anything about its deployment (stopped).

        Args:
            deployment_id: Where it went.
            unused: Tokens that it took and will not use, since it was never sent.
        """
        self._state = release(self._state, deployment_id, unused, self._now())
        self.line.admit()

    def recall(self, fact: CallFact) -> None:
        """Learn from a call of the record, which ended when its fact says."""
        self._state = observe(self._state, fact)

    def observe(self, fact: CallFact, error: GitBridgeError | None = None) -> str | None:
        """Learn from a call that has just ended; see `hub.router.observe.observe`.

        Returns:
            Why no call goes to its provider from now on, where that is news to the person.
        """
        now, provider = self._now(), provider_of(fact.deployment)
        before = self._state.breaker_of(provider)
        if fact.limits is not None:  # their time is that of the machine's clock, too
            at = fact.limits.at + now - fact.ended_at
            fact = replace(fact, limits=replace(fact.limits, at=at))
        self._state = observe(self._state, replace(fact, ended_at=now), error)
        self.line.admit()
        return self._news(provider, before, now)

    def idle(self, seconds: float) -> tuple[str, ...]:
        """Return the providers that are due for a free question, and note that it is asked.

        They were asked nothing for so long, and a call to them would be let through. The embedded
        model is not among them: it is this program's own.
        """
        now = self._now()
        due = tuple(
            name
            for name, since in self._active.items()
            if self._at[name].kind is not ProviderKind.LOCAL
            and now - since >= seconds * 1e6
            and not self._state.inflight_at(name)
            and self._state.refusal(name, now) is None
        )
        self._active.update(dict.fromkeys(due, now))
        return due

    def checked(self, health: Health) -> str | None:
        """Learn from a free question; see `hub.router.observe.checked`.

        Returns:
            Why no call goes to its provider from now on, where that is news to the person.
        """
        now, before = self._now(), self._state.breaker_of(health.provider)
        self._state = checked(self._state, health, now)
        return self._news(health.provider, before, now)

    def mark(self, grades: tuple[Grade, ...]) -> None:
        """Learn from marks, at once: the next turn goes by them."""
        if self.memory.asleep:
            self._state = self.memory.wake(self._state)
        self._state = self.memory.graded(self._state, grades)

    def learn(self) -> bool:
        """Take in one lesson of the turns so far; False: there is none left."""
        learned = self.memory.learn(self._state)
        self._state = learned or self._state
        return learned is not None

    def may_resend(self, provider: str) -> bool:
        """Take one re-send from a provider's budget; False: too many of its calls failed lately."""
        left = resend(self._state, provider, self._now())
        self._state = left or self._state
        return left is not None

    def late_after_s(self, route: Route) -> float | None:
        """Return the seconds of silence after which a route's call is late; None: nobody can say."""
        return late_after_s(route, self._state)

    def hedge(self, request: RouteRequest, route: Route, waited_s: float) -> Route | None:
        """Return the route of a second call beside a late one, and take it from the retry budget.

        Args:
            request: What was asked for the first call.
            route: Of the first call.
            waited_s: Seconds for which it has said nothing.

        Returns:
            None: nobody of its chain may be asked now; see `hub.router.hedging.second`.
        """
        now = self._now()
        request = replace(request, ahead=self.line.ahead_of(request.turn_id))
        found = second(route, request, self._state, now)
        if found.deployment is None or not self.may_resend(found.deployment.provider):
            return None
        return hedged(route, found, waited_s)

    def metrics(self) -> tuple[Metrics, ...]:
        """Return what is known of each deployment, in order of id."""
        now = self._now()
        return tuple(self._metrics(d, now) for d in self._deployments)

    def _news(self, provider: str, before: Breaker, now: int) -> str | None:
        """Return why no call goes to a provider now, if a breaker has just opened."""
        breaker = self._state.breaker_of(provider)
        is_news = breaker.phase(now) is Phase.OPEN and before.phase(now) is not Phase.OPEN
        return breaker.refusal(now) if is_news else None

    def _free(self, provider: str) -> int:
        """Return how many calls a provider may take beside those under way."""
        return self._state.places_at(self._at[provider]) - self._state.inflight_at(provider)

    def _now(self) -> int:
        """Return the time as it was at the start plus what has passed since, however it was set."""
        return self._began_at + round(self._clock.monotonic() * 1e6)

    def _metrics(self, deployment: Deployment, now: int) -> Metrics:
        figures = self._state.figures_of(deployment.id)
        latency, elsewhere = figures.latency, self._state.elsewhere(figures)
        return Metrics(
            deployment=deployment.id,
            calls=figures.outcomes.n,
            availability=figures.outcomes.availability,
            first_token_s=latency.first_token_s(now, elsewhere) if latency.measured else None,
            tokens_per_s=None if latency.speed is None else latency.tokens_per_s(now, elsewhere),
            inflight=figures.inflight,
            refusal=figures.unusable or self._state.refusal(deployment.provider, now),
        )
