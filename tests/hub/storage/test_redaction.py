"""What is taken out or deleted is nowhere in the file, its index or its log."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.domain.ask import Ask, Mode
from hub.domain.change import DeleteThread, RedactMessage
from hub.domain.query import Messages, Search
from hub.domain.thread import REDACTED, Attachment
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import a_thread, post
from tests.fakes.clock import FakeClock
from tests.fakes.hubs import House

pytestmark = pytest.mark.anyio
SECRET = "The launch code of Vandenberg is swordfish-9731"


def holding(home: Path, text: str) -> list[str]:
    """Return the files of a folder in which a text stands."""
    return [p.name for p in home.rglob("*") if p.is_file() and text.encode() in p.read_bytes()]


async def test_a_deleted_thread_is_nowhere_while_the_program_runs_on(home: Path) -> None:
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())
    kept, gone = await a_thread(store, "kept"), await a_thread(store, "gone")
    files = (Attachment("plan.txt", "f" * 64, 9, "the plan says swordfish-9731"),)
    for number in range(60):
        await post(store, gone, f"{SECRET} {number}", attachments=files)
        await post(store, kept, f"nothing special {number}")
    assert holding(home, "swordfish-9731")

    await store.commit(DeleteThread(gone.id))

    assert holding(home, "swordfish") == []
    assert holding(home, "vandenberg") == []
    assert len(await store.read(Messages(kept.id))) == 60
    await store.close()


async def test_a_redacted_message_keeps_its_place_and_nothing_of_its_text(home: Path) -> None:
    store = await SQLiteStore.open(home / "gitbridge.db", home=home, clock=FakeClock())
    thread = await a_thread(store)
    files = (Attachment("plan.txt", "f" * 64, 9, "the plan says swordfish-9731"),)
    secret = await post(store, thread, SECRET, attachments=files)
    quote = await post(store, thread, f"You said: {SECRET}!", reply_to=secret.id)

    done = await store.commit(RedactMessage(secret.id))
    left = await store.read(Messages(thread.id))

    assert [m.body for m in left] == [REDACTED, quote.body]
    assert left[0].attachments == ()
    assert (done.text, done.repeated_in, done.providers) == (SECRET, (2,), ())
    await store.commit(RedactMessage(quote.id))
    assert await store.read(Search("swordfish")) == ()
    assert len(await store.read(Search("redacted"))) == 2
    assert holding(home, "swordfish") == holding(home, "vandenberg") == []
    await store.close()


async def test_what_was_sent_voted_and_titled_forgets_the_text_too(home: Path) -> None:
    async with House(home) as house:
        ask = Ask(SECRET, Mode.DECIDE, options=("launch it now", "wait a day"), rounds=1)
        answer = await house.ask(ask)
        house.settings.logs.mkdir(exist_ok=True)
        (house.settings.logs / "x.log").write_text(f"it broke on {SECRET}\nfine\n")
        question = answer.question
        done = await house.hub.redact(question.id)

        assert done.providers
        assert holding(home, "swordfish") == []
        assert (house.settings.logs / "x.log").read_text() == f"it broke on {REDACTED}\nfine\n"
        thread = await house.hub.thread(question.thread_id)
        assert thread.title == REDACTED
        decision = (await house.hub.decisions(thread.id))[0]
        assert decision.proposal.question == REDACTED
        assert len(decision.ballots) == len((await house.hub.decision(decision.id)).ballots) > 0
        for turn_id in (await house.hub.transcript(thread.id)).turns:
            record = await house.hub.turn(turn_id)
            assert "swordfish" not in repr(record)
