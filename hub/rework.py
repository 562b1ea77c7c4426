"""What a person does to an answer: have it made again, have it go on, or ask otherwise from there."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from hub.domain.agent import YOU
from hub.domain.change import ImportThreads
from hub.domain.event import ThreadChanged
from hub.domain.ids import MessageId, ThreadId, new_id
from hub.domain.mark import ASKED_AGAIN
from hub.domain.query import MessageByRef, Messages, TurnRecordByRef, TurnSummaries
from hub.domain.text import one_line
from hub.domain.thread import Message, Thread
from hub.domain.transcript import Transcript
from hub.domain.turn import Purpose, TurnOrder
from hub.errors import NotFoundError, TurnError, UsageError
from hub.latest import Latest

_LAST_WORDS = 600
"""Characters of what was written that are named to whoever shall go on."""
_GO_ON = (
    "Your answer ended here: {end}\nGo on exactly where it ends, without repeating any of it and "
    "without a word about this request."
)


class Rework(Latest):
    """The facade with what a person does to one message or one turn."""

    async def retry(self, ref: str) -> Message:
        """Have an answer, or a turn that came to nothing, made again; the old one stays.

        The router takes it for a weak sign that the old one was no good.

        Args:
            ref: A message that an agent wrote, or a turn.

        Returns:
            The new message; it answers what the old one answered.

        Raises:
            UsageError: Nobody who is configured wrote it.
            GitBridgeError: The turn failed or was stopped.
        """
        thread, agent, answered, text = await self._made(ref)
        again = await self._again(thread, agent, answered)
        if text:
            with suppress(UsageError, NotFoundError):  # no turn of ours, or none that said anything
                await self.mark(ref, right=False, weight=ASKED_AGAIN)
        return again

    async def carry_on(self, ref: str) -> Message:
        """Have an answer go on where it ended, or where a stopped turn broke off.

        Args:
            ref: As `retry`.

        Raises:
            UsageError: Nobody who is configured wrote it, or there is nothing to go on from.
            GitBridgeError: The turn failed or was stopped.
        """
        thread, agent, answered, text = await self._made(ref)
        if not text.strip():
            raise UsageError("Nothing of it was written: retry it instead.")
        end = one_line(text[-_LAST_WORDS:], _LAST_WORDS)
        return await self._again(thread, agent, answered, _GO_ON.format(end=end))

    async def branch(self, message_ref: str) -> Thread:
        """Open a thread that holds everything before a message, so that it can be asked otherwise.

        Nothing is booked anew: what the copied turns cost stays with the thread they were made in.

        Raises:
            NotFoundError: There is no such message.
        """
        message = await self._parts.store.read(MessageByRef(message_ref))
        thread = await self.thread(message.thread_id)
        title = f"{one_line(thread.title, 80)} (branch)"
        if message.seq <= 1:
            return await self.create_thread(title)
        copy = await self._before(thread, message)
        copy = replace(copy, thread=replace(copy.thread, title=title))
        (new,) = await self._parts.store.commit(ImportThreads((copy,), own=True))
        self._parts.bus.publish(ThreadChanged(new))
        return new

    def rests(self) -> Mapping[str, str]:
        """Return the providers that the router leaves alone for now, each with the reason."""
        now, state = self._parts.clock.now(), self._parts.router.state
        found = {name: state.refusal(name, now) for name in self._parts.agents}
        return {name: why for name, why in found.items() if why}

    async def _before(self, thread: Thread, message: Message) -> Transcript:
        """Return a copy of what stands before a message, under new ids."""
        from hub.imports.rewriting import with_new_ids

        store, now = self._parts.store, self._parts.clock.now()
        kept = await store.read(Messages(thread.id, before=message.seq))
        posted = {one.turn_id for one in kept}
        turns = await store.read(TurnSummaries(thread.id))
        last = kept[-1].created_at
        decisions = tuple(
            decision
            for decision in reversed(await self.decisions(thread.id))
            if decision.closed_at is not None and decision.closed_at <= last
        )
        posted |= {ballot.turn_id for decision in decisions for ballot in decision.ballots}
        start = Thread(
            ThreadId(new_id()), thread.title, now, imported=min(thread.imported, len(kept))
        )
        mine = {id_: turn for id_, turn in turns.items() if id_ in posted}
        return with_new_ids(Transcript(start, kept, mine, decisions))

    async def _made(self, ref: str) -> tuple[ThreadId, str, MessageId | None, str]:
        """Return where an answer or a turn stands, whose it is, what it answers and what it says."""
        found = await self._message_or_none(ref)
        if found is None:
            record = await self._parts.store.read(TurnRecordByRef(ref))
            order = record.turn.order
            return record.turn.thread_id, order.agent, order.prompt_to, record.turn.partial
        if found.author not in self._parts.personas:
            who = "You wrote" if found.author == YOU else f"No agent named {found.author!r} wrote"
            raise UsageError(f"{who} this message: only an agent's answer can be made again.")
        return found.thread_id, found.author, found.reply_to, found.body

    async def _message_or_none(self, ref: str) -> Message | None:
        try:
            return await self._parts.store.read(MessageByRef(ref))
        except NotFoundError:
            return None

    async def _again(
        self, thread: ThreadId, agent: str, answered: MessageId | None, instruction: str = ""
    ) -> Message:
        order = TurnOrder(Purpose.REPLY, agent, prompt_to=answered, instruction=instruction)
        turn = await self._queue.queue(thread, order)
        finished = await self._queue.finished(turn.id)
        if finished.message is None:
            raise finished.error or TurnError(f"{agent} was stopped.")
        return finished.message
