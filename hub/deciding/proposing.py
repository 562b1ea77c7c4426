"""From what a person asks to what is put to the vote; refuses what cannot come to anything."""

from __future__ import annotations

from dataclasses import replace

from hub.config import ConsensusSettings
from hub.domain.ask import Ask, Mode
from hub.domain.decision import TIE_CHAIN, AnswerKind, Option, Proposal, Rule, Seat, TieStep
from hub.domain.text import one_line
from hub.domain.turn import Purpose
from hub.errors import BudgetRefusedError, RoutingError, UsageError
from hub.estimating import PARTIAL, prompt_tokens, request_for
from hub.serving.calls import Parts
from hub.threads import clean_post

MOST_OPTIONS = 9
LONGEST_OPTION = 400
"""Characters of one option of a vote."""
MOST_ROUNDS = 50
"""Rounds of one discussion: agents that would talk for ever stop (SECURITY S11)."""
MOST_CRITIQUES = 2
"""Rounds of critique before a vote: more talk makes decisions worse (CONSENSUS: flow)."""
_A_CENTURY_S = 100 * 366 * 86_400


def proposal_of(
    ask: Ask, names: tuple[str, ...], consensus: ConsensusSettings, asked_at: int
) -> Proposal:
    """Return what is put to the vote; without options they come from the drafts.

    Args:
        ask: The question, checked.
        names: Who may vote.
        consensus: What holds unless the question says otherwise.
        asked_at: UTC microseconds.
    """
    rule = with_rule(ask, consensus).rule
    chain = TIE_CHAIN if consensus.ties == "lot" else (*TIE_CHAIN[:-1], TieStep.PERSON)
    deadline = None
    if ask.timeout_s is not None and ask.timeout_s < _A_CENTURY_S:
        deadline = asked_at + round(ask.timeout_s * 1_000_000)
    return Proposal(
        question=clean_post(ask.question),
        options=options_in(ask),
        eligible=names,
        rule=rule,
        threshold=consensus.threshold if ask.threshold is None else ask.threshold,
        quorum=consensus.quorum if ask.quorum is None else ask.quorum,
        rounds=_rounds(ask, rule),
        open=not ask.options,
        category=ask.category,
        kind=ask.kind,
        tie_chain=chain,
        chair=ask.chair or (consensus.chair if consensus.chair in names else None),
        discount=consensus.discount,
        sure=consensus.sure,
        budget=ask.budget,
        deadline=deadline,
        stop_early=ask.stop_early or consensus.stop_early,
        supersedes=ask.supersedes,
        review_at=ask.review_at,
    )


def with_rule(ask: Ask, consensus: ConsensusSettings) -> Ask:
    """Return the question with the rule that holds for it: its own, else the configured one."""
    return replace(ask, rule=Rule(consensus.rule)) if ask.rule is Rule.AUTO else ask


def _rounds(ask: Ask, rule: Rule) -> int:
    """Return the rounds of talk before the first vote."""
    if ask.rounds is not None:
        return ask.rounds
    return 0 if rule in PARTIAL and ask.options else 1


def seats(parts: Parts, ask: Ask, names: tuple[str, ...]) -> tuple[Seat, ...]:
    """Return who is expected to answer for each agent, as the router would choose now.

    An agent that nothing could serve now has a seat of which nothing is known.
    """
    found: list[Seat] = []
    for agent in names:
        taken = tuple(seat.family for seat in found if seat.family is not None)
        request = request_for(parts, ask, agent, Purpose.BALLOT, prompt_tokens(ask, 0))
        try:
            route = parts.router.choose(replace(request, seated=taken))
        except (RoutingError, BudgetRefusedError):
            found.append(Seat(agent))
        else:
            served = route.deployment
            found.append(Seat(agent, served.id, served.family, route.chosen.cost))
    return tuple(found)


def options_in(ask: Ask) -> tuple[Option, ...]:
    """Return the choices that the person gave, each once."""
    options = map(Option, (one_line(text, LONGEST_OPTION) for text in ask.options))
    return tuple({option.id: option for option in options}.values())


def check(ask: Ask, names: tuple[str, ...]) -> None:
    """Raise `UsageError` for a discussion or decision that cannot come to anything.

    Args:
        ask: The question.
        names: Who is asked.
    """
    _check_rounds(ask)
    _check_options(ask)
    if ask.chair is not None and ask.chair not in names:
        raise UsageError(f"The chair {ask.chair!r} is none of those asked: {', '.join(names)}.")
    if ask.threshold is not None and not 0 < ask.threshold <= 1:
        raise UsageError(
            f"A threshold of {ask.threshold:g} is no share of votes: above 0, up to 1."
        )
    if ask.options and ask.kind is not AnswerKind.TEXT:
        raise UsageError("Options are given, so answers need no kind: leave one of the two out.")


def _check_rounds(ask: Ask) -> None:
    if ask.rounds is None:
        return
    if ask.rounds < (ask.mode is Mode.DISCUSS or not ask.options):
        raise UsageError("At least one round is needed here: without one nobody says anything.")
    if ask.mode is Mode.DECIDE and ask.rounds > 1 + MOST_CRITIQUES:
        raise UsageError(
            f"{ask.rounds} rounds are too many before a vote: {1 + MOST_CRITIQUES} at most, a blind "
            f"one and {MOST_CRITIQUES} of critique. More talk makes decisions worse."
        )
    if ask.rounds > MOST_ROUNDS:
        raise UsageError(
            f"{ask.rounds} rounds are too many for one question: {MOST_ROUNDS} at most."
        )


def _check_options(ask: Ask) -> None:
    options = options_in(ask)
    if not all(option.text for option in options):
        raise UsageError("One option is empty: write it out, or leave it away.")
    if len(options) == 1:
        raise UsageError("One option is no choice: give at least two different ones.")
    if len(options) > MOST_OPTIONS:
        raise UsageError(
            f"{len(options)} options are too many for one vote: {MOST_OPTIONS} at most."
        )
    if any(len(one_line(text, LONGEST_OPTION + 1)) > LONGEST_OPTION for text in ask.options):
        raise UsageError(
            f"An option has more than {LONGEST_OPTION} characters: shorten it, and put the rest "
            "into the question."
        )
