"""What the hub holds: looked up, edited and exported without asking any agent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import reduce

from hub.analytics.kept import KeptGraphs
from hub.config import Settings
from hub.copies import clean_logs
from hub.domain.agent import HUB, YOU, Deployment, Persona
from hub.domain.change import (
    CreateThread,
    EditThread,
    ImportThreads,
    PinMessage,
    PostMessage,
    RedactMessage,
)
from hub.domain.decision import Decision
from hub.domain.event import MessagePosted, ThreadChanged
from hub.domain.ids import ThreadId, TurnId, new_id
from hub.domain.interaction import News
from hub.domain.query import (
    Budgets,
    DecisionByRef,
    DecisionList,
    ImportedUsage,
    InteractionsSince,
    MessageByRef,
    Messages,
    PossibleCharges,
    QuietThreads,
    RouteOf,
    Search,
    ThreadByRef,
    ThreadList,
    TurnRecordByRef,
    TurnSummaries,
    UsageBy,
)
from hub.domain.route import Route
from hub.domain.text import one_line
from hub.domain.thread import Message, MessageKind, Redaction, Thread, ThreadSummary
from hub.domain.transcript import Imports, Interactions, Transcript
from hub.domain.turn import TurnRecord
from hub.domain.usage import Budget, PossibleCharge, UsageRow
from hub.errors import TranscriptError, UsageError
from hub.serving.calls import Parts
from hub.threads import post

AT_ONCE = 500
"""Messages and bookings that are added to a graph without a thread: some milliseconds."""
DAY = 86_400_000_000
"""Microseconds."""


class Record:
    """The part of the facade that reads and edits; `hub.hub.Hub` adds the asking."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        self.settings = settings
        self.personas: tuple[Persona, ...] = tuple(parts.personas.values())
        self.deployments: tuple[Deployment, ...] = parts.deployments
        self._parts = parts
        self._graphs: KeptGraphs | None = None
        self._growing = asyncio.Lock()

    def now(self) -> int:
        """Return UTC microseconds since 1970."""
        return self._parts.clock.now()

    async def quiet_threads(self, days: int) -> tuple[Thread, ...]:
        """Return the threads without a message in so many days, the oldest first."""
        return await self._parts.store.read(QuietThreads(self._parts.clock.now() - days * DAY))

    async def create_thread(self, title: str = "") -> Thread:
        """Open a thread; an empty title is filled by its first question."""
        now = self._parts.clock.now()
        thread = Thread(ThreadId(new_id()), one_line(title) or "untitled", now)
        thread = await self._parts.store.commit(CreateThread(thread))
        self._parts.bus.publish(ThreadChanged(thread))
        return thread

    async def threads(self, *, archived: bool = False) -> tuple[ThreadSummary, ...]:
        """Return the threads, the one with the newest message first."""
        return await self._parts.store.read(ThreadList(archived=archived))

    async def thread(self, ref: str) -> Thread:
        """Return a thread by id, beginning of an id, or `last`."""
        return await self._parts.store.read(ThreadByRef(ref))

    async def messages(
        self,
        thread_id: ThreadId,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int | None = None,
    ) -> tuple[Message, ...]:
        """Return a page of a thread in order; see `hub.domain.query.Messages`."""
        return await self._parts.store.read(Messages(thread_id, before, after, limit))

    async def rename(self, ref: str, title: str) -> Thread:
        """Give a thread another title."""
        if not one_line(title):
            raise UsageError("The title is empty: write one.")
        return await self._edit(EditThread((await self.thread(ref)).id, title=one_line(title)))

    async def archive(self, ref: str) -> Thread:
        """Take a thread out of the list; nothing is lost."""
        now = self._parts.clock.now()
        return await self._edit(EditThread((await self.thread(ref)).id, archived_at=now))

    async def restore(self, ref: str) -> Thread:
        """Put an archived thread back into the list."""
        return await self._edit(EditThread((await self.thread(ref)).id, restore=True))

    async def search(
        self, text: str, *, ref: str | None = None, limit: int = 50
    ) -> tuple[Message, ...]:
        """Return messages that contain all the words, newest first."""
        thread = await self.thread(ref) if ref else None
        return await self._parts.store.read(Search(text, thread.id if thread else None, limit))

    async def post(
        self,
        ref: str,
        text: str,
        *,
        author: str = YOU,
        to: tuple[str, ...] = (),
        reply_to: str | None = None,
    ) -> Message:
        """Post a message without asking anyone.

        Args:
            ref: The thread.
            text: What was said.
            author: Who said it: anybody but the hub.
            to: Whom it was said to.
            reply_to: Reference of the message that it answers.

        Raises:
            UsageError: The text is empty, or nobody may be called so.
            NotFoundError: There is no such thread or message.
        """
        author, to = one_line(author, 32), tuple(filter(None, (one_line(n, 32) for n in to)))
        if author in ("", HUB):
            raise UsageError(f"Nobody who posts may be called {author!r}: give another name.")
        thread = await self.thread(ref)
        target = await self._parts.store.read(MessageByRef(reply_to)) if reply_to else None
        message = post(
            thread.id,
            text,
            author=author,
            kind=MessageKind.NOTE,
            at=self._parts.clock.now(),
            names=self._parts.personas,
            reply_to=target.id if target else None,
            to=to,
        )
        return await self._post(message)

    async def pin(self, message_ref: str, *, pinned: bool = True) -> Message:
        """Pin a message into every view of its thread, or take the pin out."""
        message = await self._parts.store.read(MessageByRef(message_ref))
        return await self._parts.store.commit(PinMessage(message.id, pinned))

    async def message(self, ref: str) -> Message:
        """Return one message by its id or the beginning of it."""
        return await self._parts.store.read(MessageByRef(ref))

    async def redact(self, message_ref: str) -> Redaction:
        """Take a message's text out of the journal and the logs, for good."""
        message = await self.message(message_ref)
        done = await self._parts.store.commit(RedactMessage(message.id))
        await asyncio.to_thread(clean_logs, self.settings, done.text)
        self._parts.bus.publish(ThreadChanged(await self.thread(message.thread_id)))
        return done

    async def turn(self, ref: str) -> TurnRecord:
        """Return exactly what was sent for a turn and what came back."""
        return await self._parts.store.read(TurnRecordByRef(ref))

    async def route(self, turn_id: TurnId) -> Route | None:
        """Return the newest route of a turn."""
        return await self._parts.store.read(RouteOf(turn_id))

    async def decisions(
        self, ref: str | None = None, limit: int | None = None
    ) -> tuple[Decision, ...]:
        """Return decisions with their ballots, newest first."""
        thread = (await self.thread(ref)).id if ref else None
        return await self._parts.store.read(DecisionList(thread, limit))

    async def decision(self, ref: str) -> Decision:
        """Return one decision with its ballots."""
        return await self._parts.store.read(DecisionByRef(ref))

    async def usage(self, by: str = "provider", since: str | None = None) -> tuple[UsageRow, ...]:
        """Return tokens and money, grouped."""
        return await self._parts.store.read(UsageBy(by, since))

    async def possible_charges(self) -> tuple[PossibleCharge, ...]:
        """Return the calls that may have been billed without an answer."""
        return await self._parts.store.read(PossibleCharges())

    async def budgets(self) -> Mapping[str, Budget]:
        """Return every cap with what counts against it."""
        return await self._parts.store.read(Budgets())

    async def transcript(self, ref: str) -> Transcript:
        """Return a thread with everything that an export needs."""
        store = self._parts.store
        thread = await self.thread(ref)
        rows = [
            row
            for row in await store.read(UsageBy("thread", thread_id=thread.id))
            if row.key == thread.id
        ]
        told = await store.read(ImportedUsage(thread.id))
        parts = [usage for usage in (*rows, told) if usage is not None]
        return Transcript(
            thread=thread,
            messages=await store.read(Messages(thread.id)),
            turns=await store.read(TurnSummaries(thread.id)),
            decisions=tuple(reversed(await store.read(DecisionList(thread.id)))),
            usage=reduce(UsageRow.plus, parts) if parts else None,
        )

    async def interactions(self, ref: str | None = None, day: str | None = None) -> Interactions:
        """Return who answers whom: in one thread message by message, over a day or over all summed.

        Args:
            ref: A thread.
            day: An ISO date, in the person's time zone.
        """
        from hub.analytics.graph import interactions_of

        if ref:
            store, thread = self._parts.store, await self.thread(ref)
            return interactions_of(
                thread.title,
                await store.read(Messages(thread.id)),
                await store.read(TurnSummaries(thread.id, routes=False)),
                await store.read(DecisionList(thread.id)),
            )
        kept = await self.graphs()
        return kept.of(day=day).graph(day or "all threads")

    async def graphs(self) -> KeptGraphs:
        """Return the kept graphs, grown by what the journal has got since they were last asked for."""
        store = self._parts.store
        async with self._growing:
            if self._graphs is None:
                self._graphs = KeptGraphs(self._parts.ledger.day)
            news = await store.read(InteractionsSince(self._graphs.place))
            while not await self._grown(news) or not news.complete:
                news = await store.read(InteractionsSince(self._graphs.place))
            since, fresh = self._graphs.decided_at, self._graphs.fresh
            if since:
                self._graphs.decide(await store.read(DecisionList(closed_since=since)))
                while fresh:
                    self._graphs.decide(await store.read(DecisionList(fresh.pop())))
            else:
                fresh.clear()
                self._graphs.decide(await store.read(DecisionList()))
            return self._graphs

    async def _grown(self, news: News) -> bool:
        """Add news to the kept graphs, much of it beside the loop; False: read from the start."""
        assert self._graphs is not None  # noqa: S101  made by the caller
        if len(news.utterances) + len(news.spendings) < AT_ONCE:
            return self._graphs.take(news)
        return await asyncio.to_thread(self._graphs.take, news)

    async def layout(
        self, graph: Interactions, start: Mapping[str, tuple[float, float]] | None = None
    ) -> Mapping[str, tuple[float, float]]:
        """Return a place for every participant, near `start` where that is given."""
        from hub.analytics.layout import place

        return await asyncio.to_thread(place, graph, start)

    async def export(self, ref: str, format: str) -> str:  # noqa: A002  the word people use
        """Return a thread as markdown, json, jsonl, html or csv."""
        from hub.exports.csv import to_csv
        from hub.exports.html import to_html
        from hub.exports.json_transcript import to_json
        from hub.exports.jsonl import to_jsonl
        from hub.exports.markdown import to_markdown

        transcript = await self.transcript(ref)
        match format:
            case "markdown":
                return to_markdown(transcript)
            case "json":
                return to_json(transcript)
            case "jsonl":
                return to_jsonl(transcript)
            case "csv":
                return to_csv(transcript)
            case "html":
                svg = (await self.picture(transcript.thread.id, "svg")).decode()
                more = (
                    await asyncio.to_thread(_pictures, transcript) if transcript.decisions else {}
                )
                return await asyncio.to_thread(to_html, transcript, svg, more)
            case _:
                raise UsageError(
                    f"Unknown format {format!r}: choose markdown, json, jsonl, html or csv."
                )

    async def import_file(
        self, data: bytes, *, names: Mapping[str, str] | None = None, as_new: bool = False
    ) -> Imports:
        """Take in the threads of a file, all or nothing; those that are here stay as they are.

        Args:
            data: The file (`hub.imports.read` says which are known).
            names: Name in the file -> configured agent whose words they shall be.
            as_new: True gives them new ids, so that nothing is here already.

        Raises:
            TranscriptError: The file is refused, or every thread of it is here already.
            UsageError: `names` names nobody in the file, or no agent.
        """
        from hub.imports.read import read_transcripts
        from hub.imports.rewriting import agents_in, rewritten

        now, agents = self._parts.clock.now(), tuple(self._parts.personas)
        found = await asyncio.to_thread(read_transcripts, data, now)
        if names or as_new:
            found = rewritten(found, names or {}, agents, as_new=as_new)
        new = await self._parts.store.commit(ImportThreads(found))
        self._parts.bus.publish(*map(ThreadChanged, new))
        ids = {thread.id for thread in new}
        here = tuple(t.thread for t in found if t.thread.id not in ids)
        if not new:
            raise TranscriptError(
                f"The thread {here[0].id} ({one_line(here[0].title, 60)}) is here already: nothing "
                "was changed; --as-new imports it once more under new ids."
            )
        spoken = [name for t in found if t.thread.id in ids for name in agents_in(t)]
        return Imports(
            threads=tuple(t.summary for t in found if t.thread.id in ids),
            here=here,
            strangers=tuple(name for name in dict.fromkeys(spoken) if name not in agents),
        )

    async def picture(self, ref: str | None, format: str) -> bytes:  # noqa: A002  as above
        """Return the interaction graph of a thread, or of all, as png or svg."""
        from hub.exports.picture import draw

        if format not in ("png", "svg"):
            raise UsageError(f"Unknown format {format!r}: choose png or svg.")
        graph = await self.interactions(ref)
        places = await self.layout(graph)
        return await asyncio.to_thread(draw, graph, places, format=format)

    async def _post(self, message: Message) -> Message:
        posted = await self._parts.store.commit(PostMessage(message))
        self._parts.bus.publish(MessagePosted(posted))
        return posted

    async def _edit(self, change: EditThread) -> Thread:
        thread = await self._parts.store.commit(change)
        self._parts.bus.publish(ThreadChanged(thread))
        return thread


def _pictures(transcript: Transcript) -> Mapping[str, str]:
    """Return what a page shows of a thread's decisions beside the graph, by heading."""
    from hub.analytics.graph import accord_of
    from hub.analytics.metrics import agreement_matrix, time_line
    from hub.exports.heat_map import heat_map
    from hub.exports.timeline_picture import timeline_picture

    title, decisions = transcript.thread.title, transcript.decisions
    names, matrix = agreement_matrix(Interactions(title, (), (), accord_of(decisions)))
    found = {}
    if names:
        drawn = heat_map(names, matrix, title=title, format="svg")
        found["Who chose as whom"] = drawn.decode()
    if len(decisions) > 1:
        drawn = timeline_picture(time_line(decisions, {}), title=title, format="svg")
        found["Decisions in time"] = drawn.decode()
    return found
