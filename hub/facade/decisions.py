"""What a person does with decisions: vote, propose, override, mark, look from other sides, record."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from hub.config import Settings
from hub.consensus.learning.calibration import NOTHING, learn
from hub.consensus.person import named, person_ballot
from hub.consensus.tally import tally
from hub.consensus.whatif import WhatIf, what_if
from hub.deciding.calibrating import Calibrations
from hub.deciding.concluding import concluded, outcome_post
from hub.deciding.defending import record_of
from hub.deciding.proposing import LONGEST_OPTION
from hub.deliberation import decision_id
from hub.domain.agent import HUB, YOU
from hub.domain.ask import Ask, Mode, TurnSoFar
from hub.domain.change import (
    AskQuestion,
    CastBallot,
    CloseDecision,
    MarkDecision,
    OpenDecision,
    ReopenDecision,
)
from hub.domain.decision import Ballot, BallotKind, Decision, Option, Proposal, Rule
from hub.domain.decision_record import DecisionRecord
from hub.domain.event import BallotCast, DecisionClosed, DecisionOpened, MessagePosted
from hub.domain.ids import DecisionId, MessageId, new_id
from hub.domain.mark import Mark, Marked
from hub.domain.query import DecisionByRef, DecisionList, Messages, OpenQuestions, ReadingFor
from hub.domain.text import one_line, sanitize, title_of
from hub.domain.thread import Attachment, Message, MessageKind
from hub.domain.turn import TurnState
from hub.errors import UsageError
from hub.facade.drawings import Drawings
from hub.serving.calls import Parts
from hub.serving.outages import Outage
from hub.threads import post

_NOT_TO_GO_ON = (
    "There is nothing to go on with here: what is under way goes on by itself, `gitbridge resume` "
    "takes over what a dead program left, and `decision rerun` asks anew."
)
PERSON = "person"
"""Why a decision ended that a person brought to its end."""


class Decisions(Drawings):
    """The part of the facade that knows what a person may do with decisions."""

    def __init__(self, settings: Settings, parts: Parts) -> None:
        super().__init__(settings, parts)
        self._calibrations = Calibrations(parts.store)

    def on_outage(self, *, can_ask: bool) -> None:
        """Say whether a person can be asked where a decision meets an outage (`OutageMet`)."""
        self._parts.outages.can_ask = can_ask

    def answer_outage(self, question: MessageId, wish: Outage) -> None:
        """Tell what the person wants done about an outage."""
        self._parts.outages.answer(question, wish)

    async def mark_decision(self, ref: str, *, right: bool, answer: str | None = None) -> Marked:
        """Say whether a decision was right: from now on every vote in it counts for its voter.

        Args:
            ref: The decision.
            right: Whether its winner was.
            answer: What is right, where the winner is not: an option, or another answer.

        Raises:
            UsageError: It is open, or has no winner and no answer is given.
        """
        decision = await self.decision(ref)
        if decision.closed_at is None:
            raise UsageError("This decision is still open: mark it once its outcome stands.")
        known = None if answer is None else named(decision, answer) or one_line(answer, 400)
        mark = Mark(right, known)
        learn(NOTHING, decision, mark)  # refuses what teaches nothing
        at = self._parts.clock.now()
        marked = await self._parts.store.commit(MarkDecision(decision.id, mark, at))
        await self._learning.catch_up()
        return marked

    async def what_if(
        self, ref: str, *, without: Sequence[str] = (), rule: Rule | None = None
    ) -> WhatIf:
        """Count a decision's ballots without somebody, or under another rule; nothing is kept."""
        decision = await self.decision(ref)
        known = await self._calibrations.current(rule or decision.proposal.rule)
        return await asyncio.to_thread(
            what_if, decision, without=without, rule=rule, calibration=known
        )

    async def vote(
        self,
        ref: str,
        choices: Sequence[str] = (),
        *,
        block: bool = False,
        reason: str = "",
        name: str = YOU,
    ) -> Decision:
        """Cast a person's ballot; without a choice it abstains.

        One that is closed and decided nothing is opened again, counted anew and closed.

        Args:
            ref: The decision.
            choices: Options by letter or text: one, or a list as the rule asks for.
            block: True: a veto, under `consent` alone; it needs a reason.
            reason: Why.
            name: Whose vote it is.

        Raises:
            UsageError: No such option, a block that the rule does not know, or it is decided.
        """
        decision = await self._standing(ref)
        who = self._person(decision, name)
        ballot = person_ballot(decision, who, choices, block=block, reason=sanitize(reason).strip())
        closed = decision.closed_at is not None
        if closed:
            decision = await self._parts.store.commit(ReopenDecision(decision.id))
        decision = await self._cast(decision, ballot)
        return await self._close(decision, PERSON) if closed else decision

    async def cast_override(
        self, ref: str, option: str, *, name: str = YOU, reason: str
    ) -> Decision:
        """Decide whatever the count says; the agents' tally stays beside it.

        A decision that is closed stands: another takes its place, with the same ballots.

        Returns:
            The decision that holds now; while its question is under way it is still open.

        Raises:
            UsageError: No reason.
        """
        decision = await self._standing(ref)
        why = sanitize(reason).strip()
        if not why:
            raise UsageError("Overriding needs a reason: the record has to say why.")
        who = self._person(decision, name)
        chosen = Option(one_line(option, LONGEST_OPTION))
        wanted = named(decision, option)
        if wanted is None:
            proposal = replace(decision.proposal, options=(*decision.proposal.options, chosen))
            if decision.closed_at is None:
                raise UsageError("That is none of the options; propose it first.")
            decision = replace(decision, proposal=proposal)
            wanted = chosen.id
        last = max((ballot.round for ballot in decision.ballots), default=0)
        ballot = Ballot(who, last + 1, wanted, reason=why, kind=BallotKind.HUMAN, override=True)
        if decision.closed_at is None:
            return await self._cast(decision, ballot)
        return await self._supersede(decision, ballot)

    async def note_decision(
        self,
        question: str,
        winner: str,
        *,
        options: Sequence[str] = (),
        name: str = YOU,
        reason: str,
        ref: str | None = None,
        supersedes: str | None = None,
        review_at: int | None = None,
    ) -> Decision:
        """Keep a decision that was made elsewhere.

        Args:
            question: What was decided on.
            winner: What was decided.
            options: What else was considered.
            name: Who decided.
            reason: Why.
            ref: Thread to keep it in; None opens one.
            supersedes: Reference of the decision whose place it takes.
            review_at: UTC microseconds at which to look again.
        """
        before = await self.decision(supersedes) if supersedes else None
        texts = (one_line(text, LONGEST_OPTION) for text in (winner, *options))
        table = {option.id: option for option in map(Option, filter(None, texts))}
        chosen = Option(one_line(winner, LONGEST_OPTION))
        if not chosen.text or not sanitize(reason).strip():
            raise UsageError("Say what was decided, and why.")
        thread = await (self.thread(ref) if ref else self.create_thread(title_of(question)))
        at = self._parts.clock.now()
        asked = post(thread.id, question, author=YOU, kind=MessageKind.QUESTION, at=at)
        asked = await self._post(asked)
        proposal = Proposal(
            question=asked.body,
            options=tuple(table.values()),
            eligible=(),
            rule=Rule.PLURALITY,
            rounds=0,
            supersedes=before.id if before else "",
            review_at=review_at,
        )
        empty = Decision(decision_id(asked.id), thread.id, proposal, at)
        who = self._person(empty, name)
        why = sanitize(reason).strip()
        ballot = Ballot(who, 1, chosen.id, reason=why, kind=BallotKind.HUMAN, override=True)
        return await self._open_and_close(replace(empty, ballots=(ballot,)))

    async def decision_record(self, ref: str) -> DecisionRecord:
        """Return a decision with everything that speaks for it."""
        return await record_of(self._parts, await self.decision(ref))

    async def export_decision(self, ref: str, format: str) -> str:  # noqa: A002  the word people use
        """Return a decision record as markdown or json.

        Raises:
            UsageError: Another format.
        """
        from hub.exports.decision_record import to_json, to_markdown

        writers = {"markdown": to_markdown, "json": to_json}
        if format not in writers:
            raise UsageError(f"Unknown format {format!r}: choose {' or '.join(writers)}.")
        return writers[format](await self.decision_record(ref))

    async def asked_again(self, ref: str) -> Ask:
        """Return what puts a decision's question once more to those of its agents that there are.

        Raises:
            UsageError: None of them is configured any more.
        """
        decision = await self.decision(ref)
        proposal, question = decision.proposal, await self._question(decision)
        names = tuple(name for name in proposal.eligible if name in self._parts.personas)
        if not names:
            raise UsageError("None of the agents that voted is configured any more: ask anew.")
        files: tuple[Attachment, ...] = ()
        if question is not None:
            read = ReadingFor(decision.thread_id, before=question.seq + 1, limit=1)
            files = (await self._parts.store.read(read)).texts
        return Ask(
            question=proposal.question,
            mode=Mode.DECIDE,
            agents=names,
            options=() if proposal.open else tuple(option.text for option in proposal.options),
            rule=proposal.rule,
            rounds=None if proposal.rounds == 1 else proposal.rounds,
            budget=proposal.budget,
            attachments=files,
            threshold=proposal.threshold,
            quorum=proposal.quorum,
            chair=proposal.chair if proposal.chair in names else None,
            stop_early=proposal.stop_early,
            category=proposal.category,
            kind=proposal.kind,
            supersedes=decision.id,
        )

    async def _reopened(self, ref: str, budget: int | None) -> tuple[Message, Ask, list[TurnSoFar]]:
        """Open a decision and its question again; return what is asked, and what was done of it."""
        decision = await self._standing(ref)
        question = await self._question(decision)
        if question is None or decision.closed_at is None:
            raise UsageError(_NOT_TO_GO_ON)
        again, store = await self.asked_again(decision.id), self._parts.store
        ask = replace(again, supersedes="", budget=budget or again.budget)
        await store.commit(ReopenDecision(decision.id))
        await store.commit(AskQuestion(question, ask))
        open_ = await store.read(OpenQuestions(question.thread_id))
        made = next(left.turns for left in open_ if left.question.id == question.id)
        return question, ask, [turn for turn in made if turn.turn.state is TurnState.DONE]

    async def _standing(self, ref: str) -> Decision:
        """Return a decision in whose place no other one of its thread has been taken.

        Raises:
            UsageError: One has; says which.
        """
        decision = await self.decision(ref)
        later = await self._parts.store.read(DecisionList(thread_id=decision.thread_id))
        if after := [d.id for d in later if d.proposal.supersedes == decision.id]:
            raise UsageError(
                f"Decision {after[0][:8]} has taken the place of this one: change that."
            )
        return decision

    async def _question(self, decision: Decision) -> Message | None:
        """Return the message that asked it; None where the decision came with a file."""
        messages = await self._parts.store.read(Messages(decision.thread_id))
        asked = (m for m in messages if m.kind is MessageKind.QUESTION)
        return next((m for m in asked if decision_id(m.id) == decision.id), None)

    def _person(self, decision: Decision, name: str) -> str:
        """Return a person's name, which must be nobody else's."""
        who = one_line(name, 32)
        taken = {HUB, *self._parts.personas, *decision.proposal.eligible}
        if not who or who in taken:
            raise UsageError(f"{name!r} is no person's name here: it is empty, or an agent's.")
        return who

    async def _cast(self, decision: Decision, ballot: Ballot) -> Decision:
        await self._parts.store.commit(CastBallot(decision.id, ballot))
        decision = await self._parts.store.read(DecisionByRef(decision.id))
        known = await self._calibrations.current(decision.proposal.rule)
        count = await asyncio.to_thread(tally, decision.proposal, decision.ballots, known)
        self._parts.bus.publish(BallotCast(decision.thread_id, decision.id, ballot, count))
        return decision

    async def _close(self, decision: Decision, why: str) -> Decision:
        """Count what is there, and close with it."""
        known = await self._calibrations.current(decision.proposal.rule)
        count = await asyncio.to_thread(tally, decision.proposal, decision.ballots, known)
        closed = concluded(decision, count, why, self._parts.clock.now())
        question = await self._question(decision)
        message = outcome_post(closed, question.id if question else None)
        try:
            posted = await self._parts.store.commit(
                CloseDecision(closed, message, len(closed.ballots))
            )
        except UsageError:
            now = await self.decision(decision.id)
            if now.closed_at is not None:
                raise
            return await self._close(now, why)
        if posted is not None:
            self._parts.bus.publish(MessagePosted(posted))
        self._parts.bus.publish(DecisionClosed(closed))
        return closed

    async def _supersede(self, before: Decision, *more: Ballot) -> Decision:
        """Open a decision in the place of one that stands, with its ballots, and any more.

        One more ballot is an override, which takes the place of those before it.
        """
        stands = (b for b in before.ballots if not (b.override and more))
        kept = tuple(replace(b, turn_id=None) for b in stands)
        return await self._open_and_close(
            Decision(
                DecisionId(new_id()),
                before.thread_id,
                replace(before.proposal, supersedes=before.id),
                self._parts.clock.now(),
                ballots=(*kept, *more),
            )
        )

    async def _open_and_close(self, decision: Decision) -> Decision:
        opened = await self._parts.store.commit(OpenDecision(decision))
        self._parts.bus.publish(DecisionOpened(opened))
        return await self._close(opened, PERSON)
