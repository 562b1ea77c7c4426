"""What every store does with threads and messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from hub.domain.change import (
    CreateThread,
    DeleteThread,
    EditThread,
    PinMessage,
    PostMessage,
)
from hub.domain.ids import MessageId, ThreadId
from hub.domain.query import (
    MessageByRef,
    Messages,
    Reading,
    ReadingFor,
    Search,
    ThreadByRef,
    ThreadList,
    UsageBy,
)
from hub.domain.thread import Attachment, MessageKind, Thread
from hub.errors import NotFoundError, UsageError
from hub.ports import Store
from tests.contracts.stores import (
    START,
    OpenStore,
    a_thread,
    begin,
    call,
    end,
    message,
    post,
    queue,
)

pytestmark = pytest.mark.anyio


async def test_a_message_comes_back_as_it_was_posted_with_its_number(store: Store) -> None:
    thread = await a_thread(store)
    first = await post(store, thread, "Hallo Wörld 🙂\nline 2")
    wanted = message(
        thread,
        "answer",
        author="critic",
        kind=MessageKind.CRITIQUE,
        reply_to=first.id,
        mentions=("synthesist", "Zoë"),
        to=("you",),
        attachments=(Attachment("plan.md", "f" * 64, 12),),
        pinned=True,
    )

    posted = await store.commit(PostMessage(wanted))

    assert posted == replace(wanted, seq=2)
    assert await store.read(MessageByRef(posted.id)) == posted
    assert await store.read(Messages(thread.id)) == (first, posted)


async def test_posting_the_same_id_again_returns_what_is_stored(store: Store) -> None:
    thread = await a_thread(store)
    posted = await post(store, thread, "once")

    again = await store.commit(PostMessage(replace(posted, body="twice", seq=0)))

    assert again == posted
    assert await store.read(Messages(thread.id)) == (posted,)


async def test_messages_of_side_by_side_writers_are_numbered_without_a_gap(
    open_store: OpenStore,
) -> None:
    stores = [await open_store(), await open_store()]
    thread = await a_thread(stores[0])

    async with asyncio.TaskGroup() as group:
        for number in range(60):
            group.create_task(post(stores[number % 2], thread, f"message {number}"))

    stored = await stores[0].read(Messages(thread.id))
    assert [m.seq for m in stored] == list(range(1, 61))
    assert len({m.id for m in stored}) == 60


async def test_posting_into_an_unknown_thread_or_to_an_unknown_message_is_refused(
    store: Store,
) -> None:
    thread, other = await a_thread(store), await a_thread(store)
    elsewhere = await post(store, other)

    with pytest.raises(NotFoundError, match="no thread nowhere"):
        await post(store, Thread(ThreadId("nowhere"), "", START))
    with pytest.raises(NotFoundError, match="to answer"):
        await post(store, thread, reply_to=MessageId("nothing"))
    with pytest.raises(NotFoundError, match="to answer"):
        await post(store, thread, reply_to=elsewhere.id)

    assert (await post(store, thread)).seq == 1


async def test_pages_go_back_from_the_end_and_forward_from_a_number(store: Store) -> None:
    thread = await a_thread(store)
    for number in range(1, 11):
        await post(store, thread, str(number))

    async def page(**fields: int) -> list[int]:
        return [m.seq for m in await store.read(Messages(thread.id, **fields))]

    assert await page(limit=3) == [8, 9, 10]
    assert await page(before=8, limit=3) == [5, 6, 7]
    assert await page(after=3, limit=2) == [4, 5]
    assert await page(after=8) == [9, 10]
    assert await page(after=2, before=5) == [3, 4]
    assert await page(after=10) == []


async def test_a_thread_can_be_renamed_archived_and_restored(store: Store) -> None:
    thread = await a_thread(store)

    renamed = await store.commit(EditThread(thread.id, title="A better name"))
    archived = await store.commit(EditThread(thread.id, archived_at=START + 1))
    listed = await store.read(ThreadList(archived=True))
    restored = await store.commit(EditThread(thread.id, restore=True))

    assert renamed == replace(thread, title="A better name")
    assert archived == replace(renamed, archived_at=START + 1)
    assert [summary.thread for summary in listed] == [archived]
    assert restored == renamed
    assert await store.read(ThreadList(archived=True)) == ()
    with pytest.raises(NotFoundError):
        await store.commit(EditThread(ThreadId("nowhere"), title="x"))


async def test_threads_are_listed_by_their_newest_message(store: Store) -> None:
    old = await a_thread(store, "old", START)
    quiet = await a_thread(store, "quiet", START + 10)
    await post(store, old, created_at=START + 20)

    listed = await store.read(ThreadList())

    assert [summary.thread.title for summary in listed] == ["old", "quiet"]
    assert [summary.messages for summary in listed] == [1, 0]
    assert [summary.updated_at for summary in listed] == [START + 20, quiet.created_at]
    assert (await store.read(ThreadByRef("last"))).id == old.id


async def test_a_reference_is_an_id_its_beginning_or_last(store: Store) -> None:
    for id_ in ("abc1", "abc2", "abc3", "abc4", "abc", "xyz9"):
        await store.commit(CreateThread(Thread(ThreadId(id_), f"title {id_}", START)))

    assert (await store.read(ThreadByRef("xy"))).id == "xyz9"
    assert (await store.read(ThreadByRef(" abc "))).id == "abc"
    with pytest.raises(UsageError, match=r"'ab' fits several threads: .*title abc.* and more"):
        await store.read(ThreadByRef("ab"))
    with pytest.raises(NotFoundError, match="begins with 'q%_'"):
        await store.read(ThreadByRef("q%_"))
    with pytest.raises(UsageError, match="Say which thread"):
        await store.read(ThreadByRef("  "))
    with pytest.raises(NotFoundError, match="no message yet"):
        await store.read(MessageByRef("last"))


async def test_pinned_messages_are_kept_apart_and_stay_what_they_were(store: Store) -> None:
    thread = await a_thread(store)
    first, second = await post(store, thread, "one"), await post(store, thread, "two")

    pinned = await store.commit(PinMessage(first.id))

    assert pinned == replace(first, pinned=True)
    assert await store.read(ReadingFor(thread.id, limit=1)) == Reading((second,), (pinned,), (), 0)
    assert await store.commit(PinMessage(first.id, pinned=False)) == first
    assert await store.read(Messages(thread.id)) == (first, second)
    with pytest.raises(NotFoundError):
        await store.commit(PinMessage(MessageId("nothing")))


async def test_attached_texts_are_stored_once_and_listed_without_their_text(store: Store) -> None:
    thread = await a_thread(store)
    file = Attachment("plan.md", "a" * 64, 8, "the plan")
    other = Attachment("more.md", "b" * 64, 4, "more")
    posted = await post(store, thread, attachments=(file,))
    await post(store, thread, attachments=(other, file))

    texts = (await store.read(ReadingFor(thread.id))).texts

    assert posted.attachments == (replace(file, text=""),)
    assert (await store.read(MessageByRef(posted.id))).attachments == posted.attachments
    assert texts == (file, other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("store", ["the second store", "a store"]),
        ("SECOND store", ["the second store"]),
        ("uber", ["Über allem"]),
        ('"quoted" OR', ['say "quoted" or not']),
        ("NEAR(a b", []),
        ("*", []),
        ("", []),
        ("--- a\0", ["a store"]),
        ("body:store", []),
    ],
)
async def test_search_takes_words_not_syntax_and_shows_the_newest_first(
    store: Store, text: str, found: list[str]
) -> None:
    thread = await a_thread(store)
    for body in ("a store", "Über allem", 'say "quoted" or not', "the second store"):
        await post(store, thread, body)

    hits = await store.read(Search(text))

    assert [hit.body for hit in hits] == found


async def test_search_can_be_kept_to_one_thread_and_to_a_number(store: Store) -> None:
    here, there = await a_thread(store), await a_thread(store)
    for number in range(3):
        await post(store, here, f"word {number}")
        await post(store, there, f"word {number}")

    hits = await store.read(Search("word", here.id, limit=2))

    assert [(hit.thread_id, hit.body) for hit in hits] == [(here.id, "word 2"), (here.id, "word 1")]


async def test_deleting_a_thread_leaves_nothing_but_what_it_cost(store: Store) -> None:
    thread, kept = await a_thread(store), await a_thread(store, "kept")
    shared, own = Attachment("s", "1" * 64, 1, "s"), Attachment("o", "2" * 64, 1, "o")
    first = await post(store, thread, "secret plan", attachments=(shared, own))
    await post(store, thread, "answer", reply_to=first.id)
    await post(store, kept, "kept plan", attachments=(shared,))
    turn = await queue(store, thread, tags=("work",))
    made = call(turn)
    running = await store.commit(begin(turn, first=made))
    await store.commit(end(running, made, "secret answer"))

    await store.commit(DeleteThread(thread.id))

    assert [summary.thread.id for summary in await store.read(ThreadList())] == [kept.id]
    assert await store.read(Messages(thread.id)) == ()
    assert await store.read(Search("secret")) == ()
    await post(store, kept, "again", attachments=(replace(own, text=""),))
    assert (await store.read(ReadingFor(kept.id))).texts == (shared,)
    assert [row.cost for row in await store.read(UsageBy("thread"))] == [450]
    assert [row.key for row in await store.read(UsageBy("tag"))] == ["work"]
    with pytest.raises(NotFoundError):
        await store.commit(DeleteThread(thread.id))
