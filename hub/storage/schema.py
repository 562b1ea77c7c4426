"""The journal's tables, as numbered steps that are never changed once released.

A new step goes to the end of `STEPS`; its place is the version it leads to. Each runs in one
transaction together with the version it sets (STORAGE: Migrations).
"""

from __future__ import annotations

import apsw

from hub.errors import NewerSchemaError

APPLICATION_ID = 0x47427269
"""`GBri`: tells a journal from other programs' SQLite files."""

_FIRST = """
CREATE TABLE thread (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    archived_at INTEGER,
    last_seq INTEGER NOT NULL DEFAULT 0 CHECK (last_seq >= 0)
) STRICT;

CREATE TABLE message (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    author TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('question', 'reply', 'draft', 'critique', 'outcome', 'note')),
    body TEXT NOT NULL,
    reply_to TEXT CHECK (reply_to <> id),
    mentions TEXT NOT NULL,
    to_agents TEXT NOT NULL,
    turn_id TEXT UNIQUE,
    attachments TEXT NOT NULL,
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    created_at INTEGER NOT NULL,
    UNIQUE (thread_id, seq),
    UNIQUE (thread_id, id),
    FOREIGN KEY (thread_id, reply_to) REFERENCES message (thread_id, id)
) STRICT;
CREATE INDEX message_reply_to ON message (thread_id, reply_to) WHERE reply_to IS NOT NULL;
CREATE INDEX message_pinned ON message (thread_id, seq) WHERE pinned = 1;

CREATE VIRTUAL TABLE message_text USING fts5 (
    body, content='message', content_rowid='rowid', tokenize='unicode61 remove_diacritics 2'
);
CREATE TRIGGER message_indexed AFTER INSERT ON message BEGIN
    INSERT INTO message_text (rowid, body) VALUES (new.rowid, new.body);
END;
CREATE TRIGGER message_unindexed AFTER DELETE ON message BEGIN
    INSERT INTO message_text (message_text, rowid, body) VALUES ('delete', old.rowid, old.body);
END;

CREATE TABLE turn (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id),
    agent TEXT NOT NULL,
    purpose TEXT NOT NULL CHECK (purpose IN ('reply', 'draft', 'critique', 'ballot')),
    wanted TEXT NOT NULL,
    question_id TEXT NOT NULL,
    partition_key TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled', 'unknown')),
    fence INTEGER NOT NULL DEFAULT 0,
    owner TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    cancel_at INTEGER,
    sent TEXT,
    partial TEXT NOT NULL DEFAULT '',
    error TEXT NOT NULL DEFAULT '',
    queued_at INTEGER NOT NULL,
    started_at INTEGER,
    ended_at INTEGER,
    UNIQUE (partition_key, ordinal)
) STRICT;
CREATE UNIQUE INDEX turn_running ON turn (partition_key) WHERE state = 'running';
CREATE INDEX turn_open ON turn (thread_id) WHERE state IN ('queued', 'running');
CREATE INDEX turn_of_thread ON turn (thread_id);

CREATE TABLE call (
    id TEXT PRIMARY KEY,
    turn_id TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    fence INTEGER NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('intent', 'done', 'not_sent', 'rejected', 'unknown')),
    tries INTEGER NOT NULL,
    request_hash TEXT NOT NULL,
    price TEXT,
    reserved INTEGER,
    served_model TEXT,
    usage TEXT,
    status INTEGER,
    error TEXT NOT NULL,
    first_token_s REAL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    UNIQUE (turn_id, n)
) STRICT;
CREATE INDEX call_ended ON call (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE route (
    turn_id TEXT NOT NULL REFERENCES turn (id) ON DELETE CASCADE,
    n INTEGER NOT NULL,
    strategy TEXT NOT NULL,
    chosen TEXT NOT NULL,
    reason TEXT NOT NULL,
    propensity REAL NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (turn_id, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
    turn_id TEXT NOT NULL,
    tag TEXT NOT NULL,
    PRIMARY KEY (turn_id, tag)
) STRICT, WITHOUT ROWID;

CREATE TABLE budget (
    id TEXT PRIMARY KEY,
    cap INTEGER,
    by_person INTEGER NOT NULL DEFAULT 0 CHECK (by_person IN (0, 1)),
    spent INTEGER NOT NULL DEFAULT 0 CHECK (spent >= 0),
    reserved INTEGER NOT NULL DEFAULT 0 CHECK (reserved >= 0)
) STRICT, WITHOUT ROWID;

CREATE TABLE reservation (
    call_id TEXT NOT NULL,
    budget_id TEXT NOT NULL REFERENCES budget (id),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    state TEXT NOT NULL CHECK (state IN ('held', 'settled', 'released', 'unsettled')),
    PRIMARY KEY (call_id, budget_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
    id INTEGER PRIMARY KEY,
    call_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    prompt_tokens INTEGER NOT NULL,
    completion_tokens INTEGER NOT NULL,
    cached_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    prompt_cost INTEGER,
    completion_cost INTEGER,
    cost INTEGER,
    billed INTEGER,
    estimated INTEGER NOT NULL CHECK (estimated IN (0, 1)),
    agent TEXT NOT NULL,
    thread_id TEXT NOT NULL,
    turn_id TEXT NOT NULL,
    question_id TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    day TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (call_id, kind)
) STRICT;
CREATE INDEX ledger_thread ON ledger (thread_id, cost);
CREATE INDEX ledger_question ON ledger (question_id);
CREATE INDEX ledger_turn ON ledger (turn_id);
CREATE TRIGGER ledger_kept BEFORE DELETE ON ledger BEGIN
    SELECT RAISE (ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_fixed BEFORE UPDATE ON ledger BEGIN
    SELECT RAISE (ABORT, 'the ledger is append-only');
END;

CREATE TABLE decision (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id),
    question TEXT NOT NULL,
    rule TEXT NOT NULL,
    outcome TEXT CHECK (outcome IN ('decided', 'no consensus', 'advisory')),
    winner TEXT,
    proposal TEXT NOT NULL,
    tally TEXT,
    dissent TEXT NOT NULL,
    flips TEXT NOT NULL,
    stop_reason TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    closed_at INTEGER
) STRICT;
CREATE INDEX decision_of_thread ON decision (thread_id);

CREATE TABLE ballot (
    rowid INTEGER PRIMARY KEY,
    decision_id TEXT NOT NULL REFERENCES decision (id) ON DELETE CASCADE,
    round INTEGER NOT NULL,
    voter TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('agent', 'human')),
    turn_id TEXT UNIQUE,
    body TEXT NOT NULL,
    UNIQUE (decision_id, round, voter)
) STRICT;

CREATE TABLE persona (
    name TEXT NOT NULL,
    version TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE attachment (
    hash TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL,
    text TEXT NOT NULL
) STRICT;
"""

