"""A question put to agents, their votes, and what came of it (CONSENSUS: shapes)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from hub.domain.ids import DecisionId, ThreadId, TurnId, digest


class Rule(StrEnum):
    """How ballots become an outcome (CONSENSUS: rules)."""

    AUTO = "auto"
    """What the marked decisions speak for; until there are 30: majority, flagged uncalibrated."""
    PLURALITY = "plurality"
    MAJORITY = "majority"
    QUALIFIED = "qualified"
    """At least two thirds of the eligible, unless `threshold` says otherwise."""
    UNANIMITY = "unanimity"
    CONSENT = "consent"
    """Nobody blocks."""
    APPROVAL = "approval"
    BORDA = "borda"
    RUNOFF = "runoff"
    RANKED_PAIRS = "ranked_pairs"
    SCHULZE = "schulze"
    WEIGHTED = "weighted"
    """By log-odds of being right."""
    STACKED = "stacked"
    """By weights fitted together, so that those who err alike do not count twice."""
    DAWID_SKENE = "dawid_skene"
    """By agreement in past decisions, marked or not; always advisory."""
    CONFIDENCE = "confidence"
    """By stated confidence, as it proved true."""
    CASCADE = "cascade"
    """The two cheapest of different families where they agree, else the strongest."""
    PANEL = "panel"
    """Cheapest first, until it is sure enough."""
    CHAIR = "chair"
    """One judge; dictatorial, always advisory."""
    SINGLE = "single"
    """The agent that past marks show to be the best, alone."""


class AnswerKind(StrEnum):
    """What the options are, which says how alike texts are told."""

    CHOICE = "choice"
    NUMBER = "number"
    LITERAL = "literal"
    TEXT = "text"


class TieStep(StrEnum):
    """One way to break a tie; the order of the options is none."""

    WEIGHTS = "weights"
    CONDORCET = "Condorcet"
    CONFIDENCE = "confidence"
    BALLOT = "one more ballot"
    LOT = "lot"
    PERSON = "person"


TIE_CHAIN = (
    TieStep.WEIGHTS,
    TieStep.CONDORCET,
    TieStep.CONFIDENCE,
    TieStep.BALLOT,
    TieStep.LOT,
)


class Verdict(StrEnum):
    """What a decision came to."""

    DECIDED = "decided"
    NO_CONSENSUS = "no consensus"
    ADVISORY = "advisory"
    """A winner, but not one that independent minds agreed on: fewer than two model families."""


@lru_cache(maxsize=4096)
def _option_id(text: str, key: str) -> str:
    return digest(key or " ".join(text.split()).casefold())


@dataclass(frozen=True, slots=True)
class Draft:
    """One author's own words for an option that stands for several drafts."""

    author: str
    """Empty: nobody's."""
    text: str
    key: str = ""
    """As `Option.key`."""

    @property
    def id(self) -> str:
        """Id of the option that these words make by themselves."""
        return _option_id(self.text, self.key)


@dataclass(frozen=True, slots=True)
class Option:
    """One choice on the table."""

    text: str
    authors: tuple[str, ...] = ()
    """Agents whose draft it is; hidden from voters."""
    key: str = ""
    """What is compared where case and space count; empty: the text without them."""
    drafts: tuple[Draft, ...] = ()
    """The drafts that were merged into it, where they are several."""

    @property
    def id(self) -> str:
        """Hash of what is compared: the same option has the same id in every decision."""
        return _option_id(self.text, self.key)


