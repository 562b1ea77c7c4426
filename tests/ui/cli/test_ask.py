from __future__ import annotations

import json
from pathlib import Path

import pytest

from hub.domain.turn import Purpose
from hub.errors import AuthenticationError, SendOutcome

CLOSED = ("Which drink?", "--option", "tea", "--option", "coffee")


def fail(view):
    raise AuthenticationError(
        "openai refused the key: check OPENAI_API_KEY.",
        provider="openai",
        outcome=SendOutcome.REJECTED,
        status=401,
    )


def test_a_decision_in_a_pipe_stands_on_stdout_alone_and_the_discussion_on_stderr(cli):
    result = cli("ask", *CLOSED)

    assert result.status == 0
    assert result.out.startswith("Outcome: decided: tea\n")
    assert "I am proposer" not in result.out
    assert "I am proposer, and this is my draft." in result.err
    assert "Ballot of critic: coffee (80 % sure): It suits critic." in result.err
    assert "Dissent: critic for coffee" in result.out


def test_the_estimated_cost_is_told_before_anything_is_sent(cli, openai, grok):
    result = cli("ask", *CLOSED)

    assert result.err.startswith("Estimated: 6 calls, about $")


def test_one_agent_without_options_answers_and_stdout_holds_the_answer_alone(cli):
    result = cli("ask", "Which drink?", "--agent", "critic")

    assert (result.status, result.out) == (0, "I am critic, and this is my reply.\n")


def test_json_is_one_object_that_agrees_with_the_thread_and_the_ledger(cli):
    answer = cli("ask", *CLOSED, "--json").json
    shown = cli("thread", "show", "last", "--json").json
    used = cli("usage", "--json").json

    assert list(answer) == ["thread", "messages", "decision", "routes", "usage", "elapsed_s"]
    assert answer["thread"] == shown["thread"]["id"]
    written = {m["id"]: m for m in shown["messages"]}
    assert all(written[m["id"]]["body"] == m["body"] for m in answer["messages"])
    decision = answer["decision"]
    assert (decision["outcome"], decision["winner"]) == ("decided", "tea")
    assert {b["voter"]: b["choice"] for b in decision["ballots"]} == {
        "proposer": "tea",
        "critic": "coffee",
        "synthesist": "tea",
    }
    assert len(answer["routes"]) == 6
    assert answer["usage"]["prompt_tokens"] == sum(row["prompt_tokens"] for row in used) == 600
    assert answer["usage"]["cost_usd"] == pytest.approx(sum(row["cost_usd"] for row in used))


def test_events_are_json_lines_that_end_with_the_answer(cli):
    result = cli("ask", *CLOSED, "--events", "jsonl")

    events = [json.loads(line) for line in result.out.splitlines()]
    kinds = [event["event"] for event in events]
    assert {"turn_changed", "route_chosen", "delta", "message_posted", "ballot_cast"} <= set(kinds)
    assert kinds[-1] == "answer"
    assert events[-1]["decision"]["winner"] == "tea"
    cast = next(event for event in events if event["event"] == "ballot_cast")
    assert cast["ballot"]["choice"] in ("tea", "coffee")


def test_plain_streams_the_discussion_to_a_pipe(cli):
    result = cli("ask", *CLOSED, "--plain")

    assert "I am proposer, and this is my draft." in result.out
    assert "\nOutcome: decided: tea\n" in result.out


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("--expect", "tea"), 0, ""),
        (("--expect", " TEA "), 0, ""),
        (("--expect", "coffee"), 5, "The winner is not 'coffee'."),
        (("--expect", "milk"), 2, "--expect 'milk' is none of the options."),
        (("--require", "decided"), 0, ""),
        (("--rule", "unanimity"), 5, "No consensus"),
    ],
)
def test_what_is_expected_of_the_outcome_decides_the_exit_status(cli, words, status, sentence):
    result = cli("ask", *CLOSED, *words)

    assert result.status == status
    assert sentence in result.err


