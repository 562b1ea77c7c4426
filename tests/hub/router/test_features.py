import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.turn import Purpose
from hub.router.features import CODE, DIMENSION, MATHS, OPTIONS, PROJECTED, features


def test_the_same_text_gives_the_same_figures_on_every_machine():
    vector = features("Which is larger, 2^10 or 10^3?")

    assert vector[:5].tolist() == pytest.approx([1.0, 1.1190, -0.4283, 0.9164, 0.6309], abs=1e-4)
    assert features("Which is larger, 2^10 or 10^3?").tolist() == vector.tolist()


@given(st.text(max_size=400), st.sampled_from(list(Purpose)))
def test_any_text_gives_finite_figures_that_begin_with_one(text, purpose):
    vector = features(text, purpose)

    assert vector.shape == (DIMENSION,)
    assert np.isfinite(vector).all()
    assert vector[0] == 1.0


def test_half_a_surrogate_pair_is_text_too():
    assert np.isfinite(features("broken \ud800 text")).all()


def test_the_case_of_letters_does_not_matter_to_the_words():
    upper, lower = features("PROVE THAT X IS EVEN"), features("prove that x is even")

    assert upper[: 1 + PROJECTED].tolist() == lower[: 1 + PROJECTED].tolist()


def test_the_order_of_words_matters():
    first, second = features("dog bites man"), features("man bites dog")

    assert first[: 1 + PROJECTED].tolist() != second[: 1 + PROJECTED].tolist()


def test_projected_words_keep_their_length_on_average():
    lengths = [
        np.linalg.norm(features(f"question {n} about subject {n * 7}")[1 : 1 + PROJECTED])
        for n in range(200)
    ]

    assert np.mean(lengths) == pytest.approx(math.sqrt(PROJECTED), rel=0.1)


def test_code_options_and_formulas_are_seen():
    assert features("def f(x): return x")[CODE] > 0
    assert features("Pick one:\nA. red\nB. blue")[OPTIONS] > 0
    assert features("Show that \\frac{1}{2} < 1")[MATHS[0]] > 0
    plain = features("What is the capital of France?")
    assert all(plain[place] <= 0 for place in (CODE, OPTIONS, *MATHS))


def test_each_kind_of_turn_has_a_flag_of_its_own():
    flags = {tuple(features("", purpose)[-len(Purpose) :].tolist()) for purpose in Purpose}

    assert len(flags) == len(Purpose)


def test_what_comes_after_the_first_600_words_changes_nothing_but_the_length():
    start = "word " * 2_000

    assert features(start + "alpha")[1:25].tolist() == features(start + "omega")[1:25].tolist()
