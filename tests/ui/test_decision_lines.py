"""A decision as plain lines."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.decision import Option
from tests.fakes import story
from tests.fakes.transcripts import decision
from ui.decision_lines import decision_lines, outcome_line

LONG = "Keep notes beside the code.\n\n" + "They are reviewed with it. " * 40


def _open():
    given = decision()
    options = (Option(LONG, ("critic",)), *given.proposal.options)
    tally = replace(given.tally, winner=options[0].id)
    return replace(given, proposal=replace(given.proposal, open=True, options=options), tally=tally)


def test_the_winner_of_an_open_question_is_shown_in_full():
    shown = "\n".join(decision_lines(_open()))

    for line in LONG.splitlines():
        assert f"  {line}" in shown


def test_the_outcome_itself_stays_on_one_line():
    assert len(outcome_line(_open())) < 100


def test_the_winner_among_given_options_is_named_once():
    lines = decision_lines(decision())

    assert lines[0].startswith("Outcome: ")
    assert lines[1] != ""


def test_a_count_is_no_outcome_while_the_vote_is_open():
    cast = story.ballot("proposer", "grok for triage")
    under_way = story.decision(cast, tally=story.tally(cast))

    lines = decision_lines(under_way)

    assert lines[0] == "Outcome: still open; the count so far: decided: grok for triage"
    closed = replace(under_way, closed_at=story.START)
    assert decision_lines(closed)[0] == "Outcome: decided: grok for triage"
