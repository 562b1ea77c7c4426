"""What a person means who votes: options by text, id or letter, in the form that the rule asks for."""

from __future__ import annotations

from collections.abc import Iterable

from hub.consensus.canonical import canonical
from hub.consensus.labels import APPROVALS, CHOICE, RANKING, form_of
from hub.consensus.learning.calibration import meant
from hub.domain.decision import Ballot, BallotKind, Decision, Option, Rule
from hub.domain.text import one_line
from hub.errors import UsageError


def letters(decision: Decision) -> dict[str, Option]:
    """Return the options by the letters that people call them by, in the order of the table."""
    return {chr(ord("A") + n): option for n, option in enumerate(decision.proposal.options)}


def named(decision: Decision, said: str) -> str | None:
    """Return the id of the option that a person means, by text, id or letter; None: none of them."""
    options = decision.proposal.options
    if exact := next((option.id for option in options if option.text == said), None):
        return exact
    known = {canonical(o.text, decision.proposal.kind) for o in options}
    if canonical(said, decision.proposal.kind) in known or decision.option(said):
        return meant(decision, said)
    option = letters(decision).get(said.strip().upper())
    return option.id if option is not None else None


def person_ballot(
    decision: Decision, who: str, choices: Iterable[str], *, block: bool, reason: str
) -> Ballot:
    """Return a person's ballot, in the form that the rule asks for."""
    rule, said = decision.proposal.rule, tuple(choices)
    if block and (rule is not Rule.CONSENT or said):
        raise UsageError(
            f"The rule {rule.value} knows no block: a veto has a place under consent alone."
            if rule is not Rule.CONSENT
            else "A veto chooses nothing: leave the option out."
        )
    if block and not reason:
        raise UsageError("A veto needs a reason.")
    ids = tuple(must_name(decision, choice) for choice in said)
    if len(set(ids)) < len(ids):
        raise UsageError("An option stands twice in this vote: name each once.")
    form = form_of(rule)
    if form == CHOICE and len(ids) > 1:
        raise UsageError(f"Under {rule.value} a ballot names one option.")
    before = [b.round for b in decision.ballots if b.voter == who]
    now = max((b.round for b in decision.ballots), default=1)
    return Ballot(
        voter=who,
        round=max(before) + 1 if before and max(before) >= now else now,
        choice=ids[0] if ids and form == CHOICE else None,
        abstain=not ids and not block,
        block=block,
        reason=reason,
        kind=BallotKind.HUMAN,
        ranking=ids if form == RANKING else (),
        approvals=ids if form == APPROVALS else (),
    )


def must_name(decision: Decision, said: str) -> str:
    """Return the id of the option that a person means.

    Raises:
        UsageError: It is none of them; lists them.
    """
    found = named(decision, said)
    if found is None:
        known = "; ".join(f"{k}: {one_line(o.text, 60)}" for k, o in letters(decision).items())
        raise UsageError(f"{one_line(said, 60)!r} is none of the options. Options: {known}.")
    return found
