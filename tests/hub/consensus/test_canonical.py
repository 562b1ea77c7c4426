from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.canonical import canonical, options_of
from hub.domain.decision import AnswerKind

CHOICE, NUMBER, LITERAL = AnswerKind.CHOICE, AnswerKind.NUMBER, AnswerKind.LITERAL


def test_texts_that_differ_in_case_and_space_are_one_option():
    options = options_of(
        [("Use SQLite.", "ann"), ("  use\n sqlite. ", "bob"), ("Use files.", "cy")]
    )

    assert [option.authors for option in options] == [("ann", "bob"), ("cy",)]


def test_full_width_letters_are_the_same_letters():
    assert canonical("ＡＢＣ　１") == canonical("abc 1")


def test_an_empty_draft_is_no_option():
    assert options_of([(" \n ", "ann"), ("\x1b", "bob")]) == ()


def test_an_option_keeps_its_lines():
    (option,) = options_of([("1. one\n2. two\n", "ann")])

    assert option.text == "1. one\n2. two"


def test_what_could_steer_a_terminal_is_gone():
    (option,) = options_of([("go\x1b]52;c;eA==\x07", "ann")])

    assert "\x1b" not in option.text


@given(st.lists(st.tuples(st.text(max_size=6), st.sampled_from("abc")), max_size=6), st.randoms())
def test_the_ids_do_not_depend_on_the_order_of_the_drafts(drafts, random):
    shuffled = random.sample(drafts, len(drafts))

    first, second = options_of(drafts), options_of(shuffled)

    assert {(o.id, o.authors) for o in first} == {(o.id, o.authors) for o in second}


@pytest.mark.parametrize(
    ("kind", "alike"),
    [
        (CHOICE, ["B", "b", "(B)", "B.", " b) "]),
        (NUMBER, ["0.5", "1/2", ".5", "0.5000001", "$0.50", "5e-1"]),
        (NUMBER, ["1,200", "1200", "1200.0", "1.2e3"]),
        (LITERAL, ["[(1, 'a')]", '[(1,"a")]', " [ (1, 'a') ] "]),
    ],
)
def test_what_means_the_same_is_compared_as_the_same(kind, alike):
    assert len({canonical(text, kind) for text in alike}) == 1
    assert len(options_of([(text, "") for text in alike], kind)) == 1


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (CHOICE, "A", "B"),
        (CHOICE, "A", "A because of B"),
        (NUMBER, "0.5", "0.50001"),
        (NUMBER, "1/0", "0"),
        (NUMBER, "1/3", "twelve"),
        (LITERAL, "'Ab'", "'ab'"),
        (LITERAL, "'a  b'", "'a b'"),
        (LITERAL, "(1, 2)", "[1, 2]"),
        (LITERAL, "open('x')", "1"),
    ],
)
def test_what_means_another_thing_is_another_option(kind, one, other):
    assert canonical(one, kind) != canonical(other, kind)
    options = options_of([(one, "ann"), (other, "bob")], kind)
    assert len({option.id for option in options}) == 2


@pytest.mark.parametrize("text", ["(" * 5_000, "9" * 100_000, "1e999", "[" + "1," * 9_000, "nan"])
@pytest.mark.parametrize("kind", list(AnswerKind))
def test_what_cannot_be_read_is_compared_as_text(text, kind):
    assert canonical(text, kind)


DRAFTS = [("Use SQLite", "ann"), ("Take sqlite3", "bob"), ("Plain files", "cy"), ("A lake", "di")]


def test_drafts_are_merged_by_meaning_where_all_four_judgements_put_them_together():
    both = [[0, 1], [2], [3]]
    options = options_of(DRAFTS, judgements=[both, [[1, 0], [2, 3]], both, [[0, 1, 3], [2]]])

    assert [option.authors for option in options] == [("ann", "bob"), ("cy",), ("di",)]


@pytest.mark.parametrize(
    "judgements",
    [
        [[[0, 1]]] * 3,
        [[[0, 1]], [[0, 1]], [[0, 1]], [[0], [1]]],
        [[[0, 9]]] * 4,
    ],
)
def test_one_judge_that_is_missing_or_differs_leaves_them_apart(judgements):
    assert len(options_of(DRAFTS, judgements=judgements)) == 4
