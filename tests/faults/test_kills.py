"""kill -9 at each step of a turn and in the middle of a vote: FAULTS, rows 1 to 7 and 47."""

from __future__ import annotations

import sys

import pytest

from tests.faults.invariants import Journal, violations
from tests.faults.program import CONFIG, MESSAGE, MODEL, Program, Provider, unexplained

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.network,
    pytest.mark.skipif(sys.platform == "win32", reason="os.kill with 9 is POSIX"),
]

FIVE = CONFIG + "".join(
    f'[agents.{name}]\nrole = "Votes"\ninstructions = "Be brief."\n'
    for name in ("ann", "bob", "cem", "dee", "eve")
)
VOTE = ("ask", "Tabs?", "--option", "tabs", "--option", "spaces", "--rounds", "1",
        "--model", f"openai/{MODEL}", "--events", "jsonl")  # fmt: skip


@pytest.fixture
async def provider():
    async with Provider() as provider:
        yield provider


@pytest.fixture
def program(home, provider):
    return Program.at(home, provider.url)


def column(program, sql):
    with Journal(program.journal) as journal:
        return journal.column(sql)


def in_order(program, provider, killed, *, charges):
    """Assert the invariants, and how many calls count as possible double charges."""
    assert violations(program.journal, killed.told) == []
    with Journal(program.journal) as journal:
        assert unexplained(journal, provider.bills) == (0, 0)
    kept = "SELECT count(DISTINCT call_id) FROM reservation WHERE state = 'unsettled'"
    assert column(program, kept) == [charges]


async def resumed(program, state="done"):
    run = await program("resume", "--json")
    assert [turn["state"] for turn in run.json] == [state]
    assert run.status == (0 if state == "done" else 1)


async def lost_once(program, provider, killed, *, asked):
    """Assert that the first call is of unknown outcome, and that it was made once more."""
    await resumed(program)

    assert provider.questions == asked
    assert column(program, "SELECT state FROM call ORDER BY n") == ["unknown", "done"]
    assert column(program, "SELECT count(*) FROM message") == [2]
    states = (
        "SELECT DISTINCT reservation.state FROM reservation JOIN call ON id = call_id WHERE n = {}"
    )
    assert column(program, states.format(1)) == ["unsettled"]
    assert column(program, states.format(2)) == ["settled"]
    in_order(program, provider, killed, charges=1)


@pytest.mark.fault(1)
async def test_killed_before_its_money_is_reserved_a_turn_is_in_line_and_runs_once(
    program, provider
):
    killed = await program.killed_at("turn.before_a", *MESSAGE)
    assert column(program, "SELECT state FROM turn") == ["queued"]
    assert violations(program.journal, killed.told, waiting=True) == []

    await resumed(program)

    assert provider.questions == 1
    assert column(program, "SELECT state FROM call") == ["done"]
    in_order(program, provider, killed, charges=0)


@pytest.mark.fault(2)
async def test_killed_before_it_is_sent_a_call_counts_as_possibly_sent(program, provider):
    killed = await program.killed_at("turn.after_a", *MESSAGE)
    assert provider.questions == 0
    assert violations(program.journal, killed.told, waiting=True) == []

    await lost_once(program, provider, killed, asked=1)


@pytest.mark.fault(3)
async def test_killed_while_it_waits_for_the_reply_a_turn_is_sent_once_more(program, provider):
    provider.silent = {("critic", "reply")}
    killed = await program.killed_when(provider.stalled(), *MESSAGE)
    provider.silent.clear()

    await lost_once(program, provider, killed, asked=2)
    told = (await program("usage")).err
    assert told.count("Possible double charge: $") == 1
    assert MODEL in told


@pytest.mark.fault(4)
async def test_killed_with_the_reply_in_hand_a_turn_is_sent_once_more(program, provider):
    killed = await program.killed_at("turn.after_reply", *MESSAGE)

    await lost_once(program, provider, killed, asked=2)


@pytest.mark.fault(5)
async def test_killed_inside_the_settling_transaction_nothing_of_it_is_there(program, provider):
    killed = await program.killed_at("settle.applied", *MESSAGE)
    assert column(program, "SELECT count(*) FROM message") == [1]
    assert column(program, "SELECT count(*) FROM ledger") == [0]
    assert column(program, "SELECT state FROM turn") == ["running"]

    await lost_once(program, provider, killed, asked=2)


