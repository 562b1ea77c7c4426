"""What the headers of OpenAI and xAI say of rate limits, and what they do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.limits import rate_limits
from hub.domain.agent import ProviderKind
from hub.domain.limits import RateLimits

OPENAI, GROK, LAB = ProviderKind.OPENAI, ProviderKind.GROK, ProviderKind.COMPATIBLE


def headers(limit, left=None, reset=None, what="requests"):
    told = {"limit": limit, "remaining": left, "reset": reset}
    return {f"x-ratelimit-{name}-{what}": v for name, v in told.items() if v is not None}


def test_openai_tells_what_is_left_and_how_fast_it_comes_back():
    told = headers("500", "499", "120ms") | headers("30000", "29000", "2s", "tokens")

    assert rate_limits(told, OPENAI, 7) == RateLimits(
        at=7,
        requests=500,
        requests_per_s=pytest.approx(500 / 60),
        requests_left=499,
        tokens=30_000,
        tokens_per_s=500,
        tokens_left=29_000,
    )


def test_a_limit_of_a_day_fills_as_slowly_as_its_reset_says():
    told = rate_limits(headers("10000", "9998", "17.28s"), OPENAI, 0)

    assert told.requests_per_s == pytest.approx(10_000 / 86_400)


def test_a_reset_that_is_rounded_away_leaves_the_limit_one_of_a_minute():
    told = rate_limits(headers("30000", "29999", "2ms"), OPENAI, 0)

    assert told.requests_per_s == 500


def test_xai_counts_requests_by_the_second_and_tokens_by_the_minute():
    told = headers("1800", "1800") | headers("10000000", "9000000", what="tokens")

    assert rate_limits(told, GROK, 0) == RateLimits(
        at=0,
        requests=30,
        requests_per_s=30,
        tokens=10_000_000,
        tokens_per_s=pytest.approx(10_000_000 / 60),
        tokens_left=9_000_000,
    )


def test_xai_lets_one_request_through_where_it_allows_less_than_one_a_second():
    told = rate_limits(headers("30"), GROK, 0)

    assert (told.requests, told.requests_per_s) == (1, 0.5)


@pytest.mark.parametrize("limit", ["-1", "0", "", "X-RATELIMIT-LIMIT-REQUESTS-XXX", "1e3", "९"])
def test_a_limit_that_says_nothing_is_unknown(limit):
    assert rate_limits(headers(limit, "0", "0s"), OPENAI, 0) is None


@pytest.mark.parametrize(
    ("left", "reset", "known"), [("-1", "1s", None), ("0", None, None), ("0", "0s", None), ("0", "6s", 0)]
)  # fmt: skip
def test_nothing_left_is_believed_where_it_comes_back(left, reset, known):
    assert rate_limits(headers("10", left, reset), LAB, 0).requests_left == known


def test_an_answer_without_such_headers_says_nothing():
    assert rate_limits({"content-type": "application/json"}, OPENAI, 0) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [f"x-ratelimit-{a}-{b}" for a in ("limit", "remaining", "reset") for b in ("requests", "tokens")]
        ),
        st.text(max_size=20) | st.integers().map(str) | st.sampled_from(["1h", "9" * 400 + "s"]),
    ),
    st.sampled_from(list(ProviderKind)),
)  # fmt: skip
def test_whatever_is_sent_makes_buckets_that_can_be_counted_with(told, kind):
    found = rate_limits(told, kind, 0)

    assert found is None or (found.requests or found.tokens)
    for size, per_s in ((found.requests, found.requests_per_s), (found.tokens, found.tokens_per_s)) if found else ():  # fmt: skip
        assert size is None or (0 < size < 1e15 and 0 <= per_s < 1e18)
