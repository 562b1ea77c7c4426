"""Rounds of turns, then ballots, a tally and a decision with its dissent (CONSENSUS: flow).

A blind round first: each agent answers without having seen the others. Then rounds of critique, in
which each answers one of the others. Then structured ballots. Without a number of rounds from the
person there is one blind round, and one critique with a second vote only if the first vote was split:
more talk before voting makes decisions worse (CONSENSUS: why so little talk).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from hub.asking import Asking
from hub.consensus.answers import answers, on_table
from hub.consensus.canonical import canonical, options_of
from hub.consensus.early_stop import BUDGET, STAGNATION, stagnant
from hub.deciding.calibrating import Calibrations
from hub.deciding.clustering import cluster
from hub.deciding.concluding import concluded, outcome_post
from hub.deciding.families import met_after, met_before
from hub.deciding.headroom import means_for, vote_of
from hub.deciding.polling import Poll, Polled
from hub.deciding.proposing import MOST_OPTIONS, seats
from hub.deciding.wording import answer_words, critique_words
from hub.domain.agent import HUB, YOU, Deployment
from hub.domain.change import CloseDecision, OpenDecision, WidenDecision
from hub.domain.decision import (
    Ballot,
    Decision,
    Option,
    Proposal,
    Rule,
    Tally,
    TieStep,
    Verdict,
)
from hub.domain.event import (
    DecisionClosed,
    DecisionOpened,
    MessagePosted,
    Notice,
    RoundStarted,
)
from hub.domain.ids import DecisionId, MessageId, digest, seeded
from hub.domain.query import DecisionByRef, Messages
from hub.domain.regrouping import ever_on_table
from hub.domain.thread import Message
from hub.domain.turn import Purpose, TurnOrder
from hub.errors import UsageError
from hub.estimating import PARTIAL


class Deliberation:
    """One decision under way."""

    def __init__(self, asking: Asking, proposal: Proposal, calibrations: Calibrations) -> None:
        """Prepare.

        Args:
            asking: The question and its turns.
            proposal: Rules and eligible agents; without options they come from the drafts.
            calibrations: What marked decisions taught.
        """
        self._asking = asking
        self._parts = asking.parts
        self._proposal = proposal
        self._poll = Poll(asking, calibrations)
        self._decision: Decision | None = None
        self._latest: dict[str, Message] = {}
        self._short = ""
        """Why a round of critique was left out."""
        self._repeated = 0
        """Rounds in which some were asked again, since another family had stood in for theirs."""

    async def run(self) -> Decision | None:
        """Run it to its outcome; None when not even options came about.

        Ended early, it tallies what was paid for. What a program that is gone did of it stands:
        the same question has the same decision, and its turns are not made again.
        """
        self._seat()
        if self._proposal.options:
            await self._open(self._proposal.options)
        for number in range(1, self._proposal.rounds + 1):
            if not await self._discuss(number):
                break
        if self._decision is None and not await self._open_drafts():
            return None
        if self._opened().closed_at is not None:
            return self._opened()
        await self._widen()
        polled = await self._vote(1)
        if self._proposal.rule is Rule.CHAIR and not self._proposal.by_posts:
            polled = await self._vote(2)  # its second look, the options the other way round
        elif await self._may_agree_later(polled.count) and await self._discuss(
            self._proposal.rounds + 1
        ):
            polled = await self._vote(2)
        return await self._close(await self._untied(polled))

    def _seat(self) -> None:
        """Say who is expected to answer for whom, unless an earlier program has said it."""
        id_ = decision_id(self._asking.question.id)
        expected = seats(self._parts, self._asking.ask, self._proposal.eligible)
        seed = self._proposal.seed or id_
        self._proposal = replace(self._proposal, seats=expected, seed=seed)

    async def _open(self, options: tuple[Option, ...]) -> None:
        """Put the question to the vote, unless that was done; then its proposal stands."""
        decision = Decision(
            id=decision_id(self._asking.question.id),
            thread_id=self._asking.thread.id,
            proposal=replace(self._proposal, options=options[:MOST_OPTIONS]),
            opened_at=self._parts.clock.now(),
        )
        self._decision = await self._parts.store.commit(OpenDecision(decision))
        self._proposal = self._decision.proposal
        self._parts.bus.publish(DecisionOpened(self._decision))

    async def _open_drafts(self) -> bool:
        """Put the drafts to the vote; False where there is none."""
        drafts = sorted(self._latest.values(), key=lambda message: message.seq)
        if not drafts:
            return False
        proposed = await self._proposed()
        if self._proposal.by_posts:
            said = answers({draft.author: draft.body for draft in drafts})
            options = options_of((*said, *proposed), self._proposal.kind)
        else:
            options = await cluster(self._asking, self._proposal, drafts, proposed)
        if options:
            await self._open(_as_many_as_fit(options))
        return bool(options)

    async def _discuss(self, number: int) -> bool:
        """One round of posts, side by side: blind drafts first, then answers to one another.

        Returns:
            False where budgets do not pay for a round of critique and the vote behind it: none is
            held then.
        """
        purpose = Purpose.DRAFT if number == 1 else Purpose.CRITIQUE
        seen = max((m.seq for m in self._asking.messages), default=self._asking.question.seq)
        orders = [
            replace(self._post(agent, purpose), up_to_seq=seen, round=number)
            for agent in self._proposal.eligible
        ]
        if purpose is Purpose.DRAFT:
            await self._must_pay_for_one_of(orders)
        elif not await self._pays_for(orders):
            return False
        self._announce(number, purpose)
        async for finished in self._asking.turns(orders):
            if finished.message is not None:
                self._latest[finished.message.author] = finished.message
        return True

    async def _must_pay_for_one_of(self, drafts: list[TurnOrder]) -> None:
        """Ask nothing where budgets do not pay for a single draft."""
        means = await means_for(self._asking, drafts)
        if means.refused is not None and not means.orders:
            self._asking.spent(means.refused)

    async def _pays_for(self, critique: list[TurnOrder]) -> bool:
        """Tell whether budgets pay for a round of critique; where not, the record says so."""
        if self._asking.stopped:
            return True
        voted = bool(self._opened_ballots())
        vote = [] if self._proposal.by_posts else vote_of(self._asking, self._proposal, 1 + voted)
        means = await means_for(self._asking, critique, then=vote)
        if means.refused is None:
            return True
        self._short = BUDGET
        if voted:
            self._asking.spent(means.refused)
        else:
            text = f"{means.refused} There is no critique; the vote comes at once."
            self._parts.bus.publish(Notice(text, self._asking.thread.id, "warning"))
        return False

    def _post(self, agent: str, purpose: Purpose) -> TurnOrder:
        """Return what an agent is to post; after a split vote it reads an argument of each side."""
        order = self._asking.order(agent, purpose, self._answered_by(agent, purpose))
        decision, words, critique = self._decision, "", purpose is Purpose.CRITIQUE
        if self._proposal.by_posts:
            words = answer_words(self._proposal, critique=critique)
        elif critique and decision is not None and decision.ballots:
            words = critique_words(decision, decision.ballots, agent)
        return replace(order, blind=True, committee=True, instruction=words)

    def _answered_by(self, agent: str, purpose: Purpose) -> MessageId:
        """Return the message an agent answers: the latest of the next one that differs, in a ring."""
        if purpose is Purpose.DRAFT:
            return self._asking.question.id
        ring = [name for name in self._proposal.eligible if name in self._latest or name == agent]
        others = ring[ring.index(agent) + 1 :] + ring[: ring.index(agent)]
        cast = self._opened_ballots()
        said = {ballot.voter: ballot.first for ballot in cast}
        others.sort(key=lambda other: said.get(other) == said.get(agent))
        return self._latest[others[0]].id if others else self._asking.question.id

    async def _vote(self, number: int) -> Polled:
        """Collect a round of ballots; again from those whose family was out and was waited for."""
        number += self._repeated
        if self._proposal.by_posts:
            polled = await self._take_answers(number)
        else:
            await met_before(self._asking, self._proposal)
            self._announce(number, Purpose.BALLOT)
            polled = await self._poll.round(self._opened(), number)
        while again := await met_after(self._asking, polled.decision):
            self._repeated, number = self._repeated + 1, number + 1
            if self._proposal.by_posts:
                await self._redraft(again, number)
                polled = await self._take_answers(number)
            else:
                polled = await self._poll.once_more(polled.decision, again, number)
        self._decision = polled.decision
        return polled

    async def _redraft(self, agents: Mapping[str, Deployment], number: int) -> None:
        """Have some agents answer anew, as blind as at first, each served by what was seated."""
        orders = [
            replace(
                self._post(agent, Purpose.DRAFT),
                up_to_seq=self._asking.question.seq,
                round=number,
                provider=by.provider,
                model=by.model,
            )
            for agent, by in agents.items()
        ]
        async for finished in self._asking.turns(orders):
            if finished.message is not None:
                self._latest[finished.message.author] = finished.message

    async def _take_answers(self, number: int) -> Polled:
        """Take each agent's latest post for its vote; new answers come on the table first."""
        posts = {author: message.body for author, message in self._latest.items()}
        await self._put_on_table(options_of(answers(posts), self._proposal.kind))
        return await self._poll.by_posts(self._opened(), number, self._latest)

    async def _widen(self) -> None:
        """Take up the options that a person has proposed since the vote opened."""
        proposed = await self._proposed()
        await self._put_on_table(options_of(proposed, self._opened().proposal.kind))

    async def _proposed(self) -> list[tuple[str, str]]:
        """Return what a person has put to the hub in answer to the question, and who it was."""
        question = self._asking.question
        after = await self._parts.store.read(Messages(question.thread_id, after=question.seq))
        posted = [m for m in after if m.author == YOU and m.to == (HUB,)]
        return [(m.body, YOU) for m in posted if m.reply_to == question.id]

    async def _put_on_table(self, options: tuple[Option, ...]) -> None:
        """Add the options that are new, as far as there is room; what people changed stands."""
        decision = await self._parts.store.read(DecisionByRef(self._opened().id))
        kind, table = decision.proposal.kind, decision.proposal.options
        known = on_table(table, kind)
        new = tuple(o for o in options if canonical(o.text, kind) not in known)
        if room := new[: MOST_OPTIONS - len(table)]:
            decision = await self._parts.store.commit(WidenDecision(decision.id, room))
            self._parts.bus.publish(DecisionOpened(decision))
        self._decision, self._proposal = decision, decision.proposal

    async def _may_agree_later(self, count: Tally) -> bool:
        """True when another round may help: voters who disagree, and nothing that stops it.

        A person's option that came while the vote was on asks for one, too.
        """
        if self._asking.ask.rounds is not None or self._asking.stopped:
            return False
        if self._proposal.rule in PARTIAL:
            return False
        before = {option.id for option in ever_on_table(self._proposal)}
        await self._widen()
        if {option.id for option in self._proposal.options} - before:
            return True
        split = len([score for score in count.scores if score.votes]) > 1
        return count.verdict is Verdict.NO_CONSENSUS and split

    async def _untied(self, polled: Polled) -> Polled:
        """Ask for one more ballot where the count was left to that: another model's, if there is one."""
        missing = f"{TieStep.BALLOT.value}: none was cast"
        if missing not in polled.count.tie_steps or self._asking.stopped:
            return polled
        cast = polled.decision.ballots
        number = max((ballot.round for ballot in cast), default=0) + 1
        for agent in sorted(
            self._proposal.eligible, key=lambda name: seeded(self._proposal.seed, "tie", name)
        ):
            if other := self._another_mind(agent, cast):
                return await self._poll.break_tie(polled, agent, other, number)
        return polled

    def _another_mind(self, agent: str, cast: tuple[Ballot, ...]) -> Deployment | None:
        """Return a deployment that an agent may use, of the family that voted least, not its own."""
        ask, persona = self._asking.ask, self._parts.personas[agent]
        own = {ballot.family for ballot in cast if ballot.voter == agent}
        voted = Counter(ballot.family for ballot in cast)
        others = [
            d
            for d in self._parts.deployments
            if d.family not in own
            and (not persona.deployments or {d.id, d.provider} & set(persona.deployments))
        ]
        if ask.provider or ask.model:  # the person wants no other
            return None
        return min(others, key=lambda d: (voted[d.family], d.id), default=None)

    async def _close(self, polled: Polled) -> Decision:
        """Write the outcome, whatever it is, and post the hub's sentence on it."""
        stopped = self._asking.stopped or self._short or polled.stopped
        if not (stopped or self._repeated) and stagnant(polled.decision.ballots):
            stopped = STAGNATION
        closed, posted = await self._written(polled, stopped or "all ballots are in")
        if posted is not None:
            self._parts.bus.publish(MessagePosted(posted))
        self._parts.bus.publish(DecisionClosed(closed))
        return closed

    async def _written(self, polled: Polled, why: str) -> tuple[Decision, Message | None]:
        """Write the outcome; what a person does while it is counted is counted too."""
        while True:
            closed = concluded(polled.decision, polled.count, why, self._parts.clock.now())
            message = outcome_post(closed, self._asking.question.id)
            try:
                return closed, await self._parts.store.commit(
                    CloseDecision(closed, message, len(closed.ballots))
                )
            except UsageError:
                polled = await self._poll.again(polled)
                if polled.decision.closed_at is not None:
                    raise

    def _opened(self) -> Decision:
        if self._decision is None:
            raise UsageError("The question has not been put to the vote yet.")
        return self._decision

    def _opened_ballots(self) -> tuple[Ballot, ...]:
        return self._decision.ballots if self._decision else ()

    def _announce(self, number: int, purpose: Purpose) -> None:
        if self._asking.stopped:
            return
        rounds = max(self._proposal.rounds, number)
        self._parts.bus.publish(
            RoundStarted(
                self._asking.thread.id, number, rounds, purpose.value, self._proposal.eligible
            )
        )


def _as_many_as_fit(options: tuple[Option, ...]) -> tuple[Option, ...]:
    """Return the options that there is room for: those of the person before any draft."""
    kept = sorted(options, key=lambda option: YOU not in option.authors)[:MOST_OPTIONS]
    return tuple(option for option in options if option in kept)


def decision_id(question: MessageId) -> DecisionId:
    """Return the id of the decision on a question: the same however often it is gone on with."""
    return DecisionId(digest(f"decision\0{question}"))
