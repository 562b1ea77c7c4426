"""A connection inside one transaction, as changes and queries use it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import apsw

from hub.ports import Clock
from hub.storage.owners import Owners

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Session:
    """What a change or a query may ask."""

    connection: apsw.Connection
    owners: Owners
    clock: Clock

    def rows(self, sql: str, *values: Any) -> Sequence[Row]:
        """Run a statement and return all its rows."""
        return self.connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> Row | None:
        """Run a statement and return its first row, or None."""
        found = self.rows(sql, *values)
        return found[0] if found else None

    def value(self, sql: str, *values: Any) -> Any:
        """Run a statement and return the one value of its one row."""
        return self.rows(sql, *values)[0][0]

    def run(self, sql: str, *values: Any) -> int:
        """Run a statement and return how many rows it changed."""
        self.rows(sql, *values)
        return self.connection.changes()

    def insert(self, table: str, values: dict[str, object], *, or_ignore: bool = False) -> bool:
        """Insert one row; returns False when `or_ignore` found it there already.

        Args:
            table: A literal name.
            values: By column; the names are literals too.
        """
        sql = _insert(table, tuple(values), or_ignore=or_ignore)
        return self.run(sql, *values.values()) == 1


@lru_cache(maxsize=64)
def _insert(table: str, columns: tuple[str, ...], *, or_ignore: bool) -> str:
    names, marks = ", ".join(columns), ", ".join("?" * len(columns))
    sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608  literals
    return sql + " ON CONFLICT DO NOTHING" if or_ignore else sql
