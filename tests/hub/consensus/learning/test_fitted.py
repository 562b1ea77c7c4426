"""What is fitted to all marked decisions at once: stacked weights, Dawid-Skene, the guard."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from hub.consensus.learning.calibration import Calibration
from hub.consensus.learning.dawid_skene import one_coin, reliability
from hub.consensus.learning.guard import chances, choose, tried
from hub.consensus.learning.matrix import Matrix, matrix_of
from hub.consensus.learning.records import log_odds, record_of
from hub.consensus.learning.stacked import CATEGORY_RIDGE, RIDGE, fit, stacked, worth
from hub.consensus.tally import tally
from hub.domain.decision import Rule, Seat
from tests.fakes.calibrations import calibration, row, skilled
from tests.fakes.sources import ROOT
from tests.fakes.votes import letter, proposal, votes


def seats(n):
    return tuple(Seat(f"v{number}") for number in range(n))


def test_stacked_weights_follow_skill():
    weights = stacked(skilled([0.9, 0.7, 0.5], 400), seats(3))

    assert weights[0] > weights[1] > weights[2] >= 0


def test_two_copies_of_one_voter_share_its_weight():
    plain = skilled([0.8, 0.7, 0.7], 600)
    copied = replace(
        plain,
        rows=tuple(
            replace(r, votes=(*r.votes, replace(r.votes[0], agent="v3"))) for r in plain.rows
        ),
    )

    alone, shared = stacked(plain, seats(3)), stacked(copied, seats(4))

    assert shared[0] == pytest.approx(shared[3], abs=1e-5)
    assert shared[0] < 0.75 * alone[0]


def test_the_fit_is_the_minimum_of_what_it_says_it_minimises():
    items = matrix_of(skilled([0.8, 0.6, 0.5], 150), seats(3))
    prior = np.array([1.0, 0.5, 0.2])
    known = items.only(items.right >= 0)

    def loss(weights):
        total = 0.0
        for n in range(len(known)):
            scores = {}
            for vote, weight in zip(known.votes[n], weights, strict=True):
                scores[vote] = scores.get(vote, 0.0) + weight
            total += np.log(sum(np.exp(v) for v in scores.values())) - scores[known.right[n]]
        return total / len(known) + RIDGE / (2 * len(known)) * ((weights - prior) ** 2).sum()

    best = fit(items, prior, RIDGE)

    for seat in range(3):
        for step in (-0.01, 0.01):
            moved = best.copy()
            moved[seat] += step
            assert loss(moved) > loss(best)


def test_log_odds_are_worth_less_the_more_voters_err_alike():
    plain = matrix_of(skilled([0.8, 0.8, 0.8, 0.8], 300), seats(4))
    odds = np.full(4, log_odds(0.8, 4))

    assert worth(plain, odds) > 0.7
    assert worth(seated(plain, [0, 0, 1, 2]), odds) < 0.5
    assert worth(seated(plain, [0, 0, 0, 0]), odds) == 1, "who never differ are not told apart"
    assert worth(plain.only(plain.right == 99), odds) == 1


def seated(items, voters):
    """Return the same decisions with these voters' votes."""
    votes_ = items.votes[:, voters]
    named = (votes_ == items.right[:, None]).any(axis=1)
    right = np.where(named, items.right, -1)
    return Matrix(items.decisions, votes_, right, items.k, items.categories)


def test_log_odds_are_taken_at_the_share_that_makes_the_right_options_likeliest():
    items = matrix_of(skilled([0.8, 0.7, 0.6, 0.6], 120, seed=4), seats(4))
    items = seated(items, [0, 0, 1, 2, 3])
    odds = np.array([1.4, 1.4, 1.0, 0.5, 0.5])

    best = worth(items, odds)

    known = items.only(items.right >= 0)
    assert 0 < best < 1
    assert likelihood(known, best * odds) > likelihood(known, (best + 0.02) * odds)
    assert likelihood(known, best * odds) > likelihood(known, (best - 0.02) * odds)


def likelihood(items, weights):
    """Return the sum of ln P(right option) over the options that were voted for."""
    scores = np.einsum("m,nmk->nk", weights, items.named)
    seen = items.named.any(axis=1)
    total = np.log(np.where(seen, np.exp(scores), 0).sum(axis=1))
    return float((scores[np.arange(len(items)), items.right] - total).sum())


