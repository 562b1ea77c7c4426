from datetime import UTC, datetime, timedelta

import pytest

from hub.config import BudgetSettings
from hub.domain.usage import Budget
from hub.ledger.scopes import Scope, local_time, scope_of_provider, scopes_of, zone
from tests.fakes.clock import START
from tests.hub.ledger.builders import turn

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def caps(budget: BudgetSettings, **order) -> dict[str, int | None]:
    payee = scope_of_provider("openai", budget)
    return {s.id: s.cap for s in (*scopes_of(turn(**order), budget, NOON), payee)}


def test_a_turn_counts_against_every_scope_it_has():
    assert list(caps(BudgetSettings(), tags=("paper", "paper", "draft"))) == [
        "question:q1",
        "thread:t1",
        "agent:critic",
        "tag:paper",
        "tag:draft",
        "day:2026-11-22",
        "month:2026-11",
        "provider:openai",
    ]


def test_each_scope_takes_its_own_configured_cap():
    budget = BudgetSettings(
        question=1, thread=2, day=3, month=4, agents={"critic": 5}, providers={"openai": 6},
        tags={"paper": 7},
    )  # fmt: skip

    assert list(caps(budget, tags=("paper",)).values()) == [1, 2, 5, 7, 3, 4, 6]


def test_no_provider_counts_before_one_is_chosen():
    found = scopes_of(turn(), BudgetSettings(), NOON)

    assert not any(s.id.startswith("provider:") for s in found)


def test_the_default_question_cap_warns_and_every_written_one_refuses():
    default, *others = scopes_of(turn(), BudgetSettings(), NOON)
    written, *_ = scopes_of(turn(), BudgetSettings(question=500_000), NOON)
    asked, *_ = scopes_of(turn(question_budget=9), BudgetSettings(), NOON)

    assert (default.cap, default.refuses) == (500_000, False)
    assert all(s.refuses for s in others)
    assert (written.cap, written.refuses) == (500_000, True)
    assert (asked.cap, asked.refuses) == (9, True)


def test_a_turn_that_belongs_to_no_question_is_its_own():
    assert scopes_of(turn(question_id=""), BudgetSettings(), NOON)[0].id == "question:turn1"


@pytest.mark.parametrize(
    ("configured", "stored", "in_force"),
    [
        (10, None, 10),
        (10, Budget("day:x", None, 0, 0), 10),
        (10, Budget("day:x", 5, 0, 0), 10),
        (10, Budget("day:x", 5, 0, 0, by_person=True), 5),
        (None, Budget("day:x", 5, 0, 0), 5),
        (None, None, None),
    ],
)
def test_a_cap_set_by_hand_stands_over_the_configured_one(configured, stored, in_force):
    budgets = {} if stored is None else {stored.id: stored}

    assert Scope("day:x", configured).cap_in(budgets) == in_force


def test_a_cap_by_hand_for_all_days_stands_over_the_configured_one_and_below_this_day_s_own():
    day = Scope("day:x", 10, standing="day")
    every = Budget("day", 7, 0, 0, by_person=True)
    today = Budget("day:x", 5, 0, 0, by_person=True)

    assert day.cap_in({"day": every}) == 7
    assert day.cap_in({"day": every, "day:x": Budget("day:x", 10, 1, 0)}) == 7
    assert day.cap_in({"day": every, "day:x": today}) == 5
    assert Scope("question:q", 5, refuses=False, standing="question").refuses_in(
        {"question": Budget("question", 9, 0, 0, by_person=True)}
    )


def test_a_budget_given_with_the_question_is_no_matter_of_a_cap_for_all_questions():
    own, *_ = scopes_of(turn(question_budget=9), BudgetSettings(), NOON)

    assert own.cap_in({"question": Budget("question", 1, 0, 0, by_person=True)}) == 9


def test_what_is_left_counts_booked_and_reserved():
    budgets = {"day:x": Budget("day:x", 10, spent=6, reserved=7)}

    assert Scope("day:x", 10).left_in(budgets) == -3
    assert Scope("day:y", 10).left_in(budgets) == 10
    assert Scope("day:y", None).left_in(budgets) is None


def test_a_default_cap_refuses_once_a_person_has_set_it():
    by_hand = {"question:q": Budget("question:q", 10, 0, 0, by_person=True)}

    assert Scope("question:q", 5, refuses=False).refuses_in(by_hand)
    assert not Scope("question:q", 5, refuses=False).refuses_in({})


def test_the_day_is_the_person_s_not_utc_s():
    before_midnight_utc = START - 1_000_000

    assert f"{local_time(before_midnight_utc, zone('UTC')):%Y-%m-%d}" == "2026-11-22"
    assert f"{local_time(before_midnight_utc, zone('Europe/Berlin')):%Y-%m-%d}" == "2026-11-23"
    assert f"{local_time(START, zone('America/New_York')):%Y-%m-%d}" == "2026-11-22"


def test_without_a_zone_the_machine_s_counts():
    own = local_time(START, zone(None))

    assert own.utcoffset() == datetime.fromtimestamp(START / 1e6, UTC).astimezone().utcoffset()
    assert abs(own.utcoffset()) <= timedelta(hours=14)
