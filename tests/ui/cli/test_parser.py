from __future__ import annotations

import argparse
import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import UsageError
from ui.cli.parser import Parser, count, seconds, usd


@pytest.mark.parametrize(
    ("text", "micro"),
    [("0.05", 50_000), ("$1", 1_000_000), ("0", 0), ("1e-6", 1), ("3.61", 3_610_000)],
)
def test_dollars_become_micro_dollars(text, micro):
    assert usd(text) == micro


@given(st.text())
def test_any_text_is_a_finite_amount_or_refused(text):
    for parse in (usd, seconds, count):
        with suppress(argparse.ArgumentTypeError):
            assert 0 <= parse(text) < math.inf


def test_options_may_not_be_shortened():
    parser = Parser(prog="gitbridge x")
    parser.add_argument("--format")

    with pytest.raises(UsageError, match="--form"):
        parser.parse_args(["--form", "png"])
