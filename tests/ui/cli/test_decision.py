"""`gitbridge decision`: what a person does with decisions, and sees of them."""

from __future__ import annotations

import json

import pytest

from tests.ui.cli.conftest import Result

ASKED = ("ask", "Which drink?", "--option", "tea", "--option", "coffee", "--json")


@pytest.fixture
def decided(cli):
    """Return the decision on which drink: tea by two to one."""
    return cli(*ASKED).json["decision"]


def decision(cli, *words) -> Result:
    return cli("decision", *words)


def test_a_decision_is_marked_and_its_record_says_so(cli, decided):
    assert decision(cli, "mark", decided["id"][:6], "wrong", "--answer", "coffee").status == 0

    record = decision(cli, "export", decided["id"], "--format", "json").json["record"]
    assert record["marked"]["right"] is False
    assert "Right was: coffee" in decision(cli, "export", "last").out


def test_right_and_another_answer_contradict_each_other(cli, decided):
    result = decision(cli, "mark", decided["id"], "right", "--answer", "coffee")

    assert (result.status, result.out) == (2, "")
    assert "--answer" in result.err


def test_what_if_says_under_how_many_rules_the_winner_wins_and_who_was_pivotal(cli, decided):
    shown = decision(cli, "whatif", "last").out

    assert "tea wins under" in shown
    assert "of 9 rules: plurality, majority" in shown
    assert "Nothing is decided under 1 of 9 rules: unanimity" in shown

    found = decision(cli, "whatif", decided["id"], "--without", "proposer", "--json").json
    assert found["tally"]["eligible"] == 2
    assert found["winner"] is None
    under = decision(cli, "whatif", "last", "--rule", "unanimity", "--json").json
    assert (under["rule"], under["outcome"]) == ("unanimity", "no consensus")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--without", "nobody"), "had no vote here"),
        (("--rule", "borda"), "cannot be counted by borda"),
    ],
)
def test_what_if_refuses_what_cannot_be_counted(cli, decided, words, said):
    result = decision(cli, "whatif", decided["id"], *words)

    assert result.status == 2
    assert said in result.err


def test_an_export_is_verified_offline_and_one_that_was_changed_is_not(
    cli, decided, tmp_path, monkeypatch
):
    path = tmp_path / "decision.json"
    assert decision(cli, "export", decided["id"], "-o", str(path)).status == 0
    monkeypatch.setattr("ui.wiring.open_hub", None)

    assert decision(cli, "verify", str(path)).out.startswith(f"{decided['id'][:8]}  holds")

    forged = json.loads(path.read_text())
    forged["decision"]["ballots"][0]["choice"] = "coffee"
    forged["decision"]["ballots"][2]["choice"] = "coffee"
    path.write_text(json.dumps(forged))
    result = decision(cli, "verify", str(path))
    assert result.status == 1
    assert "differs in scores" in result.out
    assert "do not bear out" in result.err


def test_a_whole_transcript_is_verified_too(cli, decided, tmp_path):
    path = tmp_path / "thread.json"
    cli("export", decided["thread"], "--format", "json", "-o", str(path))

    assert decision(cli, "verify", str(path), "--json").json == [
        {"decision": decided["id"], "differs": []}
    ]


def test_a_rerun_compares_the_votes_and_takes_the_place_of_the_first(cli, decided, openai, grok):
    for agent in (openai, grok):
        agent.votes = dict.fromkeys(("proposer", "critic", "synthesist"), "coffee")
    result = decision(cli, "rerun", decided["id"], "--json")

    assert result.status == 0
    found = result.json
    assert (found["before"]["winner"], found["now"]["winner"]) == ("tea", "coffee")
    assert found["now"]["proposal"]["supersedes"] == decided["id"]
    votes = {row["voter"]: (row["before"], row["now"]) for row in found["votes"]}
    assert votes["critic"] == ("coffee", "coffee")
    assert votes["proposer"] == ("tea", "coffee")
    assert "superseded by" in decision(cli, "export", decided["id"]).out


def test_an_override_takes_the_place_of_a_decision_that_stands(cli, decided):
    words = ("--name", "Ada", "--reason", "We have no kettle.")
    result = decision(cli, "override", decided["id"], "coffee", *words)

    assert result.status == 0
    now = decision(cli, "show", "last", "--json").json
    assert (now["winner"], now["outcome"]) == ("coffee", "decided")
    assert now["tally"]["override"] == "Ada"
    assert now["proposal"]["supersedes"] == decided["id"]
    assert "Ada decided, whatever the count. The count alone: decided." in now["reason"]
    record = decision(cli, "export", "last").out
    assert "We have no kettle." in record
    assert decided["id"] in record
    assert decision(cli, "override", decided["id"], "coffee").status == 2


def test_a_decision_made_elsewhere_is_noted_with_who_why_and_when_to_look_again(cli):
    words = ("--decided", "PostgreSQL", "--option", "SQLite", "--reason", "We know it.")
    more = ("--name", "Ada", "--review", "2027-03-01")
    noted = decision(cli, "record", "Which store?", *words, *more)

    assert noted.status == 0
    found = decision(cli, "show", noted.out.strip(), "--json").json
    assert (found["outcome"], found["winner"]) == ("decided", "PostgreSQL")
    assert found["options"] == ["PostgreSQL", "SQLite"]
    assert found["proposal"]["review_at"] == "2027-03-01T00:00:00.000000Z"
    record = decision(cli, "export", "last").out
    assert "To be looked at again on 2027-03-01" in record
    assert "We know it." in record
    assert (
        decision(cli, "record", "Q?", "--decided", "x", "--reason", "y", "--review", "soon").status
        == 2
    )


