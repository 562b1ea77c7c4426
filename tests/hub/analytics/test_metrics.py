"""What is said of agents and decisions, by hand-counted examples and by laws."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.analytics.graph import interactions_of
from hub.analytics.metrics import agreement_matrix, chosen, consensus, time_line, voices
from hub.analytics.scoreboard import judged_decision, newest, standings, wilson
from hub.analytics.series import BUCKETS, deployments, quantile, series, step_for, strategies
from hub.domain.decision import Ballot, Flip
from hub.domain.ids import ThreadId
from hub.domain.insight import Judged
from hub.domain.interaction import LoggedCall
from hub.domain.mark import Mark, Marked
from hub.domain.turn import CallState, Purpose
from hub.domain.usage import UsageRow
from tests.fakes.transcripts import DECISION, FILES, SQLITE, deliberation

T = deliberation()
[DECIDED] = T.decisions
GRAPH = interactions_of(T.thread.title, T.messages, T.turns, T.decisions)


def usage(cost=900, unknown=0):
    return UsageRow("d", 10, 10, 0, 0, 0, 0, cost, unknown, 3)


def call(n=1, *, at=1_000_000, deployment="openai/a", state=CallState.DONE, **more):
    facts = {
        "n": n, "tries": 1, "started_at": at - 500_000, "ended_at": at, "first_token_s": 0.1,
        "tokens": 100, "cost": 500, "error": "", "strategy": "hybrid",
    }  # fmt: skip
    return LoggedCall(
        ThreadId("t"), "a", Purpose.REPLY, deployment, deployment, state, **(facts | more)
    )


def test_who_drives_is_whom_the_others_address_and_the_person_is_no_agent():
    found = {voice.name: voice for voice in voices(GRAPH, T.decisions)}

    assert set(found) == {"proposer", "critic", "synthesist"}
    assert sum(voice.drives for voice in found.values()) == pytest.approx(1)
    # critic and synthesist answer proposer, proposer and synthesist answer critic
    assert (found["proposer"].drives, found["critic"].drives) == (0.5, 0.5)
    assert found["synthesist"].ignored == 1.0
    assert found["proposer"].ignored == 0.5


def test_flips_ballots_and_agreement_are_counted_by_voter():
    flipped = replace(DECIDED, flips=(Flip("critic", None, FILES.id, "so"),) * 2)
    found = {voice.name: voice for voice in voices(GRAPH, [flipped])}

    assert (found["critic"].flips, found["proposer"].flips) == (1, 0)
    assert found["critic"].ballots == 1
    assert (found["critic"].agreement, found["proposer"].agreement) == (0.0, 0.5)


def test_the_agreement_matrix_is_symmetric_with_one_on_its_diagonal():
    names, matrix = agreement_matrix(GRAPH)

    assert names == ("critic", "proposer", "synthesist")
    assert matrix == [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [0.0, 1.0, 1.0]]


def test_a_contested_decision_with_two_of_three_for_the_winner():
    found = consensus(T.decisions, {DECISION: usage()})

    assert (found.closed, found.accepted, found.unanimous, found.contested) == (1, 1, 0, 1)
    assert found.consensus_ratio == 1.0
    assert found.support_rate == pytest.approx(2 / 3)
    confidence = [b.confidence for b in chosen(DECIDED)]
    assert found.average_confidence == pytest.approx(sum(confidence) / 3)
    assert found.cost_per_accepted == 900
    mean = (1 + 2 / 3 + found.average_confidence) / 3
    assert found.collaboration_score == pytest.approx(100 * mean)


def test_all_alike_is_unanimous_and_one_voter_is_neither():
    alike = tuple(Ballot(name, 1, SQLITE.id) for name in "abc")
    both = [replace(DECIDED, ballots=alike), replace(DECIDED, ballots=alike[:1])]

    found = consensus(both, {})
    assert (found.unanimous, found.contested) == (1, 0)


def test_an_unknown_cost_makes_the_cost_of_a_decision_unknown():
    assert consensus(T.decisions, {DECISION: usage(unknown=1)}).cost_per_accepted is None
    assert time_line(T.decisions, {DECISION: usage(unknown=1)})[0].cost is None
    assert time_line(T.decisions, {})[0].cost is None


def test_without_decisions_nothing_is_said_of_consensus():
    nothing = consensus((), {})

    assert nothing.collaboration_score is None
    assert nothing.consensus_ratio is None
    assert nothing.cost_per_accepted is None


def test_deployments_have_share_success_and_what_repeats_saved():
    calls = [
        call(),
        call(tries=3),
        call(2, state=CallState.REJECTED, error="busy", cost=0),
        call(deployment="grok/b", cost=None),
    ]
    first, second = deployments(calls)

    assert (first.deployment, first.calls, first.share) == ("openai/a", 3, 0.75)
    assert first.success == pytest.approx(2 / 3)
    assert (first.repeats, first.saved, first.failovers) == (2, 1, 1)
    assert (first.latency_p50_s, first.last_error) == (0.5, "busy")
    assert (second.cost, second.unknown_cost_calls) == (0, 1)
    assert strategies(calls) == (("hybrid", 4),)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=30), st.integers(1, 10**11))
def test_a_series_loses_no_call(ends, step):
    calls = [call(at=at + 500_000, deployment=f"p/{at % 3}") for at in ends]

    found = series(calls, step)
    assert sum(bucket.calls for bucket in found) == len(calls)
    assert all(bucket.at % step == 0 for bucket in found)


@given(st.integers(1, 10**13))
def test_a_span_of_up_to_a_year_is_cut_into_few_buckets(span):
    assert span <= step_for(0, span) * BUCKETS * 7


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_a_quantile_is_one_of_the_values_and_grows_with_its_share(values, share):
    assert quantile(values, share) in values
    assert quantile(values, share) <= quantile(values, 1.0) == max(values)


def test_a_right_decision_says_that_the_winners_holders_were_right_and_the_others_wrong():
    judged = {one.agent: one for one in judged_decision(DECIDED, Mark(right=True), T.turns)}

    assert {name: one.right for name, one in judged.items()} == {
        "proposer": 1.0, "critic": 0.0, "synthesist": 1.0,
    }  # fmt: skip


def test_a_wrong_one_without_an_answer_speaks_of_the_winners_holders_alone():
    judged = judged_decision(DECIDED, Mark(right=False), T.turns)

    assert {one.agent: one.right for one in judged} == {"proposer": 0.0, "synthesist": 0.0}


def test_a_wrong_one_with_its_answer_says_who_knew_it():
    judged = judged_decision(DECIDED, Mark(right=False, answer=FILES.id), T.turns)

    assert {one.agent: one.right for one in judged} == {
        "proposer": 0.0, "critic": 1.0, "synthesist": 0.0,
    }  # fmt: skip


def test_the_newest_mark_counts():
    first, second = Mark(right=True), Mark(right=False)

    assert newest([Marked(2, DECISION, second, 2), Marked(1, DECISION, first, 1)]) == {
        DECISION: second
    }


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_holds_the_share_and_narrows_with_more_marks(right, wrong):
    total = right + wrong
    low, high = wilson(right, total)
    wide = wilson(right / 4, total / 4)

    assert 0 <= low <= right / total <= high <= 1
    assert high - low <= wide[1] - wide[0]


def test_wilsons_own_example_comes_out():
    low, high = wilson(8, 10)

    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)


def test_the_scoreboard_ranks_by_what_is_sure_and_prices_it():
    judged = [
        *[Judged("steady", "openai/a", 1.0, 1.0, 2_000)] * 18,
        *[Judged("steady", "openai/a", 0.0, 1.0, 2_000)] * 2,
        Judged("lucky", "grok/b", 1.0, 1.0, 1_000),
        Judged("free", "local/c", 1.0, 1.0, 0),
        Judged("dark", "x/d", 1.0, 1.0, None),
    ]
    rows = {row.name: row for row in standings(judged, lambda one: one.agent)}

    assert next(iter(rows)) == "steady"
    assert rows["steady"].per_dollar == pytest.approx(18 / 0.04)
    assert rows["steady"].per_dollar_low < 18 / 0.04 < rows["steady"].per_dollar_high
    assert rows["free"].per_dollar is None
    assert (rows["dark"].per_dollar, rows["dark"].unknown_cost) == (None, 1)
