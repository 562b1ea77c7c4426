"""The facade: all that a front end may call."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from hub.asking import Asking, standing
from hub.beside.following import Following
from hub.beside.probing import Probing
from hub.bus import Subscription
from hub.config import Settings
from hub.copies import drop_backups
from hub.deciding.discussing import discuss
from hub.deciding.proposing import check, proposal_of, with_rule
from hub.deliberation import Deliberation
from hub.domain.agent import YOU
from hub.domain.ask import Answer, Ask, Estimate, Mode, TurnSoFar
from hub.domain.change import (
    AdoptTurns,
    CancelTurn,
    DeleteThread,
    DropTurns,
)
from hub.domain.decision import Decision
from hub.domain.event import Notice, ThreadDeleted
from hub.domain.ids import MessageId, ThreadId
from hub.domain.query import (
    OpenQuestions,
    OpenTurns,
    RecentCalls,
    TurnById,
)
from hub.domain.text import title_of
from hub.domain.thread import Message, MessageKind, Thread
from hub.domain.turn import Purpose, Turn
from hub.errors import GitBridgeError, NotFoundError, StorageError, TurnError, UsageError
from hub.estimating import estimate
from hub.facade.decisions import PERSON
from hub.facade.options import Options
from hub.facade.record import DAY
from hub.ledger.tokens import estimate_tokens
from hub.queue import TurnQueue
from hub.serving.calls import Parts, forget
from hub.threads import addressee, clean_post, mentions, post
from hub.views import CAP


class Hub(Options):
    """One program's hub: open it with `ui.wiring.open_hub`."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        super().__init__(settings, parts)
        self._queue = TurnQueue(parts)
        self._following = Following(parts, self._queue, self._learning)
        self._probing = Probing(parts, settings.router.health_interval_s)
        self._beside: list[asyncio.Task[None]] = []
        """What runs while the hub does."""
        self._asking: list[Asking] = []
        self._known: set[MessageId] = set()
        """Questions that this program answers or has answered."""

    async def start(self) -> None:
        """Learn from the record, dispatch turns, follow other programs."""
        for fact in await self._parts.store.read(RecentCalls()):
            self._parts.router.recall(fact)
        await self._following.begin()
        await self._parts.engine.start(self._queue.run)
        await self._learning.begin()
        for work in (self._following, self._learning, self._probing):
            self._beside.append(asyncio.create_task(work.run(), name=type(work).__name__.lower()))

    def leave(self) -> None:
        """Take nothing more, since this program is about to end: what is not done stays in line."""
        self._queue.closing = True

    def hurry(self) -> None:
        """Wait no longer for a journal that cannot be written: the person wants to quit at once.

        What is not written stays in line, to be resumed.
        """
        self._parts.give_up()

    async def close(self, grace_s: float = 5.0) -> None:
        """Let running turns finish for `grace_s` seconds, then close everything."""
        for task in self._beside:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self.leave()
        await self._parts.engine.stop(grace_s)
        await self._queue.close()
        await self._learning.keep()
        for agent in self._parts.agents.values():
            await agent.close()
        await self._parts.store.close()

    def subscribe(self) -> Subscription:
        """Return a line of all events from now on; close it when done."""
        return self._parts.bus.subscribe()

    # --- asking ---------------------------------------------------------------------------------

    async def ask(self, ask: Ask, ref: str | None = None) -> Answer:
        """Answer a question: one routed reply, a discussion, or a decision.

        Args:
            ask: The question and how to answer it.
            ref: The thread; None opens a new one.

        Raises:
            UsageError: Empty question, unknown agent, too few options.
            OrphanedTurnsError: A dead program left turns in the thread.
            GitBridgeError: Nothing at all came back; the first reason.
        """
        names = self._names(ask)
        started = self._parts.clock.monotonic()
        body = clean_post(ask.question)
        thread = await self.thread(ref) if ref else await self.create_thread(title_of(body))
        if ref and not thread.last_seq and thread.title == "untitled":
            thread = await self.rename(thread.id, title_of(body))
        question = post(
            thread.id,
            body,
            author=YOU,
            kind=MessageKind.QUESTION,
            at=self._parts.clock.now(),
            names=self._parts.personas,
            reply_to=ask.reply_to,
            to=names,
            attachments=ask.attachments,
        )
        ask = replace(ask, agents=names or (addressee(question, self.personas),))
        self._known.add(question.id)
        asking = Asking(self._parts, self._queue, thread, question, ask)
        decision = await self._answer(asking)
        return await self._conclude(asking, decision, started)

    async def go_on(self, ref: str, budget: int | None = None) -> Answer:
        """Go on with a decision that ended undecided: whoever has not voted is asked, nobody else.

        Args:
            ref: The decision.
            budget: Micro-dollars for the whole question; None: as before.

        Raises:
            UsageError: It is decided or under way, or it came with a file.
        """
        question, ask, done = await self._reopened(ref, budget)
        self._known.add(question.id)
        return await self._once_more(question, ask, done)

    async def send_again(self, ref: str) -> Answer:
        """Send a thread's newest question again for which nobody could be reached.

        Raises:
            NotFoundError: There is none.
            GitBridgeError: Nothing at all came back, again; the first reason.
        """
        thread = await self.thread(ref)
        busy = [asking.question.id for asking in self._asking]
        mine = await self._parts.store.read(OpenQuestions(thread.id))
        left = [one for one in mine if one.ask.unreached and one.question.id not in busy]
        if not left:
            raise NotFoundError("No question of this thread waits to be sent again.")
        done = standing(left[-1], wished=True)
        return await self._once_more(left[-1].question, left[-1].ask, done)

    async def _once_more(self, question: Message, ask: Ask, done: Sequence[TurnSoFar]) -> Answer:
        started, thread = self._parts.clock.monotonic(), await self.thread(question.thread_id)
        asking = Asking(self._parts, self._queue, thread, question, ask, done)
        return await self._conclude(asking, await self._answer(asking), started)

    async def override(self, ref: str, option: str, *, name: str = YOU, reason: str) -> Decision:
        """Decide whatever the count says, and end what is under way; see `cast_override`."""
        decision = await self.cast_override(ref, option, name=name, reason=reason)
        if decision.closed_at is not None:
            return decision
        if await self._parts.store.read(OpenTurns(decision.thread_id)):
            await self.stop(decision.thread_id)
            return decision
        return await self._close(decision, PERSON)

    async def _answer(self, asking: Asking) -> Decision | None:
        """Bring a question to its end; one that breaks off stays open, for `resume` to go on with.

        Broken off by the person, only a decision has something left: its tally.
        """
        over = False
        try:
            decision = await self._run(asking)
            over = True
        except asyncio.CancelledError:
            over = asking.ask.mode is not Mode.DECIDE and not self._queue.closing
            raise
        finally:
            if over and not asking.forgotten:
                with suppress(StorageError):  # whoever takes it up finds that it is over
                    await asking.end()
        return decision

    async def _run(self, asking: Asking) -> Decision | None:
        """Run the question in its mode, beside its deadline."""
        names = asking.ask.agents
        self._asking.append(asking)
        timer = asyncio.create_task(asking.expire(), name="deadline")
        try:
            await asking.post()
            match asking.ask.mode:
                case Mode.MESSAGE:
                    order = asking.order(names[0], Purpose.REPLY, asking.question.id)
                    _ = [finished async for finished in asking.turns([order])]
                    return None
                case Mode.DISCUSS:
                    await discuss(asking, names)
                    return None
                case Mode.DECIDE:
                    asked_at = asking.question.created_at
                    rules = self.settings.consensus
                    proposal = proposal_of(asking.ask, names, rules, asked_at)
                    return await Deliberation(asking, proposal, self._calibrations).run()
        except (GitBridgeError, asyncio.CancelledError):
            with suppress(GitBridgeError):  # what ended the question is what counts
                await asking.abandon()
            raise
        finally:
            self._asking.remove(asking)
            forget(self._parts, asking.question.id)
            self._parts.outages.over(asking.question.id)
            timer.cancel()
            await asyncio.wait([timer])
            if not timer.cancelled():
                timer.exception()  # a deadline that could not be written is no news now

    async def _conclude(self, asking: Asking, decision: Decision | None, started: float) -> Answer:
        """Gather what came of a question; raise why where nothing did."""
        ballots = decision.ballots if decision else ()
        error = asking.first_error()
        if not asking.messages and not ballots and error and asking.stopped != "person":
            if asking.stopped == "deadline":
                limit = f"{asking.ask.timeout_s:g} s"
                raise TurnError(f"Nothing came within {limit}; allow more time with --timeout.")
            raise error
        mine = {finished.turn.id for finished in asking.finished}
        outcome = await asking.outcome()
        return Answer(
            thread=outcome.thread,
            question=asking.question,
            messages=tuple(m for m in outcome.messages if m.turn_id in mine),
            decision=decision,
            turns=tuple(summary for summary in outcome.turns if summary.id in mine),
            usage=outcome.usage,
            elapsed_s=self._parts.clock.monotonic() - started,
            failures=tuple(dict.fromkeys(str(error) for error in asking.errors)),
            stopped=asking.stopped,
        )

    def _names(self, ask: Ask) -> tuple[str, ...]:
        """Return who is asked, checked; empty for a plain message to whoever it addresses."""
        known = tuple(self._parts.personas)
        for name in ask.agents:
            if name not in known:
                raise UsageError(f"There is no agent named {name!r}. Agents: {', '.join(known)}.")
        if ask.mode is Mode.MESSAGE:
            return ask.agents[:1]
        names = tuple(dict.fromkeys(ask.agents)) or known
        check(ask, names)
        return names

    async def estimate(self, ask: Ask, ref: str | None = None) -> Estimate:
        """Return what a question may cost, before anything is sent."""
        names = self._names(ask)
        if not names:
            spoken = mentions(ask.question, self._parts.personas)
            names = spoken[:1] or (self.personas[0].name,)
        read, thread = 0, None
        if ref:
            thread = await self.thread(ref)
            newest = await self.messages(thread.id, limit=50)
            read = min(CAP, sum(estimate_tokens(message.body) for message in newest))
        ask = with_rule(ask, self.settings.consensus)
        found = estimate(self._parts, ask, names, read)
        return replace(found, room=await self.room(ask, names, thread.id if thread else None))

    async def stop(self, ref: str | None = None) -> int:
        """Stop the questions and turns of a thread, or all; return how many turns were stopped.

        `ask` then returns what was paid for.
        """
        thread = (await self.thread(ref)).id if ref else None
        stopped = 0
        for asking in tuple(self._asking):
            if thread in (None, asking.thread.id):
                stopped += await asking.stop("person")
        left = {turn.id for turn in await self._parts.store.read(OpenTurns(thread, orphaned=True))}
        for turn in await self._parts.store.read(OpenTurns(thread)):
            if turn.id in left:  # nobody runs it: `drop` ends it
                continue
            if turn.id in self._queue.running():
                await self._queue.stop(turn.id)
            else:  # another program's: its own follower sees the mark and stops it
                await self._parts.store.commit(CancelTurn(turn.id, self._parts.clock.now()))
            stopped += 1
        return stopped

    async def delete(self, ref: str) -> Thread:
        """Delete a thread for good; what was spent stays booked."""
        thread = await self.thread(ref)
        await self.stop(thread.id)
        await self._parts.store.commit(DeleteThread(thread.id))
        self._parts.bus.publish(ThreadDeleted(thread.id))
        return thread

    async def expire(self, days: int | None = None) -> tuple[Thread, ...]:
        """Delete the threads that nobody has posted in for so many days, and backups as old.

        Args:
            days: As `[retention] days` says unless given; None there keeps everything.
        """
        days = days or self.settings.retention.days
        if days is None:
            return ()
        quiet = await self.quiet_threads(days)
        for thread in quiet:
            await self.delete(thread.id)
        before = self._parts.clock.now() - days * DAY
        backups = await asyncio.to_thread(drop_backups, self.settings, before)
        if quiet or backups:
            what = f"{len(quiet)} threads and {backups} backups older than {days} days"
            self._parts.bus.publish(Notice(f"Deleted for good, as configured: {what}."))
        return quiet

    # --- turns ----------------------------------------------------------------------------------

    async def orphans(self) -> tuple[Turn, ...]:
        """Return the turns that programs left which are gone."""
        return await self._parts.store.read(OpenTurns(orphaned=True))

    async def unanswered(self) -> tuple[Message, ...]:
        """Return the questions that programs left open which are gone, those without turns too."""
        left = await self._parts.store.read(OpenQuestions(orphaned=True))
        return tuple(open_.question for open_ in left)

    async def resume(self, ref: str | None = None) -> tuple[Turn, ...]:
        """Take over what dead programs left, and bring turns and questions to their end.

        Returns:
            The turns that were taken over, then those that their questions still needed.
        """
        thread = (await self.thread(ref)).id if ref else None
        adopted = await self._parts.store.commit(AdoptTurns(thread))
        for turn in adopted:
            if not turn.state.ended:
                await self._queue.dispatch(turn)
        askings = await self._taken_over(thread)
        await self._all(askings)
        for turn in adopted:  # those of questions have been waited for
            if turn.id in self._queue.running():
                await self._queue.finished(turn.id)
        ids = [turn.id for turn in adopted] + [id_ for asking in askings for id_ in asking.queued]
        return tuple([await self._parts.store.read(TurnById(id_)) for id_ in ids])

    async def drop(self, ref: str | None = None) -> tuple[Turn, ...]:
        """End the turns that dead programs left, and tally what was paid for."""
        thread = (await self.thread(ref)).id if ref else None
        dropped = await self._parts.store.commit(DropTurns(thread))
        askings = await self._taken_over(thread)
        for asking in askings:
            asking.stopped = "person"
        await self._all(askings)
        return dropped

    async def _taken_over(self, thread: ThreadId | None) -> list[Asking]:
        """Return the questions that are this program's now and that it does not answer yet."""
        askings = []
        for left in await self._parts.store.read(OpenQuestions(thread)):
            question = left.question
            if question.id not in self._known:
                self._known.add(question.id)
                where = await self.thread(question.thread_id)
                done = standing(left)
                askings.append(Asking(self._parts, self._queue, where, question, left.ask, done))
        return askings

    async def _all(self, askings: list[Asking]) -> None:
        """Answer questions side by side; raise the first error once all have come to an end."""
        tasks = [asyncio.create_task(self._answer(asking)) for asking in askings]
        if tasks:
            await asyncio.wait(tasks)
        for task in tasks:
            task.result()
