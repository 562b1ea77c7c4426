"""Whatever a provider sends: a reply that keeps its promises, or an error of the tree."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.answer import problem_reported
from agents.classify import Problem, kind_of, problem_of
from agents.decode import BodyDecoder, BodyError, parse_json
from agents.waiting import duration, retry_after
from hub.errors import ProviderError
from tests.fuzz.corpus import OURS
from tests.fuzz.mutation import written
from tests.fuzz.replies import (
    HEADER_NAMES,
    LONGEST_WAIT_S,
    STATUSES,
    WAITS,
    answered,
    run_lists,
    run_usage,
)
from tests.fuzz.strategies import JSON, parts_of, put


def taken(api, pieces, **more):
    with suppress(ProviderError):
        answered(api, pieces, **more)


@pytest.mark.parametrize("api", ["chat", "responses"])
@given(st.binary(max_size=300), st.integers(0, 300))
def test_any_bytes_are_a_reply_or_an_error(api, body, at):
    taken(api, [body[:at], body[at:]])
    taken(api, [b"data: ", body])


@pytest.mark.parametrize("api", ["chat", "responses"])
@given(st.data())
def test_any_part_of_an_answer_may_be_anything(api, data):
    seed = data.draw(st.sampled_from(OURS[api]))
    for _ in range(8):
        path = data.draw(st.sampled_from(list(parts_of(seed))))
        taken(api, [written(put(seed, path, data.draw(JSON)))])


@pytest.mark.parametrize("place", [[1], {"a": 1}, [[]]], ids=["list", "object", "nested"])
@pytest.mark.parametrize("name", ["item_id", "output_index", "content_index"])
def test_a_place_that_names_nothing_is_no_place(name, place):
    said = {"type": "response.output_text.delta", "delta": "Hello", name: place}
    part = {"type": "output_text", "text": "Hello"}
    item = {"type": "message", "id": place, "content": [part]}
    whole = {"type": "response.completed", "response": {"output": [item]}}

    answered("responses", [written([{"data": said}, {"data": whole}])])
    answered("responses", [written({"status": "completed", "output": [item]})])


@given(st.data())
def test_any_part_of_an_error_may_be_anything(data):
    seed = data.draw(st.sampled_from(OURS["errors"]))
    path = data.draw(st.sampled_from(list(parts_of(seed))))
    body = written(put(seed, path, data.draw(JSON)))

    taken("chat", [body], status=data.draw(st.sampled_from(STATUSES)))


@given(JSON, st.sampled_from(STATUSES), st.text())
def test_any_value_has_a_class_of_error(value, status, words):
    text = json.dumps(value)

    assert issubclass(kind_of(status, problem_of(text)), ProviderError)
    assert issubclass(kind_of(status, Problem(words, words, words)), ProviderError)
    if isinstance(found := parse_json(text), dict):
        problem_reported(found)


LINES = st.text(max_size=40) | st.lists(st.sampled_from(WAITS), max_size=7).map(
    lambda pieces: b"".join(pieces).decode("latin-1")
)


@given(st.dictionaries(st.sampled_from(HEADER_NAMES), LINES), LINES)
def test_any_header_says_a_wait_that_can_be_waited_or_none(headers, message):
    headers = {"x-ratelimit-remaining-tokens": "0", **headers}

    for wait in (retry_after(headers, message, 1_800_000_000_000_000), duration(message)):
        assert wait is None or 0 <= wait <= LONGEST_WAIT_S


@pytest.mark.fault(18)
@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("Mon, 01 Jan 99999999999 00:00:00 GMT", ""),
        ("Mon, 01 Jan 2027 00:00:00 " + "9" * 30, ""),
        ("1e300", ""),
        ("", "try again in " + "9" * 320 + "s"),
        ("", "try again in " + "9" * 320 + " seconds"),
    ],
    ids=["year", "zone", "number", "short words", "long words"],
)
def test_a_wait_of_ages_is_no_wait(header, message):
    wait = retry_after({"retry-after": header}, message, 1_800_000_000_000_000)

    assert wait is None or wait <= LONGEST_WAIT_S


def test_digits_without_end_are_no_duration():
    assert duration("1" * 200_000) is None


@pytest.mark.parametrize("error", ["x" * 50_000, {"message": "x" * 50_000, "code": "y" * 50_000}])
def test_no_more_of_an_error_is_searched_than_a_person_would_read(error):
    problem = problem_of(json.dumps({"error": error}))

    assert problem.message == "x" * 8_000
    assert len(problem.words) < 16_100


@pytest.mark.fault(32)
@given(st.data())
def test_any_count_of_tokens_leaves_buckets_that_hold_together(data):
    seed = data.draw(st.sampled_from(OURS["usage"]))
    path = data.draw(st.sampled_from(list(parts_of(seed))))

    run_usage(written(put(seed, path, data.draw(JSON))), None)


@pytest.mark.fault(32)
@pytest.mark.parametrize("name", ["prompt_tokens", "total_tokens", "cost_in_usd_ticks"])
@pytest.mark.parametrize(
    "value", [10**400, -(10**400), 10**4299], ids=["huge", "negative", "digits"]
)
def test_a_count_of_more_digits_than_a_float_has_is_none(name, value):
    run_usage(written({**OURS["usage"][0], name: value}), None)


@given(st.data())
def test_any_list_of_models_is_a_list_or_none(data):
    seed = data.draw(st.sampled_from(OURS["lists"]))
    path = data.draw(st.sampled_from(list(parts_of(seed))))

    run_lists(written(put(seed, path, data.draw(JSON))), None)


@pytest.mark.fault(34)
@given(st.text(max_size=9), st.lists(st.binary(max_size=60)), st.integers(0, 200))
def test_any_compression_stays_within_its_limit(encoding, pieces, limit):
    for name in (encoding, "gzip", "deflate", ""):
        got = 0
        with suppress(BodyError):
            decoder = BodyDecoder(name, limit)
            for piece in pieces:
                got += len(decoder.feed(piece))
        assert got <= limit
