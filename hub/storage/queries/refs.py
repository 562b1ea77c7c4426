"""What a person types for an id: all of it, its beginning, or `last`."""

from __future__ import annotations

from hub.domain.text import one_line, sanitize
from hub.errors import NotFoundError, UsageError
from hub.storage.session import Session

_SHOWN = 3

_BY_ID = {
    "thread": "SELECT id, title FROM thread WHERE id = ?",
    "message": "SELECT id, body FROM message WHERE id = ?",
    "turn": "SELECT id, agent FROM turn WHERE id = ?",
    "decision": "SELECT id, question FROM decision WHERE id = ?",
}
_BY_BEGINNING = {
    "thread": "SELECT id, title FROM thread WHERE id >= ?1 AND id < ?1 || char(1114111)"
    " ORDER BY rowid DESC LIMIT ?2",
    "message": "SELECT id, body FROM message WHERE id >= ?1 AND id < ?1 || char(1114111)"
    " ORDER BY rowid DESC LIMIT ?2",
    "turn": "SELECT id, agent FROM turn WHERE id >= ?1 AND id < ?1 || char(1114111)"
    " ORDER BY rowid DESC LIMIT ?2",
    "decision": "SELECT id, question FROM decision WHERE id >= ?1 AND id < ?1 || char(1114111)"
    " ORDER BY rowid DESC LIMIT ?2",
}
_LAST = {
    "thread": "SELECT t.id, t.title FROM thread AS t"
    " LEFT JOIN message AS m ON m.thread_id = t.id AND m.seq = t.last_seq"
    " ORDER BY coalesce(m.created_at, t.created_at) DESC, m.rowid DESC, t.rowid DESC LIMIT 1",
    "message": "SELECT id, body FROM message ORDER BY rowid DESC LIMIT 1",
    "turn": "SELECT id, agent FROM turn ORDER BY rowid DESC LIMIT 1",
    "decision": "SELECT id, question FROM decision ORDER BY rowid DESC LIMIT 1",
}


def resolve(session: Session, what: str, ref: str) -> str:
    """Return the whole id that a reference stands for.

    Args:
        what: `thread`, `message`, `turn` or `decision`.
        ref: As typed.

    Raises:
        NotFoundError: Nothing fits.
        UsageError: It is empty, or several fit.
    """
    ref = sanitize(ref).strip()
    if not ref:
        raise UsageError(f"Say which {what}: its id, the beginning of it, or `last`.")
    if ref == "last":
        found = session.rows(_LAST[what])
        if not found:
            raise NotFoundError(f"There is no {what} yet.")
        return str(found[0][0])
    found = session.rows(_BY_ID[what], ref)
    if not found:
        found = session.rows(_BY_BEGINNING[what], ref, _SHOWN + 1)
    if not found:
        raise NotFoundError(f"There is no {what} whose id begins with {one_line(ref, 40)!r}.")
    if len(found) > 1:
        shown = ", ".join(f"{id_} ({one_line(name, 40)})" for id_, name in found[:_SHOWN])
        more = " and more" if len(found) > _SHOWN else ""
        raise UsageError(f"{ref!r} fits several {what}s: {shown}{more}; write more of the id.")
    return str(found[0][0])
