from hypothesis import given
from hypothesis import strategies as st

from hub.router.outcomes import Outcomes


def watched(calls: list[bool], window: int) -> Outcomes:
    outcomes = Outcomes()
    for ok in calls:
        outcomes = outcomes.add(ok, window)
    return outcomes


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 30), st.integers(1, 25))
def test_the_bits_say_what_a_list_of_the_last_calls_would(calls, window, last):
    outcomes = watched(calls, window)
    kept = calls[-window:]

    in_row = next((i for i, ok in enumerate(reversed(kept)) if ok), len(kept))
    assert outcomes.n == len(kept)
    assert outcomes.failures_in_row == in_row
    assert outcomes.failed_of_last(last) == kept[-last:].count(False)
    assert outcomes.availability == (kept.count(True) + 4.75) / (len(kept) + 5)


def test_what_was_never_called_is_taken_to_work_nineteen_times_of_twenty():
    assert Outcomes().availability == 0.95


def test_one_failure_does_not_condemn_a_deployment():
    assert 0.75 < watched([False], 100).availability < 0.95
