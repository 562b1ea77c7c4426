"""Which function applies which change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hub.domain import change as changes
from hub.domain.change import Change
from hub.storage.changes import (
    decisions,
    imports,
    marks,
    money,
    questions,
    recovery,
    redaction,
    threads,
    turns,
)
from hub.storage.session import Session

T = TypeVar("T")

APPLIERS: Mapping[type[Change[Any]], Callable[[Session, Any], Any]] = {
    changes.CreateThread: threads.create_thread,
    changes.EditThread: threads.edit_thread,
    changes.DeleteThread: threads.delete_thread,
    changes.PostMessage: threads.post_message,
    changes.ImportThreads: imports.import_threads,
    changes.PinMessage: threads.pin_message,
    changes.RedactMessage: redaction.redact_message,
    changes.AskQuestion: questions.ask_question,
    changes.EndQuestion: questions.end_question,
    changes.KeepQuestion: questions.keep_question,
    changes.QueueTurn: turns.queue_turn,
    changes.BeginTurn: turns.begin_turn,
    changes.OpenBeside: turns.open_beside,
    changes.NextCall: turns.next_call,
    changes.EndTurn: turns.end_turn,
    changes.CancelTurn: turns.cancel_turn,
    changes.AdoptTurns: recovery.adopt_turns,
    changes.DropTurns: recovery.drop_turns,
    changes.OpenDecision: decisions.open_decision,
    changes.CastBallot: decisions.cast_ballot,
    changes.WidenDecision: decisions.widen_decision,
    changes.RegroupDecision: decisions.regroup_decision,
    changes.ReopenDecision: decisions.reopen_decision,
    changes.CloseDecision: decisions.close_decision,
    changes.SetBudget: money.set_budget,
    changes.MarkMessage: marks.mark_message,
    changes.MarkDecision: marks.mark_decision,
    changes.KeepLearned: marks.keep_learned,
}


def apply(session: Session, change: Change[T]) -> T:
    """Apply one change inside the caller's transaction; what it raises leaves half of it behind."""
    result: T = APPLIERS[type(change)](session, change)
    return result
