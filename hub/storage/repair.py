"""Makes a damaged journal usable again: what can be read is kept, the rest is counted.

A journal whose tables are whole keeps them; its search index is made anew and the sums of its
budgets are counted again. Otherwise each row that can still be read goes into a new journal, and
the damaged file is set aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from hub.domain.ids import new_id
from hub.errors import StorageError
from hub.storage import connect, schema
from hub.storage.backup import set_aside
from hub.storage.failures import translate
from hub.storage.opening import create
from hub.storage.owners import Owners

_TABLES = (
    *("message", "thread", "persona", "attachment", "turn", "call", "route", "tag"),
    *("budget", "reservation", "ledger", "decision", "ballot", "imported_turn", "asking"),
    *("mark", "learned"),
)
"""Messages first: a thread that comes after them keeps its own count."""
_NO_ROWID = ("persona", "route", "tag", "budget", "reservation", "learned")
_SUMS = """
UPDATE budget SET
    reserved = (SELECT coalesce(sum(amount), 0) FROM reservation
        WHERE budget_id = budget.id AND state IN ('held', 'unsettled')),
    spent = (SELECT coalesce(sum(coalesce(cost, amount)), 0) FROM ledger JOIN reservation
        USING (call_id) WHERE budget_id = budget.id)
"""
_JOINTS = """
INSERT INTO thread (id, title, created_at, last_seq)
    SELECT thread_id, 'recovered', min(created_at), max(seq) FROM message
    WHERE thread_id NOT IN (SELECT id FROM thread) GROUP BY thread_id;
UPDATE message SET reply_to = NULL WHERE reply_to NOT IN (SELECT id FROM message);
DELETE FROM turn WHERE thread_id NOT IN (SELECT id FROM thread);
DELETE FROM call WHERE turn_id NOT IN (SELECT id FROM turn);
DELETE FROM route WHERE turn_id NOT IN (SELECT id FROM turn);
DELETE FROM imported_turn WHERE thread_id NOT IN (SELECT id FROM thread);
DELETE FROM decision WHERE thread_id NOT IN (SELECT id FROM thread);
DELETE FROM ballot WHERE decision_id NOT IN (SELECT id FROM decision);
DELETE FROM asking WHERE id NOT IN (SELECT id FROM message);
DELETE FROM mark WHERE message_id NOT IN (SELECT id FROM message)
    OR decision_id NOT IN (SELECT id FROM decision);
"""
"""Rows whose counterpart could not be read."""
_SEARCH = "INSERT INTO message_text (message_text) VALUES ('rebuild'); DELETE FROM unindexed;"


@dataclass(slots=True)
class Repair:
    """What was done."""

    damage: str = ""
    """What was wrong with the file; empty: nothing."""
    rows: int = 0
    """Rows that were saved; 0 where the tables were whole."""
    unread: dict[str, str] = field(default_factory=dict)
    """Tables of which something could not be read, with the error."""
    kept: Path | None = None
    """Where the damaged file lies now."""


def repair(path: Path, home: Path) -> Repair:
    """Check the journal, and mend what is wrong.

    Raises:
        StorageError: Another program runs, or nothing at all can be read or written.
    """
    if Owners(home / "owners").others():
        raise StorageError("Another GitBridge is running: close it, then repair.")
    if not path.exists():
        raise StorageError(f"There is no journal at {path}: there is nothing to repair.")
    done = Repair(damage=_damage(path))
    try:
        if done.damage:
            _salvage(path, home, done)
        with closing(connect.writing(path, busy_s=5.0)) as connection:
            schema.migrate(connection)
            with connection:
                connection.execute(_SUMS)
                connection.execute(_SEARCH)
    except apsw.Error as error:
        raise translate(error, path) from error
    return done


def _damage(path: Path) -> str:
    try:
        with closing(connect.reading(path)) as connection:
            found = connection.execute("PRAGMA quick_check(20)").fetchall()
    except apsw.Error as error:
        return str(error)
    return "" if found == [("ok",)] else "; ".join(str(line) for (line,) in found)


def _salvage(path: Path, home: Path, done: Repair) -> None:
    """Copy row by row into a new journal, and put that in the damaged one's place."""
    made = path.with_name(f"{path.name}.{new_id()}.new")
    create(made)
    with closing(connect.reading(path)) as old, closing(connect.writing(made, 0)) as new:
        new.pragma("foreign_keys", False)
        with new:
            for table in _TABLES:
                _copy(old, new, table, done)
            new.execute(_JOINTS)
    if not done.rows:
        for ending in ("", "-wal", "-shm"):
            Path(f"{made}{ending}").unlink(missing_ok=True)
        raise StorageError(
            f"Nothing in {path} can be read: it was left as it is; put a backup in its place with "
            "`gitbridge restore FILE`."
        )
    done.kept = set_aside(path, home)
    made.replace(path)


def _copy(old: apsw.Connection, new: apsw.Connection, table: str, done: Repair) -> None:
    try:
        columns = [column[1] for column in old.execute(f"PRAGMA table_info({table})")]
    except apsw.Error as error:
        done.unread[table] = str(error)
        return
    known = [column[1] for column in new.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(column for column in known if column in columns)
    marks = ", ".join("?" for column in known if column in columns)
    if not names:
        done.unread[table] = "it is not there"
        return
    insert = f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  literals
    for row in _rows(old, table, names, done):
        with suppress(apsw.ConstraintError):  # half a row: what it belongs to is gone
            new.execute(insert, row)
            done.rows += 1


def _rows(old: apsw.Connection, table: str, names: str, done: Repair) -> Iterator[tuple[Any, ...]]:
    """Yield what can be read, from the front and, where that ends too soon, from the back."""
    key = names.split(", ", maxsplit=1)[0] if table in _NO_ROWID else "rowid"
    for order in ("ASC", "DESC"):
        try:
            yield from old.execute(f"SELECT {names} FROM {table} ORDER BY {key} {order}")  # noqa: S608  literals
        except apsw.Error as error:
            done.unread[table] = str(error)
        else:
            return
