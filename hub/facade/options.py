"""What a person does with the options of a decision: propose another, join them, split them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hub.consensus.person import named
from hub.consensus.regrouping import joined, parted
from hub.deciding.proposing import LONGEST_OPTION, MOST_OPTIONS
from hub.deliberation import decision_id
from hub.domain.agent import HUB, YOU
from hub.domain.ask import Mode
from hub.domain.change import RegroupDecision
from hub.domain.decision import Decision, Regrouping
from hub.domain.event import DecisionOpened
from hub.domain.ids import MessageId, ThreadId
from hub.domain.query import Messages, OpenQuestions
from hub.domain.regrouping import drafts_of, regrouped
from hub.domain.text import one_line, sanitize
from hub.domain.thread import Message, MessageKind
from hub.errors import NotFoundError, UsageError
from hub.facade.decisions import Decisions
from hub.threads import post


class Options(Decisions):
    """The part of the facade that knows what a person may do with options."""

    async def propose(self, ref: str, text: str) -> Message:
        """Put another option to a decision under way: it is voted on in the next round.

        While drafts are still being written for an open question it is put to the vote along with
        them, and the person is named as who proposed it.

        Args:
            ref: The decision; while drafts are written, its thread or question, or `last`.
            text: The option.

        Raises:
            NotFoundError: There is no such decision.
            UsageError: It is closed, the option is on the table, or the table is full.
        """
        said = one_line(text, LONGEST_OPTION + 1)
        if not 0 < len(said) <= LONGEST_OPTION:
            raise UsageError(f"An option has 1 to {LONGEST_OPTION} characters.")
        if (drafting := await self._drafting(ref)) is not None:
            return await self._note(drafting.thread_id, drafting.id, said)
        decision = await self.decision(ref)
        options = decision.proposal.options
        if decision.closed_at is not None:
            raise UsageError("The decision is closed: ask again with the option in it.")
        if named(decision, said):
            raise UsageError("That option is on the table already.")
        if len(options) >= MOST_OPTIONS:
            raise UsageError(f"{len(options)} options are on the table: {MOST_OPTIONS} at most.")
        question = await self._question(decision)
        return await self._note(decision.thread_id, question.id if question else None, said)

    async def _note(self, thread: ThreadId, question: MessageId | None, said: str) -> Message:
        at = self._parts.clock.now()
        note = post(
            *(thread, said), author=YOU, kind=MessageKind.NOTE, at=at, reply_to=question, to=(HUB,)
        )
        return await self._post(note)

    async def _drafting(self, ref: str) -> Message | None:
        """Return the open question that a reference means, while drafts are written for it."""
        under_way = await self._parts.store.read(OpenQuestions(everyones=True))
        asked = [open_.question for open_ in under_way if open_.ask.mode is Mode.DECIDE]
        drafting = [q for q in asked if await self._decided(decision_id(q.id)) is None]
        if ref == "last":
            newest = await self._decided(ref)
            since = newest.opened_at if newest else 0
            return next((q for q in reversed(drafting) if q.created_at >= since), None)
        found = [q for q in drafting if any(id_.startswith(ref) for id_ in _ids(q))]
        return found[-1] if ref and found and await self._decided(ref) is None else None

    async def _decided(self, ref: str) -> Decision | None:
        """Return a decision; None where there is none of that id."""
        try:
            return await self.decision(ref)
        except NotFoundError:
            return None

    async def join(
        self, ref: str, options: Sequence[str], *, name: str = YOU, reason: str
    ) -> Decision:
        """Make one option of several that say the same; the first one's words stand for all.

        Ballots stay as they were cast and count for the option that holds what they named. A decision
        that is closed stands: another takes its place, counted anew.

        Args:
            ref: The decision, on an open question.
            options: By letter, text or id.
            name: Whose change it is.
            reason: Why.

        Raises:
            UsageError: No reason; the options were given; these are not two of them.
        """
        decision, who, why = await self._changed(ref, name, reason)
        at = self._parts.clock.now()
        return await self._regroup(decision, joined(decision, options, who, why, at))

    async def split(
        self, ref: str, option: str, drafts: Sequence[str], *, name: str = YOU, reason: str
    ) -> Decision:
        """Take drafts out of an option that they were merged into; together they make another one.

        As `join`; a vote that was a draft goes with it.

        Args:
            ref: The decision, on an open question.
            option: By letter, text or id.
            drafts: By their author, the id of the message, or what they say.
            name: Whose change it is.
            reason: Why.

        Raises:
            UsageError: No reason; the options were given; none or all of its drafts are named.
        """
        decision, who, why = await self._changed(ref, name, reason)
        posted = await self._parts.store.read(Messages(decision.thread_id))
        authors = {d.author for o in decision.proposal.options for d in drafts_of(o)}
        by_id = {m.id: m.author for m in posted if m.author in authors}
        whose = [_author(by_id, draft, authors) for draft in drafts]
        at = self._parts.clock.now()
        return await self._regroup(decision, parted(decision, option, whose, who, why, at))

    async def _changed(self, ref: str, name: str, reason: str) -> tuple[Decision, str, str]:
        """Return the decision that is to be changed, by whom and why."""
        decision = await self._standing(ref)
        why = sanitize(reason).strip()
        if not why:
            raise UsageError("Joining and splitting need a reason: the record has to say why.")
        return decision, self._person(decision, name), why

    async def _regroup(self, decision: Decision, change: Regrouping) -> Decision:
        """Change the options where the vote is open; else count anew, in the decision's place."""
        if decision.closed_at is None:
            changed = await self._parts.store.commit(RegroupDecision(decision.id, change))
            self._parts.bus.publish(DecisionOpened(changed))
            return changed
        proposal = regrouped(decision.proposal, change)
        return await self._supersede(replace(decision, proposal=proposal))


def _author(by_id: Mapping[MessageId, str], ref: str, authors: set[str]) -> str:
    """Return whose draft is meant where a message is named by its id; else what was said."""
    if ref in authors or len(ref) < 4:  # noqa: PLR2004  shorter ones may be anything
        return ref
    found = {author for id_, author in by_id.items() if id_.startswith(ref.lower())}
    return found.pop() if len(found) == 1 else ref


def _ids(question: Message) -> tuple[str, ...]:
    """Return what a decision can be called before it is there."""
    return question.thread_id, question.id, decision_id(question.id)
