"""What the hub holds: looked up, edited, exported."""

import json

import pytest

from hub.analytics.kept import KeptGraphs
from hub.domain.ask import Ask, Mode
from hub.domain.event import MessagePosted, ThreadChanged
from hub.domain.query import InteractionsSince
from hub.domain.thread import MessageKind
from hub.errors import NotFoundError, UsageError
from hub.exports.json_transcript import to_json
from tests.fakes.hubs import NAMES, House
from tests.fakes.transcripts import deliberation
from tests.fakes.voices import voting

pytestmark = pytest.mark.anyio

VOTES = {"proposer": "tabs", "critic": "tabs", "synthesist": "spaces"}


async def decided(house):
    for voice in house.voices.values():
        voice.script = voting(VOTES)
    return await house.ask(Ask("Which?", Mode.DECIDE, options=("tabs", "spaces")))


async def test_a_thread_is_found_by_its_id_by_its_beginning_and_as_the_last(home):
    async with House(home) as house:
        old = await house.hub.create_thread("old")
        new = await house.hub.create_thread("new")
        await house.hub.post(new.id, "Hello")

        assert await house.hub.thread(old.id) == old
        assert (await house.hub.thread(old.id[:10])).id == old.id
        assert (await house.hub.thread("last")).id == new.id
        with pytest.raises(NotFoundError):
            await house.hub.thread("feed")


