from hypothesis import given
from hypothesis import strategies as st

from hub.domain.turn import Purpose
from hub.router.cost import PRIOR_TOKENS, Outputs


def test_ballots_are_expected_to_be_shorter_than_replies_before_anything_is_measured():
    outputs = Outputs()

    assert outputs.expected(Purpose.BALLOT, 4_000) < outputs.expected(Purpose.REPLY, 4_000)


def test_the_mean_follows_what_a_deployment_writes_for_that_purpose_alone():
    outputs = Outputs()
    for _ in range(60):
        outputs = outputs.add(Purpose.REPLY, 1_000)

    assert 950 < outputs.expected(Purpose.REPLY, 4_000) <= 1_000
    assert outputs.expected(Purpose.BALLOT, 4_000) == PRIOR_TOKENS[Purpose.BALLOT]


@given(st.lists(st.integers(0, 8_000), max_size=30), st.integers(1, 4_000))
def test_no_more_is_expected_than_may_be_written(answers, limit):
    outputs = Outputs()
    for tokens in answers:
        outputs = outputs.add(Purpose.DRAFT, tokens)

    assert 0 <= outputs.expected(Purpose.DRAFT, limit) <= limit
