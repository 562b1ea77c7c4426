"""How many calls a provider is found to bear."""

from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ProviderResponseError, QuotaError, RateLimitError, SendOutcome
from hub.router.concurrency import Concurrency
from hub.router.observe import begin, observe
from tests.hub.router.builders import GPT, MINI, NOW, SECOND, error, fact, state


def busy(seen, calls):
    for _ in range(calls):
        seen = begin(seen, MINI.id)
    return seen


def limit(seen):
    return seen.concurrency_of("openai").limit


def test_it_starts_at_four():
    assert state().concurrency_of("openai").places == 4


def test_an_answer_adds_a_place_for_each_round_of_them_while_half_are_used():
    seen = busy(state(), 3)

    assert limit(observe(seen, fact(MINI.id))) == 4.25


def test_a_limit_that_is_not_half_used_does_not_grow():
    assert limit(observe(busy(state(), 1), fact(MINI.id))) == 4


def test_calls_of_another_model_of_the_key_count_too():
    seen = begin(busy(state(), 1), GPT.id)

    assert limit(observe(seen, fact(MINI.id))) == 4.25


def test_a_storm_of_rate_limits_halves_it_once_a_round_trip():
    seen = busy(state(), 4)
    for _ in range(4):
        seen = observe(seen, fact(MINI.id, ok=False, latency_s=1.0), error(RateLimitError, 1.0))

    assert limit(seen) == 2

    later = fact(MINI.id, ok=False, latency_s=1.0, at=NOW + 2 * SECOND)
    assert limit(observe(seen, later, error(RateLimitError, 1.0))) == 1


def test_overload_halves_it_and_other_faults_do_not():
    for status, expected in ((503, 2), (529, 2), (500, 4), (None, 4)):
        failed = ProviderResponseError(
            "no", provider="openai", outcome=SendOutcome.UNKNOWN, status=status
        )
        assert limit(observe(busy(state(), 4), fact(MINI.id, ok=False), failed)) == expected
    assert limit(observe(state(), fact(MINI.id, ok=False), error(QuotaError))) == 4


def test_a_rate_limit_that_a_repeat_got_past_halves_it_too():
    assert limit(observe(busy(state(), 4), fact(MINI.id, tries=2, declined=1))) == 2


def test_calls_of_the_record_teach_nothing_about_it():
    seen = state()
    for ok in (True, False) * 20:
        seen = observe(seen, fact(MINI.id, ok=ok))

    assert limit(seen) == 4


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=300))
def test_it_stays_between_one_and_sixty_four(calls):
    found, now = Concurrency(), NOW
    for ok, inflight in calls:
        now += SECOND
        found = found.answered(inflight) if ok else found.declined(now - 1, now)

        assert 1 <= found.places <= 64
