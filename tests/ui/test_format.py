from __future__ import annotations

import subprocess
import sys
from datetime import UTC, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.agent import ProviderKind
from hub.domain.turn import TurnState
from ui.format import (
    PROVIDERS,
    TURNS,
    VOTES,
    VoteState,
    bar,
    clock_time,
    date_time,
    duration,
    money,
    percent,
    provider_mark,
    speaks_unicode,
    tokens,
)


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (None, "?"),
        (0, "$0"),
        (1, "$0.000001"),
        (260, "$0.00026"),
        (2_100, "$0.0021"),
        (2_149, "$0.0021"),
        (42_000, "$0.042"),
        (420_000, "$0.42"),
        (425_400, "$0.425"),
        (999_999, "$1.00"),
        (3_610_000, "$3.61"),
        (1_234_567_890, "$1,234.57"),
        (-2_100, "-$0.0021"),
    ],
)
def test_money_reads_as_dollars(micro: int | None, text: str) -> None:
    assert money(micro) == text


@given(st.integers(min_value=1, max_value=10**15))
def test_no_amount_but_zero_reads_as_zero(micro: int) -> None:
    assert float(money(micro)[1:].replace(",", "")) > 0


@given(st.integers(min_value=1, max_value=10**12))
def test_money_is_right_to_one_part_in_nineteen(micro: int) -> None:
    shown = float(money(micro)[1:].replace(",", ""))

    assert shown == pytest.approx(micro / 1_000_000, rel=0.053)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "?"),
        (0, "0 ms"),
        (0.18, "180 ms"),
        (0.9996, "1.0 s"),
        (1.94, "1.9 s"),
        (9.96, "10 s"),
        (41.2, "41 s"),
        (59.7, "1 min 00 s"),
        (185, "3 min 05 s"),
        (7_500, "2 h 05 min"),
    ],
)
def test_durations_read_as_a_person_says_them(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (None, "?"),
        (0, "0"),
        (812, "812"),
        (1_234, "1.2k"),
        (9_960, "10k"),
        (34_200, "34k"),
        (999_600, "1.0M"),
        (1_234_567, "1.2M"),
        (34_000_000, "34M"),
        (1_234_000_000, "1,234M"),
    ],
)
def test_token_counts_are_short(count: int | None, text: str) -> None:
    assert tokens(count) == text


def test_unknown_shares_and_times_are_unknown() -> None:
    assert percent(None) == clock_time(None) == date_time(None) == "?"
    assert percent(0.724) == "72 %"


def test_times_are_shown_in_the_persons_zone() -> None:
    at = 1_763_805_600_000_000

    assert clock_time(at, UTC) == "10:00"
    assert date_time(at, timezone(timedelta(hours=-11))) == "2025-11-21 23:00"


def test_every_state_and_provider_has_a_glyph_and_a_word_of_its_own() -> None:
    for marks in (TURNS, VOTES):
        assert len({mark.glyph for mark in marks.values()}) == len(marks)
        assert len({mark.plain for mark in marks.values()}) == len(marks)
        assert all(mark.plain.isascii() and len(mark.glyph) == 1 for mark in marks.values())
    assert set(TURNS) == set(TurnState)
    assert set(VOTES) == set(VoteState)
    assert set(PROVIDERS) == set(ProviderKind)


@pytest.mark.parametrize(
    ("provider", "kind", "glyph"),
    [
        ("openai", None, "●"),
        ("grok", None, "■"),
        ("xai", None, "■"),
        ("local", None, "◆"),
        ("ollama", None, "▲"),
        ("work-grok", ProviderKind.GROK, "■"),
        (None, None, "★"),
    ],
)
def test_a_provider_is_told_by_its_shape(
    provider: str | None, kind: ProviderKind | None, glyph: str
) -> None:
    mark = provider_mark(provider, kind)

    assert mark.glyph == glyph
    assert mark.word == (provider or "you")
    assert mark.text(ascii_only=True).isascii()


@given(st.floats(-1, 2), st.integers(0, 60), st.booleans())
def test_a_bar_is_exactly_as_wide_as_asked(share: float, width: int, ascii_only: bool) -> None:
    drawn = bar(share, width, ascii_only=ascii_only)

    assert len(drawn) == width
    assert bool(drawn.strip()) == (share > 0 and width > 0)


def test_bars_show_eighths_of_a_cell() -> None:
    assert bar(0.5, 4) == "██  "
    assert bar(0.3, 5) == "█▌   "
    assert bar(1.0, 3) == "███"
    assert bar(0.5, 4, ascii_only=True) == "##  "


@pytest.mark.parametrize(
    ("encoding", "speaks"), [("utf-8", True), ("UTF8", True), ("ascii", False)]
)
def test_glyphs_depend_on_the_terminals_encoding(
    encoding: str, speaks: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal:
        def __init__(self) -> None:
            self.encoding = encoding

    monkeypatch.setattr(sys, "__stdout__", Terminal())

    assert speaks_unicode() is speaks


def test_formatting_needs_no_terminal_library() -> None:
    code = "import sys, ui.format; print(any(m.split('.')[0] in ('textual', 'rich', 'numpy') for m in sys.modules))"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
