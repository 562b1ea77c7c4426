"""Rate buckets: what is taken, what comes back, and whose word counts."""

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.limits import RateLimits
from hub.router.buckets import Bucket, Buckets
from tests.hub.router.builders import NOW, SECOND

LIMITS = RateLimits(NOW, requests=60, requests_per_s=1, requests_left=10)


def test_what_is_taken_comes_back_with_time_and_no_more_than_fits():
    bucket = Bucket(10, 2, 10, NOW).took(8, NOW)

    assert bucket.left(NOW) == 2
    assert bucket.left(NOW + 3 * SECOND) == 8
    assert bucket.left(NOW + 60 * SECOND) == 10


def test_a_bucket_says_when_there_is_room():
    bucket = Bucket(10, 2, 0, NOW)

    assert bucket.ready_in_s(5, NOW) == 2.5
    assert bucket.ready_in_s(5, NOW + 2 * SECOND) == 0.5
    assert bucket.ready_in_s(5, NOW + 3 * SECOND) == 0


def test_what_never_fits_goes_when_the_bucket_is_full():
    assert Bucket(10, 2, 0, NOW).ready_in_s(1_000, NOW) == 5


def test_limits_that_nobody_told_of_limit_nothing():
    assert Buckets().took(1, 10**9, NOW).ready_in_s(1, 10**9, NOW) == 0


def test_the_provider_is_believed_where_less_is_left_than_we_thought():
    known = Buckets().told(LIMITS, NOW)

    assert known.requests.left(NOW) == 10
    assert known.told(RateLimits(NOW, 60, 1, 3), NOW).requests.left(NOW) == 3


def test_calls_under_way_that_the_provider_has_not_counted_yet_stay_taken():
    known = Buckets().told(LIMITS, NOW).took(4, 0, NOW)

    assert known.told(LIMITS, NOW).requests.left(NOW) == 6


def test_what_was_said_a_while_ago_has_filled_since():
    heard = Buckets().told(LIMITS, NOW + 20 * SECOND)

    assert heard.requests.left(NOW + 20 * SECOND) == 30


def test_an_answer_that_speaks_of_one_limit_leaves_the_other_as_it_is():
    known = Buckets().told(LIMITS, NOW).told(RateLimits(NOW, tokens=100, tokens_per_s=1), NOW)

    assert known.requests.left(NOW) == 10
    assert known.tokens.left(NOW) == 100


@given(
    st.lists(
        st.tuples(st.floats(-50, 50), st.integers(0, 10 * SECOND)),
        max_size=20,
    )
)
def test_waiting_as_long_as_it_says_always_makes_room(taken):
    bucket, now = Bucket(20, 3, 20, NOW), NOW
    for amount, passed in taken:
        now += passed
        bucket = bucket.took(amount, now)
        wait = bucket.ready_in_s(7, now)

        later = now + round(wait * SECOND) + 1
        assert bucket.left(later) >= 7 - 1e-6
        assert bucket.left(later) <= 20
