"""What events do to the list of threads; a part of `ui.reducer`."""

from __future__ import annotations

from dataclasses import replace

from hub.domain.ids import ThreadId
from ui.view import ThreadRow, View


def row_of(view: View, thread_id: ThreadId) -> ThreadRow | None:
    """Return a thread's row."""
    return next((row for row in view.threads if row.id == thread_id), None)


def with_row(view: View, row: ThreadRow) -> View:
    """Put another row in a thread's place."""
    return replace(view, threads=tuple(row if r.id == row.id else r for r in view.threads))


def without(view: View, thread_id: ThreadId) -> View:
    """Take a thread off the list."""
    return replace(view, threads=tuple(row for row in view.threads if row.id != thread_id))


def voting(view: View, thread_id: ThreadId, *, is_voting: bool) -> View:
    """Mark a thread in which a vote is open."""
    row = row_of(view, thread_id)
    return view if row is None else with_row(view, replace(row, voting=is_voting))


def marked(view: View, thread_id: ThreadId) -> View:
    """Count the thread's open turns in the list."""
    row = row_of(view, thread_id)
    if row is None:
        return view
    running = sum(t.thread_id == row.id and not t.state.ended for t in view.live.values())
    return view if row.running == running else with_row(view, replace(row, running=running))
