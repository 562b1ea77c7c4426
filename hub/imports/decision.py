"""A decision of our own transcript as values: what `hub.exports.shapes.decision_json` wrote."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from hub.domain.decision import (
    AnswerKind,
    Ballot,
    BallotKind,
    Decision,
    Dissent,
    Draft,
    Flip,
    Margin,
    Option,
    Proposal,
    Regrouping,
    Rule,
    Score,
    Seat,
    Tally,
    TieStep,
    Verdict,
    Weighing,
)
from hub.domain.ids import DecisionId, ThreadId, TurnId
from hub.domain.regrouping import ever_on_table
from hub.domain.thread import REDACTED
from hub.imports.place import Place

T = TypeVar("T")

_DECISION = (
    *("id", "thread", "question", "outcome", "winner", "reason", "options", "authors", "rule"),
    *("proposal", "tally", "ballots", "dissent", "flips", "stop_reason", "opened_at", "closed_at"),
)
_PROPOSAL = ("eligible", "rule", "threshold", "quorum", "rounds", "seed", "open")
_TALLY = (
    *("scores", "eligible", "cast", "abstained", "absent", "quorum", "families", "margin"),
    *("tie_steps", "notes"),
)
_BALLOT = (
    *("voter", "round", "choice", "abstain", "block", "confidence", "reason"),
    *("would_change_my_mind", "kind", "family", "repaired", "turn"),
)
_DISSENT = (
    *("option", "holders", "share", "argument", "argued_by", "would_change_my_mind"),
    *("flips_to", "flips_from"),
)
_MORE = ("keys", "merged")
_MORE_PROPOSAL = (
    *("seats", "category", "kind", "tie_chain", "chair", "discount", "sure", "budget_usd"),
    *("deadline", "stop_early", "supersedes", "review_at"),
    *("regroupings",),
)
_MORE_TALLY = ("leaders", "posterior", "chance", "effective", "margins", "weighing", "override")
_WEIGHING = (
    *("marks", "calibration", "rule", "weights", "odds", "order", "sureness", "kinship"),
    *("chances", "notes"),
)
_MORE_BALLOT = (
    *("ranking", "approvals", "deployment", "override", "casting", "seen"),
    *("answer", "as_cast"),
)
_MORE_DISSENT = ("weight", "sureness")
"""What the first files of version 1 did not say."""
_DIGEST = re.compile(r"[0-9a-f]{16}")


def read_decision(place: Place, thread: ThreadId) -> Decision:
    """Return a decision of this thread.

    Raises:
        TranscriptError: Names the first place that is wrong.
    """
    found = place.fields(*_DECISION, also=_MORE)
    if found["thread"].value != thread:
        raise found["thread"].refused("it belongs to another thread")
    options = _options(found)
    proposal = _proposal(found["proposal"], found["question"].text(), options)
    table = _Table(ever_on_table(proposal))
    tally = _tally(found, table, proposal)
    return Decision(
        id=DecisionId(found["id"].id()),
        thread_id=thread,
        proposal=proposal,
        opened_at=found["opened_at"].moment(),
        ballots=_ballots(found["ballots"], table),
        tally=tally,
        dissent=found["dissent"].each(table.dissent),
        flips=found["flips"].each(table.flip),
        stop_reason=found["stop_reason"].text(),
        closed_at=found["closed_at"].optional(Place.moment),
    )


def _options(found: Mapping[str, Place]) -> tuple[Option, ...]:
    """Return the options; by an option's text stand its authors, what is compared, and its drafts."""
    authors = _by_option(found["authors"], lambda p: p.each(Place.name))
    keys = _by_option(found.get("keys"), Place.text)
    merged = _by_option(found.get("merged"), lambda p: p.each(_draft))
    options: list[Option] = []
    for place in found["options"].items():
        text = place.text()
        more = authors.pop(text, ()), keys.pop(text, ""), merged.pop(text, ())
        option = Option(text, *more)
        if option.id in {other.id for other in options}:
            raise place.refused("it says the same as an option before it")
        options.append(option)
    for left, name in ((authors, "authors"), (keys, "keys"), (merged, "merged")):
        if left:
            raise found[name].refused("one of its texts is none of the options")
    return tuple(options)


def _by_option(place: Place | None, read: Callable[[Place], T]) -> dict[str, T]:
    named = {} if place is None else place.named()
    return {Place(text).text(): read(value) for text, value in named.items()}


def _draft(place: Place) -> Draft:
    found = place.fields("author", "text", "key")
    return Draft(found["author"].text(), found["text"].text(), found["key"].text())


