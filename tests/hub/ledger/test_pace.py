from hub.domain.usage import Budget, UsageRow
from hub.ledger.pace import Traffic, first_day, is_paced, pacing
from hub.ledger.scopes import Scope

TODAY = "2026-11-22"
DAY = Scope("day:2026-11-22", 1_000, standing="day")
MONTH = Scope("month:2026-11", 6_000, standing="month")
SPENT = {DAY.id: Budget(DAY.id, 1_000, spent=300, reserved=0)}


def traffic(**calls: int) -> Traffic:
    """Return traffic by the day of November."""
    rows = [
        UsageRow(f"2026-11-{day[1:]}", 0, 0, 0, 0, 0, 0, 0, 0, calls=n) for day, n in calls.items()
    ]
    return Traffic.of(rows, TODAY)


def test_a_day_is_expected_to_bring_what_days_with_calls_did():
    pace = pacing([DAY], SPENT, traffic(d18=10, d19=30, d21=20, d22=4), more=2)

    assert (pace.per_turn, pace.turns, pace.spent) == (1_000 / 20, 6, 300.0)


def test_a_month_is_expected_to_have_as_many_idle_days_as_before():
    known = traffic(d02=20, d12=20, d17=20, d22=4)

    assert known.monthly() == 20 * 3 * 30 / 20
    assert pacing([MONTH], {}, known, more=0).turns == 64


def test_the_cap_that_leaves_least_a_turn_sets_the_pace():
    tight = Scope("day:2026-11-22", 10, standing="day")

    assert pacing([tight, MONTH], {}, traffic(d18=5, d19=5, d20=5), more=0).per_turn == 2


def test_nothing_is_expected_of_a_day_after_too_few_or_of_today_alone():
    assert pacing([DAY], {}, traffic(d20=5, d21=5, d22=100), more=0) is None


def test_only_caps_of_a_day_or_a_month_that_refuse_are_spread():
    assert is_paced(DAY, {})
    assert is_paced(MONTH, {})
    assert not is_paced(Scope("day:2026-11-22", None, standing="day"), {})
    assert not is_paced(Scope("day:2026-11-22", 1_000, refuses=False, standing="day"), {})
    assert not is_paced(Scope("thread:t1", 1_000), {})


def test_the_month_is_counted_from_its_first_day_and_the_days_before_from_thirty_ago():
    assert first_day("2026-11-22") == "2026-10-23"
    assert first_day("2026-12-31") == "2026-12-01"
