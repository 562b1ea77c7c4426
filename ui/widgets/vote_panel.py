"""Who voted what: options with their counts, voters with their state, quorum, outcome, dissent."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content
from textual.style import Style
from typing_extensions import override

from hub.domain.agent import YOU
from hub.domain.decision import Ballot, BallotKind, Decision, Dissent, Option, Verdict
from hub.exports.words import merged, not_heard, regrouping
from ui.format import VOTES, VoteState
from ui.widgets.cell_text import flat, pad
from ui.widgets.panel import Panel

_BAR = 12
_OPTION_LINES = 2
_VERDICTS = {
    Verdict.DECIDED: ("✓", "+", "good"),
    Verdict.ADVISORY: ("○", "~", "warn"),
    Verdict.NO_CONSENSUS: ("✗", "x", "bad"),
}


@dataclass(frozen=True, slots=True)
class _Voter:
    name: str
    state: VoteState
    choices: tuple[str, ...] = ()
    """Option ids: one, or several in order or alike."""
    between: str = ""
    """What stands between several."""


class VotePanel(Panel):
    """One decision, while it is open and after it."""

    def __init__(self, *, id: str | None = None, ascii_only: bool | None = None) -> None:  # noqa: A002  Textual's own name
        """Begin without a decision."""
        super().__init__(id=id, ascii_only=ascii_only)
        self._decision: Decision | None = None
        self._waiting: tuple[str, ...] = ()
        self._writing: tuple[str, ...] = ()

    def show(
        self, decision: Decision | None, waiting: tuple[str, ...], writing: tuple[str, ...]
    ) -> None:
        """Show a decision.

        Args:
            decision: None: nothing is put to the vote.
            waiting: Voters whose turn has not begun.
            writing: Voters whose turn is running.
        """
        self._decision, self._waiting, self._writing = decision, waiting, writing
        self.refresh(layout=True)

    @override
    def lines(self, width: int) -> list[Content]:
        """Return question, options, voters, quorum, outcome and dissent."""
        decision = self._decision
        if decision is None:
            return [self.heading("vote", "nothing is put to the vote", width)]
        ballots = latest(decision)
        rule = decision.proposal.rule if decision.tally is None else decision.tally.rule
        lines = [self.heading("vote", rule.value, width)]
        lines += self.wrapped(decision.proposal.question, width, style=Style(bold=True))
        for label, option in labelled(decision):
            lines += self._option(label, option, decision, ballots, width)
        labels = {option.id: label for label, option in labelled(decision)}
        voters = self._voters(decision, ballots)
        name = max((cell_len(voter.name) for voter in voters), default=0)
        name = min(name, max(6, width - 16))
        lines += [self._voter(voter, labels, name, width) for voter in voters]
        lines.append(self._quorum(decision, ballots, width))
        facts = (*not_heard(decision), *map(regrouping, decision.proposal.regroupings))
        for fact in facts:
            lines += self.wrapped(fact, width, style=self.style("muted"), indent=2)
        lines += self._outcome(decision, labels, width)
        for dissent in decision.dissent:
            lines += self._dissent(dissent, labels, width)
        return lines

    def _option(
        self,
        label: str,
        option: Option,
        decision: Decision,
        ballots: tuple[Ballot, ...],
        width: int,
    ) -> list[Content]:
        """Return an option's text, and below it the bar with its votes."""
        votes, share = counted(option, decision, ballots)
        won = decision.tally is not None and decision.tally.winner == option.id
        style = self.style("good", bold=True) if won else Style()
        text = self.wrapped(option.text, width, style=style, indent=2)
        if len(text) > _OPTION_LINES:
            text = [*text[: _OPTION_LINES - 1], self._cut(text[_OPTION_LINES - 1])]
        text[0] = self.row(width, (f"{label} ", Style(bold=True))) + text[0][2:]
        meter = self.meter(share, _length(width), self.style("good" if won else "busy"))
        plural = "vote" if votes == 1 else "votes"
        count = (f" {votes:g} {plural}", style)
        lines = [*text, self.row(width, ("  ", style), *meter, count)]
        whose = f"drafts of {merged(option)}" if option.drafts else ""
        if YOU in option.authors and not option.drafts:
            whose = "proposed by you"
        if whose:
            lines += self.wrapped(whose, width, style=self.style("muted"), indent=2)
        return lines

    def _cut(self, line: Content) -> Content:
        mark = "~" if self.ascii_only else "…"
        return line.truncate(max(1, line.cell_length - 1)).rstrip() + Content(mark)

    def _voters(self, decision: Decision, ballots: tuple[Ballot, ...]) -> list[_Voter]:
        cast = {ballot.voter: ballot for ballot in ballots}
        names = dict.fromkeys((*decision.proposal.eligible, *cast))
        return [_Voter(flat(name), *self._state(name, cast.get(name), decision)) for name in names]

    def _state(
        self, name: str, ballot: Ballot | None, decision: Decision
    ) -> tuple[VoteState, tuple[str, ...], str]:
        if ballot is not None:
            return _cast_state(ballot), *_said(ballot)
        if name in self._writing:
            return VoteState.WRITING, (), ""
        absent = decision.tally is not None and name in decision.tally.absent
        closed = decision.closed_at is not None
        if name not in self._waiting and (absent or closed):
            return VoteState.ABSENT, (), ""
        return VoteState.WAITING, (), ""

    def _voter(self, voter: _Voter, labels: dict[str, str], name: int, width: int) -> Content:
        mark = VOTES[voter.state]
        letters = voter.between.join(labels.get(choice, "?") for choice in voter.choices)
        return self.row(
            width,
            (f"{mark.sign(ascii_only=self.ascii_only)} ", self.style(mark.tone, bold=True)),
            (f"{pad(voter.name, name, ascii_only=self.ascii_only)}  ", Style()),
            (mark.word, self.style(mark.tone)),
            (f" {letters}" if letters else "", Style(bold=True)),
        )

    def _quorum(self, decision: Decision, ballots: tuple[Ballot, ...], width: int) -> Content:
        eligible = len(decision.proposal.eligible)
        needed = decision.proposal.quorum
        if decision.tally is not None:
            needed = decision.tally.quorum
        if needed is None:
            needed = math.ceil(eligible / 2)
        voted = {b.voter for b in ballots if not b.abstain}  # who abstains counts for no quorum
        cast = len(voted.intersection(decision.proposal.eligible))
        met = cast >= needed
        style = self.style("good" if met else "busy")
        meter = self.meter(cast / needed if needed else 1.0, _length(width), style)
        word = "met" if met else "open"
        return self.row(
            width, ("  ", style), *meter, (f" quorum {cast} of {needed}, {word}", style)
        )

    def _outcome(self, decision: Decision, labels: dict[str, str], width: int) -> list[Content]:
        tally = decision.tally
        if tally is None or decision.closed_at is None:
            return []
        glyph, plain, name = _VERDICTS[tally.verdict]
        winner = "" if tally.winner is None else f": {labels.get(tally.winner, '?')}"
        sign = plain if self.ascii_only else glyph
        said = self.row(
            width, (f"{sign} {tally.verdict.value}{winner}", self.style(name, bold=True))
        )
        return [said, *self.wrapped(tally.reason, width, style=self.style("muted"), indent=2)]

    def _dissent(self, dissent: Dissent, labels: dict[str, str], width: int) -> list[Content]:
        """Return what the losers said, in their own words."""
        holders = ", ".join(dissent.holders)
        title = f"dissent: {holders} for {labels.get(dissent.option, '?')}"
        lines = [self.row(width, (title, self.style("warn", bold=True)))]
        if dissent.argument.strip():
            lines += self.wrapped(f'"{dissent.argument}"', width, style=Style(), indent=2)
        if dissent.would_change_my_mind.strip():
            mind = f'would change it: "{dissent.would_change_my_mind}"'
            lines += self.wrapped(mind, width, style=self.style("muted"), indent=2)
        return lines


