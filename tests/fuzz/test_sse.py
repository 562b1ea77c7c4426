"""The event parser takes any bytes, cut anywhere."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sse import EventParser, OversizedEventError
from tests.fuzz.replies import SSE_PIECES, events_of

BODIES = st.binary(max_size=200) | st.lists(st.sampled_from(SSE_PIECES), max_size=30).map(b"".join)
CUTS = st.lists(st.integers(0, 600), max_size=20)


def cut(body, places):
    places = sorted({min(place, len(body)) for place in places})
    return [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]


@given(BODIES, CUTS)
def test_any_bytes_give_the_same_events_however_they_are_cut(body, places):
    whole = events_of([body])

    assert whole is not None
    assert events_of(cut(body, places)) == whole
    assert events_of([body[i : i + 1] for i in range(len(body))]) == whole


@given(BODIES, CUTS, st.integers(1, 60))
def test_under_any_limit_events_are_the_same_or_too_large(body, places, limit):
    pieces = cut(body, places)

    assert events_of(pieces, limit) in (None, events_of([body]))


@given(st.lists(st.sampled_from([b"data\n", b"data: x\n", b"data:\r", b": y\n"]), min_size=40))
def test_no_event_is_larger_than_the_limit_however_many_lines_it_has(lines):
    events = events_of([line[i : i + 1] for line in lines for i in range(len(line))], limit=30)

    assert events is None or all(len(event.data) <= 30 for event in events)


def test_a_closed_parser_begins_anew():
    parser = EventParser(limit=100)
    parser.feed(b"data: a")
    parser.close()

    assert parser.close() == []
    with pytest.raises(OversizedEventError):
        parser.feed(b"x" * 101)
