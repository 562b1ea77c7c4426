"""The invariants I1 to I4 and I7 of FAULTS.md, read by plain SQL from a closed journal.

Imports nothing of `hub`, so that a mistake there cannot hide itself. `violations` returns what is
wrong in words, each beginning with the invariant's name; an empty list is a journal in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import apsw

ENDED = ("done", "failed", "cancelled", "unknown")


@dataclass(slots=True)
class Told:
    """What a program said was done: it may not be taken back."""

    messages: list[str] = field(default_factory=list)
    """Ids, in the order they were told."""
    ballots: set[tuple[str, str, int]] = field(default_factory=set)
    """Decision, voter, round."""
    calls: set[str] = field(default_factory=set)
    """Booked ones."""
    decisions: set[str] = field(default_factory=set)
    """Closed ones."""

    def __len__(self) -> int:
        return len(self.messages) + len(self.ballots) + len(self.calls) + len(self.decisions)

    def hear(self, line: str) -> None:
        """Take in one line of `ask --events jsonl`; other output tells nothing."""
        try:
            event = json.loads(line)
        except ValueError:
            return
        if not isinstance(event, dict):
            return
        match event.get("event"):
            case "message_posted":
                self.messages.append(event["message"]["id"])
            case "ballot_cast":
                ballot = event["ballot"]
                self.ballots.add((event["decision"], ballot["voter"], ballot["round"]))
            case "usage_recorded":
                self.calls.add(event["call"])
            case "decision_closed":
                self.decisions.add(event["decision"]["id"])


class Journal:
    """A closed journal, opened for reading."""

    def __init__(self, path: Path) -> None:
        self._connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a statement."""
        return self._connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """Return the one value of the one row."""
        return self.rows(sql, *values)[0][0]

    def column(self, sql: str, *values: object) -> list[Any]:
        """Return the first value of each row."""
        return [row[0] for row in self.rows(sql, *values)]


def violations(
    path: Path, told: Told | None = None, *, refusing: Iterable[str] = (), waiting: bool = False
) -> list[str]:
    """Return what is wrong with a journal that no program has open.

    Args:
        path: The file.
        told: What programs acknowledged; None: nothing.
        refusing: Budgets, by id, whose configured cap refuses; caps set by hand always do.
        waiting: True where turns may still be in line, to be offered by `resume`.
    """
    with Journal(path) as journal:
        try:
            damage = journal.column("PRAGMA quick_check")
        except apsw.Error as error:
            damage = [str(error)]
        if damage != ["ok"]:
            return [f"I1: damage: {line}" for line in damage]
        return [
            *_lost(journal, told or Told()),
            *_misordered(journal, told or Told()),
            *_doubled(journal),
            *_money(journal, set(refusing)),
            *_calls(journal, waiting=waiting),
            *_order(journal),
            *_partitions(journal),
            *_ends(journal, waiting=waiting),
        ]


def _lost(journal: Journal, told: Told) -> Iterator[str]:
    """I1: what was acknowledged is there."""
    stored = set(journal.column("SELECT id FROM message"))
    for message in told.messages:
        if message not in stored:
            yield f"I1: message {message} was told and is lost"
    ballots = set(journal.rows("SELECT decision_id, voter, round FROM ballot"))
    for ballot in told.ballots - ballots:
        yield f"I1: the ballot {ballot} was told and is lost"
    for call in told.calls - set(journal.column("SELECT call_id FROM ledger")):
        yield f"I1: the booking of call {call} was told and is lost"
    closed = journal.column("SELECT id FROM decision WHERE closed_at IS NOT NULL")
    for decision in told.decisions - set(closed):
        yield f"I1: the outcome of decision {decision} was told and is lost"


def _misordered(journal: Journal, told: Told) -> Iterator[str]:
    """I4: messages of a thread were told in the order of their numbers."""
    places = {row[0]: row[1:] for row in journal.rows("SELECT id, thread_id, seq FROM message")}
    told_in: dict[str, list[int]] = {}
    for thread, seq in (places[message] for message in told.messages if message in places):
        told_in.setdefault(thread, []).append(seq)
    for order in told_in.values():
        if order != sorted(order):
            yield f"I4: messages were told in the order {order}"


def _doubled(journal: Journal) -> Iterator[str]:
    """I2: one message and one ballot at most for each go of an agent."""
    goes = journal.rows(
        "SELECT turn.question_id, turn.purpose, turn.agent, json_extract(turn.wanted, '$.round'),"
        " count(DISTINCT turn.id), count(message.id) FROM turn"
        " LEFT JOIN message ON message.turn_id = turn.id"
        " WHERE turn.state <> 'failed' GROUP BY 1, 2, 3, 4"  # it may be sent again
    )
    for question, purpose, agent, number, turns, messages in goes:
        if turns > 1 or messages > 1:
            yield (
                f"I2: {agent} has {turns} turns and {messages} messages for {purpose} {number} of"
                f" question {question}"
            )
    twice = journal.rows(
        "SELECT decision_id, voter, round, count(*) FROM ballot GROUP BY 1, 2, 3 HAVING count(*) > 1"
    )
    yield from (f"I2: {voter} voted {n} times in {where}" for where, voter, _, n in twice)
    outcomes = journal.rows(
        "SELECT reply_to, count(*) FROM message WHERE kind = 'outcome' GROUP BY 1 HAVING count(*) > 1"
    )
    yield from (f"I2: question {question} has {n} outcomes" for question, n in outcomes)