_SECOND = """
CREATE TABLE message_new (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id),
    seq INTEGER NOT NULL CHECK (seq > 0),
    author TEXT NOT NULL,
    kind TEXT NOT NULL
        CHECK (kind IN ('question', 'reply', 'draft', 'critique', 'outcome', 'note')),
    body TEXT NOT NULL,
    reply_to TEXT CHECK (reply_to <> id) REFERENCES message_new (id),
    mentions TEXT NOT NULL,
    to_agents TEXT NOT NULL,
    turn_id TEXT,
    attachments TEXT NOT NULL,
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)),
    created_at INTEGER NOT NULL,
    UNIQUE (thread_id, seq)
) STRICT;
INSERT INTO message_new SELECT rowid, id, thread_id, seq, author, kind, body, reply_to, mentions,
    to_agents, turn_id, attachments, pinned, created_at FROM message;
DROP TABLE message;
ALTER TABLE message_new RENAME TO message;
CREATE INDEX message_reply_to ON message (reply_to) WHERE reply_to IS NOT NULL;
CREATE UNIQUE INDEX message_of_turn ON message (turn_id) WHERE turn_id IS NOT NULL;
CREATE INDEX message_pinned ON message (thread_id, seq) WHERE pinned = 1;

-- Messages that the search does not know yet: it learns a batch of them at once.
CREATE TABLE unindexed (rowid INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER message_posted AFTER INSERT ON message BEGIN
    INSERT INTO unindexed (rowid) VALUES (new.rowid);
    UPDATE thread SET last_seq = new.seq WHERE id = new.thread_id;
END;
CREATE TRIGGER message_deleted AFTER DELETE ON message BEGIN
    INSERT INTO message_text (message_text, rowid, body) SELECT 'delete', old.rowid, old.body
        WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE rowid = old.rowid);
    DELETE FROM unindexed WHERE rowid = old.rowid;
END;
CREATE TRIGGER message_rewritten AFTER UPDATE OF body ON message BEGIN
    INSERT INTO message_text (message_text, rowid, body) SELECT 'delete', old.rowid, old.body
        WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE rowid = old.rowid);
    INSERT OR IGNORE INTO unindexed (rowid) VALUES (new.rowid);
END;
INSERT INTO message_text (message_text, rank) VALUES ('secure-delete', 1);

ALTER TABLE reservation ADD COLUMN expires_at INTEGER;
CREATE INDEX reservation_held ON reservation (expires_at) WHERE state = 'held';
"""

