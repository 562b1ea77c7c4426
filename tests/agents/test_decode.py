"""What a text from a provider may unfold to."""

from __future__ import annotations

import pytest

from agents.decode import MOST_VALUES, parse_json


@pytest.mark.fault(34)
@pytest.mark.parametrize("value", ["1", '"a"', "[]", '{"":1}'])
def test_a_text_of_too_many_values_is_no_json(value):
    found = parse_json("[" + ",".join([value] * (MOST_VALUES + 1)) + "]")

    assert found is None


def test_as_many_values_as_are_allowed_are_read():
    found = parse_json("[" + ",".join(["1"] * MOST_VALUES) + "]")

    assert isinstance(found, list)
    assert len(found) == MOST_VALUES


def test_a_long_text_is_one_value_whatever_stands_in_it():
    text = '{"a": [1, "b"]},\n' * 100_000

    found = parse_json(b'["' + text.replace("\n", "\\n").replace('"', '\\"').encode() + b'"]')

    assert found == [text]


def test_a_string_without_end_is_no_json():
    assert parse_json('"' + '\\"' * 2_000_000) is None


@pytest.mark.fault(31)
def test_bytes_that_are_no_text_and_a_byte_order_mark_leave_the_rest_readable():
    assert parse_json(b'\xef\xbb\xbf{"a": "\xff"}') == {"a": "\ufffd"}
