"""Heights, wrapping and Markdown, without a screen."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.widgets.transcript_growing import Growing
from ui.widgets.transcript_heights import Heights
from ui.widgets.transcript_markdown import render
from ui.widgets.transcript_text import Ink, cells, measure, wrap

WORDS = st.text(alphabet=st.sampled_from("ab 漢字é😀\n\t-*_`#>|[]()!~1."), max_size=200)


@given(st.lists(st.integers(1, 9), max_size=60), st.data())
def test_heights_agree_with_plain_sums(heights, data):
    tree = Heights(heights)
    for _ in range(min(5, len(heights))):
        row = data.draw(st.integers(0, len(heights) - 1))
        heights[row] = data.draw(st.integers(1, 9))
        tree.set(row, heights[row])

    assert [tree.offset(i) for i in range(len(heights) + 1)] == [
        sum(heights[:i]) for i in range(len(heights) + 1)
    ]
    for line in range(tree.total):
        row, within = tree.find(line)
        assert tree.offset(row) + within == line
        assert 0 <= within < heights[row]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40), st.integers(0, 40))
def test_cutting_and_appending_keeps_the_sums(heights, keep):
    tree = Heights(heights)

    tree.cut(min(keep, len(heights)))
    tree.append(3)

    assert tree.total == sum(heights[:keep]) + 3


def test_a_line_outside_is_the_nearest_one():
    tree = Heights([2, 3])

    assert tree.find(-5) == (0, 0)
    assert tree.find(99) == (1, 2)
    assert Heights().find(0) == (0, 0)


@given(WORDS, st.integers(2, 40))
def test_no_wrapped_line_is_wider_than_it_may_be(text, width):
    for line in wrap([(text.replace("\t", " "), Ink.TEXT)], width):
        assert measure(line.runs) <= width


@given(WORDS, st.integers(2, 40))
def test_wrapping_loses_nothing_but_spaces_at_breaks(text, width):
    lines = wrap([(text, Ink.TEXT)], width)

    assert "".join("".join(line.text for line in lines).split()) == "".join(text.split())


@given(WORDS, st.integers(8, 60))
def test_markdown_never_breaks_and_fits(text, width):
    for line in render(text, width):
        assert cells(line.text) <= max(width, 30)
        assert "\n" not in line.text


@given(WORDS, st.lists(st.integers(0, 200), max_size=6))
def test_text_that_grows_ends_like_text_that_is_whole_at_least_in_its_words(text, cuts):
    growing = Growing(40)

    for cut in sorted(cuts):
        growing.lines(text[:cut])
    grown = growing.lines(text)

    assert len(grown) >= len(render(text, 40)) - 1


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("# Head\n\ntext", ["Head", "", "text"]),
        ("- a\n- b\n  - c", ["• a", "• b", "  • c"]),
        ("3. c\n4. d", ["3. c", "4. d"]),
        ("> q\n>\n> r", ["│ q", "│ ", "│ r"]),
        ("a\n\n> q", ["a", "", "│ q"]),
        ("[x](https://e.org)", ["x (https://e.org)"]),
        ("<https://e.org>", ["https://e.org"]),
        ("![cat](c.png)", ["[image: cat] c.png"]),
        ("<b>no</b> &amp; *yes*", ["<b>no</b> & yes"]),
        ("a  \nb", ["a", "b"]),
        ("---", ["─" * 40]),
    ],
)
def test_markdown_is_laid_out_as_text(source, lines):
    assert [line.text for line in render(source, 40)] == lines


def test_a_code_block_keeps_its_spaces_and_breaks_where_it_is_full():
    lines = render("```\nif x:\n    y = 1\n```", 20)

    assert [line.text.rstrip() for line in lines] == [" if x:", "     y = 1"]
    assert all(ink & Ink.BLOCK for line in lines for _, ink in line.runs)


def test_a_table_narrows_its_widest_column():
    lines = render("| a | text |\n|--:|---|\n| 1 | some longer words here |", 20)

    assert {cells(line.text) for line in lines} == {20}
    assert lines[1].text == "──┼─" + "─" * 16


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "a\u202eb", "&#x202e;x", "\x9b2J", "`\x1b]0;t\x07`"]
)
def test_nothing_that_steers_a_terminal_is_left(text):
    shown = "".join(line.text for line in render(text, 40))

    assert not set(shown) & {"\x1b", "\u202e", "\x9b", "\x07"}


def test_a_tower_of_accents_is_cut():
    shown = render("e" + "\u0301" * 50, 40)[0].text

    assert len(shown) == 5


@given(st.lists(st.sampled_from(["one", "two *three*", "`four`"]), min_size=1, max_size=8))
def test_a_list_that_stands_apart_and_grows_ends_like_the_whole(items):
    text = "Before.\n\n" + "\n\n".join(f"- {item}" for item in items) + "\n\nAfter."
    growing = Growing(40)
    grown = []

    for cut in range(1, len(text) + 1):
        grown = growing.lines(text[:cut])

    assert [line.text for line in grown] == [line.text for line in render(text, 40)]
