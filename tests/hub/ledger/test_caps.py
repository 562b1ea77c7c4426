from datetime import UTC, datetime

import pytest

from hub.config import BudgetSettings
from hub.domain.usage import Budget, Cap
from hub.errors import UsageError
from hub.ledger.caps import caps_in_force, scope_named
from hub.settings import AgentSettings
from tests.hub.ledger.builders import settings

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = "day:2026-11-22"


def caps(budget: BudgetSettings, *budgets: Budget) -> dict[str, Cap]:
    return {cap.scope: cap for cap in caps_in_force(budget, {b.id: b for b in budgets}, NOON)}


def test_without_any_configuration_only_the_default_cap_of_a_question_is_in_force_and_warns():
    found = caps(BudgetSettings())

    assert [(c.scope, c.cap, c.refuses, c.source) for c in found.values()] == [
        (DAY, None, False, ""),
        ("month:2026-11", None, False, ""),
        ("question", 500_000, False, "default"),
    ]


def test_what_is_booked_and_reserved_counts_against_today_s_cap():
    found = caps(
        BudgetSettings(day=100), Budget(DAY, 100, 70, 20), Budget("day:2026-11-21", 9, 9, 0)
    )

    assert found[DAY] == Cap(DAY, 100, True, "config.toml", 70, 20)
    assert found[DAY].left == 10
    assert "day:2026-11-21" not in found


def test_a_cap_set_by_hand_for_every_day_is_today_s():
    found = caps(
        BudgetSettings(day=100), Budget("day", 50, 0, 0, by_person=True), Budget(DAY, 100, 7, 0)
    )

    assert found[DAY] == Cap(DAY, 50, True, "by hand", 7, 0)
    assert "day" not in found


def test_every_configured_or_set_scope_is_listed_once():
    budget = BudgetSettings(thread=5, agents={"critic": 1}, providers={"openai": 2}, tags={"x": 3})

    found = caps(
        budget,
        Budget("thread:t1", 4, 1, 0, by_person=True),
        Budget("agent:critic", 9, 0, 0, by_person=True),
        Budget("thread:t2", 5, 1, 0),
    )

    assert {s: (c.cap, c.source) for s, c in found.items() if c.cap is not None} == {
        "agent:critic": (9, "by hand"),
        "provider:openai": (2, "config.toml"),
        "tag:x": (3, "config.toml"),
        "thread:t1": (4, "by hand"),
        "question": (500_000, "default"),
        "thread": (5, "config.toml"),
    }
    assert found["thread"].spent is None


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("day", "day"),
        ("question", "question"),
        ("thread:last", "thread:last"),
        ("provider:xai", "provider:grok"),
        ("agent:critic", "agent:critic"),
        ("tag: a  b ", "tag:a b"),
    ],
)
def test_a_scope_is_named_as_the_person_writes_it(text, id_):
    known = settings().model_copy(update={"agents": (AgentSettings(name="critic"),)})

    assert scope_named(text, known) == id_


@pytest.mark.parametrize(
    "text",
    ["", "week", "thread", "agent:", "day:2026-11-22", "agent:nobody", "provider:acme", "x:y"],
)
def test_what_is_no_budget_is_refused_with_what_there_is(text):
    known = settings().model_copy(update={"agents": (AgentSettings(name="critic"),)})

    with pytest.raises(UsageError):
        scope_named(text, known)
