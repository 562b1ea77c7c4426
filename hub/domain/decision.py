"""A question put to agents, their votes, and what came of it (CONSENSUS: shapes)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.domain.ids import DecisionId, ThreadId, TurnId, digest


class Rule(StrEnum):
    """How ballots become an outcome (CONSENSUS: rules)."""

    AUTO = "auto"
    """Until decisions are marked: majority, flagged uncalibrated."""
    PLURALITY = "plurality"
    MAJORITY = "majority"
    QUALIFIED = "qualified"
    """At least two thirds of the eligible, unless `threshold` says otherwise."""
    UNANIMITY = "unanimity"
    CONSENT = "consent"
    """Nobody blocks."""


class Verdict(StrEnum):
    """What a decision came to."""

    DECIDED = "decided"
    NO_CONSENSUS = "no consensus"
    ADVISORY = "advisory"
    """A winner, but not one that independent minds agreed on: fewer than two model families."""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice on the table."""

    text: str
    authors: tuple[str, ...] = ()
    """Agents whose draft it is; hidden from voters."""

    @property
    def id(self) -> str:
        """Hash of the text: the same option has the same id in every decision."""
        return digest(" ".join(self.text.split()).casefold())


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is put to the vote, and by which rules; fixed when the decision opens."""

    question: str
    options: tuple[Option, ...]
    eligible: tuple[str, ...]
    """Names of the agents that may vote, each once."""
    rule: Rule = Rule.AUTO
    threshold: float | None = None
    """Share of the eligible that `qualified` needs; None: two thirds."""
    quorum: int | None = None
    """Ballots needed; None: half of the eligible, rounded up."""
    rounds: int = 1
    seed: str = ""
    """Shuffles labels and settles lotteries; the decision's id unless given."""
    open: bool = False
    """True: the options are the agents' own drafts."""


class BallotKind(StrEnum):
    """Who cast a ballot."""

    AGENT = "agent"
    HUMAN = "human"


@dataclass(frozen=True, slots=True)
class Ballot:
    """One voter's structured vote in one round; never changed once cast."""

    voter: str
    round: int
    choice: str | None
    """Option id; None when abstaining or blocking."""
    abstain: bool = False
    block: bool = False
    confidence: float | None = None
    """0..1 as stated by the voter; never used as a weight."""
    reason: str = ""
    would_change_my_mind: str = ""
    kind: BallotKind = BallotKind.AGENT
    family: str | None = None
    """Model family that served it."""
    repaired: bool = False
    """True when the first answer was not a valid ballot and one repair call was made."""
    turn_id: TurnId | None = None


@dataclass(frozen=True, slots=True)
class Score:
    """What one option got."""

    option: str
    """Option id."""
    votes: float
    share: float
    """Of the votes that name an option, 0..1."""


@dataclass(frozen=True, slots=True)
class Tally:
    """The count of one round."""

    rule: Rule
    """The rule that was applied; `auto` is replaced by what it chose."""
    scores: tuple[Score, ...]
    """Best first; ties in order of option id, which is not the order of the list."""
    eligible: int
    cast: int
    abstained: int
    absent: tuple[str, ...]
    quorum: int
    families: tuple[str, ...]
    margin: float
    """Votes of the first minus votes of the second."""
    verdict: Verdict
    winner: str | None
    """Option id."""
    reason: str
    """One sentence: why this outcome."""
    tie_steps: tuple[str, ...] = ()
    """What was tried to break a tie, in order."""
    notes: tuple[str, ...] = ()
    """`uncalibrated` and the like."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A voter that changed its mind between rounds."""

    voter: str
    before: str | None
    after: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Dissent:
    """What the holders of one losing option said, verbatim."""

    option: str
    """Option id."""
    holders: tuple[str, ...]
    share: float
    argument: str
    """The strongest argument: the surest holder's reason."""
    argued_by: str
    would_change_my_mind: str = ""
    flips_to: int = 0
    flips_from: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """A question put to agents, with everything that came of it."""

    id: DecisionId
    thread_id: ThreadId
    proposal: Proposal
    opened_at: int
    """UTC microseconds."""
    ballots: tuple[Ballot, ...] = ()
    """All rounds, in the order they were cast."""
    tally: Tally | None = None
    dissent: tuple[Dissent, ...] = ()
    flips: tuple[Flip, ...] = ()
    stop_reason: str = ""
    closed_at: int | None = None

    def option(self, option_id: str | None) -> Option | None:
        """Return the option with that id, or None."""
        return next((o for o in self.proposal.options if o.id == option_id), None)
