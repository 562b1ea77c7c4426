"""Which caps are in force, and which budget a person means who names one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from hub.config import BudgetSettings, Settings
from hub.domain.text import one_line
from hub.domain.usage import Budget, Cap
from hub.errors import UsageError
from hub.ledger.scopes import Scope

STANDING = ("day", "month", "question")
"""Scopes whose cap counts for each day, month or question."""
NAMED = ("thread", "agent", "provider", "tag")
"""Scopes that take a name behind a colon."""
FORMS = "day, month, question, thread:ID, agent:NAME, provider:NAME, tag:T"


def scope_named(text: str, settings: Settings) -> str:
    """Return the id of the budget that a person means; a thread's reference is left as it is.

    Raises:
        UsageError: It is none of the forms, or names an agent or provider that is not configured.
    """
    kind, colon, name = text.partition(":")
    if not colon and kind in STANDING:
        return kind
    if kind not in NAMED or not name.strip():
        raise UsageError(f"There is no budget {one_line(text, 60)!r}: write one of {FORMS}.")
    name = one_line(name)
    known: tuple[str, ...] = ()
    if kind == "agent":
        known = tuple(agent.name for agent in settings.agents)
    elif kind == "provider":
        name = "grok" if name == "xai" else name
        known = tuple(settings.providers)
    if known and name not in known:
        raise UsageError(f"There is no {kind} named {name!r}; choose one of {', '.join(known)}.")
    return f"{kind}:{name}"


def caps_in_force(
    settings: BudgetSettings, budgets: Mapping[str, Budget], moment: datetime
) -> tuple[Cap, ...]:
    """Return every cap, those of today and of this month first, with what counts against it.

    Args:
        settings: The configured caps.
        budgets: All that the store has.
        moment: Now, in the person's time zone.
    """
    scopes = [
        Scope(f"day:{moment:%Y-%m-%d}", settings.day, standing="day"),
        Scope(f"month:{moment:%Y-%m}", settings.month, standing="month"),
        *_configured(settings),
    ]
    listed = {scope.id for scope in scopes}
    by_hand = (b for b in budgets.values() if b.by_person and b.id not in {*listed, *STANDING})
    scopes += (Scope(budget.id, None) for budget in by_hand)
    each = [
        Scope("question", settings.question, refuses=not settings.question_is_default),
        *([] if settings.thread is None else [Scope("thread", settings.thread)]),
    ]
    return tuple(_cap(scope, budgets, counted=scope not in each) for scope in (*scopes, *each))


def _configured(settings: BudgetSettings) -> Iterator[Scope]:
    for kind, caps in (
        ("agent", settings.agents),
        ("provider", settings.providers),
        ("tag", settings.tags),
    ):
        yield from (Scope(f"{kind}:{name}", cap) for name, cap in caps.items())


def _cap(scope: Scope, budgets: Mapping[str, Budget], *, counted: bool) -> Cap:
    stored = budgets.get(scope.id)
    by_hand = scope.by_hand(budgets)
    cap = scope.cap if by_hand is None else by_hand.cap
    refuses = scope.refuses_in(budgets)
    if by_hand is not None:
        source = "by hand"
    elif cap is None:
        source = ""
    else:
        source = "config.toml" if refuses else "default"
    return Cap(
        scope=scope.id,
        cap=cap,
        refuses=refuses and cap is not None,
        source=source,
        spent=(stored.spent if stored else 0) if counted else None,
        reserved=(stored.reserved if stored else 0) if counted else None,
    )
