from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.consensus.canonical import canonical, options_of


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
