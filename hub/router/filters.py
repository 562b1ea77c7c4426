"""Which deployments may serve a turn, and why the others may not; every removal has its reason."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.domain.agent import Deployment, ProviderKind
from hub.domain.route import RouteRequest
from hub.domain.usage import LEAST_OUTPUT, usd
from hub.router.state import RouterState

OVER_BUDGET = "the budget cannot pay for it"
"""How the reason of the budget filter begins."""

UNPRICED = f"{OVER_BUDGET}: its price is unknown; `gitbridge prices set` gives it one"


def output_limit(request: RouteRequest, deployment: Deployment) -> int:
    """Return the output tokens that a call to this deployment would ask for at most."""
    return min(request.max_output, deployment.max_output)


def named(names: Iterable[str], deployment: Deployment) -> bool:
    """Tell whether one of the names means this deployment: `provider` or `provider/model`."""
    own = {deployment.provider, deployment.id}
    if deployment.kind is ProviderKind.GROK and deployment.provider == "grok":
        own |= {"xai", f"xai/{deployment.model}"}
    return not own.isdisjoint(names)


def forced(request: RouteRequest, deployment: Deployment) -> bool:
    """Tell whether a deployment is of the provider and the model that the person insists on."""
    if request.provider is not None and not named((request.provider,), deployment):
        return False
    return request.model is None or (
        request.model == deployment.model or named((request.model,), deployment)
    )


def insisted(request: RouteRequest) -> str:
    """Return the provider and model that the person insists on, as they would write it."""
    if request.provider and request.model and request.model.startswith(f"{request.provider}/"):
        return request.model
    return "/".join(name for name in (request.provider, request.model) if name)


def removals(
    request: RouteRequest, deployments: Sequence[Deployment], state: RouterState, now: int
) -> dict[str, str]:
    """Return deployment id and reason for each that no strategy may choose.

    In order: the persona's own choice, the person's, the embedded model, context fit, breaker,
    what failed in this turn, budget. Families come after, among those that are left.
    """
    failed = dict(request.excluded)
    local = _keeps_out_local(request, deployments)
    picky = bool(request.allowed or request.provider or request.model)
    resting = {p: state.refusal(p, now) for p in {d.provider for d in deployments}}
    found = {}
    for deployment in deployments:
        name = deployment.id
        reason = (
            (_by_choice(request, deployment) if picky else None)
            or (local if deployment.kind is ProviderKind.LOCAL else None)
            or _by_context(request, deployment)
            or state.figures_of(name).unusable
            or resting[deployment.provider]
            or failed.get(name)
            or _by_budget(request, deployment)
        )
        if reason:
            found[name] = reason
    return found


def families(request: RouteRequest, left: Sequence[Deployment]) -> dict[str, str]:
    """Remove the families that have a seat while one without is left (ROUTER: family)."""
    if not request.seated or all(d.family in request.seated for d in left):
        return {}
    return {
        d.id: f"family {d.family} already has a seat and another family has none"
        for d in left
        if d.family in request.seated
    }


def shortened(request: RouteRequest, left: Sequence[Deployment]) -> dict[str, str]:
    """Remove what the budget pays for only with a shorter answer, while it pays others in full."""
    if request.headroom is None:
        return {}
    cut = {d.id for d in left if _ceiling(request, d, output_limit(request, d)) > request.headroom}
    if len(cut) == len(left):
        return {}
    return dict.fromkeys(cut, f"{OVER_BUDGET} in full length")


def _by_choice(request: RouteRequest, deployment: Deployment) -> str | None:
    if request.allowed and not named(request.allowed, deployment):
        return f"{request.agent} may not use it"
    if not forced(request, deployment):
        return f"{insisted(request)} was asked for"
    return None


def _keeps_out_local(request: RouteRequest, deployments: Sequence[Deployment]) -> str | None:
    """Return why the embedded model stands back, or None: the agent names it, or it is alone."""
    local = [d for d in deployments if d.kind is ProviderKind.LOCAL]
    if len(local) == len(deployments) or any(named(request.allowed, d) for d in local):
        return None
    if request.provider or request.model:
        return None
    return "the embedded model serves when it is asked for by name, or when nothing else is there"


def _by_context(request: RouteRequest, deployment: Deployment) -> str | None:
    limit = output_limit(request, deployment)
    if request.prompt_tokens + limit <= deployment.window:
        return None
    return (
        f"{request.prompt_tokens} prompt and {limit} answer tokens "
        f"exceed its window of {deployment.window}"
    )


def _by_budget(request: RouteRequest, deployment: Deployment) -> str | None:
    if request.headroom is None:
        return None
    if deployment.bound is None:
        return UNPRICED
    least = min(LEAST_OUTPUT, output_limit(request, deployment))
    ceiling = _ceiling(request, deployment, least)
    if ceiling <= request.headroom:
        return None
    return f"{OVER_BUDGET}: up to {usd(ceiling)}, {usd(max(0, request.headroom))} is left"


def _ceiling(request: RouteRequest, deployment: Deployment, output: int) -> int:
    return deployment.bound.ceiling(request.prompt_tokens, output) if deployment.bound else 0
