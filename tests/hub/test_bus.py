import pytest

from hub.bus import Bus
from hub.domain.event import Delta, Lagged, MessagePosted, Notice
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.thread import Message, MessageKind, Thread

pytestmark = pytest.mark.anyio


def _delta(text: str) -> Delta:
    return Delta(ThreadId("t"), TurnId("u"), "critic", text)


def _posted(seq: int) -> MessagePosted:
    return MessagePosted(
        Message(MessageId(f"m{seq}"), ThreadId("t"), seq, "you", MessageKind.NOTE, "hi", 0)
    )


async def test_every_subscriber_sees_events_in_the_order_they_were_published():
    bus = Bus()
    lines = [bus.subscribe(), bus.subscribe()]

    bus.publish(Notice("one"), Notice("two"))
    bus.publish(Notice("three"))

    for line in lines:
        assert [event.text for event in line.drain()] == ["one", "two", "three"]


async def test_a_full_line_drops_running_text_first():
    bus = Bus()
    line = bus.subscribe(capacity=2)

    bus.publish(Notice("one"), Notice("two"), _delta("lost"))

    assert line.drain() == (Notice("one"), Notice("two"))


async def test_a_subscriber_that_lost_events_is_told_to_reload():
    bus = Bus()
    line = bus.subscribe(capacity=2)

    bus.publish(Notice("one"), Notice("two"), Notice("three"))

    assert line.drain() == (Lagged(2), Notice("three"))


async def test_a_closed_subscription_ends_after_what_is_in_line():
    bus = Bus()
    line = bus.subscribe()
    bus.publish(Notice("one"))
    line.close()
    bus.publish(Notice("after"))

    assert [event async for event in line] == [Notice("one")]


async def test_a_message_is_told_once_whoever_tells_it_first():
    bus = Bus()
    line = bus.subscribe()

    bus.publish(_posted(1), _posted(1), _posted(3))
    assert bus.told.up_to(ThreadId("t")) == 1
    bus.publish(_posted(2), _posted(3), _posted(1))

    assert [event.message.seq for event in line.drain()] == [1, 3, 2]
    assert bus.told.up_to(ThreadId("t")) == 3


async def test_messages_from_before_this_program_are_no_news():
    bus = Bus()
    line = bus.subscribe()
    bus.told.know(Thread(ThreadId("t"), "old", 0, last_seq=40))

    bus.publish(_posted(40), _posted(41))

    assert [event.message.seq for event in line.drain()] == [41]
