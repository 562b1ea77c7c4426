"""Answers in posts: found on their own line, and never guessed."""

from __future__ import annotations

import pytest

from hub.consensus.answers import answer_in, answers, vote_in
from hub.domain.decision import AnswerKind, Option

OPTIONS = (Option("42"), Option("0.5"))


@pytest.mark.parametrize(
    ("post", "answer"),
    [
        ("Six times seven.\nAnswer: 42", "42"),
        ("**Answer:** `42`", "42"),
        ("Answer: 41\nNo, wait.\nanswer = 42.", "42"),
        ("42", "42"),
        ("I think it is 42.\nOr not.", None),
        ("Answer:\nno idea", None),
        ("I am sorry for any confusion; the answer may well be 3, or so they say.", None),
        ("", None),
        ("Answer: " + "9" * 500, None),
        ("x" * 500, None),
    ],
)
def test_an_answer_stands_on_a_line_of_its_own_or_is_all_there_is(post, answer):
    assert answer_in(post) == answer


def test_a_vote_is_for_what_has_the_same_value_and_keeps_its_reasons():
    ballot = vote_in("Half of one.\nAnswer: 1/2", "critic", 1, OPTIONS, AnswerKind.NUMBER)

    assert (ballot.choice, ballot.reason) == (OPTIONS[1].id, "Half of one.")
    assert vote_in("Answer: 7", "critic", 1, OPTIONS, AnswerKind.NUMBER) is None


def test_posts_without_an_answer_put_nothing_on_the_table():
    posts = {"b": "Answer: 1", "a": "Well,\nwho knows?", "c": "Answer: 2"}

    assert answers(posts) == [("1", "b"), ("2", "c")]