@dataclass(frozen=True, slots=True)
class Regrouping:
    """A person's change of which drafts count as one option; it takes no ballot back."""

    by: str
    reason: str
    at: int
    """UTC microseconds."""
    before: tuple[Option, ...]
    """What was taken off the table."""
    after: tuple[Option, ...]
    """What holds the same drafts now: fewer options where they were joined, else more."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Who is to answer for an eligible agent; a ballot says who did."""

    agent: str
    deployment: str = ""
    family: str | None = None
    cost: int | None = None
    """Expected, micro-dollars a ballot; None: unknown, and asked after those that are known."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What is put to the vote, and by which rules; fixed when the decision opens."""

    question: str
    options: tuple[Option, ...]
    eligible: tuple[str, ...]
    """Names of the agents that may vote, each once."""
    rule: Rule = Rule.AUTO
    threshold: float | None = None
    """Share of the eligible that `qualified` needs (None: two thirds), of ballots that `approval`
    needs (None: any), or posterior at which `weighted` and its kin decide (None: one half)."""
    quorum: int | None = None
    """Ballots needed; None: half of the eligible, rounded up."""
    rounds: int = 1
    seed: str = ""
    """Shuffles labels and settles lotteries; the decision's id unless given."""
    open: bool = False
    """True: the options are the agents' own drafts."""
    seats: tuple[Seat, ...] = ()
    """Of the eligible, where known: `cascade` and `panel` ask the cheapest first."""
    category: str = ""
    """Kind of question; who is good at it is learned apart."""
    kind: AnswerKind = AnswerKind.TEXT
    tie_chain: tuple[TieStep, ...] = TIE_CHAIN
    """What is tried in turn on a tie; an end without `lot` leaves it to the person."""
    chair: str | None = None
    """Who judges under `chair`; None: the agent that past marks show to be the best."""
    discount: bool = False
    """True: voters of one family that err alike weigh less."""
    sure: float = 0.95
    """Posterior at which `panel` asks nobody else."""
    budget: int | None = None
    """Micro-dollars for the decision; None: no cap of its own."""
    deadline: int | None = None
    """UTC microseconds after which nobody is waited for."""
    stop_early: bool = False
    """True: no ballot is asked for that could change nothing; what it would have said is lost."""
    supersedes: str = ""
    """Id of the decision that this one takes the place of."""
    review_at: int | None = None
    """UTC microseconds at which to look at it again."""
    regroupings: tuple[Regrouping, ...] = ()
    """What people changed in the options, in order; `hub.domain.regrouping` undoes it."""

    @property
    def by_posts(self) -> bool:
        """True where what an agent posts is its vote: open questions whose answer is a value."""
        return self.open and self.kind is not AnswerKind.TEXT


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
    """Option id; None when abstaining, blocking, ranking or approving."""
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
    ranking: tuple[str, ...] = ()
    """Option ids, best first; those left out share the places behind."""
    approvals: tuple[str, ...] = ()
    """Option ids."""
    deployment: str = ""
    """What served it; marks are kept by agent and deployment."""
    override: bool = False
    """True: a person closes the decision with this choice, beside the agents' tally."""
    casting: bool = False
    """True: one more independent ballot, asked for because of a tie; it chooses among the tied."""
    seen: tuple[str, ...] = ()
    """Ids of the posts that the voter had read."""
    answer: str = ""
    """Where a post is the vote: its own words, if other ones stand for its option."""
    as_cast: tuple[str, ...] = ()
    """Option ids that it named when it was cast, where a regrouping has moved it since."""

    @property
    def first(self) -> str | None:
        """The one option that it puts first; None where it names none, or several alike."""
        if self.choice is not None:
            return self.choice
        if self.ranking:
            return self.ranking[0]
        return self.approvals[0] if len(self.approvals) == 1 else None


@dataclass(frozen=True, slots=True)
class Weighing:
    """What past marks say about the voters of one decision: all that a count takes from them."""

    marks: int = 0
    """Marked decisions that it rests on."""
    calibration: str = ""
    """Id of the calibration; empty without any mark."""
    rule: Rule | None = None
    """What `auto` chose; None for every other rule."""
    weights: tuple[tuple[str, float], ...] = ()
    """By voter, what the rule adds up; of those who may still vote the most it can be."""
    odds: tuple[tuple[str, float], ...] = ()
    """By voter, log-odds of being right: what breaks ties."""
    order: tuple[str, ...] = ()
    """Voters, the one that was right most often first."""
    sureness: tuple[tuple[str, float], ...] = ()
    """By voter, how often it was right when it was as sure as now."""
    kinship: tuple[tuple[str, float], ...] = ()
    """By family, 0..1: how much oftener its members make the same mistake than strangers do."""
    chances: tuple[float, ...] = ()
    """How often the leader was right, by how clearly it led: eleven bins, unanimity the last."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Margin:
    """How two options compare in all ballots."""

    over: str
    """Option id."""
    under: str
    """Option id."""
    votes: int
    """Ballots that prefer the first minus ballots that prefer the second; above zero."""


@dataclass(frozen=True, slots=True)
class Score:
    """What one option got."""

    option: str
    """Option id."""
    votes: float
    """The rule's own figure: votes, weight, mean places, ..."""
    share: float
    """Of the votes that name an option, 0..1."""
    posterior: float | None = None
    """Chance by the weights alone, 0..1; None where the rule has no weights."""


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
    leaders: tuple[str, ...] = ()
    """Options that the rule left level at the top, winner or not; more than one: a tie."""
    posterior: float | None = None
    """Of the first option."""
    chance: float | None = None
    """How often a winner like this one was right, 0..1; None before 30 marks."""
    effective: float | None = None
    """Voters that count as independent; None while it is unknown how alike a family errs."""
    margins: tuple[Margin, ...] = ()
    """Where ballots rank."""
    weighing: Weighing = Weighing()
    override: str | None = None
    """Person who decided whatever the count."""


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
    weight: float | None = None
    """What the rule gave the holders, added up; None where it has no weights."""
    sureness: float | None = None
    """Mean calibrated confidence of the holders, 0..1; None before 30 marks of any."""


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