@pytest.mark.parametrize(("marks", "gain"), [(6, 0.5), (30, 0.5), (60, 0.25), (300, 0.05)])
def test_the_fewer_the_marks_the_more_the_leader_is_held_to(marks, gain):
    """Whoever votes alone is not told apart by the fit, and stays where the ridge holds it."""
    right = marks * 5 // 6
    of = calibration(*["a---"] * right, *["b---"] * (marks - right))
    odds = log_odds(record_of(of, Seat("v0")).accuracy(), 4)

    weights = stacked(of, seats(4))

    assert weights[0] == pytest.approx((1 + gain) * odds)
    assert weights[1:] == pytest.approx(log_odds(0.5, 4))


def test_leaders_that_marks_do_not_tell_apart_lead_together():
    weights = stacked(calibration(*["aab"] * 10, *["bba"] * 5, *["aaa"] * 15), seats(3))

    assert weights[0] == weights[1] > weights[2]


def test_a_category_has_its_own_weights_held_to_those_of_all():
    art = skilled([0.9, 0.4], 200, category="art").rows
    law = skilled([0.4, 0.9], 200, seed=1, category="law").rows
    rows = tuple(replace(r, decision=f"{r.category}{n}") for n, r in enumerate((*art, *law)))
    of = Calibration(rows, 1.0)

    assert stacked(of, seats(2), "art")[0] > stacked(of, seats(2), "art")[1]
    assert stacked(of, seats(2), "law")[0] < stacked(of, seats(2), "law")[1]
    assert stacked(of, seats(2), "new") == pytest.approx(stacked(of, seats(2)))
    assert CATEGORY_RIDGE == 40


def test_decisions_whose_right_answer_nobody_gave_teach_the_stack_nothing():
    plain = skilled([0.9, 0.6], 100)
    lost = tuple(row(1000 + n, "bc", right="z") for n in range(50))
    with_lost = matrix_of(Calibration((*plain.rows, *lost), 1.0), seats(2))
    prior = np.array([1.0, 1.0])

    assert fit(with_lost, prior, RIDGE) == pytest.approx(
        fit(matrix_of(plain, seats(2)), prior, RIDGE)
    )


def test_agreement_alone_tells_the_reliable_from_the_rest():
    of = skilled([0.9, 0.9, 0.8, 0.3], 300)
    unmarked = replace(of, rows=tuple(replace(r, right=None) for r in of.rows))

    p = reliability(unmarked, seats(4))

    assert p == pytest.approx([0.9, 0.9, 0.8, 0.3], abs=0.1)
    assert p.tolist() == reliability(of, seats(4)).tolist()


def test_what_agreement_says_is_the_likeliest_given_the_votes():
    """Every option may be right, named or not; skills are Beta(2, 2) beforehand."""
    items = matrix_of(skilled([0.9, 0.7, 0.6, 0.4], 200, seed=7), seats(4))

    def density(skill):
        total = np.log(skill * (1 - skill)).sum()
        for votes_, k in zip(items.votes, items.k, strict=True):
            wrong = (1 - skill) / (k - 1)
            total += np.log(
                sum(np.where(votes_ == option, skill, wrong).prod() for option in range(int(k)))
            )
        return total

    chance, best = one_coin(items)

    for seat in range(4):
        for step in (-0.01, 0.01):
            moved = best.copy()
            moved[seat] += step
            assert density(best) > density(moved)
    alone = (items.votes == items.votes[:, :1]).all(axis=1)
    assert (chance[alone].sum(axis=1) < 1).all()


def test_under_200_decisions_agreement_says_nothing_and_the_tally_says_so():
    of = skilled([0.9, 0.9, 0.3], 199)

    assert reliability(of, seats(3)) is None
    count = tally(proposal(3, "abcd", Rule.DAWID_SKENE), votes("aab"), of)
    assert count.notes == ("fewer than 200 decisions to learn from: all votes weigh alike",)
    assert (count.weighing.weights, count.verdict.value) == ((), "advisory")


