import pytest

from hub.router.choose import choose
from hub.router.learning import graded, noted, paid
from tests.hub.router.builders import ALL, GPT, LOCAL, MINI, NOW, deployment, request, state

ASKED = request(text="Why does `def f(x): return x` fail?")
UNPRICED = deployment("ollama/qwen3:8b", None)


def route(seen, deployments=ALL):
    return choose(ASKED, deployments, seen, NOW)


def test_a_routed_turn_is_remembered_with_what_each_was_expected_to_cost():
    seen = state("adaptive")
    seen = noted(seen, ASKED, route(seen, (*ALL, LOCAL, UNPRICED)))

    assert seen.learned.turns == 1
    assert set(seen.learned.expected) == {d.id for d in ALL}
    assert seen.learned.expected[MINI.id].tolist() == [390.0]


def test_a_bill_is_held_against_the_listed_cost_even_once_costs_were_learned():
    seen = graded(state("adaptive"), MINI.id, ASKED.text, 1.0)
    for _ in range(200):
        seen = paid(seen, ASKED, route(seen), MINI.id, 780)

    mini = next(c for c in route(seen).candidates if c.deployment == MINI.id)
    assert mini.listed == 390
    assert mini.cost == pytest.approx(780, abs=20)


def test_a_call_of_the_chain_is_learned_from_and_one_without_a_price_is_not():
    seen = state("adaptive")
    found = route(seen, (*ALL, UNPRICED))

    assert paid(seen, ASKED, found, GPT.id, 5_000).learned.bills[GPT.id].calls == 1
    assert paid(seen, ASKED, found, UNPRICED.id, 5_000) == seen
    assert paid(seen, ASKED, found, "nobody/knows", 5_000) == seen


def test_marks_turn_hybrid_into_the_learned_policy():
    seen = graded(state("adaptive"), GPT.id, ASKED.text, 1.0)

    assert route(state("adaptive")).learning is None
    assert route(seen).learning.marks == 1
