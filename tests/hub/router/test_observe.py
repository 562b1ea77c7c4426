import pytest

from hub.domain.turn import Purpose
from hub.errors import BadRequestError, ContentFilterError, ModelError, QuotaError
from hub.router.breaker import Phase
from hub.router.observe import begin, observe, release
from tests.hub.router.builders import GPT, MINI, NOW, after, error, fact, state


def test_a_call_is_in_flight_from_its_start_to_its_end():
    started = begin(begin(state(), GPT.id), MINI.id)

    ended = observe(started, fact(GPT.id))

    assert started.inflight_at("openai") == 2
    assert ended.inflight_at("openai") == 1
    assert release(ended, MINI.id).inflight_at("openai") == 0


def test_history_without_starts_leaves_nothing_in_flight():
    assert after(state(), GPT.id, "++-").inflight_at("openai") == 0


def test_a_stopped_call_says_nothing_about_its_deployment():
    before = after(state(), GPT.id, "+")

    stopped = release(begin(before, GPT.id), GPT.id)

    assert stopped.figures == before.figures


def test_the_input_state_is_never_changed():
    start = state()
    before = repr(start)

    after(begin(start, GPT.id), GPT.id, "+-+-")

    assert repr(start) == before


def test_each_call_counts_for_its_deployment_and_its_failures_for_the_whole_provider():
    seen = after(state(), MINI.id, "-----")

    assert seen.figures_of(MINI.id).outcomes.n == 5
    assert seen.figures_of(GPT.id).outcomes.n == 0
    assert seen.breaker_of("openai").phase(NOW) is Phase.OPEN


def test_answers_teach_how_long_they_are_by_purpose():
    seen = state()
    for _ in range(40):
        seen = observe(seen, fact(GPT.id, purpose=Purpose.BALLOT, completion_tokens=30))

    assert seen.figures_of(GPT.id).outputs.expected(Purpose.BALLOT, 1_000) < 60


@pytest.mark.parametrize("kind", [BadRequestError, ContentFilterError])
def test_a_request_at_fault_counts_neither_for_availability_nor_for_the_breaker(kind):
    seen = after(state(), GPT.id, "------", kind=kind)

    assert seen.figures_of(GPT.id).outcomes.n == 0
    assert seen.breaker_of("openai").phase(NOW) is Phase.CLOSED


def test_an_unknown_model_puts_that_deployment_out_and_no_other():
    seen = after(state(), GPT.id, "-", kind=ModelError)

    assert seen.figures_of(GPT.id).unusable
    assert not seen.figures_of(MINI.id).unusable
    assert seen.breaker_of("openai").phase(NOW) is Phase.CLOSED


def test_failures_read_from_the_journal_lower_availability_and_open_nothing():
    seen = state()
    for _ in range(10):
        seen = observe(seen, fact(GPT.id, ok=False))

    assert seen.figures_of(GPT.id).outcomes.availability < 0.5
    assert seen.breaker_of("openai").phase(NOW) is Phase.CLOSED


def test_the_same_calls_give_the_same_state():
    assert after(state(), GPT.id, "+----++-----") == after(state(), GPT.id, "+----++-----")


def test_no_money_on_one_model_s_key_puts_the_provider_s_other_models_out_too():
    seen = observe(state(), fact(GPT.id, ok=False), error(QuotaError))

    assert seen.refusal("openai", NOW) is not None
    assert seen.refusal("grok", NOW) is None