def _money(journal: Journal, refusing: set[str]) -> Iterator[str]:
    """I3: budgets equal the sums of what counts on them, and no refusing cap is passed."""
    sums = journal.rows(
        "SELECT id, cap, by_person, spent, reserved,"
        " (SELECT coalesce(sum(amount), 0) FROM reservation WHERE budget_id = budget.id"
        "  AND state IN ('held', 'unsettled')),"
        " (SELECT coalesce(sum(coalesce(cost, amount)), 0) FROM ledger JOIN reservation"
        "  USING (call_id) WHERE budget_id = budget.id) FROM budget"
    )
    for budget, cap, by_person, spent, reserved, held, booked in sums:
        if (spent, reserved) != (booked, held):
            yield (
                f"I3: budget {budget} says {spent} spent and {reserved} reserved, and the sums are"
                f" {booked} and {held}"
            )
        if cap is not None and (by_person or budget in refusing) and spent + reserved > max(cap, 0):
            yield f"I3: budget {budget} is at {spent + reserved}, over its cap of {cap}"


def _calls(journal: Journal, *, waiting: bool) -> Iterator[str]:
    """I3: each call is booked once, keeps its money for what may be billed, or cost nothing."""
    calls = journal.rows(
        "SELECT call.id, call.state,"
        " (SELECT count(*) FROM ledger WHERE call_id = call.id),"
        " (SELECT group_concat(DISTINCT state) FROM reservation WHERE call_id = call.id) FROM call"
    )
    right = {
        "done": {(1, "settled")},
        "unknown": {(1, "settled"), (0, "unsettled")},
        "not_sent": {(0, "released")},
        "rejected": {(0, "released")},
        "intent": {(0, "held"), (0, "unsettled")} if waiting else set(),
    }
    for call, state, booked, money in calls:
        allowed = right[state] if money else {(times, None) for times, _ in right[state]}
        if (booked, money) not in allowed:
            yield f"I3: call {call} is {state}, booked {booked} times, and its money is {money}"


def _order(journal: Journal) -> Iterator[str]:
    """I4: a thread's numbers have no gap, follow the commits, and answers come after questions."""
    for thread, last in journal.rows("SELECT id, last_seq FROM thread"):
        seqs = journal.column("SELECT seq FROM message WHERE thread_id = ? ORDER BY rowid", thread)
        if seqs != list(range(1, last + 1)):
            yield f"I4: thread {thread} ends at {last} and holds {seqs}"
    early = journal.rows(
        "SELECT message.id, answered.id FROM message JOIN message AS answered"
        " ON answered.id = message.reply_to WHERE answered.seq >= message.seq"
        " OR answered.thread_id <> message.thread_id"
    )
    yield from (f"I4: message {m} answers {a}, which comes after it" for m, a in early)


def _partitions(journal: Journal) -> Iterator[str]:
    """I4: turns of a partition ran one at a time, in the order they were queued."""
    for partition in journal.column("SELECT DISTINCT partition_key FROM turn"):
        turns = journal.rows(
            "SELECT ordinal, state, started_at, ended_at FROM turn WHERE partition_key = ?"
            " ORDER BY ordinal",
            partition,
        )
        if [turn[0] for turn in turns] != list(range(1, len(turns) + 1)):
            yield f"I4: partition {partition} has the ordinals {[turn[0] for turn in turns]}"
        if sum(state == "running" for _, state, _, _ in turns) > 1:
            yield f"I4: partition {partition} runs several turns"
        ran = [(started, ended) for _, state, started, ended in turns if started and ended]
        for (_, ended), (started, _) in pairwise(ran):
            if started < ended:
                yield f"I4: in partition {partition} a turn began before the one before it ended"


def _ends(journal: Journal, *, waiting: bool) -> Iterator[str]:
    """I7: every turn has ended, and so has every question; none counts as running for ever."""
    for turn, state, ended_at in journal.rows("SELECT id, state, ended_at FROM turn"):
        if state not in ENDED and not waiting:
            yield f"I7: turn {turn} is {state}"
        if (ended_at is not None) != (state in ENDED):
            yield f"I7: turn {turn} is {state} and its end is at {ended_at}"
    if waiting:
        return
    asked = (  # those that reached nobody wait for the person
        "SELECT id FROM asking WHERE NOT coalesce(json_extract(ask, '$.unreached'), 0)"
    )
    yield from (f"I7: question {q} is still asked" for q in journal.column(asked))
    open_ = journal.column("SELECT id FROM decision WHERE closed_at IS NULL")
    yield from (f"I7: decision {decision} was never closed" for decision in open_)
    done = journal.column(
        "SELECT id FROM turn WHERE state = 'done' AND partial = '' AND NOT EXISTS"
        " (SELECT 1 FROM message WHERE turn_id = turn.id UNION ALL"
        "  SELECT 1 FROM ballot WHERE turn_id = turn.id)"
    )
    yield from (f"I7: turn {turn} is done and left nothing" for turn in done)
