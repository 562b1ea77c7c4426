import pytest

from hub.errors import (
    AuthenticationError,
    BadRequestError,
    ContentFilterError,
    ContextLengthError,
    EmbeddedModelError,
    ModelError,
    ProviderConnectionError,
    ProviderResponseError,
    ProviderTimeoutError,
    QuotaError,
    RateLimitError,
    TruncatedReplyError,
)
from hub.router.breaker import Breaker, Phase
from tests.hub.router.builders import NOW, SECOND, error

MINUTE = 60 * SECOND


def failing(breaker: Breaker, times: int, at: int = NOW, kind=ProviderConnectionError) -> Breaker:
    for _ in range(times):
        breaker = breaker.failed(error(kind), at, "draw")
    return breaker


@pytest.mark.parametrize(
    "kind",
    [ProviderConnectionError, ProviderTimeoutError, ProviderResponseError, TruncatedReplyError],
)
def test_five_failures_in_a_row_open_it_and_four_do_not(kind):
    assert failing(Breaker(), 4, kind=kind).phase(NOW) is Phase.CLOSED
    assert failing(Breaker(), 5, kind=kind).phase(NOW) is Phase.OPEN


def test_half_of_the_last_twenty_open_it():
    breaker = Breaker()
    for _ in range(9):
        breaker = failing(breaker.succeeded(NOW), 1)
    assert breaker.phase(NOW) is Phase.CLOSED

    breaker = failing(breaker.succeeded(NOW), 1)

    assert breaker.phase(NOW) is Phase.OPEN
    assert breaker.refusal(NOW).startswith("10 of its last 20 calls failed, ")


def test_an_open_one_stays_so_for_seven_to_fifteen_seconds_then_lets_a_probe_through():
    breaker = failing(Breaker(), 5)

    assert NOW + 7.5 * SECOND <= breaker.until <= NOW + 15 * SECOND
    assert "5 calls in a row failed" in breaker.refusal(NOW)
    assert breaker.phase(breaker.until) is Phase.HALF_OPEN
    assert breaker.refusal(breaker.until) is None


def test_half_open_admits_one_probe_at_a_time():
    breaker = failing(Breaker(), 5)

    assert "a probe is under way" in breaker.refusal(breaker.until, probing=True)


def test_two_successes_close_it_and_one_does_not():
    breaker = failing(Breaker(), 5)
    at = breaker.until

    once = breaker.succeeded(at)

    assert once.phase(at) is Phase.HALF_OPEN
    assert once.succeeded(at) == Breaker()


def test_a_failed_probe_opens_it_for_longer_each_time_up_to_five_minutes():
    breaker = failing(Breaker(), 5)
    for _ in range(12):
        at = breaker.until
        breaker = failing(breaker, 1, at)

        assert breaker.phase(at) is Phase.OPEN
    assert 150 * SECOND <= breaker.until - at <= 300 * SECOND


def test_the_provider_s_own_wait_decides_how_long_it_opens():
    breaker = failing(Breaker(), 4).failed(error(retry_after_s=42), NOW, "draw")

    assert breaker.until == NOW + 42 * SECOND


def test_late_results_of_calls_sent_before_it_opened_change_nothing():
    breaker = failing(Breaker(), 5)

    assert breaker.succeeded(NOW + 1) == breaker
    assert failing(breaker, 3, NOW + 1) == breaker


def test_a_rate_limit_rests_for_its_wait():
    breaker = Breaker().failed(error(RateLimitError, retry_after_s=20), NOW, "draw")

    assert breaker.refusal(NOW) == "rests after a rate limit, 20 s more"
    assert breaker.recovers_at(NOW) == NOW + 20 * SECOND
    assert breaker.refusal(NOW + 20 * SECOND) is None
    assert breaker.phase(NOW + 20 * SECOND) is Phase.CLOSED


def test_after_its_rest_one_call_at_a_time_goes_until_one_has_worked():
    breaker = Breaker().failed(error(RateLimitError, retry_after_s=20), NOW, "draw")
    over = NOW + 20 * SECOND

    assert breaker.refusal(over, probing=True) == "was rate limited; a probe is under way"
    assert breaker.succeeded(NOW).probed(over)  # that one was sent before the limit
    assert not breaker.succeeded(over).probed(over)
    assert breaker.succeeded(over).refusal(over, probing=True) is None


def test_a_provider_that_asks_for_years_is_probed_within_the_hour():
    breaker = Breaker().failed(error(RateLimitError, retry_after_s=1e300), NOW, "draw")

    assert breaker.until == NOW + 60 * MINUTE


def test_a_rate_limit_without_a_wait_rests_for_seconds():
    breaker = failing(Breaker(), 1, kind=RateLimitError)

    assert NOW < breaker.recovers_at(NOW) <= NOW + 10 * SECOND


def test_a_rate_limit_of_more_than_two_minutes_opens_it():
    breaker = Breaker().failed(error(RateLimitError, retry_after_s=600), NOW, "draw")

    assert breaker.phase(NOW) is Phase.OPEN
    assert breaker.until == NOW + 10 * MINUTE
    assert breaker.recovers_at(NOW) is None


def test_an_account_without_money_rests_a_quarter_of_an_hour():
    breaker = failing(Breaker(), 1, kind=QuotaError)

    assert breaker.refusal(NOW) == "its account has no money left, 15 min more"
    assert breaker.phase(NOW + 15 * MINUTE) is Phase.HALF_OPEN


def test_what_is_learned_while_it_is_open_never_shortens_its_time():
    breaker = Breaker().failed(error(RateLimitError, retry_after_s=3_600), NOW, "draw")

    assert failing(breaker, 1, kind=QuotaError).until == NOW + 60 * MINUTE


def test_a_refused_key_stays_out_until_a_restart_whatever_comes():
    breaker = failing(Breaker(), 1, kind=AuthenticationError)
    later = failing(breaker.succeeded(NOW), 3, NOW + 1000 * MINUTE, kind=QuotaError)

    assert later.phase(NOW + 10_000 * MINUTE) is Phase.OPEN
    assert later.refusal(NOW) == "its key was refused; correct it and restart"


@pytest.mark.parametrize(
    "kind", [BadRequestError, ContentFilterError, ContextLengthError, ModelError]
)
def test_what_is_not_the_provider_s_fault_does_not_count(kind):
    assert failing(Breaker(), 30, kind=kind) == Breaker()


def test_an_embedded_model_that_cannot_start_counts_as_a_failure():
    breaker = Breaker()
    for _ in range(5):
        breaker = breaker.failed(EmbeddedModelError("no weights"), NOW, "draw")

    assert breaker.phase(NOW) is Phase.OPEN
