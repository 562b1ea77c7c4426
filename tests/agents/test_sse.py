"""The byte-level parser of server-sent events."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.sse import Event, EventParser, OversizedEventError


def parse(*pieces: bytes) -> list[Event]:
    parser = EventParser()
    events = [event for piece in pieces for event in parser.feed(piece)]
    return events + parser.close()


LINES = st.lists(
    st.sampled_from(
        [
            b"data: one",
            b"data:two",
            b'data: {"t":"caf\xc3\xa9 \xe2\x80\xa8 \x0c \xc2\x85"}',
            b"data",
            b"data: \xff\xfe",
            b"event: error",
            b": keepalive",
            b"id: 7",
            b"unknown: x",
            b"",
            b"",
        ]
    ),
    max_size=14,
)
ENDS = st.lists(st.sampled_from([b"\n", b"\r", b"\r\n"]), min_size=14, max_size=14)


@pytest.mark.fault(30)
@given(LINES, ENDS, st.booleans(), st.booleans(), st.lists(st.integers(0, 400), max_size=30))
def test_a_body_means_the_same_however_it_is_cut(lines, ends, bom, blank_end, cuts):
    body = b"".join(line + end for line, end in zip(lines, ends, strict=False))
    body = (b"\xef\xbb\xbf" if bom else b"") + (body if blank_end else body.rstrip(b"\r\n"))
    places = sorted({min(cut, len(body)) for cut in cuts})
    pieces = [body[a:b] for a, b in zip([0, *places], [*places, len(body)], strict=True)]

    assert parse(*pieces) == parse(body) == parse(*(body[i : i + 1] for i in range(len(body))))


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_every_line_end_of_the_specification_ends_a_line(end):
    body = end.join([b"event: x", b"data: a", b"data: b", b"", b"data: c", b"", b""])

    assert parse(body) == [Event("a\nb", "x"), Event("c")]


def test_separators_inside_json_are_no_line_ends():
    text = '{"t":"a\u2028b\u2029c\x85d\x0ce"}'

    assert parse(f"data: {text}\n\n".encode()) == [Event(text)]


def test_a_last_event_without_its_blank_line_counts():
    assert parse(b"data: a\n\ndata: b") == [Event("a"), Event("b")]


def test_a_byte_order_mark_does_not_hide_the_first_event():
    assert parse(b"\xef", b"\xbb\xbfdata: a\n\n") == [Event("a")]


def test_comments_and_empty_events_are_no_events():
    assert parse(b": ping\n\ndata:\n\nevent: x\n\ndata: a\n\n") == [Event("a")]


def test_an_event_of_a_hundred_kilobytes_is_taken_byte_by_byte():
    body = b"data: " + b"x" * 100_000 + b"\n\n"

    assert parse(*(body[i : i + 1] for i in range(len(body)))) == [Event("x" * 100_000)]


def test_an_event_without_end_is_stopped():
    parser = EventParser(limit=1_000)

    for _ in range(100):
        parser.feed(b"data: 12345\n")

    with pytest.raises(OversizedEventError, match="1000 bytes"):
        parser.feed(b"data: " + b"x" * 600)