def test_your_own_vote_makes_a_decision_of_advice(cli, monkeypatch):
    monkeypatch.delenv("XAI_API_KEY")
    advice = cli(*ASKED, "--rounds", "1").json["decision"]
    assert advice["outcome"] == "advisory"
    assert "your own vote" in advice["reason"]

    result = decision(cli, "vote", advice["id"], "tea", "--reason", "It is morning.")

    assert "decided: tea" in result.out
    found = decision(cli, "show", advice["id"], "--json").json
    assert found["outcome"] == "decided"
    assert [b["kind"] for b in found["ballots"]].count("human") == 1
    again = decision(cli, "vote", advice["id"], "coffee")
    assert again.status == 2
    assert "outcome stands" in again.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("wine",), "none of the options"),
        (("--veto", "--reason", "No."), "knows no block"),
        (("tea", "--veto"), "one thing"),
        (("tea", "coffee"), "names one option"),
        (("tea", "--name", "critic"), "an agent's"),
    ],
)
def test_a_vote_that_means_nothing_is_refused_and_nothing_is_opened(cli, decided, words, said):
    result = decision(cli, "vote", decided["id"], *words)

    assert result.status == 2
    assert said in result.err
    assert decision(cli, "show", decided["id"], "--json").json == decided


def test_the_record_names_what_served_each_ballot_and_what_it_was_told(cli, tmp_path):
    file = tmp_path / "menu.txt"
    file.write_text("tea 1\ncoffee 2\n")
    asked = cli(*ASKED, "--file", str(file)).json["decision"]

    record = decision(cli, "export", asked["id"], "--format", "json").json["record"]
    assert {s["voter"] for s in record["served"]} == {"proposer", "critic", "synthesist"}
    assert all(s["served_model"] and "You are" in s["persona"] for s in record["served"])
    assert record["files"][0]["sha256"] == record["served"][0]["attachments"][0]
    shown = decision(cli, "export", asked["id"]).out
    assert record["files"][0]["sha256"] in shown
    assert "| Voter | Served by |" in shown


def test_every_rule_can_be_named_on_the_command_line(cli):
    found = cli("ask", "Q?", "--option", "tea", "--option", "coffee", "--rule", "schulze", "--json")

    assert found.json["decision"]["rule"] == "schulze"
    assert [len(b["ranking"]) for b in found.json["decision"]["ballots"]] == [2, 2, 2]


@pytest.fixture
def drafted(cli, openai, grok):
    """Return the decision on an open question that three agents answered differently."""
    for agent in (openai, grok):
        agent.says = "Answer: {agent}"
    return cli("ask", "Who?", "--kind", "number", "--rounds", "1", "--json").json["decision"]


def test_options_that_are_one_are_joined_and_split_with_who_and_why(cli, drafted, tmp_path):
    assert drafted["outcome"] == "no consensus"
    who = ("--name", "Ada", "--reason", "They are twins.")
    joined = decision(cli, "join", drafted["id"][:6], "proposer", "critic", *who)

    assert joined.status == 0
    assert "They are one option now. Decision" in joined.out
    now = decision(cli, "show", "last", "--json").json
    assert (now["winner"], now["proposal"]["supersedes"]) == ("proposer", drafted["id"])
    assert [d["author"] for d in now["merged"]["proposer"]] == ["critic", "proposer"]
    (change,) = now["proposal"]["regroupings"]
    assert (change["by"], change["reason"]) == ("Ada", "They are twins.")
    shown = decision(cli, "show", "last").out
    assert "(drafts of critic, proposer)" in shown
    assert "Ada joined “proposer” and “critic” into “proposer”: They are twins." in shown
    assert "(moved)" in shown
    record = decision(cli, "export", "last").out
    assert "### Merged drafts" in record
    assert "They are twins." in record
    path = tmp_path / "d.json"
    decision(cli, "export", "last", "-o", str(path))
    assert "holds" in decision(cli, "verify", str(path)).out
    assert "As the hub had merged the drafts: no consensus" in decision(cli, "whatif", "last").out
    assert decision(cli, "whatif", "last", "--json").json["as_merged"]["winner"] is None

    split = decision(cli, "split", "last", "A", "critic", "--reason", "No twins after all.")
    assert "They are two options now. Decision" in split.out
    assert decision(cli, "show", "last", "--json").json["outcome"] == "no consensus"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("join", "last", "A", "B"), "--reason"),
        (("join", "last", "A", "--reason", "so"), "two options"),
        (("join", "last", "A", "Z", "--reason", "so"), "none of the options"),
        (("split", "last", "A", "critic", "--reason", "so"), "one draft alone"),
        (("split", "last", "A", "--reason", "so"), "DRAFT"),
    ],
)
def test_joining_and_splitting_say_in_one_sentence_what_is_wrong(cli, drafted, words, said):
    result = decision(cli, *words)

    assert (result.status, result.out) == (2, "")
    assert said in result.err
