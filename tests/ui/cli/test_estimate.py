"""What a question would cost, and the offer to raise a cap that is too small for it."""

from __future__ import annotations

import pytest

CLOSED = ("Which drink?", "--option", "tea", "--option", "coffee")


def test_an_estimate_lists_every_turn_and_sends_nothing(cli, openai, grok):
    found = cli("estimate", *CLOSED, "--rounds", "2", "--json")

    purposes = [turn["purpose"] for turn in found.json["turns"]]
    assert purposes == ["draft"] * 3 + ["critique"] * 3 + ["ballot"] * 3
    assert found.json["calls"] == 9
    assert found.json["cost_usd"] == pytest.approx(sum(t["cost_usd"] for t in found.json["turns"]))
    assert found.json["budget"] is None
    assert openai.seen + grok.seen == []
    assert cli("thread", "list", "--json").json == []


def test_it_says_what_ask_would_say(cli):
    listed, asked = cli("estimate", *CLOSED), cli("ask", *CLOSED)

    assert "TURN" in listed.out
    assert listed.err.splitlines()[-1] == asked.err.splitlines()[0]


def test_so_many_tokens_are_priced_on_every_model(cli):
    rows = {
        r["model"]: r["cost_usd"] for r in cli("estimate", "--tokens", "1000", "500", "--json").json
    }

    assert rows["openai/gpt-4o"] == (1000 * 2.5 + 500 * 10) / 1e6
    assert "openai/gpt-4o " in cli("estimate", "--tokens", "1000", "500").out


@pytest.mark.parametrize("words", [(), ("q", "--tokens", "1", "1"), ("--tokens", "1"), (" ",)])
def test_a_question_and_tokens_exclude_each_other_and_one_is_needed(cli, words):
    result = cli("estimate", *words)

    assert (result.status, result.out, result.err.count("\n")) == (2, "", 1)


def test_a_cap_that_is_too_small_is_named_before_anything_is_sent(cli):
    cli("budget", "set", "day", "0.001")

    found = cli("estimate", *CLOSED)

    assert "$0.001 is left of day:" in found.err
    assert cli("estimate", *CLOSED, "--json").json["budget"]["left_usd"] == 0.001


def test_a_person_is_offered_to_raise_it_and_the_question_then_goes_through(cli):
    cli("budget", "set", "day", "0.001")

    asked = cli("ask", *CLOSED, stdin=b"y\n", terminal=True)

    assert asked.status == 0
    assert "Raise the cap of day:" in asked.err
    (day, *_) = cli("budget", "show", "--json").json
    assert (day["scope"][:4], day["source"], day["cap_usd"] > 0.001) == ("day:", "by hand", True)


def test_a_no_leaves_the_cap_and_sends_what_it_pays_for(cli, openai, grok):
    cli("budget", "set", "day", "0")

    asked = cli("ask", *CLOSED, stdin=b"\n", terminal=True)

    assert asked.status == 4
    assert openai.seen + grok.seen == []
    assert cli("budget", "show", "--json").json[0]["cap_usd"] == 0


def test_in_a_pipe_nobody_is_asked_and_the_command_is_named(cli):
    cli("budget", "set", "day", "0")

    asked = cli("ask", *CLOSED)

    assert asked.status == 4
    assert "`gitbridge budget set day 0.0" in asked.err


def test_a_budget_of_the_question_s_own_is_raised_for_that_question_alone(cli):
    asked = cli("ask", *CLOSED, "--budget", "0.0001", stdin=b"y\n", terminal=True)

    assert asked.status == 0
    assert "Raise the cap of question:" in asked.err
    assert cli("ask", *CLOSED, "--budget", "0.0001").status == 4
