"""What is cleaned where it enters, and what is made visible where it is shown (SECURITY S1)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.text import one_line, sanitize, title_of, visible

pytestmark = pytest.mark.control("S1")

ANY = st.text(st.characters(exclude_categories=[]))
BYTES = st.binary().map(lambda data: data.decode("latin-1"))
STEERING = {
    chr(n)
    for n in (*range(32), *range(0x7F, 0xA0), 0x61C, 0x200E, 0x200F, *range(0x202A, 0x202F),
              *range(0x2066, 0x206A), *range(0xD800, 0xE000))
} - {"\n", "\t"}  # fmt: skip


@given(ANY | BYTES)
def test_nothing_that_steers_a_terminal_is_left(text):
    assert not set(sanitize(text)) & STEERING
    assert not set(visible(text)) & STEERING


@given(ANY | BYTES)
def test_cleaning_twice_changes_nothing(text):
    assert sanitize(sanitize(text)) == sanitize(text)
    assert visible(visible(text)) == visible(text)
    assert one_line(one_line(text)) == one_line(text)


@given(ANY, ANY)
def test_a_text_is_cleaned_alike_wherever_it_is_cut(one, other):
    assert sanitize(one) + sanitize(other) == sanitize(one + other)


@given(ANY)
def test_everything_else_stays_as_it_was_written(text):
    assert sanitize(text) == "".join(c for c in text if c not in STEERING)


def test_all_control_and_bidirectional_characters_are_among_them():
    bidirectional = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    found = {
        chr(n)
        for n in range(0x110000)
        if unicodedata.category(chr(n)) in ("Cc", "Cs")
        or unicodedata.bidirectional(chr(n)) in bidirectional
    }

    assert found - {"\n", "\t"} <= STEERING


@pytest.mark.parametrize(
    "escape",
    ["\x1b]0;title\x07", "\x1b[2J", "\x9b31m", "\x1b]52;c;Zm9v\x1b\\", "\x90q\x9c", "\x1bc"],
)
def test_what_is_left_of_an_escape_string_is_plain_text(escape):
    assert sanitize(f"a{escape}b").isprintable()


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("pay\u200bpal", "pay<U+200B>pal"),
        ("a\u200b\u2060\ufeffb", "a<U+200B and 2 more>b"),
        (
            "a" + "".join(chr(0xE0000 + ord(c)) for c in "ignore all") + "b",
            "a<U+E0069 and 9 more>b",
        ),
        ("😀" + "".join(chr(0xE0100 + k) for k in range(9)), "😀<U+E0100 and 8 more>"),
        ("\u3164", "<U+3164>"),
        ("line\u2028line", "line<U+2028>line"),
        ("x\u200dy", "x<U+200D>y"),
        (" \ufe0f", " <U+FE0F>"),
        ("e" + "\u0301" * 50, "e" + "\u0301" * 4),
        ("\u0e17" + "\u0e49" * 50, "\u0e17" + "\u0e49" * 4),
    ],
)
def test_what_a_text_hides_is_named_where_it_is_shown(written, shown):
    assert visible(written) == shown


@pytest.mark.parametrize(
    "text",
    [
        "plain",
        "naïve café",
        "👩‍👩‍👧 ❤️ 👍🏽 1️⃣ ☎︎ 🏳️‍🌈",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "می‌خواهم",
        "क्‍ष",
        "葛\U000e0100城",
        "Tiếng Việt",
        "שָׁלוֹם",
    ],
)
def test_scripts_and_emoji_keep_what_they_need(text):
    assert visible(text) == text


@pytest.mark.parametrize("piece", ["a\u200b", "\u0301", "\u200b", "👩\u200d", "\u2028x"])
def test_an_endless_text_is_made_visible_in_one_pass(piece):
    assert visible(piece * 200_000)


@given(ANY)
def test_a_line_is_one_line_of_limited_length(text):
    assert len(one_line(text, 20)) <= 20
    assert len(one_line(text, 20).splitlines()) <= 1
    assert title_of(text)
