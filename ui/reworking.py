"""What the person does with one message: the wishes of its menu, carried out over the hub."""

from __future__ import annotations

from hub.domain.agent import YOU
from hub.domain.text import one_line, visible
from hub.domain.thread import Message
from hub.errors import UsageError
from ui.deeds import DOINGS, Deed, fitting
from ui.editing import edited
from ui.facts import MessageChanged
from ui.messages import CopyWanted, DeedWanted
from ui.navigation import NavigatingApp
from ui.screens.choice import Answer, ChoiceScreen
from ui.session import Session
from ui.view import EndedTurn, Row


class ReworkingApp(NavigatingApp):
    """The part of the app that acts on messages."""

    _block = 0
    """Code block that is copied next."""
    _block_of = ""

    def on_deed_wanted(self, message: DeedWanted) -> None:
        """Do what is wanted with a message, or ask what can be done."""
        message.stop()
        row, deed = message.row, message.deed
        if deed is None:
            self._ask_deed(row)
        elif not next(d for d in DOINGS if d.deed is deed).fits(row):
            self.hint.say(f"{_named(row)} is nothing to {_ENDS[deed]}.", "warning")
        else:
            self._do(row, deed)

    def _ask_deed(self, row: Row) -> None:
        answers = [Answer(d.deed, d.key, d.does) for d in fitting(row)]

        def chosen(deed: str | None) -> None:
            if deed:
                self._do(row, Deed(deed))

        _ = self.push_screen(ChoiceScreen(f"What to do with {_named(row)}?", answers), chosen)

    def _do(self, row: Row, deed: Deed) -> None:
        if isinstance(row, Message):
            self._do_message(row, deed)
        elif deed is Deed.ROUTE:
            self.wish(lambda s: self._show_route_of(s, row.id), group="route", latest=True)
        else:
            self._again(row.id, deed)

    def _do_message(self, row: Message, deed: Deed) -> None:
        match deed:
            case Deed.COPY:
                self.post_message(CopyWanted(visible(row.body), "message"))
            case Deed.COPY_BLOCK:
                self._copy_block(row)
            case Deed.RAW:
                self._read(row)
            case Deed.EDITOR:
                self.wish(lambda _: edited(self, row.body), group="editor")
            case Deed.REPLY:
                self.main.composer.answer(row.id, _named(row))
                self.main.composer.focus()
            case Deed.BRANCH:
                self.main.composer.branch(row.id, row.body)
                self.main.composer.focus()
            case Deed.DECISION:
                self.show_side("decisions")
            case _:
                self._change(row, deed)

    def _change(self, row: Message, deed: Deed) -> None:
        match deed:
            case Deed.ROUTE:
                turn = row.turn_id
                self.wish(lambda s: self._show_route_of(s, turn), group="route", latest=True)
            case Deed.PIN:
                self.wish(lambda s: self._pin(s, row), group="pin")
            case Deed.REDACT:
                self._ask_redact(row)
            case Deed.RIGHT | Deed.WRONG:
                self.wish(lambda s: self._mark(s, row, deed), group="mark")
            case _:
                self._again(row.id, deed)

    # --- each of them ---------------------------------------------------------------------------

    def _copy_block(self, row: Message) -> None:
        """Copy a code block; pressed again on the same message, the next one."""
        from ui.widgets.transcript_code import code_blocks

        blocks = code_blocks(row.body)
        if not blocks:
            self.hint.say("There is no code block in this message.", "warning")
            return
        self._block = self._block + 1 if self._block_of == row.id else 0
        self._block_of = row.id
        at = self._block % len(blocks)
        which = f"code block {at + 1} of {len(blocks)}" if len(blocks) > 1 else "code block"
        self.post_message(CopyWanted(blocks[at], which))

    def _read(self, row: Message) -> None:
        from ui.screens.reading import ReadingScreen

        _ = self.push_screen(ReadingScreen(_named(row), row.body))

    def _again(self, ref: str, deed: Deed) -> None:
        """Have an answer made again, or go on."""
        again = deed is Deed.RETRY

        async def carry_out(session: Session) -> None:
            self.hint.say("asked again" if again else "asked to go on")
            _ = await (session.hub.retry(ref) if again else session.hub.carry_on(ref))

        self.wish(carry_out, group="again")

    def again_newest(self, deed: Deed) -> None:
        """Have the newest answer, or the turn that came to nothing last, made again or go on."""
        rows = (r for r in reversed(self.view.rows) if isinstance(r, EndedTurn) or r.author != YOU)
        fits = next(d for d in DOINGS if d.deed is deed).fits
        row = next((row for row in rows if fits(row)), None)
        if row is None:
            self.hint.say("No agent has answered here yet.", "warning")
        else:
            self._again(row.id, deed)

    async def _show_route_of(self, session: Session, turn_id: str | None) -> None:
        if turn_id is None:
            raise UsageError("No turn of this journal wrote it, so nothing was routed.")
        calls = await session.hub.explain(turn_id)
        if not calls:
            raise UsageError("Nothing was routed for it.")
        self.show_side("route")
        from ui.screens.route import RouteScreen

        if isinstance(self.screen, RouteScreen):
            self.screen.pick(calls[-1].route)

    async def _pin(self, session: Session, row: Message) -> None:
        changed = await session.hub.pin(row.id, pinned=not row.pinned)
        self.tell(MessageChanged(changed))
        self.hint.say("pinned: every prompt has it" if changed.pinned else "no longer pinned")

    def pin_chosen(self) -> None:
        """Pin the message under the cursor, or take the pin out."""
        row = self.main.transcript.chosen
        if isinstance(row, Message):
            self._change(row, Deed.PIN)

    async def _mark(self, session: Session, row: Message, deed: Deed) -> None:
        _ = await session.hub.mark(row.id, right=deed is Deed.RIGHT)
        self.hint.say(f"marked {deed}: the router goes by it from the next turn on")

    def _ask_redact(self, row: Message) -> None:
        heading = (
            "Take this text out of journal, index and logs for good? "
            f"{row.author}: {one_line(row.body, 80)}"
        )
        answers = (Answer("no", "n", "keep it"), Answer("yes", "x", "take it out for good"))

        def chosen(answer: str | None) -> None:
            if answer == "yes":
                self.wish(lambda s: self._redact(s, row), group="redact")

        _ = self.push_screen(ChoiceScreen(heading, answers), chosen)

    async def _redact(self, session: Session, row: Message) -> None:
        done = await session.hub.redact(row.id)
        session.memory.forget(done.text)
        self.tell(MessageChanged(done.message))
        said = "the text is gone from journal, index and logs"
        if done.repeated_in:
            said += f"; messages {', '.join(map(str, done.repeated_in))} repeat it"
        if done.providers:
            said += f"; {', '.join(done.providers)} had it"
        self.hint.say(f"{said}; exports and backups are yours to look through")


_ENDS = {
    Deed.COPY: "copy",
    Deed.COPY_BLOCK: "copy code from",
    Deed.RAW: "read",
    Deed.EDITOR: "open",
    Deed.REPLY: "reply to",
    Deed.RETRY: "have made again",
    Deed.CONTINUE: "have go on",
    Deed.BRANCH: "ask otherwise: pick a message of yours",
    Deed.ROUTE: "explain: no model wrote it",
    Deed.DECISION: "vote on",
    Deed.PIN: "pin",
    Deed.RIGHT: "mark: pick an answer",
    Deed.WRONG: "mark: pick an answer",
    Deed.REDACT: "take out",
}


def _named(row: Row) -> str:
    """Return whose message it is, and how it begins."""
    if isinstance(row, EndedTurn):
        return "the turn that ended without a message"
    return f"{one_line(row.author, 32)}'s “{one_line(row.body, 40)}”"
