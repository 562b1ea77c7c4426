import numpy as np
import pytest

from hub.router.adaptive.belief import KEPT, believed
from hub.router.features import DIMENSION, PROJECTED


def prompts(count, seed=0):
    vectors = np.random.default_rng(seed).normal(0.0, 1.0, (count, DIMENSION))
    vectors[:, 0] = 1.0
    return vectors


def test_before_the_first_mark_the_prior_is_expected_of_everything():
    belief = believed(0.62)

    assert belief.expected(prompts(1) * np.eye(1, DIMENSION)) == pytest.approx([0.62])
    assert belief.mean == 0.62


def test_marks_give_the_ridge_regression_that_the_formula_says():
    vectors, qualities = prompts(80), np.random.default_rng(1).random(80)
    belief = believed(0.7)
    for vector, quality in zip(vectors, qualities, strict=True):
        belief = belief.marked(vector, float(quality))

    weights = KEPT ** np.arange(80)[::-1]
    precision = np.full(DIMENSION, 50.0)
    precision[1 : 1 + PROJECTED] = 1_000.0
    precision[0] = 4.0
    gram = np.diag(precision) + (vectors.T * weights) @ vectors
    moment = (vectors.T * weights) @ qualities + 4.0 * 0.7 * np.eye(DIMENSION)[0]
    assert belief.weights == pytest.approx(np.linalg.solve(gram, moment))


@pytest.mark.parametrize("was", [(0.0, 0.3), (0.0, 1.0), (1.0, 1.0)])
def test_a_mark_that_replaces_one_leaves_what_it_alone_would_have_taught(was):
    vector, *others = prompts(20)
    believed_first, alone = believed(0.7).marked(vector, *was), believed(0.7).marked(vector, 1.0)
    for other in others:
        believed_first, alone = believed_first.marked(other, 0.5), alone.marked(other, 0.5)

    corrected = believed_first.corrected(vector, 1.0, 1.0, was)

    assert corrected.weights == pytest.approx(alone.weights, abs=1e-3)
    assert (corrected.marks, corrected.mean) == (alone.marks, pytest.approx(alone.mean))
    assert np.linalg.eigvalsh(corrected.covariance).min() > 0


def test_many_marks_at_once_are_believed_as_one_by_one():
    vectors, qualities = prompts(75), np.random.default_rng(2).random(75).tolist()
    one_by_one = believed(0.7)
    for vector, quality in zip(vectors, qualities, strict=True):
        one_by_one = one_by_one.marked(vector, quality, 0.5)

    together = believed(0.7).taught(vectors, qualities, 0.5)

    assert together.weights == pytest.approx(one_by_one.weights)
    assert (together.marks, together.mean) == (75, pytest.approx(one_by_one.mean))


def test_doubt_shrinks_with_every_mark_and_is_the_same_for_one_and_for_many():
    vectors = prompts(60)
    before = believed(0.7)
    after = before.taught(vectors, [1.0, 0.0] * 30)

    assert after.doubt_of(vectors[0]) / after.variance**0.5 < (
        before.doubt_of(vectors[0]) / before.variance**0.5
    )
    assert after.doubt(vectors)[7] == pytest.approx(after.doubt_of(vectors[7]))


def test_a_lighter_mark_moves_a_belief_less():
    vector = prompts(1)[0]

    moved = [
        float(believed(0.5).marked(vector, 1.0, w).expected(vector[None])[0]) for w in (1, 0.3)
    ]

    assert moved[0] > moved[1] > 0.5


def test_a_shaken_belief_keeps_a_trace_and_learns_quickly_anew():
    vectors = prompts(400)
    sure = believed(0.7).taught(vectors, [0.9] * 400)
    shaken = sure.shaken()

    again = [b.taught(vectors[:40], [0.2] * 40).mean for b in (sure, shaken)]

    assert shaken.gram == pytest.approx(sure.gram * 0.03)
    assert again[1] < again[0] - 0.3


def test_a_belief_takes_the_same_room_after_ten_marks_and_after_three_thousand():
    def size(belief):
        arrays = (belief.gram, belief.moment, belief.weights, belief.covariance)
        return sum(a.nbytes for a in arrays)

    vectors = prompts(3_000)

    few, many = (believed(0.7).taught(vectors[:n], [1.0] * n) for n in (10, 3_000))

    assert size(few) == size(many)
    assert many.marks == 2_000


def test_the_untried_has_the_benefit_of_the_doubt_and_the_known_hardly_any():
    few, many = (believed(0.7).taught(prompts(n), [0.7] * n) for n in (1, 1_000))

    assert few.hope - few.mean > 5 * (many.hope - many.mean) > 0
