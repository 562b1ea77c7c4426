import json

import numpy as np
import pytest

from hub.router.adaptive.belief import UNKNOWN_QUALITY
from hub.router.adaptive.learned import NOTHING, WINDOW, marked, routed, worth_of
from hub.router.adaptive.learned import taught as stored
from hub.router.adaptive.stored import to_json
from tests.hub.router.adaptive.worlds import NAMES, World, taught

WORLD = World(cheap=(0.6, 0.9), dear=(0.9, 0.9))


def test_nothing_grows_with_history():
    def room(learned):
        arrays = [learned.vectors, *learned.expected.values()]
        for belief in learned.beliefs.values():
            arrays += [belief.gram, belief.moment, belief.weights, belief.covariance]
        for bill in learned.bills.values():
            arrays += [bill.gram, bill.moment, bill.weights]
        return sum(a.nbytes for a in arrays), len(learned.tasks)

    once = taught(WORLD, WINDOW + 50)
    thrice = taught(WORLD, 2 * WINDOW, seed=3, learned=once)

    assert room(once) == room(thrice)
    assert len(json.dumps(to_json(thrice))) < 1.1 * len(json.dumps(to_json(once)))


def test_the_window_holds_the_newest_prompts():
    vectors = WORLD.vectors(WINDOW + 10, np.random.default_rng(0))
    learned = NOTHING
    for vector in vectors:
        learned = routed(learned, vector, {"a/b": 5.0})

    assert learned.vectors.tolist() == vectors[10:].tolist()
    assert learned.turns == WINDOW + 10


def test_a_deployment_that_comes_later_is_priced_on_earlier_prompts_by_what_is_known():
    vectors = WORLD.vectors(20, np.random.default_rng(0))
    learned = NOTHING
    for vector in vectors[:10]:
        learned = routed(learned, vector, {"a/old": 5.0})
    for vector in vectors[10:]:
        learned = routed(learned, vector, {"a/new": 50.0, "a/old": 5.0})

    found = worth_of(learned, ("a/new", "a/old"))

    assert np.isfinite(found.spent).all()
    assert len(found.spent) == len(found.corners)


def test_one_without_marks_is_expected_to_be_as_good_as_the_others_on_average():
    learned = stored(NOTHING, "a/known", WORLD.vectors(50, np.random.default_rng(0)), [0.4] * 50, 1)

    known, unknown = learned.beliefs_on(("a/known", "a/unknown"))

    assert unknown.mean == pytest.approx(known.mean)
    assert NOTHING.beliefs_on(("a/unknown",))[0].mean == UNKNOWN_QUALITY


def test_a_published_prior_comes_before_the_others_average():
    (belief,) = NOTHING.beliefs_on(("openai/gpt-4o-mini",))

    assert belief.mean == 0.632


def test_a_mark_starts_from_a_prior_only_where_that_covers_the_others_too():
    vector = WORLD.vectors(1, np.random.default_rng(0))[0]
    alone = marked(NOTHING, "openai/gpt-4o-mini", vector, 1.0)
    beside = routed(NOTHING, vector, {"openai/gpt-4o-mini": 5.0, "ollama/my-own": 5.0})
    beside = marked(beside, "openai/gpt-4o-mini", vector, 1.0)

    assert alone.beliefs["openai/gpt-4o-mini"].prior == 0.632
    assert beside.beliefs["openai/gpt-4o-mini"].prior == UNKNOWN_QUALITY


def test_stored_marks_count_as_much_as_their_weight_and_leave_drift_calm():
    vectors = WORLD.vectors(60, np.random.default_rng(0))
    heavy = stored(NOTHING, NAMES[0], vectors, [1.0] * 60, 1.0)
    light = stored(NOTHING, NAMES[0], vectors, [1.0] * 60, 0.5)

    assert light.beliefs[NAMES[0]].gram == pytest.approx(heavy.beliefs[NAMES[0]].gram / 2)
    assert (light.beliefs[NAMES[0]].drift.up, light.alarms) == (0.0, 0)


def test_what_was_known_before_is_left_as_it_was():
    before = taught(WORLD, 5)
    written = json.dumps(to_json(before))

    marked(before, NAMES[0], WORLD.vectors(1, np.random.default_rng(9))[0], 1.0)

    assert json.dumps(to_json(before)) == written


def test_sets_of_deployments_that_take_turns_keep_what_money_is_worth_between_them():
    learned = taught(WORLD, 70)
    both, one = tuple(sorted(NAMES)), (NAMES[0],)
    vectors = WORLD.vectors(40, np.random.default_rng(1))

    for number, vector in enumerate(vectors):
        learned = routed(learned, vector, dict.fromkeys(one if number % 2 else both, 90.0))
        assert all(learned.turns - worth.turn <= 9 for worth in learned.worths.values())

    assert set(learned.worths) == {both, one}


def test_what_a_reserve_was_ranked_by_is_kept_too_and_no_more_than_eight_sets_are():
    learned = taught(WORLD, 70)
    for number, vector in enumerate(WORLD.vectors(20, np.random.default_rng(1))):
        learned = routed(learned, vector, {f"a/{number}": 90.0}, (f"b/{number}",))

    assert list(learned.worths)[-2:] == [("a/19",), ("b/19",)]
    assert len(learned.worths) == 8


def test_before_anything_was_seen_money_has_no_worth():
    assert worth_of(NOTHING, ("a/b",)) is None
    assert worth_of(taught(WORLD, 3), ()) is None