def _regrouping(place: Place) -> Regrouping:
    found = place.fields("by", "reason", "at", "before", "after")
    return Regrouping(
        by=found["by"].name(),
        reason=found["reason"].text(),
        at=found["at"].moment(),
        before=found["before"].each(_option),
        after=found["after"].each(_option),
    )


def _option(place: Place) -> Option:
    found = place.fields("text", "authors", "key", "merged")
    return Option(
        text=found["text"].text(),
        authors=found["authors"].each(Place.name),
        key=found["key"].text(),
        drafts=found["merged"].each(_draft),
    )


def _proposal(place: Place, question: str, options: tuple[Option, ...]) -> Proposal:
    found = place.fields(*_PROPOSAL, also=_MORE_PROPOSAL)
    eligible = found["eligible"].each(Place.name)
    if len(set(eligible)) < len(eligible):
        raise found["eligible"].refused("a name stands twice")
    return Proposal(
        question=question,
        options=options,
        eligible=eligible,
        rule=found["rule"].word(Rule),
        threshold=found["threshold"].optional(Place.share),
        quorum=found["quorum"].optional(Place.whole),
        rounds=found["rounds"].whole(),
        seed=found["seed"].text(),
        open=found["open"].flag(),
        **_more_rules(found),
    )


def _more_rules(found: Mapping[str, Place]) -> dict[str, Any]:
    read: dict[str, Callable[[Place], Any]] = {
        "seats": lambda p: p.each(_seat),
        "category": Place.text,
        "kind": lambda p: p.word(AnswerKind),
        "tie_chain": lambda p: p.each(lambda step: step.word(TieStep)),
        "chair": lambda p: p.optional(Place.name),
        "discount": Place.flag,
        "sure": Place.share,
        "budget_usd": lambda p: p.optional(Place.money),
        "deadline": lambda p: p.optional(Place.moment),
        "stop_early": Place.flag,
        "supersedes": Place.text,
        "review_at": lambda p: p.optional(Place.moment),
        "regroupings": lambda p: p.each(_regrouping),
    }
    return {n.removesuffix("_usd"): reads(found[n]) for n, reads in read.items() if n in found}


def _seat(place: Place) -> Seat:
    found = place.fields("agent", "deployment", "family", "cost_usd")
    return Seat(
        found["agent"].name(),
        found["deployment"].text(),
        found["family"].optional(Place.text),
        found["cost_usd"].optional(Place.money),
    )


def _tally(found: Mapping[str, Place], table: _Table, proposal: Proposal) -> Tally | None:
    """Return the count; what stands beside it in the file belongs to it."""
    rule, outcome = found["rule"].word(Rule), found["outcome"].optional(_verdict)
    winner, reason = found["winner"].optional(table.option), found["reason"].text()
    if (found["tally"].value is None) != (outcome is None):
        raise found["outcome"].refused("an outcome and a tally come together")
    if outcome is None:
        if winner is not None or reason or rule is not proposal.rule:
            raise found["outcome"].refused("without one there is no winner, reason or other rule")
        return None
    count = found["tally"].fields(*_TALLY, also=_MORE_TALLY)
    return Tally(
        rule=rule,
        scores=count["scores"].each(table.score),
        eligible=count["eligible"].whole(),
        cast=count["cast"].whole(),
        abstained=count["abstained"].whole(),
        absent=count["absent"].each(Place.name),
        quorum=count["quorum"].whole(),
        families=count["families"].each(Place.text),
        margin=count["margin"].number(),
        verdict=outcome,
        winner=winner,
        reason=reason,
        tie_steps=count["tie_steps"].each(Place.text),
        notes=count["notes"].each(Place.text),
        **_more_count(count, table),
    )


def _more_count(count: Mapping[str, Place], table: _Table) -> dict[str, Any]:
    read: dict[str, Callable[[Place], Any]] = {
        "leaders": lambda p: p.each(table.option),
        "posterior": lambda p: p.optional(Place.share),
        "chance": lambda p: p.optional(Place.share),
        "effective": lambda p: p.optional(Place.number),
        "margins": lambda p: p.each(table.margin),
        "weighing": _weighing,
        "override": lambda p: p.optional(Place.name),
    }
    return {name: reads(count[name]) for name, reads in read.items() if name in count}


def _weighing(place: Place) -> Weighing:
    found = place.fields(*_WEIGHING)
    return Weighing(
        marks=found["marks"].whole(),
        calibration=found["calibration"].text(),
        rule=found["rule"].optional(_rule),
        weights=_by_name(found["weights"]),
        odds=_by_name(found["odds"]),
        order=found["order"].each(Place.name),
        sureness=_by_name(found["sureness"]),
        kinship=_by_name(found["kinship"]),
        chances=found["chances"].each(Place.share),
        notes=found["notes"].each(Place.text),
    )


