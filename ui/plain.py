"""Events as lines, for pipes and plain terminals: no colour, no spinner, no cursor moves."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import singledispatchmethod

from hub.domain.agent import YOU
from hub.domain.decision import Decision
from hub.domain.event import (
    BallotCast,
    BallotMissing,
    DecisionOpened,
    Delta,
    HedgeEnded,
    HedgeSent,
    Lagged,
    MessagePosted,
    Notice,
    RoundStarted,
    RouteChosen,
    TurnChanged,
    TurnFailed,
    UsageRecorded,
)
from hub.domain.ids import MessageId, ThreadId, TurnId
from hub.domain.text import HIDDEN, one_line, sanitize, visible
from hub.domain.thread import MessageKind
from hub.domain.turn import Purpose, Turn, TurnState
from ui.decision_lines import ballot_line
from ui.format import money

INDENT = "  "
_OPEN = re.compile(rf"[\s{HIDDEN}]")
"""What waits at an end for the next piece: blanks may be dropped, hidden joiners be needed."""
_TOLD_ELSEWHERE = (MessageKind.QUESTION, MessageKind.OUTCOME)


def indented(text: str) -> str:
    """Return cleaned text moved in, so that no line of it can pass for one of ours."""
    return INDENT + _moved_in(visible(text.strip()))


def _moved_in(text: str) -> str:
    return text.replace("\n", f"\n{INDENT}")


def _settled(text: str) -> str:
    """Return what of a text that still arrives can be shown for good."""
    text = sanitize(text)
    end = len(text)
    while end and _OPEN.match(text, end - 1):
        end -= 1
    return visible(text[:end]).strip()


class Floor:
    """Lets one turn stream at a time; what others say meanwhile waits until it has ended."""

    def __init__(self, write: Callable[[str], object]) -> None:
        self._write = write
        self._texts: dict[TurnId, str] = {}
        self._headings: dict[TurnId, str] = {}
        self._later: list[str] = []
        self._holder: TurnId | None = None
        self._shown = ""

    def line(self, text: str) -> None:
        """Write a line of ours, now or when the one who streams has ended."""
        if self._holder is None:
            self._write(f"{text}\n")
        else:
            self._later.append(text)

    def hear(self, turn: TurnId, heading: str, text: str) -> None:
        """Take a piece of a turn's text, and show it if that turn has the floor or can have it."""
        self._headings[turn] = heading
        self._texts[turn] = self._texts.get(turn, "") + text
        self._proceed()

    def end(self, turn: TurnId, heading: str, body: str) -> None:
        """Show what is still missing of a turn's text; then the next one may speak."""
        body = visible(body).strip()
        self._texts.pop(turn, None)
        if turn == self._holder:
            if body.startswith(self._shown):
                self._write(_moved_in(body.removeprefix(self._shown)) + "\n")
            else:
                self._write(f"\n{INDENT}(posted as:)\n{indented(body)}\n")
            self._holder = None
            later, self._later = self._later, []
            for text in later:
                self._write(f"{text}\n")
        elif body:
            self.line(f"\n{heading}\n{indented(body)}")
        self._proceed()

    def close(self) -> None:
        """End the line that is open, if one is, and write what waits."""
        if self._holder is not None:
            self.end(self._holder, "", self._texts[self._holder])

    def _proceed(self) -> None:
        if self._holder is None and self._texts:
            self._holder, self._shown = next(iter(self._texts)), ""
            self._write(f"\n{self._headings[self._holder]}\n{INDENT}")
        if self._holder is not None:
            text = _settled(self._texts[self._holder])
            self._write(_moved_in(text[len(self._shown) :]))
            self._shown = text