def _length(width: int) -> int:
    """Return the cells of a bar that leave room for the words after it."""
    return max(4, min(_BAR, width - 26))


def latest(decision: Decision) -> tuple[Ballot, ...]:
    """Return the ballot that counts of each voter: its latest, in the order they were cast.

    Under rules that ask everybody again, those of an earlier round count no more once one of the
    round behind it is there.
    """
    cast = [b for b in decision.ballots if not (b.override or b.casting)]
    last = max((b.round for b in cast if b.kind is BallotKind.AGENT), default=0)
    last = last if decision.closed_at is None else 0
    found = {b.voter: b for b in cast if b.round >= last or b.kind is BallotKind.HUMAN}
    return tuple(found.values())


def labelled(decision: Decision) -> Iterable[tuple[str, Option]]:
    """Return the options with the letters that the panel calls them by."""
    for index, option in enumerate(decision.proposal.options):
        yield _letter(index), option


def counted(option: Option, decision: Decision, ballots: tuple[Ballot, ...]) -> tuple[float, float]:
    """Return an option's votes and its share of them: from the tally, else from the ballots."""
    if decision.tally is not None:
        found = (s for s in decision.tally.scores if s.option == option.id)
        score = next(found, None)
        return (score.votes, score.share) if score is not None else (0.0, 0.0)
    named = [ballot.first for ballot in ballots if ballot.first is not None]
    votes = named.count(option.id)
    return float(votes), votes / len(named) if named else 0.0


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else str(index + 1)  # noqa: PLR2004  letters


def _said(ballot: Ballot) -> tuple[tuple[str, ...], str]:
    """Return the options that a ballot names, and what stands between them."""
    if ballot.ranking:
        return ballot.ranking, ">"
    if ballot.approvals:
        return ballot.approvals, "+"
    return (() if ballot.choice is None else (ballot.choice,)), ""


def _cast_state(ballot: Ballot) -> VoteState:
    if ballot.block:
        return VoteState.BLOCKED
    if ballot.abstain:
        return VoteState.ABSTAINED
    return VoteState.VOTED