def _rule(place: Place) -> Rule:
    return place.word(Rule)


def _by_name(place: Place) -> tuple[tuple[str, float], ...]:
    return tuple((Place(name).text(), figure.number()) for name, figure in place.named().items())


def _verdict(place: Place) -> Verdict:
    return place.word(Verdict)


def _ballots(place: Place, table: _Table) -> tuple[Ballot, ...]:
    """Return the ballots: a voter has one in each round."""
    cast: dict[tuple[str, int], Ballot] = {}
    for item in place.items():
        ballot = table.ballot(item)
        if (ballot.voter, ballot.round) in cast:
            raise item.refused(f"its voter has voted in round {ballot.round} before")
        cast[ballot.voter, ballot.round] = ballot
    return tuple(cast.values())


class _Table:
    """The options on the table, by which everything else in a decision is named."""

    def __init__(self, options: tuple[Option, ...]) -> None:
        self._ids = {option.text: option.id for option in options}
        self._redacted = any(REDACTED in option.text for option in options)

    def option(self, place: Place) -> str:
        """Return the id of an option; one whose text was redacted is still named by its id."""
        text = place.text()
        if text in self._ids:
            return self._ids[text]
        if self._redacted and _DIGEST.fullmatch(text):
            return text
        raise place.refused("it is none of the decision's options")

    def score(self, place: Place) -> Score:
        found = place.fields("option", "votes", "share", also=("posterior",))
        sure = found["posterior"].optional(Place.share) if "posterior" in found else None
        votes, share = found["votes"].number(0), found["share"].share()
        return Score(self.option(found["option"]), votes, share, sure)

    def margin(self, place: Place) -> Margin:
        found = place.fields("over", "under", "votes")
        votes = found["votes"].whole(1)
        return Margin(self.option(found["over"]), self.option(found["under"]), votes)

    def ballot(self, place: Place) -> Ballot:
        found = place.fields(*_BALLOT, also=_MORE_BALLOT)
        turn = found["turn"].optional(Place.id)
        ballot = Ballot(
            voter=found["voter"].name(),
            round=found["round"].whole(),
            choice=found["choice"].optional(self.option),
            abstain=found["abstain"].flag(),
            block=found["block"].flag(),
            confidence=found["confidence"].optional(Place.share),
            reason=found["reason"].text(),
            would_change_my_mind=found["would_change_my_mind"].text(),
            kind=found["kind"].word(BallotKind),
            family=found["family"].optional(Place.text),
            repaired=found["repaired"].flag(),
            turn_id=None if turn is None else TurnId(turn),
            **self._more_of_a_ballot(found),
        )
        said = (ballot.choice is not None) + bool(ballot.ranking) + bool(ballot.approvals)
        if said + ballot.abstain + ballot.block > 1:
            raise place.refused("it says two things at once: one choice, list, abstention or block")
        return ballot

    def _more_of_a_ballot(self, found: Mapping[str, Place]) -> dict[str, Any]:
        read: dict[str, Callable[[Place], Any]] = {
            "ranking": lambda p: p.each(self.option),
            "approvals": lambda p: p.each(self.option),
            "deployment": Place.text,
            "override": Place.flag,
            "casting": Place.flag,
            "seen": lambda p: p.each(Place.id),
            "answer": Place.text,
            "as_cast": lambda p: p.each(self.option),
        }
        return {name: reads(found[name]) for name, reads in read.items() if name in found}

    def dissent(self, place: Place) -> Dissent:
        found = place.fields(*_DISSENT, also=_MORE_DISSENT)
        more = {name: found[name].optional(Place.number) for name in _MORE_DISSENT if name in found}
        return Dissent(
            option=self.option(found["option"]),
            holders=found["holders"].each(Place.name),
            share=found["share"].share(),
            argument=found["argument"].text(),
            argued_by=found["argued_by"].name(),
            would_change_my_mind=found["would_change_my_mind"].text(),
            flips_to=found["flips_to"].whole(),
            flips_from=found["flips_from"].whole(),
            **more,
        )

    def flip(self, place: Place) -> Flip:
        found = place.fields("voter", "before", "after", "reason")
        return Flip(
            voter=found["voter"].name(),
            before=found["before"].optional(self.option),
            after=found["after"].optional(self.option),
            reason=found["reason"].text(),
        )
