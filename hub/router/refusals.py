"""What the person reads when no deployment can serve a turn: each candidate, why, and what to do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hub.config import environment_names
from hub.domain.agent import Deployment
from hub.domain.route import RouteRequest
from hub.errors import BudgetRefusedError, GitBridgeError, RoutingError, UsageError
from hub.router.breaker import PROBE
from hub.router.filters import OVER_BUDGET, UNPRICED, forced, named
from hub.router.pacing import Wait, tokens_for
from hub.router.state import RouterState

_UNPRICED = (
    "Under a cap nothing is sent of which nobody knows the cost; what it costs at most is enough: "
    "`gitbridge prices set MODEL --ceiling`."
)


def require_configured(request: RouteRequest, deployments: Sequence[Deployment]) -> None:
    """Raise `UsageError` when nothing that is configured could ever serve the request."""
    if not deployments:
        raise UsageError(f"No provider is configured: {_keys()}.")
    allowed = request.allowed
    if allowed and not any(named(allowed, d) for d in deployments):
        missing = "; ".join(_missing(name, deployments) for name in allowed)
        raise UsageError(f"{request.agent} cannot answer: {missing}.")
    if any(forced(request, d) for d in deployments):
        return
    if request.provider and not any(named((request.provider,), d) for d in deployments):
        raise UsageError(
            f"Cannot ask {request.provider}: {_missing(request.provider, deployments)}."
        )
    raise UsageError(_missing_model(request, deployments))


def refuse(
    request: RouteRequest,
    deployments: Sequence[Deployment],
    removed: Mapping[str, str],
    state: RouterState,
    now: int,
) -> GitBridgeError:
    """Return the error that lists every candidate with the reason it cannot serve the turn."""
    alike: dict[str, list[str]] = {}
    for id_ in sorted(d.id for d in deployments):
        alike.setdefault(removed[id_], []).append(id_)
    listed = "; ".join(f"{', '.join(ids)} ({reason})" for reason, ids in alike.items())
    over = [reason for reason in removed.values() if reason.startswith(OVER_BUDGET)]
    if over:
        advice = f"{request.advice}, or ask a cheaper model."
        if all(reason == UNPRICED for reason in over):
            advice = _UNPRICED
        return BudgetRefusedError(
            f"No deployment can serve {request.agent} within its budget: {listed}. {advice}"
        )
    resting = {d.provider for d in deployments if removed[d.id] == state.refusal(d.provider, now)}
    ends = [end for p in resting if (end := state.breaker_of(p).recovers_at(now)) is not None]
    return RoutingError(
        f"No deployment can serve {request.agent} now: {listed}.",
        recovers_in_s=(min(ends) - now) / 1e6 if ends else None,
        probing=any(reason.endswith(PROBE) for reason in removed.values()),
    )


def crowded(
    request: RouteRequest,
    left: Sequence[Deployment],
    full: Mapping[str, Wait],
    state: RouterState,
) -> RoutingError:
    """Return the error for a turn that has to stand in line: all that could serve it have no room.

    Args:
        request: The turn.
        left: Deployments that could serve it.
        full: Why each has no room.
        state: What the router knows.
    """
    listed = "; ".join(f"{d.id} ({full[d.id].reason})" for d in sorted(left, key=lambda d: d.id))
    timed = [wait.seconds for wait in full.values() if wait.seconds is not None]
    return RoutingError(
        f"{request.agent} has to wait: {listed}.",
        recovers_in_s=min(timed, default=None),
        providers=tuple(dict.fromkeys(d.provider for d in left)),
        tokens=max(tokens_for(request, d, state) for d in left),
    )


def _missing(name: str, deployments: Sequence[Deployment]) -> str:
    """Return why a `provider` or `provider/model` has no deployment, and what to do."""
    provider, _, model = name.partition("/")
    provider = "grok" if provider == "xai" else provider
    if any(d.provider == provider for d in deployments):
        return f"{provider} is configured without the model {model}; add it to its models in config.toml"
    if variables := environment_names().get(provider):
        return (
            f"{provider} has no key: set {' or '.join(variables[:-1])}, "
            f"or write `key` under [providers.{provider}] in config.toml"
        )
    if provider == "local":
        return "the embedded model is not installed: run `make install`"
    return f"no provider named {provider} is configured; add [providers.{provider}] to config.toml"


def _missing_model(request: RouteRequest, deployments: Sequence[Deployment]) -> str:
    offered = sorted(
        d.id for d in deployments if not request.provider or named((request.provider,), d)
    )
    nobody = f"{request.provider} does not serve" if request.provider else "No provider serves"
    return (
        f"{nobody} the model {request.model}; "
        f"add it to its models in config.toml, or use one of: {', '.join(offered)}."
    )


def _keys() -> str:
    variables = [names[0] for names in environment_names().values()]
    return f"set {' or '.join(variables)}, or run `make install` for the embedded model"