@pytest.mark.parametrize(
    ("skills", "marks", "rule"),
    [
        ([0.9, 0.3, 0.3], 29, Rule.MAJORITY),
        ([0.95, 0.3, 0.3], 60, Rule.SINGLE),
        ([0.7, 0.7, 0.7, 0.7, 0.7], 99, Rule.STACKED),
        ([0.75, 0.7, 0.7, 0.7, 0.7], 300, Rule.STACKED),
    ],
)
def test_the_guard_trusts_what_did_best_on_what_it_was_not_fitted_on(skills, marks, rule):
    chosen, used = choose(skilled(skills, marks, seed=3), seats(len(skills)), "")

    assert (chosen, used) == (rule, marks)


@pytest.mark.parametrize(("marks", "rule"), [(99, Rule.STACKED), (100, Rule.SINGLE)])
def test_below_100_marks_one_agent_has_to_be_better_by_a_standard_error(marks, rule):
    of = skilled([0.8, 0.5, 0.5, 0.5], marks, seed=8)
    trial = tried(of, seats(4))
    lost = trial.hits[Rule.SINGLE] - trial.hits[Rule.STACKED]

    assert 0 < lost.mean() < lost.std(ddof=1) / np.sqrt(marks)
    assert choose(of, seats(4), "") == (rule, marks)


def test_one_agent_that_outweighs_all_others_is_said_to_decide_alone():
    """On what was held out it was never better than all together, for they say the same."""
    of = skilled([0.95, 0.3, 0.3], 60)
    trial = tried(of, seats(3))

    assert (trial.hits[Rule.SINGLE] == trial.hits[Rule.STACKED]).all()
    assert choose(of, seats(3), "") == (Rule.SINGLE, 60)


def test_where_marks_tell_nothing_apart_all_of_them_decide():
    assert choose(calibration(*["aaa"] * 50), seats(3), "") == (Rule.STACKED, 50)


def test_a_category_speaks_for_itself_from_100_marks_on():
    art = skilled([0.9, 0.4, 0.4], 100, category="art").rows
    law = skilled([0.5, 0.5, 0.5], 99, seed=1, category="law").rows
    of = Calibration(tuple(replace(r, decision=str(n)) for n, r in enumerate((*art, *law))), 1.0)

    assert choose(of, seats(3), "art")[1] == 100
    assert choose(of, seats(3), "law")[1] == 199


def test_the_order_of_marks_does_not_matter_while_nothing_fades():
    of = skilled([0.8, 0.6, 0.5], 120)
    turned = replace(of, rows=of.rows[::-1])

    assert choose(of, seats(3), "") == choose(turned, seats(3), "")
    assert chances(of, seats(3), Rule.STACKED) == chances(turned, seats(3), Rule.STACKED)


def test_nobody_is_judged_by_what_they_were_fitted_on():
    """One voter errs at random among 50 options: fitted and scored on the same it would shine."""
    of = skilled([0.5, 0.5], 60, seed=5)

    trial = tried(of, seats(2))

    assert 0.35 < trial.hits[Rule.STACKED].mean() < 0.65


def test_chances_rise_with_agreement_and_are_not_shown_before_30_marks():
    of = skilled([0.7] * 5, 400)

    found = chances(of, seats(5), Rule.PLURALITY)

    assert found[10] > found[6] > found[4]
    assert chances(skilled([0.7] * 5, 29), seats(5), Rule.PLURALITY) == ()


def test_auto_says_what_it_chose_and_what_plurality_said_where_one_agent_decides():
    of = proposal(3, "abcd", Rule.AUTO)
    marks = skilled([0.95, 0.3, 0.3], 60)

    count = tally(of, votes("abb"), marks)

    assert (count.rule, letter(of, count.winner)) == (Rule.SINGLE, "a")
    assert count.notes == ("auto chose single on 60 marked decisions",)
    assert "(v0); plurality said “b”" in count.reason
    assert 0 < count.chance < 1
    assert tally(of, votes("abb"), marks) == count


def test_counting_loads_no_numpy_until_something_is_fitted():
    code = (
        "import sys\n"
        "from hub.consensus.tally import tally\n"
        "from hub.domain.decision import Proposal, Option\n"
        "tally(Proposal('?', (Option('a'),), ('x',)), ())\n"
        "assert 'numpy' not in sys.modules"
    )

    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