async def test_a_thread_is_renamed_archived_and_restored_and_each_is_told(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("old")
        await house.hub.rename(thread.id, "  new\nname ")
        await house.hub.archive(thread.id)
        assert await house.hub.threads() == ()
        assert [s.thread.title for s in await house.hub.threads(archived=True)] == ["new name"]
        await house.hub.restore(thread.id)

        assert [s.thread.title for s in await house.hub.threads()] == ["new name"]
        told = [(e.thread.title, e.thread.archived_at is None) for e in house.events(ThreadChanged)]
        assert told == [("old", True), ("new name", True), ("new name", False), ("new name", True)]
        with pytest.raises(UsageError, match="title is empty"):
            await house.hub.rename(thread.id, "\n")


async def test_a_post_asks_nobody_and_is_told(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        first = await house.hub.post(thread.id, "Look at this, @critic.")
        second = await house.hub.post(thread.id, "And?", author="ci", reply_to=first.id[:8])

        assert (first.kind, first.mentions, first.seq) == (MessageKind.NOTE, ("critic",), 1)
        assert (second.author, second.reply_to) == ("ci", first.id)
        assert [e.message for e in house.events(MessagePosted)] == [first, second]
        assert house.asked == []
        assert await house.hub.messages(thread.id, after=1) == (second,)


async def test_a_pinned_message_stays_in_every_view(home):
    async with House(home) as house:
        thread = await house.hub.create_thread("t")
        rule = await house.hub.post(thread.id, "Never use tabs.")
        await house.hub.pin(rule.id)
        for number in range(205):
            await house.hub.post(thread.id, f"Noise {number}")
        answer = await house.ask(Ask("So?"), thread.id)

        assert rule.id in [part.message_id for part in house.asked[0].parts]
        sent = (await house.hub.turn(answer.turns[0].id)).sent
        assert sent.parts == house.asked[0].parts


async def test_messages_are_found_by_their_words(home):
    async with House(home) as house:
        one = await house.hub.create_thread("one")
        two = await house.hub.create_thread("two")
        await house.hub.post(one.id, "The quick brown fox")
        await house.hub.post(two.id, "The slow brown bear")

        assert [m.thread_id for m in await house.hub.search("brown")] == [two.id, one.id]
        assert [m.thread_id for m in await house.hub.search("brown fox")] == [one.id]
        assert await house.hub.search("fox", ref=two.id) == ()


async def test_the_record_of_a_turn_its_route_and_its_decision_can_be_looked_up(home):
    async with House(home) as house:
        answer = await decided(house)

        for turn in answer.turns:
            record = await house.hub.turn(turn.id[:12])
            assert record.turn.id == turn.id
            assert await house.hub.route(turn.id) == turn.route
        assert await house.hub.decisions(answer.thread.id) == (answer.decision,)
        assert await house.hub.decision(answer.decision.id[:8]) == answer.decision


async def test_usage_and_budgets_add_up(home):
    async with House(home) as house:
        answer = await decided(house)

        for key in ("provider", "model", "agent", "thread", "day", "month"):
            assert sum(row.cost for row in await house.hub.usage(key)) == answer.usage.cost
        budgets = await house.hub.budgets()
        assert budgets[f"thread:{answer.thread.id}"].spent == answer.usage.cost
        assert all(b.reserved == 0 for b in budgets.values())


async def test_a_transcript_holds_everything(home):
    async with House(home) as house:
        answer = await decided(house)
        transcript = await house.hub.transcript("last")

        assert transcript.messages[0].kind is MessageKind.QUESTION
        assert len(transcript.messages) == 5
        assert set(transcript.turns) == {t.id for t in answer.turns}
        assert transcript.decisions == (answer.decision,)
        assert transcript.usage.cost == answer.usage.cost


async def test_who_answers_whom_is_drawn_for_one_thread_and_over_all(home):
    async with House(home) as house:
        await house.ask(Ask("What do you think?", Mode.DISCUSS))
        await house.ask(Ask("And of this?"))
        one = await house.hub.interactions("last")
        everything = await house.hub.interactions()

        assert {n.name for n in everything.nodes} >= {"you", *NAMES}
        assert len(everything.edges) > len(one.edges) > 0
        assert set(await house.hub.layout(one)) == {n.name for n in one.nodes}


async def test_a_thread_leaves_the_hub_in_each_format(home):
    async with House(home) as house:
        answer = await decided(house)

        assert "# Which?" in await house.hub.export("last", "markdown")
        assert (
            json.loads(await house.hub.export("last", "json"))["thread"]["id"] == answer.thread.id
        )
        assert "<svg" in await house.hub.export("last", "html")
        with pytest.raises(UsageError, match="markdown, json, jsonl, html or csv"):
            await house.hub.export("last", "docx")


async def test_the_graph_is_rendered_as_a_picture(home):
    async with House(home) as house:
        await house.ask(Ask("Why?"))

        assert (await house.hub.picture("last", "svg")).lstrip().startswith(b"<")
        with pytest.raises(UsageError, match="png or svg"):
            await house.hub.picture("last", "gif")


async def test_the_kept_graph_over_all_is_what_a_rebuild_of_all_threads_says(home):
    async with House(home) as house:
        await house.ask(Ask("What do you think?", Mode.DISCUSS))
        await house.hub.interactions()  # kept from here on
        await decided(house)
        kept = await house.hub.interactions()
        fresh = KeptGraphs(lambda _: "2026-11-23")
        fresh.take(await house.hub._parts.store.read(InteractionsSince()))
        threads = [await house.hub.interactions(s.thread.id) for s in await house.hub.threads()]

        assert kept.edges == fresh.of().graph("").edges
        assert sum(edge.messages for edge in kept.edges) == sum(len(t.edges) for t in threads)
        for name in NAMES:
            alone = [node for t in threads for node in t.nodes if node.name == name]
            [node] = [node for node in kept.nodes if node.name == name]
            assert node.messages == sum(n.messages for n in alone)
            assert node.answered == sum(n.answered for n in alone)
            assert node.tokens == sum(n.tokens for n in alone)
            assert node.cost == sum(n.cost for n in alone)
        day = await house.hub.interactions(day="2026-11-23")
        assert day.edges == kept.edges


async def test_a_deleted_thread_leaves_the_graph_over_all(home):
    async with House(home) as house:
        await house.ask(Ask("One?", Mode.DISCUSS))
        before = await house.hub.interactions()
        second = await house.ask(Ask("Two?", Mode.DISCUSS))
        await house.hub.delete(second.thread.id)

        assert (await house.hub.interactions()).edges == before.edges


async def test_decisions_that_came_with_a_file_count_in_the_graph_over_all(home):
    async with House(home) as house:
        await decided(house)
        before = await house.hub.interactions()
        await house.hub.import_file(to_json(deliberation()).encode())
        after = await house.hub.interactions()

        together = [sum(pair.together for pair in graph.accord) for graph in (before, after)]
        assert together == [3, 6]
