from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hub.domain.decision import Verdict
from hub.domain.thread import Thread, ThreadSummary
from hub.exports.shapes import (
    answer_json,
    decision_json,
    message_json,
    money_json,
    summary_json,
    time_json,
    usage_json,
)
from tests.fakes.transcripts import FILES, SQLITE, answer, decision, deliberation, usage


def test_a_message_has_the_documented_keys_in_their_order():
    t = deliberation()
    message = t.messages[1]

    shape = message_json(message, t.turns[message.turn_id])

    assert list(shape) == [
        "id", "seq", "author", "kind", "body", "reply_to", "to", "mentions", "created_at", "turn",
    ]  # fmt: skip
    assert list(shape["turn"]) == ["agent", "provider", "model", "cost_usd", "latency_s", "route"]
    assert shape["created_at"] == "2025-11-22T10:00:14.500250Z"
    assert shape["turn"]["cost_usd"] == 0.00418
    assert shape["reply_to"] == t.messages[0].id


def test_a_message_of_the_person_has_no_turn():
    assert message_json(deliberation().messages[0], None)["turn"] is None


def test_a_thread_in_a_list_has_the_documented_keys():
    summary = ThreadSummary(Thread("i", "title", 0, archived_at=5), 3, 1_500_000, 0, 9)

    assert summary_json(summary) == {
        "id": "i",
        "title": "title",
        "created_at": "1970-01-01T00:00:00.000000Z",
        "messages": 3,
        "cost_usd": 1.5,
        "archived": True,
    }


def test_a_sum_with_an_unknown_cost_in_it_is_unknown():
    summary = ThreadSummary(Thread("i", "title", 0), 3, 1_500_000, 1, 9)
    spent = replace(usage(), unknown_cost_calls=1)

    assert summary_json(summary)["cost_usd"] is None
    assert answer_json(replace(answer(), usage=spent))["usage"]["cost_usd"] is None


def test_a_usage_row_gives_the_known_part_beside_the_number_of_unknown_calls():
    partly = usage_json(replace(usage(), unknown_cost_calls=1))
    wholly = usage_json(replace(usage(), unknown_cost_calls=9, cost=0))

    assert list(partly) == [
        "key", "prompt_tokens", "completion_tokens", "reasoning_tokens", "cached_tokens",
        "prompt_cost_usd", "completion_cost_usd", "cost_usd", "unknown_cost_calls", "calls",
    ]  # fmt: skip
    assert (partly["cost_usd"], partly["unknown_cost_calls"]) == (0.014601, 1)
    assert (wholly["cost_usd"], wholly["prompt_cost_usd"]) == (None, None)


def test_a_group_without_calls_cost_nothing_which_is_known():
    assert usage_json(replace(usage(), calls=0, cost=0))["cost_usd"] == 0


def test_a_decision_names_options_by_their_text():
    shape = decision_json(decision())

    assert shape["outcome"] == "decided"
    assert shape["winner"] == SQLITE.text
    assert shape["options"] == [SQLITE.text, FILES.text]
    assert shape["rule"] == "majority"
    assert [ballot["choice"] for ballot in shape["ballots"]] == [
        SQLITE.text,
        FILES.text,
        SQLITE.text,
    ]
    assert [score["votes"] for score in shape["tally"]["scores"]] == [2.0, 1.0]
    assert shape["dissent"][0]["argument"] == decision().ballots[1].reason


def test_an_open_decision_has_neither_outcome_nor_winner():
    shape = decision_json(replace(decision(), tally=None, closed_at=None))

    assert (shape["outcome"], shape["winner"], shape["tally"]) == (None, None, None)
    assert shape["rule"] == "auto"
    assert shape["closed_at"] is None


def test_no_consensus_is_a_verdict_without_a_winner():
    undecided = replace(decision().tally, verdict=Verdict.NO_CONSENSUS, winner=None)

    shape = decision_json(replace(decision(), tally=undecided))

    assert (shape["outcome"], shape["winner"]) == ("no consensus", None)


def test_an_answer_has_the_documented_keys_and_the_question_first():
    shape = answer_json(answer())

    assert list(shape) == ["thread", "messages", "decision", "routes", "usage", "elapsed_s"]
    assert [message["seq"] for message in shape["messages"]] == list(range(1, 9))
    assert len(shape["routes"]) == 9
    assert shape["usage"] == {
        "prompt_tokens": 7_939,
        "completion_tokens": 1_694,
        "cost_usd": 0.014601,
    }
    assert shape["elapsed_s"] == 12.346


def test_an_answer_without_a_vote_has_a_null_decision():
    assert answer_json(replace(answer(), decision=None))["decision"] is None


@given(st.integers(0, 2**50))
def test_money_has_at_most_six_decimals_and_loses_nothing(micro):
    shown = money_json(micro)

    assert round(shown, 6) == shown
    assert round(shown * 1_000_000) == micro


def test_unknown_money_is_null_and_not_zero():
    assert money_json(None) is None
    assert money_json(0) == 0


@given(st.integers(0, 4_102_444_800_000_000))
def test_times_are_equally_long_and_sort_as_they_passed(micros):
    shown = time_json(micros)

    assert len(shown) == len("2025-11-22T10:00:14.500250Z")
    assert shown.endswith("Z")
    assert time_json(micros + 1) > shown
