"""The law of the ledger, on a real file: budgets always equal the sums of what they stand for."""

from __future__ import annotations

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

import apsw
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.domain.change import (
    AdoptTurns,
    Change,
    Closed,
    DeleteThread,
    DropTurns,
    EndTurn,
    NextCall,
    OpenBeside,
    SetBudget,
)
from hub.domain.ids import TurnId
from hub.domain.thread import Thread
from hub.domain.turn import Call, Turn, TurnState
from hub.domain.usage import Hold, HoldState
from hub.errors import BudgetRefusedError, TurnError
from hub.storage.sqlite import SQLiteStore
from tests.contracts.stores import GROK, a_thread, begin, booking, call, end, queue, route
from tests.fakes.clock import FakeClock

CAP = 3_000
SCOPES = st.lists(st.sampled_from(["day:1", "question:a", "question:b"]), unique=True)
AMOUNTS = st.integers(0, 900)

_RESERVED = """
SELECT id, reserved, (SELECT coalesce(sum(amount), 0) FROM reservation
    WHERE budget_id = budget.id AND state IN ('held', 'unsettled')) FROM budget
"""
_SPENT = """
SELECT id, spent, (SELECT coalesce(sum(cost), 0) FROM ledger WHERE call_id IN
    (SELECT call_id FROM reservation WHERE budget_id = budget.id)) FROM budget
"""


class Money(RuleBasedStateMachine):
    """Turns of two programs reserve, fail over, end, die and are taken over, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "gitbridge.db"
        self.store = self.open()
        self.other = self.open()
        self.thread: Thread = self.loop.run(a_thread(self.store))
        self.running: list[tuple[Turn, Call, int]] = []
        self.fenced_off: list[tuple[Turn, Call, int]] = []
        self.beside: dict[TurnId, tuple[Call, int]] = {}

    def open(self) -> SQLiteStore:
        return self.loop.run(SQLiteStore.open(self.path, home=self.path.parent, clock=FakeClock()))

    def commit(self, change: Change[object]) -> object:
        return self.loop.run(self.store.commit(change))

    def teardown(self) -> None:
        for store in (self.store, self.other):
            self.loop.run(store.close())
        self.loop.close()
        self.folder.cleanup()

    @rule(scopes=SCOPES, amount=AMOUNTS)
    def start(self, scopes: list[str], amount: int) -> None:
        holds = [Hold(scope, amount, CAP, refuse=True) for scope in scopes]
        self.begin(self.loop.run(queue(self.store, self.thread)), amount, holds)

    def begin(self, turn: Turn, amount: int, holds: list[Hold]) -> None:
        made = call(turn)
        try:
            running = self.commit(begin(turn, *holds, first=made))
        except BudgetRefusedError:
            self.commit(EndTurn(turn.id, turn.fence, TurnState.FAILED))
        except TurnError:
            self.commit(EndTurn(turn.id, turn.fence, TurnState.CANCELLED))
        else:
            assert isinstance(running, Turn)
            self.running.append((running, made, amount))

    @precondition(lambda self: self.running)
    @rule(state=st.sampled_from(HoldState), share=st.integers(0, 100), again=st.booleans())
    def finish(self, state: HoldState, share: int, again: bool) -> None:
        turn, made, amount = self.running.pop()
        paid = booking(turn, made, amount * share // 100, 0) if state is HoldState.SETTLED else None
        other = self.closed_beside(turn, state, share)
        for _ in range(1 + again):
            self.commit(end(turn, made, holds=state, booking=paid, beside=other))

    @precondition(lambda self: self.running)
    @rule(
        state=st.sampled_from([HoldState.RELEASED, HoldState.UNSETTLED]),
        scopes=SCOPES,
        amount=AMOUNTS,
    )
    def fail_over(self, state: HoldState, scopes: list[str], amount: int) -> None:
        turn, made, _ = self.running[-1]
        following = call(turn, made.n + 1, GROK)
        holds = tuple(Hold(scope, amount, CAP, refuse=True) for scope in scopes)
        try:
            beside = self.closed_beside(turn, state, 0)
            over = NextCall(turn.fence, made, state, route(turn), following, holds, beside=beside)
            self.commit(over)
        except BudgetRefusedError:
            return
        self.beside.pop(turn.id, None)
        self.running[-1] = (turn, following, amount)

    @precondition(lambda self: self.running and self.running[-1][0].id not in self.beside)
    @rule(scopes=SCOPES, amount=AMOUNTS)
    def hedge(self, scopes: list[str], amount: int) -> None:
        turn, made, _ = self.running[-1]
        second = call(turn, made.n + 1, GROK)
        holds = tuple(Hold(scope, amount, CAP, refuse=True) for scope in scopes)
        with suppress(BudgetRefusedError):
            self.commit(OpenBeside(turn.fence, route(turn, GROK), second, holds))
            self.beside[turn.id] = (second, amount)

    def closed_beside(self, turn: Turn, state: HoldState, share: int) -> Closed | None:
        if turn.id not in self.beside:
            return None
        made, amount = self.beside[turn.id]
        settled = state is HoldState.SETTLED
        paid = booking(turn, made, amount * share // 100, 0) if settled else None
        return Closed(made, state, paid)

    @rule(resume=st.booleans())
    def die(self, resume: bool) -> None:
        self.loop.run(self.store.close())
        self.store = self.open()
        self.fenced_off += self.running
        self.running = []
        left = self.commit(AdoptTurns() if resume else DropTurns())
        assert isinstance(left, tuple)
        for turn in left if resume else ():
            self.begin(turn, 100, [Hold("day:1", 100, CAP, refuse=True)])

    @precondition(lambda self: self.fenced_off)
    @rule(share=st.integers(0, 100))
    def come_back_late(self, share: int) -> None:
        turn, made, amount = self.fenced_off.pop()
        late = end(turn, made, booking=booking(turn, made, amount * share // 100, 0))
        assert self.loop.run(self.other.commit(late)) is None

    @rule()
    def delete(self) -> None:
        self.commit(DeleteThread(self.thread.id))
        self.fenced_off += self.running
        self.running = []
        self.thread = self.loop.run(a_thread(self.store))

    @rule(cap=st.sampled_from([None, CAP]))
    def set_cap(self, cap: int | None) -> None:
        self.commit(SetBudget("question:a", cap))

    @invariant()
    def sums_equal_and_no_cap_is_passed(self) -> None:
        reader = apsw.Connection(str(self.path), flags=apsw.SQLITE_OPEN_READONLY)
        try:
            for sql in (_RESERVED, _SPENT):
                for scope, stored, summed in reader.execute(sql):
                    assert stored == summed, scope
            for scope, total in reader.execute("SELECT id, spent + reserved FROM budget"):
                assert total <= CAP, scope
        finally:
            reader.close()


Money.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestMoney = Money.TestCase
