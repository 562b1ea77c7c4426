"""Threads that come with a file: whole or not at all, under their own ids, booked nowhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.change import DeleteThread, ImportThreads, PostMessage
from hub.domain.query import (
    DecisionList,
    ImportedUsage,
    Messages,
    Search,
    ThreadByRef,
    ThreadList,
    TurnSummaries,
    UsageBy,
)
from hub.domain.thread import MessageKind
from hub.domain.transcript import Transcript
from hub.errors import TranscriptError
from hub.exports.json_transcript import to_json
from hub.imports.read import read_transcripts
from hub.imports.rewriting import with_new_ids
from hub.ports import Store
from tests.contracts.stores import OpenStore, a_thread, message, post
from tests.fakes.transcripts import deliberation

pytestmark = pytest.mark.anyio


def a_file() -> Transcript:
    (read,) = read_transcripts(to_json(deliberation()).encode(), 7)
    return read


async def test_a_thread_is_taken_in_whole(store: Store, open_store: OpenStore) -> None:
    file = a_file()

    (thread,) = await store.commit(ImportThreads((file,)))

    for program in (store, await open_store()):
        assert thread == file.thread == await program.read(ThreadByRef("last"))
        assert await program.read(Messages(thread.id)) == file.messages
        assert await program.read(TurnSummaries(thread.id)) == file.turns
        assert await program.read(DecisionList(thread.id)) == file.decisions
        assert await program.read(ImportedUsage(thread.id)) == file.usage
        assert await program.read(ThreadList()) == (file.summary,)
        assert await program.read(UsageBy("thread")) == ()
        assert len(await program.read(Search("ripgrep"))) == 1


async def test_what_is_here_stays_as_it_is_and_the_rest_is_taken_in(store: Store) -> None:
    file = a_file()
    await store.commit(ImportThreads((file,)))
    more = await store.commit(PostMessage(message(file.thread, "And then?")))

    other = with_new_ids(file)
    changed = replace(file, thread=replace(file.thread, title="Stolen"))
    new = await store.commit(ImportThreads((changed, other)))

    assert [thread.id for thread in new] == [other.thread.id]
    assert (await store.read(ThreadByRef(file.thread.id))).title == file.thread.title
    assert (await store.read(Messages(file.thread.id)))[-1] == more
    assert more.seq == file.thread.last_seq + 1


@pytest.mark.control("S12")
@pytest.mark.parametrize("what", ["message", "turn", "decision"])
async def test_a_file_takes_nothing_from_another_thread_and_leaves_nothing(
    store: Store, what: str
) -> None:
    file = a_file()
    await store.commit(ImportThreads((file,)))
    copy, fine = with_new_ids(file), with_new_ids(file)
    if what == "message":
        first, *rest = (replace(m, reply_to=None) for m in copy.messages)
        copy = replace(copy, messages=(replace(first, id=file.messages[0].id), *rest))
    elif what == "turn":
        first, *rest = copy.messages
        copy = replace(copy, messages=(replace(first, turn_id=file.messages[1].turn_id), *rest))
    else:
        copy = replace(copy, decisions=(replace(copy.decisions[0], id=file.decisions[0].id),))

    with pytest.raises(TranscriptError, match=f"The {what} .* belongs to another thread"):
        await store.commit(ImportThreads((fine, copy)))

    assert [s.thread.id for s in await store.read(ThreadList())] == [file.thread.id]
    assert await store.read(Messages(fine.thread.id)) == ()


async def test_a_ballots_turn_is_not_given_away_either(store: Store) -> None:
    file = a_file()
    await store.commit(ImportThreads((file,)))
    copy = with_new_ids(file)
    first, *rest = copy.messages
    voted = file.decisions[0].ballots[0].turn_id
    copy = replace(copy, messages=(replace(first, turn_id=voted), *rest))

    with pytest.raises(TranscriptError, match="The turn"):
        await store.commit(ImportThreads((copy,)))


async def test_a_refused_file_does_not_hold_up_what_others_write(store: Store) -> None:
    thread = await a_thread(store)
    mine = await post(store, thread)
    stolen = replace(a_file().messages[0], id=mine.id)
    file = replace(a_file(), messages=(stolen,), decisions=())

    with pytest.raises(TranscriptError):
        await store.commit(ImportThreads((file,)))

    again = await post(store, thread, kind=MessageKind.NOTE)
    assert await store.read(Messages(thread.id)) == (mine, again)


async def test_a_deleted_thread_leaves_nothing_and_can_come_again(store: Store) -> None:
    file = a_file()
    await store.commit(ImportThreads((file,)))

    await store.commit(DeleteThread(file.thread.id))

    assert await store.read(TurnSummaries(file.thread.id)) == {}
    assert await store.read(ImportedUsage(file.thread.id)) is None
    assert len(await store.commit(ImportThreads((file,)))) == 1
