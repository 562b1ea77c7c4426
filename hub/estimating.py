"""What a question may cost, before anything is sent."""

from __future__ import annotations

from dataclasses import replace

from hub.calls import LONGEST_ANSWER, Parts
from hub.domain.ask import Ask, Estimate, EstimatedTurn, Mode
from hub.domain.ids import TurnId, new_id
from hub.domain.route import Candidate, RouteRequest
from hub.domain.turn import Purpose
from hub.ledger.tokens import estimate_tokens
from hub.views import CAP

SCAFFOLD = 150
"""Tokens of role, rules and task in a view."""
POST = 220
"""Tokens of a typical post, which the next round reads."""


def estimate(parts: Parts, ask: Ask, agents: tuple[str, ...], read_tokens: int) -> Estimate:
    """Return the expected and the highest cost of a question.

    Each turn is routed as it would be now; nothing is reserved, sent or recorded.

    Args:
        agents: Who would be asked.
        read_tokens: Tokens of the thread so far, as far as a view shows it.

    Raises:
        RoutingError: No deployment could serve one of the agents.
    """
    base = prompt_tokens(ask, read_tokens)
    chosen: list[Candidate] = []
    turns: list[EstimatedTurn] = []
    seated: list[str] = []
    for purpose, said in _turns(ask, len(agents)):
        for agent in agents:
            request = request_for(parts, ask, agent, purpose, min(base + said * POST, CAP))
            if ask.mode is Mode.DECIDE:
                request = replace(request, seated=tuple(seated))
            route = parts.router.choose(request)
            seated.append(route.deployment.family)
            best = route.chosen
            chosen.append(best)
            turns.append(EstimatedTurn(purpose, agent, best.deployment, best.cost, best.ceiling))
        seated.clear()
    costs = [c.cost for c in chosen if c.cost is not None]
    ceilings = [c.ceiling for c in chosen if c.ceiling is not None]
    unknown = sorted({c.deployment for c in chosen if c.cost is None})
    result = Estimate(len(chosen), sum(costs), sum(ceilings), tuple(unknown), turns=tuple(turns))
    return replace(result, cost=None, ceiling=None) if unknown else result


def prompt_tokens(ask: Ask, read_tokens: int) -> int:
    """Return about how many tokens the first turn of a question is sent.

    Args:
        ask: The question.
        read_tokens: Tokens of the thread so far, as far as a view shows it.
    """
    files = sum(estimate_tokens(attachment.text) for attachment in ask.attachments)
    return SCAFFOLD + read_tokens + estimate_tokens(ask.question) + files


def request_for(
    parts: Parts, ask: Ask, agent: str, purpose: Purpose, prompt_tokens: int
) -> RouteRequest:
    """Return what the router would be asked for one turn of a question."""
    return RouteRequest(
        turn_id=TurnId(new_id()),
        agent=agent,
        purpose=purpose,
        prompt_tokens=prompt_tokens,
        max_output=LONGEST_ANSWER,
        allowed=parts.personas[agent].deployments,
        strategy=ask.strategy,
        provider=ask.provider,
        model=ask.model,
        text=ask.question,
    )


def _turns(ask: Ask, agents: int) -> list[tuple[Purpose, int]]:
    """Return each round's purpose, with how many posts its views show."""
    if ask.mode is Mode.MESSAGE:
        return [(Purpose.REPLY, 0)]
    rounds = 1 if ask.rounds is None else ask.rounds
    if ask.mode is Mode.DISCUSS:
        return [(Purpose.REPLY, agents * number) for number in range(max(rounds, 1))]
    talk = [
        (Purpose.CRITIQUE if number else Purpose.DRAFT, agents * number) for number in range(rounds)
    ]
    return [*talk, (Purpose.BALLOT, agents * rounds)]