@pytest.mark.fault(6)
async def test_killed_after_the_commit_the_message_is_there_and_nothing_is_sent_again(
    program, provider
):
    killed = await program.killed_at("turn.after_b", *MESSAGE)
    assert column(program, "SELECT count(*) FROM message") == [2]

    run = await program("resume", "--json")

    assert (run.status, run.json) == (0, [])
    assert provider.questions == 1
    in_order(program, provider, killed, charges=0)


@pytest.mark.fault(7)
async def test_killed_with_three_of_five_ballots_in_only_the_missing_two_are_asked_for(
    home, provider
):
    program = Program.at(home, provider.url, FIVE)
    provider.silent = {("dee", "ballot"), ("eve", "ballot")}
    run = await program.start(*VOTE)
    for _ in range(3):
        await run.until(lambda event: event["event"] == "ballot_cast")
    await provider.stalled(2)
    assert await run.kill()
    assert {voter for _, voter, _ in run.told.ballots} == {"ann", "bob", "cem"}
    provider.silent.clear()

    resumed = await program("resume", "--json")

    assert sorted(turn["agent"] for turn in resumed.json) == ["dee", "eve"]
    assert provider.asked_for("ballot") == ["ann", "bob", "cem", "dee", "dee", "eve", "eve"]
    assert column(program, "SELECT count(*) FROM ballot") == [5]
    assert column(program, "SELECT count(*) FROM message WHERE kind = 'outcome'") == [1]
    assert ": advisory: " in resumed.err
    in_order(program, provider, run, charges=2)


@pytest.mark.fault(7)
async def test_killed_between_two_rounds_a_question_is_gone_on_with(program, provider):
    names = ("proposer", "critic", "synthesist")
    provider.silent = {(name, "ballot") for name in names}
    run = await program.start(*VOTE)
    await run.until(lambda e: e["event"] == "round_started" and e["purpose"] == "ballot")
    assert await run.kill()
    provider.silent.clear()

    assert (await program("resume")).status == 0

    assert provider.asked_for("draft") == sorted(names)
    assert column(program, "SELECT count(*) FROM ballot") == [3]
    assert violations(program.journal, run.told) == []


@pytest.mark.fault(7)
async def test_stopping_what_was_killed_tallies_the_ballots_that_are_paid_for(program, provider):
    provider.silent = {("critic", "ballot")}
    run = await program.start(*VOTE)
    for _ in range(2):
        await run.until(lambda event: event["event"] == "ballot_cast")
    assert await run.kill()
    asked = provider.questions

    assert (await program("stop", "--all")).status == 0

    assert provider.questions == asked
    assert column(program, "SELECT stop_reason FROM decision WHERE closed_at > 0") == ["person"]
    assert violations(program.journal, run.told) == []


@pytest.mark.fault(47)
async def test_a_turn_that_kills_its_program_before_it_is_sent_fails_after_three_recoveries(
    program, provider
):
    killed = await program.killed_at("turn.before_a", *MESSAGE)
    for _ in range(3):
        await program.killed_at("turn.before_a", "resume")

    await resumed(program, "failed")

    assert provider.questions == 0
    assert column(program, "SELECT attempts FROM turn") == [3]
    in_order(program, provider, killed, charges=0)
    assert (await program(*MESSAGE, "--thread", "last")).status == 0


@pytest.mark.fault(47)
@pytest.mark.parametrize(("failpoint", "sent"), [("turn.after_a", 0), ("turn.after_reply", 2)])
async def test_a_turn_that_kills_its_program_after_it_may_be_sent_is_sent_again_once(
    program, provider, failpoint, sent
):
    killed = await program.killed_at(failpoint, *MESSAGE)
    await program.killed_at(failpoint, "resume")

    await resumed(program, "unknown")

    assert provider.questions == sent
    assert column(program, "SELECT state FROM call") == ["unknown", "unknown"]
    in_order(program, provider, killed, charges=2)
    assert (await program(*MESSAGE, "--thread", "last")).status == 0