_THIRD = """
-- What a file told of a thread that it brought along: shown, and never booked.
ALTER TABLE thread ADD COLUMN imported_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE thread ADD COLUMN imported_usage TEXT;
CREATE TABLE imported_turn (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id) ON DELETE CASCADE,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX imported_turn_of_thread ON imported_turn (thread_id);
"""

_FOURTH = """
-- Questions under way, each with the program that asks it: another one goes on where it died.
CREATE TABLE asking (
    rowid INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    thread_id TEXT NOT NULL REFERENCES thread (id),
    owner TEXT NOT NULL,
    ask TEXT NOT NULL
) STRICT;
"""

_FIFTH = """
CREATE INDEX turn_of_question ON turn (question_id);

-- What the person said afterwards of a message or a decision; the newest of each counts.
CREATE TABLE mark (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT REFERENCES message (id) ON DELETE CASCADE,
    decision_id TEXT REFERENCES decision (id) ON DELETE CASCADE,
    right INTEGER NOT NULL CHECK (right IN (0, 1)),
    answer TEXT,
    weight REAL NOT NULL CHECK (weight > 0 AND weight <= 1),
    marked_at INTEGER NOT NULL,
    CHECK ((message_id IS NULL) <> (decision_id IS NULL))
) STRICT;
CREATE INDEX mark_of_message ON mark (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX mark_of_decision ON mark (decision_id) WHERE decision_id IS NOT NULL;

-- What was worked out from turns and marks, so that a start need not do it again.
CREATE TABLE learned (
    name TEXT PRIMARY KEY,
    body TEXT NOT NULL,
    marks INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
"""

STEPS = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH)
VERSION = len(STEPS)


def version_of(connection: apsw.Connection) -> int:
    """Return the version of the schema that a journal has.

    Raises:
        NewerSchemaError: This program is older than the journal.
    """
    found = int(connection.pragma("user_version"))
    if found > VERSION:
        raise NewerSchemaError(
            f"The journal has schema version {found}, and this GitBridge knows versions up to "
            f"{VERSION}: install the newer GitBridge that wrote it."
        )
    return found


def migrate(connection: apsw.Connection, steps: tuple[str, ...] = STEPS) -> None:
    """Bring a journal to the newest version, one transaction per step.

    Several programs may start at once: each step looks again once it holds the write lock.
    """
    connection.pragma("foreign_keys", False)  # tables are rebuilt; nothing else runs meanwhile
    for number, step in enumerate(steps, start=1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            if int(connection.pragma("user_version")) < number:
                connection.execute(step)
                connection.pragma("application_id", APPLICATION_ID)
                connection.pragma("user_version", number)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:  # a full disk has ended it already
                connection.execute("ROLLBACK")
            raise
    connection.pragma("foreign_keys", True)
