"""What a voter sees of the options: labels of its own, in an order of its own.

Models favour what is listed first, so each voter gets another order, drawn from the decision's
seed: the same voter sees the same labels when a turn is repeated.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from hub.consensus.electorate import hidden_from, reversed_in
from hub.domain.decision import Option, Proposal, Rule
from hub.domain.ids import seeded

ABSTAIN = "abstain"
BLOCK = "block"
CHOICE, RANKING, APPROVALS = "choice", "ranking", "approvals"
_RANKED = frozenset({Rule.BORDA, Rule.RUNOFF, Rule.RANKED_PAIRS, Rule.SCHULZE})
REASON_LIMIT = 1_000
"""Characters of a reason that are kept, verbatim."""
BRIEF = 240
"""Characters of a reason that are asked for; small models are held to it by grammar."""


def labels_for(proposal: Proposal, voter: str, round_: int = 1) -> dict[str, Option]:
    """Return the options as this voter sees them: label A, B, ... to option, in label order.

    Where the options are the agents' own drafts, a voter is not shown its own as long as two
    others are there. A chair sees them the other way round in its second round.
    """
    hidden = hidden_from(proposal, voter)
    shown = [option for option in proposal.options if option.id not in hidden]
    order = sorted(
        shown,
        key=lambda o: seeded(proposal.seed, voter, o.id),
        reverse=reversed_in(proposal.rule, round_),
    )
    return {_label(number): option for number, option in enumerate(order)}


def offering(proposal: Proposal, options: Collection[str]) -> Proposal:
    """Return the proposal as a ballot shows it: with these options alone; none given: with all."""
    shown = tuple(option for option in proposal.options if option.id in options)
    return replace(proposal, options=shown) if shown else proposal


def ballot_schema(proposal: Proposal, labels: Mapping[str, Option]) -> dict[str, object]:
    """Return the JSON schema of a ballot: these labels, or to abstain, or under consent to block.

    Rules that rank or approve ask for a list; a list of `abstain` alone abstains.
    """
    form = form_of(proposal.rule)
    said: dict[str, object] = {
        "type": "string",
        "enum": [*labels, *other_choices(proposal.rule)],
    }
    if form != CHOICE:
        said = {"type": "array", "items": said, "minItems": 1, "maxItems": max(1, len(labels))}
    return {
        "type": "object",
        "properties": {
            form: said,
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "reason": {"type": "string", "maxLength": BRIEF},
            "would_change_my_mind": {"type": "string", "maxLength": BRIEF // 2},
        },
        "required": [form, "confidence", "reason", "would_change_my_mind"],
        "additionalProperties": False,
    }


def form_of(rule: Rule) -> str:
    """Return the field in which a ballot says what it is for."""
    if rule in _RANKED:
        return RANKING
    return APPROVALS if rule is Rule.APPROVAL else CHOICE


def other_choices(rule: Rule) -> tuple[str, ...]:
    """Return what a ballot may say instead of a label."""
    return (ABSTAIN, BLOCK) if rule is Rule.CONSENT else (ABSTAIN,)


def _label(number: int) -> str:
    """A to Z, then AA to AZ, BA, ..."""
    rest, letter = divmod(number, 26)
    return (_label(rest - 1) if rest else "") + chr(ord("A") + letter)
