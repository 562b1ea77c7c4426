"""A person's change of the options of an open question, made out and checked; nothing is kept here.

What the judges merged may be two plans after all, and what they left apart one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from hub.consensus.canonical import canonical, in_order, option_for
from hub.consensus.person import must_name
from hub.domain.decision import Decision, Draft, Option, Regrouping
from hub.domain.regrouping import drafts_of
from hub.domain.text import one_line
from hub.errors import UsageError


def joined(decision: Decision, refs: Sequence[str], by: str, reason: str, at: int) -> Regrouping:
    """Return the change that makes one option of several: the first one's words stand for all.

    Args:
        decision: Open or closed.
        refs: Options by letter, text or id.
        by: Whose change it is.
        reason: Why.
        at: UTC microseconds.

    Raises:
        UsageError: The options were given, or these are not two of them.
    """
    _must_be_open(decision)
    options = [_option(decision, ref) for ref in refs]
    if len({option.id for option in options}) < len(options) or len(options) < 2:  # noqa: PLR2004  plain
        raise UsageError("Joining takes two options or more, each named once.")
    drafts = [draft for option in options for draft in drafts_of(option)]
    return Regrouping(by, reason, at, tuple(options), (_standing_by(options[0], drafts),))


def parted(
    decision: Decision, ref: str, whose: Sequence[str], by: str, reason: str, at: int
) -> Regrouping:
    """Return the change that takes drafts out of an option; together they make another one.

    Args:
        decision: Open or closed.
        ref: The option, by letter, text or id.
        whose: The drafts, by their author or by what they say.
        by: Whose change it is.
        reason: Why.
        at: UTC microseconds.

    Raises:
        UsageError: The options were given; it stands for one draft; none, all, or others are named;
            or what would be apart says the same, word for word.
    """
    _must_be_open(decision)
    option = _option(decision, ref)
    drafts = drafts_of(option)
    if len(drafts) < 2:  # noqa: PLR2004  plain
        raise UsageError("That option stands for one draft alone: there is nothing to split.")
    out = list(dict.fromkeys(draft for name in whose for draft in _meant(drafts, name)))
    left = [draft for draft in drafts if draft not in out]
    if not out or not left:
        raise UsageError("Name some of its drafts, not all: what is named becomes its own option.")
    rest, new = _standing_by(option, left), _standing_by(option, out)
    others = {o.id for o in decision.proposal.options if o.id != option.id}
    if rest.id == new.id or {rest.id, new.id} & others:
        raise UsageError("These drafts say the same, word for word: nothing tells them apart.")
    return Regrouping(by, reason, at, (option,), (rest, new))


def _standing_by(option: Option, drafts: Sequence[Draft]) -> Option:
    """Return what some drafts make: they keep an option's words where these are among theirs."""
    made = option_for(in_order(drafts))
    if option.id in {draft.id for draft in drafts}:
        return replace(made, text=option.text, key=option.key)
    return made


def _meant(drafts: Sequence[Draft], name: str) -> list[Draft]:
    """Return the drafts that a person means, by author or by text."""
    said = canonical(name)
    found = [d for d in drafts if d.author == name] or [
        d for d in drafts if canonical(d.text) == said
    ]
    if not found:
        known = ", ".join(draft.author or one_line(draft.text, 40) for draft in drafts)
        raise UsageError(f"{one_line(name, 60)!r} is no draft of that option. Drafts: {known}.")
    return found


def _option(decision: Decision, ref: str) -> Option:
    id_ = must_name(decision, ref)
    return next(option for option in decision.proposal.options if option.id == id_)


def _must_be_open(decision: Decision) -> None:
    if not decision.proposal.open:
        raise UsageError(
            "The options of this question were given, not drafted: they stay as asked."
        )
