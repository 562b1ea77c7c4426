import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hub.domain.text import sanitize
from hub.exports.quote import fenced, inline, quoted
from tests.fakes.transcripts import PAYLOADS

pytestmark = pytest.mark.control("S10")

NASTY = st.text(
    st.one_of(st.sampled_from("`~<>[]()!#*_|\\-+=:&$/\"' \t\n\r0123.abc"), st.characters()),
    max_size=80,
)


def rendered(markdown):
    found = {}
    reader = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return reader.parse(markdown, found), found


def kinds(tokens):
    return {child.type for token in tokens for child in (token, *(token.children or ()))}


def top(tokens):
    return [token.type for token in tokens if token.level == 0]


@given(NASTY)
@example("```\n# open fence")
@example("\n".join(PAYLOADS))
@example("> [a]: https://x\n\n[a]")
@example("- x\n\n      code\n1. y")
def test_a_quoted_text_is_one_quotation_without_html_images_or_definitions(text):
    tokens, found = rendered(f"before\n\n{quoted(text)}\n\n# after")

    assert top(tokens) == [
        "paragraph_open", "paragraph_close",
        "blockquote_open", "blockquote_close",
        "heading_open", "heading_close",
    ]  # fmt: skip
    assert kinds(tokens).isdisjoint({"html_block", "html_inline", "image"})
    assert not found.get("references")


@given(NASTY)
def test_a_quoted_text_is_there_word_for_word(text):
    lines = [line[2:] for line in quoted(text).split("\n")]

    assert sanitize(text).strip("\n") in "\n".join(lines)


@given(NASTY)
@example("````` `` ```")
def test_a_fence_holds_whatever_is_in_it(text):
    tokens, _ = rendered(f"{fenced(text)}\n\nafter")

    assert top(tokens) == ["fence", "paragraph_open", "paragraph_close"]
    assert tokens[0].content == sanitize(text) + "\n"


@given(NASTY)
@example("1. item")
@example("- item")
@example("=== rule")
@example("a | b <b>c</b> `x` ![y](z)")
def test_an_inline_text_is_a_paragraph_of_plain_text(text):
    line = inline(text)
    tokens, found = rendered(f"{line}\n\nafter")

    assert "\n" not in line
    assert set(top(tokens)) == {"paragraph_open", "paragraph_close"}
    assert kinds(tokens) <= {
        "paragraph_open", "paragraph_close", "inline", "text", "text_special",
    }  # fmt: skip
    assert not found.get("references")


@given(NASTY)
def test_a_cell_keeps_its_table_together(text):
    table = f"| a | b |\n| --- | --- |\n| {inline(text)} | end |"
    tokens, _ = rendered(table)

    cells = [tokens[k + 1].content for k, t in enumerate(tokens) if t.type == "td_open"]
    assert len(cells) == 2
    assert cells[1] == "end"


def test_ordinary_prose_keeps_its_markdown():
    assert quoted("**bold** and <https://example.org>\n\n- a\n- b") == (
        "> **bold** and <https://example.org>\n>\n> - a\n> - b"
    )


def test_prices_and_comparisons_are_ordinary_prose():
    assert quoted("a < b costs $5 & $6") == "> a < b costs $5 & $6"


@pytest.mark.parametrize(
    "text",
    [
        "<b>x</b>",
        "![p](https://evil.example/p.png)",
        "[x](javascript:alert(1))",
        "[x]: https://evil.example",
        "x[^1]",
        "line\u2028line",
        "x" * 200_001,
        "",
    ],
)
def test_anything_else_goes_into_a_fence(text):
    assert quoted(text).startswith("> ```text\n")
