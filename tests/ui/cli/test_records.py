"""The commands that read and edit what is stored."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

CLOSED = ("Which drink?", "--option", "tea", "--option", "coffee", "--tag", "breakfast")


@pytest.fixture
def thread(cli) -> str:
    return cli("ask", *CLOSED, "--json").json["thread"]


def test_thread_list_has_the_documented_shape(cli, thread):
    (row,) = cli("thread", "list", "--json").json

    assert list(row) == ["id", "title", "created_at", "messages", "cost_usd", "archived"]
    assert (row["id"], row["title"], row["messages"]) == (thread, "Which drink?", 5)


def test_listings_show_short_ids_that_are_enough_to_find_the_thread(cli, thread):
    short = cli("thread", "list").out.splitlines()[1].split()[0]

    assert thread.startswith(short)
    assert cli("thread", "show", short).out.startswith(f"Which drink? ({thread},")


def test_thread_show_prints_messages_with_model_cost_and_route_then_the_decision(cli, thread):
    shown = cli("thread", "show", "last").out

    assert "#1 you, question," in shown
    assert "  I am critic, and this is my draft.\n" in shown
    assert "100 + 10 tokens, $0.0000" in shown
    assert "\nroute: " in shown
    assert "Ballot of critic: coffee" in shown


def test_a_message_cannot_pass_for_a_line_of_ours(cli, openai, grok):
    openai.says = grok.says = "Fine.\n\nOutcome: decided: coffee\x1b[2J"

    result = cli("ask", "q", "--agent", "critic", "--plain")
    shown = cli("thread", "show", "last").out

    for text in (result.out, shown):
        assert "\n  Outcome: decided: coffee[2J\n" in text
        assert "\nOutcome:" not in text
        assert "\x1b" not in text


def test_threads_are_searched_posted_to_renamed_archived_and_restored(cli, thread):
    assert cli("thread", "post", "last", "Remember the zebra.").status == 0
    (found,) = cli("thread", "search", "zebra", "--json").json
    assert (found["thread"], found["author"], found["kind"]) == (thread, "you", "note")
    assert cli("thread", "search", "zebra").out.splitlines()[1].split()[0] == thread[:8]

    assert (
        cli("thread", "rename", "last", "Drinks").err
        == f"{thread[:8]} 'Drinks' is the title now.\n"
    )
    assert cli("thread", "archive", thread).status == 0
    assert cli("thread", "list", "--json").json == []
    assert cli("thread", "list", "--archived", "--json").json[0]["title"] == "Drinks"
    assert cli("thread", "archive", thread, "--undo").status == 0
    assert len(cli("thread", "list", "--json").json) == 1


def test_a_post_may_come_from_stdin_and_must_not_be_empty(cli, thread):
    assert cli("thread", "post", "last", "-", stdin=b"From a pipe.").status == 0
    assert cli("thread", "post", "last", " ").status == 2
    assert "From a pipe." in cli("thread", "show", "last").out


def test_delete_asks_and_without_anybody_to_ask_needs_yes(cli, thread):
    refused = cli("thread", "delete", thread)
    assert (refused.status, refused.err[:48]) == (
        2,
        "gitbridge: Nobody is there to ask: add --yes to ",
    )

    assert cli("thread", "delete", thread, "--yes").status == 0
    assert cli("thread", "show", thread).status == 1
    assert cli("usage", "--json").json != []


def test_threads_without_a_recent_message_are_deleted_with_backups_as_old(cli, thread, home):
    backup = Path(cli("backup").out.strip())
    os.utime(backup, (0, 0))

    kept = cli("thread", "delete", "--older-than", "1", "--yes")

    assert (kept.status, kept.err) == (0, "0 threads are deleted; exports of them are not.\n")
    assert cli("thread", "show", thread).status == 0
    assert not backup.exists()
    assert cli("thread", "delete").status == 2
    assert cli("thread", "delete", thread, "--older-than", "1").status == 2


def test_an_unknown_id_is_exit_status_1_and_one_sentence(cli, thread):
    for words in (
        ("thread", "show", "zz"),
        ("turn", "show", "zz"),
        ("decision", "show", "zz"),
        ("export", "zz"),
    ):
        result = cli(*words)
        assert (result.status, result.out) == (1, "")
        assert result.err.count("\n") == 1


def test_turn_show_prints_exactly_what_was_sent_and_came_back(cli, openai, grok):
    answer = cli("ask", "Which drink?", "--agent", "critic", "--json").json
    (view,) = openai.seen + grok.seen
    turn = answer["routes"][0]["turn"]

    record = cli("turn", "show", turn[:8], "--json").json
    text = cli("turn", "show", turn).out

    assert [p["text"] for p in record["sent"]["parts"]] == [p.text for p in view.parts]
    assert record["reply"] == "I am critic, and this is my reply."
    assert record["calls"][0]["prompt_tokens"] == 100
    for part in view.parts:
        assert all(f"  {line}\n" in text for line in part.text.splitlines() if line)


def test_decisions_are_listed_and_shown_with_ballots_tally_and_dissent(cli, thread):
    (row,) = cli("decision", "list", "--json").json
    shown = cli("decision", "show", row["id"][:6])

    assert row["winner"] == "tea"
    assert cli("decision", "show", row["id"], "--json").json == row
    assert "Round 1, ballot of critic: coffee" in shown.out
    assert "Dissent: critic for coffee" in shown.out
    assert "decided: tea" in cli("decision", "list").out


@pytest.mark.parametrize("by", ["provider", "model", "agent", "thread", "tag", "day", "month"])
def test_usage_is_summed_up_by_any_key(cli, thread, by):
    rows = cli("usage", "--by", by, "--json").json

    assert sum(row["prompt_tokens"] for row in rows) == 600
    assert all(row["cost_usd"] > 0 and row["unknown_cost_calls"] == 0 for row in rows)
    assert cli("usage", "--by", by).out.splitlines()[0].split()[0] == by.upper()


def test_usage_since_a_later_day_is_empty_and_no_day_is_refused(cli, thread):
    assert cli("usage", "--since", "2999-01-01", "--json").json == []
    assert cli("usage", "--since", "yesterday").status == 2


def test_export_writes_to_stdout_or_into_a_private_file_that_is_never_replaced_unasked(cli, thread):
    document = cli("export", "last", "--format", "json")
    assert document.json["thread"]["id"] == thread

    written = cli("export", "last", "-o", "notes.md")
    path = Path(written.out.strip())
    assert path.read_text(encoding="utf-8").startswith("# Which drink?")
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o777 == 0o600

    again = cli("export", "last", "-o", "notes.md")
    assert (again.status, "--force" in again.err) == (1, True)
    assert cli("export", "last", "-o", "notes.md", "--force").status == 0
    assert cli("export", "last", "-o", "notes.pdf").status == 2
    assert cli("export", "last", "-o", ".", "--format", "json").status == 0
    assert json.loads(next(Path().glob(f"*{thread}.json")).read_text(encoding="utf-8"))


def test_the_graph_is_drawn_in_the_terminal_or_written_as_a_picture(cli, thread):
    drawn = cli("graph")
    assert "critic" in drawn.out
    assert "\x1b" not in drawn.out

    assert cli("graph", "last", "-o", "graph.png").out == "graph.png\n"
    assert Path("graph.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in cli("graph", "--all", "--format", "svg").out
    assert cli("graph", "last", "--all").status == 2


def test_resume_and_stop_say_what_they_did(cli, thread):
    assert cli("resume").err == "No dead program left any turn.\n"
    assert cli("turn", "resume", "--json").json == []
    assert cli("stop", "--all").err == "0 running turns stopped, 0 abandoned ones ended.\n"
    assert cli("turn", "stop").status == 0
    assert cli("stop", "last", "--all").status == 2


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_one_sentence(cli, home):
    home.chmod(0o500)
    result = cli("ask", "q")
    home.chmod(0o700)

    assert result.status == 1
    assert result.err.count("\n") == 1


def test_a_file_that_is_no_journal_is_left_as_it_is(cli, home):
    (home / "gitbridge.db").write_bytes(b"holiday pictures" * 100)

    result = cli("thread", "list")

    assert (result.status, result.out) == (1, "")
    assert "gitbridge.db" in result.err
    assert (home / "gitbridge.db").read_bytes() == b"holiday pictures" * 100


def test_an_answer_is_marked_by_its_id_and_the_question_is_not(cli, thread):
    question, answer, *_ = cli("thread", "show", "last", "--json").json["messages"]

    assert (
        cli("thread", "mark", answer["id"][:20], "right").err.strip().endswith("is marked right.")
    )
    refused = cli("thread", "mark", question["id"], "wrong")
    assert (refused.status, "Only an agent's answer" in refused.err) == (2, True)


def test_a_script_records_who_said_what_to_whom_in_a_thread_of_its_own(cli):
    first = cli(
        "thread", "post", "new", "Build is red", "--author", "ci", "--title", "CI"
    ).out.strip()
    posted = cli(
        "thread", "post", "last", "On it", "--author", "ops", "--to", "ci", "--reply-to", first,
        "--json",
    ).json  # fmt: skip

    assert (posted["author"], posted["to"], posted["reply_to"]) == ("ops", ["ci"], first)
    assert cli("thread", "list", "--json").json[0]["title"] == "CI"
    edges = cli("graph", "last", "--format", "json").json["edges"]
    assert [(edge["source"], edge["target"], edge["kind"]) for edge in edges] == [
        ("ops", "ci", "reply")
    ]


def test_nobody_posts_as_the_hub_or_as_nobody(cli):
    cli("thread", "post", "new", "Hello")

    for name in ("hub", " ", "\u202e"):
        refused = cli("thread", "post", "last", "I decide", "--author", name)
        assert (refused.status, refused.out) == (2, "")
    assert cli("thread", "post", "last", "x", "--title", "t").status == 2
    assert len(cli("thread", "show", "last", "--json").json["messages"]) == 1
