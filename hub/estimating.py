"""What a question may cost, before anything is sent."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.ask import Ask, Estimate, EstimatedTurn, Mode
from hub.domain.decision import AnswerKind, Rule
from hub.domain.ids import TurnId, new_id
from hub.domain.route import Route, RouteRequest
from hub.domain.turn import Purpose
from hub.ledger.tokens import estimate_tokens
from hub.serving.calls import LONGEST_ANSWER, Parts
from hub.views import CAP

PARTIAL = {Rule.CASCADE: 3, Rule.PANEL: 9, Rule.CHAIR: 1, Rule.SINGLE: 1}
"""Rules that do not ask everybody, with the most that they ask where nobody fails."""
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
    routes: list[tuple[Purpose, Route]] = []
    for purpose, said, voters in _turns(ask, len(agents)):
        tokens = min(base + said * POST, CAP)
        found = _routed(parts, ask, agents[:voters], purpose, tokens)
        routes += [(purpose, route) for route in found]
        if purpose is Purpose.DRAFT and _is_judged(ask, found):
            more = min(base + len(found) * POST, CAP)
            judge = _routed(parts, ask, agents[:1], Purpose.BALLOT, more)
            routes += [(Purpose.BALLOT, route) for route in judge]
    chosen = [route.chosen for _, route in routes]
    costs = [c.cost for c in chosen if c.cost is not None]
    ceilings = [c.ceiling for c in chosen]
    known = [ceiling for ceiling in ceilings if ceiling is not None]
    most = sum(known) if len(known) == len(ceilings) else None
    unknown = sorted({c.deployment for c in chosen if c.cost is None})
    turns = tuple(
        EstimatedTurn(purpose, r.agent, r.chosen.deployment, r.chosen.cost, r.chosen.ceiling)
        for purpose, r in routes
    )
    about = None if unknown else sum(costs)
    return Estimate(len(chosen), about, most, tuple(unknown), turns=turns)


def _routed(
    parts: Parts, ask: Ask, agents: tuple[str, ...], purpose: Purpose, tokens: int
) -> list[Route]:
    """Return where one round's turns would go now, one an agent."""
    found: list[Route] = []
    for agent in agents:
        seated = tuple(route.deployment.family for route in found)
        request = request_for(parts, ask, agent, purpose, tokens)
        if ask.mode is Mode.DECIDE:
            request = replace(request, seated=seated)
        found.append(parts.router.choose(request))
    return found


def _is_judged(ask: Ask, drafts: list[Route]) -> bool:
    """True where a judge is asked which drafts are the same: one call, unless some are."""
    families = {route.deployment.family for route in drafts}
    return not ask.options and ask.kind is AnswerKind.TEXT and len(families) > 1


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


def _turns(ask: Ask, agents: int) -> list[tuple[Purpose, int, int]]:
    """Return each round's purpose, how many posts its views show, and how many are asked."""
    if ask.mode is Mode.MESSAGE:
        return [(Purpose.REPLY, 0, agents)]
    rounds = 1 if ask.rounds is None else ask.rounds
    if ask.mode is Mode.DISCUSS:
        return [(Purpose.REPLY, agents * number, agents) for number in range(max(rounds, 1))]
    if ask.rounds is None and ask.rule in PARTIAL and ask.options:
        rounds = 0
    talk = [
        (Purpose.CRITIQUE if number else Purpose.DRAFT, agents * number, agents)
        for number in range(rounds)
    ]
    if not ask.options and ask.kind is not AnswerKind.TEXT:
        return talk  # what is posted is the vote
    voters = min(agents, PARTIAL.get(ask.rule, agents))
    looks = 2 if ask.rule is Rule.CHAIR else 1
    return [*talk, *[(Purpose.BALLOT, agents * rounds, voters)] * looks]
