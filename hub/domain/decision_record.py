"""What makes a decision one that can be defended: who served it, as told what, at which cost."""

from __future__ import annotations

from dataclasses import dataclass

from hub.domain.decision import Decision
from hub.domain.ids import DecisionId
from hub.domain.mark import Mark
from hub.domain.thread import Attachment
from hub.domain.usage import UsageRow

RECORD_FORMAT = "gitbridge-decision"
"""Value of `format` in an exported decision, by which a reader knows it."""
RECORD_VERSION = 1


@dataclass(frozen=True, slots=True)
class Served:
    """What stood behind one ballot."""

    voter: str
    round: int
    provider: str
    model: str
    """As it was asked for."""
    served_model: str | None
    """As the provider named what answered; None: it did not say."""
    persona: str
    """What the agent was told it is, word for word."""
    persona_version: str
    attachments: tuple[str, ...]
    """SHA-256 of the files that it was shown."""
    cost: int | None
    """Micro-dollars of all its calls; None: unknown."""


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision with everything that speaks for it."""

    decision: Decision
    served: tuple[Served, ...] = ()
    """Of the ballots that agents cast here; what a file brought along has none."""
    files: tuple[Attachment, ...] = ()
    """Of the question, without their texts."""
    usage: UsageRow | None = None
    """Of the whole question; None: nothing was asked here."""
    mark: Mark | None = None
    """What the person said of it afterwards."""
    superseded_by: DecisionId | None = None
