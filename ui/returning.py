"""Whoever looks away: what came meanwhile, what needs them, and what is remembered until next time."""

from __future__ import annotations

from textual import events

from hub.domain.agent import YOU
from hub.domain.event import DecisionClosed, DecisionOpened, Event, TurnChanged, TurnFailed
from hub.domain.thread import Message
from ui.desktop import Call, note
from ui.facts import CameBack, Fact, ThreadOpened
from ui.finding import FindingApp
from ui.format import duration
from ui.view import View

LONG_S = 20.0
"""Seconds from which on a turn counts as long: whoever looks away is told of its end."""


class ReturningApp(FindingApp):
    """The part of the app that knows whether somebody is looking."""

    looking = True
    """False while the terminal says that another window has the keys."""

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Remember what the person has seen."""
        del event
        self.note_seen()
        self.looking = False

    def on_app_focus(self, event: events.AppFocus) -> None:
        """Say what came while the person was away."""
        del event
        if not self.looking:
            self.looking = True
            self.say_what_came()

    def note_seen(self) -> None:
        """Take what is loaded for seen, while somebody looks."""
        session, thread = self.session, self.view.thread
        if session is not None and thread is not None and self.looking:
            session.memory.seen[thread.id] = max(
                self.view.last_seq, session.memory.seen.get(thread.id, 0)
            )
            session.memory.left_at = self.now()

    def say_what_came(self) -> None:
        """Draw the line of what is unread in the open thread, and say it above the composer."""
        session, view = self.session, self.view
        if session is None or view.thread is None:
            return
        seen = session.memory.seen.get(view.thread.id, 0)
        said = since_you_left(view, seen, session.memory.left_at, self.now()) if seen else ""
        self.tell(CameBack(view.thread.id, seen + 1 if said else 0, said))
        if said:
            self.hint.say(said)

    def remember(self) -> None:
        """Write down what shall be known next time."""
        session, composer = self.session, self.main.composer
        if session is not None:
            self.note_seen()
            session.memory.drafts, session.memory.sent = composer.all_drafts, list(composer.sent)
            session.memory.write()

    def recall(self) -> None:
        """Take up what is known from last time."""
        if self.session is not None:
            memory, composer = self.session.memory, self.main.composer
            composer.sent = [*memory.sent, *composer.sent]
            composer.drafts = {**memory.drafts, **composer.drafts}

    def watch_for(self, happened: tuple[Event | Fact, ...]) -> None:
        """Tell whoever looks away what needs them; a beep, and a note on their desktop."""
        for event in happened:
            if isinstance(event, ThreadOpened):
                self.say_what_came()
            elif not self.looking and (why := self._worth_a_call(event)):
                self.call_home(why)

    def _worth_a_call(self, event: Event | Fact) -> Call | None:
        match event:
            case DecisionOpened(decision) if YOU in decision.proposal.eligible:
                return Call.VOTE
            case DecisionClosed():
                return Call.DECIDED
            case TurnFailed():
                return Call.FAILED
            case TurnChanged(turn) if _took_s(turn.started_at, turn.ended_at) >= LONG_S:
                return Call.ENDED
            case _:
                return None

    def call_home(self, why: Call) -> None:
        """Beep, and show a note where the terminal can."""
        if self.notifying:
            self.bell()
            if self._driver is not None and not self.is_headless:
                note(why, self._driver.write)

    @property
    def notifying(self) -> bool:
        """True where the person wants to be called."""
        return self.session is not None and self.session.hub.settings.ui.notifications


def since_you_left(view: View, seen: int, left_at: int, now: int) -> str:
    """Return what came behind a message as one line; empty where nothing did.

    Args:
        view: With the thread's newest messages.
        seen: Number of the newest message that the person has had before them.
        left_at: UTC microseconds; 0: unknown.
        now: UTC microseconds.
    """
    new = [row for row in view.rows if isinstance(row, Message) and row.seq > seen]
    new = [message for message in new if message.author != YOU]
    if not new:
        return ""
    authors = list(dict.fromkeys(message.author for message in new))
    by = ", ".join(authors[:3]) + (" and others" if len(authors) > 3 else "")  # noqa: PLR2004  three fit
    ago = f" {duration((now - left_at) / 1e6)} ago" if 0 < left_at < now else ""
    return f"{len(new)} new since you left{ago}, by {by}"


def _took_s(started_at: int | None, ended_at: int | None) -> float:
    return (ended_at - started_at) / 1e6 if started_at and ended_at else 0.0
