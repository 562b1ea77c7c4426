"""What the composer's text asks for."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.ask import Ask, Mode
from hub.domain.decision import Rule
from hub.errors import UsageError
from ui.commands import SLASHES, Order, completion, micro_dollars, parse

AGENTS = ("proposer", "critic", "synthesist")


def test_plain_text_is_one_message():
    assert parse("  Why is that?  ", AGENTS) == Ask("Why is that?")


def test_two_slashes_send_a_message_that_starts_with_one():
    assert parse("//etc/hosts is empty", AGENTS) == Ask("/etc/hosts is empty")


@pytest.mark.parametrize(
    ("text", "rounds", "agents", "question"),
    [
        ("/discuss Why?", 1, (), "Why?"),
        ("/discuss 3 Why?", 3, (), "Why?"),
        (
            "/discuss 2 Why, @Critic and @proposer?",
            2,
            ("critic", "proposer"),
            "Why, @Critic and @proposer?",
        ),
        ("/discuss 2 line one\nline two", 2, (), "line one\nline two"),
        ("/discuss 2001 was a good film?", 1, (), "2001 was a good film?"),
    ],
)
def test_a_discussion_has_rounds_and_may_pick_its_agents(text, rounds, agents, question):
    assert parse(text, AGENTS) == Ask(question, Mode.DISCUSS, agents=agents, rounds=rounds)


def test_a_decision_has_options_between_bars():
    wanted = parse("/decide Ship it? | yes | no, not yet ", AGENTS)

    assert wanted == Ask("Ship it?", Mode.DECIDE, options=("yes", "no, not yet"))


def test_a_decision_may_name_its_rule():
    wanted = parse("/decide --rule ranked-pairs Ship it? | yes | no", AGENTS)

    assert wanted == Ask("Ship it?", Mode.DECIDE, options=("yes", "no"), rule=Rule.RANKED_PAIRS)


def test_a_decision_without_options_votes_on_drafts():
    assert parse("/decide What next?", AGENTS) == Ask("What next?", Mode.DECIDE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no question yet"),
        ("/discuss", "question is missing"),
        ("/discuss 0 x", "1 to 20 rounds"),
        ("/discuss 99 x", "1 to 20 rounds"),
        ("/decide", "question is missing"),
        ("/decide --rule loudest Which? | a | b", "no rule loudest. Rules: auto, plurality"),
        ("/vote", "/vote A"),
        ("/veto", "needs a reason"),
        ("/option ", "option is missing"),
        ("/override A", "because REASON"),
        ("/mark perhaps", "/mark right"),
        ("/decide a | b", "One option is no choice"),
        ("/title", "title is missing"),
        ("/frobnicate", "no command /frobnicate"),
    ],
)
def test_what_cannot_be_done_says_how_it_is_done(text, says):
    with pytest.raises(UsageError, match=says):
        parse(text, AGENTS)


@pytest.mark.parametrize("slash", SLASHES, ids=lambda s: s.name)
def test_every_command_in_the_help_is_understood(slash):
    special = {
        "mark": "right",
        "override": "A because so",
        "join": "A | B because so",
        "split": "A | critic because so",
    }
    argument = special.get(slash.name, "2 what | a | b")

    assert parse(f"/{slash.name} {argument}", AGENTS)


@pytest.mark.parametrize(
    ("text", "amount"),
    [("5", 5_000_000), ("$0.50", 500_000), ("0.000001", 1), ("none", None), ("0", 0)],
)
def test_an_amount_is_dollars_or_none(text, amount):
    assert micro_dollars(text) == amount


@pytest.mark.parametrize("text", ["", "lots", "-1", "1.0000001", "1e3", "nan", "12345678"])
def test_what_is_no_amount_says_how_one_is_written(text):
    with pytest.raises(UsageError, match="/budget day"):
        micro_dollars(text)


def test_a_command_keeps_its_argument():
    assert parse("/export html", AGENTS) == Order("export", "html")


@pytest.mark.parametrize(
    ("typed", "rest"),
    [
        ("@pro", "poser "),
        ("ask @cri", "tic "),
        ("/dis", "cuss "),
        ("@", ""),
        ("/", ""),
        ("@nobody", ""),
        ("mail me@cri", ""),
        ("say /dis", ""),
    ],
)
def test_names_and_commands_are_completed_where_they_can_stand(typed, rest):
    assert completion(typed, AGENTS) == rest


@given(st.text())
def test_no_text_breaks_the_parser(text):
    completion(text, AGENTS)
    with suppress(UsageError):
        assert isinstance(parse(text, AGENTS), Ask | Order)