class PlainReporter:
    """Writes what happens in one thread, in reading order."""

    def __init__(self, thread: ThreadId, write: Callable[[str], object]) -> None:
        """Begin with nothing known.

        Args:
            thread: Events of other threads are passed over.
            write: Takes text as it comes, newlines included.
        """
        self._thread = thread
        self._floor = Floor(write)
        self._turns: dict[TurnId, Turn] = {}
        self._authors: dict[MessageId, str] = {}
        self._decision: Decision | None = None

    @singledispatchmethod
    def event(self, event: object) -> None:
        """Write what an event has to say; some kinds say nothing here."""

    @event.register
    def _(self, event: RoundStarted) -> None:
        if event.thread_id == self._thread:
            who = ", ".join(event.agents)
            voting = event.purpose == Purpose.BALLOT
            what = "Vote" if voting else f"Round {event.round} of {event.rounds}, {event.purpose}"
            self._line(f"\n{what}: {who}")

    @event.register
    def _(self, event: TurnChanged) -> None:
        turn = event.turn
        if turn.thread_id != self._thread:
            return
        self._turns[turn.id] = turn
        if turn.state.ended and turn.state is not TurnState.DONE:
            self._floor.end(turn.id, self._heading(turn), turn.partial)

    @event.register
    def _(self, event: RouteChosen) -> None:
        if event.thread_id == self._thread:
            route = event.route
            self._line(f"{route.agent} -> {route.deployment.id}: {one_line(route.reason, 400)}")

    @event.register
    def _(self, event: HedgeSent) -> None:
        if event.thread_id == self._thread:
            self._line(f"{event.route.agent}: {one_line(event.route.reason, 400)}")

    @event.register
    def _(self, event: HedgeEnded) -> None:
        if event.thread_id == self._thread:
            route = event.route
            why = "failed" if event.failed else "was slower"
            self._line(f"{route.agent} -> {route.deployment.id} goes on: {event.stopped} {why}.")

    @event.register
    def _(self, event: Delta) -> None:
        turn = self._turns.get(event.turn_id)
        if turn is not None and not turn.state.ended:
            self._floor.hear(turn.id, self._heading(turn), event.text)

    @event.register
    def _(self, event: MessagePosted) -> None:
        message = event.message
        if message.thread_id != self._thread:
            return
        self._authors[message.id] = message.author
        turn = self._turns.get(message.turn_id) if message.turn_id is not None else None
        if turn is not None:
            self._floor.end(turn.id, self._heading(turn), message.body)
        elif message.kind not in _TOLD_ELSEWHERE:
            self._line(f"\n{message.author}, {message.kind.value}:\n{indented(message.body)}")

    @event.register
    def _(self, event: TurnFailed) -> None:
        if event.turn.thread_id == self._thread:
            self._line(f"! {event.turn.order.agent}: {event.error}")

    @event.register
    def _(self, event: UsageRecorded) -> None:
        booked = event.booking
        if booked.thread_id == self._thread:
            used = f"{booked.usage.prompt_tokens} + {booked.usage.completion_tokens} tokens"
            self._line(f"{booked.agent} = {used}, {money(booked.cost.total)}, {booked.model}")

    @event.register
    def _(self, event: DecisionOpened) -> None:
        if event.decision.thread_id == self._thread:
            self._decision = event.decision

    @event.register
    def _(self, event: BallotCast) -> None:
        if event.thread_id == self._thread:
            self._line(f"Ballot of {ballot_line(event.ballot, self._decision)}")

    @event.register
    def _(self, event: BallotMissing) -> None:
        if event.thread_id == self._thread:
            self._line(f"! {event.voter} cast no ballot: {event.reason}")

    @event.register
    def _(self, event: Notice) -> None:
        if event.thread_id in (None, self._thread):
            self._line(f"{'!' if event.severity == 'error' else '*'} {event.text}")

    @event.register
    def _(self, event: Lagged) -> None:
        self._line(f"* {event.missed} events were missed; `gitbridge thread show` has it all.")

    def close(self) -> None:
        """End the line that is open."""
        self._floor.close()

    def _line(self, text: str) -> None:
        self._floor.line(visible(text))

    def _heading(self, turn: Turn) -> str:
        order = turn.order
        answered = self._authors.get(order.prompt_to) if order.prompt_to is not None else None
        to = f" to {answered}" if answered not in (None, YOU) else ""
        return f"{order.agent}, {order.purpose.value}{to}:"
