from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from hub.exports.markdown import to_markdown
from tests.fakes.transcripts import PAYLOADS, deliberation, hostile


def tokens_of(markdown):
    return MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown)


def headings(tokens):
    return [
        tokens[k + 1].content
        for k, t in enumerate(tokens)
        if t.type == "heading_open" and not t.level
    ]


def skeleton(tokens):
    return [(token.type, token.tag) for token in tokens if token.level == 0]


def test_the_thread_reads_from_top_to_bottom():
    found = headings(tokens_of(to_markdown(deliberation())))

    assert found == [
        "Where should notes live?",
        "Decisions",
        "Decided: SQLite, one file in WAL mode",
        "Ballots",
        "Changed minds",
        "Dissent",
        "Messages",
        "1. you · question",
        "2. proposer · draft · answers 1 (you)",
        "3. critic · draft · answers 1 (you)",
        "4. synthesist · draft · answers 1 (you)",
        "5. critic · critique · answers 2 (proposer)",
        "6. proposer · critique · answers 5 (critic)",
        "7. synthesist · critique · answers 3 (critic)",
        "8. hub · outcome · answers 1 (you)",
    ]


def test_each_message_says_model_cost_time_tokens_and_why():
    text = to_markdown(deliberation())

    assert (
        "2025-11-22 10:00:14 UTC · openai/gpt-4o · cost $0.0042 · 1.5 s · 312 + 341 tokens" in text
    )
    assert "Route: hybrid: openai/gpt-4o has the best blend of cost" in text
    assert "- Cost $0.015\n- 7,939 prompt + 1,694 completion tokens" in text


def test_the_decision_shows_options_ballots_and_the_count():
    text = to_markdown(deliberation())

    assert "| SQLite, one file in WAL mode | 2 | 67% | won |" in text
    assert "| critic (grok-3-mini) | 1 | Plain Markdown files in a folder | 72% |" in text
    assert "- 3 of 3 voted, quorum 2" in text


def test_dissent_is_quoted_word_for_word():
    text = to_markdown(deliberation())

    assert "(33%; held by critic). critic says:\n\n> Notes outlive programs.\n> A folder" in text


def test_an_unknown_cost_is_not_shown_as_zero():
    assert "Cost unknown (9 calls without a known price)" in to_markdown(hostile())


def test_an_empty_thread_has_a_page():
    empty = replace(deliberation(), messages=(), turns={}, decisions=(), usage=None)

    assert to_markdown(empty).endswith("- 0 messages, 0 turns\n\n## Messages\n")


@pytest.mark.control("S10")
def test_hostile_text_changes_nothing_of_the_structure():
    tame = deliberation()
    tame = replace(
        tame,
        messages=tuple(
            replace(m, attachments=h.attachments)
            for m, h in zip(tame.messages, hostile().messages, strict=True)
        ),
        turns={key: replace(turn, error="it failed") for key, turn in tame.turns.items()},
        decisions=tuple(replace(d, flips=()) for d in tame.decisions),
    )

    found = tokens_of(to_markdown(hostile()))

    assert skeleton(found) == skeleton(tokens_of(to_markdown(tame)))


@pytest.mark.control("S10")
def test_hostile_text_brings_no_html_image_or_control_character():
    text = to_markdown(hostile())
    tokens = tokens_of(text)
    kinds = {child.type for token in tokens for child in (token, *(token.children or ()))}

    assert kinds.isdisjoint({"html_block", "html_inline", "image", "link_open"})
    assert not {c for c in text if (ord(c) < 32 and c not in "\n\t") or c in "\u202e\u2066\x9b"}
    assert PAYLOADS[0] in text
