"""Caps: shown, set by hand, in force at once, and taken back."""

from __future__ import annotations

import pytest

ONE = ("ask", "Which drink?", "--agent", "critic", "--model", "openai/gpt-4o")


@pytest.fixture
def priced(home):
    (home / "config.toml").write_text(
        '[prices]\n"gpt-4o" = { input = 2.5, output = 10 }\n'
        "[budget]\nmonth = 20\ntime_zone = 'UTC'\n"
    )
    (home / "config.toml").chmod(0o600)


def test_budget_show_has_the_documented_shape(cli, priced):
    rows = cli("budget", "show", "--json").json

    assert [list(row) for row in rows] == [
        ["scope", "cap_usd", "spent_usd", "reserved_usd", "left_usd", "refuses", "source"]
    ] * len(rows)
    by_scope = {row["scope"].partition(":")[0]: row for row in rows}
    assert (by_scope["month"]["cap_usd"], by_scope["month"]["source"]) == (20, "config.toml")
    assert (by_scope["question"]["cap_usd"], by_scope["question"]["refuses"]) == (0.5, False)
    assert by_scope["day"]["cap_usd"] is None


def test_what_was_spent_is_taken_off_what_is_left(cli, priced):
    cli(*ONE)

    rows = {row["scope"].partition(":")[0]: row for row in cli("budget", "show", "--json").json}

    spent = (100 * 2.5 + 10 * 10) / 1e6
    assert rows["month"]["spent_usd"] == rows["day"]["spent_usd"] == spent
    assert rows["month"]["left_usd"] == 20 - spent
    assert "$20.00" in cli("budget", "show").out


@pytest.mark.parametrize("scope", ["day", "month", "question", "agent:critic", "provider:openai"])
def test_a_cap_set_by_hand_refuses_the_next_question_until_it_is_taken_back(
    cli, priced, scope, openai
):
    done = cli("budget", "set", scope, "0.001")
    refused = cli(*ONE)

    assert (done.status, done.out) == (0, "")
    assert f"{scope}" in done.err
    assert "nothing over $0.001 is sent" in done.err
    assert (refused.status, refused.out, openai.seen) == (4, "", [])
    assert "gitbridge budget set" in refused.err
    assert cli("budget", "set", scope, "none").status == 0
    assert cli(*ONE).status == 0


def test_a_thread_and_a_tag_have_caps_of_their_own(cli, priced):
    thread = cli(*ONE, "--json").json["thread"]

    assert cli("budget", "set", f"thread:{thread[:6]}", "0").status == 0
    assert cli("budget", "set", "tag:paper", "0").status == 0

    assert cli(*ONE, "--thread", thread).status == 4
    assert cli(*ONE, "--tag", "paper").status == 4
    assert cli(*ONE, "--tag", "other").status == 0


def test_taking_a_cap_back_says_what_is_in_force_then(cli, priced):
    cli("budget", "set", "month", "5")

    assert (
        "nothing over $20.00 is sent, as config.toml has it"
        in cli("budget", "set", "month", "none").err
    )
    assert (
        "default of $0.50 is in force, which only warns"
        in cli("budget", "set", "question", "none").err
    )
    assert cli("budget", "set", "day", "none").err == "day: nothing is refused.\n"


@pytest.mark.parametrize(
    "words",
    [("week", "1"), ("day", "lots"), ("day", "-1"), ("agent:nobody", "1"), ("thread:zz", "1")],
)
def test_a_budget_or_amount_that_is_none_is_one_sentence(cli, words):
    result = cli("budget", "set", *words)

    assert result.status == (1 if words[0] == "thread:zz" else 2)
    assert (result.out, result.err.count("\n")) == ("", 1)


def test_budget_alone_says_what_it_takes(cli):
    assert cli("budget").status == 2


def test_it_is_said_whose_days_they_are(cli):
    assert "Days and months are those of " in cli("budget", "show").err
    assert "Days" not in cli("budget", "show", "--json").err