def test_an_advisory_outcome_is_a_success_unless_a_decided_one_is_required(cli):
    advised = cli("ask", *CLOSED, "--model", "openai", "--json")
    required = cli("ask", *CLOSED, "--model", "openai", "--require", "decided")

    assert (advised.status, advised.json["decision"]["outcome"]) == (0, "advisory")
    assert required.status == 5
    assert "advisory, not decided" in required.err


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("",), "The question is empty"),
        ((" \n",), "The question is empty"),
        (("q", "--agent", "nobody"), "no agent named 'nobody'"),
        (("q", "--rule", "whim"), "Argument --rule: invalid choice: 'whim'"),
        (("q", "--strategy", "luck"), "There is no strategy 'luck'"),
        (("q", "--budget", "-1"), "'-1' is no amount in US dollars"),
        (("q", "--budget", "nan"), "'nan' is no amount in US dollars"),
        (("q", "--budget", "inf"), "'inf' is no amount in US dollars"),
        (("q", "--timeout", "0"), "'0' is no number of seconds"),
        (("q", "--rounds", "0"), "'0' is no whole number"),
        (("q", "--file", "nowhere.txt"), "--file nowhere.txt: there is no such file"),
        (("q", "--option", "tea"), "give at least two different"),
        (("q", "--agent", "critic", "--expect", "tea"), "need a decision"),
        (("q", "--agent", "critic", "--rounds", "2"), "leave out --rounds"),
        (("q", "--json", "--events", "jsonl"), "give one of the two"),
        (("q", "--jsn"), "Unrecognized arguments: --jsn"),
        ((), "The following arguments are required: QUESTION"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_status_2_and_nothing_is_sent(
    cli, openai, grok, words, sentence
):
    result = cli("ask", *words)

    assert result.status == 2
    assert result.out == ""
    assert sentence in result.err.splitlines()[-1]
    assert "Traceback" not in result.err
    assert openai.seen == grok.seen == []
    assert cli("thread", "list", "--json").json == []


def test_the_question_may_come_from_stdin_and_files_go_along(cli, openai, grok):
    Path("plan.txt").write_text("Step one: \x1b[2Jboil water.", encoding="utf-8")

    result = cli(
        "ask", "-", "--agent", "critic", "--file", "plan.txt", stdin="Was nun, Zoë?".encode()
    )

    assert result.status == 0
    (view,) = openai.seen + grok.seen
    sent = "\n".join(part.text for part in view.parts)
    assert "Was nun, Zoë?" in sent
    assert "Step one: [2Jboil water." in sent


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"\xff\xfe\x00", "is no UTF-8 text"),
        (b"a\0b", "is no UTF-8 text"),
        (b"x" * 1_000_001, "is larger than 1,000,000 bytes"),
    ],
)
def test_a_file_that_is_no_text_or_too_large_is_refused(cli, data, sentence):
    Path("data.bin").write_bytes(data)

    result = cli("ask", "q", "--file", "data.bin")

    assert result.status == 2
    assert sentence in result.err


def test_a_budget_too_small_for_the_question_refuses_it(cli, openai, grok):
    result = cli("ask", *CLOSED, "--budget", "0.000001")

    assert result.status == 4
    assert openai.seen == grok.seen == []


def test_when_every_provider_fails_the_reason_is_told_and_the_question_kept(cli, openai, grok):
    openai.before_reply = grok.before_reply = fail

    result = cli("ask", *CLOSED, "--json")

    assert result.status == 1
    assert "openai refused the key" in result.err
    assert "Traceback" not in result.err
    messages = cli("thread", "show", "last", "--json").json["messages"]
    assert messages[0]["body"] == "Which drink?"


def test_a_model_may_be_named_with_its_provider_alone_or_both(cli):
    def served(model: str) -> set[str]:
        routes = cli("ask", "q", "--agent", "critic", "--json", "--model", model).json["routes"]
        return {f"{route['provider']}/{route['model']}" for route in routes}

    assert served("gpt-4o") == {"openai/gpt-4o"}
    assert served("openai/gpt-4o-mini") == {"openai/gpt-4o-mini"}
    assert {name.partition("/")[0] for name in served("xai")} == {"grok"}


def test_a_thread_is_continued_by_the_beginning_of_its_id_or_as_the_last(cli):
    first = cli("ask", "q", "--agent", "critic", "--json").json["thread"]

    second = cli("ask", "q2", "--agent", "critic", "--json", "--thread", first[:6]).json["thread"]
    third = cli("ask", "q3", "--agent", "critic", "--json", "--thread", "last").json["thread"]

    assert first == second == third


def test_an_unknown_thread_is_exit_status_1(cli):
    assert cli("ask", "q", "--thread", "ffff").status == 1


def test_drafts_become_the_options_where_none_are_given(cli, openai, grok):
    answer = cli("ask", "What now?", "--json")

    assert len(answer.json["decision"]["options"]) == 3
    assert {view.purpose for view in openai.seen + grok.seen} >= {Purpose.DRAFT, Purpose.BALLOT}
