"""The independent reader sees what it is there to see: each tampering is told in words."""

from __future__ import annotations

import apsw
import pytest

from hub.domain.ask import Ask, Mode
from tests.fakes.hubs import House
from tests.fakes.voices import voting
from tests.faults.invariants import Told, violations

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}


@pytest.fixture
async def journal(home):
    """A journal in which a message was answered, a decision was taken and a call was lost."""
    async with House(home) as house:
        for voice in house.voices.values():
            voice.script = voting(VOTES)
        await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))
        await house.ask(Ask("And why?"), "last")
    return house.settings.database


def tamper(path, *statements):
    connection = apsw.Connection(str(path))
    connection.pragma("foreign_keys", False)
    connection.execute("DROP TRIGGER ledger_fixed; DROP TRIGGER ledger_kept;")
    connection.execute("DROP INDEX turn_running; DROP INDEX message_of_turn;")
    for statement in statements:
        connection.execute(statement)
        assert connection.changes()
    connection.close()


async def test_a_journal_in_order_has_no_violation(journal):
    assert violations(journal) == []


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM message WHERE seq = 3", "I4: thread"),
        ("UPDATE message SET seq = seq + 100 WHERE seq = 2", "I4: thread"),
        ("UPDATE message SET seq = 99 WHERE kind = 'question' AND seq > 1", "I4: message"),
        (("UPDATE turn SET question_id = (SELECT min(question_id) FROM turn), purpose = 'draft',"
         " agent = 'critic'"), "I2: critic has"),
        (("UPDATE message SET kind = 'outcome', reply_to ="
         " (SELECT reply_to FROM message WHERE kind = 'outcome') WHERE kind = 'draft'"),
         "I2: question"),
        ("UPDATE budget SET spent = spent + 1", "I3: budget"),
        ("UPDATE budget SET reserved = 7", "I3: budget"),
        ("UPDATE budget SET cap = 1, by_person = 1", "over its cap"),
        ("DELETE FROM ledger WHERE id = 2", "I3: call"),
        ("UPDATE call SET state = 'intent' WHERE n = 1", "I3: call"),
        ("UPDATE call SET state = 'not_sent' WHERE n = 1", "I3: call"),
        ("UPDATE reservation SET state = 'released'", "I3: call"),
        ("UPDATE turn SET ordinal = ordinal + 5", "I4: partition"),
        ("UPDATE turn SET state = 'running', partition_key = 'one', ordinal = rowid",
         "I4: partition one runs several"),
        (("UPDATE turn SET partition_key = 'one', ordinal = rowid, started_at = 9 - rowid,"
         " ended_at = 20 - rowid"), "I4: in partition one"),
        ("UPDATE turn SET state = 'queued', ended_at = NULL WHERE purpose = 'reply'", "I7: turn"),
        ("UPDATE turn SET ended_at = NULL", "I7: turn"),
        ("UPDATE decision SET closed_at = NULL", "I7: decision"),
        ("DELETE FROM ballot WHERE voter = 'critic'", "left nothing"),
        (("INSERT INTO asking (id, thread_id, owner, ask)"
         " SELECT id, thread_id, 'gone', '{}' FROM message WHERE seq = 1"), "I7: question"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_told(journal, statement, said):
    tamper(journal, statement)

    assert [text for text in violations(journal) if said in text]


async def test_what_was_told_and_is_gone_is_told(journal):
    told = Told(["m1"], {("d1", "critic", 1)}, {"c1"}, {"d1"})

    assert [text[:10] for text in violations(journal, told)] == [
        "I1: messag", "I1: the ba", "I1: the bo", "I1: the ou"
    ]  # fmt: skip


async def test_messages_told_out_of_order_are_told(journal):
    connection = apsw.Connection(str(journal))
    ids = [row[0] for row in connection.execute("SELECT id FROM message ORDER BY seq DESC")]
    connection.close()

    assert [text[:26] for text in violations(journal, Told(ids))] == ["I4: messages were told in "]


async def test_a_cap_of_the_configuration_counts_where_it_refuses(journal):
    tamper(journal, "UPDATE budget SET cap = 1 WHERE id LIKE 'day:%'")
    connection = apsw.Connection(str(journal))
    (day,) = connection.execute("SELECT id FROM budget WHERE id LIKE 'day:%'").fetchone()
    connection.close()

    assert violations(journal) == []
    assert [text for text in violations(journal, refusing=[day]) if "over its cap" in text]


async def test_damage_is_told(journal):
    content = bytearray(journal.read_bytes())
    for page in range(4096, len(content), 4096):
        content[page : page + 12] = b"\xff" * 12
    journal.write_bytes(content)

    assert [text for text in violations(journal) if text.startswith("I1: damage")]
