import json
from dataclasses import replace

import numpy as np
import pytest

from hub.errors import UsageError
from hub.router.adaptive.decide import Option, Question, decide
from hub.router.adaptive.learned import NOTHING, routed
from hub.router.adaptive.stored import from_json, to_json
from tests.hub.router.adaptive.worlds import NAMES, World, taught

WORLD = World(cheap=(0.6, 0.9), dear=(0.9, 0.9))


def through_text(learned):
    return from_json(json.loads(json.dumps(to_json(learned), allow_nan=False)))


def test_what_was_learned_reads_back_to_the_same_bits():
    learned = taught(WORLD, 90)
    vector = WORLD.vectors(1, np.random.default_rng(5))[0]
    learned = routed(learned, vector, {"p/third": 7.0, NAMES[0]: 100.0})

    again = through_text(learned)

    assert to_json(again) == to_json(learned)
    for name in NAMES:
        assert (again.beliefs[name].weights == learned.beliefs[name].weights).all()
        assert (again.beliefs[name].covariance == learned.beliefs[name].covariance).all()
        assert (again.bills[name].weights == learned.bills[name].weights).all()
    assert (again.vectors == learned.vectors).all()


def test_a_restart_changes_no_choice():
    learned = taught(WORLD, 64)
    options = [Option(n, c) for n, c in zip(NAMES, WORLD.costs, strict=True)]

    again = through_text(learned)

    for turn, vector in enumerate(WORLD.vectors(40, np.random.default_rng(8))):
        question = Question(str(turn), vector)
        assert decide(again, question, options).gains == decide(learned, question, options).gains


def test_nothing_is_written_and_read_too():
    assert to_json(through_text(NOTHING)) == to_json(NOTHING)


def test_another_version_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match="another version; it starts anew"):
        from_json({**to_json(NOTHING), "version": 99})


@pytest.mark.parametrize(
    "broken",
    [
        {"version": 1},
        {**to_json(taught(WORLD, 2)), "vectors": [[1.0, 2.0]]},
        {**to_json(taught(WORLD, 2)), "beliefs": {"a/b": {"gram": [1.0]}}},
        {**to_json(taught(WORLD, 2)), "turns": "many"},
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(broken):
    with pytest.raises(UsageError, match="cannot be read; it starts anew"):
        from_json(broken)


def test_an_alarm_survives_a_restart():
    learned = replace(taught(WORLD, 3), alert=77, alarms=2)

    assert (through_text(learned).alert, through_text(learned).alarms) == (77, 2)
