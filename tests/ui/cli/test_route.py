"""The route commands, over a real journal."""

from __future__ import annotations

import pytest

ONE = ("ask", "Which drink?", "--agent", "critic", "--json")


@pytest.fixture
def turn(cli) -> str:
    return cli(*ONE).json["routes"][0]["turn"]


def test_explain_prints_every_candidate_with_its_figures_or_what_took_it_out(cli, turn):
    shown = cli("route", "explain", turn[:8])

    assert shown.status == 0
    for part in (
        "Turn ",
        "Weights: cost 0.40",
        "propensity 1",
        "WOULD HAVE COST",
        "Predicted: $",
        "Came of it: $",
    ):
        assert part in shown.out
    for model in (
        "openai/gpt-4o ",
        "openai/gpt-4o-mini ",
        "grok/grok-3-mini ",
        "local/smollm2-135m-instruct: ",
    ):
        assert model in shown.out


def test_explain_as_json_holds_predicted_and_actual_and_what_others_would_have_cost(cli, turn):
    found = cli("route", "explain", turn, "--json").json

    (route,) = found["routes"]
    assert (found["turn"], found["agent"], found["state"]) == (turn, "critic", "done")
    assert route["actual"]["prompt_tokens"] == 100
    assert (
        route["actual"]["cost_usd"]
        == route["would_have_cost_usd"][f"{route['provider']}/{route['model']}"]
    )
    assert route["would_have_cost_usd"]["openai/gpt-4o"] == (100 * 2.5 + 10 * 10) / 1e6
    assert route["predicted"]["cost_usd"] > 0
    assert sum(route["weights"].values()) == pytest.approx(1)
    assert 0 <= route["confidence"] <= 1
    assert route["fallback"] is False


@pytest.fixture
def learned(cli) -> str:
    """A turn that the learned policy decided, marked right since."""
    for _ in range(2):
        message = cli(*ONE).json["messages"][-1]["id"]
        cli("thread", "mark", message, "right")
    return "last"


def test_a_learned_choice_shows_what_it_went_by_and_what_was_said_of_the_answer(cli, learned):
    shown = cli("route", "explain", learned).out

    for part in (
        "Learned: from 1 mark, task reply other, lottery ",
        "a dollar is worth 0.5 of quality",
        "QUALITY",
        " ± ",
        "Marked: right",
    ):
        assert part in shown
    assert "Weights:" not in shown


def test_a_learned_choice_as_json_holds_every_figure(cli, learned):
    (route,) = cli("route", "explain", learned, "--json").json["routes"]

    assert route["learned"]["lottery"] in {c["deployment"] for c in route["candidates"]}
    assert (route["learned"]["marks"], route["learned"]["rate_usd"]) == (1, None)
    assert route["confidence"] == route["propensity"]
    assert route["mark"] == "right"
    for candidate in route["candidates"]:
        if candidate["removed"] is None:
            assert 0 < candidate["quality"] <= 1
            assert candidate["doubt"] > 0
            assert len(candidate["rates_usd_per_million"]) == 3


def test_explain_says_the_same_each_time(cli, turn):
    assert cli("route", "explain", turn).out == cli("route", "explain", turn).out


def test_a_turn_without_a_route_says_why(cli):
    cli("budget", "set", "day", "0")
    cli(*ONE)

    shown = cli("route", "explain", "last")

    assert "No route was chosen." in shown.out
    assert "budget" in shown.out


def test_history_lists_the_newest_first(cli, turn):
    second = cli(*ONE).json["routes"][0]["turn"]

    rows = cli("route", "history", "--json").json

    assert [row["turn"] for row in rows] == [second, turn]
    assert cli("route", "history", "--limit", "1", "--json").json == rows[:1]
    assert second[:8] in cli("route", "history").out.splitlines()[1]


def test_a_dry_run_sends_and_stores_nothing(cli, openai, grok):
    found = cli("route", "dry-run", "Why?", "--strategy", "cost_optimized", "--json").json

    assert (found["provider"], found["model"], found["strategy"]) == (
        "openai",
        "gpt-4o-mini",
        "cost_optimized",
    )
    assert openai.seen + grok.seen == []
    assert cli("thread", "list", "--json").json == []
    assert "Next, should it fail" in cli("route", "dry-run", "-", stdin=b"Why?").out


def test_a_dry_run_may_insist_on_a_model_and_a_cap(cli):
    assert cli("route", "dry-run", "Why?", "--model", "xai", "--json").json["provider"] == "grok"
    assert cli("route", "dry-run", "Why?", "--budget", "0").status == 4


def test_replay_prints_the_difference_and_that_quality_is_not_known(cli, turn):
    found = cli("route", "replay", "--strategy", "round_robin", "--json").json
    text = cli("route", "replay", "--strategy", "cost_optimized").out

    assert (found["turns"], found["quality"]) == (1, "too little data")
    assert found["difference_usd"] == pytest.approx(found["replayed_cost_usd"] - found["cost_usd"])
    assert "Quality: too little data" in text
    assert "0 of 1 turns would have moved" in text


def test_replay_without_any_record_says_so(cli):
    assert "nothing to replay" in cli("route", "replay").out


def test_a_strategy_is_switched_for_good(cli, home):
    done = cli("route", "strategy", "cost_optimized")

    assert (done.status, done.out) == (0, "")
    assert cli("route", "strategy", "--json").json["strategy"] == "cost_optimized"
    assert "* cost_optimized" in cli("route", "strategy").out
    assert cli(*ONE).json["routes"][0]["strategy"] == "cost_optimized"
    assert 'strategy = "cost_optimized"' in (home / "config.toml").read_text()


def test_the_environment_stands_over_it_and_is_named(cli, monkeypatch):
    monkeypatch.setenv("SMARTROUTER_STRATEGY", "round_robin")

    done = cli("route", "strategy", "cost_optimized")

    assert "SMARTROUTER_STRATEGY=round_robin" in done.err
    assert cli("route", "strategy", "--json").json == {
        "strategy": "round_robin",
        "source": "environment",
        "strategies": cli("route", "strategy", "--json").json["strategies"],
    }


def test_an_unknown_strategy_or_turn_is_one_sentence(cli):
    for words, status in (
        (("strategy", "cheapest"), 2),
        (("replay", "--strategy", "cheapest"), 2),
        (("dry-run", "q", "--strategy", "cheapest"), 2),
        (("dry-run", " "), 2),
        (("explain", "zz"), 1),
        (("history", "--limit", "0"), 2),
    ):
        result = cli("route", *words)
        assert (result.status, result.out, result.err.count("\n")) == (status, "", 1), words


def test_replay_says_how_many_marks_there_are_and_how_many_it_takes(cli, learned):
    assert cli("route", "replay", "--json").json["marks"] == 2
    assert "2 of these turns are marked, and about 30" in cli("route", "replay").out


def test_each_strategy_is_listed_with_what_it_goes_by(cli):
    listed = cli("route", "strategy").out

    assert "* adaptive                what marks and bills have taught" in listed
    assert len(listed.splitlines()) == 6
